//! The function on AWS Lambda.

use std::sync::Arc;

use mailkey::{
    OsEntropy, SharedEntropy, SystemClock,
    account::{UserStore, password::Hasher},
    config::PortalConfig,
    email_log::EmailLogStore,
    http, lambda,
    lockout::LockoutStore,
    settings::SettingsStore,
    token::TokenStore,
};
use mailkey_redeem_token::{RedeemToken, routes};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    lambda::log_as_json();
    let portal = PortalConfig::from_env()?;
    let edge = lambda::edge(&portal);
    let database = lambda::database(&lambda::sdk_config().await)?;
    let entropy: SharedEntropy = Arc::new(OsEntropy);
    let function = RedeemToken {
        tokens: TokenStore::new(database.clone()),
        users: UserStore::new(database.clone()),
        lockouts: LockoutStore::new(database.clone()),
        log: EmailLogStore::new(database.clone()),
        settings: SettingsStore::new(database),
        hasher: Arc::new(Hasher::new(Arc::clone(&entropy))),
        portal,
        clock: Arc::new(SystemClock),
        entropy,
    };
    lambda_http::run(http::service(routes(Arc::new(function)), edge)).await
}
