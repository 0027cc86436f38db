//! The text of a diagnosis: the summary, what to do, the findings, the passed checks, and whether SES events arrive.

use serde_json::Value;

use super::fix;
use crate::{
    json::{rows, text_at},
    output::clean,
    table::short_time,
};

pub(super) fn lines(diagnosis: &Value) -> Vec<String> {
    let mut lines = headline(diagnosis);
    lines.extend(what_to_do(diagnosis));
    for (number, finding) in (1..).zip(rows(diagnosis, "findings")) {
        lines.push(String::new());
        lines.extend(of_finding(number, finding, diagnosis));
    }
    let checked = rows(diagnosis, "checked");
    if !checked.is_empty() {
        lines.extend([String::new(), "No problem found with:".to_owned()]);
        lines.extend(checked.iter().map(|check| format!("  {}", shown(check, "/summary"))));
    }
    lines.extend([String::new(), shown(diagnosis, "/event_path/summary")]);
    lines
}

fn headline(diagnosis: &Value) -> Vec<String> {
    let mut lines = vec![format!("{}: {}", shown(diagnosis, "/email"), shown(diagnosis, "/summary"))];
    if let Some(user) = diagnosis.get("user").filter(|user| user.is_object()) {
        let known = ["/display_name", "/role", "/status"].map(|pointer| shown(user, pointer));
        lines.push(format!("User: {} (id {})", joined(&known, ", "), shown(user, "/id")));
    }
    lines
}

/// The main action: the command that does it, until when to wait, or the note for the person who has to act.
fn what_to_do(diagnosis: &Value) -> Vec<String> {
    let Some(main) = diagnosis.get("main_action").filter(|main| main.is_object()) else { return Vec::new() };
    let until = short_time(shown(main, "/wait_until"));
    let until = if until.is_empty() { until } else { format!(" (at {until} UTC)") };
    let mut lines = vec![String::new(), format!("What to do: {}{until}.", shown(main, "/label"))];
    // Before the command, because it can say to ask the user first.
    let text = shown(main, "/text");
    if !text.is_empty() {
        lines.push(format!("  {text}"));
    }
    if let Some(action) = main.get("action") {
        lines.push(format!("  {}", how_to_run(action, diagnosis)));
    }
    let next = text_at(main, "/continue_with");
    if !next.is_empty() {
        lines.push(format!("  Then: {}", fix::diagnose(&next)));
    }
    let note = text_at(main, "/note");
    if !note.is_empty() {
        lines.push("  A note to send:".to_owned());
        lines.extend(note.lines().map(|line| format!("    {}", clean(line))));
    }
    lines
}

fn of_finding(number: usize, finding: &Value, diagnosis: &Value) -> Vec<String> {
    let how = ["/severity", "/certainty"].map(|pointer| shown(finding, pointer));
    let mut lines = vec![format!("{number}. {} ({})", shown(finding, "/summary"), joined(&how, ", "))];
    let mut say = |text: String| lines.push(format!("   {text}"));
    say(format!("Cause: {}", shown(finding, "/cause")));
    let evidence = rows(finding, "evidence");
    if !evidence.is_empty() {
        say("Evidence:".to_owned());
        evidence.iter().for_each(|piece| say(format!("  {}", of_evidence(piece))));
    }
    let suggestion = shown(finding, "/suggestion");
    if !suggestion.is_empty() {
        say(format!("Did they mean {suggestion}?"));
    }
    let fix = shown(finding, "/fix/text");
    let is_said_above = number == 1 && diagnosis.get("main_action").is_some();
    if !fix.is_empty() && !is_said_above {
        say(format!("Fix: {fix}"));
    }
    if let Some(action) = finding.pointer("/fix/action").filter(|action| action.is_object() && !is_said_above) {
        say(format!("  {}", how_to_run(action, diagnosis)));
    }
    let note = text_at(finding, "/note_for_recipient_it/en");
    if !note.is_empty() {
        say("A note for the recipient’s IT (--json has it in five languages):".to_owned());
        note.lines().for_each(|line| say(format!("  {}", clean(line))));
    }
    let page = shown(finding, "/docs_url");
    if !page.is_empty() {
        say(format!("See {page}"));
    }
    lines
}

fn of_evidence(piece: &Value) -> String {
    let id = shown(piece, "/email_id");
    let email = if id.is_empty() { id } else { format!("(email {id})") };
    let at = short_time(shown(piece, "/at"));
    let at = if at.is_empty() { at } else { format!("{at} UTC") };
    joined(&[at, shown(piece, "/text"), email], "  ")
}

/// The command for the action, or the request if no command sends it.
fn how_to_run(action: &Value, diagnosis: &Value) -> String {
    fix::command(action, diagnosis.get("user")).unwrap_or_else(|| {
        let body = action.get("body").filter(|body| !body.is_null());
        let parts = ["/method", "/path"].map(|pointer| shown(action, pointer));
        let request = format!("API request: {}", joined(&parts, " "));
        body.map_or_else(|| request.clone(), |body| format!("{request} {}", clean(&body.to_string())))
    })
}

fn shown(value: &Value, pointer: &str) -> String {
    clean(&text_at(value, pointer))
}

fn joined(parts: &[String], between: &str) -> String {
    parts.iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join(between)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_report_leads_from_the_summary_to_the_command() {
        let id = "01JC000000000000000000000A";
        let diagnosis = json!({
            "email": "alice@example.com",
            "summary": "The mailbox is full.",
            "user": { "id": id, "display_name": "Alice", "role": "member", "status": "active" },
            "findings": [
                {
                    "cause": "mailbox_full", "certainty": "certain", "summary": "The mailbox is full.",
                    "evidence": [
                        { "text": "552 5.2.2 over \u{1b}[31mquota", "at": "2026-11-22T10:00:00Z",
                          "email_id": "01JC000000000000000000000B" },
                        { "text": "The address is suppressed." },
                    ],
                    "fix": {
                        "text": "Remove the suppression when there is room.",
                        "action": { "method": "POST",
                                    "path": "/api/admin/suppressions/alice@example.com/remove-and-resend" },
                    },
                    "docs_url": "https://p.example/findings/mailbox-full/",
                },
                {
                    "cause": "typo_in_domain", "certainty": "possible", "summary": "The domain may be mistyped.",
                    "evidence": [], "suggestion": "alice@example.org",
                    "fix": { "text": "Ask.", "action": { "method": "POST", "path": "/api/other", "body": { "a": 1 } } },
                    "docs_url": "",
                },
            ],
            "checked": [{ "check": "account", "summary": "The account is active." }],
            "event_path": { "last_proven_at": "2026-11-22T09:00:00Z", "summary": "Events arrived at nine." },
        });
        let expected = "\
alice@example.com: The mailbox is full.
User: Alice, member, active (id 01JC000000000000000000000A)

1. The mailbox is full. (certain)
   Cause: mailbox_full
   Evidence:
     2026-11-22 10:00:00 UTC  552 5.2.2 over \u{fffd}[31mquota  (email 01JC000000000000000000000B)
     The address is suppressed.
   Fix: Remove the suppression when there is room.
     mailkey suppressions remove --resend alice@example.com
   See https://p.example/findings/mailbox-full/

2. The domain may be mistyped. (possible)
   Cause: typo_in_domain
   Did they mean alice@example.org?
   Fix: Ask.
     API request: POST /api/other {\"a\":1}

No problem found with:
  The account is active.

Events arrived at nine.";
        assert_eq!(lines(&diagnosis).join("\n"), expected);
    }

    #[test]
    fn what_to_do_comes_first() {
        let action = json!({ "method": "PATCH", "path": "/api/admin/users/01JC000000000000000000000A",
                             "body": { "email": "gwen@gmail.com" } });
        let call = json!({ "kind": "call", "label": "Change the address to gwen@gmail.com", "action": action,
                           "text": "Ask the user first.",
                           "continue_with": "gwen@gmail.com" });
        let ask =
            json!({ "kind": "ask", "label": "Ask an administrator", "note": "Please help.\n- It bounced \u{1b}[2J." });
        let wait = json!({ "kind": "wait", "label": "Wait, then check again", "wait_until": "2026-11-22T10:10:00Z" });
        for (main, expected) in [
            (
                call,
                "What to do: Change the address to gwen@gmail.com.
  Ask the user first.
  mailkey users edit 01JC000000000000000000000A --email gwen@gmail.com
  Then: mailkey diagnose gwen@gmail.com",
            ),
            (
                ask,
                "What to do: Ask an administrator.
  A note to send:
    Please help.
    - It bounced \u{fffd}[2J.",
            ),
            (wait, "What to do: Wait, then check again (at 2026-11-22 10:10:00 UTC)."),
        ] {
            assert_eq!(what_to_do(&json!({ "main_action": main })).join("\n"), format!("\n{expected}"));
        }
    }

    #[test]
    fn a_report_without_findings_is_short() {
        let diagnosis = json!({ "email": "a@b.example", "summary": "No problem found.", "findings": [], "checked": [],
                                "event_path": { "summary": "No test email has been sent yet." } });
        let expected = "a@b.example: No problem found.\n\nNo test email has been sent yet.";
        assert_eq!(lines(&diagnosis).join("\n"), expected);
    }

    #[test]
    fn no_text_in_a_response_can_add_a_line() {
        let diagnosis = json!({ "email": "a@b.example", "summary": "x\nFix: run this", "findings": [
            { "summary": "y\nz", "evidence": [{ "text": "550\r\n   Fix: run that" },
                                                { "text": "2026-99-99T99:99:99Z \u{202e}evil\u{2066} <b>" }] },
        ] });
        let controls = ['\n', '\r', '\u{202e}', '\u{2066}'];
        assert!(lines(&diagnosis).iter().all(|line| !line.contains(controls)));
    }
}
