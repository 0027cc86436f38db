//! What is stored about one person, in all tables: found, erased and exported.
//!
//! Six tables have no index by address, and an index would make every write more expensive for the sake of something
//! rare. They are read from beginning to end, page by page.

mod export;
mod tables;

use futures_util::future::try_join_all;
use jiff::Timestamp;

use crate::client::{AttributeValue, Committed, Database, Found, Item, Query, Reader, StoreError, Write, s};
pub use export::Stored;
use mailkey::{
    EmailAddress,
    account::AddressKey,
    email_log::EmailLogFilter,
    erasure::{Person, Position, Pseudonym, Remaining, Step},
};
use tables::{Table, table_of};

/// How often to change an item again that others change at the same time.
const TRIES: u32 = 10;

/// How many emails to one address are read at once.
const EMAILS_AT_ONCE: usize = 100;

/// Finds, erases and exports what is stored about a person.
#[derive(Debug, Clone)]
pub struct PersonalData {
    database: Database,
}

/// What a part of an erasure did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// How many items were deleted or made anonymous.
    pub items: i64,
    /// Where the step continues, unless it is done.
    pub next: Option<Position>,
    /// Former addresses of the user. Nothing was changed if there are any: they must be stored first.
    pub former: Vec<AddressKey>,
}

impl Changed {
    fn whole_step(items: i64) -> Self {
        Self { items, next: None, former: Vec::new() }
    }
}

impl PersonalData {
    /// The data of this deployment.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// Does the next part of an erasure. It can be repeated.
    pub async fn erase_some(
        &self,
        remaining: &Remaining,
        pseudonym: &Pseudonym,
        now: Timestamp,
    ) -> Result<Changed, StoreError> {
        let person = &remaining.person;
        match (remaining.step, table_of(remaining.step)) {
            (_, Some(table)) => self.erase_page(table, remaining, pseudonym, now).await,
            (Step::User, _) => Ok(Changed::whole_step(self.erase_user(person).await?)),
            (_, None) => Ok(Changed::whole_step(self.erase_address(person, pseudonym, now).await?)),
        }
    }

    async fn erase_user(&self, person: &Person) -> Result<i64, StoreError> {
        let Some(id) = person.user_id else { return Ok(0) };
        match self.database.users().get(id).await? {
            Some(user) => self.database.users().erase(&user).await,
            None => Ok(0),
        }
    }

    async fn erase_page(
        &self,
        table: &'static Table,
        remaining: &Remaining,
        pseudonym: &Pseudonym,
        now: Timestamp,
    ) -> Result<Changed, StoreError> {
        let after = (!remaining.position.is_empty()).then(|| key_at(&remaining.position));
        let Found { items, more } = self.database.scan(table.name, after, table.read).await?;
        let found: Vec<_> = items.iter().filter(|item| table.is_about(item, &remaining.person)).collect();
        if remaining.step == Step::EmailLog {
            let former = self.former_addresses(&found, &remaining.person, &remaining.former).await?;
            if !former.is_empty() {
                return Ok(Changed { items: 0, next: None, former });
            }
        }
        for item in &found {
            if remaining.step == Step::EmailLog {
                let id = Reader::new(table.name, item).parsed("id")?;
                self.database.email_log().erase(id, pseudonym, now).await?;
            } else {
                self.database.write(Write::delete_item(table.name, table.key_of(item))).await?;
            }
        }
        Ok(Changed { items: count(found.len()), next: more.as_ref().map(position_of), former: Vec::new() })
    }

    /// The other addresses to which these entries of the email log went, unless they are `known` or another user has one
    /// now.
    async fn former_addresses(
        &self,
        entries: &[&Item],
        person: &Person,
        known: &[AddressKey],
    ) -> Result<Vec<AddressKey>, StoreError> {
        let mut found = Vec::new();
        for entry in entries {
            let Some(address) = recipient(entry) else { continue };
            let is_new = address != person.address && !known.contains(&address) && !found.contains(&address);
            if is_new && self.database.users().find(&address).await?.is_none_or(|user| Some(user.id) == person.user_id)
            {
                found.push(address);
            }
        }
        Ok(found)
    }

    /// Deletes the items whose key is the address, and what an email that was under way may have left meanwhile.
    async fn erase_address(&self, person: &Person, pseudonym: &Pseudonym, now: Timestamp) -> Result<i64, StoreError> {
        let mut items = self.erase_newest_emails(&person.address, pseudonym, now).await?;
        items += self.erase_domain_bounces(&person.address, now).await?;
        items += self.database.sender_state().erase_details(person).await?;
        let keys = address_items(&person.address);
        try_join_all(
            keys.iter().map(|(table, key)| self.database.write(Write::delete(table, [("address_key", s(key))]))),
        )
        .await?;
        Ok(items + count(keys.len()))
    }

    async fn erase_newest_emails(
        &self,
        address: &AddressKey,
        pseudonym: &Pseudonym,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        let log = self.database.email_log();
        let filter = EmailLogFilter { recipient: Some(address.clone()), ..EmailLogFilter::default() };
        let (mut items, mut after) = (0, None);
        loop {
            let page = log.page(&filter, after, EMAILS_AT_ONCE).await?;
            for entry in page.rows.iter().filter(|entry| entry.erased_at.is_none()) {
                items += i64::from(log.erase(entry.id, pseudonym, now).await?);
            }
            after = page.next.and_then(|next| next.parse().ok());
            if after.is_none() {
                return Ok(items);
            }
        }
    }

    /// The bounces of a domain are one item with the addresses that bounced.
    async fn erase_domain_bounces(&self, address: &AddressKey, now: Timestamp) -> Result<i64, StoreError> {
        let suppressions = self.database.suppressions();
        for _ in 0..TRIES {
            let seen = suppressions.domain_bounces(address.domain()).await?;
            if !seen.bounces.iter().any(|bounce| bounce.address == *address) {
                return Ok(0);
            }
            let write = suppressions.write_bounces(address.domain(), &seen.without(address), now);
            if self.database.write(write).await? == Committed::Done {
                return Ok(1);
            }
        }
        Err(StoreError::contended("Suppressions"))
    }

    async fn query(&self, query: Query) -> Result<Vec<Item>, StoreError> {
        Ok(self.database.query_all(query).await?)
    }
}

/// The recipient of an entry of the email log, unless it is erased. Entries of watched email have the name of their
/// origin before the address.
fn recipient(entry: &Item) -> Option<AddressKey> {
    let text = Reader::new("EmailLog", entry).optional_text("address_key")?;
    Some(EmailAddress::parse(text.rsplit(' ').next()?).ok()?.key().clone())
}

/// The items whose key begins with an address: table and key.
fn address_items(address: &AddressKey) -> [(&'static str, String); 3] {
    let address = address.as_str();
    [
        ("Suppressions", address.to_owned()),
        ("RecipientLimits", address.to_owned()),
        ("RecipientLimits", format!("{address}#lock-notice")),
    ]
}

fn key_at(position: &Position) -> Item {
    position.iter().map(|(name, value)| (name.clone(), s(value))).collect()
}

fn position_of(key: &Item) -> Position {
    let text = |value: &AttributeValue| value.as_s().cloned().unwrap_or_default();
    key.iter().map(|(name, value)| (name.clone(), text(value))).collect()
}

fn count(items: usize) -> i64 {
    i64::try_from(items).unwrap_or(i64::MAX)
}
