//! What this function says of its routes.

use axum::http::Method;
use mailkey::audit::Action;
use mailkey_api::{
    openapi::{
        Access, Operation, Parameter, any_time, enumeration, examples, id_in_path, optional, page_of, page_parameters,
        reference, ulid,
    },
    problem::ProblemType,
};
use serde_json::json;

use crate::{
    api_keys::{ApiKeys, CreateApiKeyRequest, CreatedApiKey},
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
            .answers_json(200, "The current settings.", schema(), example()),
        Operation::new(
            Method::PUT,
            PATH,
            "change_settings",
            "Replaces all security settings. Send the version that you read.",
        )
        .open_to(Access::Admin)
        .takes_json(schema(), example())
        .answers_json(200, "The settings, which apply from the next request.", schema(), example())
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
                json!({ "entries": [examples::audit_entry().shown()], "next_cursor": null }),
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
        .with_header("Content-Disposition", "Tells browsers to download the file."),
    ]
}

fn audit_filters() -> [Parameter; 5] {
    let target = json!({ "type": "string", "pattern": r"^[^\u0000-\u001f\u007f-\u009f]*$", "maxLength": MAX_TARGET });
    [
        optional("actor", "Only actions by this user.", ulid()),
        optional("target", "Only actions on this target, such as `user:` and an id.", target),
        optional("action", "Only actions of this kind.", enumeration(Action::ALL)),
        optional("from", "Only what happened at this time or later.", any_time()),
        optional("to", "Only what happened before this time.", any_time()),
    ]
}

fn api_keys() -> Vec<Operation> {
    const PATH: &str = "/api/admin/api-keys";
    let request = CreateApiKeyRequest {
        name: "CRM".to_owned(),
        role: "support".to_owned(),
        routes: Some(vec!["GET /api/admin/users".to_owned()]),
        expires_in_days: 90,
    };
    let api_key = "mk_q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA".to_owned();
    let made = CreatedApiKey { key: examples::api_key(), api_key };
    let keys = ApiKeys { api_keys: vec![examples::api_key()] };
    vec![
        Operation::new(Method::GET, PATH, "list_api_keys", "Lists the API keys, the newest first.")
            .open_to(Access::Admin)
            .answers(200, "Every key.", &keys),
        Operation::new(Method::POST, PATH, "create_api_key", "Creates an API key. An API key can't create another.")
            .open_to(Access::Admin)
            .takes(&request)
            .answers(201, "The key, with its secret.", &made)
            .refuses(&[ProblemType::NotAllowed, ProblemType::ReauthenticationRequired]),
        Operation::new(Method::DELETE, "/api/admin/api-keys/{id}", "revoke_api_key", "Revokes an API key.")
            .open_to(Access::Admin)
            .with([id_in_path("The key.")])
            .refuses(&[ProblemType::ReauthenticationRequired]),
    ]
}
