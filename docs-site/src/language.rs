//! The languages of the public pages, and the editions of the site that they make.

/// A language that the public pages are written in. What only administrators, operators and programs read is in
/// English.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// English, in which every page begins.
    English,
    /// German.
    German,
    /// French.
    French,
    /// Spanish.
    Spanish,
    /// Arabic, which is written from right to left.
    Arabic,
}

impl Language {
    /// All of them, in the order in which readers choose.
    pub const ALL: [Self; 5] = [Self::English, Self::German, Self::French, Self::Spanish, Self::Arabic];

    /// Its name for programs (BCP 47), which is also the first part of its addresses: `de` of `/de/guide/`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Spanish => "es",
            Self::Arabic => "ar",
        }
    }

    /// Its name for those who speak it.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
            Self::French => "Français",
            Self::Spanish => "Español",
            Self::Arabic => "العربية",
        }
    }

    /// Whether its lines begin at the right.
    pub(crate) const fn is_right_to_left(self) -> bool {
        matches!(self, Self::Arabic)
    }

    /// Its name for those who write these pages.
    pub(crate) const fn english_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "German",
            Self::French => "French",
            Self::Spanish => "Spanish",
            Self::Arabic => "Arabic",
        }
    }

    /// The language of a file of `content/`, and the file of the English page that it translates.
    pub(crate) fn of_file(file: &str) -> (Self, &str) {
        let translated = file.split_once('/').and_then(|(folder, original)| {
            let language = Self::ALL.into_iter().find(|language| language.tag() == folder)?;
            Some((language, original))
        });
        translated.unwrap_or((Self::English, file))
    }
}

/// One reading of the site. The links of an edition stay in it, so that a choice of language lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Edition {
    /// The English pages at the addresses that everybody knows. What is there in other languages, too, may be answered
    /// in one of those.
    Unprefixed,
    /// The pages of one language, at addresses that begin with it.
    Of(Language),
}

impl Edition {
    pub(crate) const fn language(self) -> Language {
        match self {
            Self::Unprefixed => Language::English,
            Self::Of(language) => language,
        }
    }

    /// Whether its pages are found by search engines, the feed and the search. Those of `/en/` are the unprefixed ones
    /// once more.
    pub(crate) const fn is_listed(self) -> bool {
        !matches!(self, Self::Of(Language::English))
    }

    /// The address of a page of this edition.
    pub(crate) fn path(self, original: &str) -> String {
        match self {
            Self::Unprefixed => original.to_owned(),
            Self::Of(language) => format!("/{}{original}", language.tag()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_a_file_is_its_language() {
        for (file, expected) in [
            ("guide.md", (Language::English, "guide.md")),
            ("de/help/no-email/ask.md", (Language::German, "help/no-email/ask.md")),
            ("help/de/ask.md", (Language::English, "help/de/ask.md")),
            ("xx/guide.md", (Language::English, "xx/guide.md")),
        ] {
            assert_eq!(Language::of_file(file), expected);
        }
    }
}
