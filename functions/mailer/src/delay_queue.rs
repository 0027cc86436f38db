//! The queue of delayed requests at SQS.

use std::time::Duration;

use aws_sdk_sqs::{Client, error::DisplayErrorContext};
use futures_util::future::join_all;
use mailkey_lambda::SdkConfig;
use mailkey_mailer::{Delayed, Handled};

/// Puts requests into the queue, and delays those that are in it.
#[derive(Debug)]
pub(crate) struct DelayQueue {
    client: Client,
    url: String,
}

impl DelayQueue {
    pub(crate) fn new(sdk: &SdkConfig, url: String) -> Self {
        Self { client: Client::new(sdk), url }
    }

    /// Delays what has to wait. A record of the stream that can't be put into the queue stays in the stream.
    pub(crate) async fn put(&self, mut handled: Handled) -> Handled {
        let put = join_all(handled.delayed.iter().map(|delayed| self.delay(delayed))).await;
        let lost = handled.delayed.drain(..).zip(put).filter(|(_, is_delayed)| !is_delayed);
        handled.failed.extend(lost.map(|(delayed, _)| delayed.item));
        handled
    }

    /// Returns whether the request waits in the queue. A message that can't be delayed comes back all the same, after
    /// the queue's own time.
    async fn delay(&self, delayed: &Delayed) -> bool {
        let seconds = in_seconds(delayed.delay());
        let failed = match &delayed.receipt {
            Some(receipt) => {
                let change = self.client.change_message_visibility().queue_url(&self.url).receipt_handle(receipt);
                let changed = change.visibility_timeout(seconds).send().await;
                changed.err().map(|error| DisplayErrorContext(error).to_string())
            }
            None => {
                let send = self.client.send_message().queue_url(&self.url).message_body(delayed.body());
                let sent = send.delay_seconds(seconds).send().await;
                sent.err().map(|error| DisplayErrorContext(error).to_string())
            }
        };
        let Some(error) = failed else { return true };
        tracing::warn!(error, "a request couldn't be delayed");
        delayed.receipt.is_some()
    }
}

fn in_seconds(delay: Duration) -> i32 {
    i32::try_from(delay.as_secs()).unwrap_or(i32::MAX)
}
