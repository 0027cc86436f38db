//! Watched senders: email of other systems that goes through the same SES account. Mailkey logs and explains it, and
//! never retries it.

mod decision;
mod effect;
#[cfg(test)]
mod tests;

use std::{fmt, str::FromStr};

use crate::{
    account::{AddressKey, EmailAddress, InvalidSenderPattern, SenderPattern},
    ses_event::Mail,
    text_form::text_form,
};

pub use decision::{Decision, Target};
pub use effect::suppresses;

/// Senders whose email is logged although Mailkey doesn't send it, as in `portal.example,news@other.example`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WatchedSenders(Vec<SenderPattern>);

impl FromStr for WatchedSenders {
    type Err = InvalidSenderPattern;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut senders = parts(text).map(SenderPattern::parse).collect::<Result<Vec<_>, _>>()?;
        let mut seen = Vec::new();
        senders.retain(|sender| {
            !seen.contains(sender) && {
                seen.push(sender.clone());
                true
            }
        });
        Ok(Self(senders))
    }
}

impl fmt::Display for WatchedSenders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let senders: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&senders.join(","))
    }
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty())
}

impl WatchedSenders {
    /// Whether nobody is watched.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The watched domains and addresses.
    pub fn iter(&self) -> impl Iterator<Item = &SenderPattern> {
        self.0.iter()
    }

    /// Whether the envelope sender or the From header of an email is watched.
    pub fn match_mail(&self, mail: &Mail) -> bool {
        self.sender_of(mail).is_some()
    }

    /// Those that an email matches.
    pub fn matching<'a>(&'a self, mail: &Mail) -> impl Iterator<Item = &'a SenderPattern> {
        let addresses = addresses(mail);
        self.0.iter().filter(move |sender| addresses.iter().any(|address| sender.matches(address)))
    }

    /// What an email counts for: the watched address, or the domain of the watched sender. The envelope sender comes
    /// first because every event has it, so that all events of an email count for one sender.
    pub fn sender_of(&self, mail: &Mail) -> Option<String> {
        addresses(mail).into_iter().find_map(|address| {
            let mut matching = self.0.iter().filter(|sender| sender.matches(&address)).peekable();
            matching.peek()?;
            let by_itself = matching.any(|sender| matches!(sender, SenderPattern::Address(_)));
            Some(if by_itself { address.as_str() } else { address.domain() }.to_owned())
        })
    }
}

/// The envelope sender and the address in `From`.
fn addresses(mail: &Mail) -> Vec<AddressKey> {
    let addresses = [&mail.source, &mail.from].into_iter().flatten();
    addresses.filter_map(|text| EmailAddress::parse(text).ok()).map(|address| address.key().clone()).collect()
}

/// What the log keeps of the subjects of watched email.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WatchedSubjects {
    /// Subjects without digits, codes and tokens.
    #[default]
    Masked,
    /// Nothing.
    None,
}

text_form!(WatchedSubjects { Masked = "masked", None = "none" });

/// Email whose deliveries are not worth an entry, such as newsletters: only failures are logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FailuresOnly {
    /// Email from this sender.
    Sender(SenderPattern),
    /// Email that names this configuration set.
    ConfigurationSet(String),
    /// Email with this tag, and with this value if one is given.
    Tag(String, Option<String>),
}

impl FailuresOnly {
    /// Reads `news@other.example`, `configuration-set:newsletters`, `tag:campaign` or `tag:type=newsletter`.
    ///
    /// # Errors
    ///
    /// [`InvalidSenderPattern`] for anything else.
    pub fn parse(text: &str) -> Result<Self, InvalidSenderPattern> {
        // Without a name, a rule applies to no email, or to all of it.
        let named = |name: &str| match name.trim() {
            "" => Err(InvalidSenderPattern(text.to_owned())),
            name => Ok(name.to_owned()),
        };
        if let Some(set) = text.strip_prefix("configuration-set:") {
            return named(set).map(Self::ConfigurationSet);
        }
        let Some(tag) = text.strip_prefix("tag:") else { return SenderPattern::parse(text).map(Self::Sender) };
        match tag.split_once('=') {
            Some((name, value)) => Ok(Self::Tag(named(name)?, Some(value.trim().to_owned()))),
            None => Ok(Self::Tag(named(tag)?, None)),
        }
    }

    fn applies_to(&self, mail: &Mail) -> bool {
        match self {
            Self::Sender(sender) => addresses(mail).iter().any(|address| sender.matches(address)),
            Self::ConfigurationSet(set) => mail.configuration_set.as_ref() == Some(set),
            Self::Tag(name, value) => {
                mail.tags.iter().any(|(tag, its)| tag == name && value.as_ref().is_none_or(|value| value == its))
            }
        }
    }
}

/// What is watched, and how much of it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Watch {
    /// Whose email.
    pub senders: WatchedSenders,
    /// What is kept of subjects.
    pub subjects: WatchedSubjects,
    /// The email of which only failures are kept.
    pub failures_only: Vec<FailuresOnly>,
}

impl Watch {
    /// Reads the three settings; an empty text is the default of each. The error says which one is wrong.
    ///
    /// # Errors
    ///
    /// [`InvalidWatch`] names the setting.
    pub fn parse(senders: &str, subjects: &str, failures_only: &str) -> Result<Self, InvalidWatch> {
        let subjects = match subjects {
            "" => WatchedSubjects::default(),
            text => text.parse().map_err(|_| InvalidWatch::Subjects)?,
        };
        let failures_only = parts(failures_only).map(FailuresOnly::parse).collect::<Result<_, _>>();
        Ok(Self {
            senders: senders.parse().map_err(InvalidWatch::Senders)?,
            subjects,
            failures_only: failures_only.map_err(InvalidWatch::FailuresOnly)?,
        })
    }
}

/// A setting of watched senders that can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidWatch {
    /// Not a list of domains and addresses.
    #[error(transparent)]
    Senders(InvalidSenderPattern),
    /// Neither of the two values.
    #[error("must be masked or none")]
    Subjects,
    /// Not a list of rules.
    #[error(transparent)]
    FailuresOnly(InvalidSenderPattern),
}
