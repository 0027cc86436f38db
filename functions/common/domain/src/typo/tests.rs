use MxVerdict::{Accepts, NoMail, NoSuchDomain, NullMx, Suspicious, Unknown, WeakAccepts};
use proptest::prelude::*;

use super::*;

fn known() -> Vec<(String, u32)> {
    [("acme-tools.com", 40), ("acme-tool.com", 1), ("uni-example.edu", 3), ("gmial.com", 9), ("Bad Domain", 9)]
        .map(|(domain, count)| (domain.to_owned(), count))
        .to_vec()
}

fn suggested(domain: &str, mx: MxVerdict) -> String {
    let address = EmailAddress::parse(&format!("Jo.Doe+x@{domain}")).unwrap();
    match suggest(&address, &known(), mx) {
        Some(found) => {
            let text = found.address.as_typed().strip_prefix("Jo.Doe+x@").unwrap().to_owned();
            format!("{text} {} {}", found.why, found.certainty)
        }
        None => "-".to_owned(),
    }
}

#[test]
#[rustfmt::skip]
fn domains_that_take_mail_are_left_alone() {
    for domain in [
        "mailw.com", "comcast.com", "gmx.de", "gmx.net", "ymail.com", "email.com", "mail.com", "gmail.com", "hmail.com",
        "fmail.com", "gail.com", "hotmail.be", "live.nl", "outlook.co", "yahoo.co", "example.co", "example.cm", "example.om",
        "acme-toolz.com", "hotmall.com", "web.be", "aal.com", "gq.com", "example.com",
    ] {
        assert_eq!(suggested(domain, Accepts), "-", "{domain}");
    }
}

#[test]
#[rustfmt::skip]
fn real_domains_are_left_alone_when_the_dns_is_silent() {
    for domain in [
        "mailw.com", "comcast.com", "gmx.de", "gmx.net", "ymail.com", "email.com", "mail.com", "gmail.com", "hmail.com",
        "fmail.com", "tmail.com", "gail.com", "hotmail.be", "love.com", "cloud.com", "orange.com", "example.co", "example.cm",
        "outlook.net", "acme-tool.com", "yahoo.fi", "aal.com", "gq.com", "136.com", "web.be", "freenet.com",
    ] {
        assert_eq!(suggested(domain, Unknown), "-", "{domain}");
    }
}

#[test]
fn known_misspellings_are_mended_whatever_the_dns_says() {
    for mx in MxVerdict::ALL {
        for (typed, meant) in [
            ("gmial.com", "gmail.com"),
            ("gmai.com", "gmail.com"),
            ("gmaill.com", "gmail.com"),
            ("gmaila.com", "gmail.com"),
            ("gamil.com", "gmail.com"),
            ("hotmial.com", "hotmail.com"),
            ("yaho.com", "yahoo.com"),
            ("outlok.com", "outlook.com"),
        ] {
            assert_eq!(suggested(typed, *mx), format!("{meant} known_misspelling likely"), "{typed} {mx}");
        }
    }
}

#[test]
fn domains_and_what_is_meant_by_them() {
    let mut lines = Vec::new();
    for (domain, mx) in [
        // Endings that do not exist.
        ("gmail.con", Unknown),
        ("gmail.con", NoSuchDomain),
        ("gmial.con", NoSuchDomain),
        ("live.con", Unknown),
        ("naver.comn", Unknown),
        ("naver.comn", NoSuchDomain),
        ("example.cmo", Unknown),
        ("example.vom", NoSuchDomain),
        ("example.nte", NoSuchDomain),
        ("example.ent", Unknown),
        ("example.og", Unknown),
        ("uni-example.ed", NoSuchDomain),
        ("example.couk", NoSuchDomain),
        ("acme-tools.con", NoSuchDomain),
        ("acme-tols.con", NoSuchDomain),
        ("example.con", Accepts),
        ("mailw.con", NoSuchDomain),
        // Endings that are hardly ever meant.
        ("gmail.co", NoSuchDomain),
        ("gmail.co", NoMail),
        ("gmail.co", WeakAccepts),
        ("example.co", NoSuchDomain),
        ("example.co", NullMx),
        ("gmail.de", NoSuchDomain),
        ("gmail.com.br", NoMail),
        ("icloud.de", NoSuchDomain),
        ("comcast.com", NoSuchDomain),
        // Near to a large provider.
        ("gmaul.co", NoSuchDomain),
        ("gmzil.com", NoSuchDomain),
        ("gmzil.com", Unknown),
        ("gmzil.com", Suspicious),
        ("gmzil.com", WeakAccepts),
        ("gnsil.com", NoSuchDomain),
        ("mailw.com", NoSuchDomain),
        ("hmail.com", NoSuchDomain),
        ("hotmall.com", NoSuchDomain),
        ("hotmall.com", Unknown),
        ("hottmaill.com", NoSuchDomain),
        ("outlooj.com", Unknown),
        ("t-onlime.de", NoSuchDomain),
        ("t-onlime.de", Unknown),
        ("gmx.dee", NoSuchDomain),
        ("gxm.de", NoSuchDomain),
        ("gmmx.de", NoSuchDomain),
        ("gmy.de", NoSuchDomain),
        ("aal.com", NoSuchDomain),
        ("yahoo.fi", NoSuchDomain),
        ("orenge.fr", NoSuchDomain),
        ("yandexx.ru", NoSuchDomain),
        ("163.con", NoSuchDomain),
        ("protonmaik.com", NoSuchDomain),
        // Near to a domain of our users.
        ("acme-tool.com", NoSuchDomain),
        ("acme-tolls.com", NullMx),
        ("amce-tols.com", NoSuchDomain),
        ("acme-tolls.com", Unknown),
        ("acme-tools.com", NoSuchDomain),
        // Near to nothing.
        ("example.com", NoSuchDomain),
        ("mycompany.de", NoSuchDomain),
        ("a.io", NoSuchDomain),
        ("xn--exmple-cua.org", NoSuchDomain),
    ] {
        lines.push(format!("{domain:20} {mx} {}", suggested(domain, mx)));
    }
    insta::assert_snapshot!(lines.join("\n"), @r#"
    gmail.con            unknown gmail.com ending likely
    gmail.con            no_such_domain gmail.com ending likely
    gmial.con            no_such_domain gmail.com known_misspelling likely
    live.con             unknown live.com ending likely
    naver.comn           unknown naver.com ending likely
    naver.comn           no_such_domain naver.com ending likely
    example.cmo          unknown example.com ending likely
    example.vom          no_such_domain example.com ending likely
    example.nte          no_such_domain example.net ending likely
    example.ent          unknown example.net ending likely
    example.og           unknown example.org ending likely
    uni-example.ed       no_such_domain uni-example.edu ending likely
    example.couk         no_such_domain example.co.uk ending likely
    acme-tools.con       no_such_domain acme-tools.com ending likely
    acme-tols.con        no_such_domain acme-tools.com near_known_domain possible
    example.con          accepts -
    mailw.con            no_such_domain mailw.com ending likely
    gmail.co             no_such_domain gmail.com ending possible
    gmail.co             no_mail gmail.com ending possible
    gmail.co             weak_accepts -
    example.co           no_such_domain example.com ending possible
    example.co           null_mx example.com ending possible
    gmail.de             no_such_domain gmail.com ending possible
    gmail.com.br         no_mail gmail.com ending possible
    icloud.de            no_such_domain icloud.com ending possible
    comcast.com          no_such_domain comcast.net ending possible
    gmaul.co             no_such_domain gmail.com near_provider possible
    gmzil.com            no_such_domain gmail.com near_provider likely
    gmzil.com            unknown gmail.com near_provider possible
    gmzil.com            suspicious gmail.com near_provider possible
    gmzil.com            weak_accepts gmail.com near_provider possible
    gnsil.com            no_such_domain gmail.com near_provider possible
    mailw.com            no_such_domain mail.com near_provider likely
    hmail.com            no_such_domain gmail.com near_provider possible
    hotmall.com          no_such_domain hotmail.com near_provider likely
    hotmall.com          unknown hotmail.com near_provider possible
    hottmaill.com        no_such_domain hotmail.com near_provider possible
    outlooj.com          unknown outlook.com near_provider possible
    t-onlime.de          no_such_domain t-online.de near_provider likely
    t-onlime.de          unknown t-online.de near_provider possible
    gmx.dee              no_such_domain gmx.de ending likely
    gxm.de               no_such_domain gmx.de near_provider possible
    gmmx.de              no_such_domain gmx.de near_provider possible
    gmy.de               no_such_domain -
    aal.com              no_such_domain -
    yahoo.fi             no_such_domain -
    orenge.fr            no_such_domain orange.fr near_provider likely
    yandexx.ru           no_such_domain yandex.ru near_provider likely
    163.con              no_such_domain 163.com ending likely
    protonmaik.com       no_such_domain protonmail.com near_provider likely
    acme-tool.com        no_such_domain acme-tools.com near_known_domain likely
    acme-tolls.com       null_mx acme-tools.com near_known_domain likely
    amce-tols.com        no_such_domain acme-tools.com near_known_domain possible
    acme-tolls.com       unknown -
    acme-tools.com       no_such_domain -
    example.com          no_such_domain -
    mycompany.de         no_such_domain -
    a.io                 no_such_domain -
    xn--exmple-cua.org   no_such_domain -
    "#);
}

/// A domain, often one or two edits away from one that counts.
fn domains() -> impl Strategy<Value = String> {
    let wrong = providers::MISSPELLINGS.iter().flat_map(|(_, wrong)| *wrong);
    let all: Vec<String> = providers::BIGGEST
        .iter()
        .chain(providers::LARGE)
        .chain(providers::REAL)
        .chain(wrong)
        .map(|domain| (*domain).to_owned())
        .chain(known().into_iter().map(|(domain, _)| domain))
        .collect();
    let edited = (proptest::sample::select(all), 0_usize..20, "[a-z.é]{0,2}", 0_usize..3).prop_map(
        |(domain, at, inserted, removed)| {
            let letters: Vec<char> = domain.chars().collect();
            let at = at.min(letters.len());
            let rest = letters.iter().skip(at + removed);
            letters.iter().take(at).copied().chain(inserted.chars()).chain(rest.copied()).collect()
        },
    );
    prop_oneof![3 => edited, 1 => "[a-z0-9é-]{1,12}\\.(com|con|co|net|ent|og|de|co\\.uk)", 1 => "\\PC{0,20}"]
}

proptest! {
    #[test]
    fn a_suggestion_is_another_domain_and_is_settled(
        domain in domains(),
        mx in proptest::sample::select(MxVerdict::ALL),
        later in proptest::sample::select(MxVerdict::ALL),
    ) {
        let typed = EmailAddress::parse(&format!("Ä.b+c@{domain}")).ok();
        let found = typed.as_ref().and_then(|typed| suggest(typed, &known(), mx));
        if let (Some(typed), Some(found)) = (typed, found) {
            prop_assert_ne!(found.address.key(), typed.key());
            prop_assert!(found.address.as_typed().starts_with("Ä.b+c@"));
            prop_assert_eq!(suggest(&found.address, &known(), Accepts), None, "it takes mail");
            if found.why != Why::Ending {
                prop_assert_eq!(suggest(&found.address, &known(), later), None, "any verdict");
            }
        }
    }
}

/// Examples from the field, and others that were written down before the rules were tried on them.
#[allow(clippy::print_stdout, reason = "the figures are shown with --nocapture")]
mod field {
    use serde_json::Value;

    use super::*;

    macro_rules! cases {
        ($name:literal) => {
            serde_json::from_str(include_str!(concat!("../../../../../tests/cases/", $name))).unwrap()
        };
    }

    /// The suggested domain. `None` for a domain that no address can have, too.
    fn suggestion(domain: &str, mx: MxVerdict) -> Option<String> {
        let address = EmailAddress::parse(&format!("jo@{domain}")).ok()?;
        suggest(&address, &[], mx).map(|found| found.address.key().domain().to_owned())
    }

    #[test]
    fn mistyped_domains_lead_to_the_right_one_or_to_none() {
        let (field, held_out): (Vec<Value>, Vec<Value>) = (cases!("typos.json"), cases!("typos-held-out.json"));
        let fresh: Vec<Value> = cases!("typos-fresh.json");
        for (name, cases, mx, least_right) in [
            ("field", &field, NoSuchDomain, 168),
            ("field", &field, Unknown, 140),
            ("field", &field, Accepts, 35),
            ("held out", &held_out, NoSuchDomain, 88),
            ("held out", &held_out, Unknown, 84),
            ("fresh", &fresh, NoSuchDomain, 109),
            ("fresh", &fresh, Unknown, 93),
        ] {
            let (mut right, mut wrong) = (0, Vec::new());
            for case in cases {
                let (typed, meant) = (case["typed"].as_str().unwrap(), case["meant"].as_str().unwrap());
                match suggestion(typed, mx) {
                    Some(found) if meant.split(" or ").any(|meant| meant == found) => right += 1,
                    Some(found) => wrong.push(format!("{typed}: {found} instead of {meant}")),
                    None if meant.ends_with("none") => right += 1,
                    None => {}
                }
            }
            println!("mistyped domains ({name}, {mx}): {right} of {} right, {} wrong", cases.len(), wrong.len());
            assert_eq!(wrong, [""; 0], "a wrong suggestion is worse than none: {name}, {mx}");
            assert!(right >= least_right, "{right} of {} right: {name}, {mx}", cases.len());
        }
    }

    #[test]
    fn real_domains_lead_to_no_suggestion() {
        let lists: [Vec<String>; 3] = [
            cases!("legitimate-domains.json"),
            cases!("legitimate-domains-held-out.json"),
            cases!("legitimate-domains-fresh.json"),
        ];
        let domains = lists.concat();
        let mut wrong = Vec::new();
        for mx in [Unknown, Accepts, WeakAccepts] {
            let led_astray = domains.iter().filter_map(|domain| Some((domain, mx, suggestion(domain, mx)?)));
            wrong.extend(led_astray);
        }
        assert_eq!(wrong, [], "of {}", domains.len());
    }

    #[test]
    fn a_name_of_a_provider_below_another_domain_is_that_domains() {
        for domain in ["gmail.acme.de", "gmail.example.org", "outlook.example.com"] {
            assert_eq!(suggestion(domain, Unknown), None, "{domain}");
            assert_eq!(suggestion(domain, NoSuchDomain), None, "{domain}");
        }
        assert_eq!(suggestion("gmail.com.br", Unknown).as_deref(), Some("gmail.com"));
    }

    #[test]
    fn another_ending_is_suggested_only_if_it_is_the_usual_one() {
        for mx in [Unknown, NoSuchDomain] {
            assert_eq!(suggestion("hotmail.net", mx).as_deref(), Some("hotmail.com"));
            assert_eq!(suggestion("gmail.fr", mx).as_deref(), Some("gmail.com"));
            for domain in ["hotmail.ru", "yahoo.fi", "hotmail.d", "gmx.fr", "fastmail.de", "company.internal"] {
                assert_eq!(suggestion(domain, mx), None, "{domain}, {mx}");
            }
        }
    }
}
