//! Runs the function on AWS Lambda.

use std::sync::Arc;

use lambda_runtime::{LambdaEvent, service_fn};
use mailkey_bounce_consumer::{BounceConsumer, Route, WatchedEvents};
use mailkey_lambda::{Error, env, start};
use mailkey_ses::SesSuppressionList;
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let start = start()?;
    let ses_list = SesSuppressionList::new(start.ses());
    let watched = WatchedEvents::new(env::watch()?, Route::ByQueue(env::optional("MAILKEY_WATCHED_QUEUE")));
    let consumer = Arc::new(BounceConsumer { app: start.app()?, ses_list, mail: env::mail()?, watched });
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| {
        let consumer = Arc::clone(&consumer);
        async move { Ok::<_, Error>(consumer.handle_event(&event.payload).await.into_answer()?) }
    }))
    .await
}
