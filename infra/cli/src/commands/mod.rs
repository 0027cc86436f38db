//! The commands, one module for each group.

pub(crate) mod api_keys;
pub(crate) mod audit;
mod diagnose;
pub(crate) mod email_log;
pub(crate) mod erasure;
pub(crate) mod import;
mod recovery;
pub(crate) mod second_factor;
mod sender;
pub(crate) mod sessions;
pub(crate) mod settings;
mod sign_in;
pub(crate) mod suppressions;
pub(crate) mod users;
pub(crate) mod watch;

use clap::CommandFactory;

use crate::{
    api::Api,
    error::Error,
    options::{Command, Options},
    output::Output,
};

/// What every command that calls the API needs.
pub(crate) struct CliContext {
    pub(crate) api: Api,
    pub(crate) output: Output,
}

pub(crate) async fn run(options: Options) -> Result<(), Error> {
    let (url, output) = (options.url.as_deref(), Output { json: options.json });
    let cli = || Ok::<_, Error>(CliContext { api: Api::open(url)?, output });
    match options.command {
        Command::SignIn { email } => sign_in::sign_in(url, output, email).await,
        Command::SignOut => sign_in::sign_out(url, output).await,
        Command::Whoami => sign_in::whoami(&cli()?).await,
        Command::SecondFactor(command) => second_factor::run(&cli()?, command).await,
        Command::Sessions(command) => sessions::run(&cli()?, command).await,
        Command::Users(command) => users::run(&cli()?, command).await,
        Command::Reset { user } => recovery::reset(&cli()?, &user).await,
        Command::ResendActivation { user } => recovery::resend_activation(&cli()?, &user).await,
        Command::Unlock { user } => recovery::unlock(&cli()?, &user).await,
        Command::Diagnose { user } => diagnose::run(&cli()?, &user).await,
        Command::Erase(options) => erasure::erase(&cli()?, &options).await,
        Command::ExportPerson { user } => erasure::export(&cli()?, &user).await,
        Command::EmailLog(options) => email_log::run(&cli()?, *options).await,
        Command::Suppressions(command) => suppressions::run(&cli()?, command).await,
        Command::Sender => sender::run(&cli()?).await,
        Command::Watch(command) => watch::run(&cli()?, command).await,
        Command::Settings(command) => settings::run(&cli()?, command).await,
        Command::Audit(options) => audit::run(&cli()?, options).await,
        Command::ApiKeys(command) => api_keys::run(&cli()?, command).await,
        Command::Import(options) => import::run(&cli()?, &options).await,
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Options::command(), "mailkey", &mut script);
            output.bytes(&script)
        }
    }
}
