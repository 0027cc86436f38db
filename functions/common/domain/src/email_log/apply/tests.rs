//! Interpretation in every order.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::email_log::{Applied, DeliveryStatus, EmailId, EmailKind, EmailLogEntry, Reason, TimelineEvent, Trigger};

fn at(minutes: i64) -> Timestamp {
    "2026-11-22T10:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minutes)
}

impl EmailLogEntry {
    /// The entry after what it heard is written.
    fn after(mut self, applied: Applied) -> Self {
        self.status = applied.status;
        self.reason = applied.reason;
        self.updated_at = self.updated_at.max(applied.event.at);
        self.timeline.push(applied.event);
        self
    }
}

fn entry() -> EmailLogEntry {
    EmailLogEntry {
        id: "01JDB2M6W8Z3X4Y5V6T7S8R9QA".parse::<EmailId>().unwrap(),
        recipient: "alice@example.com".to_owned(),
        kind: EmailKind::PasswordReset,
        trigger: Trigger::SelfService,
        status: DeliveryStatus::Queued,
        reason: None,
        user_id: None,
        request_id: None,
        message_id: None,
        requested_at: at(0),
        updated_at: at(0),
        redeemed_at: None,
        link_expires_at: Some(at(30)),
        page_loaded_at: None,
        person_acted_at: None,
        erased_at: None,
        attempts: 1,
        timeline: vec![TimelineEvent::new(at(0), "queued")],
        watched: None,
    }
}

/// News of an event: its key names the minute and the word, as it does for the same event of both systems.
fn interpretation(minutes: i64, event: &str, reason: Option<Reason>) -> TimelineEvent {
    TimelineEvent { key: Some(format!("{minutes} {event}")), reason, ..TimelineEvent::new(at(minutes), event) }
}

/// What remains when all is applied.
type End = (DeliveryStatus, Option<Reason>, Timestamp, BTreeSet<(Timestamp, String)>);

fn apply_all<'a>(events: impl IntoIterator<Item = &'a TimelineEvent>) -> End {
    let mut entry = entry();
    for event in events {
        let rank = entry.status.rank();
        if let Some(applied) = entry.apply(event.clone()) {
            entry = entry.after(applied);
        }
        assert!(entry.status.rank() >= rank, "{} fell after {event:?}", entry.status);
    }
    let events: BTreeSet<_> = entry.timeline.iter().map(|seen| (seen.at, seen.event.clone())).collect();
    assert_eq!(events.len(), entry.timeline.len(), "nothing is on the timeline twice");
    (entry.status, entry.reason, entry.updated_at, events)
}

/// Heap's algorithm: every order of `items`.
fn for_each_order(items: &mut [TimelineEvent], length: usize, see: &mut impl FnMut(&[TimelineEvent])) {
    if length <= 1 {
        return see(items);
    }
    for index in 0..length {
        for_each_order(items, length - 1, see);
        items.swap(if length.is_multiple_of(2) { index } else { 0 }, length - 1);
    }
}

/// What happens to real emails, with the status and the reason that must come of it.
fn stories() -> Vec<(&'static str, Vec<TimelineEvent>, DeliveryStatus, Option<Reason>)> {
    use DeliveryStatus::{Blocked, Bounced, Complained, Delayed, Delivered, SoftBounced, Suppressed};
    let (sent, delivered) = (|| interpretation(1, "sent", None), || interpretation(7, "delivered", None));
    let delay = |minutes, reason| interpretation(minutes, "delayed", Some(reason));
    vec![
        (
            "all goes well",
            vec![
                sent(),
                delivered(),
                interpretation(8, "page_loaded", None),
                interpretation(9, "person_acted", None),
                interpretation(10, "redeemed", None),
            ],
            Delivered,
            None,
        ),
        (
            "delays, then all goes well",
            vec![
                sent(),
                delay(2, Reason::Greylisted),
                delay(4, Reason::HostTrouble),
                delivered(),
                interpretation(9, "person_acted", None),
                interpretation(10, "redeemed", None),
            ],
            Delivered,
            None,
        ),
        (
            "delays whose reasons differ",
            vec![
                sent(),
                delay(2, Reason::Greylisted),
                delay(3, Reason::MailboxFull),
                delay(4, Reason::HostTrouble),
                delay(5, Reason::MailboxFull),
            ],
            Delayed,
            Some(Reason::MailboxFull),
        ),
        (
            "an auto-reply after the delivery",
            vec![
                sent(),
                delay(2, Reason::Greylisted),
                delivered(),
                interpretation(8, "soft_bounced", Some(Reason::Undetermined)),
                interpretation(9, "tracked_open", None),
                interpretation(20, "redeemed", None),
            ],
            Delivered,
            None,
        ),
        (
            "time runs out",
            vec![
                sent(),
                delay(2, Reason::HostTrouble),
                delay(12, Reason::HostTrouble),
                interpretation(31, "soft_bounced", Some(Reason::TimedOut)),
            ],
            SoftBounced,
            Some(Reason::TimedOut),
        ),
        (
            "taken first and returned later",
            vec![
                sent(),
                delay(2, Reason::Greylisted),
                delivered(),
                interpretation(8, "page_loaded", None),
                interpretation(30, "bounced", Some(Reason::MailboxDoesNotExist)),
            ],
            Bounced,
            Some(Reason::MailboxDoesNotExist),
        ),
        (
            "everything that can happen",
            vec![
                sent(),
                delay(2, Reason::Greylisted),
                delivered(),
                interpretation(8, "soft_bounced", Some(Reason::Undetermined)),
                interpretation(30, "bounced", Some(Reason::DomainInvalid)),
                interpretation(40, "complained", Some(Reason::MarkedAsSpam)),
            ],
            Complained,
            Some(Reason::MarkedAsSpam),
        ),
        (
            "a complaint before all else is heard",
            vec![
                sent(),
                delivered(),
                interpretation(8, "person_acted", None),
                interpretation(9, "redeemed", None),
                interpretation(40, "complained", Some(Reason::MarkedAsSpam)),
                interpretation(41, "not_spam", None),
            ],
            Complained,
            Some(Reason::MarkedAsSpam),
        ),
        (
            "a refusal, and a late delivery of another host",
            vec![
                sent(),
                delay(2, Reason::HostTrouble),
                interpretation(5, "blocked", Some(Reason::RefusedContent)),
                delivered(),
            ],
            Blocked,
            Some(Reason::RefusedContent),
        ),
        (
            "never tried",
            vec![
                sent(),
                interpretation(2, "suppressed", Some(Reason::SuppressedAtSes)),
                interpretation(3, "tracked_click", None),
            ],
            Suppressed,
            Some(Reason::SuppressedAtSes),
        ),
    ]
}

#[test]
fn every_order_of_every_story_has_one_end() {
    let mut tried = 0_u32;
    for (story, mut events, status, reason) in stories() {
        let end = apply_all(&events);
        assert_eq!((end.0, end.1), (status, reason), "{story}");
        assert_eq!(end.3.len(), events.len() + 1, "{story}: all of it is on the timeline");
        let length = events.len();
        let mut orders = BTreeSet::new();
        for_each_order(&mut events, length, &mut |order| {
            assert_eq!(apply_all(order), end, "{story}");
            // Both notification systems, one after the other or side by side.
            assert_eq!(apply_all(order.iter().chain(order)), end, "{story}, twice");
            assert_eq!(apply_all(order.iter().flat_map(|event| [event, event])), end, "{story}, doubled");
            assert_eq!(apply_all(order.iter().chain(order.iter().rev())), end, "{story}, and back");
            orders.insert(order.iter().map(|event| event.key.clone()).collect::<Vec<_>>());
            tried += 4;
        });
        assert_eq!(orders.len(), (1..=length).product::<usize>(), "{story}: every order");
    }
    eprintln!("{tried} sequences of interpretation had the end that they should have");
    // 5 events: 120 orders, 6: 720, 5: 120, 6: 720, 4: 24, 5: 120, 6: 720, 6: 720, 4: 24, 3: 6; four ways each.
    assert_eq!(tried, 4 * (3 * 120 + 4 * 720 + 2 * 24 + 6));
}

#[test]
fn of_two_that_say_the_same_the_one_with_a_reason_decides() {
    let (silent, telling) =
        (interpretation(5, "blocked", None), interpretation(4, "blocked", Some(Reason::RefusedContent)));
    for order in [[&silent, &telling], [&telling, &silent]] {
        assert_eq!(apply_all(order).1, Some(Reason::RefusedContent));
    }
}

#[test]
fn what_we_wrote_down_ourselves_and_the_event_that_says_it_again_are_one_line() {
    let ours = TimelineEvent::new(at(1), "sent");
    let theirs = interpretation(2, "sent", None);
    for order in [[&ours, &theirs], [&theirs, &ours]] {
        let (status, _, _, events) = apply_all(order);
        assert_eq!((status, events.len()), (DeliveryStatus::Sent, 2));
    }
}

#[test]
fn a_timeline_ends_somewhere_and_its_status_still_counts() {
    let opens: Vec<_> = (0..500).map(|minute| interpretation(minute, "tracked_open", None)).collect();
    let (status, _, _, events) = apply_all(&opens);
    assert_eq!((status, events.len()), (DeliveryStatus::Queued, 50));
    let bounce = interpretation(600, "bounced", Some(Reason::MailboxDoesNotExist));
    assert_eq!(apply_all(opens.iter().chain([&bounce])).0, DeliveryStatus::Bounced);
}

fn event() -> impl Strategy<Value = TimelineEvent> {
    let asides = ["tracked_open", "tracked_click", "page_loaded", "person_acted", "redeemed", "not_spam"];
    // One email is sent once; all else may be said again and again.
    let applied = DeliveryStatus::ALL.iter().filter(|status| status.rank() > DeliveryStatus::Sent.rank());
    let words: Vec<_> = applied.map(|status| status.as_str()).chain(asides).collect();
    let reasons = proptest::option::of(proptest::sample::select(Reason::ALL));
    (1..60_i64, proptest::sample::select(words), reasons)
        .prop_map(|(minutes, word, reason)| interpretation(minutes, word, reason))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]
    #[test]
    fn the_order_and_the_number_of_news_never_matter(
        events in proptest::collection::vec(event(), 7..30),
        doubled in proptest::collection::vec(any::<prop::sample::Index>(), 0..20),
        seed in proptest::collection::vec(any::<u64>(), 50),
    ) {
        // A key names one event, so two events with one key don't differ.
        let mut keys = BTreeSet::new();
        let events: Vec<_> = events.into_iter().filter(|event| keys.insert(event.key.clone())).collect();
        let mut again: Vec<_> = events.iter().chain(doubled.iter().map(|index| index.get(&events))).collect();
        let mut order: Vec<_> = again.drain(..).zip(seed).collect();
        order.sort_by_key(|(_, place)| *place);
        prop_assert_eq!(apply_all(order.into_iter().map(|(event, _)| event)), apply_all(&events));
    }
}
