//! The table `Erasures`. Its stream drives the erasures on AWS; it contains keys only, because an erasure that isn't
//! finished names an address.

use jiff::Timestamp;
use ulid::Ulid;

use crate::client::{
    AttributeValue, Committed, Database, Item, Reader, StoreError, Write, item, n, optional, s, time, ttl,
};
use mailkey::{
    EmailAddress,
    erasure::{EVIDENCE_KEPT, Erasure, Person, Position, Remaining},
};

const TABLE: &str = "Erasures";

/// What a finished erasure no longer has.
const REMOVED_AT_END: [&str; 5] = ["address_key", "user_id", "step", "position", "former"];

/// Reads and writes erasures.
#[derive(Debug, Clone)]
pub struct ErasureStore {
    database: Database,
}

impl ErasureStore {
    /// The erasures of this deployment.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// The erasure with an id.
    pub async fn get(&self, id: Ulid) -> Result<Option<Erasure>, StoreError> {
        self.database.get(TABLE, key(id)).await?.as_ref().map(read).transpose()
    }

    /// The write that adds a new erasure, which starts it.
    pub fn start(&self, erasure: &Erasure) -> Write {
        Write::put_new(TABLE, write(erasure), "id")
    }

    /// Stores an erasure as it is now, unless another run continued it since this one read it.
    pub async fn save(&self, erasure: &Erasure) -> Result<Committed, StoreError> {
        let put = Write::replace(TABLE, &["id"], &REMOVED_AT_END, write(erasure))
            .only_if("version = :seen")
            .value(":seen", n(erasure.version - 1));
        Ok(self.database.write(put).await?)
    }
}

fn key(id: Ulid) -> [(&'static str, AttributeValue); 1] {
    [("id", s(id.to_string()))]
}

fn write(erasure: &Erasure) -> Item {
    let mut written = item([
        ("id", s(erasure.id.to_string())),
        ("erased", n(erasure.erased)),
        ("requested_by", s(erasure.requested_by.to_string())),
        ("requested_at", time(erasure.requested_at)),
        ("version", n(erasure.version)),
        ("ttl", ttl(erasure.requested_at.saturating_add(EVIDENCE_KEPT).unwrap_or(Timestamp::MAX))),
        ("schema", n(1)),
    ]);
    written.extend(optional([("finished_at", erasure.finished_at.map(time))]));
    if let Some(Remaining { person, step, position, former }) = &erasure.remaining {
        let position = position.iter().map(|(name, value)| (name.clone(), s(value))).collect();
        let former = former.iter().map(|address| s(address.as_str())).collect();
        written.extend(item([
            ("address_key", s(person.address.as_str())),
            ("step", s(step.as_str())),
            ("position", AttributeValue::M(position)),
            ("former", AttributeValue::L(former)),
        ]));
        written.extend(optional([("user_id", person.user_id.map(|id| s(id.to_string())))]));
    }
    written
}

fn read(item: &Item) -> Result<Erasure, StoreError> {
    let reader = Reader::new(TABLE, item);
    Ok(Erasure {
        id: reader.parsed("id")?,
        remaining: reader.optional_text("address_key").map(|address| remaining(reader, address)).transpose()?,
        erased: reader.number("erased")?,
        requested_by: reader.parsed("requested_by")?,
        requested_at: reader.time("requested_at")?,
        finished_at: reader.optional_time("finished_at"),
        version: reader.number("version")?,
    })
}

fn remaining(reader: Reader<'_>, address: &str) -> Result<Remaining, StoreError> {
    let address = EmailAddress::parse(address).map_err(|_| reader.corrupt("address_key"))?;
    let user_id = reader.optional_text("user_id").and_then(|id| id.parse().ok());
    let former = reader.texts("former");
    let position = reader.map("position").map(|position| position.all_texts()).unwrap_or_default();
    Ok(Remaining {
        person: Person { user_id, address: address.key().clone() },
        step: reader.parsed("step")?,
        position: Position::from_iter(position),
        former: former.iter().filter_map(|address| Some(EmailAddress::parse(address).ok()?.key().clone())).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use mailkey::account::UserId;

    #[test]
    fn an_erasure_reads_back_and_a_finished_one_names_nobody() {
        let now = Timestamp::constant(1_800_000_000, 0);
        let address = EmailAddress::parse("alice@example.com").unwrap().key().clone();
        let person = Person { user_id: Some(UserId(Ulid(7))), address };
        let former = EmailAddress::parse("alice@former.example").unwrap().key().clone();
        let mut erasure = Erasure::new(Ulid(1), person, UserId(Ulid(2)), now).with_former(vec![former]);
        let position = Position::from([("partition".to_owned(), "mailkey#1".to_owned())]);
        assert_eq!(read(&write(&erasure)).unwrap(), erasure);
        let on_the_way = erasure.advanced(3, Some(position), now);
        assert_eq!(read(&write(&on_the_way)).unwrap(), on_the_way);
        while erasure.remaining.is_some() {
            erasure = erasure.advanced(1, None, now);
        }
        let finished = write(&erasure);
        assert_eq!(read(&finished).unwrap(), erasure);
        assert!(!format!("{finished:?}").contains("alice") && !finished.contains_key("user_id"));
    }
}
