//! Aligned tables and lists of fields.

use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use crate::{
    error::Error,
    json::text_at,
    output::{Output, clean, print},
};

/// A heading, and the JSON pointer to the value.
pub(crate) type Column = (&'static str, &'static str);

const GAP: &str = "  ";

/// A table that can be printed page by page: columns only get wider, and the headings appear once.
#[derive(Debug)]
pub(crate) struct Table {
    columns: &'static [Column],
    widths: Vec<usize>,
    needs_heading: bool,
}

impl Table {
    pub(crate) fn new(columns: &'static [Column]) -> Self {
        let widths = columns.iter().map(|(heading, _)| heading.width()).collect();
        Self { columns, widths, needs_heading: true }
    }

    /// The lines of the next rows, with the headings before the first one.
    pub(crate) fn lines<'a>(&mut self, rows: impl IntoIterator<Item = &'a Value>) -> Vec<String> {
        let rows: Vec<Vec<String>> = rows.into_iter().map(|row| self.cells(row)).collect();
        for cells in &rows {
            for (width, cell) in self.widths.iter_mut().zip(cells) {
                *width = cell.width().max(*width);
            }
        }
        let heading = (self.needs_heading && !rows.is_empty()).then(|| self.headings());
        self.needs_heading &= rows.is_empty();
        heading.iter().chain(&rows).map(|cells| self.line(cells)).collect()
    }

    fn headings(&self) -> Vec<String> {
        self.columns.iter().map(|(heading, _)| (*heading).to_owned()).collect()
    }

    fn cells(&self, row: &Value) -> Vec<String> {
        self.columns.iter().map(|(_, pointer)| clean(&text_at(row, pointer))).collect()
    }

    fn line(&self, cells: &[String]) -> String {
        let padded = cells.iter().zip(&self.widths).map(|(cell, width)| {
            let missing = width.saturating_sub(cell.width());
            format!("{cell}{}", " ".repeat(missing))
        });
        padded.collect::<Vec<_>>().join(GAP).trim_end().to_owned()
    }
}

/// Prints rows under a title, except with `--json` or without rows.
pub(crate) fn show(output: Output, title: &str, columns: &'static [Column], rows: &[Value]) -> Result<(), Error> {
    if output.json || rows.is_empty() {
        return Ok(());
    }
    if !title.is_empty() {
        print(&format!("\n{title}:"))?;
    }
    Table::new(columns).lines(rows).iter().try_for_each(|line| print(line))
}

/// One line per field that has a value.
pub(crate) fn fields(thing: &Value, columns: &[Column]) -> String {
    let known: Vec<_> = columns
        .iter()
        .map(|(name, pointer)| (*name, clean(&text_at(thing, pointer))))
        .filter(|(_, text)| !text.is_empty())
        .collect();
    let width = known.iter().map(|(name, _)| name.width()).max().unwrap_or_default();
    known.iter().map(|(name, text)| format!("{name:width$}{GAP}{text}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const COLUMNS: &[Column] = &[("EMAIL", "/email"), ("NAME", "/name"), ("LOCKED", "/locked_until")];

    #[test]
    fn columns_line_up_with_any_content() {
        let rows = [
            json!({ "email": "alice@example.com", "name": "Alice", "locked_until": "2026-01-01T00:00:00Z" }),
            json!({ "email": "b@x.jp", "name": "山田太郎" }),
            json!({ "email": "eve@example.com", "name": "E\u{1b}[31mve\nx" }),
        ];
        let expected = [
            "EMAIL              NAME        LOCKED",
            "alice@example.com  Alice       2026-01-01T00:00:00Z",
            "b@x.jp             山田太郎",
            "eve@example.com    E\u{fffd}[31mve\u{fffd}x",
        ];
        let lines = Table::new(COLUMNS).lines(&rows);
        assert_eq!(lines[..3], expected[..3]);
        assert_eq!(lines[3], expected[3]);
    }

    #[test]
    fn a_table_printed_in_parts_has_one_heading_and_stable_columns() {
        let mut table = Table::new(COLUMNS);
        assert!(table.lines([]).is_empty());
        assert_eq!(table.lines(&[json!({ "email": "alice@example.com", "name": "A" })]).len(), 2);
        assert_eq!(table.lines(&[json!({ "email": "b@x.jp", "name": "B" })]), ["b@x.jp             B"]);
    }

    #[test]
    fn fields_without_a_value_are_left_out() {
        let thing = json!({ "email": "a@b.example", "name": "A" });
        assert_eq!(fields(&thing, COLUMNS), "EMAIL  a@b.example\nNAME   A");
    }
}
