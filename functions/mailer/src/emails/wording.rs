//! Words for times and durations, and helpers that keep text on one line.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::phrase::Phrase;
use super::words::Words;

/// Maximum length of a portal's name, in characters. It keeps subjects far below the limit of 998 octets per line (RFC
/// 5322, 2.1.1).
const LONGEST_PORTAL_NAME: usize = 120;

/// Fewer than this many of a unit are written in that unit: "90 minutes", but not "1530 minutes".
const MOST_OF_ONE_UNIT: u64 = 100;

/// The method that writes a number of one unit.
type SayNumber = fn(Words, u64) -> Phrase;

/// The units of time, with their length in seconds.
const UNITS: [(u64, SayNumber); 4] =
    [(DAY, Words::days), (60 * 60, Words::hours), (60, Words::minutes), (1, Words::seconds)];

const DAY: u64 = 24 * 60 * 60;

/// A duration for people to read: "24 hours", "7 days", "2 seconds". Rounded down.
pub(super) fn lifetime(words: Words, length: SignedDuration) -> Phrase {
    let Ok(seconds @ 1..) = u64::try_from(length.as_secs()) else {
        return words.less_than_a_second();
    };
    in_one_unit(words, seconds).unwrap_or_else(|| in_two_units(words, seconds))
}

/// In the largest unit that is exact. One day is "24 hours", because "1 day" might mean until midnight.
fn in_one_unit(words: Words, seconds: u64) -> Option<Phrase> {
    UNITS
        .into_iter()
        .map(|(unit, say)| (seconds / unit, seconds % unit, unit, say))
        .find(|&(count, rest, unit, _)| rest == 0 && count < MOST_OF_ONE_UNIT && (count, unit) != (1, DAY))
        .map(|(count, _, _, say)| say(words, count))
}

/// In its two largest units, rounded down.
fn in_two_units(words: Words, seconds: u64) -> Phrase {
    let mut rest = seconds;
    let mut parts = Vec::new();
    for (unit, say) in UNITS {
        if rest >= unit && parts.len() < 2 {
            parts.push(say(words, rest / unit));
            rest %= unit;
        }
    }
    match parts.as_slice() {
        [longer, shorter] => words.two_lengths(longer, shorter),
        [only] => only.clone(),
        _ => words.less_than_a_second(),
    }
}

/// A time in UTC for people to read, rounded down to the minute: "Sunday 22 November 2026 at 20:26 UTC".
pub(super) fn moment(words: Words, at: Timestamp) -> Phrase {
    let at = at.to_zoned(TimeZone::UTC);
    let number = |field: i8| u64::from(field.unsigned_abs());
    let year = at.year().to_string();
    let time = at.strftime("%H:%M").to_string();
    let (day, month, weekday) = (number(at.day()), number(at.month()), at.weekday().to_monday_one_offset());
    words.moment(day, month, time, number(weekday), year)
}

/// The text as one line: whitespace and control characters become single spaces, and invisible characters are removed.
pub(super) fn one_line(text: &str) -> String {
    let visible: String =
        text.chars().filter(|c| !is_invisible(*c)).map(|c| if is_control(c) { ' ' } else { c }).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A portal's name as one line of limited length.
pub(super) fn short_line(text: &str) -> String {
    one_line(text).chars().take(LONGEST_PORTAL_NAME).collect()
}

/// Control characters, and the two separators that some programs treat as line breaks.
pub(super) fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Joiners are invisible too, but some scripts need them.
pub(super) fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}')
}

/// Characters that are invisible or change the direction of text: bidirectional controls (UAX 9), zero-width and filler
/// characters, tags.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' | '\u{061C}'
        | '\u{200B}' | '\u{2060}'..='\u{2065}' | '\u{206A}'..='\u{206F}' | '\u{FEFF}' | '\u{AD}' | '\u{034F}'
        | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}' | '\u{3164}' | '\u{FFA0}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FFF0}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Things that people named, in one line. Only letters, digits, spaces and hyphens are kept, so that no mail program
/// turns a name into a link.
pub(super) fn names(names: &[String]) -> String {
    const LONGEST: usize = 60;
    let kept = |c: char| if c.is_alphanumeric() || c == '-' { c } else { ' ' };
    let name = |name: &String| {
        let name = one_line(&name.chars().map(kept).collect::<String>());
        name.chars().take(LONGEST).collect::<String>()
    };
    names.iter().map(name).filter(|name| !name.is_empty()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use mailkey::Locale;

    use super::*;

    const ENGLISH: Words = Words { locale: Locale::En };

    #[test]
    fn a_duration_is_written_the_way_people_say_it() {
        for (seconds, expected) in [
            (1, "1 second"),
            (2, "2 seconds"),
            (60, "1 minute"),
            (90, "90 seconds"),
            (15 * 60, "15 minutes"),
            (60 * 60, "1 hour"),
            (90 * 60, "90 minutes"),
            (24 * 60 * 60, "24 hours"),
            (36 * 60 * 60, "36 hours"),
            (48 * 60 * 60, "2 days"),
            (7 * 24 * 60 * 60, "7 days"),
            (365 * 24 * 60 * 60, "365 days"),
            (5 * 60 + 30, "5 minutes and 30 seconds"),
            (24 * 60 * 60 + 90 * 60, "1 day and 1 hour"),
            (24 * 60 * 60 + 1, "1 day and 1 second"),
            (0, "less than a second"),
            (-5, "less than a second"),
        ] {
            assert_eq!(
                lifetime(ENGLISH, SignedDuration::from_secs(seconds)).to_string(),
                expected,
                "for {seconds} seconds"
            );
        }
        assert_eq!(lifetime(ENGLISH, SignedDuration::from_millis(2_999)).to_string(), "2 seconds");
    }

    #[test]
    fn a_time_is_written_in_utc_with_its_weekday() {
        let at: Timestamp = "2026-03-07T09:05:59.9Z".parse().unwrap();
        for (locale, expected) in [
            (Locale::En, "Saturday 7 March 2026 at 09:05 UTC"),
            (Locale::De, "Samstag, 7.\u{A0}März 2026 um 09:05\u{A0}Uhr (UTC)"),
            (Locale::Fr, "samedi 7 mars 2026 à 09:05 (UTC)"),
            (Locale::Es, "sábado 7 de marzo de 2026 a las 09:05 (UTC)"),
            (Locale::Ar, "السبت 7 مارس 2026 الساعة 09:05 بالتوقيت العالمي (UTC)"),
        ] {
            assert_eq!(moment(Words::of(locale), at).to_string(), expected);
        }
        let first = moment(Words::of(Locale::Fr), "2026-11-01T00:00:00Z".parse().unwrap());
        assert_eq!(first.to_string(), "dimanche 1er novembre 2026 à 00:00 (UTC)");
    }

    #[test]
    fn every_weekday_and_month_has_a_name() {
        for locale in Locale::ALL {
            let said = |text: String| moment(Words::of(*locale), text.parse().unwrap()).to_string();
            let months: std::collections::HashSet<_> =
                (1..=12).map(|m| said(format!("2026-{m:02}-15T10:00:00Z"))).collect();
            let days: std::collections::HashSet<_> =
                (1..=7).map(|d| said(format!("2026-03-{d:02}T10:00:00Z"))).collect();
            assert_eq!((months.len(), days.len()), (12, 7), "{locale}");
        }
    }

    #[test]
    fn a_line_stays_one_line() {
        assert_eq!(one_line("Northwind\r\nBcc: x\0y\u{2028}z"), "Northwind Bcc: x y z");
        assert_eq!(one_line(" \u{202E}North\u{200B}wind\u{A0} "), "Northwind");
        assert_eq!(short_line(&"é".repeat(500)), "é".repeat(120));
    }

    #[test]
    fn names_are_listed_without_anything_that_becomes_a_link() {
        let list = ["CRM-2".to_owned(), "https://evil.test/?a\u{202e}b".to_owned(), "\u{7}.".to_owned()];
        assert_eq!(names(&list), "CRM-2, https evil test a b");
        assert_eq!(names(&["x".repeat(90)]).len(), 60);
    }
}
