//! Lists: one page or all pages, as a table or as JSON, keeping one page in memory.

use clap::Args;
use serde_json::Value;

use crate::{
    api::{Api, Query},
    error::Error,
    json::rows,
    output::{Output, note, print, printable_json},
    people::People,
    table::{Column, Columns, Table},
};

#[derive(Debug, Args)]
pub(crate) struct Paging {
    /// Number of rows to show, 1 to 100
    #[arg(long, value_name = "N", default_value_t = 25, value_parser = clap::value_parser!(u8).range(1..=100))]
    pub(crate) limit: u8,

    /// Show all rows
    #[arg(long, conflicts_with_all = ["limit", "cursor"])]
    all: bool,

    /// Show the page after this cursor, the `next_cursor` of the previous page
    #[arg(long, value_name = "CURSOR")]
    cursor: Option<String>,
}

/// A list of the API.
pub(crate) struct List<'a> {
    pub(crate) path: &'a [&'a str],
    /// The name of the array in the response.
    pub(crate) rows: &'static str,
    pub(crate) columns: &'static [Column],
    /// The second line of each row, which then fits into 80 columns.
    pub(crate) details: &'static [Column],
    /// Where a row has ids of users, whose addresses are shown instead.
    pub(crate) people: &'static [&'static str],
}

impl List<'_> {
    pub(crate) fn table(&self) -> Table {
        Table::new(Columns { first: self.columns, details: self.details })
    }

    pub(crate) async fn show(&self, api: &Api, output: Output, paging: &Paging, query: Query) -> Result<(), Error> {
        let limit = if paging.all { 100 } else { paging.limit };
        let query = query.with("limit", &limit.to_string()).with_some("cursor", paging.cursor.as_deref());
        match (paging.all, output.json) {
            (false, true) => output.json(&api.get(self.path, &query).await?),
            (true, true) => self.show_all_as_json(api, query).await,
            (all, false) => self.show_as_table(api, query, all).await,
        }
    }

    async fn show_as_table(&self, api: &Api, mut query: Query, all: bool) -> Result<(), Error> {
        let (mut table, mut empty) = (self.table(), true);
        let mut people = People::new(api);
        loop {
            let mut page = api.get(self.path, &query).await?;
            for row in page.get_mut(self.rows).and_then(Value::as_array_mut).into_iter().flatten() {
                people.name(row, self.people).await;
            }
            for line in table.lines(rows(&page, self.rows)) {
                empty = false;
                print(&line)?;
            }
            match next_cursor(&page) {
                Some(cursor) if all => query = query.with("cursor", cursor),
                Some(cursor) => {
                    note(&format!(
                        "There are more rows. For all of them, use --all. For the next page, use --cursor {cursor}"
                    ));
                    return Ok(());
                }
                None => break,
            }
        }
        if empty {
            note("No results.");
        }
        Ok(())
    }

    /// Prints one document in the shape of a page, page by page.
    async fn show_all_as_json(&self, api: &Api, mut query: Query) -> Result<(), Error> {
        let mut page = api.get(self.path, &query).await?;
        print(&format!("{{\"{}\":[", self.rows))?;
        let mut comma = "";
        loop {
            for row in rows(&page, self.rows) {
                print(&format!("{comma}{}", printable_json(&row.to_string())))?;
                comma = ",";
            }
            let Some(cursor) = next_cursor(&page) else { break };
            query = query.with("cursor", cursor);
            page = api.get(self.path, &query).await?;
        }
        print("],\"next_cursor\":null}")
    }
}

pub(crate) fn next_cursor(page: &Value) -> Option<&str> {
    page.get("next_cursor").and_then(Value::as_str)
}
