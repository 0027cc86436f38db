//! The allowances in the table `MailAllowances`. Each is an item that is written on condition that it did not change, so
//! that no race gets more email out than is allowed.

use jiff::Timestamp;

use crate::client::{Database, Item, Reader, Returned, StoreError, Write, item, list, n, s, time, ttl};
use mailkey::recovery::{ALLOWANCE_WINDOW, MailAllowance, MailLimits, Spent, TooManyMails};
use mailkey::{account::AddressKey, email_log::LogId};

const TABLE: &str = "MailAllowances";

/// Reads and spends allowances.
#[derive(Debug, Clone)]
pub struct AllowanceStore {
    database: Database,
}

impl AllowanceStore {
    /// The allowances of this deployment.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// Counts the email `id` to `address`, if the limits allow it.
    pub async fn spend(
        &self,
        address: &AddressKey,
        id: LogId,
        limits: MailLimits,
        now: Timestamp,
    ) -> Result<Spent, StoreError> {
        let mut allowance = MailAllowance::default();
        // Most emails are the first in days and find no item: begin with the write, which returns the item it finds.
        for _ in 0..5 {
            let next = match allowance.spend(id, limits, now) {
                Ok(next) => next,
                Err(refused) => return Ok(Spent::Refused(refused)),
            };
            match self.replace(address, &allowance, &next, now).await? {
                None => return Ok(Spent::Counted),
                Some(newer) => allowance = newer,
            }
        }
        Err(StoreError::contended(TABLE))
    }

    /// Takes back that the email `id` to `address` was counted: it is not sent, for a reason that has nothing to do with
    /// the address.
    pub async fn give_back(&self, address: &AddressKey, id: LogId, now: Timestamp) -> Result<(), StoreError> {
        // No item has this version, so the first write returns the item.
        let mut allowance = MailAllowance { mailed: Vec::new(), version: -1 };
        for _ in 0..5 {
            match self.replace(address, &allowance, &allowance.give_back(id), now).await? {
                None => return Ok(()),
                Some(newer) => allowance = newer,
            }
        }
        Err(StoreError::contended(TABLE))
    }

    /// Until when no link may be mailed to `address`, if so.
    pub async fn refused(
        &self,
        address: &AddressKey,
        limits: MailLimits,
        now: Timestamp,
    ) -> Result<Option<TooManyMails>, StoreError> {
        let item = self.database.get(TABLE, [("address_key", s(address.as_str()))]).await?;
        Ok(item.as_ref().map(read).transpose()?.unwrap_or_default().refused(limits, now))
    }

    /// Writes `next` in the place of `seen`; if the item is another, returns that.
    async fn replace(
        &self,
        address: &AddressKey,
        seen: &MailAllowance,
        next: &MailAllowance,
        now: Timestamp,
    ) -> Result<Option<MailAllowance>, StoreError> {
        let put = Write::put(TABLE, write(address, next, now))
            .only_if("attribute_not_exists(address_key) OR version = :seen")
            .value(":seen", n(seen.version));
        match self.database.write_returning(put).await? {
            Returned::Written(_) => Ok(None),
            Returned::ConditionFailed(item) => Ok(Some(item.as_ref().map(read).transpose()?.unwrap_or_default())),
        }
    }
}

fn write(address: &AddressKey, allowance: &MailAllowance, now: Timestamp) -> Item {
    let mailed = allowance.mailed.iter().map(|(id, at)| item([("log_id", s(id.to_string())), ("at", time(*at))]));
    item([
        ("address_key", s(address.as_str())),
        ("mailed", list(mailed)),
        ("version", n(allowance.version)),
        ("ttl", ttl(now.saturating_add(ALLOWANCE_WINDOW).unwrap_or(Timestamp::MAX))),
        ("schema", n(1)),
    ])
}

fn read(item: &Item) -> Result<MailAllowance, StoreError> {
    let reader = Reader::new(TABLE, item);
    let mailed = reader.maps("mailed").into_iter().map(|mail| Ok((mail.parsed("log_id")?, mail.time("at")?)));
    Ok(MailAllowance { mailed: mailed.collect::<Result<_, StoreError>>()?, version: reader.number("version")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allowance_reads_back_from_its_item() {
        let address = mailkey::EmailAddress::parse("alice@example.com").unwrap();
        let now = Timestamp::new(1_800_000_000, 0).unwrap();
        let limits = MailLimits { per_hour: 3, per_day: 10 };
        let allowance = MailAllowance::default().spend(LogId(ulid::Ulid(3)), limits, now).unwrap();
        assert_eq!(read(&write(address.key(), &allowance, now)).unwrap(), allowance);
    }
}
