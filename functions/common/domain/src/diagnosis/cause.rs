//! The causes, and how certain they are.

use crate::text_form::text_form;

/// Why an email did not arrive. Each has a page of the support site, and a scenario to try it with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// No user has the address.
    NoSuchUser,
    /// The user is inactive, and inactive users get no mail.
    UserInactive,
    /// SES can't send to the address: its local part isn't ASCII.
    AddressUnsupported,
    /// The user never activated the account: there is no password to reset.
    UserPending,
    /// Nobody asked for an email.
    NeverAsked,
    /// Too many links were asked for.
    RateLimited,
    /// We suppress the address.
    SuppressedHere,
    /// SES suppresses the address.
    SuppressedAtSes,
    /// Our account may write to verified addresses only.
    SenderSandboxed,
    /// Our account may not send.
    SenderPaused,
    /// Our account has sent all it may today.
    SenderOverQuota,
    /// SES does not know our domain as ours.
    SenderUnverified,
    /// The domain is misspelt.
    TypoInDomain,
    /// There is no such mailbox.
    MailboxDoesNotExist,
    /// The mailbox is full.
    MailboxFull,
    /// The receiving host took it for spam.
    RefusedAsSpam,
    /// The receiving host refused us.
    RefusedSenderFault,
    /// The mailbox's owner, or their organization, doesn't let us in.
    RefusedByRecipient,
    /// The receiving host refused it for a reason that we don't recognise.
    Undetermined,
    /// A mail gateway damages links on their way to the recipient.
    LinkDamaged,
    /// It was delivered, and nobody opened its link: junk folder or quarantine.
    ProbablyInJunk,
    /// It has not been delivered yet.
    StillOnTheWay,
    /// It arrived when its link was dead.
    ArrivedAfterLinkDied,
    /// Its link has died since.
    LinkExpired,
    /// Its link was used.
    LinkAlreadyUsed,
    /// Its link was opened by a machine, and by nobody.
    LinkOpenedByScannerOnly,
    /// Too many wrong passwords.
    AccountLocked,
    /// SES took it, and no event came since.
    NoFeedback,
    /// The recipient's domain is in trouble.
    DomainWideTrouble,
}

text_form!(Cause {
    NoSuchUser = "no_such_user",
    UserInactive = "user_inactive",
    AddressUnsupported = "address_unsupported",
    UserPending = "user_pending",
    NeverAsked = "never_asked",
    RateLimited = "rate_limited",
    SuppressedHere = "suppressed_here",
    SuppressedAtSes = "suppressed_at_ses",
    SenderSandboxed = "sender_sandboxed",
    SenderPaused = "sender_paused",
    SenderOverQuota = "sender_over_quota",
    SenderUnverified = "sender_unverified",
    TypoInDomain = "typo_in_domain",
    MailboxDoesNotExist = "mailbox_does_not_exist",
    MailboxFull = "mailbox_full",
    RefusedAsSpam = "refused_as_spam",
    RefusedSenderFault = "refused_sender_fault",
    RefusedByRecipient = "refused_by_recipient",
    Undetermined = "undetermined",
    LinkDamaged = "link_damaged",
    ProbablyInJunk = "probably_in_junk",
    StillOnTheWay = "still_on_the_way",
    ArrivedAfterLinkDied = "arrived_after_link_died",
    LinkExpired = "link_expired",
    LinkAlreadyUsed = "link_already_used",
    LinkOpenedByScannerOnly = "link_opened_by_scanner_only",
    AccountLocked = "account_locked",
    NoFeedback = "no_feedback",
    DomainWideTrouble = "domain_wide_trouble",
});

impl Cause {
    /// The page of the support site that explains it.
    pub fn page(self) -> String {
        format!("/findings/{}/", self.as_str().replace('_', "-"))
    }
}

/// What a finding means for email now, whether it is certain or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// It blocks email to this address now.
    Blocking,
    /// It explains an email that did not arrive, or makes the next one unlikely to.
    Warning,
    /// Nothing is wrong; wait.
    Info,
    /// Nothing is wrong.
    Ok,
}

text_form!(Severity { Blocking = "blocking", Warning = "warning", Info = "info", Ok = "ok" });

/// How certain a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// The evidence leaves no doubt.
    Certain,
    /// The evidence fits, and little else does.
    Likely,
    /// It would explain what is seen.
    Possible,
}

text_form!(Certainty { Certain = "certain", Likely = "likely", Possible = "possible" });
