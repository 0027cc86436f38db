//! Single fields of an event. A field that is absent, null or of the wrong type is `None`: AWS's samples, and those who
//! emulate it, agree on little.

use std::borrow::Cow;

use jiff::{Timestamp, civil, tz::Offset};
use serde_json::Value;

/// Room for what SES and hosts say, in characters. An SMTP reply line has 512 octets (RFC 5321 section 4.5.3.1.5), and
/// what is new in a reply of many lines is in the first ones.
const WORDING: usize = 1_000;

/// Room for a word of a set that may grow, in characters.
const WORD: usize = 64;

/// Identifiers become keys of tables, where a blank or a huge one is an error. Tags have up to 256 characters.
const IDENTIFIER: usize = 256;

/// Reset tokens are 43 characters of base64url; where quoted-printable broke the link, a few more stick to them.
const TOKEN: std::ops::RangeInclusive<usize> = 43..=48;

/// A text, without the white space around it, that is not blank.
pub(super) fn text(value: &Value) -> Option<&str> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// A text that names something.
pub(super) fn identifier(value: &Value) -> Option<String> {
    text(value).filter(|text| text.len() <= IDENTIFIER).map(ToOwned::to_owned)
}

/// SES's name for an email, also where it is written as a `Message-ID`: `<0100...@email.amazonses.com>`.
pub(super) fn message_id(value: &Value) -> Option<String> {
    let id = identifier(value)?;
    let bare = id.trim_start_matches('<').trim_end_matches('>');
    let ours = bare.split_once('@').filter(|(_, host)| host.ends_with("amazonses.com"));
    Some(ours.map_or(bare, |(id, _)| id).to_owned()).filter(|id| !id.is_empty())
}

/// What a host, a browser or SES said.
pub(super) fn wording(value: &Value) -> Option<String> {
    // In this order: half a token that the clipping left would not be found.
    text(value).map(|text| one_line(&without_tokens(text), WORDING))
}

/// A word of SES: clipped.
pub(super) fn word(text: &str) -> String {
    one_line(text, WORD)
}

fn one_line(text: &str, room: usize) -> String {
    text.chars().take(room).map(|c| if c.is_control() || is_invisible(c) { ' ' } else { c }).collect()
}

/// Characters that show nothing or turn the direction of writing: people would see something else than was said.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

/// The text without anything that could be the token of a link: hosts quote what they refuse.
pub(super) fn without_tokens(text: &str) -> Cow<'_, str> {
    let is_token_char = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let mut runs = text.split(|c| !is_token_char(c));
    if !runs.any(|run| TOKEN.contains(&run.len())) {
        return Cow::Borrowed(text);
    }
    let mut kept = String::with_capacity(text.len());
    for piece in text.split_inclusive(|c| !is_token_char(c)) {
        let run = piece.trim_end_matches(|c| !is_token_char(c));
        if TOKEN.contains(&run.len()) {
            kept.push_str("[removed]");
            kept.push_str(&piece[run.len()..]);
        } else {
            kept.push_str(piece);
        }
    }
    Cow::Owned(kept)
}

/// A number of milliseconds, as a number or as text.
pub(super) fn millis(value: &Value) -> Option<i64> {
    let number = match value {
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().map(|float| float as i64)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.filter(|millis| *millis >= 0)
}

/// A point in time: RFC 3339 with any offset (none is taken for UTC), the array of numbers that Java makes of a date
/// and time (year, month, day, hour, minute, second, nanosecond; the last ones are left out where they are 0), or a
/// number of seconds or milliseconds since the Unix epoch.
pub(super) fn time(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => {
            let text = text.trim();
            let utc = |at: civil::DateTime| Offset::UTC.to_timestamp(at).ok();
            text.parse().ok().or_else(|| text.parse().ok().and_then(utc))
        }
        Value::Array(parts) if (3..=7).contains(&parts.len()) => {
            let part = |index: usize| parts.get(index).map_or(Some(0), Value::as_i64);
            let small = |index: usize| part(index).and_then(|number| i8::try_from(number).ok());
            let year = i16::try_from(part(0)?).ok()?;
            let nanos = i32::try_from(part(6)?).ok()?;
            let at = civil::DateTime::new(year, small(1)?, small(2)?, small(3)?, small(4)?, small(5)?, nanos);
            Offset::UTC.to_timestamp(at.ok()?).ok()
        }
        Value::Number(number) => {
            let number = number.as_f64()?;
            // In seconds, 1e11 is the year 5138; in milliseconds, it is 1973.
            let millis = if number.abs() < 1e11 { number * 1e3 } else { number };
            Timestamp::from_millisecond(millis.round() as i64).ok()
        }
        _ => None,
    }
}

/// An address without what may stand around it: a display name, angle brackets, the `rfc822;` of a delivery status
/// notification (RFC 3464 section 2.3.2). Not checked any further.
pub(super) fn address(text: &str) -> Option<&str> {
    let text = text.trim();
    let text = match text.split_once(';') {
        Some((kind, rest)) if kind.trim().eq_ignore_ascii_case("rfc822") => rest.trim(),
        _ => text,
    };
    let bare = match text.strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
        Some((_, within)) => within.trim(),
        None => text,
    };
    // A domain may be written with its last dot.
    let bare = bare.strip_suffix('.').unwrap_or(bare);
    (bare.contains('@') && bare.len() <= IDENTIFIER + 64 && !bare.chars().any(char::is_control)).then_some(bare)
}

/// The addresses of a list of texts or of objects with `emailAddress`, or of one such thing alone.
pub(super) fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    listed(value).filter_map(|(text, entry)| Some((address(text)?, entry)))
}

/// The same with the addresses as they are written; an entry without one has an empty one.
pub(super) fn listed(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let entries = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    entries.iter().map(|entry| (entry.as_str().or_else(|| entry["emailAddress"].as_str()).unwrap_or_default(), entry))
}

/// An address with all but the first character of its local part hidden.
pub(super) fn masked(address: &str) -> String {
    let first: String = address.chars().take(1).collect();
    format!("{first}***@{}", address.rsplit_once('@').map_or("", |(_, domain)| domain))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_are_read_in_every_form_that_aws_uses() {
        for (value, expected) in [
            (json!("2016-01-27T14:59:38.237Z"), Some("2016-01-27T14:59:38.237Z")),
            (json!("2009-12-03T04:24:21.000-05:00"), Some("2009-12-03T09:24:21Z")),
            (json!("2009-12-03T04:24:21+0200"), Some("2009-12-03T02:24:21Z")),
            (json!(" 2009-12-03T04:24:21 "), Some("2009-12-03T04:24:21Z")),
            (json!([2025, 7, 24, 12, 44, 28, 995_000_000]), Some("2025-07-24T12:44:28.995Z")),
            (json!([2025, 7, 24, 12, 44]), Some("2025-07-24T12:44:00Z")),
            (json!(1_753_361_068), Some("2025-07-24T12:44:28Z")),
            (json!(1_753_361_068.995), Some("2025-07-24T12:44:28.995Z")),
            (json!(1_753_361_068_995_i64), Some("2025-07-24T12:44:28.995Z")),
            (json!("yesterday"), None),
            (json!([2025, 13, 24, 12, 44]), None),
            (json!([2025, 7, 24, 12, 1e300]), None),
            (json!(["2025", 7, 24]), None),
            (json!([]), None),
            (json!(1e300), None),
            (json!(null), None),
            (json!({"at": 1}), None),
        ] {
            assert_eq!(time(&value).map(|at| at.to_string()).as_deref(), expected, "{value}");
        }
    }

    #[test]
    fn an_address_is_taken_out_of_what_stands_around_it() {
        for (text, expected) in [
            ("jane@example.com", Some("jane@example.com")),
            (" Jane@Example.com\n", Some("Jane@Example.com")),
            ("Jane Doe <jane@example.com>", Some("jane@example.com")),
            ("\"Doe, <Jane>\" <jane@example.com>", Some("jane@example.com")),
            ("<jane@example.com>", Some("jane@example.com")),
            ("RFC822; jane@example.com", Some("jane@example.com")),
            ("\"Some Service\" <some.service.example>", None),
            ("jane", None),
            ("", None),
            ("<>", None),
            (">@<", Some(">@<")),
        ] {
            assert_eq!(address(text), expected, "{text}");
        }
    }

    #[test]
    fn what_could_be_a_token_is_taken_out_of_what_hosts_say() {
        let token = "Ab0-_".repeat(8) + "xyz";
        for (said, expected) in [
            ("550 5.1.1 no such user".to_owned(), "550 5.1.1 no such user".to_owned()),
            (
                format!("554 bad link https://a.test/r#{token} refused"),
                "554 bad link https://a.test/r#[removed] refused".into(),
            ),
            (format!("554 =3D{token}"), "554 =[removed]".into()),
            (format!("ü{token}ü"), "ü[removed]ü".into()),
            // Message ids of SES are longer.
            (format!("{token}{token}"), format!("{token}{token}")),
        ] {
            assert_eq!(without_tokens(&said), expected);
        }
    }

    #[test]
    fn what_hosts_say_is_clipped_and_on_one_line() {
        let said = wording(&json!(format!("550-no\r\n550 {}", "x ".repeat(5_000)))).unwrap();
        assert!(said.starts_with("550-no  550 x"));
        assert_eq!(said.chars().count(), WORDING);
    }

    #[test]
    fn an_identifier_that_no_table_takes_is_none() {
        for value in [json!(""), json!("  "), json!("x".repeat(257)), json!(7), json!(null)] {
            assert_eq!(identifier(&value), None);
        }
        assert_eq!(identifier(&json!(" id ")).as_deref(), Some("id"));
    }
}
