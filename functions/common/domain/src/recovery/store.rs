//! The table `RecoveryRequests`, whose stream feeds the mailer.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use jiff::{SignedDuration, Timestamp};

use super::{RecoveryRequest, RequestKey};
use crate::{
    account::EmailAddress,
    database::{Database, Item, Reader, StoreError, n, s, time, ttl},
};

const TABLE: &str = "RecoveryRequests";

/// How long requests are kept: a week, so that what was asked can be seen after a weekend. A stream keeps its records
/// for a day only.
const RETENTION: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Writes recovery requests.
#[derive(Debug, Clone)]
pub struct RecoveryRequestStore {
    database: Database,
}

/// What became of a request. The caller answers both alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// It is stored.
    Stored,
    /// It collapsed into one that is stored already.
    Collapsed,
}

impl RecoveryRequestStore {
    /// The requests of this deployment.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// Stores a request, unless there is one under its key: one conditional write, whoever asks.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails.
    pub async fn accept(&self, request: &RecoveryRequest) -> Result<Accepted, StoreError> {
        let put = self.database.client().put_item().table_name(self.database.table(TABLE));
        let answer =
            put.set_item(Some(write(request))).condition_expression("attribute_not_exists(request_key)").send().await;
        match answer.map_err(aws_sdk_dynamodb::error::SdkError::into_service_error) {
            Ok(_) => Ok(Accepted::Stored),
            Err(e) if e.is_conditional_check_failed_exception() => Ok(Accepted::Collapsed),
            Err(e) => Err(StoreError::unavailable("PutItem", TABLE, e)),
        }
    }
}

impl RecoveryRequestStore {
    /// Storing `request` as a part of a transaction, so that a mail goes out exactly if what it tells of is done.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the request can't be written down.
    pub fn in_transaction(&self, request: &RecoveryRequest) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder().table_name(self.database.table(TABLE)).set_item(Some(write(request)));
        let put = put.condition_expression("attribute_not_exists(request_key)").build();
        let put = put.map_err(|e| StoreError::unavailable("TransactWriteItems", TABLE, e))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}

fn write(request: &RecoveryRequest) -> Item {
    let mut item = Item::from([
        ("request_key".to_owned(), s(request.key.as_str())),
        ("log_id".to_owned(), s(request.log_id.to_string())),
        ("kind".to_owned(), s(request.kind.as_str())),
        ("trigger".to_owned(), s(request.trigger.as_str())),
        ("address".to_owned(), s(request.address.as_typed())),
        ("requested_at".to_owned(), time(request.requested_at)),
        ("ttl".to_owned(), ttl(request.requested_at.saturating_add(RETENTION).unwrap_or(Timestamp::MAX))),
        ("schema".to_owned(), n(1)),
    ]);
    if let Some(user_id) = request.user_id {
        item.insert("user_id".to_owned(), s(user_id.to_string()));
    }
    if let Some(request_id) = &request.request_id {
        item.insert("request_id".to_owned(), s(request_id));
    }
    item
}

/// Reads a request from an item, or from the new image of a stream's record.
///
/// # Errors
///
/// [`StoreError::Corrupt`] where it is not as this version writes it.
pub fn read_image(item: &Item) -> Result<RecoveryRequest, StoreError> {
    let reader = Reader::new(TABLE, item);
    Ok(RecoveryRequest {
        key: RequestKey::from_stored(reader.text("request_key")?),
        log_id: reader.parsed("log_id")?,
        kind: reader.parsed("kind")?,
        trigger: reader.parsed("trigger")?,
        address: EmailAddress::parse(reader.text("address")?).map_err(|_| reader.corrupt("address"))?,
        user_id: reader.optional_text("user_id").and_then(|id| id.parse().ok()),
        requested_at: reader.time("requested_at")?,
        request_id: reader.optional_text("request_id").and_then(crate::RequestId::parse),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::email_log::{EmailKind, LogId, Trigger};

    #[test]
    fn a_request_reads_back_from_its_item() {
        let address = EmailAddress::parse("Alice@example.com").unwrap();
        let now = Timestamp::new(1_800_000_000, 5_000_000).unwrap();
        let request =
            RecoveryRequest::unique(LogId(ulid::Ulid(7)), EmailKind::PasswordChanged, Trigger::System, address, now);
        assert_eq!(read_image(&write(&request)).unwrap(), request);
    }

    #[test]
    fn a_damaged_item_names_what_is_wrong() {
        let address = EmailAddress::parse("alice@example.com").unwrap();
        let request = RecoveryRequest::unique(
            LogId(ulid::Ulid(7)),
            EmailKind::PasswordReset,
            Trigger::Admin,
            address,
            Timestamp::UNIX_EPOCH,
        );
        let mut item = write(&request);
        item.insert("kind".to_owned(), s("newsletter"));
        assert_eq!(read_image(&item).unwrap_err().to_string(), "an item of RecoveryRequests has no valid kind");
    }
}
