//! Sample names of users and portals.

use std::str::FromStr;

use mailkey_mailer::emails::Portal;

/// Which recipient or portal a sample email is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    /// A common name.
    Name,
    /// The longest name that a greeting uses.
    LongName,
    /// A name in a right-to-left script.
    RightToLeftName,
    /// No display name.
    NoName,
    /// Markup in place of a name, which the email must leave out.
    MarkupName,
    /// A portal name longer than one line.
    LongPortal,
}

impl Case {
    pub(super) const ALL: [Self; 6] =
        [Self::Name, Self::LongName, Self::RightToLeftName, Self::NoName, Self::MarkupName, Self::LongPortal];

    /// The case as a path segment.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::LongName => "long-name",
            Self::RightToLeftName => "right-to-left-name",
            Self::NoName => "no-name",
            Self::MarkupName => "markup-name",
            Self::LongPortal => "long-portal",
        }
    }

    /// The case's label on gallery pages.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Name => "A name",
            Self::LongName => "A long name",
            Self::RightToLeftName => "A right-to-left name",
            Self::NoName => "No name",
            Self::MarkupName => "A name with markup",
            Self::LongPortal => "A long portal name",
        }
    }

    pub(super) fn display_name(self) -> Option<&'static str> {
        match self {
            Self::Name | Self::LongPortal => Some("Ada O'Hara"),
            Self::LongName => Some("Maria Anna Wilhelmina Franziska von Hohenstein-Waldburg-Zeil"),
            Self::RightToLeftName => Some("نور الهدى عبد الرحمن"),
            Self::NoName => None,
            Self::MarkupName => Some("<b>Ada</b> {{7*7}} https://evil.example"),
        }
    }

    pub(super) fn portal(self, portal: &Portal) -> Portal {
        let mut portal = portal.clone();
        if self == Self::LongPortal {
            portal.name =
                "The Northwind & Western Isles Regional Health Insurance Customer Self-Service Portal".to_owned();
        }
        portal
    }
}

pub(super) struct NoSuchCase;

impl FromStr for Case {
    type Err = NoSuchCase;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|case| case.as_str() == text).ok_or(NoSuchCase)
    }
}
