//! Runs the function on AWS Lambda.

use std::sync::Arc;

use mailkey::{
    OsEntropy, SystemClock,
    config::{KeyRing, PortalConfig, optional, parse_duration},
    lambda,
    recovery::{RecoveryRequestStore, RequestKeyring},
};
use mailkey_forgot_password::{ForgotPassword, routes};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    lambda::log_as_json();
    let portal = PortalConfig::from_env()?;
    let secrets = KeyRing::from_env("MAILKEY_REQUEST_KEY")?;
    let bucket = parse_duration(&optional("MAILKEY_REQUEST_BUCKET").unwrap_or_else(|| "60s".to_owned()))?;
    let database = lambda::database(&lambda::sdk_config()?)?;
    let function = ForgotPassword {
        requests: RecoveryRequestStore::new(database),
        keyring: RequestKeyring::new(secrets, bucket),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(OsEntropy),
    };
    lambda::serve(routes(Arc::new(function)), &portal).await
}
