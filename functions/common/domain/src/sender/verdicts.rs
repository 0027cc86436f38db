//! What SES's answers mean for the sender, and the step in SES's console that fixes it.

use super::{
    AccountHealth, IdentityHealth,
    checks::{CheckName, SenderCheck},
};
use crate::dns::{DnsRecord, RecordKind};

fn silent(check: CheckName) -> SenderCheck {
    SenderCheck::unknown(check, "SES did not answer.")
}

pub(super) fn sandbox(account: Option<&AccountHealth>) -> SenderCheck {
    const CHECK: CheckName = CheckName::AccountSandbox;
    match account {
        None => silent(CHECK),
        Some(account) if account.production_access => SenderCheck::ok(CHECK, "The account may write to everybody."),
        Some(_) => SenderCheck::wrong(
            CHECK,
            "The account is in the sandbox: SES takes mail to verified addresses only.",
            "In the SES console, in this Region: \"Account dashboard\", \"Request production access\", mail type \
             \"Transactional\". AWS usually answers within a day. Until then, verify single addresses under \"Identities\".",
        ),
    }
}

pub(super) fn paused(account: Option<&AccountHealth>) -> SenderCheck {
    const CHECK: CheckName = CheckName::AccountPaused;
    let Some(account) = account else { return silent(CHECK) };
    match account.enforcement_status.as_str() {
        "SHUTDOWN" => SenderCheck::wrong(
            CHECK,
            "SES has paused the account (SHUTDOWN): no email goes out.",
            "Read the email that AWS sent to the owner of the account, remove the cause, and answer the case in the AWS \
             Support Center.",
        ),
        _ if !account.sending_enabled => SenderCheck::wrong(
            CHECK,
            "Sending is switched off for the account: no email goes out.",
            "Switch it on again: aws sesv2 put-account-sending-attributes --sending-enabled",
        ),
        "PROBATION" => SenderCheck::wrong(
            CHECK,
            "SES has the account under review (PROBATION). Mail still goes out, until SES pauses it.",
            "In the SES console: \"Reputation metrics\". Bring bounces and complaints down, and answer the case in the AWS \
             Support Center.",
        ),
        _ => SenderCheck::ok(CHECK, "The account sends."),
    }
}

pub(super) fn quota(account: Option<&AccountHealth>) -> SenderCheck {
    const CHECK: CheckName = CheckName::AccountQuota;
    let Some(account) = account else { return silent(CHECK) };
    let (sent, quota) = (account.sent_last_24_hours, account.daily_quota);
    match quota {
        0 => return SenderCheck::unknown(CHECK, "SES did not say how much the account may send."),
        ..0 => return SenderCheck::ok(CHECK, format!("{sent} emails in the last 24 hours; there is no limit.")),
        1.. => {}
    }
    let figures = format!("{sent} of {quota} emails were sent in the last 24 hours");
    // More than 80 %, so that there is time for AWS to grant more.
    if sent.saturating_mul(5) <= quota.saturating_mul(4) {
        return SenderCheck::ok(CHECK, format!("{figures}."));
    }
    let summary = if account.is_over_quota() {
        format!("{figures}: SES refuses what comes now.")
    } else {
        format!("{figures}: more than 80 %.")
    };
    let fix = if account.production_access {
        "See who else sends through the account. Then, in the Service Quotas console, in this Region: \"Amazon Simple \
         Email Service (SES)\", \"Sending quota\", \"Request increase at account level\"."
    } else {
        "In the SES console, in this Region: \"Account dashboard\", \"Request production access\". The sandbox has 200 \
         emails a day."
    };
    SenderCheck::wrong(CHECK, summary, fix)
}

pub(super) fn verified(identity: Option<&IdentityHealth>) -> SenderCheck {
    const CHECK: CheckName = CheckName::IdentityVerified;
    let Some(identity) = identity else { return silent(CHECK) };
    let name = &identity.name;
    if identity.verified {
        return SenderCheck::ok(CHECK, format!("SES sends mail from {name}."));
    }
    if !identity.exists {
        return SenderCheck::wrong(
            CHECK,
            format!("SES has no identity for {name} in this Region, and refuses mail from it."),
            format!(
                "In the SES console, in this Region: \"Identities\", \"Create identity\", \"Domain\", {name}. Then set the \
                 CNAME records that it shows."
            ),
        );
    }
    let fix = if identity.is_address() {
        format!(
            "In the SES console, under \"Identities\", {name}: have the verification email sent again, and open the link \
             in it."
        )
    } else {
        format!(
            "Set the CNAME records that the SES console shows under \"Identities\", {name}, \"Authentication\". SES looks \
             for them for up to 72 hours."
        )
    };
    SenderCheck::wrong(CHECK, format!("{name} is not verified, and SES refuses mail from it."), fix)
        .with_record(dkim_record(identity))
}

pub(super) fn dkim(identity: Option<&IdentityHealth>) -> SenderCheck {
    const CHECK: CheckName = CheckName::Dkim;
    let Some(identity) = identity else { return silent(CHECK) };
    let name = &identity.name;
    if !identity.exists {
        return SenderCheck::unknown(CHECK, format!("SES has no identity for {name} yet."));
    }
    match identity.dkim_status.as_str() {
        "SUCCESS" if identity.dkim_enabled => SenderCheck::ok(CHECK, format!("SES signs mail from {name}.")),
        "SUCCESS" => SenderCheck::wrong(
            CHECK,
            format!("Signing is switched off for {name}."),
            format!(
                "In the SES console: \"Identities\", {name}, \"Authentication\", \"DomainKeys Identified Mail (DKIM)\", \
                 \"Edit\", \"DKIM signatures\": \"Enabled\"."
            ),
        ),
        "TEMPORARY_FAILURE" => {
            SenderCheck::unknown(CHECK, format!("SES could not read the DKIM records of {name} just now."))
        }
        _ if identity.is_address() => SenderCheck::wrong(
            CHECK,
            format!("Only the address {name} is verified, so its mail is not signed by its domain."),
            "In the SES console: \"Identities\", \"Create identity\", \"Domain\". Then set the CNAME records that it shows.",
        ),
        status => SenderCheck::wrong(
            CHECK,
            format!("SES does not find the DKIM records of {name} ({status})."),
            format!(
                "Set the CNAME records that the SES console shows under \"Identities\", {name}, \"Authentication\", \
                 without a proxy before them."
            ),
        )
        .with_record(dkim_record(identity)),
    }
}

/// The first of the three records: the others are like it.
fn dkim_record(identity: &IdentityHealth) -> Option<DnsRecord> {
    let token = identity.dkim_tokens.first().filter(|_| !identity.is_address())?;
    let zone = identity.dkim_zone.as_deref().unwrap_or("dkim.amazonses.com");
    let (name, value) = (format!("{token}._domainkey.{}", identity.name), format!("{token}.{zone}"));
    Some(DnsRecord { kind: RecordKind::Cname, name, value })
}

pub(super) fn mail_from(identity: Option<&IdentityHealth>) -> SenderCheck {
    const CHECK: CheckName = CheckName::MailFrom;
    let Some(identity) = identity else { return silent(CHECK) };
    if !identity.exists {
        return SenderCheck::unknown(CHECK, format!("SES has no identity for {} yet.", identity.name));
    }
    let (Some(domain), Some(status)) = (&identity.mail_from_domain, &identity.mail_from_status) else {
        return SenderCheck::ok(CHECK, "There is no MAIL FROM domain of our own; SES uses amazonses.com.");
    };
    match status.as_str() {
        "SUCCESS" => SenderCheck::ok(CHECK, format!("Bounces come back to {domain}.")),
        "TEMPORARY_FAILURE" => {
            SenderCheck::unknown(CHECK, format!("SES could not read the MX record of {domain} just now."))
        }
        _ => {
            let meanwhile = match identity.mail_from_required {
                true => "and refuses all mail",
                false => "and uses amazonses.com, which does not count for DMARC",
            };
            SenderCheck::wrong(
                CHECK,
                format!("SES does not find the MX record of {domain} ({status}), {meanwhile}."),
                format!(
                    "Set exactly the MX record that the SES console shows under \"Identities\", {}, \"Custom MAIL FROM \
                     domain\", and no other for {domain}.",
                    identity.name
                ),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(check: &SenderCheck) -> String {
        let mut line = format!("{} {}: {}", check.check, check.state, check.summary);
        if let Some(fix) = &check.fix {
            line.push_str(&format!("\n  {fix}"));
        }
        if let Some(record) = &check.record {
            line.push_str(&format!("\n  {} {} {}", record.kind, record.name, record.value));
        }
        line
    }

    fn account() -> AccountHealth {
        AccountHealth {
            production_access: true,
            sending_enabled: true,
            enforcement_status: "HEALTHY".to_owned(),
            daily_quota: 1000,
            sent_last_24_hours: 800,
            max_send_rate: 14.0,
        }
    }

    fn domain() -> IdentityHealth {
        IdentityHealth {
            exists: true,
            verified: true,
            dkim_status: "SUCCESS".to_owned(),
            dkim_enabled: true,
            dkim_tokens: vec!["t1".to_owned(), "t2".to_owned(), "t3".to_owned()],
            mail_from_domain: Some("bounce.example.com".to_owned()),
            mail_from_status: Some("SUCCESS".to_owned()),
            ..IdentityHealth::missing("example.com")
        }
    }

    #[test]
    fn what_ses_says_of_the_account() {
        let healthy = account();
        let shut_down = AccountHealth { enforcement_status: "SHUTDOWN".to_owned(), ..account() };
        let switched_off = AccountHealth { sending_enabled: false, ..account() };
        let reviewed = AccountHealth { enforcement_status: "PROBATION".to_owned(), ..account() };
        let nearly = AccountHealth { sent_last_24_hours: 801, ..account() };
        let full = AccountHealth { sent_last_24_hours: 1000, ..account() };
        let unlimited = AccountHealth { daily_quota: -1, ..account() };
        let unsaid = AccountHealth { daily_quota: 0, ..account() };
        let sandbox_full = AccountHealth { production_access: false, daily_quota: 200, ..account() };
        let lines: Vec<String> = [
            sandbox(Some(&healthy)),
            sandbox(Some(&sandbox_full)),
            paused(Some(&healthy)),
            paused(Some(&shut_down)),
            paused(Some(&switched_off)),
            paused(Some(&reviewed)),
            quota(Some(&healthy)),
            quota(Some(&nearly)),
            quota(Some(&full)),
            quota(Some(&unlimited)),
            quota(Some(&unsaid)),
            quota(Some(&sandbox_full)),
        ]
        .iter()
        .map(line)
        .collect();
        insta::assert_snapshot!(lines.join("\n"));
    }

    #[test]
    fn what_ses_says_of_the_identity() {
        let missing = IdentityHealth::missing("example.com");
        let status = |status: &str| IdentityHealth {
            verified: false,
            dkim_status: status.to_owned(),
            mail_from_status: Some(status.to_owned()),
            ..domain()
        };
        let required = IdentityHealth { mail_from_required: true, ..status("FAILED") };
        let unsigned = IdentityHealth { dkim_enabled: false, mail_from_domain: None, ..domain() };
        let address = IdentityHealth {
            name: "no-reply@example.com".to_owned(),
            dkim_status: "NOT_STARTED".to_owned(),
            verified: false,
            ..domain()
        };
        let mut lines = Vec::new();
        let all = [domain(), missing, status("PENDING"), status("TEMPORARY_FAILURE"), required, unsigned, address];
        for identity in &all {
            lines.extend([verified(Some(identity)), dkim(Some(identity)), mail_from(Some(identity))].iter().map(line));
            lines.push(String::new());
        }
        insta::assert_snapshot!(lines.join("\n"));
    }

    #[test]
    fn what_is_wrong_comes_with_a_step_that_mends_it() {
        let bad = AccountHealth {
            production_access: false,
            sending_enabled: false,
            enforcement_status: "SHUTDOWN".to_owned(),
            daily_quota: 1,
            ..account()
        };
        let missing = IdentityHealth::missing("example.com");
        for check in [sandbox(Some(&bad)), paused(Some(&bad)), quota(Some(&bad)), verified(Some(&missing))] {
            assert_eq!((check.state, check.fix.is_some()), (crate::dns::CheckState::Wrong, true), "{}", check.check);
        }
    }
}
