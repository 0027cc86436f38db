//! The table `RecipientLimits`. Each item is written on condition that it did not change, so that no race gets more email out than is allowed.

use jiff::Timestamp;

use crate::client::{Database, Item, Reader, Returned, StoreError, Write, item, list, n, s, time, ttl};
use mailkey::recovery::{Acquired, EmailLimits, RECIPIENT_LIMIT_WINDOW, RecipientLimit, TooManyEmails};
use mailkey::{account::AddressKey, email_log::EmailId};

const TABLE: &str = "RecipientLimits";

/// Acquires and releases emails of a recipient's limit.
#[derive(Debug, Clone)]
pub struct RecipientLimitStore {
    database: Database,
}

impl RecipientLimitStore {
    /// The limits of this deployment.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// Counts the email `id` to `address`, if the limits allow it.
    pub async fn acquire(
        &self,
        address: &AddressKey,
        id: EmailId,
        limits: EmailLimits,
        now: Timestamp,
    ) -> Result<Acquired, StoreError> {
        let mut recipient_limit = RecipientLimit::default();
        // Most emails are the first in days and find no item: begin with the write, which returns the item it finds.
        for _ in 0..5 {
            let next = match recipient_limit.acquire(id, limits, now) {
                Ok(next) => next,
                Err(refused) => return Ok(Acquired::Refused(refused)),
            };
            match self.replace(address, &recipient_limit, &next, now).await? {
                None => return Ok(Acquired::Counted),
                Some(newer) => recipient_limit = newer,
            }
        }
        Err(StoreError::contended(TABLE))
    }

    /// Takes back that the email `id` to `address` was counted: it is not sent, for a reason that has nothing to do with
    /// the address.
    pub async fn release(&self, address: &AddressKey, id: EmailId, now: Timestamp) -> Result<(), StoreError> {
        // No item has this version, so the first write returns the item.
        let mut recipient_limit = RecipientLimit { mailed: Vec::new(), version: -1 };
        for _ in 0..5 {
            match self.replace(address, &recipient_limit, &recipient_limit.release(id), now).await? {
                None => return Ok(()),
                Some(newer) => recipient_limit = newer,
            }
        }
        Err(StoreError::contended(TABLE))
    }

    /// Until when no link may be mailed to `address`, if so.
    pub async fn refused(
        &self,
        address: &AddressKey,
        limits: EmailLimits,
        now: Timestamp,
    ) -> Result<Option<TooManyEmails>, StoreError> {
        let item = self.database.get(TABLE, [("address_key", s(address.as_str()))]).await?;
        Ok(item.as_ref().map(read).transpose()?.unwrap_or_default().refused(limits, now))
    }

    /// Writes `next` in the place of `seen`; if the item is another, returns that.
    async fn replace(
        &self,
        address: &AddressKey,
        seen: &RecipientLimit,
        next: &RecipientLimit,
        now: Timestamp,
    ) -> Result<Option<RecipientLimit>, StoreError> {
        let put = Write::put(TABLE, write(address, next, now))
            .only_if("attribute_not_exists(address_key) OR version = :seen")
            .value(":seen", n(seen.version));
        match self.database.write_returning(put).await? {
            Returned::Written(_) => Ok(None),
            Returned::ConditionFailed(item) => Ok(Some(item.as_ref().map(read).transpose()?.unwrap_or_default())),
        }
    }
}

fn write(address: &AddressKey, recipient_limit: &RecipientLimit, now: Timestamp) -> Item {
    let mailed =
        recipient_limit.mailed.iter().map(|(id, at)| item([("email_id", s(id.to_string())), ("at", time(*at))]));
    item([
        ("address_key", s(address.as_str())),
        ("mailed", list(mailed)),
        ("version", n(recipient_limit.version)),
        ("ttl", ttl(now.saturating_add(RECIPIENT_LIMIT_WINDOW).unwrap_or(Timestamp::MAX))),
        ("schema", n(1)),
    ])
}

fn read(item: &Item) -> Result<RecipientLimit, StoreError> {
    let reader = Reader::new(TABLE, item);
    let mailed = reader.maps("mailed").into_iter().map(|mail| Ok((mail.parsed("email_id")?, mail.time("at")?)));
    Ok(RecipientLimit { mailed: mailed.collect::<Result<_, StoreError>>()?, version: reader.number("version")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipient_limit_reads_back_from_its_item() {
        let address = mailkey::EmailAddress::parse("alice@example.com").unwrap();
        let now = Timestamp::new(1_800_000_000, 0).unwrap();
        let limits = EmailLimits { per_hour: 3, per_day: 10 };
        let recipient_limit = RecipientLimit::default().acquire(EmailId(ulid::Ulid(3)), limits, now).unwrap();
        assert_eq!(read(&write(address.key(), &recipient_limit, now)).unwrap(), recipient_limit);
    }
}
