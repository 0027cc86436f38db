//! `mailkey diagnose`.

mod fix;
mod report;

use serde_json::Value;

use super::CliContext;
use crate::{
    api::Query,
    error::Error,
    json::{rows, text_at},
    user_ref::UserRef,
};

/// Returns [`Error::IssueFound`] if something is wrong, and that is certain or likely.
pub(crate) async fn run(cli: &CliContext, user: &UserRef) -> Result<(), Error> {
    let address = user.address(&cli.api).await?;
    let diagnosis = cli.api.get(&["admin", "diagnosis"], &Query::default().with("email", &address)).await?;
    if !diagnosis.get("findings").is_some_and(Value::is_array) {
        return Err(cli.api.unexpected("a diagnosis without findings"));
    }
    cli.output.json(&diagnosis)?;
    cli.output.text(&report::lines(&diagnosis).join("\n"))?;
    if has_issue(&diagnosis) { Err(Error::IssueFound) } else { Ok(()) }
}

/// Causes that are only possible don't count: users without a problem have them, too.
fn has_issue(diagnosis: &Value) -> bool {
    rows(diagnosis, "findings").iter().any(|finding| {
        let is_wrong = !["info", "ok"].contains(&text_at(finding, "/severity").as_str());
        is_wrong && text_at(finding, "/certainty") != "possible"
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_email_on_its_way_or_a_link_that_was_used_is_no_issue() {
        for (severity, expected) in [("blocking", true), ("warning", true), ("info", false), ("ok", false)] {
            let finding = json!({ "severity": severity, "certainty": "certain" });
            assert_eq!(has_issue(&json!({ "findings": [finding] })), expected, "{severity}");
        }
    }

    #[test]
    fn only_certain_and_likely_causes_are_issues() {
        for (certainties, expected) in [
            (&[][..], false),
            (&["possible"], false),
            (&["possible", "possible"], false),
            (&["likely"], true),
            (&["possible", "certain"], true),
        ] {
            let findings: Vec<_> = certainties.iter().map(|certainty| json!({ "certainty": certainty })).collect();
            assert_eq!(has_issue(&json!({ "findings": findings })), expected, "{certainties:?}");
        }
    }
}
