//! Erasing and exporting what is stored about one person (GDPR, articles 15 and 17).
//!
//! An erasure is a job: it goes through the steps in order and stores its position, so that it continues after a crash.
//! Every step can be repeated.

mod pseudonym;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use ulid::Ulid;

use crate::{
    EmailAddress,
    account::{AddressKey, UserId},
    clock::rfc3339,
    text_form::text_form,
};
pub use pseudonym::{Pseudonym, Pseudonyms};

/// How long a finished erasure is kept, as evidence. It names no address. A little more than a year.
pub const EVIDENCE_KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);

/// The person that an erasure or an export is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The user, if the person has an account.
    pub user_id: Option<UserId>,
    /// The address.
    pub address: AddressKey,
}

impl Person {
    /// Whether a stored address is this person's, in whatever spelling.
    pub fn has_address(&self, text: &str) -> bool {
        EmailAddress::parse(text).is_ok_and(|address| *address.key() == self.address)
    }

    /// Whether a stored user id is this person's.
    pub fn has_id(&self, text: &str) -> bool {
        self.user_id.is_some_and(|id| text == id.to_string())
    }

    /// Whether a text, such as a server's reply, contains the address.
    pub fn is_named_in(&self, text: &str) -> bool {
        text.to_lowercase().contains(self.address.as_str())
    }
}

/// What an erasure does next. Most steps read one table page by page, because it has no index of addresses.
///
/// What new entries could follow from comes first: requests before the log, the log before suppressions. The last step
/// also covers emails that were under way meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// Delete the user record and its search index.
    User,
    /// Delete counters of failed sign-ins.
    FailedSignIns,
    /// Delete sessions.
    Sessions,
    /// Delete the digests of links' tokens.
    Tokens,
    /// Delete email requests.
    EmailRequests,
    /// Make entries of the email log anonymous.
    EmailLog,
    /// Delete raw events.
    SesEvents,
    /// Delete what is stored under the address itself, and look at the address's newest emails again.
    Address,
}

text_form!(Step {
    User = "user",
    FailedSignIns = "failed_sign_ins",
    Sessions = "sessions",
    Tokens = "tokens",
    EmailRequests = "email_requests",
    EmailLog = "email_log",
    SesEvents = "ses_events",
    Address = "address",
});

impl Step {
    fn next(self) -> Option<Self> {
        Self::ALL.iter().copied().find(|step| *step > self)
    }
}

/// The key of the last item that was read. All keys of these tables are texts.
pub type Position = BTreeMap<String, String>;

/// What is left to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remaining {
    /// Whom to erase. A finished erasure no longer knows.
    pub person: Person,
    /// The step.
    pub step: Step,
    /// Where the step continues; empty at its start.
    pub position: Position,
    /// The user's former addresses. They are erased after this one, in the same steps.
    pub former: Vec<AddressKey>,
}

impl Remaining {
    fn of(person: Person, former: Vec<AddressKey>) -> Self {
        Self { person, step: Step::User, position: Position::new(), former }
    }

    /// What is left when the step is done.
    fn done(mut self) -> Option<Self> {
        if let Some(step) = self.step.next() {
            return Some(Self { step, position: Position::new(), ..self });
        }
        let address = self.former.pop()?;
        Some(Self::of(Person { user_id: None, address }, self.former))
    }
}

/// An erasure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// Names it.
    pub id: Ulid,
    /// What is left to do; `None` if it is finished.
    pub remaining: Option<Remaining>,
    /// How many items were deleted or made anonymous. After a crash, some may count twice.
    pub erased: i64,
    /// Who asked for it.
    pub requested_by: UserId,
    /// When.
    pub requested_at: Timestamp,
    /// When it finished.
    pub finished_at: Option<Timestamp>,
    /// Counts the writes, so that only one run continues it.
    pub version: i64,
}

impl Erasure {
    /// A new one.
    pub fn new(id: Ulid, person: Person, requested_by: UserId, now: Timestamp) -> Self {
        let remaining = Some(Remaining::of(person, Vec::new()));
        Self { id, remaining, erased: 0, requested_by, requested_at: now, finished_at: None, version: 0 }
    }

    /// The same after a part of its step: `erased` items more, and the position where the step continues, unless it is
    /// done.
    #[must_use]
    pub fn advanced(&self, erased: i64, position: Option<Position>, now: Timestamp) -> Self {
        let remaining = self.remaining.clone().and_then(|remaining| match position {
            Some(position) => Some(Remaining { position, ..remaining }),
            None => remaining.done(),
        });
        let finished_at = self.finished_at.or(remaining.is_none().then_some(now));
        Self { remaining, finished_at, erased: self.erased + erased, version: self.version + 1, ..self.clone() }
    }

    /// The same with former addresses that were found before the position was read. They are stored before anything is
    /// erased from which they could be found again.
    #[must_use]
    pub fn with_former(&self, found: Vec<AddressKey>) -> Self {
        let remaining = self.remaining.clone().map(|remaining| {
            let former = [remaining.former, found].concat();
            Remaining { former, ..remaining }
        });
        Self { remaining, version: self.version + 1, ..self.clone() }
    }

    /// The erasure as the API shows it.
    pub fn to_json(&self) -> Value {
        let mut json = json!({
            "id": self.id.to_string(),
            "state": if self.remaining.is_some() { "running" } else { "done" },
            "erased": self.erased,
            "requested_by": self.requested_by.to_string(),
            "requested_at": rfc3339(self.requested_at),
        });
        if let Some(remaining) = &self.remaining {
            json["step"] = remaining.step.as_str().into();
        }
        if let Some(at) = self.finished_at {
            json["finished_at"] = rfc3339(at).into();
        }
        json
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn person() -> Person {
        let address = EmailAddress::parse("Alice@example.com").unwrap().key().clone();
        Person { user_id: Some(UserId(Ulid(7))), address }
    }

    #[test]
    fn an_erasure_goes_through_all_steps_and_then_forgets_whom_it_erased() {
        let mut erasure = Erasure::new(Ulid(1), person(), UserId(Ulid(2)), NOW);
        let mut steps = Vec::new();
        while let Some(remaining) = erasure.remaining.clone() {
            assert!(remaining.position.is_empty(), "each step starts at the beginning");
            steps.push(remaining.step);
            let position = Position::from([("id".to_owned(), "9".to_owned())]);
            let on_the_way = erasure.advanced(1, Some(position.clone()), NOW);
            assert_eq!(on_the_way.remaining.as_ref().unwrap().position, position);
            assert_eq!(on_the_way.remaining.as_ref().unwrap().step, remaining.step);
            erasure = on_the_way.advanced(1, None, NOW);
        }
        assert_eq!(steps, Step::ALL);
        assert_eq!(erasure.erased, 2 * i64::try_from(steps.len()).unwrap());
        assert_eq!(erasure.to_json()["state"], "done");
        assert!(erasure.finished_at.is_some() && !format!("{erasure:?}").contains("example.com"));
    }

    #[test]
    fn former_addresses_follow_when_the_steps_are_done() {
        let former = ["old@example.com", "older@example.com"].map(|it| EmailAddress::parse(it).unwrap().key().clone());
        let mut erasure = Erasure::new(Ulid(1), person(), UserId(Ulid(2)), NOW).with_former(former.to_vec());
        let mut persons = Vec::new();
        while let Some(remaining) = erasure.remaining.clone() {
            if remaining.step == Step::User {
                persons.push((remaining.person.user_id.is_some(), remaining.person.address.as_str().to_owned()));
            }
            erasure = erasure.advanced(1, None, NOW);
        }
        let expected = [(true, "alice@example.com"), (false, "older@example.com"), (false, "old@example.com")];
        assert_eq!(persons, expected.map(|(has_id, address)| (has_id, address.to_owned())));
        assert!(erasure.finished_at.is_some() && !format!("{erasure:?}").contains("example.com"));
    }

    #[test]
    fn a_person_is_found_by_id_by_address_in_any_spelling_and_in_texts() {
        let person = person();
        for (text, expected) in [
            ("alice@example.com", true),
            ("ALICE@Example.com", true),
            ("malice@example.com", false),
            ("alice@example.com#device", false),
            ("", false),
        ] {
            assert_eq!(person.has_address(text), expected, "{text}");
        }
        assert!(person.has_id("00000000000000000000000007") && !person.has_id("00000000000000000000000008"));
        assert!(person.is_named_in("550 5.1.1 <Alice@Example.com>: no such user"));
        assert!(!person.is_named_in("550 5.1.1 no such user"));
        assert!(!Person { user_id: None, ..person }.has_id(""));
    }
}
