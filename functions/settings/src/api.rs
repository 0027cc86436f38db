//! What this function says of its routes.

use axum::http::Method;
use mailkey::{account::Role, audit::Action};
use mailkey_api::{
    openapi::{
        Access, Operation, Parameter, any_time, display_name, enumeration, examples, id_in_path, nullable, object,
        optional, page_of, page_parameters, reference, ulid, with_properties,
    },
    problem::ProblemType,
};
use serde_json::json;

use crate::{
    api_keys::{MAX_DAYS, MAX_ROUTES},
    audit_log::MAX_TARGET,
};

/// The operations of this function.
pub fn operations() -> Vec<Operation> {
    let mut operations = security_settings();
    operations.extend(audit_log());
    operations.extend(api_keys());
    operations
}

fn security_settings() -> Vec<Operation> {
    const PATH: &str = "/api/admin/security-settings";
    let (schema, example) = (|| reference("SecuritySettings"), examples::security_settings);
    vec![
        Operation::new(Method::GET, PATH, "show_settings", "Shows the security settings.")
            .open_to(Access::Admin)
            .answers_json(200, "The settings in force.", schema(), example()),
        Operation::new(
            Method::PUT,
            PATH,
            "change_settings",
            "Changes the security settings: all of them, with the version that they were made from.",
        )
        .open_to(Access::Admin)
        .takes_json(schema(), example())
        .answers_json(200, "The settings from the next request on.", schema(), example())
        .refuses(&[ProblemType::ReauthenticationRequired, ProblemType::StaleVersion]),
    ]
}

fn audit_log() -> [Operation; 2] {
    [
        Operation::new(Method::GET, "/api/admin/audit-log", "list_audit", "Lists who did what, the newest first.")
            .open_to(Access::Admin)
            .with(audit_filters())
            .with(page_parameters())
            .answers_json(
                200,
                "A page of the log.",
                page_of("entries", "AuditEntry"),
                json!({ "entries": [examples::audit_entry()], "next_cursor": null }),
            ),
        Operation::new(
            Method::GET,
            "/api/admin/audit-log/export",
            "export_audit",
            "Exports the audit log as CSV (RFC 4180). The export itself is audited.",
        )
        .open_to(Access::Admin)
        .with(audit_filters())
        .answers_as(
            "text/csv",
            200,
            "The matching entries, the newest first.",
            json!({ "type": "string" }),
            json!(crate::audit_export::HEADER),
        )
        .with_header("Content-Disposition", "Marks the response as a download."),
    ]
}

fn audit_filters() -> [Parameter; 5] {
    let target = json!({ "type": "string", "pattern": r"^[^\u0000-\u001f\u007f-\u009f]*$", "maxLength": MAX_TARGET });
    [
        optional("actor", "Only what this user did.", ulid()),
        optional("target", "Only what was done to this, such as `user:` and an id.", target),
        optional("action", "Only actions of this kind.", enumeration(Action::ALL)),
        optional("from", "Only what happened at this time or later.", any_time()),
        optional("to", "Only what happened before this time.", any_time()),
    ]
}

fn api_keys() -> Vec<Operation> {
    const PATH: &str = "/api/admin/api-keys";
    let route = json!({ "type": "string", "pattern": "^(GET|POST|PUT|PATCH|DELETE) /api/[!-~]{0,95}$" });
    let request = object([
        ("name", display_name()),
        ("role", enumeration(&[Role::Support, Role::Admin])),
        ("routes?", nullable(json!({ "type": "array", "maxItems": MAX_ROUTES, "items": route }))),
        ("expires_in_days", json!({ "type": "integer", "minimum": 1, "maximum": MAX_DAYS })),
    ]);
    let secret =
        json!({ "type": "string", "pattern": "^mk_[A-Za-z0-9_-]{43}$", "description": "Shown now and never again." });
    let mut made = examples::api_key();
    made["api_key"] = "mk_q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA".into();
    let keys = json!({ "type": "array", "items": reference("ApiKey") });
    vec![
        Operation::new(Method::GET, PATH, "list_api_keys", "Lists the API keys, the newest first.")
            .open_to(Access::Admin)
            .answers_json(
                200,
                "Every key.",
                object([("api_keys", keys)]),
                json!({ "api_keys": [examples::api_key()] }),
            ),
        Operation::new(Method::POST, PATH, "create_api_key", "Makes an API key. An API key can't make another.")
            .open_to(Access::Admin)
            .takes_json(
                request,
                json!({ "name": "CRM", "role": "support", "routes": ["GET /api/admin/users"], "expires_in_days": 90 }),
            )
            .answers_json(201, "The key, with its secret.", with_properties("ApiKey", [("api_key", secret)]), made)
            .refuses(&[ProblemType::NotAllowed, ProblemType::ReauthenticationRequired]),
        Operation::new(Method::DELETE, "/api/admin/api-keys/{id}", "revoke_api_key", "Revokes an API key.")
            .open_to(Access::Admin)
            .with([id_in_path("The key.")])
            .refuses(&[ProblemType::ReauthenticationRequired]),
    ]
}
