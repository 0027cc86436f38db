//! `mailkey diagnose`.

mod remedy;
mod report;

use serde_json::Value;

use super::Desk;
use crate::{
    error::Error,
    json::{rows, text_at},
    user_ref::UserRef,
};

/// Prints the diagnosis. [`Error::TroubleFound`] where a cause is certain or likely.
pub(crate) async fn run(desk: &Desk, user: &UserRef) -> Result<(), Error> {
    let address = user.address(&desk.api).await?;
    let diagnosis = desk.api.diagnosis(&address).await?;
    if !diagnosis.get("findings").is_some_and(Value::is_array) {
        return Err(desk.api.unexpected("a diagnosis without findings"));
    }
    desk.screen.json(&diagnosis)?;
    desk.screen.say(&report::lines(&diagnosis).join("\n"))?;
    if is_trouble(&diagnosis) { Err(Error::TroubleFound) } else { Ok(()) }
}

/// What is merely possible is no trouble: who is well has it, too.
fn is_trouble(diagnosis: &Value) -> bool {
    let certainties = rows(diagnosis, "findings").iter().map(|finding| text_at(finding, "/certainty"));
    certainties.into_iter().any(|certainty| certainty != "possible")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn trouble_is_what_is_certain_or_likely() {
        for (certainties, expected) in [
            (&[][..], false),
            (&["possible"], false),
            (&["possible", "possible"], false),
            (&["likely"], true),
            (&["possible", "certain"], true),
        ] {
            let findings: Vec<_> = certainties.iter().map(|certainty| json!({ "certainty": certainty })).collect();
            assert_eq!(is_trouble(&json!({ "findings": findings })), expected, "{certainties:?}");
        }
    }
}
