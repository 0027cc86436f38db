//! Turns a stream record into an event for the portal.
//!
//! An event names the user or address and says what happened. It contains no secrets and no personal data beyond what
//! the portal needs to find the user.

use jiff::Timestamp;
use mailkey::{
    audit::{Action, Outcome},
    clock::{from_millis, rfc3339},
    email_log::{DeliveryStatus, EmailKind},
    token::Purpose,
};
use mailkey_dynamodb::{
    client::{AttributeValue, Item, item_from_json},
    read_entry, read_image,
};
use serde_json::{Value, json};

/// Version of the schemas. Raise it with any change that could break a consumer.
const SCHEMA: u32 = 1;

/// Something that happened and that the portal may want to know.
#[derive(Debug, Clone, PartialEq)]
pub struct DomainEvent {
    /// Unique id. A repeated event has the same id.
    pub id: String,
    /// What happened, such as `PasswordChanged`: the `detail-type`.
    pub name: &'static str,
    /// When it happened.
    pub at: Timestamp,
    /// The `detail` that EventBridge delivers.
    pub detail: Value,
}

/// The event described by a stream record, if there is one.
pub fn event_of(record: &Value) -> Option<DomainEvent> {
    let image = item_from_json(&record["dynamodb"]["NewImage"])?;
    let before = item_from_json(&record["dynamodb"]["OldImage"]).unwrap_or_default();
    let has = |attribute: &str| image.contains_key(attribute);
    if has("action") {
        audited(&image)
    } else if has("request_key") {
        locked(&image)
    } else if has("causes") {
        released(&image, &before).or_else(|| suppressed(&image, &before))
    } else if has("timeline") {
        delivery(&image, &before)
    } else {
        None
    }
}

/// An entry of the audit log: what was done, by whom, to whom.
fn audited(image: &Item) -> Option<DomainEvent> {
    let entry = read_entry(image).ok()?;
    // The audit log names addresses by pseudonyms. What happens to an address comes from the suppressions' stream.
    let target = entry.target.strip_prefix("user:")?;
    if entry.outcome != Outcome::Done {
        return None;
    }
    let name = match entry.action {
        Action::RedeemToken if entry.detail.purpose == Some(Purpose::Activation) => "AccountActivated",
        Action::RedeemToken | Action::ChangePassword => "PasswordChanged",
        Action::CreateUser => "UserCreated",
        // The first administrator's activation was sent again, to the same address: no field changed.
        Action::EditUser if entry.detail.changed.is_empty() => return None,
        Action::EditUser => "UserChanged",
        Action::Unlock => "AccountUnlocked",
        Action::ResetPassword
        | Action::ResendActivation
        | Action::ResendEmail
        | Action::ExportEmailLog
        | Action::ChangeSettings
        | Action::CreateApiKey
        | Action::RevokeApiKey
        | Action::Suppress
        | Action::RemoveSuppression
        | Action::RemoveAndResend
        | Action::CallRoute
        | Action::SignIn
        | Action::Erase
        | Action::ExportPerson
        | Action::EndSessions
        | Action::RequireNewPassword
        | Action::AddSecondFactor
        | Action::RemoveSecondFactor
        | Action::StepUp
        | Action::ExportAuditLog => return None,
    };
    let mut detail = json!({ "user_id": target, "by": entry.actor.user_id.to_string() });
    if name == "UserChanged" {
        detail["changed"] = json!(entry.detail.changed);
    }
    Some(event(&entry.id.to_string(), name, entry.at, detail))
}

/// A request for the notice that an address is locked. The portal knows whether one of its users has the address; the
/// person who tried to sign in doesn't learn it.
fn locked(image: &Item) -> Option<DomainEvent> {
    let request = read_image(image).ok()?;
    if request.kind != EmailKind::AccountLocked {
        return None;
    }
    let detail = json!({ "email": request.address.as_typed() });
    Some(event(&request.email_id.to_string(), "AccountLocked", request.requested_at, detail))
}

/// An address whose suppression an administrator removed.
fn released(record: &Item, before: &Item) -> Option<DomainEvent> {
    let known = removals(before);
    let (by, at) = removals(record).into_iter().find(|removal| !known.contains(removal))?;
    let address = text(record, "address_key")?;
    let detail = json!({ "email": address, "by": by });
    Some(event(&format!("{address}/released/{at}"), "AddressReleased", from_millis(at), detail))
}

/// Each removal by an administrator: who and when.
fn removals(record: &Item) -> Vec<(String, i64)> {
    let list = record.get("removals").and_then(|removals| removals.as_l().ok()).map(Vec::as_slice).unwrap_or_default();
    let removal = |removal: &AttributeValue| {
        let removal = removal.as_m().ok()?;
        Some((text(removal, "by")?.to_owned(), number(removal, "at")?))
    };
    list.iter().filter_map(removal).collect()
}

/// An address with a new reason for suppression.
fn suppressed(record: &Item, before: &Item) -> Option<DomainEvent> {
    let known = causes(before);
    let new = causes(record).into_iter().find(|cause| !known.contains(cause))?;
    let (address, reason, since) = (text(record, "address_key")?, new.0, new.1);
    let detail = json!({ "email": address, "reason": reason });
    Some(event(&format!("{address}/{reason}/{since}"), "AddressSuppressed", from_millis(since), detail))
}

/// A new status of an email. Of email that Mailkey didn't send, only failures are published. Neither the subject nor the
/// server's reply is, because both can contain personal data.
fn delivery(entry: &Item, before: &Item) -> Option<DomainEvent> {
    let status: DeliveryStatus = text(entry, "status")?.parse().ok()?;
    let is_new = text(before, "status") != Some(status.as_str());
    let kind = text(entry, "kind")?;
    let (origin, _) = text(entry, "partition")?.split_once('#')?;
    let name = delivery_event(status)?;
    if !is_new || kind == EmailKind::Canary.as_str() || (name == DELIVERED && origin != OWN_ORIGIN) {
        return None;
    }
    let (email_id, email) = (text(entry, "id")?, text(entry, "recipient")?);
    let mut detail = json!({
        "email": email, "email_id": email_id, "kind": kind, "origin": origin, "status": status.as_str(),
    });
    for optional in ["user_id", "reason", "message_id", "from"] {
        if let Some(value) = text(entry, optional) {
            detail[optional] = value.into();
        }
    }
    // The change that led to this status is the newest in the timeline.
    let timeline = entry.get("timeline").and_then(|timeline| timeline.as_l().ok());
    let newest = timeline.and_then(|timeline| timeline.last()?.as_m().ok());
    let at = newest.and_then(|event| number(event, "at")).or_else(|| number(entry, "updated_at"))?;
    if let Some(cause) = newest.and_then(|event| text(event, "cause")) {
        detail["cause"] = cause.into();
    }
    Some(event(&format!("{email_id}/{}", status.as_str()), name, from_millis(at), detail))
}

const DELIVERED: &str = "EmailDelivered";

/// The origin of the emails that Mailkey sends itself, which begins their partitions' names.
const OWN_ORIGIN: &str = "mailkey";

/// The event for a status. Emails that were never sent have none: the sender alarms report those.
fn delivery_event(status: DeliveryStatus) -> Option<&'static str> {
    match status {
        DeliveryStatus::Delivered => Some(DELIVERED),
        DeliveryStatus::Delayed => Some("EmailDelayed"),
        DeliveryStatus::Bounced | DeliveryStatus::SoftBounced | DeliveryStatus::Suppressed => Some("EmailBounced"),
        DeliveryStatus::Blocked | DeliveryStatus::Rejected => Some("EmailBlocked"),
        DeliveryStatus::Complained => Some("EmailComplained"),
        DeliveryStatus::Queued
        | DeliveryStatus::SendFailedRetrying
        | DeliveryStatus::Skipped
        | DeliveryStatus::SendFailed
        | DeliveryStatus::Sent => None,
    }
}

/// Each reason with its start.
fn causes(record: &Item) -> Vec<(String, i64)> {
    let list = record.get("causes").and_then(|causes| causes.as_l().ok()).map(Vec::as_slice).unwrap_or_default();
    let cause = |cause: &AttributeValue| {
        let cause = cause.as_m().ok()?;
        Some((text(cause, "reason")?.to_owned(), number(cause, "since")?))
    };
    list.iter().filter_map(cause).collect()
}

fn event(id: &str, name: &'static str, at: Timestamp, mut detail: Value) -> DomainEvent {
    detail["schema"] = SCHEMA.into();
    detail["id"] = id.into();
    detail["at"] = rfc3339(at).into();
    DomainEvent { id: id.to_owned(), name, at, detail }
}

fn text<'a>(item: &'a Item, attribute: &str) -> Option<&'a str> {
    item.get(attribute)?.as_s().ok().map(String::as_str)
}

fn number(item: &Item, attribute: &str) -> Option<i64> {
    item.get(attribute)?.as_n().ok()?.parse().ok()
}

#[cfg(test)]
mod tests;
