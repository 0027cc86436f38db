//! The tables that are read from beginning to end, and which of their items are about a person.

use crate::client::{Item, Reader};
use mailkey::erasure::{Person, Step};

/// A table without an index by address.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    key: &'static [&'static str],
    /// The attributes that decide, and the key.
    pub(super) read: &'static [&'static str],
    is_about: fn(Reader<'_>, &Person) -> bool,
}

impl Table {
    pub(super) fn is_about(&self, item: &Item, person: &Person) -> bool {
        (self.is_about)(Reader::new(self.name, item), person)
    }

    pub(super) fn key_of(&self, item: &Item) -> Item {
        item.iter().filter(|(name, _)| self.key.contains(&name.as_str())).map(|(n, v)| (n.clone(), v.clone())).collect()
    }
}

/// All of them. An erased entry of the email log is about nobody: it has a pseudonym in the address's place.
pub(super) static TABLES: [(Step, Table); 6] = [
    (
        Step::FailedSignIns,
        Table {
            name: "FailedSignIns",
            key: &["address_key"],
            read: &["address_key"],
            // The counter of a known device is named by the address and the device.
            is_about: |item, person| {
                let counter = item.optional_text("address_key").unwrap_or_default();
                person.has_address(counter.split_once('#').map_or(counter, |(address, _)| address))
                    || person.has_address(counter.rsplit_once('#').map_or(counter, |(address, _)| address))
            },
        },
    ),
    (
        Step::Sessions,
        Table {
            name: "Sessions",
            key: &["digest"],
            read: &["digest", "user_id"],
            is_about: |item, person| has(item, "user_id", person),
        },
    ),
    (
        Step::Tokens,
        Table {
            name: "Tokens",
            key: &["digest"],
            read: &["digest", "user_id", "address_key"],
            is_about: |item, person| has(item, "user_id", person) || has(item, "address_key", person),
        },
    ),
    (
        Step::EmailRequests,
        Table {
            name: "EmailRequests",
            key: &["request_key"],
            read: &["request_key", "user_id", "address"],
            is_about: |item, person| has(item, "user_id", person) || has(item, "address", person),
        },
    ),
    (
        Step::EmailLog,
        Table {
            name: "EmailLog",
            key: &["partition", "id"],
            read: &["partition", "id", "user_id", "address_key"],
            is_about: |item, person| has(item, "user_id", person) || has(item, "address_key", person),
        },
    ),
    (
        Step::SesEvents,
        Table {
            name: "SesEvents",
            key: &["event_key"],
            read: &["event_key", "address_key", "raw"],
            is_about: |item, person| {
                has(item, "address_key", person) || item.optional_text("raw").is_some_and(|raw| person.is_named_in(raw))
            },
        },
    ),
];

/// The table that a step reads.
pub(super) fn table_of(step: Step) -> Option<&'static Table> {
    TABLES.iter().find(|(of, _)| *of == step).map(|(_, table)| table)
}

fn has(item: Reader<'_>, attribute: &str, person: &Person) -> bool {
    // Entries of watched email have the name of their origin before the address.
    let names = |text: &str| person.has_id(text) || person.has_address(text.rsplit(' ').next().unwrap_or(text));
    item.optional_text(attribute).is_some_and(names)
}

#[cfg(test)]
mod tests {
    use ulid::Ulid;

    use super::*;
    use crate::client::{item, s};
    use mailkey::{EmailAddress, account::UserId};

    #[test]
    fn the_items_about_a_person_are_found_and_no_others() {
        let address = EmailAddress::parse("alice@example.com").unwrap().key().clone();
        let person = Person { user_id: Some(UserId(Ulid(7))), address };
        let (own, other) = ("00000000000000000000000007", "00000000000000000000000008");
        let reply = r#"{"diagnosticCode":"550 <Alice@Example.com> unknown"}"#;
        for (step, attributes, expected) in [
            (Step::FailedSignIns, [("address_key", "alice@example.com"), ("x", "")], true),
            (Step::FailedSignIns, [("address_key", "alice@example.com#AAAAAAAAAAAAAAAAAAAAAA"), ("x", "")], true),
            (Step::FailedSignIns, [("address_key", "malice@example.com"), ("x", "")], false),
            (Step::Sessions, [("user_id", own), ("digest", "d")], true),
            (Step::Sessions, [("user_id", other), ("digest", "d")], false),
            (Step::Tokens, [("user_id", other), ("address_key", "alice@example.com")], true),
            (Step::Tokens, [("user_id", own), ("address_key", "former@example.com")], true),
            (Step::EmailRequests, [("address", "ALICE@example.com"), ("x", "")], true),
            (Step::EmailRequests, [("address", "bob@example.com"), ("x", "")], false),
            (Step::EmailLog, [("address_key", "alice@example.com"), ("x", "")], true),
            (Step::EmailLog, [("address_key", "former@example.com"), ("user_id", own)], true),
            (Step::EmailLog, [("address_key", "erased#AAAAAAAAAAAAAAAAAAAAAA"), ("x", "")], false),
            (Step::SesEvents, [("address_key", "alice@example.com"), ("raw", "{}")], true),
            (Step::SesEvents, [("raw", reply), ("x", "")], true),
            (Step::SesEvents, [("raw", "{}"), ("address_key", "bob@example.com")], false),
        ] {
            let stored = item(attributes.map(|(name, value)| (name, s(value))));
            assert_eq!(table_of(step).unwrap().is_about(&stored, &person), expected, "{step} {attributes:?}");
        }
    }

    #[test]
    fn every_table_reads_its_key() {
        for (_, table) in &TABLES {
            assert!(table.key.iter().all(|key| table.read.contains(key)), "{}", table.name);
        }
    }
}
