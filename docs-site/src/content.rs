//! The pages and pictures of `content/`: compiled in, or read from a folder while somebody writes.

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

/// A picture as it was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PictureFile {
    /// Its file within `content/pictures/`.
    pub(crate) name: Cow<'static, str>,
    pub(crate) bytes: Cow<'static, [u8]>,
}

/// What somebody wrote, and the pictures for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    pub(crate) sources: Vec<Source>,
    pub(crate) pictures: Vec<PictureFile>,
}

impl Content {
    /// What was in `content/` when this was compiled.
    pub fn compiled_in() -> Self {
        Self { sources: SOURCES.to_vec(), pictures: PICTURES.to_vec() }
    }

    /// The `.md` files of a folder and of those in it, and what is in its folder `pictures`, in the order of their
    /// names.
    ///
    /// # Errors
    ///
    /// A folder or file that can't be read, or a file that isn't UTF-8.
    pub fn read(folder: &Path) -> io::Result<Self> {
        let mut content = Self::default();
        let mut folders = vec![folder.to_path_buf()];
        while let Some(inner) = folders.pop() {
            for entry in std::fs::read_dir(&inner)? {
                let path = entry?.path();
                let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().replace('\\', "/");
                if path.is_dir() {
                    folders.push(path);
                } else if let Some(name) = name.strip_prefix(PICTURES_FOLDER) {
                    let name = Cow::Owned(name.to_owned());
                    content.pictures.push(PictureFile { name, bytes: Cow::Owned(std::fs::read(&path)?) });
                } else if path.extension().is_some_and(|extension| extension == "md") {
                    let text = std::fs::read_to_string(&path)?;
                    content.sources.push(Source { file: Cow::Owned(name), text: Cow::Owned(text), made_of: None });
                }
            }
        }
        content.sources.sort_by(|a, b| a.file.cmp(&b.file));
        content.pictures.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(content)
    }
}

/// Where pictures lie within `content/`.
const PICTURES_FOLDER: &str = "pictures/";

/// Pairs each name with the bytes of its file, and with those of its dark twin.
macro_rules! pictures {
    ($($name:literal),* $(,)?) => {
        &[$(pictures!(@file concat!($name, ".webp")), pictures!(@file concat!($name, "-dark.webp"))),*]
    };
    (@file $name:expr) => {
        PictureFile {
            name: Cow::Borrowed($name),
            bytes: Cow::Borrowed(include_bytes!(concat!("../content/pictures/", $name))),
        }
    };
}

/// Every file of `content/pictures/`. A test fails if one is missing here.
pub(crate) static PICTURES: &[PictureFile] = pictures![
    "activate-or-deactivate",
    "change-security-settings",
    "check-the-sender",
    "find-a-user",
    "lift-a-suppression",
    "make-an-api-key",
    "read-the-audit-log",
    "read-the-email-log",
    "resend-an-activation",
    "reset-a-password",
    "unlock-an-account",
    "why-no-email",
];

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
    "ar/404.md",
    "ar/activate.md",
    "ar/check-your-mail.md",
    "ar/faq.md",
    "ar/forgot-password.md",
    "ar/guide.md",
    "ar/help/no-email/address.md",
    "ar/help/no-email/ask.md",
    "ar/help/no-email/before.md",
    "ar/help/no-email/index.md",
    "ar/help/no-email/junk.md",
    "ar/help/no-email/link.md",
    "ar/help/no-email/mailbox.md",
    "ar/help/no-email/old.md",
    "ar/help/no-email/wait.md",
    "ar/help/no-email/when.md",
    "ar/index.md",
    "ar/reset-password.md",
    "ar/search.md",
    "ar/sign-in.md",
    "admins/activate-or-deactivate.md",
    "admins/change-security-settings.md",
    "admins/check-the-sender.md",
    "admins/find-a-user.md",
    "admins/index.md",
    "admins/lift-a-suppression.md",
    "admins/make-an-api-key.md",
    "admins/read-the-audit-log.md",
    "admins/read-the-email-log.md",
    "admins/resend-an-activation.md",
    "admins/reset-a-password.md",
    "admins/unlock-an-account.md",
    "admins/why-no-email.md",
    "check-your-mail.md",
    "de/404.md",
    "de/activate.md",
    "de/check-your-mail.md",
    "de/faq.md",
    "de/forgot-password.md",
    "de/guide.md",
    "de/help/no-email/address.md",
    "de/help/no-email/ask.md",
    "de/help/no-email/before.md",
    "de/help/no-email/index.md",
    "de/help/no-email/junk.md",
    "de/help/no-email/link.md",
    "de/help/no-email/mailbox.md",
    "de/help/no-email/old.md",
    "de/help/no-email/wait.md",
    "de/help/no-email/when.md",
    "de/index.md",
    "de/reset-password.md",
    "de/search.md",
    "de/sign-in.md",
    "es/404.md",
    "es/activate.md",
    "es/check-your-mail.md",
    "es/faq.md",
    "es/forgot-password.md",
    "es/guide.md",
    "es/help/no-email/address.md",
    "es/help/no-email/ask.md",
    "es/help/no-email/before.md",
    "es/help/no-email/index.md",
    "es/help/no-email/junk.md",
    "es/help/no-email/link.md",
    "es/help/no-email/mailbox.md",
    "es/help/no-email/old.md",
    "es/help/no-email/wait.md",
    "es/help/no-email/when.md",
    "es/index.md",
    "es/reset-password.md",
    "es/search.md",
    "es/sign-in.md",
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
    "fr/404.md",
    "fr/activate.md",
    "fr/check-your-mail.md",
    "fr/faq.md",
    "fr/forgot-password.md",
    "fr/guide.md",
    "fr/help/no-email/address.md",
    "fr/help/no-email/ask.md",
    "fr/help/no-email/before.md",
    "fr/help/no-email/index.md",
    "fr/help/no-email/junk.md",
    "fr/help/no-email/link.md",
    "fr/help/no-email/mailbox.md",
    "fr/help/no-email/old.md",
    "fr/help/no-email/wait.md",
    "fr/help/no-email/when.md",
    "fr/index.md",
    "fr/reset-password.md",
    "fr/search.md",
    "fr/sign-in.md",
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
    "operators/alarms/bounce-rate.md",
    "operators/alarms/canary-silent.md",
    "operators/alarms/complaint-rate.md",
    "operators/alarms/index.md",
    "operators/alarms/lock-spike.md",
    "operators/alarms/mailer-errors.md",
    "operators/alarms/mails-without-feedback.md",
    "operators/alarms/requests-age.md",
    "operators/alarms/sender-paused.md",
    "operators/alarms/sender-quota.md",
    "operators/alarms/server-errors.md",
    "operators/alarms/ses-events-age.md",
    "operators/alarms/unhandled-domain-events.md",
    "operators/alarms/unhandled-requests.md",
    "operators/alarms/unhandled-ses-events.md",
    "operators/api.md",
    "operators/breaking.md",
    "operators/canary.md",
    "operators/configure.md",
    "operators/dependencies.md",
    "operators/deploy.md",
    "operators/domain-events.md",
    "operators/email-log.md",
    "operators/events.md",
    "operators/import.md",
    "operators/index.md",
    "operators/languages.md",
    "operators/measurements.md",
    "operators/peers.md",
    "operators/portal-session.md",
    "operators/quick-start.md",
    "operators/running.md",
    "operators/scale.md",
    "operators/sender.md",
    "operators/suppressions.md",
    "operators/threat-model.md",
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
