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

/// Limits the work after an interruption. Entries on further pages are skipped.
const MAX_PAGES: usize = 20;

/// The last `updated_at` of each entry, by id.
type Seen = HashMap<String, String>;

pub(crate) async fn follow(cli: &CliContext, query: Query, limit: u8) -> Result<(), Error> {
    let query = query.with("limit", &limit.to_string());
    let (mut table, mut seen) = (Table::new(EMAIL_LOG.columns), None);
    loop {
        match newest(cli, &query, seen.as_ref()).await {
            Ok(entries) => {
                print_rows(cli, &mut table, &changes(&entries, seen.as_ref()))?;
                seen =
                    Some(entries.iter().map(|entry| (text_at(entry, "/id"), text_at(entry, "/updated_at"))).collect());
            }
            // Keep watching through temporary errors, once the first page has arrived.
            Err(error) if error.is_temporary() && seen.is_some() => note(&format!("{error}\nTrying again.")),
            Err(error) => return Err(error),
        }
        tokio::select! {
            _ = tokio::signal::ctrl_c() => return Ok(()),
            () = tokio::time::sleep(INTERVAL) => {}
        }
    }
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
    fn changes_are_new_and_updated_entries() {
        let seen: Seen = [("B", "1"), ("C", "1")].map(|(id, at)| (id.to_owned(), at.to_owned())).into();
        let entries = [entry("E", "3"), entry("D", "2"), entry("C", "2"), entry("B", "1"), entry("A", "1")];
        let ids = |seen| changes(&entries, seen).iter().map(|entry| text_at(entry, "/id")).collect::<Vec<_>>();
        assert_eq!(ids(Some(&seen)), ["C", "D", "E"]);
        assert_eq!(ids(None), ["A", "B", "C", "D", "E"]);
        assert_eq!(ids(Some(&Seen::new())), ["A", "B", "C", "D", "E"]);
    }
}
