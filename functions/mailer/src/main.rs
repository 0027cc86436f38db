//! Runs the function on AWS Lambda.

mod delay_queue;

use std::sync::Arc;

use delay_queue::DelayQueue;
use lambda_runtime::{LambdaEvent, service_fn};
use mailkey_lambda::{Error, env, start};
use mailkey_mailer::{Mailer, emails::Portal, is_schedule};
use mailkey_ses::Sender;
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let start = start()?;
    let portal = env::portal()?;
    let app = start.app()?;
    let mailer = Arc::new(Mailer {
        site_wide_limit: app.db.site_wide_limit(),
        lock_notice_limit: app.db.lock_notice_limit(),
        app,
        sender: Sender::new(start.ses(), &env::mail()?, &portal),
        portal: Portal::from(portal),
        link_lifetime: None,
    });
    let queue = Arc::new(DelayQueue::new(&start.sdk, env::required("MAILKEY_DELAY_QUEUE")?));
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| {
        let (mailer, queue) = (Arc::clone(&mailer), Arc::clone(&queue));
        async move {
            if is_schedule(&event.payload) {
                let email_id = mailer.send_canary().await?;
                return Ok::<_, Error>(json!({ "email_id": email_id.to_string() }));
            }
            let handled = mailer.handle_event(&event.payload).await;
            Ok(queue.put(handled).await.into_answer())
        }
    }))
    .await
}
