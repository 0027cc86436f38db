//! Runs the function on AWS Lambda.

use std::sync::Arc;

use mailkey::{OsEntropy, SystemClock, config::PortalConfig, lambda};
use mailkey_users::{Users, routes};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    lambda::log_as_json();
    let portal = PortalConfig::from_env()?;
    let cursors = lambda::cursor_key()?;
    let database = lambda::database(&lambda::sdk_config()?)?;
    let function = Users::new(&database, lambda::gate(&database), cursors, Arc::new(SystemClock), Arc::new(OsEntropy));
    let function = Arc::new(function);
    let api = lambda::Api::new(routes(Arc::clone(&function)), &portal)?;
    api.serve_with(move |event| {
        let function = Arc::clone(&function);
        async move { Ok(function.first_admin(&event).await?) }
    })
    .await
}
