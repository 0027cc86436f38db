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

/// The width that a table with details fits into, whatever the terminal's width: output is also mailed and pasted.
const WIDTH: usize = 80;

/// Indents the second line of a row.
const INDENT: &str = "    ";

/// The columns of a table. If there are details, each row has a second line, and both fit into 80 columns.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Columns {
    pub(crate) first: &'static [Column],
    pub(crate) details: &'static [Column],
}

impl From<&'static [Column]> for Columns {
    fn from(first: &'static [Column]) -> Self {
        Self { first, details: &[] }
    }
}

impl<const N: usize> From<&'static [Column; N]> for Columns {
    fn from(first: &'static [Column; N]) -> Self {
        Self { first, details: &[] }
    }
}

/// A table that can be printed page by page: columns only get wider, and the headings appear once.
#[derive(Debug)]
pub(crate) struct Table {
    parts: Vec<Part>,
    needs_heading: bool,
}

/// The columns of one line of each row.
#[derive(Debug)]
struct Part {
    columns: &'static [Column],
    widths: Vec<usize>,
    indent: &'static str,
    /// Longer values continue on further lines.
    limit: Option<usize>,
}

impl Table {
    pub(crate) fn new(columns: impl Into<Columns>) -> Self {
        let Columns { first, details } = columns.into();
        let parts = if details.is_empty() {
            vec![Part::new(first, "", None)]
        } else {
            vec![Part::new(first, "", Some(WIDTH)), Part::new(details, INDENT, Some(WIDTH))]
        };
        Self { parts, needs_heading: true }
    }

    /// The lines of the next rows, with the headings before the first one.
    pub(crate) fn lines<'a>(&mut self, rows: impl IntoIterator<Item = &'a Value>) -> Vec<String> {
        let rows: Vec<_> = rows.into_iter().collect();
        let needs_heading = self.needs_heading && !rows.is_empty();
        self.needs_heading &= rows.is_empty();
        for part in &mut self.parts {
            part.widen(&rows);
        }
        let mut lines = Vec::new();
        if needs_heading {
            self.parts.iter().for_each(|part| lines.extend(part.lines(&part.headings())));
        }
        for row in rows {
            self.parts.iter().for_each(|part| lines.extend(part.lines(&part.cells(row))));
        }
        lines
    }
}

impl Part {
    fn new(columns: &'static [Column], indent: &'static str, limit: Option<usize>) -> Self {
        let widths = columns.iter().map(|(heading, _)| heading.width()).collect();
        Self { columns, widths, indent, limit }
    }

    fn widen(&mut self, rows: &[&Value]) {
        for row in rows {
            let cells = self.cells(row);
            for (width, cell) in self.widths.iter_mut().zip(&cells) {
                *width = cell.width().max(*width);
            }
        }
    }

    fn headings(&self) -> Vec<String> {
        self.columns.iter().map(|(heading, _)| (*heading).to_owned()).collect()
    }

    fn cells(&self, row: &Value) -> Vec<String> {
        let shown = |text: String| if self.limit.is_some() { short_time(text) } else { text };
        self.columns.iter().map(|(_, pointer)| shown(clean(&text_at(row, pointer)))).collect()
    }

    /// The lines of one row: none if it has no values, several if a value is too long for its column.
    fn lines(&self, cells: &[String]) -> Vec<String> {
        if self.limit.is_some() && cells.iter().all(String::is_empty) {
            return Vec::new();
        }
        let widths = self.fitting();
        let columns: Vec<Vec<String>> = cells.iter().zip(&widths).map(|(cell, width)| wrapped(cell, *width)).collect();
        let height = columns.iter().map(Vec::len).max().unwrap_or_default();
        let line = |number: usize| {
            let padded = columns.iter().zip(&widths).map(|(column, width)| {
                let cell = column.get(number).map_or("", String::as_str);
                format!("{cell}{}", " ".repeat(width.saturating_sub(cell.width())))
            });
            format!("{}{}", self.indent, padded.collect::<Vec<_>>().join(GAP)).trim_end().to_owned()
        };
        (0..height).map(line).collect()
    }

    /// The widths of the columns. The widest ones give way if the line is too long, except ids, which people copy.
    fn fitting(&self) -> Vec<usize> {
        let mut widths = self.widths.clone();
        let Some(limit) = self.limit else { return widths };
        let room = limit.saturating_sub(self.indent.len() + GAP.len() * widths.len().saturating_sub(1));
        while widths.iter().sum::<usize>() > room {
            let narrowed = widths.iter_mut().zip(self.columns).filter(|(_, (heading, _))| *heading != "ID");
            let Some(widest) = narrowed.map(|(width, _)| width).max() else { break };
            *widest = widest.saturating_sub(1);
            if *widest == 0 {
                break;
            }
        }
        widths
    }
}

/// A time to the second. The API writes all times in UTC.
pub(crate) fn short_time(text: String) -> String {
    let is_time = text.len() >= 20 && text.is_ascii() && text.ends_with('Z') && text[10..].starts_with('T');
    if is_time { text[..19].replacen('T', " ", 1) } else { text }
}

/// A text in lines of at most this width, broken after a space if there is one.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_inclusive(' ') {
        let line = lines.last().map_or(0, |line| line.width());
        if line > 0 && line + word.trim_end().width() > width {
            lines.push(String::new());
        }
        for c in word.chars() {
            let Some(line) = lines.last_mut() else { break };
            if line.width() + c.to_string().width() <= width || c == ' ' {
                line.push(c);
            } else {
                lines.push(c.to_string());
            }
        }
    }
    lines.into_iter().map(|line| line.trim_end().to_owned()).collect()
}

/// Prints rows under a title, except with `--json` or without rows.
pub(crate) fn show(output: Output, title: &str, columns: impl Into<Columns>, rows: &[Value]) -> Result<(), Error> {
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
    fn an_id_is_never_broken() {
        const COLUMNS: Columns = Columns {
            first: &[("RECIPIENT", "/recipient")],
            details: &[("ID", "/id"), ("REASON", "/reason"), ("FROM", "/from")],
        };
        let (id, from) = ("01M8PCP4G8HZJ8TYPK36715G3H", "orders@a-rather-long-name.portal.example");
        let row = json!({ "recipient": "a@x.jp", "id": id, "reason": "mailbox_does_not_exist", "from": from });
        let lines = Table::new(COLUMNS).lines([&row]);
        assert!(lines.iter().any(|line| line.contains(id)), "{lines:#?}");
        assert!(lines.iter().all(|line| line.width() <= 80), "{lines:#?}");
    }

    #[test]
    fn a_row_with_details_fits_80_columns_and_loses_nothing() {
        const COLUMNS: Columns = Columns {
            first: &[("REQUESTED", "/at"), ("STATUS", "/status"), ("RECIPIENT", "/recipient")],
            details: &[("ID", "/id"), ("REASON", "/reason")],
        };
        let long = format!("{}@{}.example", "a".repeat(60), "b".repeat(60));
        let rows = [
            json!({ "at": "2026-01-01T10:00:00.123Z", "status": "sent", "recipient": "山田@example.jp", "id": "01" }),
            json!({
                "at": "2026-01-01T10:00:01.000Z", "status": "send_failed_retrying", "recipient": long, "id": "02",
                "reason": "a reason of many words ".repeat(8),
            }),
            json!({ "at": "2026-01-01T10:00:02.000Z", "status": "sent", "recipient": "b@x.example" }),
        ];
        let lines = Table::new(COLUMNS).lines(&rows);
        assert!(lines.iter().all(|line| line.width() <= WIDTH), "{lines:#?}");
        assert_eq!(lines[0], "REQUESTED            STATUS                RECIPIENT");
        assert_eq!(lines[1], "    ID  REASON");
        assert_eq!(lines[2], "2026-01-01 10:00:00  sent                  山田@example.jp");
        assert_eq!(lines[3], "    01");
        assert_eq!(lines.last().unwrap(), "2026-01-01 10:00:02  sent                  b@x.example");
        let recipient: String = lines[4..].iter().take(4).map(|line| line.get(43..).unwrap_or_default()).collect();
        assert_eq!(recipient, long);
        let details: Vec<_> = lines[8..lines.len() - 1].iter().map(|line| line.get(8..).unwrap_or_default()).collect();
        assert_eq!(details.join(" "), "a reason of many words ".repeat(8).trim());
    }

    #[test]
    fn only_times_are_shortened() {
        for (text, expected) in [
            ("2026-01-01T10:00:00.123Z", "2026-01-01 10:00:00"),
            ("2026-01-01T10:00:00Z", "2026-01-01 10:00:00"),
            ("2026-01-01", "2026-01-01"),
            ("äöüäöüäöüäTöüäöüäöüZ", "äöüäöüäöüäTöüäöüäöüZ"),
            ("", ""),
        ] {
            assert_eq!(short_time(text.to_owned()), expected);
        }
    }

    #[test]
    fn fields_without_a_value_are_left_out() {
        let thing = json!({ "email": "a@b.example", "name": "A" });
        assert_eq!(fields(&thing, COLUMNS), "EMAIL  a@b.example\nNAME   A");
    }
}
