//! The commands, a module for each group.

pub(crate) mod api_keys;
pub(crate) mod audit;
mod completions;
mod diagnose;
pub(crate) mod email_log;
pub(crate) mod import;
mod rescue;
mod sender;
pub(crate) mod settings;
mod sign_in;
pub(crate) mod suppressions;
pub(crate) mod users;

use crate::{
    api::Api,
    error::Error,
    options::{Command, Options},
    screen::Screen,
};

/// What a command works with.
pub(crate) struct Desk {
    pub(crate) api: Api,
    pub(crate) screen: Screen,
}

/// Does what the command line says.
pub(crate) async fn run(options: Options) -> Result<(), Error> {
    let (url, screen) = (options.url.as_deref(), Screen { json: options.json });
    let desk = || Ok::<_, Error>(Desk { api: Api::open(url)?, screen });
    match options.command {
        Command::SignIn { email } => sign_in::sign_in(url, screen, email).await,
        Command::SignOut => sign_in::sign_out(url, screen).await,
        Command::Whoami => sign_in::whoami(&desk()?).await,
        Command::Users(command) => users::run(&desk()?, command).await,
        Command::Reset { user } => rescue::reset(&desk()?, &user).await,
        Command::ResendActivation { user } => rescue::resend_activation(&desk()?, &user).await,
        Command::Unlock { user } => rescue::unlock(&desk()?, &user).await,
        Command::Diagnose { user } => diagnose::run(&desk()?, &user).await,
        Command::EmailLog(options) => email_log::run(&desk()?, options).await,
        Command::Suppressions(command) => suppressions::run(&desk()?, command).await,
        Command::Sender => sender::run(&desk()?).await,
        Command::Settings(command) => settings::run(&desk()?, command).await,
        Command::Audit(options) => audit::run(&desk()?, options).await,
        Command::ApiKeys(command) => api_keys::run(&desk()?, command).await,
        Command::Import(options) => import::run(&desk()?, &options).await,
        Command::Completions { shell } => completions::run(screen, shell),
    }
}
