//! Everything that is stored about a person, as JSON.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::try_join_all;
use serde_json::{Map, Value, json};

use super::{
    PersonalData, address_items,
    tables::{TABLES, Table},
};
use crate::client::{AttributeValue, Item, Query, StoreError, s};
use mailkey::{
    account::AddressKey,
    clock::{from_millis, rfc3339},
    email_log::EmailLogFilter,
    erasure::{Person, Pseudonym},
};

/// What is stored about a person.
#[derive(Debug, Default)]
pub struct Stored {
    /// The items, by table.
    pub tables: BTreeMap<&'static str, Vec<Value>>,
    /// The tables that were too large to be read to the end.
    pub not_read_to_the_end: BTreeSet<&'static str>,
    /// Former addresses of the user, which may have more.
    pub former: Vec<AddressKey>,
}

impl Stored {
    /// Adds what is stored under a former address.
    pub fn add(&mut self, more: Self) {
        for (table, items) in more.tables {
            add_new(self.tables.entry(table).or_default(), items);
        }
        self.not_read_to_the_end.extend(more.not_read_to_the_end);
    }
}

fn add_new(known: &mut Vec<Value>, items: impl IntoIterator<Item = Value>) {
    for item in items {
        if !known.contains(&item) {
            known.push(item);
        }
    }
}

impl PersonalData {
    /// Reads everything that is stored about a person. Tables without an index are read until `is_time_up`.
    pub async fn export(
        &self,
        person: &Person,
        pseudonym: &Pseudonym,
        is_time_up: &(dyn Fn() -> bool + Sync),
    ) -> Result<Stored, StoreError> {
        let (user, log, audit) =
            futures_util::try_join!(self.user(person), self.emails(person), self.audit(person, pseudonym))?;
        let keyed = self.keyed(person).await?;
        let scans = TABLES.iter().map(|(_, table)| self.read_all(table, person, is_time_up));
        let scanned = try_join_all(scans).await?;
        let mut stored = Stored::default();
        for (table, items) in [("Users", user), ("EmailLog", log), ("AuditLog", audit)].into_iter().chain(keyed) {
            stored.tables.entry(table).or_default().extend(items.iter().map(shown));
        }
        for (table, items, is_whole) in scanned {
            if table.name == "EmailLog" {
                stored.former = self.former_addresses(&items.iter().collect::<Vec<_>>(), person, &[]).await?;
            }
            add_new(stored.tables.entry(table.name).or_default(), items.iter().map(shown));
            if !is_whole {
                stored.not_read_to_the_end.insert(table.name);
            }
        }
        stored.tables.retain(|_, items| !items.is_empty());
        Ok(stored)
    }

    async fn user(&self, person: &Person) -> Result<Vec<Item>, StoreError> {
        match person.user_id {
            Some(id) => Ok(self.database.users().item(id).await?.into_iter().collect()),
            None => Ok(Vec::new()),
        }
    }

    /// The emails to the address, found by the index: those are complete even if the table can't be read to the end.
    async fn emails(&self, person: &Person) -> Result<Vec<Item>, StoreError> {
        let filter = EmailLogFilter { recipient: Some(person.address.clone()), ..EmailLogFilter::default() };
        self.database.email_log().items(&filter).await
    }

    async fn audit(&self, person: &Person, pseudonym: &Pseudonym) -> Result<Vec<Item>, StoreError> {
        let by = |index, attribute, value: String| self.query(Query::new("AuditLog", attribute, value).index(index));
        let mut items = by("by_target", "target", format!("suppression:{pseudonym}")).await?;
        items.extend(by("by_target", "target", format!("address:{pseudonym}")).await?);
        if let Some(id) = person.user_id {
            items.extend(by("by_target", "target", format!("user:{id}")).await?);
            items.extend(by("by_actor", "actor", id.to_string()).await?);
        }
        Ok(items)
    }

    async fn keyed(&self, person: &Person) -> Result<Vec<(&'static str, Vec<Item>)>, StoreError> {
        let keys = address_items(&person.address);
        let reads = keys.iter().map(|(table, key)| self.database.get(table, [("address_key", s(key))]));
        let items = try_join_all(reads).await?;
        Ok(keys.iter().zip(items).map(|((table, _), item)| (*table, item.into_iter().collect())).collect())
    }

    /// The items of a table that are about the person, and whether the whole table was read.
    async fn read_all(
        &self,
        table: &'static Table,
        person: &Person,
        is_time_up: &(dyn Fn() -> bool + Sync),
    ) -> Result<(&'static Table, Vec<Item>, bool), StoreError> {
        let (mut items, mut after) = (Vec::new(), None);
        loop {
            let found = self.database.scan(table.name, after, &[]).await?;
            items.extend(found.items.into_iter().filter(|item| table.is_about(item, person)));
            after = found.more;
            if after.is_none() || is_time_up() {
                return Ok((table, items, after.is_none()));
            }
        }
    }
}

/// Attributes that aren't shown: what somebody could sign in with, or start guessing from.
const HIDDEN: [&str; 2] = ["digest", "password_hash"];

/// An item as JSON. Times are texts.
fn shown(item: &Item) -> Value {
    let shown = item.iter().filter(|(name, _)| !HIDDEN.contains(&name.as_str()));
    Value::Object(shown.map(|(name, value)| (name.clone(), json_of(name, value))).collect::<Map<_, _>>())
}

fn json_of(name: &str, value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => text.as_str().into(),
        AttributeValue::N(number) => number_of(name, number),
        AttributeValue::Bool(bool) => (*bool).into(),
        AttributeValue::L(list) => list.iter().map(|value| json_of(name, value)).collect(),
        AttributeValue::M(map) => shown(map),
        AttributeValue::Ss(texts) => json!(texts),
        _ => Value::Null,
    }
}

/// DynamoDB's TTL is in seconds; all our own times are in milliseconds.
fn number_of(name: &str, number: &str) -> Value {
    let Ok(number) = number.parse::<i64>() else { return number.into() };
    let is_time =
        name == "at" || name == "since" || name == "until" || name.ends_with("_at") || name.ends_with("_until");
    match name {
        "ttl" => rfc3339(from_millis(number.saturating_mul(1000))).into(),
        _ if is_time => rfc3339(from_millis(number)).into(),
        _ => number.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{item, list, n, set_of};

    #[test]
    fn an_item_is_shown_with_readable_times_and_without_digests() {
        let stored = item([
            ("digest", s("secret")),
            ("password_hash", s("secret")),
            ("user_id", s("U")),
            ("created_at", n(1_800_000_000_000_i64)),
            ("ttl", n(1_800_000_000)),
            ("attempts", n(3)),
            ("undecided", set_of(["a".to_owned()])),
            ("timeline", list([item([("at", n(0)), ("event", s("sent"))])])),
        ]);
        let expected = json!({
            "user_id": "U",
            "created_at": "2027-01-15T08:00:00.000Z",
            "ttl": "2027-01-15T08:00:00.000Z",
            "attempts": 3,
            "undecided": ["a"],
            "timeline": [{ "at": "1970-01-01T00:00:00.000Z", "event": "sent" }],
        });
        assert_eq!(shown(&stored), expected);
    }
}
