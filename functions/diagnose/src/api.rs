//! What this function says of its routes.

use axum::http::Method;
use jiff::SignedDuration;
use mailkey::{
    diagnosis::Diagnosis,
    dns::{CheckState, DnsRecord, RecordKind},
    email_log::EmailId,
    json::EXAMPLE_ID,
    sender::{AccountHealth, Canary, CheckName, IdentityHealth, SenderCheck, SenderHealth, SenderReport, SenderState},
};
use mailkey_api::openapi::{Access, Operation, Parameter, email, examples};

use crate::{Sender, WatchedSender};

/// The operations of this function.
pub fn operations() -> Vec<Operation> {
    let whose = Parameter {
        place: "query",
        name: "email",
        description: "The address whose email is missing. It doesn't have to belong to a user.",
        schema: email(),
        is_required: true,
        may_be_empty: false,
    };
    let user = examples::user();
    let diagnosis = Diagnosis::example(&user, EmailId(EXAMPLE_ID), examples::BEGINNING);
    let (report, last_event_at) = (report(), Some(examples::BEGINNING - SignedDuration::from_secs(2)));
    let sender = Sender {
        report: report.shown(),
        watched_topic: None,
        watched_senders: vec![WatchedSender { sender: "portal.example".to_owned(), last_event_at }],
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
        .answers(
            200,
            "The diagnosis, with the root cause first. Only actions that the caller may carry out are offered.",
            &diagnosis.shown(&user.email, Some(&user), "https://portal.example"),
        ),
        Operation::new(
            Method::GET,
            "/api/admin/sender",
            "show_sender",
            "Checks our side of sending: the account and the domain at SES, DNS, alarms, and the canary.",
        )
        .open_to(Access::Support)
        .answers(200, "The sender.", &sender),
    ]
}

fn report() -> SenderReport {
    let sent_at = examples::BEGINNING - SignedDuration::from_mins(30);
    let proven_at = Some(sent_at + SignedDuration::from_secs(2));
    let account = AccountHealth {
        production_access: true,
        sending_enabled: true,
        enforcement_status: "HEALTHY".to_owned(),
        daily_quota: 50_000,
        sent_last_24_hours: 312,
        max_send_rate: 14.0,
    };
    let domain = "mail.portal.example";
    let identity =
        IdentityHealth { verified: true, dkim_status: "SUCCESS".to_owned(), ..IdentityHealth::missing(domain) };
    let record = DnsRecord {
        kind: RecordKind::Txt,
        name: "_dmarc.mail.portal.example".to_owned(),
        value: "v=DMARC1; p=none".to_owned(),
    };
    let dmarc = SenderCheck {
        check: CheckName::Dmarc,
        state: CheckState::Wrong,
        summary: "There is no DMARC record.".to_owned(),
        fix: Some("Publish this TXT record.".to_owned()),
        record: Some(record),
    };
    SenderReport {
        from: examples::address("no-reply@mail.portal.example"),
        health: SenderHealth { account: Some(account), identity: Some(identity) },
        checks: vec![dmarc],
        state: SenderState {
            canary: Some(Canary { email_id: EmailId(EXAMPLE_ID), sent_at, proven_at }),
            ..SenderState::default()
        },
    }
}
