//! Tests the local SES through the AWS SDK.

mod events;
mod faults;
mod local_routes;
mod outbox;
mod sending;
mod suppression;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::config::retry::RetryConfig;
use aws_sdk_sesv2::config::timeout::TimeoutConfig;
use aws_sdk_sesv2::config::{BehaviorVersion, Region};
use aws_sdk_sesv2::error::SdkError;
use aws_sdk_sesv2::operation::send_email::builders::SendEmailFluentBuilder;
use aws_sdk_sesv2::operation::send_email::{SendEmailError, SendEmailOutput};
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message, MessageHeader, MessageTag};
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::mpsc::UnboundedReceiver;

use super::{Clock, LocalSes, Outbox, SuppressionList, connector, endpoint};

const LINK: &str = "https://portal.example/reset-password/#token=abc-_";

/// A clock that only moves when a test moves it.
#[derive(Clone)]
struct TestClock(Arc<AtomicI64>);

impl TestClock {
    fn new() -> TestClock {
        let start: Timestamp = "2026-03-01T10:00:00.250Z".parse().expect("a time");
        TestClock(Arc::new(AtomicI64::new(start.as_millisecond())))
    }

    fn forward(&self, milliseconds: i64) {
        self.0.fetch_add(milliseconds, Ordering::SeqCst);
    }

    fn clock(&self) -> Clock {
        let clock = self.clone();
        Arc::new(move || Timestamp::from_millisecond(clock.0.load(Ordering::SeqCst)).expect("a time"))
    }
}

/// A local SES with an SDK client without retries and with a short timeout.
struct TestSes {
    ses: LocalSes,
    client: Client,
    clock: TestClock,
    events: UnboundedReceiver<Value>,
}

impl TestSes {
    fn new() -> TestSes {
        let clock = TestClock::new();
        let outbox = Outbox::in_memory(clock.clock());
        TestSes::with_outbox(outbox, clock)
    }

    fn with_outbox(outbox: Outbox, clock: TestClock) -> TestSes {
        let (sink, events) = tokio::sync::mpsc::unbounded_channel();
        let ses = LocalSes::new(outbox, SuppressionList::in_memory(), clock.clock()).with_events(std::sync::Arc::new(
            move |events| events.into_iter().for_each(|event| drop(sink.send(event))),
        ));
        let client = client(&ses);
        TestSes { ses, client, clock, events }
    }

    async fn send(&self, to: &str) -> Result<SendEmailOutput, SdkError<SendEmailError>> {
        mail(&self.client, to).send().await
    }

    fn published(&mut self) -> Vec<Value> {
        std::iter::from_fn(|| self.events.try_recv().ok()).collect()
    }
}

fn client(ses: &LocalSes) -> Client {
    let timeouts = TimeoutConfig::builder().operation_timeout(std::time::Duration::from_millis(500)).build();
    let config = aws_sdk_sesv2::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url("http://ses.local")
        .allow_no_auth()
        .http_client(connector(endpoint(ses.clone())))
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts)
        .build();
    Client::from_conf(config)
}

fn mail(client: &Client, to: &str) -> SendEmailFluentBuilder {
    let header = |name: &str, value: &str| MessageHeader::builder().name(name).value(value).build().expect("a header");
    let tag = |name: &str, value: &str| MessageTag::builder().name(name).value(value).build().expect("a tag");
    let body = Body::builder()
        .text(content(&format!("Hello Zoë,\n\nreset it here: {LINK}.\n")))
        .html(content(&format!("<p>Hello <a href=\"{LINK}\">Zoë</a></p>")))
        .build();
    let message = Message::builder()
        .subject(content("Reset your password"))
        .body(body)
        .headers(header("Auto-Submitted", "auto-generated"))
        .headers(header("X-Mailkey-Email-Id", "01J0LOG"))
        .build();
    client
        .send_email()
        .from_email_address("Portal <no-reply@portal.example>")
        .destination(Destination::builder().to_addresses(to).build())
        .reply_to_addresses("help@portal.example")
        .content(EmailContent::builder().simple(message).build())
        .email_tags(tag("email_id", "01J0LOG"))
        .email_tags(tag("kind", "password_reset"))
        .configuration_set_name("recovery")
}

fn content(data: &str) -> Content {
    Content::builder().data(data).charset("UTF-8").build().expect("content")
}
