//! The log as it grows and as statuses move.

use std::{collections::HashMap, time::Duration};

use serde_json::Value;

use super::ROW;
use crate::{
    api::Query,
    commands::Desk,
    error::Error,
    json::{rows, text_at},
    list::next_cursor,
    screen::{note, print, printable_json},
    table::Table,
};

/// An event takes about as long from SES to the log.
const EVERY: Duration = Duration::from_secs(2);

/// So many pages are read at most to close the gap to what was seen before.
const MAX_PAGES: usize = 20;

/// What was seen last: when each entry last changed, by id.
type Seen = HashMap<String, String>;

pub(crate) async fn follow(desk: &Desk, query: Query, limit: u8) -> Result<(), Error> {
    let query = query.with("limit", &limit.to_string());
    let (mut table, mut seen) = (Table::new(ROW), None);
    loop {
        match newest(desk, &query, seen.as_ref()).await {
            Ok(entries) => {
                let news = news(&entries, seen.as_ref());
                print_rows(desk, &mut table, &news)?;
                seen =
                    Some(entries.iter().map(|entry| (text_at(entry, "/id"), text_at(entry, "/updated_at"))).collect());
            }
            // Whoever watches waits for what happens next, not for the first hitch.
            Err(error) if error.is_temporary() && seen.is_some() => note(&format!("{error}\nStill trying.")),
            Err(error) => return Err(error),
        }
        tokio::select! {
            _ = tokio::signal::ctrl_c() => return Ok(()),
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// The newest page, and those behind it as far as they are new.
async fn newest(desk: &Desk, query: &Query, seen: Option<&Seen>) -> Result<Vec<Value>, Error> {
    let (mut entries, mut query) = (Vec::new(), query.clone());
    for _ in 0..MAX_PAGES {
        let page = desk.api.email_log(&query).await?;
        entries.extend_from_slice(rows(&page, "entries"));
        let reached = seen.is_none_or(|seen| entries.iter().any(|entry| seen.contains_key(&text_at(entry, "/id"))));
        match next_cursor(&page) {
            Some(cursor) if !reached => query = query.with("cursor", cursor),
            _ => break,
        }
    }
    Ok(entries)
}

/// What is new or has changed, the oldest first. What is behind all that was seen is not news: it came up because
/// something in front of it went away.
fn news<'a>(entries: &'a [Value], seen: Option<&Seen>) -> Vec<&'a Value> {
    let oldest_seen = seen.and_then(|seen| seen.keys().min());
    let is_news = |entry: &&Value| {
        let id = text_at(entry, "/id");
        match seen.and_then(|seen| seen.get(&id)) {
            Some(updated_at) => *updated_at != text_at(entry, "/updated_at"),
            None => oldest_seen.is_none_or(|oldest| id > *oldest),
        }
    };
    entries.iter().rev().filter(is_news).collect()
}

fn print_rows(desk: &Desk, table: &mut Table, entries: &[&Value]) -> Result<(), Error> {
    if desk.screen.json {
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
    fn news_are_what_came_and_what_changed() {
        let seen: Seen = [("B", "1"), ("C", "1")].map(|(id, at)| (id.to_owned(), at.to_owned())).into();
        let entries = [entry("E", "3"), entry("D", "2"), entry("C", "2"), entry("B", "1"), entry("A", "1")];
        let ids = |seen| news(&entries, seen).iter().map(|entry| text_at(entry, "/id")).collect::<Vec<_>>();
        assert_eq!(ids(Some(&seen)), ["C", "D", "E"]);
        assert_eq!(ids(None), ["A", "B", "C", "D", "E"]);
        assert_eq!(ids(Some(&Seen::new())), ["A", "B", "C", "D", "E"]);
    }
}
