//! Tables for people: columns that line up, nothing else.

use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use crate::{json::text_at, screen::clean};

/// A column: its head, and the JSON pointer that leads to its cells.
pub(crate) type Column = (&'static str, &'static str);

const GAP: &str = "  ";

/// A table that can be printed in parts: widths only grow, and the head is printed once.
#[derive(Debug)]
pub(crate) struct Table {
    columns: &'static [Column],
    widths: Vec<usize>,
    head_is_due: bool,
}

impl Table {
    pub(crate) fn new(columns: &'static [Column]) -> Self {
        let widths = columns.iter().map(|(head, _)| head.width()).collect();
        Self { columns, widths, head_is_due: true }
    }

    /// The lines of the next rows, under the head where it is due. Empty without rows.
    pub(crate) fn lines<'a>(&mut self, rows: impl IntoIterator<Item = &'a Value>) -> Vec<String> {
        let rows: Vec<Vec<String>> = rows.into_iter().map(|row| self.cells(row)).collect();
        for cells in &rows {
            for (width, cell) in self.widths.iter_mut().zip(cells) {
                *width = cell.width().max(*width);
            }
        }
        let head = (self.head_is_due && !rows.is_empty()).then(|| self.heads());
        self.head_is_due &= rows.is_empty();
        head.iter().chain(&rows).map(|cells| self.line(cells)).collect()
    }

    fn heads(&self) -> Vec<String> {
        self.columns.iter().map(|(head, _)| (*head).to_owned()).collect()
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

/// Names and values of one thing, one a line; those without a value are left out.
pub(crate) fn facts(thing: &Value, columns: &[Column]) -> String {
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
    fn columns_line_up_whatever_is_in_them() {
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
    fn a_table_in_parts_has_one_head_and_columns_that_stay() {
        let mut table = Table::new(COLUMNS);
        assert!(table.lines([]).is_empty());
        assert_eq!(table.lines(&[json!({ "email": "alice@example.com", "name": "A" })]).len(), 2);
        assert_eq!(table.lines(&[json!({ "email": "b@x.jp", "name": "B" })]), ["b@x.jp             B"]);
    }

    #[test]
    fn facts_leave_out_what_is_not_known() {
        let thing = json!({ "email": "a@b.example", "name": "A" });
        assert_eq!(facts(&thing, COLUMNS), "EMAIL  a@b.example\nNAME   A");
    }
}
