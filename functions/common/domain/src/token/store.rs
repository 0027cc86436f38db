//! The table `Tokens`, and the one transaction that spends a token.

use aws_sdk_dynamodb::{operation::transact_write_items::TransactWriteItemsError, types::TransactWriteItem};
use jiff::{SignedDuration, Timestamp};

use super::{IssuedToken, Redemption, TokenDigest};
use crate::{
    account::{EmailAddress, PasswordHash},
    database::{Database, Freshness, Item, Reader, StoreError, n, s, time, ttl},
};

const TABLE: &str = "Tokens";

/// Tokens are kept for a week after they expire, so that it can be said of a link that it was used, or came too late.
const KEPT_AFTER_EXPIRY: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Issues and spends tokens.
#[derive(Debug, Clone)]
pub struct TokenStore {
    database: Database,
}

/// What became of a redemption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RedemptionOutcome {
    /// The token is spent, and everything that goes with it is done.
    Redeemed,
    /// Something that had to hold no longer did: another redemption was faster, or the user changed.
    NoLongerValid,
    /// Another transaction was at the same items; nothing was done. Look again.
    Busy,
}

impl TokenStore {
    /// The tokens of this deployment.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// Stores the digest of a token that is about to be mailed.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails.
    pub async fn issue(&self, token: &IssuedToken) -> Result<(), StoreError> {
        let request = self.database.client().put_item().table_name(self.database.table(TABLE));
        request.set_item(Some(write(token))).send().await.map_err(|e| StoreError::unavailable("PutItem", TABLE, e))?;
        Ok(())
    }

    /// The token with a digest, valid or not. An item of this table never changes, so one that is found may be of a
    /// moment ago; one that is not is looked for among the latest.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails or the item is damaged.
    pub async fn get(&self, digest: &TokenDigest) -> Result<Option<IssuedToken>, StoreError> {
        match self.get_as(digest, Freshness::Recent).await? {
            Some(token) => Ok(Some(token)),
            None => self.get_as(digest, Freshness::Latest).await,
        }
    }

    async fn get_as(&self, digest: &TokenDigest, freshness: Freshness) -> Result<Option<IssuedToken>, StoreError> {
        let request = self.database.client().get_item().table_name(self.database.table(TABLE));
        let request = request.key("digest", s(digest.as_str())).consistent_read(freshness.is_consistent());
        let answer = request.send().await.map_err(|e| StoreError::unavailable("GetItem", TABLE, e))?;
        answer.item().map(|item| read(digest, item)).transpose()
    }

    /// Spends the token and sets the password, in one transaction: if the user stands as read, every link is dead, this
    /// one among them, every session ended, and `also` is done, such as clearing the lock and asking for the notice to
    /// the owner. Either all of it or nothing.
    ///
    /// The token's own item stays as it is: a token lives as long as its generation is the user's, and the user's moves
    /// on here, once.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where DynamoDB fails.
    pub async fn redeem(
        &self,
        redemption: &Redemption,
        hash: &PasswordHash,
        also: Vec<TransactWriteItem>,
        now: Timestamp,
    ) -> Result<RedemptionOutcome, StoreError> {
        let mut items = vec![crate::account::set_password_in_transaction(&self.database, &redemption.user, hash, now)?];
        items.extend(also);
        let request = self.database.client().transact_write_items().set_transact_items(Some(items));
        match request.send().await.map_err(aws_sdk_dynamodb::error::SdkError::into_service_error) {
            Ok(_) => Ok(RedemptionOutcome::Redeemed),
            Err(TransactWriteItemsError::TransactionCanceledException(e)) => {
                let refused =
                    e.cancellation_reasons().iter().any(|reason| reason.code() == Some("ConditionalCheckFailed"));
                Ok(if refused { RedemptionOutcome::NoLongerValid } else { RedemptionOutcome::Busy })
            }
            Err(e) if e.is_transaction_in_progress_exception() => Ok(RedemptionOutcome::Busy),
            Err(e) => Err(StoreError::unavailable("TransactWriteItems", TABLE, e)),
        }
    }
}

fn write(token: &IssuedToken) -> Item {
    Item::from([
        ("digest".to_owned(), s(token.digest.as_str())),
        ("purpose".to_owned(), s(token.purpose.as_str())),
        ("user_id".to_owned(), s(token.user_id.to_string())),
        ("address_key".to_owned(), s(token.address.as_str())),
        ("generation".to_owned(), n(token.generation)),
        ("log_id".to_owned(), s(token.log_id.to_string())),
        ("issued_at".to_owned(), time(token.issued_at)),
        ("expires_at".to_owned(), time(token.expires_at)),
        ("ttl".to_owned(), ttl(token.expires_at.saturating_add(KEPT_AFTER_EXPIRY).unwrap_or(Timestamp::MAX))),
        ("schema".to_owned(), n(1)),
    ])
}

fn read(digest: &TokenDigest, item: &Item) -> Result<IssuedToken, StoreError> {
    let reader = Reader::new(TABLE, item);
    let address = EmailAddress::parse(reader.text("address_key")?).map_err(|_| reader.corrupt("address_key"))?;
    Ok(IssuedToken {
        digest: digest.clone(),
        purpose: reader.parsed("purpose")?,
        user_id: reader.parsed("user_id")?,
        address: address.key().clone(),
        generation: reader.number("generation")?,
        log_id: reader.parsed("log_id")?,
        issued_at: reader.time("issued_at")?,
        expires_at: reader.time("expires_at")?,
    })
}
