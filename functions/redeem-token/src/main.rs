//! Runs the function on AWS Lambda.

use std::sync::Arc;

use mailkey::{
    OsEntropy, SharedEntropy, SystemClock,
    account::{UserStore, password::Hasher},
    audit::AuditStore,
    config::PortalConfig,
    email_log::EmailLogStore,
    lambda,
    lockout::LockoutStore,
    network::NetworkStore,
    settings::SettingsStore,
    token::TokenStore,
};
use mailkey_redeem_token::{RedeemToken, routes};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    lambda::log_as_json();
    let portal = PortalConfig::from_env()?;
    let database = lambda::database(&lambda::sdk_config()?)?;
    let entropy: SharedEntropy = Arc::new(OsEntropy);
    let function = RedeemToken {
        tokens: TokenStore::new(database.clone()),
        users: UserStore::new(database.clone()),
        lockouts: LockoutStore::new(database.clone()),
        networks: NetworkStore::new(database.clone()),
        log: EmailLogStore::new(database.clone()),
        audit: AuditStore::new(database.clone()),
        settings: SettingsStore::new(database),
        hasher: Arc::new(Hasher::new(Arc::clone(&entropy))),
        portal: portal.clone(),
        clock: Arc::new(SystemClock),
        entropy,
    };
    lambda::serve(routes(Arc::new(function)), &portal).await
}
