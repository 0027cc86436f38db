//! Runs the function on AWS Lambda.

use std::sync::Arc;

use lambda_runtime::{LambdaEvent, service_fn};
use mailkey::{SystemClock, config::MailConfig, lambda};
use mailkey_bounce_consumer::BounceConsumer;
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda::log_as_json();
    let mail = MailConfig::from_env()?;
    let config = lambda::sdk_config()?;
    let database = lambda::database(&config)?;
    let consumer = Arc::new(BounceConsumer::new(&database, lambda::ses(&config), mail, Arc::new(SystemClock)));
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| {
        let consumer = Arc::clone(&consumer);
        async move { Ok::<_, lambda_runtime::Error>(consumer.handle_event(&event.payload).await.into_answer()?) }
    }))
    .await
}
