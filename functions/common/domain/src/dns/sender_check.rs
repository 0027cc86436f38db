//! Whether the DNS records that our own mail depends on are right, and the record that mends each that is not.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Answer, Mx, SpfTexts, dmarc, plain_name, spf};
use crate::text_form::text_form;

/// What is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DnsCheckKind {
    /// The keys that sign our mail.
    Dkim,
    /// The domain that bounces go to.
    MailFrom,
    /// Who may send in the name of that domain.
    Spf,
    /// What receivers do with email that fails.
    Dmarc,
}

text_form!(DnsCheckKind { Dkim = "dkim", MailFrom = "mail_from", Spf = "spf", Dmarc = "dmarc" });

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CheckState {
    /// As it should be.
    Ok,
    /// Not as it should be.
    Wrong,
    /// The DNS gave no answer.
    Unknown,
}

text_form!(CheckState { Ok = "ok", Wrong = "wrong", Unknown = "unknown" });

/// The kind of a DNS record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecordKind {
    /// An alias.
    Cname,
    /// A mail exchanger.
    Mx,
    /// A text.
    Txt,
}

text_form!(RecordKind { Cname = "CNAME", Mx = "MX", Txt = "TXT" });

/// A DNS record, as an administrator of the domain enters it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct DnsRecord {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: RecordKind,
    /// Its name, without a trailing dot.
    pub name: String,
    /// Its value; that of an MX record begins with the preference.
    pub value: String,
}

/// One thing that was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct Check<Name> {
    /// What was checked.
    pub check: Name,
    /// Its state. If nobody answered, it is unknown, which isn't a fault.
    pub state: CheckState,
    /// What was found, in a sentence or two.
    pub summary: String,
    /// The step that fixes it. Present whenever something is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
    /// The expected DNS record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<DnsRecord>,
}

/// A check of the DNS.
pub type DnsCheck = Check<DnsCheckKind>;

impl<Name> Check<Name> {
    pub(crate) fn ok(check: Name, summary: impl Into<String>) -> Self {
        Self { check, state: CheckState::Ok, summary: summary.into(), fix: None, record: None }
    }

    pub(crate) fn unknown(check: Name, summary: impl Into<String>) -> Self {
        Self { check, state: CheckState::Unknown, summary: summary.into(), fix: None, record: None }
    }

    pub(crate) fn wrong(check: Name, summary: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { check, state: CheckState::Wrong, summary: summary.into(), fix: Some(fix.into()), record: None }
    }

    pub(crate) fn with_record(self, record: impl Into<Option<DnsRecord>>) -> Self {
        Self { record: record.into(), ..self }
    }

    /// The same under another name.
    pub(crate) fn named<Other>(self, check: Other) -> Check<Other> {
        Check { check, state: self.state, summary: self.summary, fix: self.fix, record: self.record }
    }
}

/// The names that the checks are about: from our settings and from SES's `GetEmailIdentity`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SenderNames {
    /// The domain of our From address.
    pub from_domain: String,
    /// The domain that is verified with SES, which signs our mail: the same, or one above it.
    pub identity_domain: String,
    /// The tokens of Easy DKIM: three. Empty where SES was not asked, or where we sign with a key of our own.
    pub dkim_tokens: Vec<String>,
    /// Where SES publishes the keys: `SigningHostedZone`. Where SES does not say, `dkim.amazonses.com` and the zone of
    /// the Region are both taken as right.
    pub dkim_zone: Option<String>,
    /// The custom MAIL FROM domain, if there is one.
    pub mail_from_domain: Option<String>,
    /// SES's Region, such as `eu-central-1`.
    pub region: String,
}

impl SenderNames {
    /// With names as the DNS answers them, so that they can be compared.
    #[must_use]
    pub fn plain(&self) -> Self {
        Self {
            from_domain: plain_name(&self.from_domain),
            identity_domain: plain_name(&self.identity_domain),
            dkim_tokens: self.dkim_tokens.iter().map(|token| plain_name(token)).collect(),
            dkim_zone: self.dkim_zone.as_deref().map(plain_name),
            mail_from_domain: self.mail_from_domain.as_deref().map(plain_name),
            region: plain_name(&self.region),
        }
    }

    /// The names at which the keys of Easy DKIM are to be found, in the order of the tokens.
    pub fn dkim_names(&self) -> Vec<String> {
        self.dkim_tokens.iter().map(|token| dkim_name(token, &self.identity_domain)).collect()
    }
}

/// What the DNS answered about our sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderAnswers {
    /// About [`SenderNames::dkim_names`], in their order.
    pub dkim: Vec<Answer<String>>,
    /// The exchangers of the MAIL FROM domain; [`Answer::NoRecords`] without such a domain.
    pub mail_from: Answer<Mx>,
    /// The texts of the MAIL FROM domain and of those that it includes; empty without such a domain.
    pub spf: SpfTexts,
    /// About [`dmarc_domains`](super::dmarc_domains), each with its domain.
    pub dmarc: Vec<(String, Answer<String>)>,
}

/// What is right about our sender and what is not: DKIM, MAIL FROM, SPF and DMARC, in this order. `names` are
/// [plain](SenderNames::plain).
pub fn check_sender(names: &SenderNames, answers: &SenderAnswers) -> Vec<DnsCheck> {
    let dkim = evaluate_dkim(names, &answers.dkim);
    let dmarc = dmarc::evaluate(names, &answers.dmarc, dkim.state);
    let spf = spf::evaluate(names.mail_from_domain.as_deref(), &answers.spf);
    vec![dkim, evaluate_mail_from(names, &answers.mail_from), spf, dmarc]
}

fn dkim_name(token: &str, domain: &str) -> String {
    format!("{token}._domainkey.{domain}")
}

/// Whether the aliases lead to the keys that SES publishes; `answers` are in the order of the tokens.
fn evaluate_dkim(names: &SenderNames, answers: &[Answer<String>]) -> DnsCheck {
    const CHECK: DnsCheckKind = DnsCheckKind::Dkim;
    const SHARED_ZONE: &str = "dkim.amazonses.com";
    if names.dkim_tokens.is_empty() {
        return DnsCheck::unknown(CHECK, "SES named no DKIM tokens, so there is nothing to look for.");
    }
    let regional_zone = format!("dkim.{}.amazonses.com", names.region);
    let zones: Vec<&str> = match &names.dkim_zone {
        Some(zone) => vec![zone],
        // Newer Regions have a zone of their own, the older ones share one.
        None => vec![SHARED_ZONE, &regional_zone],
    };
    let pairs = || names.dkim_tokens.iter().zip(answers);
    let is_right = |token: &str, targets: &[String]| matches!(targets, [target] if zones.iter().any(|zone| *target == format!("{token}.{zone}")));
    let count = names.dkim_tokens.len();
    let wrong: Vec<_> = pairs()
        .filter(|(token, answer)| match answer {
            Answer::Found(targets) => !is_right(token, targets),
            Answer::NoSuchDomain | Answer::NoRecords => true,
            Answer::Unknown => false,
        })
        .collect();
    if let Some((token, answer)) = wrong.first() {
        let name = dkim_name(token, &names.identity_domain);
        let found = match answer {
            Answer::Found(targets) => format!("{name} leads to {}", targets.join(", ")),
            _ => format!("{name} is missing"),
        };
        let value = format!("{token}.{}", zones.first().unwrap_or(&SHARED_ZONE));
        return DnsCheck::wrong(
            CHECK,
            format!("{} of {count} DKIM records are wrong: {found}.", wrong.len()),
            "Set this CNAME record, without a proxy before it; SES looks for up to 72 hours. Then check again: the next \
             wrong one is named.",
        )
        .with_record(DnsRecord { kind: RecordKind::Cname, name, value });
    }
    if pairs().any(|(_, answer)| *answer == Answer::Unknown) {
        return DnsCheck::unknown(CHECK, "The DNS did not answer about every DKIM record.");
    }
    DnsCheck::ok(CHECK, format!("All {count} DKIM records lead to SES."))
}

/// Whether bounces go to SES. SES refuses a MAIL FROM domain that has any other exchanger.
fn evaluate_mail_from(names: &SenderNames, answer: &Answer<Mx>) -> DnsCheck {
    const CHECK: DnsCheckKind = DnsCheckKind::MailFrom;
    let Some(domain) = &names.mail_from_domain else {
        return DnsCheck::ok(CHECK, "There is no MAIL FROM domain of our own; SES uses amazonses.com.");
    };
    let host = format!("feedback-smtp.{}.amazonses.com", names.region);
    let record = || DnsRecord { kind: RecordKind::Mx, name: domain.clone(), value: format!("10 {host}") };
    match answer {
        Answer::Unknown => DnsCheck::unknown(CHECK, format!("The DNS did not answer about the MX record of {domain}.")),
        Answer::NoSuchDomain | Answer::NoRecords => {
            DnsCheck::wrong(CHECK, format!("{domain} has no MX record, so SES does not use it."), "Set this MX record.")
                .with_record(record())
        }
        Answer::Found(found) => match found.as_slice() {
            [only] if only.host.is_empty() => DnsCheck::wrong(
                CHECK,
                format!("{domain} has a null MX record: it says that it accepts no email."),
                "Put this MX record in its place.",
            )
            .with_record(record()),
            [only] if only.host == host => DnsCheck::ok(CHECK, format!("The MX record of {domain} leads to SES.")),
            [only] => DnsCheck::wrong(
                CHECK,
                format!("The MX record of {domain} leads to {}, not to SES in {}.", only.host, names.region),
                "Put this MX record in its place.",
            )
            .with_record(record()),
            several => DnsCheck::wrong(
                CHECK,
                format!("{domain} has {} MX records; SES takes exactly one.", several.len()),
                "Keep this MX record and remove all others.",
            )
            .with_record(record()),
        },
    }
}

#[cfg(test)]
mod tests;
