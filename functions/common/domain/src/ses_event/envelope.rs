//! Envelopes: what SQS, SNS, Lambda and EventBridge put around an event.
//!
//! They are told apart by shape, never by deriving `Deserialize`: a struct whose fields are all optional accepts the
//! envelope of another transport, and drops everything in silence.

use std::fmt;

use jiff::Timestamp;
use serde_json::Value;

use super::{event::SesEvent, field, read};
use crate::text_form::text_form;

/// How many texts of JSON may be within one another. EventBridge through SNS and SQS has two, the data of an event of
/// the account is the third.
const MAX_TEXTS: usize = 3;

/// How many envelopes may be around an event, in texts or not.
const MAX_ENVELOPES: usize = 8;

/// One thing that came in: a record of SQS or SNS, or the whole where it came bare.
#[derive(Clone, PartialEq)]
pub struct Record {
    /// SQS's `messageId`, which an answer to a batch names where the record is to come again.
    pub receipt: Option<String>,
    /// The queue that it came from: SQS's `eventSourceARN`.
    pub queue: Option<String>,
    /// When the innermost envelope that has a time was posted.
    pub published_at: Option<Timestamp>,
    /// What it is.
    pub content: Content,
    /// What was in the innermost envelope, untouched: an object, or a text that is no JSON. See
    /// [`raw_for_keeping`](super::raw_for_keeping).
    pub raw: Value,
}

/// Without the raw text: it is full of addresses.
impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("receipt", &self.receipt)
            .field("queue", &self.queue)
            .field("published_at", &self.published_at)
            .field("content", &self.content)
            .finish_non_exhaustive()
    }
}

/// What a record is.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Something that happened to an email.
    Event(Box<SesEvent>),
    /// Understood, and about no mail of ours.
    NonDelivery(NonDeliveryEvent),
    /// Neither. It will not be understood the next time either.
    NotUnderstood(NotUnderstood),
}

/// Understood, and of no consequence for any mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NonDeliveryEvent {
    /// SES tried out the topic, when it was set.
    TopicValidated,
    /// A topic asks whether we want its messages. Whoever confirms calls `sns:ConfirmSubscription` for a topic that is
    /// known to be ours; the URL in the message is never fetched, and is not read.
    SubscriptionConfirmation {
        /// The topic.
        topic_arn: Option<String>,
    },
    /// Our subscription of a topic was removed: no more events come. An alarm.
    UnsubscribeConfirmation {
        /// The topic.
        topic_arn: Option<String>,
    },
    /// An email that SES received: the topic is for something else.
    InboundMail,
    /// SES, or somebody with the rights, switched sending on or off. Off is an alarm.
    SendingStatus {
        /// Whether on.
        enabled: bool,
        /// Since when.
        at: Option<Timestamp>,
        /// For what: the ARN of an account, configuration set or tenant.
        resource: Option<String>,
        /// Why, in SES's words.
        cause: Option<String>,
    },
    /// SES found something amiss with the sender, or found it mended. Amiss is an alarm.
    AdvisorRecommendation {
        /// Whether it is still so.
        open: bool,
        /// What it is about, such as `BOUNCE`.
        about: Option<String>,
        /// In SES's words.
        text: Option<String>,
    },
    /// A type of event that this version does not know.
    UnknownType(String),
}

/// The kinds of [`NonDeliveryEvent`], to count them by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NonDeliveryKind {
    /// See [`NonDeliveryEvent::TopicValidated`].
    TopicValidated,
    /// See [`NonDeliveryEvent::SubscriptionConfirmation`].
    SubscriptionConfirmation,
    /// See [`NonDeliveryEvent::UnsubscribeConfirmation`].
    UnsubscribeConfirmation,
    /// See [`NonDeliveryEvent::InboundMail`].
    InboundMail,
    /// See [`NonDeliveryEvent::SendingStatus`], with `enabled`.
    SendingEnabled,
    /// See [`NonDeliveryEvent::SendingStatus`], without `enabled`.
    SendingDisabled,
    /// See [`NonDeliveryEvent::AdvisorRecommendation`].
    AdvisorRecommendation,
    /// See [`NonDeliveryEvent::UnknownType`].
    UnknownType,
}

text_form!(NonDeliveryKind {
    TopicValidated = "topic_validated",
    SubscriptionConfirmation = "subscription_confirmation",
    UnsubscribeConfirmation = "unsubscribe_confirmation",
    InboundMail = "inbound_mail",
    SendingEnabled = "sending_enabled",
    SendingDisabled = "sending_disabled",
    AdvisorRecommendation = "advisor_recommendation",
    UnknownType = "unknown_type",
});

impl NonDeliveryEvent {
    /// What to count it by.
    pub fn kind(&self) -> NonDeliveryKind {
        match self {
            Self::TopicValidated => NonDeliveryKind::TopicValidated,
            Self::SubscriptionConfirmation { .. } => NonDeliveryKind::SubscriptionConfirmation,
            Self::UnsubscribeConfirmation { .. } => NonDeliveryKind::UnsubscribeConfirmation,
            Self::InboundMail => NonDeliveryKind::InboundMail,
            Self::SendingStatus { enabled: true, .. } => NonDeliveryKind::SendingEnabled,
            Self::SendingStatus { enabled: false, .. } => NonDeliveryKind::SendingDisabled,
            Self::AdvisorRecommendation { .. } => NonDeliveryKind::AdvisorRecommendation,
            Self::UnknownType(_) => NonDeliveryKind::UnknownType,
        }
    }

    /// Whether an admin has to know.
    pub fn is_alarming(&self) -> bool {
        matches!(
            self,
            Self::UnsubscribeConfirmation { .. }
                | Self::SendingStatus { enabled: false, .. }
                | Self::AdvisorRecommendation { open: true, .. }
        )
    }
}

/// Why a record was not understood. Nothing of the record is in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotUnderstood {
    /// A text that is no JSON, or JSON within more than 128 brackets.
    #[error("it is no JSON")]
    NotJson,
    /// JSON, but neither an event nor an envelope.
    #[error("it is no event of SES: {0}")]
    NotAnEvent(&'static str),
    /// In more envelopes than any transport makes.
    #[error("it is wrapped too often")]
    TooDeep,
}

/// Opens what came in as JSON: what Lambda is handed (records of SQS or SNS, one event of EventBridge), the body of an
/// SNS request, or an event itself. Each record of a batch gives one [`Record`], in order, or one for each line where
/// it holds several events, as Firehose writes them.
pub fn unwrap(payload: &Value) -> Vec<Record> {
    let records = payload.get("Records").unwrap_or(payload);
    match records.as_array() {
        Some(records) => records.iter().flat_map(one_event_each).collect(),
        None => one_event_each(payload),
    }
}

fn one_event_each(record: &Value) -> Vec<Record> {
    let text = record.as_str().or_else(|| record["body"].as_str());
    let events = text.map(several_in).unwrap_or_default();
    if events.is_empty() {
        return vec![Opening::default().open(record, 0, 0)];
    }
    let with_event = |event: Value| {
        let mut one = record.clone();
        match one.get_mut("body") {
            Some(body) => *body = event,
            None => one = event,
        }
        Opening::default().open(&one, 0, 0)
    };
    events.into_iter().map(with_event).collect()
}

/// The JSON objects of a text that has more than one. None where the text has anything else.
fn several_in(text: &str) -> Vec<Value> {
    let values: Result<Vec<Value>, _> =
        serde_json::Deserializer::from_str(text.trim_start_matches('\u{feff}')).into_iter().collect();
    values.ok().filter(|values| values.len() > 1 && values.iter().all(Value::is_object)).unwrap_or_default()
}

/// Opens what came in as text. White space and a byte order mark around it are ignored.
pub fn unwrap_text(text: &str) -> Vec<Record> {
    match serde_json::from_str(text.trim_start_matches('\u{feff}')) {
        Ok(payload) => unwrap(&payload),
        Err(_) => one_event_each(&Value::String(text.to_owned())),
    }
}

/// What the envelopes that are already open said.
#[derive(Default)]
struct Opening {
    receipt: Option<String>,
    queue: Option<String>,
    published_at: Option<Timestamp>,
}

impl Opening {
    /// Opens one envelope after the other. `texts` and `envelopes` are already open.
    fn open(mut self, value: &Value, texts: usize, envelopes: usize) -> Record {
        if envelopes > MAX_ENVELOPES {
            return self.finish(value, Content::NotUnderstood(NotUnderstood::TooDeep));
        }
        let object = match value {
            Value::Object(object) => object,
            Value::String(text) => {
                return match serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}')) {
                    Err(_) => self.text(text),
                    Ok(_) if texts >= MAX_TEXTS => self.finish(value, Content::NotUnderstood(NotUnderstood::TooDeep)),
                    Ok(inner) => self.open(&inner, texts + 1, envelopes),
                };
            }
            _ => return self.not_an_event(value, "neither an object nor a text"),
        };
        if let Some(content) = read::content(value) {
            return self.finish(value, content);
        }
        let has_text = |key: &str| object.get(key).is_some_and(Value::is_string);
        if let Some(body) = object.get("body") {
            self.receipt = object.get("messageId").and_then(Value::as_str).map(ToOwned::to_owned);
            self.queue = object.get("eventSourceARN").and_then(Value::as_str).map(ToOwned::to_owned);
            let posted = &value["attributes"]["SentTimestamp"];
            self.published_at = field::millis(posted).and_then(|at| Timestamp::from_millisecond(at).ok());
            return self.open(body, texts, envelopes + 1);
        }
        if let Some(sns) = object.get("Sns") {
            return self.open(sns, texts, envelopes + 1);
        }
        if has_text("Type") || object.contains_key("Message") {
            return self.open_sns(value, texts, envelopes);
        }
        if object.contains_key("detail-type") || object.contains_key("detail") {
            return self.open_event_bridge(value, texts, envelopes);
        }
        if object.get("ses").is_some_and(|ses| ses.get("receipt").is_some()) {
            return self.finish(value, Content::NonDelivery(NonDeliveryEvent::InboundMail));
        }
        self.not_an_event(value, "neither an event type nor a known envelope")
    }

    fn open_sns(mut self, value: &Value, texts: usize, envelopes: usize) -> Record {
        self.published_at = field::time(&value["Timestamp"]).or(self.published_at);
        let topic_arn = || field::identifier(&value["TopicArn"]);
        match value["Type"].as_str() {
            Some("SubscriptionConfirmation") => {
                let ignored = NonDeliveryEvent::SubscriptionConfirmation { topic_arn: topic_arn() };
                self.finish(value, Content::NonDelivery(ignored))
            }
            Some("UnsubscribeConfirmation") => {
                let ignored = NonDeliveryEvent::UnsubscribeConfirmation { topic_arn: topic_arn() };
                self.finish(value, Content::NonDelivery(ignored))
            }
            Some("Notification") | None => self.open(&value["Message"], texts, envelopes + 1),
            Some(_) => self.not_an_event(value, "an unknown type of SNS message"),
        }
    }

    fn open_event_bridge(mut self, value: &Value, texts: usize, envelopes: usize) -> Record {
        self.published_at = field::time(&value["time"]).or(self.published_at);
        // Only AWS itself can post under `aws.`; others on the bus are not to be taken for SES.
        if value.get("source").is_some_and(|source| source != "aws.ses") {
            return self.not_an_event(value, "an EventBridge event of another source");
        }
        let detail = &value["detail"];
        let name = field::text(&value["detail-type"]).unwrap_or_default();
        if detail.is_string() || detail.get("eventType").is_some() {
            return self.open(detail, texts, envelopes + 1);
        }
        // Some types of event have it one level further down.
        if name.starts_with("Email ") && !detail["data"].is_null() {
            return self.open(&detail["data"], texts, envelopes + 1);
        }
        let ignored = if let Some(word) = name.strip_prefix("Sending Status ") {
            sending_status(value, word, self.published_at)
        } else if let Some(word) = name.strip_prefix("Advisor Recommendation Status ") {
            advice(detail, word)
        } else if name.is_empty() {
            return self.not_an_event(value, "an EventBridge event without a type");
        } else if name.starts_with("Email ") {
            return self.not_an_event(value, "an EventBridge event without a record of SES");
        } else {
            NonDeliveryEvent::UnknownType(field::word(name))
        };
        self.finish(value, Content::NonDelivery(ignored))
    }

    /// A text that is no JSON.
    fn text(self, text: &str) -> Record {
        // SES says it, in plain text, when a topic is wired to a configuration set.
        let content = if text.trim_start().starts_with("Successfully validated SNS topic") {
            Content::NonDelivery(NonDeliveryEvent::TopicValidated)
        } else {
            Content::NotUnderstood(NotUnderstood::NotJson)
        };
        self.finish(&Value::String(text.to_owned()), content)
    }

    fn not_an_event(self, value: &Value, why: &'static str) -> Record {
        self.finish(value, Content::NotUnderstood(NotUnderstood::NotAnEvent(why)))
    }

    fn finish(self, value: &Value, content: Content) -> Record {
        let Self { receipt, queue, published_at } = self;
        Record { receipt, queue, published_at, content, raw: value.clone() }
    }
}

/// `detail.data` is an object or a text of JSON, depending on the type of event.
fn data_of(detail: &Value) -> Value {
    match &detail["data"] {
        Value::String(text) => serde_json::from_str(text).unwrap_or_default(),
        data => data.clone(),
    }
}

fn sending_status(value: &Value, word: &str, posted: Option<Timestamp>) -> NonDeliveryEvent {
    let data = data_of(&value["detail"]);
    let record = &data["record"];
    NonDeliveryEvent::SendingStatus {
        enabled: word.eq_ignore_ascii_case("enabled"),
        at: field::time(&record["lastUpdatedTimestamp"]).or(posted),
        resource: value["resources"].get(0).and_then(field::identifier),
        cause: field::wording(&record["cause"]),
    }
}

fn advice(detail: &Value, word: &str) -> NonDeliveryEvent {
    NonDeliveryEvent::AdvisorRecommendation {
        open: word.eq_ignore_ascii_case("open"),
        about: field::identifier(&detail["metadata"]["type"]),
        text: field::wording(&detail["data"]),
    }
}
