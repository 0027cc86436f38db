//! Suppressions: addresses that mail is no longer sent to, and why.

use jiff::Timestamp;

use crate::{
    account::{AddressKey, EmailAddress, text_form},
    database::{Database, Item, Reader, StoreError, n, s, time, ttl},
    email_log::Trigger,
};

const TABLE: &str = "Suppressions";

/// Why an address is suppressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuppressionReason {
    /// An email came back for good: there is no such mailbox.
    HardBounce,
    /// The domain does not exist, or takes no mail.
    DomainInvalid,
    /// It is on the list that SES keeps for all its customers.
    ProviderGlobal,
    /// It is on our account's list at SES.
    ProviderAccount,
    /// SES judged the address to be bad.
    ProviderValidation,
    /// The recipient called an email spam.
    Complaint,
    /// Several emails in a row came back for passing reasons.
    SoftRepeat,
    /// An administrator put it there.
    Manual,
}

text_form!(SuppressionReason {
    HardBounce = "hard_bounce",
    DomainInvalid = "domain_invalid",
    ProviderGlobal = "provider_global",
    ProviderAccount = "provider_account",
    ProviderValidation = "provider_validation",
    Complaint = "complaint",
    SoftRepeat = "soft_repeat",
    Manual = "manual",
});

/// Which mail a suppression holds back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All of it.
    All,
    /// What goes out unasked. A link that the owner asks for still goes: after a complaint.
    AutomaticMail,
}

text_form!(Scope { All = "all", AutomaticMail = "automatic_mail" });

/// An address that mail is no longer sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// Which.
    pub address: AddressKey,
    /// Why.
    pub reason: SuppressionReason,
    /// For which mail.
    pub scope: Scope,
    /// Since when.
    pub since: Timestamp,
    /// What the receiving host said.
    pub detail: Option<String>,
    /// Until when; `None` until somebody lifts it.
    pub expires_at: Option<Timestamp>,
}

impl Suppression {
    /// Whether it is in force. By the clock: the table's TTL deletes days late.
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|expires_at| now < expires_at)
    }

    /// Whether it holds back mail that was brought about so.
    pub fn holds_back(&self, trigger: Trigger) -> bool {
        match self.scope {
            Scope::All => true,
            Scope::AutomaticMail => trigger != Trigger::SelfService,
        }
    }
}

/// Reads and writes suppressions.
#[derive(Debug, Clone)]
pub struct SuppressionStore {
    database: Database,
}

impl SuppressionStore {
    /// The suppressions of this deployment.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// The suppression of an address, in force or not.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails or the item is damaged.
    pub async fn get(&self, address: &AddressKey) -> Result<Option<Suppression>, StoreError> {
        let request = self.database.client().get_item().table_name(self.database.table(TABLE));
        let answer = request
            .key("address_key", s(address.as_str()))
            .send()
            .await
            .map_err(|e| StoreError::unavailable("GetItem", TABLE, e))?;
        answer.item().map(read).transpose()
    }

    /// Writes a suppression, in the place of any other of its address.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails.
    pub async fn put(&self, suppression: &Suppression) -> Result<(), StoreError> {
        let request = self.database.client().put_item().table_name(self.database.table(TABLE));
        request
            .set_item(Some(write(suppression)))
            .send()
            .await
            .map_err(|e| StoreError::unavailable("PutItem", TABLE, e))?;
        Ok(())
    }
}

fn write(suppression: &Suppression) -> Item {
    let mut item = Item::from([
        ("address_key".to_owned(), s(suppression.address.as_str())),
        ("reason".to_owned(), s(suppression.reason.as_str())),
        ("scope".to_owned(), s(suppression.scope.as_str())),
        ("since".to_owned(), time(suppression.since)),
        ("schema".to_owned(), n(1)),
    ]);
    if let Some(detail) = &suppression.detail {
        item.insert("detail".to_owned(), s(detail));
    }
    if let Some(expires_at) = suppression.expires_at {
        item.insert("expires_at".to_owned(), time(expires_at));
        item.insert("ttl".to_owned(), ttl(expires_at));
    }
    item
}

fn read(item: &Item) -> Result<Suppression, StoreError> {
    let reader = Reader::new(TABLE, item);
    let address = EmailAddress::parse(reader.text("address_key")?).map_err(|_| reader.corrupt("address_key"))?;
    Ok(Suppression {
        address: address.key().clone(),
        reason: reader.parsed("reason")?,
        scope: reader.parsed("scope")?,
        since: reader.time("since")?,
        detail: reader.optional_text("detail").map(ToOwned::to_owned),
        expires_at: reader.optional_time("expires_at"),
    })
}
