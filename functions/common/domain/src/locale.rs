//! The languages that Mailkey has words in, and which of them somebody is spoken to.

use std::{fmt, str::FromStr};

use crate::json::json_text;

/// A language that Mailkey has words in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Locale {
    /// English, which is what is spoken where nothing else is known.
    #[default]
    En,
    /// German.
    De,
    /// French.
    Fr,
    /// Spanish.
    Es,
    /// Arabic, in its modern standard form.
    Ar,
}

/// Which way a language is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From left to right.
    Ltr,
    /// From right to left.
    Rtl,
}

/// Why a text names no language that we have words in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnknownLocale {
    /// It is no language tag of BCP 47.
    #[error("this is no language tag")]
    NoTag,
    /// It is a tag, of a language that we have no words in.
    #[error("there are no words in this language")]
    NoWords,
}

/// The longest tag that is read, in bytes: what RFC 5646 section 4.4.1 says to have room for.
const LONGEST_TAG: usize = 35;

impl Locale {
    /// Every language there is.
    pub const ALL: &'static [Self] = &[Self::En, Self::De, Self::Fr, Self::Es, Self::Ar];

    /// Its language tag, as in tables, in JSON and in `lang`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Fr => "fr",
            Self::Es => "es",
            Self::Ar => "ar",
        }
    }

    /// What those who speak it call it.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::De => "Deutsch",
            Self::Fr => "Français",
            Self::Es => "Español",
            Self::Ar => "العربية",
        }
    }

    /// Which way it is written.
    pub fn direction(self) -> Direction {
        match self {
            Self::En | Self::De | Self::Fr | Self::Es => Direction::Ltr,
            Self::Ar => Direction::Rtl,
        }
    }

    /// The language that a reader likes best of those we have words in, by the value of `Accept-Language` (RFC 9110
    /// section 12.5.4). Each range is looked up as RFC 4647 section 3.4 says: `de-AT` finds German. None where nothing
    /// that is asked for is there; members that are not well-formed are passed over.
    pub fn from_accept_language(header: &str) -> Option<Self> {
        let ranges: Vec<_> = header.split(',').filter_map(WeightedRange::parse).collect();
        let named = |locale: Self| ranges.iter().find(|range| range.tag.eq_ignore_ascii_case(locale.as_str()));
        let excluded = |locale: Self| named(locale).is_some_and(|range| range.weight == 0);
        let mut wanted: Vec<_> = ranges.iter().filter(|range| range.weight > 0).collect();
        // Stable: of two that are liked as well, the one that is named first.
        wanted.sort_by_key(|range| std::cmp::Reverse(range.weight));
        wanted.into_iter().find_map(|range| match range.tag {
            // Anything that is not named otherwise.
            "*" => Self::ALL.iter().copied().find(|locale| named(*locale).is_none()),
            tag => tag.parse().ok().filter(|locale| !excluded(*locale)),
        })
    }
}

/// Reads a language tag of BCP 47: the longest beginning of it that we have words in, so `de-AT` is German.
impl FromStr for Locale {
    type Err = UnknownLocale;

    fn from_str(tag: &str) -> Result<Self, Self::Err> {
        if !is_tag(tag) {
            return Err(UnknownLocale::NoTag);
        }
        let beginnings = std::iter::successors(Some(tag), |tag| tag.rsplit_once('-').map(|(before, _)| before));
        let of_tag = |tag: &str| Self::ALL.iter().copied().find(|locale| locale.as_str().eq_ignore_ascii_case(tag));
        beginnings.into_iter().find_map(of_tag).ok_or(UnknownLocale::NoWords)
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

json_text!(Locale, { "type": "string", "enum": Self::ALL.iter().map(|locale| locale.as_str()).collect::<Vec<_>>() });

impl Direction {
    /// As in the attribute `dir`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ltr => "ltr",
            Self::Rtl => "rtl",
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether a text has the shape of a language tag: parts of one to eight letters and digits, the first of letters only.
fn is_tag(text: &str) -> bool {
    let is_part = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    let begins = text.split('-').next().is_some_and(|first| first.bytes().all(|b| b.is_ascii_alphabetic()));
    text.len() <= LONGEST_TAG && begins && text.split('-').all(is_part)
}

/// A member of `Accept-Language`.
struct WeightedRange<'a> {
    tag: &'a str,
    /// How much it is liked, in thousandths; 0 is not at all.
    weight: u16,
}

impl<'a> WeightedRange<'a> {
    fn parse(member: &'a str) -> Option<Self> {
        let (tag, weight) = match member.split_once(';') {
            Some((tag, weight)) => (tag, qvalue(trim(weight))?),
            None => (member, 1000),
        };
        let tag = trim(tag);
        (tag == "*" || is_tag(tag)).then_some(Self { tag, weight })
    }
}

/// `q=0.123`, in thousandths (RFC 9110 section 12.4.2).
fn qvalue(weight: &str) -> Option<u16> {
    let value = weight.strip_prefix("q=").or_else(|| weight.strip_prefix("Q="))?;
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let thousandths: u16 = format!("{fraction:0<3}").parse().ok()?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1000),
        _ => None,
    }
}

/// Without the white space that HTTP allows around things.
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(header: &str, expected: Option<Locale>) {
        assert_eq!(Locale::from_accept_language(header), expected, "for {header:?}");
    }

    #[test]
    fn a_tag_is_read_by_its_longest_beginning_that_has_words() {
        for (tag, expected) in [
            ("en", Ok(Locale::En)),
            ("de-AT", Ok(Locale::De)),
            ("DE-at", Ok(Locale::De)),
            ("fr-Latn-CA", Ok(Locale::Fr)),
            ("es-419", Ok(Locale::Es)),
            ("ar-EG-u-nu-arab", Ok(Locale::Ar)),
            ("pt-BR", Err(UnknownLocale::NoWords)),
            ("deu", Err(UnknownLocale::NoWords)),
            ("x-de", Err(UnknownLocale::NoWords)),
            ("", Err(UnknownLocale::NoTag)),
            ("-de", Err(UnknownLocale::NoTag)),
            ("de-", Err(UnknownLocale::NoTag)),
            ("de_AT", Err(UnknownLocale::NoTag)),
            ("de at", Err(UnknownLocale::NoTag)),
            ("dé", Err(UnknownLocale::NoTag)),
            ("419", Err(UnknownLocale::NoTag)),
            ("en-abcdefghi", Err(UnknownLocale::NoTag)),
            ("en-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a", Err(UnknownLocale::NoTag)),
        ] {
            assert_eq!(tag.parse::<Locale>(), expected, "for {tag:?}");
        }
    }

    #[test]
    fn what_is_liked_best_is_spoken() {
        check("de", Some(Locale::De));
        check("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", Some(Locale::Fr));
        check("pt-BR,pt;q=0.9,es;q=0.8,en;q=0.7", Some(Locale::Es));
        check("en;q=0.5, ar;q=0.501", Some(Locale::Ar));
        check("en;q=0.5,de;q=0.5", Some(Locale::En));
        check("\tde-AT ; q=1.000 ,en", Some(Locale::De));
    }

    #[test]
    fn what_is_not_wanted_is_not_spoken() {
        check("de;q=0", None);
        check("de;q=0.000, de-AT", None);
        check("de;q=0, *", Some(Locale::En));
        check("en;q=0, *;q=0.1", Some(Locale::De));
        check("*;q=0", None);
        check("de-AT;q=0, de", Some(Locale::De));
    }

    #[test]
    fn a_star_is_anything_that_is_not_named() {
        check("*", Some(Locale::En));
        check("en;q=0.2, *;q=0.9", Some(Locale::De));
        check("pt, *;q=0.1", Some(Locale::En));
        check("en;q=0, de;q=0, fr;q=0, es;q=0, ar;q=0, *", None);
    }

    #[test]
    fn what_is_not_well_formed_is_passed_over() {
        for header in ["", ",", ";q=1", "de;q=2", "de;q=1.1", "de;q=0.1234", "de;q=", "de;q=-1", "de;level=1", "d é"] {
            check(header, None);
        }
        check("de;q=x, , fr;q=0.1", Some(Locale::Fr));
    }

    #[test]
    fn each_language_is_found_by_its_tag_and_has_a_name_written_its_way() {
        for locale in Locale::ALL {
            assert_eq!(locale.as_str().parse(), Ok(*locale));
            let is_latin = locale.own_name().chars().next().is_some_and(|c| c.is_ascii());
            assert_eq!(is_latin, locale.direction() == Direction::Ltr, "{locale}");
        }
    }

    proptest! {
        #[test]
        fn any_header_has_an_answer(header in "\\PC*") {
            let _ = Locale::from_accept_language(&header);
        }

        #[test]
        fn any_text_in_any_case_is_read_alike(tag in "[a-zA-Z0-9-]{0,40}") {
            prop_assert_eq!(tag.parse::<Locale>(), tag.to_ascii_uppercase().parse());
        }

        #[test]
        fn a_region_does_not_change_the_language(at in 0..Locale::ALL.len(), region in "[A-Z]{2}|[0-9]{3}") {
            let tag = format!("{}-{region}", Locale::ALL[at]);
            prop_assert_eq!(tag.parse(), Ok(Locale::ALL[at]));
        }

        /// Against the plain reading: of the languages that are named with a weight above 0, the heaviest, the first of
        /// those.
        #[test]
        fn the_heaviest_is_found(weights in proptest::collection::vec((0..Locale::ALL.len(), 0_u16..=1000), 1..8)) {
            let mut seen = std::collections::HashSet::new();
            let weights: Vec<_> = weights.into_iter().filter(|(at, _)| seen.insert(*at)).collect();
            let member = |(at, weight): &(usize, u16)| match weight {
                1000 => format!("{};q=1", Locale::ALL[*at]),
                _ => format!("{};q=0.{weight:03}", Locale::ALL[*at]),
            };
            let header = weights.iter().map(member).collect::<Vec<_>>().join(", ");
            let best = weights.iter().map(|(_, weight)| *weight).max().filter(|best| *best > 0);
            let expected = best.and_then(|best| weights.iter().find(|(_, weight)| *weight == best));
            prop_assert_eq!(Locale::from_accept_language(&header), expected.map(|(at, _)| Locale::ALL[*at]));
        }

        #[test]
        fn what_is_put_before_others_with_full_weight_wins(at in 0..Locale::ALL.len(), rest in "[a-z]{2}(, [a-z]{2};q=0\\.[1-9]){0,4}") {
            let header = format!("{}, {rest}", Locale::ALL[at]);
            prop_assert_eq!(Locale::from_accept_language(&header), Some(Locale::ALL[at]));
        }
    }
}
