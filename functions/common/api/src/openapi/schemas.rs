//! The schemas of what several routes show.

use serde_json::{Map, Value, json};

use super::{derived, enumeration, object};
use mailkey::{
    second_factor::FactorPolicy,
    settings::{STAFF_SECOND_FACTOR, Setting},
};

use crate::problem::ProblemType;

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

/// The shared schemas of types that derive theirs.
pub(super) const DERIVED: [&str; 5] = ["User", "EmailLogEntry", "AuditEntry", "Suppression", "ApiKey"];

/// Every shared schema by its name.
pub(super) fn all() -> Map<String, Value> {
    [
        ("User", derived::described(&examples::user()).0),
        ("EmailLogEntry", derived::described(&examples::email_log_entry().shown()).0),
        ("AuditEntry", derived::described(&examples::audit_entry().shown()).0),
        ("Suppression", derived::described(&examples::suppression()).0),
        ("SecuritySettings", security_settings()),
        ("ApiKey", derived::described(&examples::api_key()).0),
        ("Problem", problem()),
    ]
    .map(|(name, schema)| (name.to_owned(), schema))
    .into_iter()
    .collect()
}

fn security_settings() -> Value {
    let version =
        json!({ "type": "integer", "format": "int64", "description": "The version. It increases with each change." });
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

fn problem() -> Value {
    let statuses: std::collections::BTreeSet<_> = ProblemType::ALL.iter().map(|kind| kind.status().as_u16()).collect();
    let status = json!({ "type": "integer", "enum": statuses });
    let limit =
        json!({ "type": "integer", "minimum": 1, "description": "The limit that the password breaks, in characters." });
    let reason = object([
        ("code", text("A code for programs.")),
        ("detail", text("The explanation for people.")),
        ("limit?", limit),
    ]);
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
    use std::net::Ipv4Addr;

    use jiff::{SignedDuration, Timestamp};
    use mailkey::{
        EmailAddress, Locale,
        account::{Role, User, UserId, UserStatus},
        api_key::ApiKey,
        audit::{Action, Actor, AuditDetail, AuditEntry, Outcome, Target},
        email_log::{DeliveryStatus, EmailId, EmailKind, EmailLogEntry, TimelineEvent, Trigger},
        json::EXAMPLE_ID as ID,
        secret::SecretDigest,
        settings::SecuritySettings,
        suppression::{Cause, ShownSuppression, SuppressionReason, SuppressionRecord},
    };
    use serde_json::Value;

    /// The time of most examples: `2026-03-01T09:30:00Z`.
    pub const BEGINNING: Timestamp = Timestamp::constant(1_772_357_400, 0);

    /// An address.
    #[expect(clippy::expect_used, reason = "examples are email addresses")]
    pub fn address(text: &str) -> EmailAddress {
        EmailAddress::parse(text).expect("examples are email addresses")
    }

    /// A user.
    pub fn user() -> User {
        User {
            id: UserId(ID),
            email: address("alice@example.com"),
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
    pub fn email_log_entry() -> EmailLogEntry {
        let (id, kind, trigger) = (EmailId(ID), EmailKind::PasswordReset, Trigger::SelfService);
        let mut entry = EmailLogEntry::new(id, "alice@example.com", kind, trigger, DeliveryStatus::Queued, BEGINNING);
        entry.status = DeliveryStatus::Delivered;
        entry.user_id = Some(UserId(ID));
        entry.message_id = Some("0100019546a1b2c3-example-000000".to_owned());
        entry.updated_at = BEGINNING + SignedDuration::from_secs(4);
        entry.timeline.push(TimelineEvent::new(entry.updated_at, "delivered"));
        entry
    }

    /// A suppression.
    #[expect(clippy::expect_used, reason = "the example is in force")]
    pub fn suppression() -> ShownSuppression {
        let mut record = SuppressionRecord::new(user().email.key().clone());
        record.suppress(Cause {
            detail: Some("smtp; 550 5.1.1 user unknown".to_owned()),
            email_id: Some(EmailId(ID)),
            ..Cause::new(SuppressionReason::HardBounce, BEGINNING)
        });
        record.shown(BEGINNING).expect("the example is in force")
    }

    /// An entry of the audit log.
    pub fn audit_entry() -> AuditEntry {
        let ip = Some(Ipv4Addr::new(203, 0, 113, 7).into());
        AuditEntry {
            id: ID,
            at: BEGINNING,
            actor: Actor { user_id: UserId(ID), role: Role::Support, api_key: None, ip, request_id: None },
            action: Action::Unlock,
            target: Target::User(UserId(ID)).to_string(),
            outcome: Outcome::Done,
            detail: AuditDetail::note("was locked"),
        }
    }

    /// The settings where nobody changed any.
    pub fn security_settings() -> Value {
        SecuritySettings::default().to_json()
    }

    /// An API key, without its secret.
    pub fn api_key() -> ApiKey {
        ApiKey {
            id: ID,
            digest: SecretDigest::from_stored(String::new()),
            name: "CRM".to_owned(),
            role: Role::Support,
            routes: vec!["GET /api/admin/users".to_owned()],
            created_by: UserId(ID),
            created_at: BEGINNING,
            expires_at: BEGINNING + SignedDuration::from_hours(90 * 24),
            revoked_at: None,
            last_used_at: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mailkey::settings::SecuritySettings;

    use crate::problem::Problem;

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
    fn settings_and_problems_are_described_as_they_are_shown() {
        let settings = SecuritySettings::default().to_json();
        check("SecuritySettings", &settings, &settings);
        let least = Problem::new(ProblemType::WeakPassword);
        let full = least.clone().with_reason("too_short", "Too short.", Some(15)).with_recovery_required();
        check("Problem", &full.to_json("https://portal.example"), &least.to_json("https://portal.example"));
    }
}
