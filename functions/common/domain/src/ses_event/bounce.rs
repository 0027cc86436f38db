//! The words of SES for what went wrong. AWS adds to them without notice, so each set is open: a word that is not known
//! is kept as it came.

use super::field;

/// Gives an enum of known words, and one variant for the rest, its text form and a reader of it.
macro_rules! open_words {
    ($type:ident { $($variant:ident = $text:literal),+ $(,)? }) => {
        impl $type {
            /// Every value that is known.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant),+];

            /// The word, as SES writes it.
            pub fn as_str(&self) -> &str {
                match self { $(Self::$variant => $text,)+ Self::Unknown(word) => word }
            }

            /// Reads a word, in any case.
            pub fn read(word: &str) -> Self {
                match word.trim() {
                    $(known if known.eq_ignore_ascii_case($text) => Self::$variant,)+
                    other => Self::Unknown(field::word(other)),
                }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

/// How final a bounce is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BounceKind {
    /// For good, says SES.
    Permanent,
    /// SES gave up after trying for hours, or took an automatic reply for a bounce.
    Transient,
    /// SES could not tell, or did not say.
    Undetermined,
    /// Something that AWS thought of later.
    Unknown(String),
}

open_words!(BounceKind { Permanent = "Permanent", Transient = "Transient", Undetermined = "Undetermined" });

/// What a bounce was about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BounceSubtype {
    /// Nothing narrower was said. With a transient bounce it may be an out-of-office reply, or an invalid domain.
    General,
    /// The address could not be got from the bounce, or does not exist.
    NoEmail,
    /// On the list that SES keeps for all its customers. SES never tried.
    Suppressed,
    /// On our account's list. SES never tried.
    OnAccountSuppressionList,
    /// On our tenant's list. SES never tried.
    OnTenantSuppressionList,
    /// SES judged the address to be bad. SES never tried.
    EmailValidationSuppressed,
    /// The recipient opted out through SES's list management. SES never tried.
    UnsubscribedRecipient,
    /// The mailbox is full.
    MailboxFull,
    /// The mail is too large.
    MessageTooLarge,
    /// The content was refused, such as by a spam filter.
    ContentRejected,
    /// An attachment was refused.
    AttachmentRejected,
    /// The time that we gave SES for the delivery ran out.
    CustomTimeoutExceeded,
    /// SES could not tell.
    Undetermined,
    /// Something that AWS thought of later.
    Unknown(String),
}

open_words!(BounceSubtype {
    General = "General",
    NoEmail = "NoEmail",
    Suppressed = "Suppressed",
    OnAccountSuppressionList = "OnAccountSuppressionList",
    OnTenantSuppressionList = "OnTenantSuppressionList",
    EmailValidationSuppressed = "EmailValidationSuppressed",
    UnsubscribedRecipient = "UnsubscribedRecipient",
    MailboxFull = "MailboxFull",
    MessageTooLarge = "MessageTooLarge",
    ContentRejected = "ContentRejected",
    AttachmentRejected = "AttachmentRejected",
    CustomTimeoutExceeded = "CustomTimeoutExceeded",
    Undetermined = "Undetermined",
});

/// Why a complaint is one that nobody made: SES did not send the mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ComplaintSubtype {
    /// On our account's suppression list for an earlier complaint.
    OnAccountSuppressionList,
    /// On our tenant's.
    OnTenantSuppressionList,
    /// Something that AWS thought of later.
    Unknown(String),
}

open_words!(ComplaintSubtype {
    OnAccountSuppressionList = "OnAccountSuppressionList",
    OnTenantSuppressionList = "OnTenantSuppressionList",
});

/// What the recipient's provider called it: the values that IANA registered for RFC 5965's `Feedback-Type`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedbackType {
    /// Unwanted mail.
    Abuse,
    /// The mail failed DKIM, SPF or DMARC there. Nobody complained.
    AuthFailure,
    /// Fraud or phishing.
    Fraud,
    /// The opposite of a complaint: the recipient took the mail out of the spam folder.
    NotSpam,
    /// None of these.
    Other,
    /// A virus was found in it.
    Virus,
    /// Something that was registered later.
    Unknown(String),
}

open_words!(FeedbackType {
    Abuse = "abuse",
    AuthFailure = "auth-failure",
    Fraud = "fraud",
    NotSpam = "not-spam",
    Other = "other",
    Virus = "virus",
});

/// Why a delivery takes long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DelayKind {
    /// A trouble of SES.
    InternalFailure,
    /// Nothing narrower was said.
    General,
    /// The mailbox is full.
    MailboxFull,
    /// The receiving host took it for spam.
    SpamDetected,
    /// A trouble of the receiving host.
    RecipientServerError,
    /// The receiving host blocks or slows the sending IP address.
    IpFailure,
    /// The hosts could not talk to each other.
    TransientCommunicationFailure,
    /// The name of the sending IP address, our own one, could not be looked up.
    ByoipHostNameLookupUnavailable,
    /// SES could not tell, or did not say.
    Undetermined,
    /// SES holds the mail back itself.
    SendingDeferral,
    /// Something that AWS thought of later.
    Unknown(String),
}

open_words!(DelayKind {
    InternalFailure = "InternalFailure",
    General = "General",
    MailboxFull = "MailboxFull",
    SpamDetected = "SpamDetected",
    RecipientServerError = "RecipientServerError",
    IpFailure = "IPFailure",
    TransientCommunicationFailure = "TransientCommunicationFailure",
    ByoipHostNameLookupUnavailable = "BYOIPHostNameLookupUnavailable",
    Undetermined = "Undetermined",
    SendingDeferral = "SendingDeferral",
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_word_reads_back() {
        macro_rules! check {
            ($($type:ident),+) => {$(
                for known in $type::KNOWN {
                    assert_eq!(&$type::read(known.as_str()), known);
                    assert_eq!(&$type::read(&format!(" {} ", known.as_str().to_lowercase())), known);
                }
            )+};
        }
        check!(BounceKind, BounceSubtype, ComplaintSubtype, FeedbackType, DelayKind);
    }

    #[test]
    fn an_unknown_word_is_kept_and_never_grows_long() {
        assert_eq!(BounceSubtype::read("GreylistedForever").as_str(), "GreylistedForever");
        assert_eq!(BounceKind::read(&"x".repeat(9_000)).as_str().len(), 64);
    }
}
