//! Runs the function on AWS Lambda.

use std::sync::Arc;

use mailkey::{OsEntropy, SystemClock, account::UserStore, config::PortalConfig, lambda, recovery::LinkDesk};
use mailkey_admin_reset::{AdminReset, routes};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    lambda::log_as_json();
    let portal = PortalConfig::from_env()?;
    let database = lambda::database(&lambda::sdk_config()?)?;
    let function = AdminReset {
        gate: lambda::gate(&database),
        users: UserStore::new(database.clone()),
        desk: LinkDesk::new(&database, Arc::new(SystemClock), Arc::new(OsEntropy)),
    };
    lambda::serve(routes(Arc::new(function)), &portal).await
}
