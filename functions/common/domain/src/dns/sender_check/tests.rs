use super::*;
use crate::dns::Zone;

const GOOD: &str = r#"{
    "t1._domainkey.example.com": {"cname": ["t1.dkim.amazonses.com"]},
    "t2._domainkey.example.com": {"cname": ["T2.dkim.amazonses.com."]},
    "t3._domainkey.example.com": {"cname": ["t3.dkim.eu-central-1.amazonses.com"]},
    "bounce.example.com": {
        "mx": ["10 feedback-smtp.eu-central-1.amazonses.com"], "txt": ["v=spf1 include:amazonses.com ~all"]
    },
    "amazonses.com": {"txt": ["v=spf1 ip4:199.255.192.0/22 -all"]},
    "_dmarc.example.com": {"txt": ["v=DMARC1; p=quarantine; rua=mailto:d@example.com"]}
}"#;

fn names() -> SenderNames {
    SenderNames {
        from_domain: "example.com".into(),
        identity_domain: "Example.com".into(),
        dkim_tokens: ["t1", "t2", "t3"].map(str::to_owned).to_vec(),
        dkim_zone: None,
        mail_from_domain: Some("bounce.example.com".into()),
        region: "eu-central-1".into(),
    }
}

fn good() -> Zone {
    Zone::from_json(GOOD).unwrap()
}

fn checked(zone: &Zone, names: &SenderNames) -> Vec<DnsCheck> {
    let names = names.plain();
    check_sender(&names, &zone.about_sender(&names))
}

fn check(zone: &Zone, names: &SenderNames, kind: DnsCheckKind) -> DnsCheck {
    checked(zone, names).into_iter().find(|check| check.check == kind).unwrap()
}

#[test]
fn a_sender_set_up_as_ses_asks_is_right_in_all_four() {
    let checks = checked(&good(), &names());
    let lines: Vec<String> =
        checks.iter().map(|check| format!("{} {}: {}", check.check, check.state, check.summary)).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    dkim ok: All 3 DKIM records lead to SES.
    mail_from ok: The MX record of bounce.example.com leads to SES.
    spf ok: The SPF record of bounce.example.com includes amazonses.com.
    dmarc ok: The DMARC record of example.com says quarantine for example.com; our email passes by DKIM and by SPF.
    "#);
}

#[test]
fn without_answers_nothing_is_wrong() {
    for check in checked(&Zone::new(), &names()) {
        assert_eq!((check.state, check.fix, check.record), (CheckState::Unknown, None, None), "{}", check.check);
    }
}

#[test]
fn a_missing_or_foreign_dkim_record_is_named_with_its_value() {
    use crate::dns::ZoneName;
    let zone = good().with("t2._domainkey.example.com", ZoneName::NoSuchDomain);
    let missing = check(&zone, &names(), DnsCheckKind::Dkim);
    insta::assert_snapshot!(serde_json::json!(missing), @r#"{"check":"dkim","fix":"Set this CNAME record, without a proxy before it; SES looks for up to 72 hours. Then check again: the next wrong one is named.","record":{"name":"t2._domainkey.example.com","type":"CNAME","value":"t2.dkim.amazonses.com"},"state":"wrong","summary":"1 of 3 DKIM records are wrong: t2._domainkey.example.com is missing."}"#);

    let zone = good().with_cname("t1._domainkey.example.com", "t1.dkim.example.net");
    let foreign = check(&zone, &names(), DnsCheckKind::Dkim);
    assert_eq!(
        foreign.summary,
        "1 of 3 DKIM records are wrong: t1._domainkey.example.com leads to t1.dkim.example.net."
    );

    let zone = good().with("t2._domainkey.example.com", ZoneName::Silent);
    assert_eq!(check(&zone, &names(), DnsCheckKind::Dkim).state, CheckState::Unknown);
}

#[test]
fn the_zone_that_ses_names_is_the_only_right_one() {
    let named = SenderNames { dkim_zone: Some("dkim.eu-central-1.amazonses.com".into()), ..names() };
    let dkim = check(&good(), &named, DnsCheckKind::Dkim);
    assert_eq!(dkim.state, CheckState::Wrong);
    assert_eq!(dkim.record.unwrap().value, "t1.dkim.eu-central-1.amazonses.com");
}

#[test]
fn the_mail_from_domain_has_one_exchanger_at_ses_in_the_right_region() {
    use crate::dns::{ZoneName, ZoneRecords};
    let empty = || good().with("bounce.example.com", ZoneName::Records(ZoneRecords::default()));
    for (exchangers, state) in [
        (&["10 feedback-smtp.eu-central-1.amazonses.com"][..], CheckState::Ok),
        (&["10 feedback-smtp.us-east-1.amazonses.com"], CheckState::Wrong),
        (&["10 feedback-smtp.eu-central-1.amazonses.com", "20 mx.example.com"], CheckState::Wrong),
        (&["0 ."], CheckState::Wrong),
        (&[], CheckState::Wrong),
    ] {
        let found = check(&empty().with_mx("bounce.example.com", exchangers), &names(), DnsCheckKind::MailFrom);
        assert_eq!(found.state, state, "{exchangers:?}");
        let value = found.record.map(|record| record.value);
        let mends = (state == CheckState::Wrong).then(|| "10 feedback-smtp.eu-central-1.amazonses.com".to_owned());
        assert_eq!(value, mends);
    }
    let none = SenderNames { mail_from_domain: None, ..names() };
    assert_eq!(check(&good(), &none, DnsCheckKind::MailFrom).state, CheckState::Ok);
    assert_eq!(check(&good(), &none, DnsCheckKind::Spf).state, CheckState::Ok);
}
