//! Runs the function on AWS Lambda.

use lambda_runtime::{LambdaEvent, service_fn};
use mailkey_domain_events::DomainEvents;
use mailkey_lambda::{Error, env, start};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let client = aws_sdk_eventbridge::Client::new(&start()?.sdk);
    let function = DomainEvents { client, bus: env::required("MAILKEY_EVENT_BUS")? };
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| {
        let function = function.clone();
        async move { Ok::<_, Error>(function.handle_event(&event.payload).await) }
    }))
    .await
}
