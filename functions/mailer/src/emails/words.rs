//! The texts of the emails: one method for each message of the Fluent files in `locales/`. `build/main.rs` generates
//! them, and the build fails if a language lacks a message.

use icu_locale_core::LanguageIdentifier;
use icu_plurals::{PluralCategory, PluralRules};
use mailkey::{Direction, Locale};

use super::phrase::{Phrase, Spoken};

/// All messages, in one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) locale: Locale,
}

impl Words {
    pub(super) fn of(locale: Locale) -> Self {
        Self { locale }
    }

    pub(super) fn direction(self) -> Direction {
        self.locale.direction()
    }

    /// The side on which lines start.
    pub(super) fn side(self) -> &'static str {
        match self.direction() {
            Direction::Ltr => "left",
            Direction::Rtl => "right",
        }
    }

    fn phrase(self) -> Phrase {
        Phrase::new(self.direction())
    }

    /// The plural form for a number, by the rules of the CLDR.
    fn category(self, n: u64) -> PluralCategory {
        // Every language has `other`; a test makes sure that the CLDR has rules for ours.
        self.plural_rules().map_or(PluralCategory::Other, |rules| rules.category_for(n))
    }

    fn plural_rules(self) -> Option<PluralRules> {
        let language: LanguageIdentifier = self.locale.as_str().parse().ok()?;
        PluralRules::try_new_cardinal(language.into()).ok()
    }
}

include!(concat!(env!("OUT_DIR"), "/words.rs"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_plural_rules() {
        for locale in Locale::ALL {
            assert!(Words::of(*locale).plural_rules().is_some(), "{locale}");
        }
    }

    #[test]
    fn each_language_has_its_plural_forms() {
        let said = |locale, n| Words::of(locale).days(n).to_string();
        assert_eq!([0, 1, 2].map(|n| said(Locale::En, n)), ["0 days", "1 day", "2 days"]);
        assert_eq!([0, 1, 2].map(|n| said(Locale::De, n)), ["0 Tage", "1 Tag", "2 Tage"]);
        // French uses the singular for zero.
        assert_eq!([0, 1, 2].map(|n| said(Locale::Fr, n)), ["0 jour", "1 jour", "2 jours"]);
        assert_eq!([0, 1, 2].map(|n| said(Locale::Es, n)), ["0 días", "1 día", "2 días"]);
        assert_eq!(
            [0, 1, 2, 3, 10, 11, 99, 100, 102, 103, 111].map(|n| said(Locale::Ar, n)),
            [
                "0 يوم",
                "يوم واحد",
                "يومين",
                "3 أيام",
                "10 أيام",
                "11 يومًا",
                "99 يومًا",
                "100 يوم",
                "102 يوم",
                "103 أيام",
                "111 يومًا",
            ]
        );
    }
}
