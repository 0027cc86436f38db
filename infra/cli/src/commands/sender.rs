//! `mailkey sender`.

use serde_json::Value;

use super::CliContext;
use crate::{
    api::Query,
    error::Error,
    json::{rows, text_at},
    output::clean,
    table::{Column, Table, fields},
};

const ACCOUNT: &[Column] = &[
    ("production access", "/account/production_access"),
    ("sending enabled", "/account/sending_enabled"),
    ("enforcement", "/account/enforcement_status"),
    ("daily quota", "/account/daily_quota"),
    ("sent in 24 hours", "/account/sent_last_24_hours"),
    ("emails per second", "/account/max_send_rate"),
];

const IDENTITY: &[Column] = &[
    ("verified", "/identity/verified"),
    ("DKIM", "/identity/dkim_status"),
    ("MAIL FROM domain", "/identity/mail_from_domain"),
    ("MAIL FROM", "/identity/mail_from_status"),
];

const CANARY: &[Column] = &[("sent", "/canary/sent_at"), ("events received", "/canary/proven_at")];

const ALARM: &[Column] = &[
    ("KIND", "/kind"),
    ("FIRST SEEN", "/first_at"),
    ("LAST SEEN", "/last_at"),
    ("COUNT", "/count"),
    ("DETAIL", "/detail"),
];

const WATCHED: &[Column] = &[("SENDER", "/sender"), ("LAST EVENT (UTC)", "/last_event_at")];

/// A DNS record. Each part has its own line, so that it is easy to copy.
const RECORD: &[Column] = &[("type", "/record/type"), ("name", "/record/name"), ("value", "/record/value")];

/// Returns [`Error::IssueFound`] if a check failed.
pub(crate) async fn run(cli: &CliContext) -> Result<(), Error> {
    let sender = cli.api.get(&["admin", "sender"], &Query::default()).await?;
    let Some(ok) = sender.get("ok").and_then(Value::as_bool) else {
        return Err(cli.api.unexpected("a sender report without a result"));
    };
    cli.output.json(&sender)?;
    cli.output.text(&lines(&sender, ok).join("\n"))?;
    if ok { Ok(()) } else { Err(Error::IssueFound) }
}

fn lines(sender: &Value, ok: bool) -> Vec<String> {
    let outcome = if ok { "all checks passed" } else { "there are problems" };
    let mut lines = vec![format!("Sending from {}: {outcome}.", shown(sender, "/from")), String::new()];
    rows(sender, "checks").iter().for_each(|check| lines.extend(of_check(check)));
    for (title, columns) in [("SES account:", ACCOUNT), ("SES identity:", IDENTITY), ("Test email (canary):", CANARY)] {
        push_part(&mut lines, title, fields(sender, columns).lines());
    }
    let alarms = Table::new(ALARM).lines(rows(sender, "alarms"));
    push_part(&mut lines, "Alarms:", alarms.iter().map(String::as_str));
    let watched = Table::new(WATCHED).lines(rows(sender, "watched_senders"));
    push_part(&mut lines, "Watched senders:", watched.iter().map(String::as_str));
    lines
}

fn of_check(check: &Value) -> Vec<String> {
    let mark = match text_at(check, "/state").as_str() {
        "ok" => "✓",
        "wrong" => "✗",
        _ => "?",
    };
    let mut lines = vec![format!("{mark} {}: {}", shown(check, "/check"), shown(check, "/summary"))];
    let fix = shown(check, "/fix");
    if !fix.is_empty() {
        lines.push(format!("    {fix}"));
    }
    lines.extend(fields(check, RECORD).lines().map(|line| format!("      {line}")));
    lines
}

fn push_part<'a>(lines: &mut Vec<String>, title: &str, part: impl Iterator<Item = &'a str>) {
    let mut part = part.peekable();
    if part.peek().is_some() {
        lines.extend([String::new(), title.to_owned()]);
        lines.extend(part.map(|line| format!("  {line}")));
    }
}

fn shown(value: &Value, pointer: &str) -> String {
    clean(&text_at(value, pointer))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_failed_check_shows_the_dns_record_to_set() {
        let sender = json!({
            "from": "recover@p.example", "domain": "p.example", "ok": false,
            "account": {
                "production_access": true, "sending_enabled": true, "enforcement_status": "HEALTHY",
                "daily_quota": 50000, "sent_last_24_hours": 12, "max_send_rate": 14,
            },
            "identity": { "verified": true, "dkim_status": "SUCCESS" },
            "checks": [
                { "check": "account_sandbox", "state": "ok", "summary": "The account is out of the sandbox." },
                {
                    "check": "dmarc", "state": "wrong", "summary": "There is no DMARC record.",
                    "fix": "Set this record in the DNS.",
                    "record": { "type": "TXT", "name": "_dmarc.p.example", "value": "v=DMARC1; p=none" },
                },
                { "check": "spf", "state": "unknown", "summary": "The DNS did not answer." },
            ],
            "alarms": [{
                "kind": "feedback_rate", "first_at": "2026-11-20T10:00:00Z", "last_at": "2026-11-21T10:00:00Z",
                "count": 3, "detail": "550 \u{1b}[31m5.7.26",
            }],
            "canary": { "sent_at": "2026-11-22T10:00:00Z", "proven_at": "2026-11-22T10:00:04Z" },
        });
        let expected = "\
Sending from recover@p.example: there are problems.

✓ account_sandbox: The account is out of the sandbox.
✗ dmarc: There is no DMARC record.
    Set this record in the DNS.
      type   TXT
      name   _dmarc.p.example
      value  v=DMARC1; p=none
? spf: The DNS did not answer.

SES account:
  production access  true
  sending enabled    true
  enforcement        HEALTHY
  daily quota        50000
  sent in 24 hours   12
  emails per second  14

SES identity:
  verified  true
  DKIM      SUCCESS

Test email (canary):
  sent             2026-11-22T10:00:00Z
  events received  2026-11-22T10:00:04Z

Alarms:
  KIND           FIRST SEEN            LAST SEEN             COUNT  DETAIL
  feedback_rate  2026-11-20T10:00:00Z  2026-11-21T10:00:00Z  3      550 \u{fffd}[31m5.7.26";
        assert_eq!(lines(&sender, false).join("\n"), expected);
    }

    #[test]
    fn unknown_parts_are_left_out() {
        let sender = json!({ "from": "recover@p.example", "checks": [], "alarms": [], "canary": {} });
        assert_eq!(lines(&sender, true), ["Sending from recover@p.example: all checks passed.", ""]);
    }
}
