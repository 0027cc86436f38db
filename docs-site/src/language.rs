//! The languages of the public pages, and the editions of the site.

/// A language of the public pages. Pages for administrators, operators and programs are in English only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// English, the original of every page.
    English,
    /// German.
    German,
    /// French.
    French,
    /// Spanish.
    Spanish,
    /// Arabic, the only language written from right to left.
    Arabic,
}

impl Language {
    /// All languages, in the order of the language menu.
    pub const ALL: [Self; 5] = [Self::English, Self::German, Self::French, Self::Spanish, Self::Arabic];

    /// Its BCP 47 tag, which also begins its paths: `de` in `/de/guide/`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Spanish => "es",
            Self::Arabic => "ar",
        }
    }

    /// Its name in the language itself.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
            Self::French => "Français",
            Self::Spanish => "Español",
            Self::Arabic => "العربية",
        }
    }

    pub(crate) const fn is_right_to_left(self) -> bool {
        matches!(self, Self::Arabic)
    }

    /// Its name in error messages.
    pub(crate) const fn english_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "German",
            Self::French => "French",
            Self::Spanish => "Spanish",
            Self::Arabic => "Arabic",
        }
    }

    /// The language of a file of `content/`, and the English file that it translates.
    pub(crate) fn of_file(file: &str) -> (Self, &str) {
        let translated = file.split_once('/').and_then(|(folder, original)| {
            let language = Self::ALL.into_iter().find(|language| language.tag() == folder)?;
            Some((language, original))
        });
        translated.unwrap_or((Self::English, file))
    }
}

/// A version of the site. Its links stay within it, so that readers keep the language that they chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Edition {
    /// The English pages, at paths without a language. The server may answer with a translation instead.
    Unprefixed,
    /// The pages of one language, at paths that begin with its tag.
    Of(Language),
}

impl Edition {
    pub(crate) const fn language(self) -> Language {
        match self {
            Self::Unprefixed => Language::English,
            Self::Of(language) => language,
        }
    }

    /// The edition of a language that search engines see.
    pub(crate) const fn listed(language: Language) -> Self {
        match language {
            Language::English => Self::Unprefixed,
            language => Self::Of(language),
        }
    }

    /// Whether search engines and the search list its pages. Those below `/en/` repeat the unprefixed ones.
    pub(crate) const fn is_listed(self) -> bool {
        !matches!(self, Self::Of(Language::English))
    }

    /// The path of a page in this edition.
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
    fn the_folder_of_a_file_determines_its_language() {
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
