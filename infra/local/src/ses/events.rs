//! Builds the events that SES publishes about an email, in the event publishing format.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::mail::{bare, rfc3339};
use super::suppression::SuppressionReason;
use super::{SentEmail, address, id};

/// The AWS account id in events.
const ACCOUNT: &str = "000000000000";
/// The AWS region of the local SES.
pub const REGION: &str = "us-east-1";
/// The reporting server in bounces and deliveries.
const REPORTING_MTA: &str = "a8-50.smtp-out.amazonses.com";
/// The first headers of an email, in order; the others follow.
const FIRST_HEADERS: [&str; 7] = ["From", "Reply-To", "To", "Cc", "Subject", "MIME-Version", "Content-Type"];

/// The outcome of an email for one recipient.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    Delivered,
    OutOfOffice,
    Complained,
    Bounced,
    SuppressedBySes,
    SuppressedForBounce,
    SuppressedForComplaint,
}

/// The events that SES would publish for an email, in order: a `Send`, then one event for all recipients with the same
/// outcome.
///
/// Recipients at the mailbox simulator get the outcome that their mailbox names, with or without a `+label`. Recipients
/// on the account's suppression list at sending time bounce, or complain if a complaint put them there. All others get
/// the email.
pub fn events_for(mail: &SentEmail, now: Timestamp) -> Vec<Value> {
    let mut by_fate = BTreeMap::<Fate, Vec<&str>>::new();
    for recipient in &mail.recipients {
        by_fate.entry(fate(mail, recipient)).or_default().push(bare(recipient));
    }
    let mut events = vec![event(mail, "Send", "send", json!({}))];
    let with_delivery = |fate: &Fate| matches!(fate, Fate::Delivered | Fate::OutOfOffice | Fate::Complained);
    let delivered: Vec<_> = by_fate.iter().filter(|(fate, _)| with_delivery(fate)).flat_map(|(_, who)| who).collect();
    if !delivered.is_empty() {
        events.push(delivery(mail, &delivered, now));
    }
    events.extend(by_fate.iter().filter_map(|(fate, who)| trouble(mail, *fate, who, now)));
    events
}

fn fate(mail: &SentEmail, recipient: &str) -> Fate {
    match mail.suppressed.get(recipient) {
        Some(SuppressionReason::Bounce) => return Fate::SuppressedForBounce,
        Some(SuppressionReason::Complaint) => return Fate::SuppressedForComplaint,
        None => {}
    }
    let (local, domain) = address::split(bare(recipient));
    if !domain.eq_ignore_ascii_case(address::SIMULATOR) {
        return Fate::Delivered;
    }
    let mailbox = local.split('+').next().unwrap_or(local).to_ascii_lowercase();
    match mailbox.as_str() {
        "bounce" => Fate::Bounced,
        "complaint" => Fate::Complained,
        "ooto" => Fate::OutOfOffice,
        "suppressionlist" => Fate::SuppressedBySes,
        _ => Fate::Delivered,
    }
}

fn trouble(mail: &SentEmail, fate: Fate, who: &[&str], now: Timestamp) -> Option<Value> {
    match fate {
        Fate::Delivered => None,
        Fate::OutOfOffice => Some(bounce(mail, "Transient", "General", recipients(who), now)),
        Fate::Complained => Some(complaint(mail, Value::Null, who, now)),
        Fate::Bounced => {
            let bounced = failed(who, "smtp; 550 5.1.1 user unknown");
            Some(bounce(mail, "Permanent", "General", bounced, now))
        }
        Fate::SuppressedBySes => {
            let why = "Amazon SES has suppressed sending to this address because it has a recent history of bouncing \
                       as an invalid address.";
            Some(bounce(mail, "Permanent", "Suppressed", failed(who, why), now))
        }
        Fate::SuppressedForBounce => {
            let why = "Amazon SES did not send the message to this address because it is on the suppression list for \
                       your account.";
            Some(bounce(mail, "Permanent", "OnAccountSuppressionList", failed(who, why), now))
        }
        Fate::SuppressedForComplaint => Some(complaint(mail, "OnAccountSuppressionList".into(), who, now)),
    }
}

fn delivery(mail: &SentEmail, who: &[&&str], now: Timestamp) -> Value {
    let took = now.as_millisecond() - mail.sent_at.as_millisecond();
    let detail = json!({
        "timestamp": rfc3339::text(now),
        "processingTimeMillis": took.max(0),
        "recipients": who,
        "smtpResponse": "250 2.6.0 Message received",
        "reportingMTA": REPORTING_MTA,
    });
    let mut delivery = event(mail, "Delivery", "delivery", detail);
    delivery["mail"]["tags"]["ses:outgoing-ip"] = json!(["127.0.0.1"]);
    delivery
}

fn bounce(mail: &SentEmail, kind: &str, subkind: &str, who: Vec<Value>, now: Timestamp) -> Value {
    let detail = json!({
        "feedbackId": feedback_id(mail, (kind, subkind), now),
        "bounceType": kind,
        "bounceSubType": subkind,
        "bouncedRecipients": who,
        "timestamp": rfc3339::text(now),
        "reportingMTA": format!("dns; {REPORTING_MTA}"),
    });
    event(mail, "Bounce", "bounce", detail)
}

fn complaint(mail: &SentEmail, subkind: Value, who: &[&str], now: Timestamp) -> Value {
    let mut detail = json!({
        "feedbackId": feedback_id(mail, ("Complaint", subkind.as_str().unwrap_or_default()), now),
        "complaintSubType": subkind,
        "complainedRecipients": recipients(who),
        "timestamp": rfc3339::text(now),
    });
    if subkind.is_null() {
        detail["userAgent"] = "Amazon SES Mailbox Simulator".into();
        detail["complaintFeedbackType"] = "abuse".into();
        detail["arrivalDate"] = rfc3339::text(now).into();
    }
    event(mail, "Complaint", "complaint", detail)
}

fn recipients(who: &[&str]) -> Vec<Value> {
    who.iter().map(|address| json!({ "emailAddress": address })).collect()
}

fn failed(who: &[&str], diagnostic_code: &str) -> Vec<Value> {
    let one = |address: &&str| {
        json!({
            "emailAddress": address,
            "action": "failed",
            "status": "5.1.1",
            "diagnosticCode": diagnostic_code,
        })
    };
    who.iter().map(one).collect()
}

fn feedback_id(mail: &SentEmail, kind: (&str, &str), now: Timestamp) -> String {
    id::ses(now, id::derived((&mail.message_id, kind)))
}

fn event(mail: &SentEmail, event_type: &str, key: &str, detail: Value) -> Value {
    let mut event = json!({ "eventType": event_type, "mail": original(mail) });
    event[key] = detail;
    event
}

fn original(mail: &SentEmail) -> Value {
    let domain = from_domain(mail);
    json!({
        "timestamp": rfc3339::text(mail.sent_at),
        "source": mail.source,
        "sourceArn": format!("arn:aws:ses:{REGION}:{ACCOUNT}:identity/{domain}"),
        "sendingAccountId": ACCOUNT,
        "messageId": mail.message_id,
        "destination": mail.recipients,
        "headersTruncated": false,
        "headers": headers(mail),
        "commonHeaders": common_headers(mail),
        "tags": tags(mail, domain),
    })
}

/// The headers in the request; SES adds Date and Message-ID later.
fn headers(mail: &SentEmail) -> Vec<Value> {
    let first = FIRST_HEADERS.iter().filter_map(|name| mail.headers.get_key_value(*name));
    let added_by_ses = ["Date", "Message-ID"];
    let is_other = |name: &str| !FIRST_HEADERS.contains(&name) && !added_by_ses.contains(&name);
    let others = mail.headers.iter().filter(|(name, _)| is_other(name));
    first.chain(others).map(|(name, value)| json!({ "name": name, "value": value })).collect()
}

/// The subject is the header as it was sent, so that of a raw message may be encoded (RFC 2047).
fn common_headers(mail: &SentEmail) -> Value {
    let header = |name: &str| mail.headers.get(name);
    let named_in = |header: &str| -> Vec<_> { mail.recipients.iter().filter(|it| header.contains(bare(it))).collect() };
    let mut common = json!({
        "from": [header("From").unwrap_or(&mail.from)],
        "to": named_in(&mail.to),
        "messageId": mail.message_id,
        "subject": header("Subject").unwrap_or(&mail.subject),
    });
    if let Some(cc) = header("Cc") {
        common["cc"] = json!(named_in(cc));
    }
    if let Some(reply_to) = header("Reply-To") {
        common["replyTo"] = json!([reply_to]);
    }
    common
}

fn tags(mail: &SentEmail, from_domain: &str) -> Map<String, Value> {
    let mut tags: Map<String, Value> = mail.tags.iter().map(|(name, values)| (name.clone(), json!(values))).collect();
    let mut set = |name: &str, value: &str| tags.insert(name.to_owned(), json!([value]));
    set("ses:operation", "SendEmail");
    set("ses:source-ip", "127.0.0.1");
    set("ses:from-domain", from_domain);
    set("ses:caller-identity", "mailkey-local");
    if let Some(configuration_set) = &mail.configuration_set {
        set("ses:configuration-set", configuration_set);
    }
    tags
}

fn from_domain(mail: &SentEmail) -> &str {
    address::split(bare(&mail.source)).1
}
