//! What a reply means, and whose matter it is.

use crate::account::text_form;

/// Why a receiving host did not take an email.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SmtpCause {
    /// The domain has no such mailbox, or has it no longer.
    MailboxDoesNotExist,
    /// There is a mailbox, but it is closed, locked or abandoned.
    MailboxDisabled,
    /// The mailbox has no room left.
    MailboxFull,
    /// The domain does not exist, or takes no email (null MX, RFC 7505).
    DomainInvalid,
    /// The email was taken for spam, or for dangerous, by what is in it.
    SpamContent,
    /// SPF, DKIM, DMARC or the name of the sending host did not pass.
    SenderUnauthenticated,
    /// Our sender address or its domain is not accepted as such.
    SenderAddressRefused,
    /// The sending IP address or domain is on a blocklist, or has a bad name with the provider.
    SenderReputation,
    /// A rule of the receiving side, of which it says no more.
    Policy,
    /// More mail than the host takes in the time.
    RateLimited,
    /// A first attempt is turned away on purpose, and a later one let in (RFC 6647).
    Greylisted,
    /// The email is larger than the host or the mailbox takes.
    MessageTooLarge,
    /// The address takes mail from members or from its own organisation only.
    RestrictedToMembers,
    /// The receiving host is down, overloaded or faulty.
    HostTrouble,
    /// Mail for the address goes in circles, or to a host that does not know its domain.
    LoopOrRouting,
    /// SES gave up after trying for as long as it may.
    TimedOut,
    /// The hosts did not understand each other.
    Protocol,
    /// The reply does not tell.
    Unknown,
}

text_form!(SmtpCause {
    MailboxDoesNotExist = "mailbox_does_not_exist",
    MailboxDisabled = "mailbox_disabled",
    MailboxFull = "mailbox_full",
    DomainInvalid = "domain_invalid",
    SpamContent = "spam_content",
    SenderUnauthenticated = "sender_unauthenticated",
    SenderAddressRefused = "sender_address_refused",
    SenderReputation = "sender_reputation",
    Policy = "policy",
    RateLimited = "rate_limited",
    Greylisted = "greylisted",
    MessageTooLarge = "message_too_large",
    RestrictedToMembers = "restricted_to_members",
    HostTrouble = "host_trouble",
    LoopOrRouting = "loop_or_routing",
    TimedOut = "timed_out",
    Protocol = "protocol",
    Unknown = "unknown",
});

/// Whose matter a cause is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The address is wrong or dead: nothing sent to it will arrive.
    Address,
    /// The domain is wrong or takes no mail.
    Domain,
    /// The address is right; its mailbox, or how its owner set it up, does not take this email.
    Mailbox,
    /// Ours: the email, its sender or the sending host. It says nothing about the address, so never suppress for it.
    Sender,
    /// Nobody's for long: it passes.
    Passing,
    /// The reply does not tell.
    Unknown,
}

impl SmtpCause {
    /// The cause in a sentence or two for an administrator who does not know SMTP.
    pub fn in_plain_words(self) -> &'static str {
        match self {
            Self::MailboxDoesNotExist => {
                "There is no mailbox with this address. It may be misspelt, or the mailbox was removed."
            }
            Self::MailboxDisabled => "The mailbox is closed: its provider disabled it, or its owner gave it up.",
            Self::MailboxFull => "The mailbox is full. Its owner must make room before any email can arrive.",
            Self::DomainInvalid => {
                "The part behind the @ does not exist or takes no mail. It is probably misspelt or was given up."
            }
            Self::SpamContent => {
                "The provider took the email for spam or found its content dangerous. The address itself is fine."
            }
            Self::SenderUnauthenticated => {
                "The provider could not verify that the email came from us: our SPF, DKIM or DMARC records need a look. \
                 The address itself is fine."
            }
            Self::SenderAddressRefused => {
                "The provider does not accept our sender address or its domain. The address of the user is fine."
            }
            Self::SenderReputation => {
                "The provider blocks mail from our sending host or domain because of a blocklist or a bad reputation. \
                 The address itself is fine."
            }
            Self::Policy => {
                "A rule of the provider or of the user’s organisation refused the email. The address itself is fine as \
                 far as we know."
            }
            Self::RateLimited => {
                "Too many emails came in a short time, to this mailbox or from our sending host. Later ones get through."
            }
            Self::Greylisted => {
                "The provider lets unknown senders wait on the first attempt. The email is tried again on its own, \
                 mostly within half an hour."
            }
            Self::MessageTooLarge => "The provider refused the email as too large for the mailbox.",
            Self::RestrictedToMembers => {
                "This address takes mail from its members or its own organisation only. Its owner must allow our sender \
                 address."
            }
            Self::HostTrouble => {
                "The provider’s mail host was down, overloaded or faulty. This passes without anybody’s doing."
            }
            Self::LoopOrRouting => {
                "The user’s mail is forwarded in a circle, or to a host that does not know the domain. Only the user’s \
                 mail administrator can correct that."
            }
            Self::TimedOut => "The provider’s mail host could not be reached, or put us off, until time ran out.",
            Self::Protocol => {
                "The provider’s mail host did not understand the email or how it was handed over. Nobody using the \
                 portal can change that."
            }
            Self::Unknown => {
                "The provider refused the email without a reason that we understand. Its own words tell more."
            }
        }
    }

    /// Whose matter it is.
    pub fn fault(self) -> Fault {
        match self {
            Self::MailboxDoesNotExist | Self::MailboxDisabled => Fault::Address,
            Self::DomainInvalid => Fault::Domain,
            Self::MailboxFull | Self::RestrictedToMembers | Self::LoopOrRouting => Fault::Mailbox,
            Self::SpamContent
            | Self::SenderUnauthenticated
            | Self::SenderAddressRefused
            | Self::SenderReputation
            | Self::Policy
            | Self::MessageTooLarge => Fault::Sender,
            Self::RateLimited | Self::Greylisted | Self::HostTrouble | Self::TimedOut => Fault::Passing,
            Self::Protocol | Self::Unknown => Fault::Unknown,
        }
    }
}
