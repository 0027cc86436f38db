//! The pages of `content/`, compiled in.

/// A page as it was written.
pub(crate) struct Source {
    /// Its file within `content/`, which decides its path.
    pub(crate) file: &'static str,
    pub(crate) text: &'static str,
}

/// Pairs each name with the text of its file.
macro_rules! sources {
    ($($file:literal),* $(,)?) => {
        &[$(Source { file: $file, text: include_str!(concat!("../content/", $file)) }),*]
    };
}

/// Every file of `content/`. A test fails if one is missing here.
pub(crate) static SOURCES: &[Source] = sources![
    "404.md",
    "activate.md",
    "check-your-mail.md",
    "faq.md",
    "findings/account-locked.md",
    "findings/arrived-after-link-died.md",
    "findings/domain-wide-trouble.md",
    "findings/index.md",
    "findings/link-already-used.md",
    "findings/link-expired.md",
    "findings/link-opened-by-scanner-only.md",
    "findings/mailbox-does-not-exist.md",
    "findings/mailbox-full.md",
    "findings/never-asked.md",
    "findings/no-feedback.md",
    "findings/no-such-user.md",
    "findings/probably-in-junk.md",
    "findings/rate-limited.md",
    "findings/refused-as-spam.md",
    "findings/refused-sender-fault.md",
    "findings/sender-over-quota.md",
    "findings/sender-paused.md",
    "findings/sender-sandboxed.md",
    "findings/sender-unverified.md",
    "findings/still-on-the-way.md",
    "findings/suppressed-at-ses.md",
    "findings/suppressed-here.md",
    "findings/typo-in-domain.md",
    "findings/user-inactive.md",
    "findings/user-pending.md",
    "forgot-password.md",
    "guide.md",
    "index.md",
    "operators/api.md",
    "operators/canary.md",
    "operators/email-log.md",
    "operators/events.md",
    "operators/import.md",
    "operators/index.md",
    "operators/portal-session.md",
    "operators/sender.md",
    "operators/suppressions.md",
    "problems/account-inactive.md",
    "problems/account-locked.md",
    "problems/address-suppressed.md",
    "problems/admin-required.md",
    "problems/already-active.md",
    "problems/email-taken.md",
    "problems/index.md",
    "problems/internal-error.md",
    "problems/invalid-credentials.md",
    "problems/invalid-token.md",
    "problems/malformed-request.md",
    "problems/method-not-allowed.md",
    "problems/not-allowed.md",
    "problems/not-found.md",
    "problems/not-resendable.md",
    "problems/origin-refused.md",
    "problems/payload-too-large.md",
    "problems/service-unavailable.md",
    "problems/sign-in-required.md",
    "problems/stale-version.md",
    "problems/too-many-requests.md",
    "problems/unsupported-media-type.md",
    "problems/user-inactive.md",
    "problems/weak-password.md",
    "reset-password.md",
    "sign-in.md",
];
