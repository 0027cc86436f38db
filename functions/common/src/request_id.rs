//! The id of the request that a task works for: one name from the API to the mail and to SES's event.
//!
//! It goes with the task, not through every signature, for it decides nothing: log lines, the recovery request, the
//! email's entry and its tag take it from here.

use std::future::Future;

tokio::task_local! {
    static CURRENT: String;
}

/// The longest id that is taken from elsewhere: what SES allows in a tag.
const MAX: usize = 256;

/// The id of the request that this task works for, if it works for one.
pub fn current() -> Option<String> {
    CURRENT.try_with(Clone::clone).ok()
}

/// Runs `work` for the request with this id; without one, or with one that would do harm in a tag or a log line, for
/// none.
pub async fn scope<T>(id: Option<String>, work: impl Future<Output = T>) -> T {
    match id.filter(|id| is_harmless(id)) {
        Some(id) => CURRENT.scope(id, work).await,
        None => work.await,
    }
}

/// SES takes letters, digits, `_` and `-` in a tag.
fn is_harmless(id: &str) -> bool {
    (1..=MAX).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_knows_its_request_and_no_other() {
        assert_eq!(current(), None);
        for (id, known) in [("01JXXX", true), ("a_b-c", true), ("", false), ("a b", false), ("a\nb", false)] {
            let seen = scope(Some(id.to_owned()), async { current() }).await;
            assert_eq!(seen.as_deref(), known.then_some(id), "{id:?}");
        }
        assert_eq!(scope(None, async { current() }).await, None);
        assert_eq!(current(), None, "it ends with its scope");
    }
}
