//! From the object of SES to a [`SesEvent`].

use serde_json::Value;

use super::{
    bounce::{BounceKind, BounceSubtype, ComplaintSubtype, DelayKind, FeedbackType},
    envelope::{Content, NonDeliveryEvent, NotUnderstood},
    event::{Affected, Mail, SesEvent, System},
    field,
    kind::EventKind,
};

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
            let named: Vec<_> = field::entries(list).map(|(address, entry)| recipient(address, entry)).collect();
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
        message_id: field::identifier(&mail["messageId"]),
        sent_at: field::time(&mail["timestamp"]),
        source: mail["source"].as_str().and_then(field::address).map(ToOwned::to_owned),
        destination: field::entries(&mail["destination"]).map(|(address, _)| address.to_owned()).collect(),
        email_id: tag("email_id"),
        kind: tag("kind"),
        header_email_id: header(mail, "X-Mailkey-Email-Id"),
        configuration_set: tag("ses:configuration-set"),
    }
}

fn header(mail: &Value, name: &str) -> Option<String> {
    let headers = mail["headers"].as_array()?;
    let is_it = |header: &&Value| header["name"].as_str().is_some_and(|found| found.eq_ignore_ascii_case(name));
    field::identifier(&headers.iter().find(is_it)?["value"])
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
