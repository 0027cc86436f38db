//! The schemas of what several routes show, each held by a test against the `to_json` that it describes.

use serde_json::{Map, Value, json};

use super::{derived, enumeration, object, time, ulid};
use mailkey::{
    account::Role,
    audit::{Action, Outcome},
    email_log::{DeliveryStatus, EmailKind, Origin, Reason, Trigger},
    second_factor::FactorPolicy,
    settings::{STAFF_SECOND_FACTOR, Setting},
    suppression::{Scope, SuppressionReason},
};

use crate::problem::ProblemType;

/// The id in examples.
pub const EXAMPLE_ID: &str = "01JNQ8Z0T5X6W7V8R9S0A1B2C3";

/// The shared schema of this name.
pub fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// The shared schema of this name with more properties.
pub fn with_properties<const N: usize>(name: &str, more: [(&str, Value); N]) -> Value {
    let mut schema = all().remove(name).unwrap_or_default();
    let mut more = object(more);
    if let (Some(known), Some(added)) = (schema["properties"].as_object_mut(), more["properties"].as_object_mut()) {
        known.append(added);
    }
    if let (Some(known), Some(added)) = (schema["required"].as_array_mut(), more["required"].as_array_mut()) {
        known.append(added);
    }
    schema
}

/// Every shared schema by its name.
pub(super) fn all() -> Map<String, Value> {
    [
        ("User", derived::written(&examples::user()).0),
        ("EmailLogEntry", email_log_entry()),
        ("AuditEntry", audit_entry()),
        ("Suppression", suppression()),
        ("SecuritySettings", security_settings()),
        ("ApiKey", api_key()),
        ("Problem", problem()),
    ]
    .map(|(name, schema)| (name.to_owned(), schema))
    .into_iter()
    .collect()
}

fn email_log_entry() -> Value {
    object([
        ("id", ulid()),
        ("origin", enumeration(Origin::ALL)),
        ("recipient", text("The address it went to, or the one that was asked for where there is no user.")),
        ("kind", enumeration(EmailKind::ALL)),
        ("trigger", enumeration(Trigger::ALL)),
        ("status", enumeration(DeliveryStatus::ALL)),
        ("reason?", enumeration(Reason::ALL)),
        ("user_id?", ulid()),
        ("message_id?", text("SES's name for it.")),
        ("requested_at", time()),
        ("updated_at", time()),
        ("redeemed_at?", time()),
        ("link_expires_at?", time()),
        ("page_loaded_at?", time()),
        ("person_acted_at?", time()),
        ("erased_at?", time()),
        ("from?", text("Who sent a watched email: its header From, or else the envelope sender.")),
        ("envelope_from?", text("The envelope sender of a watched email.")),
        ("subject?", text("The subject of a watched email, without digits, codes and tokens. Untrusted.")),
        ("configuration_set?", text("SES's configuration set that the sender of a watched email named.")),
        (
            "tags?",
            json!({
                "type": "object",
                "description": "The sender's tags of a watched email.",
                "maxProperties": 10,
                "additionalProperties": { "type": "string" },
            }),
        ),
    ])
}

fn suppression() -> Value {
    let cause = || {
        [
            ("reason", enumeration(SuppressionReason::ALL)),
            ("scope", enumeration(Scope::ALL)),
            ("since", time()),
            ("expires_at?", time()),
            ("detail?", text("The receiving server's reply, or the note of the person who added it.")),
            ("email_id?", ulid()),
            ("event_id?", text("The key of SES's event that caused it.")),
            ("added_by?", ulid()),
        ]
    };
    let removal = object([("at", time()), ("by?", ulid()), ("reason?", enumeration(SuppressionReason::ALL))]);
    let mut schema = object(cause());
    schema["properties"]["address"] = text("The address, in its canonical form.");
    schema["properties"]["also"] =
        json!({ "type": "array", "items": object(cause()), "description": "Other reasons in force." });
    schema["properties"]["removed"] =
        json!({ "type": "array", "items": removal, "description": "When it was removed before, the latest first." });
    if let Some(required) = schema["required"].as_array_mut() {
        required.push("address".into());
    }
    schema
}

fn audit_entry() -> Value {
    let api_key = text("The id of the API key that was used.");
    object([
        ("id", ulid()),
        ("at", time()),
        ("actor", object([("user_id", ulid()), ("role", enumeration(Role::ALL)), ("api_key?", api_key)])),
        ("action", enumeration(Action::ALL)),
        ("target", text("To whom or what, such as `user:` and an id.")),
        ("outcome", enumeration(Outcome::ALL)),
        ("ip?", text("From where.")),
        ("detail?", text("What changed, or the code of the refusal.")),
    ])
}

fn security_settings() -> Value {
    let version = json!({ "type": "integer", "format": "int64", "description": "How often they were changed." });
    let mut schema = object([("version", version), (STAFF_SECOND_FACTOR, enumeration(FactorPolicy::ALL))]);
    for setting in Setting::ALL {
        let bounds = setting.bounds();
        schema["properties"][setting.name()] = json!({
            "type": "integer",
            "minimum": bounds.least,
            "maximum": bounds.greatest,
            "default": bounds.default,
        });
        if let Some(required) = schema["required"].as_array_mut() {
            required.push(setting.name().into());
        }
    }
    schema
}

fn api_key() -> Value {
    object([
        ("id", ulid()),
        ("name", text("What it is for.")),
        ("role", enumeration(&[Role::Support, Role::Admin])),
        (
            "routes",
            json!({ "type": "array", "items": { "type": "string" }, "description": "All of its role if empty." }),
        ),
        ("created_by", ulid()),
        ("created_at", time()),
        ("expires_at", time()),
        ("revoked_at?", time()),
        ("last_used_at?", time()),
    ])
}

fn problem() -> Value {
    let statuses: std::collections::BTreeSet<_> = ProblemType::ALL.iter().map(|kind| kind.status().as_u16()).collect();
    let status = json!({ "type": "integer", "enum": statuses });
    let limit = json!({ "type": "integer", "minimum": 1, "description": "The number of characters that it breaks." });
    let reason = object([("code", text("For programs.")), ("detail", text("For people.")), ("limit?", limit)]);
    object([
        ("type", json!({ "type": "string", "format": "uri", "description": "A page that explains it." })),
        ("title", text("The same for every problem of the type.")),
        ("status", status),
        ("detail", text("What is wrong with this request, for people.")),
        ("code", enumeration(ProblemType::ALL)),
        ("reasons?", json!({ "type": "array", "items": reason })),
        ("recovery_required?", json!({ "const": true, "description": "Waiting doesn't help: reset the password." })),
    ])
}

fn text(description: &str) -> Value {
    json!({ "type": "string", "description": description })
}

/// Examples of what the shared schemas describe.
pub mod examples {
    use jiff::Timestamp;
    use mailkey::{
        EmailAddress, Locale,
        account::{Role, User, UserId, UserStatus},
        settings::SecuritySettings,
    };
    use serde_json::{Value, json};

    use super::EXAMPLE_ID;

    /// The time of most examples: `2026-03-01T09:30:00Z`.
    pub const BEGINNING: Timestamp = Timestamp::constant(1_772_357_400, 0);

    const AT: &str = "2026-03-01T09:30:00.000Z";

    /// A user.
    #[expect(clippy::expect_used, reason = "this is an email address")]
    pub fn user() -> User {
        User {
            id: UserId(mailkey::json::EXAMPLE_ID),
            email: EmailAddress::parse("alice@example.com").expect("this is an email address"),
            display_name: "Alice Example".to_owned(),
            role: Role::Member,
            status: UserStatus::Active,
            locale: Locale::En,
            created_at: BEGINNING,
            last_sign_in_at: None,
            token_generation: 0,
            session_generation: 0,
            external_id: None,
        }
    }

    /// An entry of the email log.
    pub fn email_log_entry() -> Value {
        json!({
            "id": EXAMPLE_ID,
            "origin": "mailkey",
            "recipient": "alice@example.com",
            "kind": "password_reset",
            "trigger": "self_service",
            "status": "delivered",
            "user_id": EXAMPLE_ID,
            "message_id": "0100019546a1b2c3-example-000000",
            "requested_at": AT,
            "updated_at": "2026-03-01T09:30:04.000Z",
        })
    }

    /// A suppression.
    pub fn suppression() -> Value {
        json!({
            "address": "alice@example.com",
            "reason": "hard_bounce",
            "scope": "all",
            "since": AT,
            "detail": "smtp; 550 5.1.1 user unknown",
            "email_id": EXAMPLE_ID,
        })
    }

    /// An entry of the audit log.
    pub fn audit_entry() -> Value {
        json!({
            "id": EXAMPLE_ID,
            "at": AT,
            "actor": { "user_id": EXAMPLE_ID, "role": "support" },
            "action": "unlock",
            "target": format!("user:{EXAMPLE_ID}"),
            "outcome": "done",
            "ip": "203.0.113.7",
            "detail": "was locked",
        })
    }

    /// The settings where nobody changed any.
    pub fn security_settings() -> Value {
        SecuritySettings::default().to_json()
    }

    /// An API key, without its secret.
    pub fn api_key() -> Value {
        json!({
            "id": EXAMPLE_ID,
            "name": "CRM",
            "role": "support",
            "routes": ["GET /api/admin/users"],
            "created_by": EXAMPLE_ID,
            "created_at": AT,
            "expires_at": "2026-05-30T09:30:00.000Z",
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use ulid::Ulid;

    use super::*;
    use mailkey::{
        OsEntropy,
        account::UserId,
        api_key::ApiKey,
        audit::{Actor, AuditDetail, AuditEntry},
        email_log::{EmailId, EmailLogEntry, WatchedEmail},
        secret::Secret,
        settings::SecuritySettings,
    };

    use crate::problem::Problem;

    const AT: Timestamp = Timestamp::UNIX_EPOCH;

    /// Everything in `full` is in the schema and the other way round, and what `least` has is what is required.
    fn check(name: &str, full: &Value, least: &Value) {
        let schema = all().remove(name).unwrap();
        let names = |value: &Value| -> Vec<String> {
            let mut names: Vec<_> = value.as_object().unwrap().keys().cloned().collect();
            names.sort();
            names
        };
        assert_eq!(names(full), names(&schema["properties"]), "{name}");
        let mut required: Vec<String> = serde_json::from_value(schema["required"].clone()).unwrap();
        required.sort();
        assert_eq!(names(least), required, "{name}");
    }

    /// A field that `User` gains is shown, unless it is skipped.
    #[test]
    fn a_user_shows_these_fields_only() {
        let shown: Vec<_> = all()["User"]["properties"].as_object().unwrap().keys().cloned().collect();
        assert_eq!(shown.join(" "), "created_at display_name email external_id id last_sign_in_at locale role status");
    }

    #[test]
    fn an_email_is_described_as_it_is_shown() {
        let least = EmailLogEntry {
            id: EmailId(Ulid(1)),
            recipient: "alice@example.com".to_owned(),
            kind: EmailKind::PasswordReset,
            trigger: Trigger::SelfService,
            status: DeliveryStatus::Skipped,
            reason: None,
            user_id: None,
            request_id: None,
            message_id: None,
            requested_at: AT,
            updated_at: AT,
            redeemed_at: None,
            link_expires_at: None,
            page_loaded_at: None,
            person_acted_at: None,
            erased_at: None,
            attempts: 0,
            timeline: Vec::new(),
            watched: None,
        };
        let text = |text: &str| Some(text.to_owned());
        let watched = WatchedEmail {
            sender: "portal.example".to_owned(),
            from: text("hello@portal.example"),
            envelope_from: text("hello@portal.example"),
            subject: text("Welcome"),
            configuration_set: text("portal"),
            tags: vec![("type".to_owned(), "welcome".to_owned())],
        };
        let full = EmailLogEntry {
            reason: Some(Reason::RateLimited),
            user_id: Some(UserId(Ulid(2))),
            message_id: Some("1".to_owned()),
            link_expires_at: Some(Timestamp::UNIX_EPOCH),
            page_loaded_at: Some(Timestamp::UNIX_EPOCH),
            person_acted_at: Some(Timestamp::UNIX_EPOCH),
            erased_at: Some(Timestamp::UNIX_EPOCH),
            redeemed_at: Some(AT),
            watched: Some(watched),
            ..least.clone()
        };
        check("EmailLogEntry", &full.to_json(), &least.to_json());
    }

    #[test]
    fn an_audit_entry_is_described_as_it_is_shown() {
        let actor = Actor { user_id: UserId(Ulid(2)), role: Role::Admin, api_key: None, ip: None, request_id: None };
        let least = AuditEntry {
            id: Ulid(1),
            at: AT,
            actor: actor.clone(),
            action: Action::Unlock,
            target: "email-log".to_owned(),
            outcome: Outcome::Done,
            detail: AuditDetail::default(),
        };
        let actor = Actor { api_key: Some("1".to_owned()), ip: Some([127, 0, 0, 1].into()), ..actor };
        let full = AuditEntry { actor, detail: AuditDetail::note("was locked"), ..least.clone() };
        check("AuditEntry", &full.to_json(), &least.to_json());
    }

    #[test]
    fn an_api_key_is_described_as_it_is_shown() {
        let least = ApiKey {
            id: Ulid(1),
            digest: Secret::generate(&OsEntropy).unwrap().digest(),
            name: "CRM".to_owned(),
            role: Role::Support,
            routes: Vec::new(),
            created_by: UserId(Ulid(2)),
            created_at: AT,
            expires_at: AT,
            revoked_at: None,
            last_used_at: None,
        };
        let full = ApiKey { revoked_at: Some(AT), last_used_at: Some(AT), ..least.clone() };
        check("ApiKey", &full.to_json(), &least.to_json());
    }

    #[test]
    fn settings_and_problems_are_described_as_they_are_shown() {
        let settings = SecuritySettings::default().to_json();
        check("SecuritySettings", &settings, &settings);
        let least = Problem::new(ProblemType::WeakPassword);
        let full = least.clone().with_reason("too_short", "Too short.", Some(15)).with_recovery_required();
        check("Problem", &full.to_json("https://portal.example"), &least.to_json("https://portal.example"));
    }
}
