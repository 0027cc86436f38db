use proptest::prelude::*;

use super::*;

mod sentences;

/// A row of the table of replies: status, diagnostic text, enhanced code, cause.
fn rows() -> Vec<[String; 4]> {
    let rows = include_str!("replies.tsv").lines().filter(|line| !line.starts_with('#'));
    rows.map(|line| {
        let cells: Vec<String> = line.split('\t').map(|cell| cell.replace("\\r\\n", "\r\n")).collect();
        cells.try_into().unwrap_or_else(|cells| panic!("{cells:?}"))
    })
    .collect()
}

fn parse(status: &str, diagnostic: &str) -> SmtpReply {
    let some = |text| Some(text).filter(|text: &&str| !text.is_empty());
    SmtpReply::parse(some(status), some(diagnostic))
}

fn text(diagnostic: &str) -> String {
    parse("", diagnostic).text
}

#[test]
fn real_replies_are_understood() {
    let rows = rows();
    assert!(rows.len() >= 100);
    let mut wrong = Vec::new();
    for [status, diagnostic, code, cause] in rows {
        let reply = parse(&status, &diagnostic);
        let seen = reply.enhanced.map_or("-".to_owned(), |code| code.to_string());
        if (seen.as_str(), reply.cause().as_str()) != (code.as_str(), cause.as_str()) {
            wrong.push(format!("{status} {diagnostic}\n  is {seen} {}, not {code} {cause}", reply.cause()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Rows of `cases/field.json` and of the lists beside it: what is right, status, diagnostic text.
fn cases() -> Vec<(&'static str, [String; 3])> {
    let field: serde_json::Value = serde_json::from_str(include_str!("cases/field.json")).unwrap();
    let text = |row: &serde_json::Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let field = field.as_array().unwrap().iter();
    let field = field.map(|row| ("field", ["want", "status", "diagnostic_code"].map(|name| text(row, name))));
    let lists = [
        ("more", include_str!("cases/more.tsv")),
        ("learned", include_str!("cases/learned.tsv")),
        ("held-out", include_str!("cases/held-out.tsv")),
        ("languages", include_str!("cases/languages.tsv")),
        ("later", include_str!("cases/later.tsv")),
        ("servers", include_str!("cases/servers.tsv")),
        ("world", include_str!("cases/world.tsv")),
        ("third", include_str!("cases/third.tsv")),
        ("fourth", include_str!("cases/fourth.tsv")),
        ("fifth", include_str!("cases/fifth.tsv")),
    ];
    let rows = lists.into_iter().flat_map(|(list, text)| text.lines().map(move |line| (list, line)));
    let rows = rows.filter(|(_, line)| !line.starts_with('#')).map(|(list, line)| {
        let cells: Vec<String> = line.split('\t').map(ToOwned::to_owned).collect();
        (list, cells.try_into().unwrap_or_else(|cells| panic!("{cells:?}")))
    });
    field.chain(rows).collect()
}

#[test]
fn replies_from_the_field_are_about_what_they_are_about() {
    let mut wrong = Vec::new();
    let mut counts = std::collections::BTreeMap::<_, (u32, u32)>::new();
    for (list, [want, status, diagnostic]) in cases() {
        let cause = parse(&status, &diagnostic).cause();
        let fault = cause.fault();
        let is_right = match want.as_str() {
            "addr" => fault == Fault::Address,
            "domain" => fault == Fault::Domain,
            "full" => cause == SmtpCause::MailboxFull,
            // Whether it passes or is our fault decides about an alarm, not about the address.
            "us" | "pass" | "unclear" => {
                cause == SmtpCause::LoopOrRouting || matches!(fault, Fault::Sender | Fault::Passing | Fault::Unknown)
            }
            "blockbyuser" => cause == SmtpCause::BlockedByRecipient,
            "recipient" => fault == Fault::Mailbox,
            "notdead" => !matches!(fault, Fault::Address | Fault::Domain),
            other => panic!("{other}"),
        };
        let (right, total) = counts.entry((list, want.clone())).or_default();
        *total += 1;
        *right += u32::from(is_right);
        if !is_right {
            wrong.push(format!("{want}, not {cause}: {status} {diagnostic}"));
        }
    }
    let counts: Vec<_> =
        counts.iter().map(|((list, want), (right, total))| format!("{list} {want} {right}/{total}")).collect();
    assert!(wrong.is_empty(), "{counts:?}\n{}", wrong.join("\n"));
    insta::assert_snapshot!(counts.join("\n"), @r"
    field addr 26/26
    field blockbyuser 4/4
    field full 3/3
    field pass 10/10
    field us 50/50
    fifth addr 60/60
    fifth blockbyuser 2/2
    fifth domain 1/1
    fifth full 15/15
    fifth pass 15/15
    fifth recipient 7/7
    fifth unclear 8/8
    fifth us 62/62
    fourth addr 42/42
    fourth notdead 7/7
    fourth pass 4/4
    fourth us 36/36
    held-out addr 62/62
    held-out blockbyuser 1/1
    held-out full 22/22
    held-out pass 10/10
    held-out us 68/68
    languages addr 58/58
    languages full 10/10
    languages us 30/30
    later addr 139/139
    later blockbyuser 2/2
    later full 17/17
    later pass 29/29
    later recipient 1/1
    later us 122/122
    learned addr 144/144
    learned blockbyuser 3/3
    learned full 30/30
    learned pass 24/24
    learned recipient 2/2
    learned unclear 1/1
    learned us 139/139
    more addr 254/254
    more blockbyuser 18/18
    more domain 4/4
    more full 18/18
    more pass 26/26
    more recipient 25/25
    more us 217/217
    servers addr 81/81
    servers blockbyuser 1/1
    servers full 6/6
    servers notdead 4/4
    servers pass 5/5
    servers unclear 11/11
    servers us 89/89
    third addr 77/77
    third full 6/6
    third notdead 10/10
    third pass 7/7
    third unclear 7/7
    third us 47/47
    world addr 111/111
    world notdead 12/12
    world pass 4/4
    world unclear 4/4
    world us 68/68
    ");
}

#[test]
fn nothing_in_a_host_name_an_id_or_a_url_counts() {
    for hidden in [
        "[user-unknown.mailbox-not-found.example.com]",
        "https://help.example/user-unknown/no-such-user?account=disabled",
        "www.user-unknown.example/mailbox-full",
        "id=user-unknown-7f3a91",
        "user-unknown@mailbox-full.example",
        "192.0.2.1",
    ] {
        for (said, cause) in [("550 no", SmtpCause::Undetermined), ("550 5.7.1 no", SmtpCause::Policy)] {
            assert_eq!(parse("", &format!("smtp; {said} {hidden}")).cause(), cause, "{said} {hidden}");
        }
    }
}

#[test]
fn a_refusal_of_another_command_is_never_about_the_recipient() {
    for context in [
        "(in reply to MAIL FROM command)",
        "(in reply to EHLO command)",
        "(in reply to end of DATA command)",
        "SMTP error from remote mail server after MAIL FROM:<a@example.com>:",
        "SMTP error from remote mail server after end of data:",
    ] {
        for words in ["user unknown", "mailbox not found", "account disabled", "host unknown", "Benutzer unbekannt"] {
            let cause = parse("5.1.1", &format!("{context} 550 5.1.1 {words} {context}")).cause();
            assert!(!matches!(cause.fault(), Fault::Address | Fault::Domain), "{context} {words}: {cause}");
        }
    }
    for code in ["503", "504", "550 5.5.1", "550 5.5.4", "550 5.6.0", "554 5.6.9", "500", "530", "535 5.7.8"] {
        let cause = parse("", &format!("smtp; {code} user unknown")).cause();
        assert!(!matches!(cause.fault(), Fault::Address | Fault::Domain), "{code}: {cause}");
    }
}

#[test]
fn hostile_text_changes_nothing_about_the_meaning() {
    let long = "x".repeat(4_096);
    for noise in ["2026-99-99T99:99:99Z", "\u{202e}\u{200f}\u{2066}", "<script>alert(1)</script>", &long, "\u{0}\u{7}"]
    {
        let reply = parse("5.1.1", &format!("smtp; 550 5.1.1 user unknown {noise}"));
        assert_eq!(reply.cause(), SmtpCause::MailboxDoesNotExist, "{noise:.40}");
        assert!(!reply.text.contains(['\u{202e}', '\u{200f}', '\u{2066}', '\u{0}']));
        assert_eq!(parse("", &format!("smtp; 550 {noise}")).cause(), SmtpCause::Undetermined, "{noise:.40}");
    }
}

#[test]
fn a_class_5_code_about_security_never_tells_against_the_address_unless_words_do() {
    for detail in 0..1000 {
        for words in ["", " refused", " rejected", " does not exist", " mailbox unavailable"] {
            let reply = parse("", &format!("550 5.7.{detail}{words}"));
            assert!(!matches!(reply.cause().fault(), Fault::Address | Fault::Domain), "5.7.{detail}{words}");
        }
    }
    assert_eq!(parse("", "554 5.7.1 user unknown").cause(), SmtpCause::MailboxDoesNotExist);
}

#[test]
fn lines_are_folded_and_repeated_codes_dropped() {
    for (said, folded) in [
        ("smtp; 550 5.1.1 user unknown", "550 5.1.1 user unknown"),
        ("SMTP ;  550 5.1.1 user unknown", "550 5.1.1 user unknown"),
        ("smtp;smtp; 550 user unknown", "550 user unknown"),
        ("X-Postfix; unknown user: \"alice\"", "unknown user: \"alice\""),
        ("550-5.1.1 No such\r\n550-5.1.1 user\r\n550 5.1.1 here", "550 5.1.1 No such user here"),
        ("550-5.1.1 No such 550-5.1.1 user 550 5.1.1 here", "550 5.1.1 No such user here"),
        ("550-No such\r\n550-\r\n550 user", "550 No such user"),
        (
            "554-No SMTP service 554-IP is listed. 554 Visit https://example.com",
            "554 No SMTP service IP is listed. Visit https://example.com",
        ),
        ("550 5.1.1 Call 550-1234 for 550 reasons", "550 5.1.1 Call 550-1234 for 550 reasons"),
        ("550 5.1.1 a\n\u{0}\u{202e}b\t c", "550 5.1.1 a b c"),
        ("552: mailbox full", "552 mailbox full"),
        ("", ""),
    ] {
        assert_eq!(text(said), folded, "{said:?}");
    }
}

#[test]
fn reply_codes_are_told_from_other_numbers() {
    for (said, basic) in [
        ("550 no", Some(550)),
        ("host mx[192.0.2.1] said: 450 4.7.1 later (in reply to RCPT TO command)", Some(450)),
        ("SMTP error after RCPT TO:<a@example.com>: 550 no", Some(550)),
        ("wait 450 seconds", None),
        ("550x", None),
        ("5501 no", None),
        ("250 2.0.0 OK", Some(250)),
        ("", None),
    ] {
        assert_eq!(parse("", said).basic, basic, "{said:?}");
    }
}

#[test]
fn the_most_telling_code_counts_and_the_status_comes_first() {
    for (status, said, code) in [
        ("5.1.1", "550 5.7.1 no", Some("5.1.1")),
        ("5.0.0", "550 5.7.1 no", Some("5.7.1")),
        ("4.0.0", "450 4.2.2 no", Some("4.2.2")),
        ("5.3.0", "550 5.1.1 no", Some("5.1.1")),
        ("5.0.0", "550 5.3.0 no", Some("5.3.0")),
        ("5.0.0", "550 no", Some("5.0.0")),
        ("5.1.1 (no such mailbox)", "", Some("5.1.1")),
        ("nonsense", "550 5.1.1: no", Some("5.1.1")),
        ("", "550 5.7.1.25 no", None),
        ("", "550 no 5.1.1", None),
        ("", "mta 4.5.6 no", None),
        ("", "550 5.1.1<alice@example.com> no", Some("5.1.1")),
        ("", "550 5.01.1 no", None),
    ] {
        assert_eq!(parse(status, said).enhanced.map(|code| code.to_string()).as_deref(), code, "{status:?} {said:?}");
    }
}

#[test]
fn enhanced_codes_are_read_strictly() {
    for good in ["2.0.0", "4.7.28", "5.1.10", "5.7.606", "5.999.999"] {
        assert_eq!(good.parse::<EnhancedCode>().map(|code| code.to_string()), Ok(good.to_owned()));
    }
    for bad in [
        "", "5", "5.1", "5.1.1.1", "3.1.1", "5.1.1000", "5.01.1", "5.1.01", "+5.1.1", "5.1.1 ", "5..1", "5.1.x",
        "٥.1.1",
    ] {
        assert_eq!(bad.parse::<EnhancedCode>(), Err(EnhancedCodeError), "{bad:?}");
    }
}

#[test]
fn long_texts_are_cut_between_characters_and_their_length_is_kept() {
    let said = format!("550 5.1.1 {}", "ü".repeat(10_000));
    let reply = parse("", &said);
    assert_eq!((reply.text.len(), reply.length), (4096, said.len()));
    let said = format!("550 x{}", "ü".repeat(10_000));
    assert_eq!(parse("", &said).text.len(), 4095);
}

#[test]
fn the_name_in_an_address_is_no_reason() {
    for local in ["spamhaus", "greylist", "reputation", "dmarc", "blacklist", "mailbox-full"] {
        for said in [
            format!("smtp; 550 5.1.1 <{local}@example.com>: no"),
            format!("smtp; 550 5.1.1 {local}@example.com"),
            format!("smtp; 550 5.1.1 rcpt to:{local}@{local}.example.com failed"),
        ] {
            assert_eq!(parse("", &said).cause(), SmtpCause::MailboxDoesNotExist, "{said}");
        }
    }
}

#[test]
fn every_phrase_is_written_as_texts_are_compared() {
    let tables: [&[phrases::Phrases]; 4] =
        [&phrases::CLEAR, &phrases::ABOUT_RECIPIENTS, &phrases::VAGUE, &phrases::VAGUE_ABOUT_ADDRESSES];
    for phrase in tables.into_iter().flatten().flat_map(|row| row.words.phrases()) {
        let said: String = phrase.chars().flat_map(char::to_lowercase).collect();
        assert!(said == *phrase && phrase.is_ascii() && phrase.len() > 3 && !phrase.contains("  "), "{phrase:?}");
    }
}

#[test]
fn every_cause_has_words_and_a_fault() {
    let table: Vec<_> = SmtpCause::ALL.iter().map(|cause| format!("{cause}: {:?}", cause.fault())).collect();
    insta::assert_snapshot!(table.join("\n"), @r"
    mailbox_does_not_exist: Address
    mailbox_disabled: Address
    mailbox_full: Mailbox
    domain_invalid: Domain
    spam_content: Sender
    sender_unauthenticated: Sender
    sender_address_refused: Sender
    sender_reputation: Sender
    policy: Sender
    rate_limited: Passing
    greylisted: Passing
    message_too_large: Sender
    restricted_to_members: Mailbox
    host_trouble: Passing
    loop_or_routing: Mailbox
    timed_out: Passing
    protocol: Sender
    moderated_group: Mailbox
    receiving_limit: Mailbox
    blocked_by_recipient: Mailbox
    undetermined: Unknown
    ");
    for cause in SmtpCause::ALL {
        let words = cause.in_plain_words();
        for words in [words, cause.fix()] {
            assert!(words.ends_with('.') && !words.contains("SMTP") && !words.contains("  "), "{words}");
        }
        assert_eq!(cause.as_str().parse(), Ok(*cause));
    }
}

#[test]
fn a_hostile_text_takes_no_longer_than_its_length_allows() {
    for unit in ["550-", "550-5.1.1 ", "smtp;", "x-;", "a@", "@", ";", " ", "\r\n550 5.1.1", "<", "5.1.1.", "550 ", "ü"]
    {
        let reply = parse("5.0.0", &unit.repeat(200_000 / unit.len()));
        assert!(reply.text.len() <= 4096);
        let _ = reply.cause();
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(status in "\\PC{0,12}", said in "(?s).{0,400}") {
        let reply = SmtpReply::parse(Some(&status), Some(&said));
        prop_assert!(reply.text.len() <= 4096 && reply.length == said.len());
        let _ = reply.cause();
    }

    #[test]
    fn replies_made_of_likely_parts_hold_too(
        said in "(smtp; ?|X-a;)?(550|421|250)?[- ]?(5\\.1\\.1|4\\.7\\.28|5\\.7\\.1\\.25)?(( |\r\n)(550|550-|5\\.1\\.1|no|#|<a@b>|said:|ü)){0,20}",
    ) {
        let reply = SmtpReply::parse(None, Some(&said));
        let again = SmtpReply::parse(None, Some(&reply.text));
        prop_assert_eq!(again.text, reply.text.clone());
        let _ = reply.cause();
        prop_assert!(!reply.text.chars().any(char::is_control) && !reply.text.contains("  "));
    }

    #[test]
    fn a_code_reads_as_it_prints(class in prop::sample::select(vec![2u8, 4, 5]), subject in 0u16..1000, detail in 0u16..1000) {
        let code = EnhancedCode { class, subject, detail };
        prop_assert_eq!(code.to_string().parse(), Ok(code));
    }
}
