//! `GET /api/admin/email-statistics`: how many emails of each day and domain arrived, from the daily counters.

use std::{cmp::Reverse, collections::BTreeMap, sync::Arc};

use axum::extract::State;
use jiff::{Span, civil::Date};
use mailkey::email_log::{
    Origin,
    counts::{CountedAs, EmailCounts, StatusCounts, day_of},
};
use mailkey_api::{
    http::{JsonBody, StrictQuery, SupportCaller},
    problem::{Problem, ProblemType},
};
use serde_json::{Value, json};

use crate::EmailLog;

/// Without `from`: two weeks, as many as the console's overview shows.
const DEFAULT_DAYS: i64 = 14;

/// The form of a day in the query.
const DAY: &str = "a day such as 2026-03-01";

/// A quarter. Reading more would take long on a busy portal.
pub(crate) const MAX_DAYS: i64 = 92;

/// The longest list of domains, so that the response stays small.
pub(crate) const MAX_DOMAINS: usize = 100;

pub(crate) async fn show(
    State(function): State<Arc<EmailLog>>,
    SupportCaller(_): SupportCaller,
    mut query: StrictQuery,
) -> Result<JsonBody, Problem> {
    let (from, to) = (query.parsed("from", DAY)?, query.parsed("to", DAY)?);
    query.finish()?;
    let (from, to) = range(from, to, day_of(function.app.now()))?;
    let (counts, own) = (function.app.db.email_counts(), Origin::Mailkey);
    let mut read = vec![(own, counts.read(own, from, to).await?)];
    if !function.watched.is_empty() {
        read.push((Origin::Watched, counts.read(Origin::Watched, from, to).await?));
    }
    Ok(JsonBody(to_json(&read, from, to)))
}

/// The days to read, both inclusive.
fn range(from: Option<Date>, to: Option<Date>, today: Date) -> Result<(Date, Date), Problem> {
    let malformed = |detail: String| Problem::new(ProblemType::MalformedRequest).with_detail(detail);
    let to = to.unwrap_or(today);
    let from = from.unwrap_or_else(|| to.saturating_sub(Span::new().days(DEFAULT_DAYS - 1)));
    let days = i64::from(from.until(to).map_or(i32::MAX, |span| span.get_days())) + 1;
    match days {
        ..=0 => Err(malformed("`from` must not be after `to`.".to_owned())),
        1..=MAX_DAYS => Ok((from, to)),
        _ => Err(malformed(format!("The range must be at most {MAX_DAYS} days long."))),
    }
}

fn to_json(counts: &[(Origin, EmailCounts)], from: Date, to: Date) -> Value {
    let by_day: Vec<_> = counts.iter().map(|(_, counts)| counts.by_day()).collect();
    let days = from.series(Span::new().days(1)).take_while(|date| *date <= to).map(|date| {
        let mut sum = StatusCounts::default();
        by_day.iter().filter_map(|days| days.get(&date)).for_each(|day| sum.add_all(day));
        let no_such_user = sum.get(CountedAs::NoSuchUser);
        json!({ "date": date.to_string(), "statuses": statuses(&sum), "no_such_user": no_such_user })
    });
    let mut domains: Vec<_> = counts
        .iter()
        .flat_map(|(origin, counts)| counts.by_domain().into_iter().map(|(domains, counts)| (*origin, domains, counts)))
        .collect();
    domains.sort_by_key(|(.., counts)| Reverse((counts.undelivered(), counts.total())));
    let mut by_sender: BTreeMap<(Origin, &str), StatusCounts> = BTreeMap::new();
    for (origin, (sender, _), counts) in &domains {
        by_sender.entry((*origin, sender)).or_default().add_all(counts);
    }
    let mut senders: Vec<_> = by_sender.into_iter().collect();
    senders.sort_by_key(|(_, counts)| Reverse((counts.undelivered(), counts.total())));
    let senders = senders.iter().take(MAX_DOMAINS).map(|((origin, sender), counts)| {
        json!({ "origin": origin.as_str(), "sender": sender, "statuses": statuses(counts) })
    });
    let more_domains = domains.len().saturating_sub(MAX_DOMAINS);
    let domains = domains.iter().take(MAX_DOMAINS).map(|(origin, (sender_domain, recipient_domain), counts)| {
        json!({
            "origin": origin.as_str(),
            "sender_domain": sender_domain,
            "recipient_domain": recipient_domain,
            "statuses": statuses(counts),
        })
    });
    json!({
        "from": from.to_string(),
        "to": to.to_string(),
        "days": days.collect::<Vec<_>>(),
        "senders": senders.collect::<Vec<_>>(),
        "domains": domains.collect::<Vec<_>>(),
        "more_domains": more_domains,
    })
}

fn statuses(counts: &StatusCounts) -> Value {
    counts.statuses().map(|(status, number)| (status.to_string(), json!(number))).collect()
}

#[cfg(test)]
mod tests {
    use mailkey::email_log::{
        DeliveryStatus::{self, Bounced, Delivered},
        counts::CountedEmail,
    };

    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_range_is_two_weeks_unless_given_and_at_most_a_quarter() {
        let today = day("2026-11-30");
        for (from, to, expected) in [
            (None, None, Some("2026-11-17..2026-11-30")),
            (Some("2026-11-30"), None, Some("2026-11-30..2026-11-30")),
            (None, Some("2026-03-01"), Some("2026-02-16..2026-03-01")),
            (Some("2026-08-31"), None, Some("2026-08-31..2026-11-30")),
            (Some("2026-08-30"), None, None),
            (Some("2026-12-01"), None, None),
            (Some("0001-01-01"), Some("9999-12-31"), None),
        ] {
            let found = range(from.map(day), to.map(day), today).ok().map(|(from, to)| format!("{from}..{to}"));
            assert_eq!(found.as_deref(), expected, "{from:?} {to:?}");
        }
    }

    #[test]
    fn every_day_is_listed_and_the_domain_with_most_failures_comes_first() {
        let mut counts = EmailCounts::default();
        let mut count = |recipient_domain, to: DeliveryStatus| {
            let requested_at = "2026-11-29T12:00:00Z".parse().unwrap();
            let email = CountedEmail { requested_at, sender_domain: "mail.example.com", recipient_domain };
            counts.change(email, None, CountedAs::Status(to));
        };
        count("a.example", Delivered);
        count("a.example", Delivered);
        count("b.example", Bounced);
        let mut watched = EmailCounts::default();
        let requested_at = "2026-11-29T12:00:00Z".parse().unwrap();
        let email = CountedEmail { requested_at, sender_domain: "portal.example", recipient_domain: "a.example" };
        watched.change(email, None, CountedAs::Status(Delivered));
        let counts = [(Origin::Mailkey, counts), (Origin::Watched, watched)];
        let json = to_json(&counts, day("2026-11-28"), day("2026-11-30"));
        let expected = json!({
            "from": "2026-11-28",
            "to": "2026-11-30",
            "days": [
                { "date": "2026-11-28", "statuses": {}, "no_such_user": 0 },
                { "date": "2026-11-29", "statuses": { "bounced": 1, "delivered": 3 }, "no_such_user": 0 },
                { "date": "2026-11-30", "statuses": {}, "no_such_user": 0 },
            ],
            "senders": [
                { "origin": "mailkey", "sender": "mail.example.com", "statuses": { "bounced": 1, "delivered": 2 } },
                { "origin": "watched", "sender": "portal.example", "statuses": { "delivered": 1 } },
            ],
            "domains": [
                {
                    "origin": "mailkey",
                    "sender_domain": "mail.example.com",
                    "recipient_domain": "b.example",
                    "statuses": { "bounced": 1 },
                },
                {
                    "origin": "mailkey",
                    "sender_domain": "mail.example.com",
                    "recipient_domain": "a.example",
                    "statuses": { "delivered": 2 },
                },
                {
                    "origin": "watched",
                    "sender_domain": "portal.example",
                    "recipient_domain": "a.example",
                    "statuses": { "delivered": 1 },
                },
            ],
            "more_domains": 0,
        });
        assert_eq!(json, expected);
    }
}
