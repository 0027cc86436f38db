//! Lists as CSV files (RFC 4180).

use axum::{
    body::Body,
    http::{
        HeaderValue,
        header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    },
    response::Response,
};

/// A file whose name doesn't need quoting. The body is streamed, so that memory use stays constant.
pub fn csv_file(name: &str, body: Body) -> Response {
    let mut response = Response::new(body);
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

/// Quotes a field where needed, and prevents spreadsheets from reading it as a formula (OWASP ASVS 5.0, 1.2.10).
fn field(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let safe = if formula { format!("'{text}") } else { text.to_owned() };
    if safe.contains([',', '"', '\r', '\n', '\'']) { format!("\"{}\"", safe.replace('"', "\"\"")) } else { safe }
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
            ("<b>\r\n=1@example.com", "\"<b>\r\n=1@example.com\""),
            ("2026-99-99T99:99:99Z", "2026-99-99T99:99:99Z"),
            ("a\"b", "\"a\"\"b\""),
        ] {
            assert_eq!(field(text), expected);
        }
    }
}
