//! What this function says of its routes.

use axum::http::Method;
use mailkey::email_log::{DeliveryStatus, EmailKind, Origin, Reason, Trigger};
use mailkey_api::{
    EmailQueued,
    openapi::{
        Access, Operation, Parameter, any_time, email, enumeration, examples, id_in_path, object, optional, page_of,
        page_parameters,
    },
    problem::ProblemType,
};
use serde_json::{Value, json};

use crate::statistics::{MAX_DAYS, MAX_DOMAINS};

/// The operations of this function.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation::new(Method::GET, "/api/admin/email-log", "list_emails", "Lists system emails, the newest first.")
            .open_to(Access::Support)
            .with(filters())
            .with(page_parameters())
            .answers_json(
                200,
                "A page of the log.",
                page_of("entries", "EmailLogEntry"),
                json!({ "entries": [examples::email_log_entry().shown()], "next_cursor": null }),
            ),
        Operation::new(
            Method::GET,
            "/api/admin/email-log/export",
            "export_emails",
            "Exports the log as CSV (RFC 4180).",
        )
        .open_to(Access::Admin)
        .with(filters())
        .answers_as(
            "text/csv",
            200,
            "The matching entries, the newest first.",
            json!({ "type": "string" }),
            json!(crate::export::HEADER),
        )
        .with_header("Content-Disposition", "Tells browsers to download the file."),
        Operation::new(
            Method::GET,
            "/api/admin/email-statistics",
            "show_email_statistics",
            "Counts emails by day, domain and current status. Test emails aren't counted.",
        )
        .open_to(Access::Support)
        .with([
            optional("from", "The first day, in UTC. Without it, the range is two weeks.", date()),
            optional("to", "The last day, in UTC. Without it, today. A range has at most 92 days.", date()),
        ])
        .answers_json(200, "The counts.", statistics(), example_statistics()),
        Operation::new(Method::GET, "/api/admin/email-log/{id}", "show_email", "Shows an email with its timeline.")
            .open_to(Access::Support)
            .with([id_in_path("The entry.")])
            .answers(200, "The entry.", &examples::email_log_entry().shown_with_timeline()),
        Operation::new(
            Method::POST,
            "/api/admin/email-log/{id}/resend",
            "resend_email",
            "Sends an email with a link again, with a new link.",
        )
        .open_to(Access::Support)
        .with([id_in_path("The entry.")])
        .takes_nothing()
        .answers(202, "A new email is queued. It has its own entry.", &EmailQueued::EXAMPLE)
        .refuses(&[
            ProblemType::NotAllowed,
            ProblemType::UserInactive,
            ProblemType::AddressSuppressed,
            ProblemType::AlreadyActive,
            ProblemType::NotResendable,
        ]),
    ]
}

fn filters() -> [Parameter; 10] {
    let domain = || json!({ "type": "string", "examples": ["portal.example"] });
    [
        optional(
            "origin",
            "Only emails that Mailkey sent, or only those of watched senders.",
            enumeration(Origin::ALL),
        ),
        optional(
            "sender",
            "Only emails of watched senders from this domain, its subdomains, or this address.",
            domain(),
        ),
        optional("domain", "Only emails to this domain.", domain()),
        optional("reason", "Only emails with this reason.", enumeration(Reason::ALL)),
        optional("recipient", "Only emails to this address.", email()),
        optional("status", "Only emails with this status.", enumeration(DeliveryStatus::ALL)),
        optional("kind", "Only emails of this kind.", enumeration(EmailKind::ALL)),
        optional("trigger", "Only emails that were requested this way.", enumeration(Trigger::ALL)),
        optional("from", "Only emails that were asked for at this time or later.", any_time()),
        optional("to", "Only emails that were asked for before this time.", any_time()),
    ]
}

fn date() -> Value {
    json!({ "type": "string", "format": "date", "examples": ["2026-03-01"] })
}

fn statistics() -> Value {
    let number = || json!({ "type": "integer", "minimum": 0 });
    let statuses = || {
        let each = DeliveryStatus::ALL.iter().map(|status| (status.to_string(), number()));
        json!({
            "type": "object",
            "description": "The emails with each current status, if there are any. A day's emails were requested that day.",
            "properties": each.collect::<serde_json::Map<_, _>>(),
            "additionalProperties": false,
        })
    };
    let no_such_user = json!({
        "type": "integer",
        "minimum": 0,
        "description": "Requests for addresses that no user has. They aren't part of the statuses or the domains.",
    });
    let day = object([("date", date()), ("statuses", statuses()), ("no_such_user", no_such_user)]);
    let text = || json!({ "type": "string" });
    let origin = || enumeration(Origin::ALL);
    let domain = object([
        ("origin", origin()),
        ("sender_domain", text()),
        ("recipient_domain", text()),
        ("statuses", statuses()),
    ]);
    let sender = object([("origin", origin()), ("sender", text()), ("statuses", statuses())]);
    object([
        ("from", date()),
        ("to", date()),
        ("days", json!({ "type": "array", "maxItems": MAX_DAYS, "items": day })),
        (
            "senders",
            json!({
                "type": "array",
                "maxItems": MAX_DOMAINS,
                "items": sender,
                "description": "Senders with the most undelivered emails first: domains, or a watched address.",
            }),
        ),
        (
            "domains",
            json!({
                "type": "array",
                "maxItems": MAX_DOMAINS,
                "items": domain,
                "description": "Domains with the most undelivered emails first.",
            }),
        ),
        ("more_domains", json!({ "type": "integer", "minimum": 0, "description": "How many domains are left out." })),
    ])
}

fn example_statistics() -> Value {
    json!({
        "from": "2026-03-01",
        "to": "2026-03-01",
        "days": [{ "date": "2026-03-01", "statuses": { "bounced": 1, "delivered": 41 }, "no_such_user": 7 }],
        "senders": [
            { "origin": "mailkey", "sender": "mail.example.com", "statuses": { "bounced": 1, "delivered": 41 } },
        ],
        "domains": [{
            "origin": "mailkey",
            "sender_domain": "mail.example.com",
            "recipient_domain": "example.org",
            "statuses": { "bounced": 1, "delivered": 41 },
        }],
        "more_domains": 0,
    })
}
