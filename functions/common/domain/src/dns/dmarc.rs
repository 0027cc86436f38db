//! DMARC of the From domain.
//!
//! The record is looked for at the domain and then at each one above it, the "tree walk" of the successor of RFC 7489.
//! RFC 7489 itself jumps to the organisational domain by the public suffix list; for every domain but a public suffix
//! the walk finds the same record, and it needs neither the list, which is 2.5 MB of source and out of date a week
//! later, nor a short one of our own, which would be wrong for somebody.

use super::{Answer, CheckState, DnsCheck, DnsCheckKind, DnsRecord, RecordKind, SenderNames, is_within};

/// How many domains are asked about: enough for any real name, few enough to go out at once.
const MOST_STEPS: usize = 5;

/// The domains to ask about, at `_dmarc.` each: `domain` and those above it that have at least two labels, nearest
/// first.
pub fn dmarc_domains(domain: &str) -> Vec<String> {
    std::iter::successors(Some(domain), |name| name.split_once('.').map(|(_, above)| above))
        .filter(|name| name.contains('.'))
        .take(MOST_STEPS)
        .map(ToOwned::to_owned)
        .collect()
}

/// Whether receivers find a policy and our email can pass it. `dkim` is how the check of DKIM came out.
pub(super) fn evaluate(names: &SenderNames, answers: &[(String, Answer<String>)], dkim: CheckState) -> DnsCheck {
    const CHECK: DnsCheckKind = DnsCheckKind::Dmarc;
    let from = &names.from_domain;
    // At the From domain itself, where every receiver looks first.
    let wrong = |summary: String, fix: &str, value: String| {
        let record = DnsRecord { kind: RecordKind::Txt, name: format!("_dmarc.{from}"), value };
        DnsCheck::wrong(CHECK, summary, fix).with_record(record)
    };
    for (domain, answer) in answers {
        if *answer == Answer::Unknown {
            return DnsCheck::unknown(CHECK, format!("The DNS did not answer about the DMARC record of {domain}."));
        }
        let records: Vec<&String> = answer.records().iter().filter(|text| is_dmarc(text)).collect();
        let record = match records.as_slice() {
            [] => continue,
            [record] => record,
            several => {
                let mut fixed = wrong(
                    format!("{domain} has {} DMARC records, so receivers heed none.", several.len()),
                    "Keep one of them and remove the others.",
                    several.first().map_or_else(|| WANTED.to_owned(), ToString::to_string),
                );
                if let Some(record) = &mut fixed.record {
                    record.name = format!("_dmarc.{domain}");
                }
                return fixed;
            }
        };
        return match Policy::read(record) {
            Some(policy) => judge(names, domain, policy, dkim),
            None => wrong(
                format!("The DMARC record that counts for {from}, at {domain}, has no valid policy \"p\"."),
                "Set this TXT record.",
                WANTED.to_owned(),
            ),
        };
    }
    wrong(
        format!("There is no DMARC record for {from}. Large providers ask for one."),
        "Set this TXT record; p=none changes nothing about delivery.",
        WANTED.to_owned(),
    )
}

/// The least that large providers ask of senders.
const WANTED: &str = "v=DMARC1; p=none";

/// What a record says, as far as it decides about our mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Policy {
    domain: Action,
    subdomains: Option<Action>,
    strict_dkim: bool,
    strict_spf: bool,
}

/// What a receiver does with email that fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    None,
    Quarantine,
    Reject,
}

impl Action {
    fn read(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "none" => Some(Self::None),
            "quarantine" => Some(Self::Quarantine),
            "reject" => Some(Self::Reject),
            _ => None,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Quarantine => "quarantine",
            Self::Reject => "reject",
        }
    }
}

impl Policy {
    fn read(record: &str) -> Option<Self> {
        let tags =
            || record.split(';').filter_map(|tag| tag.split_once('=')).map(|(name, value)| (bare(name), bare(value)));
        let tag = |wanted: &str| tags().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value);
        let is_strict = |name| tag(name).is_some_and(|value| value.eq_ignore_ascii_case("s"));
        // Without a valid policy, one with a place for reports counts as "none" (RFC 7489 section 6.6.3).
        let reports = tag("rua").filter(|rua| rua.to_ascii_lowercase().starts_with("mailto:"));
        let policy = tag("p").and_then(Action::read).or(reports.map(|_| Action::None));
        Some(Self {
            domain: policy?,
            subdomains: tag("sp").and_then(Action::read),
            strict_dkim: is_strict("adkim"),
            strict_spf: is_strict("aspf"),
        })
    }
}

/// Whether a text is a DMARC record: the version comes first and is in capitals (RFC 7489 section 6.3).
fn is_dmarc(text: &str) -> bool {
    let version = text.split(';').next().unwrap_or_default();
    version.split_once('=').is_some_and(|(name, value)| bare(name) == "v" && bare(value) == "DMARC1")
}

/// Without the white space that the grammar allows. A no-break space is none.
fn bare(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// Whether our email passes the policy found at `domain`: DKIM or SPF must pass for a name that is aligned with From.
fn judge(names: &SenderNames, domain: &str, policy: Policy, dkim: CheckState) -> DnsCheck {
    const CHECK: DnsCheckKind = DnsCheckKind::Dmarc;
    let from = &names.from_domain;
    // Whatever is verified as one identity has one organisational domain, and so has what is above or below From.
    let identity = &names.identity_domain;
    let is_related = |name: &str| {
        is_within(from, name) || is_within(name, domain) || (is_within(from, identity) && is_within(name, identity))
    };
    let is_aligned = |name: &str, strict: bool| if strict { name == from } else { is_related(name) };
    let by_dkim = dkim != CheckState::Wrong && is_aligned(identity, policy.strict_dkim);
    let by_spf = names.mail_from_domain.as_deref().is_some_and(|name| is_aligned(name, policy.strict_spf));
    let action = if from == domain { policy.domain } else { policy.subdomains.unwrap_or(policy.domain) };
    let found = format!("The DMARC record of {domain} says {} for {from}", action.as_str());
    match (by_dkim, by_spf) {
        (true, true) => DnsCheck::ok(CHECK, format!("{found}; our email passes by DKIM and by SPF.")),
        (true, false) => DnsCheck::ok(CHECK, format!("{found}; our email passes by DKIM alone.")),
        (false, true) => DnsCheck::ok(CHECK, format!("{found}; our email passes by SPF alone.")),
        (false, false) if dkim == CheckState::Wrong => {
            DnsCheck::wrong(CHECK, format!("{found}; our email does not pass it."), "Fix the DKIM records first.")
        }
        (false, false) => {
            let record = DnsRecord {
                kind: RecordKind::Txt,
                name: format!("_dmarc.{from}"),
                value: format!("v=DMARC1; p={}", action.as_str()),
            };
            DnsCheck::wrong(
                CHECK,
                format!("{found}, with strict alignment; mail signed by {} does not pass it.", identity),
                format!("Verify {from} itself with SES, or set this TXT record, which does without strict alignment."),
            )
            .with_record(record)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::dns::Zone;

    fn names(from: &str, identity: &str, mail_from: Option<&str>) -> SenderNames {
        SenderNames {
            from_domain: from.into(),
            identity_domain: identity.into(),
            mail_from_domain: mail_from.map(Into::into),
            ..SenderNames::default()
        }
    }

    fn checked(zone: &Zone, names: &SenderNames, dkim: CheckState) -> String {
        let check = evaluate(names, &zone.dmarc(&names.from_domain), dkim);
        match check.record {
            Some(record) => format!("{} {} => {} {}", check.state, check.summary, record.name, record.value),
            None => format!("{} {}", check.state, check.summary),
        }
    }

    #[test]
    fn records_of_many_kinds() {
        let own = names("example.co.uk", "example.co.uk", Some("bounce.example.co.uk"));
        let mut lines = Vec::new();
        for texts in [
            &["v=DMARC1; p=none"][..],
            &["unrelated", "v=DMARC1;p=reject;sp=none;aspf=s"],
            &["v=DMARC1; p=quarantine; adkim=s"],
            &["v=DMARC1; rua=mailto:d@example.com"],
            &["v=DMARC1; p=maybe"],
            &["v=dmarc1; p=none"],
            &["v=DMARC1; p=none", "v=DMARC1; p=reject"],
            &[],
        ] {
            let zone = Zone::new().with_txt("_dmarc.example.co.uk", texts).with_txt("_dmarc.co.uk", &[]);
            lines.push(format!("{texts:?}\n    {}", checked(&zone, &own, CheckState::Ok)));
        }
        insta::assert_snapshot!(lines.join("\n"), @r#"
        ["v=DMARC1; p=none"]
            ok The DMARC record of example.co.uk says none for example.co.uk; our email passes by DKIM and by SPF.
        ["unrelated", "v=DMARC1;p=reject;sp=none;aspf=s"]
            ok The DMARC record of example.co.uk says reject for example.co.uk; our email passes by DKIM alone.
        ["v=DMARC1; p=quarantine; adkim=s"]
            ok The DMARC record of example.co.uk says quarantine for example.co.uk; our email passes by DKIM and by SPF.
        ["v=DMARC1; rua=mailto:d@example.com"]
            ok The DMARC record of example.co.uk says none for example.co.uk; our email passes by DKIM and by SPF.
        ["v=DMARC1; p=maybe"]
            wrong The DMARC record that counts for example.co.uk, at example.co.uk, has no valid policy "p". => _dmarc.example.co.uk v=DMARC1; p=none
        ["v=dmarc1; p=none"]
            wrong There is no DMARC record for example.co.uk. Large providers ask for one. => _dmarc.example.co.uk v=DMARC1; p=none
        ["v=DMARC1; p=none", "v=DMARC1; p=reject"]
            wrong example.co.uk has 2 DMARC records, so receivers heed none. => _dmarc.example.co.uk v=DMARC1; p=none
        []
            wrong There is no DMARC record for example.co.uk. Large providers ask for one. => _dmarc.example.co.uk v=DMARC1; p=none
        "#);
    }

    #[test]
    fn a_record_above_counts_with_its_policy_for_subdomains_and_its_alignment() {
        let zone =
            |text: &str| Zone::new().with_txt("_dmarc.mail.example.com", &[]).with_txt("_dmarc.example.com", &[text]);
        let from_below = names("mail.example.com", "example.com", Some("bounce.example.com"));
        let mut lines = Vec::new();
        for (text, dkim) in [
            ("v=DMARC1; p=reject; sp=quarantine", CheckState::Ok),
            ("v=DMARC1; p=reject; adkim=s", CheckState::Ok),
            ("v=DMARC1; p=reject; aspf=s", CheckState::Unknown),
            ("v=DMARC1; p=reject; aspf=s", CheckState::Wrong),
            ("v=DMARC1; p=reject; adkim=s; aspf=s", CheckState::Ok),
        ] {
            lines.push(format!("{text} (dkim {dkim})\n    {}", checked(&zone(text), &from_below, dkim)));
        }
        insta::assert_snapshot!(lines.join("\n"), @r#"
        v=DMARC1; p=reject; sp=quarantine (dkim ok)
            ok The DMARC record of example.com says quarantine for mail.example.com; our email passes by DKIM and by SPF.
        v=DMARC1; p=reject; adkim=s (dkim ok)
            ok The DMARC record of example.com says reject for mail.example.com; our email passes by SPF alone.
        v=DMARC1; p=reject; aspf=s (dkim unknown)
            ok The DMARC record of example.com says reject for mail.example.com; our email passes by DKIM alone.
        v=DMARC1; p=reject; aspf=s (dkim wrong)
            wrong The DMARC record of example.com says reject for mail.example.com; our email does not pass it.
        v=DMARC1; p=reject; adkim=s; aspf=s (dkim ok)
            wrong The DMARC record of example.com says reject for mail.example.com, with strict alignment; mail signed by example.com does not pass it. => _dmarc.mail.example.com v=DMARC1; p=reject
        "#);
    }

    #[test]
    fn records_from_the_field_are_judged_right() {
        let read = |rows| serde_json::from_str::<Vec<serde_json::Value>>(rows).unwrap();
        let rows = [read(include_str!("cases/field.json")), read(include_str!("cases/fresh.json"))].concat();
        let mut wrong = Vec::new();
        for row in rows.iter().filter(|row| row["kind"] == "dmarc") {
            let zone = Zone::from_json(&row["records"].to_string()).unwrap();
            let own = names("mail.example.com", "example.com", Some("mail.mail.example.com"));
            let check = evaluate(&own, &zone.dmarc("mail.example.com"), CheckState::Ok);
            let want = row["want"].as_str().unwrap();
            if !want.split('|').any(|want| want == check.state.as_str()) {
                wrong.push(format!("{}: {} {}, not {want}", row["what"], check.state, check.summary));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn an_unanswered_question_below_hides_the_record_above() {
        let zone = Zone::new().with_txt("_dmarc.example.com", &["v=DMARC1; p=none"]);
        let from_below = names("mail.example.com", "example.com", None);
        assert!(checked(&zone, &from_below, CheckState::Ok).starts_with("unknown"));
    }

    #[test]
    fn the_walk_ends_below_the_last_label() {
        assert_eq!(dmarc_domains("a.b.example.com"), ["a.b.example.com", "b.example.com", "example.com"]);
        assert_eq!(dmarc_domains("com"), [""; 0]);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "(v=DMARC1;)?[ -~]{0,40}") {
            let _ = (is_dmarc(&text), Policy::read(&text));
        }
    }
}
