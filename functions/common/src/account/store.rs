//! The table `Users`.
//!
//! Two kinds of items: `user#<id>`, the record; and `address#<canonical address>`, which points to it and, being a key,
//! makes each address one user's.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem, Update};
use jiff::Timestamp;

use super::{AddressKey, EmailAddress, PasswordHash, User, UserId, UserStatus};
use crate::database::{Database, Item, Reader, StoreError, n, s, time};

pub(crate) const TABLE: &str = "Users";

/// What a caller without business with passwords reads of a record. The policies in the template name the same.
const WITHOUT_CREDENTIALS: [&str; 11] = [
    "pk",
    "email",
    "display_name",
    "role",
    "status",
    "locale",
    "created_at",
    "last_sign_in_at",
    "token_generation",
    "session_generation",
    "user_id",
];

/// Reads and writes user records.
#[derive(Debug, Clone)]
pub struct UserStore {
    database: Database,
}

/// A user with the hash of the password, where one was set.
#[derive(Debug, Clone)]
pub struct WithCredentials {
    /// The user.
    pub user: User,
    /// The hash.
    pub password_hash: Option<PasswordHash>,
}

/// A user to be created.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// The record.
    pub user: User,
    /// The hash of a password, where the user comes with one.
    pub password_hash: Option<PasswordHash>,
}

impl UserStore {
    /// The users of this deployment.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// The user with an id.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails or the item is damaged.
    pub async fn get(&self, id: UserId) -> Result<Option<User>, StoreError> {
        self.read(&user_key(id), true).await?.as_ref().map(read).transpose()
    }

    /// The user whose address this is.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails or an item is damaged.
    pub async fn find(&self, address: &AddressKey) -> Result<Option<User>, StoreError> {
        match self.id_of(address).await? {
            Some(id) => Ok(self.get(id).await?.filter(|user| user.email.key() == address)),
            None => Ok(None),
        }
    }

    /// The user whose address this is, with the credentials. Makes the same calls whether there is one or not, so that
    /// neither number nor time of calls tells.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails or an item is damaged.
    pub async fn find_for_sign_in(&self, address: &AddressKey) -> Result<Option<WithCredentials>, StoreError> {
        let key = self
            .id_of(address)
            .await?
            .map_or_else(|| "user#nobody".to_owned(), user_key);
        let Some(item) = self.read(&key, false).await? else {
            return Ok(None);
        };
        let user = read(&item)?;
        let password_hash = Reader::new(TABLE, &item)
            .optional_text("password_hash")
            .map(PasswordHash::from_phc);
        Ok((user.email.key() == address).then_some(WithCredentials { user, password_hash }))
    }

    /// Writes a new user; false where the address is taken.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails.
    pub async fn create(&self, new: &NewUser) -> Result<bool, StoreError> {
        let failed = |e| StoreError::unavailable("TransactWriteItems", TABLE, e);
        let table = self.database.table(TABLE);
        let user = Put::builder()
            .table_name(&table)
            .set_item(Some(write(new)))
            .condition_expression("attribute_not_exists(pk)")
            .build();
        let pointer = Item::from([
            ("pk".to_owned(), s(address_key(new.user.email.key()))),
            ("user_id".to_owned(), s(new.user.id.to_string())),
            ("schema".to_owned(), n(1)),
        ]);
        let address = Put::builder()
            .table_name(&table)
            .set_item(Some(pointer))
            .condition_expression("attribute_not_exists(pk)")
            .build();
        let request = self.database.client().transact_write_items();
        let request = request.transact_items(TransactWriteItem::builder().put(user.map_err(failed)?).build());
        let request = request.transact_items(TransactWriteItem::builder().put(address.map_err(failed)?).build());
        match request
            .send()
            .await
            .map_err(aws_sdk_dynamodb::error::SdkError::into_service_error)
        {
            Ok(_) => Ok(true),
            Err(e) if e.is_transaction_canceled_exception() => Ok(false),
            Err(e) => Err(StoreError::unavailable("TransactWriteItems", TABLE, e)),
        }
    }

    /// Notes a sign-in; with `renewed` also a hash of the same password with today's parameters, unless the password
    /// was changed since `seen` was read.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails.
    pub async fn signed_in(
        &self,
        seen: &WithCredentials,
        renewed: Option<&PasswordHash>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let request = self
            .database
            .client()
            .update_item()
            .table_name(self.database.table(TABLE))
            .key("pk", s(user_key(seen.user.id)));
        let request = request
            .expression_attribute_values(":now", time(now))
            .condition_expression("session_generation = :seen")
            .expression_attribute_values(":seen", n(seen.user.session_generation));
        let request = match renewed {
            Some(hash) => request
                .update_expression("SET last_sign_in_at = :now, password_hash = :hash")
                .expression_attribute_values(":hash", s(hash.as_phc())),
            None => request.update_expression("SET last_sign_in_at = :now"),
        };
        match request
            .send()
            .await
            .map_err(aws_sdk_dynamodb::error::SdkError::into_service_error)
        {
            Ok(_) => Ok(()),
            // The password was changed meanwhile: the session that is about to begin is of a former generation and
            // will not hold.
            Err(e) if e.is_conditional_check_failed_exception() => Ok(()),
            Err(e) => Err(StoreError::unavailable("UpdateItem", TABLE, e)),
        }
    }

    async fn id_of(&self, address: &AddressKey) -> Result<Option<UserId>, StoreError> {
        let Some(item) = self.read(&address_key(address), true).await? else {
            return Ok(None);
        };
        Reader::new(TABLE, &item).parsed("user_id").map(Some)
    }

    async fn read(&self, key: &str, without_credentials: bool) -> Result<Option<Item>, StoreError> {
        let mut request = self
            .database
            .client()
            .get_item()
            .table_name(self.database.table(TABLE))
            .key("pk", s(key))
            .consistent_read(true);
        if without_credentials {
            for (number, attribute) in WITHOUT_CREDENTIALS.iter().enumerate() {
                request = request.expression_attribute_names(format!("#a{number}"), *attribute);
            }
            let names: Vec<_> = (0..WITHOUT_CREDENTIALS.len())
                .map(|number| format!("#a{number}"))
                .collect();
            request = request.projection_expression(names.join(", "));
        }
        let answer = request
            .send()
            .await
            .map_err(|e| StoreError::unavailable("GetItem", TABLE, e))?;
        Ok(answer.item)
    }
}

/// Setting a password as a part of a transaction: holds only if the user still stands as it was read, kills every
/// other link, ends every session.
pub(crate) fn set_password_in_transaction(
    database: &Database,
    user: &User,
    hash: &PasswordHash,
) -> Result<TransactWriteItem, StoreError> {
    let update = Update::builder()
        .table_name(database.table(TABLE))
        .key("pk", s(user_key(user.id)))
        .update_expression(
            "SET password_hash = :hash, #status = :active, token_generation = token_generation + :one, session_generation = session_generation + :one",
        )
        .condition_expression("#status = :seen_status AND token_generation = :seen_generation AND email_key = :address")
        .expression_attribute_names("#status", "status")
        .expression_attribute_values(":hash", s(hash.as_phc()))
        .expression_attribute_values(":active", s(UserStatus::Active.as_str()))
        .expression_attribute_values(":one", n(1))
        .expression_attribute_values(":seen_status", s(user.status.as_str()))
        .expression_attribute_values(":seen_generation", n(user.token_generation))
        .expression_attribute_values(":address", s(user.email.key().as_str()))
        .build();
    Ok(TransactWriteItem::builder()
        .update(update.map_err(|e| StoreError::unavailable("TransactWriteItems", TABLE, e))?)
        .build())
}

fn user_key(id: UserId) -> String {
    format!("user#{id}")
}

fn address_key(address: &AddressKey) -> String {
    format!("address#{}", address.as_str())
}

fn write(new: &NewUser) -> Item {
    let user = &new.user;
    let mut item = Item::from([
        ("pk".to_owned(), s(user_key(user.id))),
        ("user_id".to_owned(), s(user.id.to_string())),
        ("email".to_owned(), s(user.email.as_typed())),
        ("email_key".to_owned(), s(user.email.key().as_str())),
        ("display_name".to_owned(), s(&user.display_name)),
        ("role".to_owned(), s(user.role.as_str())),
        ("status".to_owned(), s(user.status.as_str())),
        ("locale".to_owned(), s(&user.locale)),
        ("created_at".to_owned(), time(user.created_at)),
        ("token_generation".to_owned(), n(user.token_generation)),
        ("session_generation".to_owned(), n(user.session_generation)),
        ("schema".to_owned(), n(1)),
    ]);
    if let Some(hash) = &new.password_hash {
        item.insert("password_hash".to_owned(), s(hash.as_phc()));
    }
    if let Some(at) = user.last_sign_in_at {
        item.insert("last_sign_in_at".to_owned(), time(at));
    }
    item
}

fn read(item: &Item) -> Result<User, StoreError> {
    let reader = Reader::new(TABLE, item);
    Ok(User {
        id: reader.parsed("user_id")?,
        email: EmailAddress::parse(reader.text("email")?).map_err(|_| reader.corrupt("email"))?,
        display_name: reader.text("display_name")?.to_owned(),
        role: reader.parsed("role")?,
        status: reader.parsed("status")?,
        locale: reader.text("locale")?.to_owned(),
        created_at: reader.time("created_at")?,
        last_sign_in_at: reader.optional_time("last_sign_in_at"),
        token_generation: reader.number("token_generation")?,
        session_generation: reader.number("session_generation")?,
    })
}
