//! Runs the function on AWS Lambda.

use lambda_runtime::{LambdaEvent, service_fn};
use mailkey::{config::required, lambda};
use mailkey_domain_events::DomainEvents;
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda::log_as_json();
    let client = aws_sdk_eventbridge::Client::new(&lambda::sdk_config()?);
    let function = DomainEvents { client, bus: required("MAILKEY_EVENT_BUS")? };
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| {
        let function = function.clone();
        async move { Ok::<_, lambda_runtime::Error>(function.handle_event(&event.payload).await) }
    }))
    .await
}
