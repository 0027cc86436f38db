//! The table `RecipientLimits`. Each item is written on condition that it did not change, so that no race gets more email out than is allowed.

use jiff::Timestamp;

use crate::client::{Committed, Database, Item, Reader, Returned, StoreError, Write, item, list, n, s, time, ttl};
use mailkey::recovery::{Acquired, EmailLimits, MailedLink, RECIPIENT_LIMIT_WINDOW, RecipientLimit, TooManyEmails};
use mailkey::{
    account::{AddressKey, User},
    email_log::EmailId,
};

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

    /// Counts `link` to `address`, if the limits allow it.
    pub async fn acquire(
        &self,
        address: &AddressKey,
        link: &MailedLink,
        user: &User,
        limits: EmailLimits,
    ) -> Result<Acquired, StoreError> {
        let mut recipient_limit = RecipientLimit::default();
        // Most emails are the first in days and find no item: begin with the write, which returns the item it finds.
        for _ in 0..5 {
            let next = match recipient_limit.acquire(link.clone(), user, limits) {
                Ok(next) => next,
                Err(refused) => return Ok(Acquired::Refused(refused)),
            };
            match self.replace(address, &recipient_limit, &next, link.at).await? {
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

    /// Until when no link may be mailed to `user` at `address`, if so.
    pub async fn refused(
        &self,
        address: &AddressKey,
        user: &User,
        limits: EmailLimits,
        now: Timestamp,
    ) -> Result<Option<TooManyEmails>, StoreError> {
        let item = self.database.get(TABLE, [("address_key", s(address.as_str()))]).await?;
        Ok(item.as_ref().map(read).transpose()?.unwrap_or_default().refused(user, limits, now))
    }

    /// Counts the lock notice `id` to `address`, unless the address got another one within a day.
    pub async fn admits_lock_notice(
        &self,
        address: &AddressKey,
        id: EmailId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let put = Write::replace(TABLE, &["address_key"], &[], lock_notice(address, id, now))
            .only_if("attribute_not_exists(address_key) OR noticed_at <= :day_ago OR email_id = :id")
            .value(":day_ago", time(now.saturating_sub(RECIPIENT_LIMIT_WINDOW).unwrap_or(Timestamp::MIN)))
            .value(":id", s(id.to_string()));
        Ok(self.database.write(put).await? == Committed::Done)
    }

    /// Takes back that the lock notice `id` to `address` was counted.
    pub async fn release_lock_notice(&self, address: &AddressKey, id: EmailId) -> Result<(), StoreError> {
        let put = Write::replace(TABLE, &["address_key"], &[], lock_notice(address, id, Timestamp::UNIX_EPOCH))
            .only_if("email_id = :id")
            .value(":id", s(id.to_string()));
        self.database.write(put).await?;
        Ok(())
    }

    /// Writes `next` in the place of `seen`; if the item is another, returns that.
    async fn replace(
        &self,
        address: &AddressKey,
        seen: &RecipientLimit,
        next: &RecipientLimit,
        now: Timestamp,
    ) -> Result<Option<RecipientLimit>, StoreError> {
        let put = Write::replace(TABLE, &["address_key"], &[], write(address, next, now))
            .only_if("attribute_not_exists(address_key) OR version = :seen")
            .value(":seen", n(seen.version));
        match self.database.write_returning(put).await? {
            Returned::Written(_) => Ok(None),
            Returned::ConditionFailed(item) => Ok(Some(item.as_ref().map(read).transpose()?.unwrap_or_default())),
        }
    }
}

/// A domain has no `#`, so no address has this key.
fn lock_notice(address: &AddressKey, id: EmailId, at: Timestamp) -> Item {
    item([
        ("address_key", s(format!("{}#lock-notice", address.as_str()))),
        ("email_id", s(id.to_string())),
        ("noticed_at", time(at)),
        ("ttl", ttl(at.saturating_add(RECIPIENT_LIMIT_WINDOW).unwrap_or(Timestamp::MAX))),
        ("schema", n(1)),
    ])
}

fn write(address: &AddressKey, recipient_limit: &RecipientLimit, now: Timestamp) -> Item {
    let mailed = recipient_limit.mailed.iter().map(|link| {
        item([
            ("email_id", s(link.id.to_string())),
            ("at", time(link.at)),
            ("user_id", s(link.user_id.to_string())),
            ("generation", n(link.generation)),
            ("expires_at", time(link.expires_at)),
        ])
    });
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
    let mailed = reader.maps("mailed").into_iter().map(|link| {
        Ok(MailedLink {
            id: link.parsed("email_id")?,
            at: link.time("at")?,
            user_id: link.parsed("user_id")?,
            generation: link.number("generation")?,
            expires_at: link.time("expires_at")?,
        })
    });
    Ok(RecipientLimit { mailed: mailed.collect::<Result<_, StoreError>>()?, version: reader.number("version")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipient_limit_reads_back_from_its_item() {
        let address = mailkey::EmailAddress::parse("alice@example.com").unwrap();
        let now = Timestamp::new(1_800_000_000, 0).unwrap();
        let link = MailedLink {
            id: EmailId(ulid::Ulid(3)),
            at: now,
            user_id: mailkey::account::UserId(ulid::Ulid(4)),
            generation: 5,
            expires_at: now + jiff::SignedDuration::from_hours(24),
        };
        let recipient_limit = RecipientLimit { mailed: vec![link], version: 6 };
        assert_eq!(read(&write(address.key(), &recipient_limit, now)).unwrap(), recipient_limit);
    }
}
