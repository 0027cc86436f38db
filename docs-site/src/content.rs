//! The pages of `content/`: compiled in, or read from a folder while somebody writes.

use std::borrow::Cow;
use std::io;
use std::path::Path;

/// A page as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// Its file within `content/`, which decides its path.
    pub(crate) file: Cow<'static, str>,
    pub(crate) text: Cow<'static, str>,
    /// What it was made of, if nobody wrote it.
    pub(crate) made_of: Option<&'static str>,
}

impl Source {
    /// A page that somebody wrote.
    pub(crate) const fn written(file: &'static str, text: &'static str) -> Self {
        Self { file: Cow::Borrowed(file), text: Cow::Borrowed(text), made_of: None }
    }

    /// A page that was made of something else.
    pub(crate) fn made(file: String, text: String, made_of: &'static str) -> Self {
        Self { file: Cow::Owned(file), text: Cow::Owned(text), made_of: Some(made_of) }
    }

    /// How faults name it.
    pub(crate) fn name(&self) -> String {
        match self.made_of {
            Some(made_of) => format!("{} ({made_of})", self.file),
            None => format!("content/{}", self.file),
        }
    }
}

/// The pages that somebody wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content(pub(crate) Vec<Source>);

impl Content {
    /// The pages of `content/`, as they were when this was compiled.
    pub fn compiled_in() -> Self {
        Self(SOURCES.to_vec())
    }

    /// The `.md` files of a folder and of those in it, in the order of their names.
    ///
    /// # Errors
    ///
    /// A folder or file that can't be read, or a file that isn't UTF-8.
    pub fn read(folder: &Path) -> io::Result<Self> {
        let mut sources = Vec::new();
        let mut folders = vec![folder.to_path_buf()];
        while let Some(inner) = folders.pop() {
            for entry in std::fs::read_dir(&inner)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "md") {
                    let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().replace('\\', "/");
                    let text = std::fs::read_to_string(&path)?;
                    sources.push(Source { file: Cow::Owned(name), text: Cow::Owned(text), made_of: None });
                }
            }
        }
        sources.sort_by(|a, b| a.file.cmp(&b.file));
        Ok(Self(sources))
    }
}

/// Pairs each name with the text of its file.
macro_rules! sources {
    ($($file:literal),* $(,)?) => {
        &[$(Source::written($file, include_str!(concat!("../content/", $file)))),*]
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
    "glossary.md",
    "guide.md",
    "help/no-email/address.md",
    "help/no-email/ask.md",
    "help/no-email/before.md",
    "help/no-email/index.md",
    "help/no-email/junk.md",
    "help/no-email/link.md",
    "help/no-email/mailbox.md",
    "help/no-email/old.md",
    "help/no-email/wait.md",
    "help/no-email/when.md",
    "index.md",
    "operators/api.md",
    "operators/canary.md",
    "operators/configure.md",
    "operators/deploy.md",
    "operators/email-log.md",
    "operators/events.md",
    "operators/import.md",
    "operators/index.md",
    "operators/languages.md",
    "operators/portal-session.md",
    "operators/quick-start.md",
    "operators/running.md",
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
    "reference/index.md",
    "reset-password.md",
    "search.md",
    "sign-in.md",
];
