//! The table `Tokens`, and the one transaction that spends a token.

use jiff::{SignedDuration, Timestamp};

use crate::client::{Committed, Database, Item, Reader, StoreError, Write, n, s, time, ttl};
use mailkey::account::{EmailAddress, PasswordHash};
use mailkey::token::{IssuedToken, Redemption, TokenDigest};

const TABLE: &str = "Tokens";

/// Tokens are kept for a week after they expire, so that it can be said of a link that it was used, or came too late.
const KEPT_AFTER_EXPIRY: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Issues and spends tokens.
#[derive(Debug, Clone)]
pub struct TokenStore {
    database: Database,
}

impl TokenStore {
    /// The tokens of this deployment.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// Stores the digest of a token whose link is about to be sent.
    pub async fn issue(&self, token: &IssuedToken) -> Result<(), StoreError> {
        self.database.write(Write::put(TABLE, write(token))).await?;
        Ok(())
    }

    /// The token with a digest, whether it is valid or not.
    pub async fn get(&self, digest: &TokenDigest) -> Result<Option<IssuedToken>, StoreError> {
        let item = self.database.get(TABLE, [("digest", s(digest.as_str()))]).await?;
        item.map(|item| read(digest, &item)).transpose()
    }

    /// Spends the token and sets the password, together with `also`, such as clearing the lock: all of it or nothing. If
    /// the user changed since it was read, nothing is done. Every link is then dead, this one included, and every
    /// session ended.
    ///
    /// The token's own item stays as it is: a token is valid while its generation is the user's, and this moves the
    /// user's on.
    pub async fn redeem(
        &self,
        redemption: &Redemption,
        hash: &PasswordHash,
        also: Vec<Write>,
        now: Timestamp,
    ) -> Result<Committed, StoreError> {
        let set_password = crate::users::set_password(&redemption.user, hash, now);
        Ok(self.database.commit([vec![set_password], also].concat()).await?)
    }
}

fn write(token: &IssuedToken) -> Item {
    Item::from([
        ("digest".to_owned(), s(token.digest.as_str())),
        ("purpose".to_owned(), s(token.purpose.as_str())),
        ("user_id".to_owned(), s(token.user_id.to_string())),
        ("address_key".to_owned(), s(token.address.as_str())),
        ("generation".to_owned(), n(token.generation)),
        ("email_id".to_owned(), s(token.email_id.to_string())),
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
        email_id: reader.parsed("email_id")?,
        expires_at: reader.time("expires_at")?,
    })
}
