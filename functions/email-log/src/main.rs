//! Runs the function on AWS Lambda.

use std::sync::Arc;

use mailkey::{OsEntropy, SystemClock, config::PortalConfig, lambda};
use mailkey_email_log::{EmailLog, routes};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    lambda::log_as_json();
    let portal = PortalConfig::from_env()?;
    let cursors = lambda::cursor_key()?;
    let database = lambda::database(&lambda::sdk_config()?)?;
    let function =
        EmailLog::new(&database, lambda::gate(&database), cursors, Arc::new(SystemClock), Arc::new(OsEntropy));
    lambda::serve(routes(Arc::new(function)), &portal).await
}
