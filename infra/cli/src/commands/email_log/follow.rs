//! `mailkey email-log --follow`: new entries and changed ones.

use std::{collections::HashMap, time::Duration};

use serde_json::Value;

use super::EMAIL_LOG;
use crate::{
    api::Query,
    commands::CliContext,
    error::Error,
    json::{rows, text_at},
    list::next_cursor,
    output::{note, print, printable_json},
    table::Table,
};

/// SES events take about this long to reach the log.
const INTERVAL: Duration = Duration::from_secs(2);

/// The longest wait while the service can't be reached.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Limits the work after an interruption. Entries on further pages are skipped.
const MAX_PAGES: usize = 20;

/// The last `updated_at` of each entry, by id.
type Seen = HashMap<String, String>;

pub(crate) async fn follow(cli: &CliContext, query: Query, limit: u8) -> Result<(), Error> {
    let query = query.with("limit", &limit.to_string());
    let (mut table, mut seen) = (EMAIL_LOG.table(), None);
    let mut failures = 0;
    loop {
        let pause = match newest(cli, &query, seen.as_ref()).await {
            Ok(entries) => {
                print_rows(cli, &mut table, &changes(&entries, seen.as_ref()))?;
                seen =
                    Some(entries.iter().map(|entry| (text_at(entry, "/id"), text_at(entry, "/updated_at"))).collect());
                failures = 0;
                INTERVAL
            }
            // Keep watching through temporary errors, once the first page has arrived.
            Err(error) if error.is_temporary() && seen.is_some() => {
                failures += 1;
                let pause = pause(&error, failures);
                note(&format!("{error}\nTrying again in {} seconds.", pause.as_secs()));
                pause
            }
            Err(error) => return Err(error),
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => return Ok(()),
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// 4, 8, 16, 32 and then 60 seconds, or the time the service asks for if that is longer.
fn pause(error: &Error, failures: u32) -> Duration {
    let asked = match error {
        Error::Problem(problem) => problem.retry_after_seconds.map(Duration::from_secs),
        _ => None,
    };
    let pause = INTERVAL.saturating_mul(2_u32.saturating_pow(failures)).min(LONGEST_PAUSE);
    asked.map_or(pause, |asked| asked.max(pause))
}

/// Reads pages, newest first, until one contains an entry seen before.
async fn newest(cli: &CliContext, query: &Query, seen: Option<&Seen>) -> Result<Vec<Value>, Error> {
    let (mut entries, mut query) = (Vec::new(), query.clone());
    for _ in 0..MAX_PAGES {
        let page = cli.api.get(EMAIL_LOG.path, &query).await?;
        entries.extend_from_slice(rows(&page, "entries"));
        let reached = seen.is_none_or(|seen| entries.iter().any(|entry| seen.contains_key(&text_at(entry, "/id"))));
        match next_cursor(&page) {
            Some(cursor) if !reached => query = query.with("cursor", cursor),
            _ => break,
        }
    }
    Ok(entries)
}

/// The new and changed entries, oldest first. An unseen entry that is older than every seen one isn't new: it moved up
/// to this page.
fn changes<'a>(entries: &'a [Value], seen: Option<&Seen>) -> Vec<&'a Value> {
    let oldest_seen = seen.and_then(|seen| seen.keys().min());
    let is_change = |entry: &&Value| {
        let id = text_at(entry, "/id");
        match seen.and_then(|seen| seen.get(&id)) {
            Some(updated_at) => *updated_at != text_at(entry, "/updated_at"),
            None => oldest_seen.is_none_or(|oldest| id > *oldest),
        }
    };
    entries.iter().rev().filter(is_change).collect()
}

fn print_rows(cli: &CliContext, table: &mut Table, entries: &[&Value]) -> Result<(), Error> {
    if cli.output.json {
        return entries.iter().try_for_each(|entry| print(&printable_json(&entry.to_string())));
    }
    table.lines(entries.iter().copied()).iter().try_for_each(|line| print(line))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry(id: &str, updated_at: &str) -> Value {
        json!({ "id": id, "updated_at": updated_at })
    }

    #[test]
    fn the_pause_grows_while_the_service_is_down() {
        let down = Error::Unreachable { site: String::new(), why: String::new() };
        let pauses: Vec<_> = (1..=7).map(|failures| pause(&down, failures).as_secs()).collect();
        assert_eq!(pauses, [4, 8, 16, 32, 60, 60, 60]);
        let body = json!({ "code": "too-many-requests", "title": "Too Many Requests" });
        let busy = Error::Problem(crate::error::Problem::read(429, &body, Some(90)).unwrap().into());
        assert_eq!(pause(&busy, 1).as_secs(), 90);
        assert_eq!(pause(&busy, u32::MAX).as_secs(), 90);
    }

    #[test]
    fn changes_are_new_and_updated_entries() {
        let seen: Seen = [("B", "1"), ("C", "1")].map(|(id, at)| (id.to_owned(), at.to_owned())).into();
        let entries = [entry("E", "3"), entry("D", "2"), entry("C", "2"), entry("B", "1"), entry("A", "1")];
        let ids = |seen| changes(&entries, seen).iter().map(|entry| text_at(entry, "/id")).collect::<Vec<_>>();
        assert_eq!(ids(Some(&seen)), ["C", "D", "E"]);
        assert_eq!(ids(None), ["A", "B", "C", "D", "E"]);
        assert_eq!(ids(Some(&Seen::new())), ["A", "B", "C", "D", "E"]);
    }
}
