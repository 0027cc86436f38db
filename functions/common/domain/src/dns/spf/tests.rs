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
        wrong The SPF record of m.test is void: nobody knows the term "inlcude:amazonses.com". => v=spf1 include:amazonses.com ~all
    ["v=spf10 include:amazonses.com -all"]
        wrong m.test has no SPF record. => v=spf1 include:amazonses.com ~all
    ["v=spf1"]
        wrong The SPF record of m.test does not include amazonses.com. => v=spf1 include:amazonses.com ~all
    []
        wrong m.test has no SPF record. => v=spf1 include:amazonses.com ~all
    "#);
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
