use proptest::prelude::*;

use super::*;
use crate::dns::Zone;

fn checked(texts: &[&str]) -> String {
    let zone = Zone::new()
        .with_txt("m.test", texts)
        .with_txt("amazonses.com", &["v=spf1 ip4:199.255.192.0/22 -all"])
        .with_txt("ses.m.test", &["v=spf1 include:amazonses.com -all"])
        .with_txt("plain.m.test", &["v=spf1 ip4:192.0.2.0/24 -all"])
        .with_txt("deep.m.test", &["v=spf1 a mx ptr exists:x.test a:1.test a:2.test a:3.test a:4.test a:5.test -all"])
        .with_txt("circle.m.test", &["v=spf1 include:circle.m.test -all"])
        .with_txt("two.m.test", &["v=spf1 -all", "v=spf1 -all"])
        .with_txt("none.m.test", &["hello"]);
    let check = evaluate(Some("m.test"), &zone.spf("m.test"));
    match check.record {
        Some(record) => format!("{} {} => {}", check.state, check.summary, record.value),
        None => format!("{} {}", check.state, check.summary),
    }
}

#[test]
fn records_of_many_kinds() {
    let mut lines = Vec::new();
    for texts in [
        &["v=spf1 include:amazonses.com ~all"][..],
        &["google-site-verification=x", "V=SPF1 +Include:AmazonSES.com. -all"],
        &["v=spf1 include:ses.m.test -all"],
        &["v=spf1 redirect=ses.m.test"],
        &["v=spf1 redirect=ses.m.test ~all"],
        &["v=spf1 -all include:amazonses.com"],
        &["v=spf1 -include:amazonses.com ~all"],
        &["v=spf1 ?include:ses.m.test ~all"],
        &["v=spf1 include:plain.m.test ip4:192.0.2.1 -all"],
        &["v=spf1 include:unknown.test ~all"],
        &["v=spf1 include:unknown.test include:amazonses.com ~all"],
        &["v=spf1 include:%{d}.m.test include:amazonses.com ~all"],
        &["v=spf1 include:amazonses.com ~all", "v=spf1 ip4:192.0.2.1 -all"],
        &["v=spf1 include:deep.m.test include:amazonses.com -all"],
        &["v=spf1 include:circle.m.test include:amazonses.com -all"],
        &["v=spf1 include:two.m.test include:amazonses.com -all"],
        &["v=spf1 include:none.m.test include:amazonses.com -all"],
        &["v=spf1 inlcude:amazonses.com -all"],
        &["v=spf10 include:amazonses.com -all"],
        &["v=spf1"],
        &[],
    ] {
        lines.push(format!("{texts:?}\n    {}", checked(texts)));
    }
    insta::assert_snapshot!(lines.join("\n"), @r#"
    ["v=spf1 include:amazonses.com ~all"]
        ok The SPF record of m.test includes amazonses.com.
    ["google-site-verification=x", "V=SPF1 +Include:AmazonSES.com. -all"]
        ok The SPF record of m.test includes amazonses.com.
    ["v=spf1 include:ses.m.test -all"]
        ok The SPF record of m.test includes amazonses.com.
    ["v=spf1 redirect=ses.m.test"]
        ok The SPF record of m.test includes amazonses.com.
    ["v=spf1 redirect=ses.m.test ~all"]
        wrong The SPF record of m.test does not include amazonses.com. => v=spf1 include:amazonses.com include:ses.m.test ~all
    ["v=spf1 -all include:amazonses.com"]
        wrong The SPF record of m.test does not include amazonses.com. => v=spf1 include:amazonses.com -all
    ["v=spf1 -include:amazonses.com ~all"]
        wrong The SPF record of m.test does not include amazonses.com. => v=spf1 include:amazonses.com ~all
    ["v=spf1 ?include:ses.m.test ~all"]
        wrong The SPF record of m.test does not include amazonses.com. => v=spf1 include:amazonses.com ?include:ses.m.test ~all
    ["v=spf1 include:plain.m.test ip4:192.0.2.1 -all"]
        wrong The SPF record of m.test does not include amazonses.com. => v=spf1 include:amazonses.com include:plain.m.test ip4:192.0.2.1 -all
    ["v=spf1 include:unknown.test ~all"]
        unknown The DNS did not answer about all that the SPF record of m.test includes.
    ["v=spf1 include:unknown.test include:amazonses.com ~all"]
        ok The SPF record of m.test includes amazonses.com.
    ["v=spf1 include:%{d}.m.test include:amazonses.com ~all"]
        ok The SPF record of m.test includes amazonses.com.
    ["v=spf1 include:amazonses.com ~all", "v=spf1 ip4:192.0.2.1 -all"]
        wrong m.test has 2 SPF records, which makes all of them void. => v=spf1 include:amazonses.com ip4:192.0.2.1 -all
    ["v=spf1 include:deep.m.test include:amazonses.com -all"]
        wrong The SPF record of m.test needs more than 10 look-ups, which makes it void. => v=spf1 include:amazonses.com ~all
    ["v=spf1 include:circle.m.test include:amazonses.com -all"]
        wrong The SPF record of m.test needs more than 10 look-ups, which makes it void. => v=spf1 include:amazonses.com ~all
    ["v=spf1 include:two.m.test include:amazonses.com -all"]
        wrong The SPF record of m.test is void: it includes two.m.test, which has more than one SPF record. => v=spf1 include:amazonses.com ~all
    ["v=spf1 include:none.m.test include:amazonses.com -all"]
        wrong The SPF record of m.test is void: it includes none.m.test, which has no SPF record. => v=spf1 include:amazonses.com ~all
    ["v=spf1 inlcude:amazonses.com -all"]
        wrong The SPF record of m.test is void: "inlcude:amazonses.com" is not a valid term. => v=spf1 include:amazonses.com ~all
    ["v=spf10 include:amazonses.com -all"]
        wrong m.test has no SPF record. => v=spf1 include:amazonses.com ~all
    ["v=spf1"]
        wrong The SPF record of m.test does not include amazonses.com. => v=spf1 include:amazonses.com ~all
    []
        wrong m.test has no SPF record. => v=spf1 include:amazonses.com ~all
    "#);
}

/// The names that rows of `cases/field.json` ask about.
fn field_zone() -> Zone {
    let mut zone = Zone::new()
        .with_txt("amazonses.com", &["v=spf1 ip4:199.255.192.0/22 -all"])
        .with_txt("spf.protection.outlook.com", &["v=spf1 ip4:192.0.2.0/24 -all"])
        .with_txt("_spf.google.com", &["v=spf1 ip4:192.0.2.0/24 ~all"])
        .with_txt("_r.example.net", &["v=spf1 include:amazonses.com -all"])
        .with_txt("_spf3.example.net", &["v=spf1 include:amazonses.com -all"]);
    for i in 0..9 {
        zone = zone.with_txt(&format!("i{i}.example.net"), &["v=spf1 ip4:192.0.2.0/24 -all"]);
    }
    for i in 0..3 {
        zone = zone
            .with_txt(&format!("_spf{i}.example.net"), &[&format!("v=spf1 include:_spf{}.example.net -all", i + 1)]);
    }
    zone
}

#[test]
fn spf_records_from_the_field_are_judged_right() {
    let read = |rows| serde_json::from_str::<Vec<serde_json::Value>>(rows).unwrap();
    let rows = [read(include_str!("../cases/field.json")), read(include_str!("../cases/fresh.json"))].concat();
    let mut wrong = Vec::new();
    for row in rows.iter().filter(|row| row["kind"] == "spf") {
        let texts: Vec<&str> = row["records"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
        let zone = field_zone().with_txt("mail.mail.example.com", &texts);
        let check = evaluate(Some("mail.mail.example.com"), &zone.spf("mail.mail.example.com"));
        let want = row["want"].as_str().unwrap();
        if !want.split('|').any(|want| want == check.state.as_str()) {
            wrong.push(format!("{}: {} {}, not {want}", row["what"], check.state, check.summary));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_syntax_error_anywhere_makes_a_record_void() {
    for (term, is_valid) in [
        ("a", true),
        ("a:mx.example.com/24//64", true),
        ("mx/24", true),
        ("mx//64", true),
        ("a/33", false),
        ("a/024", false),
        ("a:", false),
        ("a:192.0.2.1", false),
        ("mx:mx.example.com/", false),
        ("ptr", true),
        ("ptr:example.com", true),
        ("ptr/24", false),
        ("exists:%{ir}.sbl.example.com", true),
        ("exists:%{x}.example.com", false),
        ("exists:%(i).example.com", false),
        ("exists", false),
        ("ip4:192.0.2.0/24", true),
        ("ip4:192.0.2.0/33", false),
        ("ip4:192.0.2", false),
        ("ip6:2001:db8::/32", true),
        ("ip6:2001:db8::/129", false),
        ("all:example.com", false),
        ("include:example", false),
        ("include:-x.example-", false),
        ("unknown=anything", true),
        ("unknown=%", false),
        ("+unknown=anything", false),
        ("unknown", false),
        ("++a", false),
        ("exp=why.example.com exp=why.example.com", false),
        ("redirect=a.example redirect=a.example", false),
        ("\u{a0}", false),
        ("a\tmx", false),
        ("ip4:192.0.2.1\u{2011}all", false),
    ] {
        for record in
            [format!("v=spf1 {term} include:amazonses.com ~all"), format!("v=spf1 include:amazonses.com ~all {term}")]
        {
            let zone = field_zone().with_txt("m.test", &[&record]);
            let state = evaluate(Some("m.test"), &zone.spf("m.test")).state;
            assert_eq!(state == crate::dns::CheckState::Ok, is_valid, "{record}");
        }
    }
}

#[test]
fn more_than_ten_lookups_or_two_void_ones_make_a_record_void() {
    let gone = |zone: Zone, name: &str| zone.with(name, crate::dns::ZoneName::NoSuchDomain);
    let zone = (0..3).fold(field_zone(), |zone, i| gone(zone, &format!("gone{i}.example.net")));
    for (record, is_valid) in [
        ("v=spf1 a:gone0.example.net mx:gone1.example.net include:amazonses.com ~all", true),
        ("v=spf1 a:gone0.example.net mx:gone1.example.net exists:gone2.example.net include:amazonses.com ~all", false),
        ("v=spf1 include:gone0.example.net include:amazonses.com ~all", false),
        ("v=spf1 redirect=gone0.example.net", false),
        ("v=spf1 a a a a a a a a a include:amazonses.com ~all", true),
        ("v=spf1 a a a a a a a a a a include:amazonses.com ~all", false),
        ("v=spf1 a a a a a a a a include:_r.example.net ~all", true),
        ("v=spf1 a a a a a a a a a include:_r.example.net ~all", false),
    ] {
        let zone = zone.clone().with_txt("m.test", &[record]);
        let check = evaluate(Some("m.test"), &zone.spf("m.test"));
        assert_eq!(check.state == crate::dns::CheckState::Ok, is_valid, "{record}: {}", check.summary);
    }
}

proptest! {
    #[test]
    fn any_text_is_evaluated_and_the_record_that_mends_is_right(text in "(v=spf1 )?([a-z0-9:=/.%+?~ -]{0,30}( include:a\\.test| redirect=b\\.test| -all)?){0,3}") {
        let texts = SpfTexts::from([
            ("m.test".to_owned(), Answer::Found(vec![text])),
            ("amazonses.com".to_owned(), Answer::Found(vec!["v=spf1 -all".to_owned()])),
            ("a.test".to_owned(), Answer::Found(vec!["v=spf1 ip4:192.0.2.1 -all".to_owned()])),
            ("b.test".to_owned(), Answer::Found(vec!["v=spf1 ip4:192.0.2.1 -all".to_owned()])),
        ]);
        let check = evaluate(Some("m.test"), &texts);
        if let Some(record) = check.record {
            let mended = SpfTexts::from_iter(texts.into_iter().chain([("m.test".to_owned(), Answer::Found(vec![record.value]))]));
            prop_assert_ne!(evaluate(Some("m.test"), &mended).state, crate::dns::CheckState::Wrong);
        }
    }
}
