//! Runs the function on AWS Lambda.

use std::sync::Arc;

use mailkey::{
    SystemClock,
    config::{MailConfig, PortalConfig},
    dns::SystemResolver,
    lambda,
};
use mailkey_diagnose::{Diagnose, routes};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    lambda::log_as_json();
    let portal = PortalConfig::from_env()?;
    let mail = MailConfig::from_env()?;
    let config = lambda::sdk_config()?;
    let database = lambda::database(&config)?;
    let (ses, gate, clock) = (lambda::ses(&config), lambda::gate(&database), Arc::new(SystemClock));
    let resolver = Arc::new(SystemResolver::new()?);
    let function = Diagnose::new(&database, ses, &mail, &portal, resolver, gate, clock);
    let function = Arc::new(function);
    let api = lambda::Api::new(routes(Arc::clone(&function)), &portal)?;
    // Any event that isn't an API request runs the scheduled check, which changes nothing.
    api.serve_with(move |_| {
        let function = Arc::clone(&function);
        async move { Ok(function.watch().await.map(|()| Value::Null)?) }
    })
    .await
}
