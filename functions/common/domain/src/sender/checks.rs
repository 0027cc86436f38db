//! Checks of our side of sending, and the step that fixes each one that fails.

use jiff::Timestamp;

use super::{SenderHealth, SenderState, event_path::event_path, verdicts};
use crate::{
    dns::{Check, CheckState, DnsCheck, DnsCheckKind},
    text_form::text_form,
};

/// What is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CheckName {
    /// The account is out of the sandbox.
    AccountSandbox,
    /// The account sends.
    AccountPaused,
    /// There is room in the last 24 hours.
    AccountQuota,
    /// SES knows that the From address is ours.
    IdentityVerified,
    /// Our mail is signed.
    Dkim,
    /// Bounces come back to a domain of ours.
    MailFrom,
    /// That domain says that SES may send for it.
    Spf,
    /// Our domain says what to do with email that isn't signed.
    Dmarc,
    /// SES's events arrive here.
    EventPath,
}

text_form!(CheckName {
    AccountSandbox = "account_sandbox",
    AccountPaused = "account_paused",
    AccountQuota = "account_quota",
    IdentityVerified = "identity_verified",
    Dkim = "dkim",
    MailFrom = "mail_from",
    Spf = "spf",
    Dmarc = "dmarc",
    EventPath = "event_path",
});

/// One thing that was checked.
pub type SenderCheck = Check<CheckName>;

impl From<&DnsCheck> for SenderCheck {
    fn from(dns: &DnsCheck) -> Self {
        let check = match dns.check {
            DnsCheckKind::Dkim => CheckName::Dkim,
            DnsCheckKind::MailFrom => CheckName::MailFrom,
            DnsCheckKind::Spf => CheckName::Spf,
            DnsCheckKind::Dmarc => CheckName::Dmarc,
        };
        dns.clone().named(check)
    }
}

/// All checks, in the order of [`CheckName`], each once. `dns` is what
/// [`check_sender`](crate::dns::check_sender) found; what is missing there is unknown.
pub fn checks(health: &SenderHealth, state: &SenderState, dns: &[DnsCheck], now: Timestamp) -> Vec<SenderCheck> {
    let account = health.account.as_ref();
    let identity = health.identity.as_ref();
    let from_dns = |check| dns.iter().map(SenderCheck::from).find(|found| found.check == check);
    // Which records there have to be is in SES's answer; without it the DNS was asked too little.
    let by_identity = |check| from_dns(check).filter(|_| identity.is_some_and(|identity| identity.exists));
    vec![
        verdicts::sandbox(account),
        verdicts::paused(account),
        verdicts::quota(account),
        verdicts::verified(identity),
        graver(verdicts::dkim(identity), by_identity(CheckName::Dkim)),
        graver(verdicts::mail_from(identity), by_identity(CheckName::MailFrom)),
        by_identity(CheckName::Spf).unwrap_or_else(|| unasked(CheckName::Spf)),
        from_dns(CheckName::Dmarc).unwrap_or_else(|| unasked(CheckName::Dmarc)),
        event_path(state, now),
    ]
}

/// What is wrong in the eyes of either is wrong, and what neither knows is unknown. The DNS is heard first on what is
/// wrong: it is newer than what SES remembers, and names the record.
fn graver(ses: SenderCheck, dns: Option<SenderCheck>) -> SenderCheck {
    let Some(dns) = dns else { return ses };
    match (ses.state, dns.state) {
        (_, CheckState::Wrong) | (CheckState::Unknown, CheckState::Ok) => dns,
        _ => ses,
    }
}

fn unasked(check: CheckName) -> SenderCheck {
    SenderCheck::unknown(check, "The DNS was not asked, or did not answer.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sender::IdentityHealth;

    fn dns(check: DnsCheckKind, state: CheckState) -> DnsCheck {
        DnsCheck { check, state, summary: "by the DNS".to_owned(), fix: None, record: None }
    }

    fn identity(dkim_status: &str) -> SenderHealth {
        let identity = IdentityHealth {
            exists: true,
            verified: true,
            dkim_enabled: true,
            dkim_status: dkim_status.to_owned(),
            ..IdentityHealth::missing("example.com")
        };
        SenderHealth { account: None, identity: Some(identity) }
    }

    fn found(health: &SenderHealth, dns: &[DnsCheck], check: CheckName) -> SenderCheck {
        let checks = checks(health, &SenderState::default(), dns, Timestamp::UNIX_EPOCH);
        checks.into_iter().find(|found| found.check == check).unwrap()
    }

    #[test]
    fn every_check_is_there_once_and_silence_is_never_a_fault() {
        let checks = checks(&SenderHealth::default(), &SenderState::default(), &[], Timestamp::UNIX_EPOCH);
        assert_eq!(checks.iter().map(|check| check.check).collect::<Vec<_>>(), CheckName::ALL);
        for check in checks {
            assert_eq!((check.state, check.fix), (CheckState::Unknown, None), "{}", check.check);
        }
    }

    #[test]
    fn ses_and_the_dns_are_both_heard() {
        use CheckState::{Ok, Unknown, Wrong};
        for (ses, by_dns, expected, whose) in [
            ("SUCCESS", Ok, Ok, "SES"),
            ("SUCCESS", Unknown, Ok, "SES"),
            ("SUCCESS", Wrong, Wrong, "DNS"),
            ("FAILED", Ok, Wrong, "SES"),
            ("FAILED", Wrong, Wrong, "DNS"),
            ("TEMPORARY_FAILURE", Ok, Ok, "DNS"),
            ("TEMPORARY_FAILURE", Unknown, Unknown, "SES"),
        ] {
            let check = found(&identity(ses), &[dns(DnsCheckKind::Dkim, by_dns)], CheckName::Dkim);
            let by = if check.summary == "by the DNS" { "DNS" } else { "SES" };
            assert_eq!((check.state, by), (expected, whose), "{ses} {by_dns}");
        }
    }

    #[test]
    fn without_ses_the_dns_was_asked_about_too_little_to_say_more_than_dmarc() {
        let all: Vec<_> = DnsCheckKind::ALL.iter().map(|check| dns(*check, CheckState::Wrong)).collect();
        let nobody = SenderHealth { account: None, identity: Some(IdentityHealth::missing("example.com")) };
        for health in [SenderHealth::default(), nobody] {
            for (check, expected) in [
                (CheckName::Dkim, CheckState::Unknown),
                (CheckName::MailFrom, CheckState::Unknown),
                (CheckName::Spf, CheckState::Unknown),
                (CheckName::Dmarc, CheckState::Wrong),
            ] {
                assert_eq!(found(&health, &all, check).state, expected, "{check}");
            }
        }
    }
}
