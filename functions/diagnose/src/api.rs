//! What this function says of its routes.

use axum::http::Method;
use mailkey::{
    diagnosis::{ActionKind, Cause, Certainty, Severity, Who},
    dns::{CheckState, RecordKind},
    sender::{AlarmKind, CheckName},
};
use mailkey_api::openapi::{
    Access, EXAMPLE_ID, Operation, Parameter, email, enumeration, examples, object, reference, time, ulid,
};
use serde_json::{Value, json};

/// The operations of this function.
pub fn operations() -> Vec<Operation> {
    let whose = Parameter {
        place: "query",
        name: "email",
        description: "The address whose email is missing. No user has to have it.",
        schema: email(),
        is_required: true,
        may_be_empty: false,
    };
    vec![
        Operation::new(
            Method::GET,
            "/api/admin/diagnosis",
            "diagnose",
            "Explains why an email didn’t arrive: findings with evidence, the one thing to do, and what was checked and is fine.",
        )
        .open_to(Access::Support)
        .with([whose])
        .answers_json(200, "The diagnosis, with the root cause first. Only actions that the caller may carry out are offered.", diagnosis(), example_diagnosis()),
        Operation::new(
            Method::GET,
            "/api/admin/sender",
            "show_sender",
            "Shows whether our side of the mail is in order: the account and the domain at SES, the DNS, the alarms, the canary.",
        )
        .open_to(Access::Support)
        .answers_json(200, "The sender.", sender(), example_sender()),
    ]
}

fn text(description: &str) -> Value {
    json!({ "type": "string", "description": description })
}

fn list(items: Value) -> Value {
    json!({ "type": "array", "items": items })
}

fn diagnosis() -> Value {
    let evidence = object([("text", text("What was seen.")), ("at?", time()), ("email_id?", ulid())]);
    let action = || {
        object([
            ("label", text("What it does.")),
            ("method", enumeration(&["POST", "PATCH", "DELETE", "PUT"])),
            ("path", text("The path to call.")),
            ("body?", json!({ "type": "object" })),
            (
                "input?",
                json!({ "type": "string", "enum": ["email"],
                "description": "A field that you add to the body." }),
            ),
        ])
    };
    let fix = object([("text", text("What to do.")), ("who", enumeration(Who::ALL)), ("action?", action())]);
    let note = json!({
        "type": "object",
        "description": "A note for the recipient’s IT by language, such as en.",
        "additionalProperties": { "type": "string" },
    });
    let finding = object([
        ("cause", enumeration(Cause::ALL)),
        ("severity", enumeration(Severity::ALL)),
        ("certainty", enumeration(Certainty::ALL)),
        ("summary", text("In one sentence.")),
        ("evidence", list(evidence)),
        ("fix", fix),
        ("docs_url", text("A page that explains the cause.")),
        ("suggestion?", text("The address that was probably meant.")),
        ("note_for_recipient_it?", note),
    ]);
    let main_action = object([
        ("kind", enumeration(ActionKind::ALL)),
        ("label", text("In a few words.")),
        ("text", text("In sentences.")),
        ("who", enumeration(Who::ALL)),
        ("cause?", text("The first finding's.")),
        ("action?", action()),
        ("wait_until?", time()),
        ("note?", text("A message to whoever has to act.")),
        ("continue_with?", text("The address to diagnose next.")),
    ]);
    let check = object([("check", text("For programs.")), ("summary", text("In one sentence."))]);
    object([
        ("email", text("The address that was asked about.")),
        ("summary", text("The answer in one or two sentences.")),
        ("severity", enumeration(Severity::ALL)),
        ("main_action", main_action),
        ("findings", list(finding)),
        ("checked", list(check)),
        ("event_path", object([("summary", text("In one sentence.")), ("last_proven_at?", time())])),
        ("user?", reference("User")),
    ])
}

fn example_diagnosis() -> Value {
    let path = format!("/api/admin/users/{EXAMPLE_ID}/reset-password");
    let action = json!({ "label": "Send a new link", "method": "POST", "path": path });
    json!({
        "email": "alice@example.com",
        "summary": "The mailbox is full, and the email was returned.",
        "severity": "blocking",
        "main_action": {
            "kind": "call",
            "label": "Send a new link",
            "text": "Ask the user to delete some email, then send a new link. Or use another address.",
            "who": "you",
            "cause": "mailbox_full",
            "action": action,
        },
        "findings": [{
            "cause": "mailbox_full",
            "severity": "blocking",
            "certainty": "certain",
            "summary": "The mailbox is full, and the email was returned.",
            "evidence": [{
                "text": "smtp; 552 5.2.2 mailbox full",
                "at": "2026-03-01T09:30:04.000Z",
                "email_id": EXAMPLE_ID,
            }],
            "fix": {
                "text": "Ask the user to delete some email, then send a new link. Or use another address.",
                "who": "you",
                "action": action,
            },
            "docs_url": "https://portal.example/findings/mailbox-full/",
        }],
        "checked": [{ "check": "user", "summary": "The user exists and is active." }],
        "event_path": {
            "last_proven_at": "2026-03-01T09:00:02.000Z",
            "summary": "SES’s delivery events were last received at 2026-03-01T09:00:02Z.",
        },
        "user": examples::user(),
    })
}

fn sender() -> Value {
    let whole = || json!({ "type": "integer", "format": "int64" });
    let account = object([
        ("production_access", json!({ "type": "boolean", "description": "Out of the sandbox." })),
        ("sending_enabled", json!({ "type": "boolean" })),
        ("enforcement_status", text("In SES's words, such as HEALTHY.")),
        ("daily_quota", whole()),
        ("sent_last_24_hours", whole()),
        ("max_send_rate", json!({ "type": "number", "description": "Emails a second." })),
    ]);
    let identity = object([
        ("verified", json!({ "type": "boolean" })),
        ("dkim_status", text("In SES's words, such as SUCCESS.")),
        ("mail_from_domain?", text("The custom MAIL FROM domain.")),
        ("mail_from_status?", text("In SES's words.")),
    ]);
    let record =
        object([("type", enumeration(RecordKind::ALL)), ("name", text("Its name.")), ("value", text("Its value."))]);
    let check = object([
        ("check", enumeration(CheckName::ALL)),
        ("state", enumeration(CheckState::ALL)),
        ("summary", text("What was found.")),
        ("fix?", text("The step that mends it.")),
        ("record?", record),
    ]);
    let alarm = object([
        ("kind", enumeration(AlarmKind::ALL)),
        ("subject?", text("What it is about, such as a domain.")),
        ("first_at", time()),
        ("last_at", time()),
        ("count", whole()),
        ("detail?", text("What was said the last time.")),
    ]);
    object([
        ("from", text("Our From address.")),
        ("domain", text("Its domain.")),
        ("ok", json!({ "type": "boolean", "description": "Nothing is wrong, as far as can be seen." })),
        ("account?", account),
        ("identity?", identity),
        ("checks", list(check)),
        ("alarms", list(alarm)),
        ("canary", object([("sent_at?", time()), ("proven_at?", time())])),
        ("watched_topic?", text("The ARN of the SNS topic for events about watched senders.")),
        (
            "watched_senders",
            list(object([("sender", text("A watched domain or address.")), ("last_event_at?", time())])),
        ),
    ])
}

fn example_sender() -> Value {
    json!({
        "from": "no-reply@mail.portal.example",
        "domain": "mail.portal.example",
        "ok": false,
        "account": {
            "production_access": true,
            "sending_enabled": true,
            "enforcement_status": "HEALTHY",
            "daily_quota": 50_000,
            "sent_last_24_hours": 312,
            "max_send_rate": 14.0,
        },
        "identity": { "verified": true, "dkim_status": "SUCCESS" },
        "checks": [{
            "check": "dmarc",
            "state": "wrong",
            "summary": "There is no DMARC record.",
            "fix": "Publish this TXT record.",
            "record": { "type": "TXT", "name": "_dmarc.mail.portal.example", "value": "v=DMARC1; p=none" },
        }],
        "alarms": [],
        "canary": { "sent_at": "2026-03-01T09:00:00.000Z", "proven_at": "2026-03-01T09:00:02.000Z" },
        "watched_senders": [{ "sender": "portal.example", "last_event_at": "2026-03-01T09:29:58.000Z" }],
    })
}
