//! Lists as CSV files (RFC 4180).

use std::{borrow::Cow, str::FromStr};

use axum::{
    body::{Body, Bytes},
    http::{
        HeaderValue,
        header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    },
    response::Response,
};
use futures_util::stream;
use mailkey::paging::Page;
use mailkey_dynamodb::StoreError;

enum Next<Position> {
    Header,
    Page(Option<Position>),
    End,
}

/// A file whose name doesn't need quoting, with a line for each row. `page` reads the page after a position. The file is
/// streamed page by page, so that memory use stays constant.
pub fn csv_file<Row, Position, Reading>(
    name: &str,
    header: &'static str,
    line: fn(&Row) -> String,
    page: impl Fn(Option<Position>) -> Reading + Clone + Send + 'static,
) -> Response
where
    Row: Send + 'static,
    Position: FromStr + Send + 'static,
    Reading: Future<Output = Result<Page<Row>, StoreError>> + Send + 'static,
{
    let chunks = stream::try_unfold(Next::Header, move |next| {
        let page = page.clone();
        async move {
            let after = match next {
                Next::Header => return Ok(Some((Bytes::from_static(header.as_bytes()), Next::Page(None)))),
                Next::Page(after) => after,
                Next::End => return Ok(None),
            };
            let read = page(after).await?;
            let lines: String = read.rows.iter().map(line).collect();
            let next =
                read.next.and_then(|position| position.parse().ok()).map_or(Next::End, |at| Next::Page(Some(at)));
            Ok::<_, StoreError>(Some((Bytes::from(lines), next)))
        }
    });
    let mut response = Response::new(Body::from_stream(chunks));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    if let Ok(disposition) = HeaderValue::from_str(&format!("attachment; filename=\"{name}.csv\"")) {
        headers.insert(CONTENT_DISPOSITION, disposition);
    }
    response
}

/// One line of a file.
pub fn csv_row(fields: impl IntoIterator<Item = String>) -> String {
    fields.into_iter().map(|text| field(&text)).collect::<Vec<_>>().join(",") + "\r\n"
}

/// Quotes a field where needed, and prevents spreadsheets from reading it as a formula (OWASP ASVS 5.0, 1.2.10). Some
/// spreadsheets separate fields by semicolons, so the text after a semicolon is no formula either.
fn field(text: &str) -> String {
    let safe = text.split(';').map(part).collect::<Vec<_>>().join(";");
    let needs_quotes = |c: char| matches!(c, ',' | ';' | '"' | '\r' | '\n' | '\'');
    if safe.contains(needs_quotes) { format!("\"{}\"", safe.replace('"', "\"\"")) } else { safe }
}

fn part(text: &str) -> Cow<'_, str> {
    // Spaces and invisible characters in front don't count for some spreadsheets.
    let begins = text.trim_start_matches(|c: char| c == ' ' || c == '"' || !(c.is_ascii() || c.is_alphanumeric()));
    if begins.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}").into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_never_a_formula_and_stays_one_field() {
        for (text, expected) in [
            ("alice@example.com", "alice@example.com"),
            ("=1+2@example.com", "\"'=1+2@example.com\""),
            ("+alice@example.com", "\"'+alice@example.com\""),
            ("-alice@example.com", "\"'-alice@example.com\""),
            ("@alice", "\"'@alice\""),
            ("o'brien@example.com", "\"o'brien@example.com\""),
            ("a,b", "\"a,b\""),
            ("x;=cmd|calc!A;", "\"x;'=cmd|calc!A;\""),
            ("a; \"=1", "\"a;' \"\"=1\""),
            ("\u{61c}=1", "\"'\u{61c}=1\""),
            ("日本 + Köln; 3 = 4", "\"日本 + Köln; 3 = 4\""),
            ("<b>\r\n=1@example.com", "\"<b>\r\n=1@example.com\""),
            ("2026-99-99T99:99:99Z", "2026-99-99T99:99:99Z"),
            ("a\"b", "\"a\"\"b\""),
        ] {
            assert_eq!(field(text), expected);
        }
    }
}
