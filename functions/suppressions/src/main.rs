//! Runs the function on AWS Lambda.

use std::sync::Arc;

use mailkey::{OsEntropy, SystemClock, config::PortalConfig, lambda};
use mailkey_suppressions::{Suppressions, routes};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    lambda::log_as_json();
    let portal = PortalConfig::from_env()?;
    let cursors = lambda::cursor_key()?;
    let config = lambda::sdk_config()?;
    let database = lambda::database(&config)?;
    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(OsEntropy));
    let gate = lambda::gate(&database);
    let function = Suppressions::new(&database, lambda::ses(&config), gate, cursors, clock, entropy);
    lambda::serve(routes(Arc::new(function)), &portal).await
}
