//! What a reply means, and whose matter it is.

use crate::text_form::text_form;

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
    /// A moderator decides what reaches the group.
    ModeratedGroup,
    /// The mailbox accepts only so many emails in a time, and has reached that limit.
    ReceivingLimit,
    /// The recipient blocked our sender, or accepts only senders from a list of their own.
    BlockedByRecipient,
    /// The reply does not tell.
    Undetermined,
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
    ModeratedGroup = "moderated_group",
    ReceivingLimit = "receiving_limit",
    BlockedByRecipient = "blocked_by_recipient",
    Undetermined = "undetermined",
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
    /// What happened, in a sentence or two for an administrator who doesn't know SMTP.
    pub fn in_plain_words(self) -> &'static str {
        match self {
            Self::MailboxDoesNotExist => "The recipient’s server says this mailbox doesn’t exist.",
            Self::MailboxDisabled => "The recipient’s server says this mailbox is closed, disabled or abandoned.",
            Self::MailboxFull => "The mailbox is full and can’t receive email until its owner makes room.",
            Self::DomainInvalid => "The domain of the address doesn’t exist or doesn’t accept email.",
            Self::SpamContent => {
                "The recipient’s server took the email for spam or found its content unsafe. The address is fine."
            }
            Self::SenderUnauthenticated => {
                "The recipient’s server couldn’t verify that the email came from us (SPF, DKIM, DMARC or host name). \
                 The address is fine."
            }
            Self::SenderAddressRefused => {
                "The recipient’s server rejected our sender address or its domain. The address is fine."
            }
            Self::SenderReputation => {
                "The recipient’s server blocks our sending host or domain because of a blocklist or a poor reputation. \
                 The address is fine."
            }
            Self::Policy => {
                "A policy of the recipient’s server rejected the email. As far as we know, the address is fine."
            }
            Self::RateLimited => {
                "The recipient’s server received too many emails in a short time. The address is fine."
            }
            Self::Greylisted => {
                "The recipient’s server makes new senders wait before it accepts their email (greylisting)."
            }
            Self::MessageTooLarge => "The recipient’s server rejected the email as too large. The address is fine.",
            Self::RestrictedToMembers => "This address accepts email only from its members or its own organization.",
            Self::ModeratedGroup => "This address is a group whose moderator decides which emails it accepts.",
            Self::ReceivingLimit => "The mailbox has reached its limit of emails per hour or day. The address is fine.",
            Self::BlockedByRecipient => {
                "The recipient blocked our sender address, or accepts email only from senders they chose."
            }
            Self::HostTrouble => "The recipient’s server was unavailable, overloaded or faulty. This usually passes.",
            Self::LoopOrRouting => {
                "The recipient’s email is forwarded in a circle, or to a server that doesn’t accept email for its \
                 domain."
            }
            Self::TimedOut => {
                "The recipient’s server couldn’t be reached, or delayed the email until SES stopped retrying."
            }
            Self::Protocol => {
                "The recipient’s server rejected how the email was transmitted or formatted. The address is fine."
            }
            Self::Undetermined => "The recipient’s server rejected it for a reason we don’t recognise.",
        }
    }

    /// What to do about it, and who can.
    pub fn fix(self) -> &'static str {
        match self {
            Self::MailboxDoesNotExist | Self::MailboxDisabled => {
                "Ask the user for their current address and correct the record. If the address is right, their IT \
                 must create or reopen the mailbox."
            }
            Self::DomainInvalid => "Ask the user for the right address and correct the record.",
            Self::MailboxFull => "Ask the user to delete some email, then send a new link. Or use another address.",
            Self::SpamContent => {
                "Ask the recipient’s IT to allow email from our sending domain. Send them the server’s reply."
            }
            Self::SenderUnauthenticated => {
                "An administrator must open Sender and fix the SPF, DKIM and DMARC records that it lists. Then send \
                 a new link."
            }
            Self::SenderAddressRefused | Self::SenderReputation => {
                "An administrator must open Sender and fix what it lists. If everything there is fine, send the \
                 server’s reply to the recipient’s IT or provider."
            }
            Self::Policy => {
                "Ask the recipient’s IT to allow email from our sending domain. Send them the server’s reply."
            }
            Self::RateLimited | Self::Greylisted | Self::HostTrouble | Self::TimedOut => {
                "Wait half an hour, then send a new link. If it fails again, use another address."
            }
            Self::MessageTooLarge => "Use another address, and report the problem to an administrator.",
            Self::RestrictedToMembers => {
                "Ask the owner of the group or mailbox to allow our sender address, or use a personal address. \
                 Nothing is wrong on our side."
            }
            Self::ModeratedGroup => {
                "Ask the group’s moderator to approve the email, or use a personal address. Nothing is wrong on our \
                 side."
            }
            Self::ReceivingLimit => {
                "Wait an hour, then send a new link. If it keeps happening, the owner of the mailbox must ask their \
                 IT to raise the limit."
            }
            Self::BlockedByRecipient => {
                "Ask the user to remove our sender address from their list of blocked senders, or to add it to the \
                 allowed ones. Then send a new link."
            }
            Self::LoopOrRouting => "Ask the recipient’s IT to correct the forwarding, or use another address.",
            Self::Protocol => {
                "Send a new link. If it fails again, an administrator should send the server’s reply to the \
                 recipient’s IT."
            }
            Self::Undetermined => {
                "Send a new link. If it fails again, send the server’s reply to the recipient’s IT, or use another \
                 address."
            }
        }
    }

    /// Whose matter it is.
    pub fn fault(self) -> Fault {
        match self {
            Self::MailboxDoesNotExist | Self::MailboxDisabled => Fault::Address,
            Self::DomainInvalid => Fault::Domain,
            Self::MailboxFull
            | Self::RestrictedToMembers
            | Self::ModeratedGroup
            | Self::ReceivingLimit
            | Self::BlockedByRecipient
            | Self::LoopOrRouting => Fault::Mailbox,
            Self::SpamContent
            | Self::SenderUnauthenticated
            | Self::SenderAddressRefused
            | Self::SenderReputation
            | Self::Policy
            | Self::MessageTooLarge
            | Self::Protocol => Fault::Sender,
            Self::RateLimited | Self::Greylisted | Self::HostTrouble | Self::TimedOut => Fault::Passing,
            Self::Undetermined => Fault::Unknown,
        }
    }
}
