//! Lists: one page, or all of them, as a table or as JSON, with memory for one page.

use clap::Args;
use serde_json::Value;

use crate::{
    api::Query,
    error::Error,
    json::rows,
    screen::{Screen, note, print, printable_json},
    table::{Column, Table},
};

/// How much of a list to show.
#[derive(Debug, Args)]
pub(crate) struct Paging {
    /// How many rows to show, 1 to 100
    #[arg(long, value_name = "N", default_value_t = 25, value_parser = clap::value_parser!(u8).range(1..=100))]
    pub(crate) limit: u8,

    /// Show all rows, page after page
    #[arg(long, conflicts_with_all = ["limit", "cursor"])]
    all: bool,

    /// Go on behind a page, with the `next_cursor` that it ended with
    #[arg(long, value_name = "CURSOR")]
    cursor: Option<String>,
}

/// Prints what `fetch` answers to `query`: the rows called `name`.
pub(crate) async fn show(
    screen: Screen,
    paging: &Paging,
    (name, columns): (&str, &'static [Column]),
    query: Query,
    fetch: impl AsyncFn(&Query) -> Result<Value, Error>,
) -> Result<(), Error> {
    let limit = if paging.all { 100 } else { paging.limit };
    let query = query.with("limit", &limit.to_string()).with_some("cursor", paging.cursor.as_deref());
    match (paging.all, screen.json) {
        (false, true) => screen.json(&fetch(&query).await?),
        (true, true) => all_as_json(name, query, fetch).await,
        (all, false) => as_table(all, name, columns, query, fetch).await,
    }
}

async fn as_table(
    all: bool,
    name: &str,
    columns: &'static [Column],
    mut query: Query,
    fetch: impl AsyncFn(&Query) -> Result<Value, Error>,
) -> Result<(), Error> {
    let (mut table, mut empty) = (Table::new(columns), true);
    loop {
        let page = fetch(&query).await?;
        for line in table.lines(rows(&page, name)) {
            empty = false;
            print(&line)?;
        }
        match next_cursor(&page) {
            Some(cursor) if all => query = query.with("cursor", cursor),
            Some(cursor) => {
                note(&format!("There are more: use --all, or --cursor {cursor}"));
                return Ok(());
            }
            None => break,
        }
    }
    if empty {
        note("Nothing found.");
    }
    Ok(())
}

/// One JSON document of the shape that a page has, written as the pages come.
async fn all_as_json(
    name: &str,
    mut query: Query,
    fetch: impl AsyncFn(&Query) -> Result<Value, Error>,
) -> Result<(), Error> {
    let mut page = fetch(&query).await?;
    print(&format!("{{\"{name}\":["))?;
    let mut comma = "";
    loop {
        for row in rows(&page, name) {
            print(&format!("{comma}{}", printable_json(&row.to_string())))?;
            comma = ",";
        }
        let Some(cursor) = next_cursor(&page) else { break };
        query = query.with("cursor", cursor);
        page = fetch(&query).await?;
    }
    print("],\"next_cursor\":null}")
}

pub(crate) fn next_cursor(page: &Value) -> Option<&str> {
    page.get("next_cursor").and_then(Value::as_str)
}
