//! Runs the function on AWS Lambda.

use std::sync::Arc;

use mailkey::{
    OsEntropy, SharedEntropy, SystemClock,
    account::{UserStore, password::Hasher},
    config::PortalConfig,
    lambda,
    lockout::LockoutStore,
    network::NetworkStore,
    recovery::RecoveryRequestStore,
    session::SessionStore,
    settings::SettingsStore,
};
use mailkey_sign_in::{SignIn, routes};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    lambda::log_as_json();
    let portal = PortalConfig::from_env()?;
    let database = lambda::database(&lambda::sdk_config()?)?;
    let entropy: SharedEntropy = Arc::new(OsEntropy);
    let function = SignIn {
        gate: lambda::gate(&database),
        users: UserStore::new(database.clone()),
        requests: RecoveryRequestStore::new(database.clone()),
        lockouts: LockoutStore::new(database.clone()),
        networks: NetworkStore::new(database.clone()),
        sessions: SessionStore::new(database.clone()),
        settings: SettingsStore::new(database),
        hasher: Arc::new(Hasher::new(Arc::clone(&entropy))),
        clock: Arc::new(SystemClock),
        entropy,
    };
    lambda::serve(routes(Arc::new(function)), &portal).await
}
