//! The function on AWS Lambda.

use std::sync::Arc;

use mailkey::{
    OsEntropy, SharedEntropy, SystemClock,
    account::{UserStore, password::Hasher},
    config::PortalConfig,
    http, lambda,
    lockout::LockoutStore,
    session::SessionStore,
    settings::SettingsStore,
};
use mailkey_sign_in::{SignIn, routes};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    lambda::log_as_json();
    let edge = lambda::edge(&PortalConfig::from_env()?);
    let database = lambda::database(&lambda::sdk_config().await)?;
    let entropy: SharedEntropy = Arc::new(OsEntropy);
    let function = SignIn {
        users: UserStore::new(database.clone()),
        lockouts: LockoutStore::new(database.clone()),
        sessions: SessionStore::new(database.clone()),
        settings: SettingsStore::new(database),
        hasher: Arc::new(Hasher::new(Arc::clone(&entropy))),
        clock: Arc::new(SystemClock),
        entropy,
    };
    lambda_http::run(http::service(routes(Arc::new(function)), edge)).await
}
