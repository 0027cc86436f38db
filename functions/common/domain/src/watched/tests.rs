use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    config::EmailConfig,
    email_log::{EmailLogEntry, Origin},
    feedback::interpret,
    ses_event::{Content, Record, SesEvent, event_key, unwrap, unwrap_text},
};

const RETENTION: SignedDuration = SignedDuration::from_hours(90 * 24);

fn now() -> Timestamp {
    "2026-11-30T12:00:00Z".parse().unwrap()
}

fn ours() -> EmailConfig {
    EmailConfig {
        from: EmailAddress::parse("no-reply@mail.portal.example").unwrap(),
        configuration_set: Some("recovery".to_owned()),
        notice_configuration_set: Some("notices".to_owned()),
    }
}

fn watch(senders: &str) -> Watch {
    Watch::parse(senders, "", "news@portal.example,configuration-set:letters,tag:campaign,tag:type=news").unwrap()
}

/// The mail of a welcome email to Alice and Bob.
fn mail() -> Value {
    json!({
        "timestamp": "2026-11-30T11:00:00.250Z",
        "messageId": "0102018f-1",
        "source": "hello@portal.example",
        "destination": ["Alice@example.com", "bob@example.org"],
        "headers": [{"name": "From", "value": "Portal <hello@portal.example>"}, {"name": "Subject", "value": "Code 4839"}],
        "commonHeaders": {"from": ["Portal <hello@portal.example>"], "subject": "Code 4839"},
        "tags": {"ses:configuration-set": ["portal"], "ses:source-ip": ["192.0.2.1"], "type": ["welcome"], "team": ["a"]},
    })
}

fn told(name: &str, key: &str, inner: Value) -> Value {
    let mut event = json!({ "eventType": name, "mail": mail() });
    event[key] = inner;
    event
}

fn only(value: &Value) -> SesEvent {
    match unwrap(value).remove(0).content {
        Content::Event(event) => *event,
        other => panic!("{other:?}"),
    }
}

#[test]
fn watched_senders_are_domains_and_addresses() {
    let senders: WatchedSenders = " Portal.example, news@other.example,,portal.example ".parse().unwrap();
    assert_eq!(senders.to_string(), "portal.example,news@other.example");
    assert!(WatchedSenders::default().is_empty());
    assert!("portal.example,nobody@".parse::<WatchedSenders>().is_err());
    for (source, from, sender) in [
        (Some("a@portal.example"), None, Some("portal.example")),
        (Some("a@mail.portal.example"), None, Some("mail.portal.example")),
        (Some("bounce@elsewhere.example"), Some("a@portal.example"), Some("portal.example")),
        (Some("a@portal.example"), Some("news@other.example"), Some("portal.example")),
        (Some("news@other.example"), None, Some("news@other.example")),
        (Some("else@other.example"), None, None),
        (None, None, None),
    ] {
        let text = |text: Option<&str>| text.map(ToOwned::to_owned);
        let mail = Mail { source: text(source), from: text(from), ..Mail::default() };
        assert_eq!(senders.sender_of(&mail).as_deref(), sender, "{source:?} {from:?}");
        assert_eq!(senders.match_mail(&mail), sender.is_some());
    }
}

#[test]
fn a_rule_about_failures_names_something() {
    let parsed = |rule: &str| Watch::parse("portal.example", "", rule);
    for rule in ["tag:", "tag: ", "tag:=news", "configuration-set:", "news@portal.example,tag:"] {
        assert!(matches!(parsed(rule), Err(InvalidWatch::FailuresOnly(_))), "{rule}");
    }
    assert!(parsed("tag:campaign").is_ok() && parsed("").is_ok());
}

#[test]
fn a_decision_follows_from_the_event_and_the_configuration() {
    let send = told("Send", "send", json!({}));
    let with = |change: &dyn Fn(&mut Value), event: &Value| {
        let mut event = event.clone();
        change(&mut event);
        only(&event)
    };
    let bounce = told("Bounce", "bounce", json!({"bounceType": "Permanent", "bouncedRecipients": []}));
    let decided = |event: &SesEvent| match watch("portal.example").decide(event, &ours(), RETENTION, now()) {
        Decision::Record(_) => "record",
        Decision::Mailkeys => "Mailkey's",
        Decision::NotWatched => "not watched",
        Decision::NotKept => "not kept",
        Decision::SetAside => "set aside",
    };
    let at = |at: &'static str| move |event: &mut Value| event["mail"]["timestamp"] = at.into();
    let source = |source: &'static str| {
        move |event: &mut Value| {
            event["mail"]["source"] = source.into();
            event["mail"]["commonHeaders"]["from"] = json!([source]);
        }
    };
    let tag =
        |name: &'static str, value: &'static str| move |event: &mut Value| event["mail"]["tags"][name] = json!([value]);
    for (event, expected) in [
        (only(&send), "record"),
        (with(&source("a@else.example"), &send), "not watched"),
        (with(&tag("ses:configuration-set", "recovery"), &send), "Mailkey's"),
        (with(&tag("ses:configuration-set", "notices"), &send), "Mailkey's"),
        (with(&tag("email_id", "01JDB2M6W8Z3X4Y5V6T7S8R9QA"), &send), "record"),
        (with(&at("2026-09-01T11:59:59.999Z"), &send), "set aside"),
        (with(&at("2026-09-01T12:00:00Z"), &send), "record"),
        (with(&at("2026-11-30T13:00:00Z"), &send), "record"),
        (with(&at("2026-11-30T13:00:00.001Z"), &send), "set aside"),
        (with(&at(""), &send), "set aside"),
        (with(&|event| event["mail"]["messageId"] = "".into(), &send), "set aside"),
        (with(&source("news@portal.example"), &send), "not kept"),
        (with(&source("news@portal.example"), &bounce), "record"),
        (with(&tag("ses:configuration-set", "letters"), &send), "not kept"),
        (with(&tag("campaign", "7"), &send), "not kept"),
        (with(&tag("type", "news"), &send), "not kept"),
        (with(&tag("type", "news"), &bounce), "record"),
    ] {
        assert_eq!(decided(&event), expected, "{event:?}");
    }
}

#[test]
fn an_entry_says_who_sent_what_and_nothing_of_ses() {
    let event = only(&told("Send", "send", json!({})));
    let Decision::Record(email) = watch("portal.example").decide(&event, &ours(), RETENTION, now()) else { panic!() };
    let entry = event.watched_targets()[0].entry(&event.mail, &email).unwrap();
    let json = json!(entry.shown());
    let expected = json!({
        "id": entry.id.to_string(), "origin": "watched", "recipient": "Alice@example.com", "kind": "other",
        "trigger": "portal", "status": "sent", "requested_at": "2026-11-30T11:00:00.250Z",
        "updated_at": "2026-11-30T11:00:00.250Z", "message_id": "0102018f-1", "from": "hello@portal.example",
        "envelope_from": "hello@portal.example", "subject": "Code ••••", "configuration_set": "portal",
        "tags": {"team": "a", "type": "welcome"},
    });
    assert_eq!(json, expected);
    let none = Watch { subjects: WatchedSubjects::None, ..watch("portal.example") };
    let Decision::Record(email) = none.decide(&event, &ours(), RETENTION, now()) else { panic!() };
    assert_eq!(email.subject, None);
}

#[test]
fn an_event_belongs_to_the_recipients_that_it_names() {
    let delivery = |to: Value| only(&told("Delivery", "delivery", json!({ "recipients": to })));
    let named = |event: &SesEvent| -> Vec<_> {
        event.watched_targets().iter().map(|it| (it.address.as_typed().to_owned(), it.is_another)).collect()
    };
    assert_eq!(named(&delivery(json!(["alice@example.com"]))), [("Alice@example.com".to_owned(), false)]);
    assert_eq!(named(&delivery(json!(["carol@example.net"]))), []);
    assert_eq!(named(&only(&told("Send", "send", json!({})))).len(), 2);
    let mut one = told("Delivery", "delivery", json!({ "recipients": ["carol@example.net"] }));
    one["mail"]["destination"] = json!(["Alice@example.com"]);
    assert_eq!(named(&only(&one)), [("Alice@example.com".to_owned(), true)]);
}

#[test]
fn only_a_reply_about_the_mailbox_suppresses() {
    for (status, said, expected) in [
        ("5.1.1", "smtp; 550 5.1.1 user unknown", true),
        ("5.1.10", "smtp; 550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", true),
        ("5.2.1", "smtp; 550 5.2.1 The email account that you tried to reach is disabled", true),
        ("5.1.1", "smtp; 550 5.1.1 blocked: sender IP is listed at a blocklist", false),
        ("5.7.1", "smtp; 550 5.7.1 user unknown", false),
        ("5.1.2", "smtp; 550 5.1.2 Host unknown", false),
        ("5.2.2", "smtp; 552 5.2.2 mailbox full", false),
        ("5.0.0", "smtp; 550 rejected", false),
    ] {
        let recipients = json!([{"emailAddress": "alice@example.com", "status": status, "diagnosticCode": said}]);
        let bounce = json!({"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": recipients});
        let event = only(&told("Bounce", "bounce", bounce));
        let interpretation = interpret(&event, now(), &event.recipients[0], "key");
        assert_eq!(suppresses(&interpretation, &event.recipients[0]), expected, "{said}");
    }
    let list = json!({"bounceType": "Permanent", "bounceSubType": "OnAccountSuppressionList",
        "bouncedRecipients": [{"emailAddress": "alice@example.com", "status": "5.1.1"}]});
    let event = only(&told("Bounce", "bounce", list));
    assert!(!suppresses(&interpret(&event, now(), &event.recipients[0], "key"), &event.recipients[0]));
}

/// The events of the email: sent to both, late and then delivered to Alice, returned for Bob, who was told apart from a
/// complaint of Alice.
fn events() -> Vec<Value> {
    let alice =
        json!([{"emailAddress": "alice@example.com", "status": "4.4.1", "diagnosticCode": "smtp; 451 4.4.1 later"}]);
    let bob = json!([{"emailAddress": "BOB@example.org", "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 user unknown"}]);
    let mut notified = told(
        "Bounce",
        "bounce",
        json!({"bounceType": "Permanent", "bounceSubType": "General", "feedbackId": "f-1",
            "timestamp": "2026-11-30T11:00:05Z", "bouncedRecipients": bob}),
    );
    let published = notified.clone();
    // A feedback notification has neither tags nor, unless they are asked for, headers.
    let object = notified.as_object_mut().unwrap();
    let name = object.remove("eventType").unwrap();
    object.insert("notificationType".to_owned(), name);
    for part in ["tags", "headers", "commonHeaders"] {
        notified["mail"].as_object_mut().unwrap().remove(part);
    }
    vec![
        told("Send", "send", json!({})),
        told(
            "DeliveryDelay",
            "deliveryDelay",
            json!({"timestamp": "2026-11-30T11:00:03Z", "delayType": "General", "delayedRecipients": alice}),
        ),
        told(
            "Delivery",
            "delivery",
            json!({"timestamp": "2026-11-30T11:00:09Z", "recipients": ["alice@example.com"], "smtpResponse": "250 OK"}),
        ),
        published,
        notified,
        told(
            "Complaint",
            "complaint",
            json!({"timestamp": "2026-11-30T11:30:00Z", "feedbackId": "f-2", "complaintFeedbackType": "abuse",
                "complainedRecipients": [{"emailAddress": "alice@example.com"}]}),
        ),
    ]
}

/// An event in one of the envelopes that it may come in.
fn wrapped(event: &Value, envelope: usize) -> Vec<Record> {
    let sns = json!({"Type": "Notification", "Message": event.to_string(), "Timestamp": "2026-11-30T11:59:00Z"});
    // Feedback notifications don't come through EventBridge.
    let envelopes = if event["notificationType"].is_null() { 4 } else { 3 };
    match envelope % envelopes {
        0 => unwrap(event),
        1 => unwrap_text(&event.to_string()),
        2 => unwrap(&json!({"Records": [{"messageId": "r", "body": sns.to_string(), "eventSourceARN": "q"}]})),
        _ => unwrap(&json!({"source": "aws.ses", "detail-type": "Email Event", "detail": event})),
    }
}

/// What the consumer does, with a map in the place of the table.
fn log(events: impl IntoIterator<Item = (Value, usize)>) -> BTreeMap<String, EmailLogEntry> {
    let mut log = BTreeMap::new();
    for record in events.into_iter().flat_map(|(event, envelope)| wrapped(&event, envelope)) {
        let Content::Event(event) = record.content else { panic!() };
        let Decision::Record(email) = watch("portal.example").decide(&event, &ours(), RETENTION, now()) else {
            panic!()
        };
        for target in event.watched_targets() {
            let new = target.entry(&event.mail, &email).unwrap();
            let entry = log.entry(new.id.to_string()).or_insert(new);
            let key = event_key(&event, target.key().as_str());
            let at = event.at.unwrap();
            if let Some(applied) = entry.apply(interpret(&event, at, target.affected, &key).event) {
                entry.timeline.push(applied.event);
                (entry.status, entry.reason) = (applied.status, applied.reason);
            }
            if let Some(learned) = entry.watched.as_ref().and_then(|known| known.learn(&email)) {
                entry.watched = Some(learned);
            }
        }
    }
    log
}

fn shown(log: &BTreeMap<String, EmailLogEntry>) -> Vec<Value> {
    log.values().map(|entry| json!(entry.shown_with_timeline())).collect()
}

#[test]
fn two_recipients_have_two_entries_with_their_own_outcome() {
    let log = log(events().into_iter().map(|event| (event, 0)));
    let mut outcomes: Vec<_> = log
        .values()
        .map(|entry| (entry.recipient.as_str(), entry.status.as_str(), entry.timeline.len(), entry.origin()))
        .collect();
    outcomes.sort_unstable();
    let expected =
        [("Alice@example.com", "complained", 4, Origin::Watched), ("bob@example.org", "bounced", 2, Origin::Watched)];
    assert_eq!(outcomes, expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn events_in_any_order_repeated_and_in_any_envelope_end_in_the_same_state(
        order in Just((0..6).chain(0..6).collect::<Vec<usize>>()).prop_shuffle(),
        envelopes in prop::collection::vec(0_usize..4, 12),
        doubled in 0_usize..6,
    ) {
        let events = events();
        let expected = shown(&log(events.iter().cloned().map(|event| (event, 0))));
        let shuffled = order.iter().take(12).chain([&doubled]).zip(envelopes.iter().cycle());
        let found = shown(&log(shuffled.map(|(index, envelope)| (events[*index].clone(), *envelope))));
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn ten_thousand_shuffled_events_with_a_tenth_doubled_end_in_the_expected_state() {
    let mut all = Vec::new();
    for number in 0..2_000 {
        let [send, delay, delivery, ..] = <[Value; 6]>::try_from(events()).unwrap();
        let [.., bounce, _, complaint] = <[Value; 6]>::try_from(events()).unwrap();
        for mut event in [send, delay, delivery, bounce, complaint] {
            event["mail"]["messageId"] = format!("m-{number}").into();
            all.push(event);
        }
    }
    assert_eq!(all.len(), 10_000);
    let doubled: Vec<_> = all.iter().step_by(10).cloned().collect();
    all.extend(doubled);
    // A fixed shuffle: a multiplicative step visits every index once.
    let shuffled = (0..all.len()).map(|index| (all[index * 7_919 % all.len()].clone(), index));
    let log = log(shuffled);
    let count = |status: &str| log.values().filter(|entry| entry.status.as_str() == status).count();
    assert_eq!((log.len(), count("complained"), count("bounced")), (4_000, 2_000, 2_000));
    let events: usize = log.values().map(|entry| entry.timeline.len()).sum();
    // Send counts for both recipients; the other four events for one.
    assert_eq!(events, 2_000 * (2 + 4));
}
