//! The table `EmailRequests`, whose stream feeds the mailer.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};

use crate::client::{Committed, Database, Item, Reader, StoreError, Write, item, n, optional, s, time, ttl};
use mailkey::account::EmailAddress;
use mailkey::recovery::{Accepted, EmailRequest, RequestKey};

const TABLE: &str = "EmailRequests";

/// How long requests are kept: a week, so that what was asked can be seen after a weekend. A stream keeps its records
/// for a day only.
const RETENTION: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Writes email requests.
#[derive(Debug, Clone)]
pub struct EmailRequestStore {
    database: Database,
}

impl EmailRequestStore {
    /// The requests of this deployment.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// Stores a request, unless there is one under its key: one conditional write for every address.
    pub async fn accept(&self, request: &EmailRequest) -> Result<Accepted, StoreError> {
        Ok(match self.database.write(self.write(request)).await? {
            Committed::Done => Accepted::Stored,
            Committed::ConditionFailed(_) => Accepted::Collapsed,
        })
    }

    /// The stored item of a request, as the stream delivers it.
    pub async fn item(&self, key: &str) -> Result<Option<Item>, StoreError> {
        Ok(self.database.get(TABLE, [("request_key", s(key))]).await?)
    }

    /// The write that stores `request`. In the transaction of what the email tells, it is sent exactly if that is done.
    pub fn write(&self, request: &EmailRequest) -> Write {
        Write::put_new(TABLE, write(request), "request_key")
    }
}

fn write(request: &EmailRequest) -> Item {
    let mut item = item([
        ("request_key", s(request.key.as_str())),
        ("email_id", s(request.email_id.to_string())),
        ("kind", s(request.kind.as_str())),
        ("trigger", s(request.trigger.as_str())),
        ("address", s(request.address.as_typed())),
        ("requested_at", time(request.requested_at)),
        ("ttl", ttl(request.requested_at.saturating_add(RETENTION).unwrap_or(Timestamp::MAX))),
        ("schema", n(1)),
    ]);
    item.extend(optional([
        ("user_id", request.user_id.map(|id| s(id.to_string()))),
        ("request_id", request.request_id.as_ref().map(s)),
        ("event", request.event.map(|event| s(event.as_str()))),
        ("names", (!request.names.is_empty()).then(|| AttributeValue::L(request.names.iter().map(s).collect()))),
    ]));
    item
}

/// Reads a request from an item, or from the new image of a stream's record.
pub fn read_image(item: &Item) -> Result<EmailRequest, StoreError> {
    let reader = Reader::new(TABLE, item);
    Ok(EmailRequest {
        key: RequestKey::from_stored(reader.text("request_key")?),
        email_id: reader.parsed("email_id")?,
        kind: reader.parsed("kind")?,
        trigger: reader.parsed("trigger")?,
        address: EmailAddress::parse(reader.text("address")?).map_err(|_| reader.corrupt("address"))?,
        user_id: reader.optional_text("user_id").and_then(|id| id.parse().ok()),
        event: reader.optional_text("event").and_then(|event| event.parse().ok()),
        names: reader.texts("names"),
        requested_at: reader.time("requested_at")?,
        request_id: reader.optional_text("request_id").and_then(mailkey::RequestId::parse),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use mailkey::{
        email_log::{EmailId, EmailKind, Trigger},
        recovery::SecurityEvent,
    };

    #[test]
    fn a_request_reads_back_from_its_item() {
        let address = EmailAddress::parse("Alice@example.com").unwrap();
        let now = Timestamp::new(1_800_000_000, 5_000_000).unwrap();
        let request =
            EmailRequest::unique(EmailId(ulid::Ulid(7)), EmailKind::PasswordChanged, Trigger::System, address, now);
        assert_eq!(read_image(&write(&request)).unwrap(), request);
        let notice = EmailRequest { event: Some(SecurityEvent::ApiKeyCreated), ..request };
        let notice = notice.naming(["CRM".to_owned()]);
        assert_eq!(read_image(&write(&notice)).unwrap(), notice);
    }

    #[test]
    fn a_damaged_item_names_what_is_wrong() {
        let address = EmailAddress::parse("alice@example.com").unwrap();
        let request = EmailRequest::unique(
            EmailId(ulid::Ulid(7)),
            EmailKind::PasswordReset,
            Trigger::Admin,
            address,
            Timestamp::UNIX_EPOCH,
        );
        let mut item = write(&request);
        item.insert("kind".to_owned(), s("newsletter"));
        assert_eq!(read_image(&item).unwrap_err().to_string(), "an item of EmailRequests has no valid kind");
    }
}
