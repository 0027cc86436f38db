//! Turns a stream record into an event for the portal.
//!
//! An event names the user or address and says what happened. It contains no secrets and no personal data beyond what
//! the portal needs to find the user.

use jiff::Timestamp;
use mailkey::{
    audit::Action,
    clock::from_millis,
    database::{AttributeValue, Item, item_from_json},
    email_log::EmailKind,
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
        suppressed(&image, &before)
    } else {
        None
    }
}

/// An entry of the audit log.
fn audited(entry: &Item) -> Option<DomainEvent> {
    let text = |attribute: &str| text(entry, attribute);
    let (target_kind, target) = text("target")?.split_once(':')?;
    if text("outcome")? != "done" {
        return None;
    }
    let detail = text("detail").unwrap_or_default();
    let name = match text("action")?.parse().ok()? {
        Action::RedeemToken if detail == "activation" => "AccountActivated",
        Action::RedeemToken => "PasswordChanged",
        Action::CreateUser => "UserCreated",
        Action::EditUser => "UserChanged",
        Action::Unlock => "AccountUnlocked",
        Action::LiftSuppression | Action::LiftAndResend => "AddressReleased",
        Action::ResetPassword
        | Action::ResendActivation
        | Action::ResendEmail
        | Action::ExportEmailLog
        | Action::ChangeSettings
        | Action::CreateApiKey
        | Action::RevokeApiKey
        | Action::Suppress
        | Action::CallRoute => return None,
    };
    let about = if target_kind == "user" { "user_id" } else { "email" };
    // If users act on themselves, the entry has only a target.
    let mut detail = json!({ about: target, "by": text("actor").unwrap_or(target) });
    if name == "UserChanged" {
        let changed: Vec<_> = text("detail").unwrap_or_default().split(", ").collect();
        detail["changed"] = json!(changed);
    }
    Some(event(text("id")?, name, number(entry, "at")?, detail))
}

/// An address was locked: the request for its notice is the record. The sign-in response never reveals whether the
/// address has an account, but the portal knows its users.
fn locked(request: &Item) -> Option<DomainEvent> {
    let kind: EmailKind = text(request, "kind")?.parse().ok()?;
    if kind != EmailKind::AccountLocked {
        return None;
    }
    let detail = json!({ "email": text(request, "address")? });
    Some(event(text(request, "log_id")?, "AccountLocked", number(request, "requested_at")?, detail))
}

/// An address with a new reason for suppression.
fn suppressed(record: &Item, before: &Item) -> Option<DomainEvent> {
    let known = causes(before);
    let new = causes(record).into_iter().find(|cause| !known.contains(cause))?;
    let (address, reason, since) = (text(record, "address_key")?, new.0, new.1);
    let detail = json!({ "email": address, "reason": reason });
    Some(event(&format!("{address}/{reason}/{since}"), "AddressSuppressed", since, detail))
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

fn event(id: &str, name: &'static str, at_ms: i64, mut detail: Value) -> DomainEvent {
    let at = from_millis(at_ms);
    detail["schema"] = SCHEMA.into();
    detail["id"] = id.into();
    detail["at"] = at.to_string().into();
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
