//! What the service warns of when an administrator creates or edits a user: an address that can't get email, or a typo.

use serde_json::Value;

use crate::{
    json::{rows, text_at},
    output::clean,
};

/// The warnings of a response about a user, one to a line, and the command that corrects the address. Empty if there are
/// none.
pub(crate) fn of_user(user: &Value) -> String {
    let mut lines: Vec<String> = details(user).map(|detail| format!("Warning: {detail}")).collect();
    let suggestion = clean(&text_at(user, "/suggestion"));
    if !suggestion.is_empty() {
        let id = clean(&text_at(user, "/id"));
        lines.push(format!(
            "Did they mean {suggestion}? Ask. To correct the address: mailkey users edit {id} --email {suggestion}"
        ));
        if text_at(user, "/status") == "pending" {
            lines.push(format!("Then send the activation email again: mailkey resend-activation {suggestion}"));
        }
    }
    lines.join("\n")
}

/// The warnings of an import's result in one line, if there are any.
pub(crate) fn of_result(result: &Value) -> Option<String> {
    let suggestion = clean(&text_at(result, "/suggestion"));
    let meant = (!suggestion.is_empty()).then(|| format!("Did they mean {suggestion}?"));
    let lines: Vec<String> = details(result).chain(meant).collect();
    (!lines.is_empty()).then(|| lines.join(" "))
}

fn details(json: &Value) -> impl Iterator<Item = String> {
    rows(json, "warnings").iter().map(|warning| clean(&text_at(warning, "/detail"))).collect::<Vec<_>>().into_iter()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_warning_names_the_command_that_corrects_the_address() {
        let fine = json!({ "id": "01JC000000000000000000000A", "email": "alice@example.com", "status": "pending" });
        assert_eq!((of_user(&fine), of_result(&fine)), (String::new(), None));
        let mut odd = fine.clone();
        odd["suggestion"] = "jorg@example.com".into();
        odd["warnings"] =
            json!([{ "code": "non_ascii_local_part", "detail": "SES can't send to this\u{1b}[31m address." }]);
        let expected = "\
Warning: SES can't send to this�[31m address.
Did they mean jorg@example.com? Ask. To correct the address: mailkey users edit 01JC000000000000000000000A --email jorg@example.com
Then send the activation email again: mailkey resend-activation jorg@example.com";
        assert_eq!(of_user(&odd), expected);
        odd["status"] = "active".into();
        assert!(!of_user(&odd).contains("resend"), "{odd}");
        let expected = "SES can't send to this�[31m address. Did they mean jorg@example.com?";
        assert_eq!(of_result(&odd).as_deref(), Some(expected));
    }
}
