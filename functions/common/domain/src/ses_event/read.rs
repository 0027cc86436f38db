//! From the object of SES to a [`SesEvent`].

use serde_json::Value;

use super::{
    bounce::{BounceKind, BounceSubtype, ComplaintSubtype, DelayKind, FeedbackType},
    envelope::{Content, NonDeliveryEvent, NotUnderstood},
    event::{Affected, Mail, SesEvent, System},
    field,
    kind::EventKind,
    subject::masked_subject,
};
use crate::account::EmailAddress;

/// How many tags of an email the log keeps. SES allows 50.
const TAGS: usize = 10;

/// Reads an object that says its type, under `eventType` or `notificationType`. `None` where it has neither.
pub(super) fn content(object: &Value) -> Option<Content> {
    if let Some(name) = field::text(&object["eventType"]) {
        let event = published(name, object);
        return Some(finish(name, object, System::EventPublishing, event));
    }
    let name = field::text(&object["notificationType"])?;
    let event = match name {
        "Received" => return Some(Content::NonDelivery(NonDeliveryEvent::InboundMail)),
        // What SES says when a topic is set for an identity.
        "AmazonSnsSubscriptionSucceeded" => return Some(Content::NonDelivery(NonDeliveryEvent::TopicValidated)),
        // The only three that this system has.
        "Bounce" | "Complaint" | "Delivery" => published(name, object),
        _ => None,
    };
    Some(finish(name, object, System::FeedbackNotification, event))
}

/// The part of an event that its type brings along: what happened, the object that holds it, and the list of those
/// whom it happened to, where there is one.
struct Part<'a> {
    kind: EventKind,
    inner: &'a Value,
    affected: Option<&'a Value>,
}

fn published<'a>(name: &str, object: &'a Value) -> Option<Part<'a>> {
    let known = ["Send", "Delivery", "Bounce", "Complaint", "Reject", "DeliveryDelay", "Open", "Click", "Subscription"];
    let name = known.into_iter().find(|known| known.eq_ignore_ascii_case(name)).unwrap_or(name);
    let part = match name {
        "Send" => Part { kind: EventKind::Send, inner: &object["send"], affected: None },
        "Delivery" => {
            let inner = &object["delivery"];
            let kind = EventKind::Delivery {
                processing_ms: field::millis(&inner["processingTimeMillis"]),
                smtp_response: field::wording(&inner["smtpResponse"]),
                remote_ip: field::identifier(&inner["remoteMtaIp"]),
            };
            Part { kind, inner, affected: Some(&inner["recipients"]) }
        }
        "Bounce" => {
            let inner = &object["bounce"];
            let kind = EventKind::Bounce {
                kind: field::text(&inner["bounceType"]).map_or(BounceKind::Undetermined, BounceKind::read),
                subtype: field::text(&inner["bounceSubType"]).map_or(BounceSubtype::General, BounceSubtype::read),
            };
            Part { kind, inner, affected: Some(&inner["bouncedRecipients"]) }
        }
        "Complaint" => {
            let inner = &object["complaint"];
            let kind = EventKind::Complaint {
                subtype: field::text(&inner["complaintSubType"]).map(ComplaintSubtype::read),
                feedback: field::text(&inner["complaintFeedbackType"]).map(FeedbackType::read),
            };
            Part { kind, inner, affected: Some(&inner["complainedRecipients"]) }
        }
        "Reject" => {
            let inner = &object["reject"];
            Part { kind: EventKind::Reject { reason: field::wording(&inner["reason"]) }, inner, affected: None }
        }
        // SES writes the former; the latter is what its API calls it.
        "Rendering Failure" | "RenderingFailure" => {
            let inner = either(object, "failure", "renderingFailure");
            let kind = EventKind::RenderingFailure {
                template: field::identifier(&inner["templateName"]),
                message: field::wording(&inner["errorMessage"]),
            };
            Part { kind, inner, affected: None }
        }
        "DeliveryDelay" => {
            let inner = &object["deliveryDelay"];
            let kind = EventKind::DeliveryDelay {
                delay: field::text(&inner["delayType"]).map_or(DelayKind::Undetermined, DelayKind::read),
                expires_at: field::time(&inner["expirationTime"]),
            };
            Part { kind, inner, affected: Some(&inner["delayedRecipients"]) }
        }
        "Open" => {
            let inner = &object["open"];
            let (user_agent, bot) = visitor(inner);
            Part { kind: EventKind::Open { user_agent, bot }, inner, affected: None }
        }
        "Click" => {
            let inner = &object["click"];
            let (user_agent, bot) = visitor(inner);
            Part { kind: EventKind::Click { user_agent, bot }, inner, affected: None }
        }
        "Subscription" => Part { kind: EventKind::Subscription, inner: &object["subscription"], affected: None },
        _ => return None,
    };
    Some(part)
}

fn finish(name: &str, object: &Value, system: System, part: Option<Part<'_>>) -> Content {
    let Some(Part { kind, inner, affected }) = part else {
        return Content::NonDelivery(NonDeliveryEvent::UnknownType(field::word(name)));
    };
    if !object["mail"].is_object() {
        return Content::NotUnderstood(NotUnderstood::NotAnEvent("it has a type, but names no mail"));
    }
    let mail = mail(&object["mail"]);
    let recipients = match affected {
        None => everybody(&mail),
        Some(list) => {
            let only = match mail.destination.as_slice() {
                [only] => Some(only.as_str()),
                _ => None,
            };
            // An address that can't be parsed can only be that of the mail's one recipient.
            let affected = |(text, entry)| {
                let address = field::address(text);
                let parsed = address.filter(|address| EmailAddress::parse(address).is_ok());
                Some(recipient(parsed.or(only).or(address)?, entry))
            };
            let named: Vec<_> = field::listed(list).filter_map(affected).collect();
            // Among several, whom it hit would be a guess.
            if named.is_empty() && mail.destination.len() == 1 { everybody(&mail) } else { named }
        }
    };
    Content::Event(Box::new(SesEvent {
        kind,
        system,
        at: field::time(&inner["timestamp"]).or(mail.sent_at),
        recipients,
        feedback_id: field::identifier(&inner["feedbackId"]),
        mail,
    }))
}

fn mail(mail: &Value) -> Mail {
    let tag = |name: &str| {
        let tag = &mail["tags"][name];
        field::identifier(tag.get(0).unwrap_or(tag))
    };
    Mail {
        message_id: field::message_id(&mail["messageId"]),
        sent_at: field::time(&mail["timestamp"]),
        source: mail["source"].as_str().and_then(field::address).map(ToOwned::to_owned),
        destination: field::entries(&mail["destination"]).map(|(address, _)| address.to_owned()).collect(),
        email_id: tag("email_id"),
        kind: tag("kind"),
        header_email_id: header(mail, "X-Mailkey-Email-Id"),
        configuration_set: tag("ses:configuration-set"),
        from: from(mail),
        subject: common_header(mail, "subject").or(header_text(mail, "Subject")).and_then(masked_subject),
        tags: tags(mail),
    }
}

fn header_text<'a>(mail: &'a Value, name: &str) -> Option<&'a str> {
    let headers = mail["headers"].as_array()?;
    let is_it = |header: &&Value| header["name"].as_str().is_some_and(|found| found.eq_ignore_ascii_case(name));
    headers.iter().find(is_it)?["value"].as_str()
}

fn header(mail: &Value, name: &str) -> Option<String> {
    field::identifier(&header_text(mail, name)?.into())
}

/// A header as SES has parsed it: a text, or a list of which the first counts.
fn common_header<'a>(mail: &'a Value, name: &str) -> Option<&'a str> {
    let header = &mail["commonHeaders"][name];
    header.get(0).unwrap_or(header).as_str()
}

fn from(mail: &Value) -> Option<String> {
    let from = common_header(mail, "from").or(header_text(mail, "From"))?;
    field::address(from).map(ToOwned::to_owned)
}

/// The sender's own tags. Those of SES name the caller and its network.
fn tags(mail: &Value) -> Vec<(String, String)> {
    let tags = mail["tags"].as_object().into_iter().flatten();
    let own = tags.filter(|(name, _)| !name.starts_with("ses:"));
    let read = |(name, value): (&String, &Value)| {
        Some((field::identifier(&name.as_str().into())?, field::identifier(value.get(0).unwrap_or(value))?))
    };
    let mut tags: Vec<_> = own.filter_map(read).collect();
    tags.sort();
    tags.truncate(TAGS);
    tags
}

fn recipient(address: &str, entry: &Value) -> Affected {
    Affected {
        address: address.to_owned(),
        status: field::identifier(&entry["status"]),
        action: field::identifier(&entry["action"]),
        diagnostic: field::wording(&entry["diagnosticCode"]),
    }
}

fn everybody(mail: &Mail) -> Vec<Affected> {
    mail.destination.iter().map(|address| recipient(address, &Value::Null)).collect()
}

fn visitor(inner: &Value) -> (Option<String>, Option<bool>) {
    let bot = match &inner["isBotEvent"] {
        Value::Bool(bot) => Some(*bot),
        Value::String(word) if word.eq_ignore_ascii_case("likely") => Some(true),
        Value::String(word) if word.eq_ignore_ascii_case("unlikely") => Some(false),
        _ => None,
    };
    (field::wording(&inner["userAgent"]), bot)
}

fn either<'a>(object: &'a Value, first: &str, second: &str) -> &'a Value {
    object.get(first).unwrap_or(&object[second])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{unwrap, unwrap_text};
    use super::*;

    fn events(json: &Value) -> Vec<SesEvent> {
        let records = json.as_str().map_or_else(|| unwrap(json), unwrap_text);
        let event = |content| match content {
            Content::Event(event) => *event,
            other => panic!("{other:?}"),
        };
        records.into_iter().map(|record| event(record.content)).collect()
    }

    #[test]
    fn recipients_from_the_field_are_those_of_their_mail() {
        let rows: Value = serde_json::from_str(include_str!("cases/recipients.json")).unwrap();
        for row in rows.as_array().unwrap() {
            for event in events(&row["event"]) {
                let only = &event.mail.destination[0];
                assert_eq!(event.recipients.iter().map(|it| &it.address).collect::<Vec<_>>(), [only], "{row}");
                let id = event.mail.message_id.unwrap();
                assert!(id.ends_with("-000000"), "{id}");
            }
        }
    }

    #[test]
    fn several_events_on_lines_are_several_records_in_every_wrapping() {
        let one = |name: &str| json!({"eventType": name, "mail": {"messageId": "m", "destination": ["a@example.com"]}});
        let lines = format!("{}\n{}\n", one("Send"), one("Delivery"));
        for payload in [json!(lines), json!({"Records": [{"messageId": "r", "body": lines}]})] {
            let kinds: Vec<_> = events(&payload).iter().map(|event| event.kind.as_str()).collect();
            assert_eq!(kinds, ["send", "delivery"]);
        }
        let receipts: Vec<_> =
            unwrap(&json!({"Records": [{"messageId": "r", "body": lines}]})).into_iter().map(|it| it.receipt).collect();
        assert_eq!(receipts, [Some("r".to_owned()), Some("r".to_owned())]);
    }

    #[test]
    fn an_address_that_cannot_be_parsed_is_that_of_the_only_recipient() {
        for (written, destination, expected) in [
            ("jo", &["jo@example.com"][..], Some("jo@example.com")),
            ("\"Jo\" <jo@example.com.>", &["jo@example.com"], Some("jo@example.com")),
            ("smtp:jo@[192.0.2.1]", &["jo@example.com"], Some("jo@example.com")),
            ("forwarded@example.org", &["jo@example.com"], Some("forwarded@example.org")),
            ("", &["jo@example.com"], Some("jo@example.com")),
            ("jo", &["jo@example.com", "al@example.com"], None),
        ] {
            let event = json!({
                "eventType": "Bounce", "mail": {"messageId": "m", "destination": destination},
                "bounce": {"bounceType": "Permanent", "bouncedRecipients": [{"emailAddress": written, "status": "5.1.1"}]},
            });
            let recipients = events(&event).remove(0).recipients;
            assert_eq!(recipients.first().map(|it| it.address.as_str()), expected, "{written}");
            assert!(recipients.iter().all(|it| it.status.as_deref() == Some("5.1.1")));
        }
    }

    #[test]
    fn a_time_that_does_not_exist_and_hostile_text_break_nothing() {
        let said = format!("smtp; 550 5.1.1 2026-99-99T99:99:99Z \u{202e}<b>&\u{200f} {}", "x".repeat(4_096));
        let event = json!({
            "eventType": "Bounce",
            "mail": {"messageId": "m", "timestamp": "2026-99-99T99:99:99Z", "destination": ["jo@example.com"]},
            "bounce": {"bounceType": "Permanent", "timestamp": "2026-99-99T99:99:99Z",
                "bouncedRecipients": [{"emailAddress": "jo@example.com", "diagnosticCode": said}]},
        });
        let event = events(&event).remove(0);
        assert_eq!((event.at, event.mail.sent_at), (None, None));
        let diagnostic = event.recipients[0].diagnostic.clone().unwrap();
        assert!(diagnostic.contains("2026-99-99T99:99:99Z") && diagnostic.contains("<b>&"));
        assert!(!diagnostic.contains(['\u{202e}', '\u{200f}']) && diagnostic.chars().count() == 1_000);
    }
}
