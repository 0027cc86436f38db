//! The table `Users`.
//!
//! Two kinds of items: `user#<id>`, the record; and `address#<canonical address>`, which points to it and, being a key,
//! makes each address one user's.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    operation::transact_write_items::TransactWriteItemsError,
    types::{CancellationReason, Delete, KeysAndAttributes, Put, TransactWriteItem, Update},
};
use jiff::Timestamp;

use super::{AddressKey, EmailAddress, PasswordHash, User, UserId, UserStatus, search_store::search_items};
use crate::database::{Database, Freshness, Item, Reader, StoreError, n, s, time};

const TABLE: &str = "Users";

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

/// What became of writing a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It is written, with all that goes with it.
    Done,
    /// Another user has the address.
    AddressTaken,
    /// The record changed since it was read, or is being written by another.
    Overtaken,
}

/// The first administrator, as far as there is one.
#[derive(Debug, Clone)]
pub struct FirstAdmin {
    /// Who was made.
    pub id: UserId,
    /// The record, unless it is gone.
    pub user: Option<User>,
}

/// The key of the item that names the first administrator, so that there is one only.
const FIRST_ADMIN: &str = "first-admin";

impl UserStore {
    /// The users of this deployment.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    pub(super) fn database(&self) -> &Database {
        &self.database
    }

    /// The user with an id.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails or the item is damaged.
    pub async fn get(&self, id: UserId) -> Result<Option<User>, StoreError> {
        self.get_as(id, Freshness::Latest).await
    }

    /// The same, as fresh as the caller needs it.
    ///
    /// # Errors
    ///
    /// As of [`get`](Self::get).
    pub async fn get_as(&self, id: UserId, freshness: Freshness) -> Result<Option<User>, StoreError> {
        self.read(&user_key(id), true, freshness).await?.as_ref().map(read).transpose()
    }

    /// The user whose address this is.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails or an item is damaged.
    pub async fn find(&self, address: &AddressKey) -> Result<Option<User>, StoreError> {
        self.find_as(address, Freshness::Latest).await
    }

    /// The same, as fresh as the caller needs it.
    ///
    /// # Errors
    ///
    /// As of [`find`](Self::find).
    pub async fn find_as(&self, address: &AddressKey, freshness: Freshness) -> Result<Option<User>, StoreError> {
        match self.id_of(address, freshness).await? {
            Some(id) => Ok(self.get_as(id, freshness).await?.filter(|user| user.email.key() == address)),
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
        let key = self.id_of(address, Freshness::Latest).await?.map_or_else(|| "user#nobody".to_owned(), user_key);
        let Some(item) = self.read(&key, false, Freshness::Latest).await? else {
            return Ok(None);
        };
        let user = read(&item)?;
        let password_hash = Reader::new(TABLE, &item).optional_text("password_hash").map(PasswordHash::from_phc);
        Ok((user.email.key() == address).then_some(WithCredentials { user, password_hash }))
    }

    /// Whether a user has a password, which is all that is read of it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails.
    pub async fn has_password(&self, id: UserId) -> Result<bool, StoreError> {
        let request = self.database.client().get_item().table_name(self.database.table(TABLE));
        let answer = request
            .key("pk", s(user_key(id)))
            .consistent_read(true)
            .projection_expression("password_set_at")
            .send()
            .await
            .map_err(|e| StoreError::unavailable("GetItem", TABLE, e))?;
        Ok(answer.item().is_some_and(|item| item.contains_key("password_set_at")))
    }

    /// Writes a new user together with `also`, such as an audit entry and the request for the activation mail: all of
    /// it or nothing.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails.
    pub async fn create(&self, new: &NewUser, also: Vec<TransactWriteItem>) -> Result<Written, StoreError> {
        let user = &new.user;
        let mut items = vec![self.put_new(write(new))?, self.put_new(pointer(user))?];
        items.extend(search_items(&self.database, None, Some(user))?);
        items.extend(also);
        self.transact(items).await
    }

    /// Replaces a record that was read as `before`, if it still stands so: name, role, status, address, generations.
    /// With `also`, as [`create`](Self::create).
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails.
    pub async fn replace(
        &self,
        before: &User,
        after: &User,
        also: Vec<TransactWriteItem>,
    ) -> Result<Written, StoreError> {
        let mut items = Vec::new();
        // The pointer comes first: where the new address is taken, that is what is said.
        if before.email.key() != after.email.key() {
            items.push(self.put_new(pointer(after))?);
            let delete =
                Delete::builder().table_name(self.database.table(TABLE)).key("pk", s(address_key(before.email.key())));
            items.push(TransactWriteItem::builder().delete(delete.build().map_err(unbuildable)?).build());
        }
        items.push(self.update_record(before, after)?);
        items.extend(search_items(&self.database, Some(before), Some(after))?);
        items.extend(also);
        self.transact(items).await
    }

    fn update_record(&self, before: &User, after: &User) -> Result<TransactWriteItem, StoreError> {
        let mut set = "SET email = :email, email_key = :email_key, display_name = :name, #role = :role, \
                       #status = :status, token_generation = :tokens, session_generation = :sessions"
            .to_owned();
        let mut update = Update::builder();
        // Only where it changes: a tag that there are no words for yet stays what it is.
        if before.locale != after.locale {
            set += ", locale = :locale";
            update = update.expression_attribute_values(":locale", s(after.locale.as_str()));
        }
        let update = update
            .table_name(self.database.table(TABLE))
            .key("pk", s(user_key(before.id)))
            .update_expression(set)
            .condition_expression(
                "email_key = :seen_key AND #role = :seen_role AND #status = :seen_status AND token_generation = :seen_tokens \
                 AND session_generation = :seen_sessions AND display_name = :seen_name",
            )
            .expression_attribute_names("#role", "role")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":email", s(after.email.as_typed()))
            .expression_attribute_values(":email_key", s(after.email.key().as_str()))
            .expression_attribute_values(":name", s(&after.display_name))
            .expression_attribute_values(":role", s(after.role.as_str()))
            .expression_attribute_values(":status", s(after.status.as_str()))
            .expression_attribute_values(":tokens", n(after.token_generation))
            .expression_attribute_values(":sessions", n(after.session_generation))
            .expression_attribute_values(":seen_key", s(before.email.key().as_str()))
            .expression_attribute_values(":seen_name", s(&before.display_name))
            .expression_attribute_values(":seen_role", s(before.role.as_str()))
            .expression_attribute_values(":seen_status", s(before.status.as_str()))
            .expression_attribute_values(":seen_tokens", n(before.token_generation))
            .expression_attribute_values(":seen_sessions", n(before.session_generation))
            .build();
        Ok(TransactWriteItem::builder().update(update.map_err(unbuildable)?).build())
    }

    fn put_new(&self, item: Item) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder().table_name(self.database.table(TABLE)).set_item(Some(item));
        let put = put.condition_expression("attribute_not_exists(pk)").build();
        Ok(TransactWriteItem::builder().put(put.map_err(unbuildable)?).build())
    }

    async fn transact(&self, items: Vec<TransactWriteItem>) -> Result<Written, StoreError> {
        // The first condition that did not hold tells what was in the way.
        let is_pointer = |item: &TransactWriteItem| {
            let key = item.put().and_then(|put| put.item().get("pk")).and_then(|pk| pk.as_s().ok());
            key.is_some_and(|key| key.starts_with("address#"))
        };
        let pointers: Vec<_> = items.iter().map(is_pointer).collect();
        let answer = self.database.client().transact_write_items().set_transact_items(Some(items)).send().await;
        match answer.map_err(aws_sdk_dynamodb::error::SdkError::into_service_error) {
            Ok(_) => Ok(Written::Done),
            Err(TransactWriteItemsError::TransactionCanceledException(e)) => {
                let refused = |reason: &CancellationReason| reason.code() == Some("ConditionalCheckFailed");
                let first = e.cancellation_reasons().iter().position(refused);
                Ok(match first {
                    Some(first) if pointers.get(first) == Some(&true) => Written::AddressTaken,
                    _ => Written::Overtaken,
                })
            }
            Err(e) if e.is_transaction_in_progress_exception() => Ok(Written::Overtaken),
            Err(e) => Err(StoreError::unavailable("TransactWriteItems", TABLE, e)),
        }
    }

    /// The users with these ids, as far as there are any.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails or an item is damaged.
    pub async fn get_all(&self, ids: &[UserId]) -> Result<HashMap<UserId, User>, StoreError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let (expression, names) = projection();
        let keys = ids.iter().map(|id| Item::from([("pk".to_owned(), s(user_key(*id)))])).collect();
        let wanted = KeysAndAttributes::builder().set_keys(Some(keys)).projection_expression(expression);
        let mut wanted = Some(wanted.set_expression_attribute_names(Some(names)).build().map_err(unbuildable)?);
        let mut users = HashMap::new();
        let table = self.database.table(TABLE);
        // What did not fit into one answer comes with the next.
        while let Some(keys) = wanted {
            let request = self.database.client().batch_get_item().request_items(&table, keys);
            let answer = request.send().await.map_err(|e| StoreError::unavailable("BatchGetItem", TABLE, e))?;
            for item in answer.responses.unwrap_or_default().remove(&table).unwrap_or_default() {
                let user = read(&item)?;
                users.insert(user.id, user);
            }
            wanted = answer.unprocessed_keys.unwrap_or_default().remove(&table);
        }
        Ok(users)
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
        match request.send().await.map_err(aws_sdk_dynamodb::error::SdkError::into_service_error) {
            Ok(_) => Ok(()),
            // The password was changed meanwhile: the session that is about to begin is of a former generation and
            // will not hold.
            Err(e) if e.is_conditional_check_failed_exception() => Ok(()),
            Err(e) => Err(StoreError::unavailable("UpdateItem", TABLE, e)),
        }
    }

    /// The first administrator, if one was made.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails or an item is damaged.
    pub async fn first_admin(&self) -> Result<Option<FirstAdmin>, StoreError> {
        let Some(item) = self.read(FIRST_ADMIN, true, Freshness::Latest).await? else { return Ok(None) };
        let id = Reader::new(TABLE, &item).parsed("user_id")?;
        Ok(Some(FirstAdmin { id, user: self.get(id).await? }))
    }

    /// Naming the first administrator as a part of a transaction, which holds only if there is none.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the item can't be built.
    pub fn mark_first_admin(&self, id: UserId) -> Result<TransactWriteItem, StoreError> {
        self.put_new(Item::from([
            ("pk".to_owned(), s(FIRST_ADMIN)),
            ("user_id".to_owned(), s(id.to_string())),
            ("schema".to_owned(), n(1)),
        ]))
    }

    async fn id_of(&self, address: &AddressKey, freshness: Freshness) -> Result<Option<UserId>, StoreError> {
        let Some(item) = self.read(&address_key(address), true, freshness).await? else {
            return Ok(None);
        };
        Reader::new(TABLE, &item).parsed("user_id").map(Some)
    }

    async fn read(
        &self,
        key: &str,
        without_credentials: bool,
        freshness: Freshness,
    ) -> Result<Option<Item>, StoreError> {
        let request = self.database.client().get_item().table_name(self.database.table(TABLE));
        let mut request = request.key("pk", s(key)).consistent_read(freshness.is_consistent());
        if without_credentials {
            let (expression, names) = projection();
            request = request.projection_expression(expression).set_expression_attribute_names(Some(names));
        }
        let answer = request.send().await.map_err(|e| StoreError::unavailable("GetItem", TABLE, e))?;
        Ok(answer.item)
    }
}

/// Setting a password as a part of a transaction: holds only if the user still stands as it was read, kills every
/// other link, ends every session.
pub(crate) fn set_password_in_transaction(
    database: &Database,
    user: &User,
    hash: &PasswordHash,
    now: Timestamp,
) -> Result<TransactWriteItem, StoreError> {
    let update = Update::builder()
        .table_name(database.table(TABLE))
        .key("pk", s(user_key(user.id)))
        .update_expression(
            "SET password_hash = :hash, password_set_at = :now, #status = :active, token_generation = token_generation + :one, session_generation = session_generation + :one",
        )
        .condition_expression("#status = :seen_status AND token_generation = :seen_generation AND email_key = :address")
        .expression_attribute_names("#status", "status")
        .expression_attribute_values(":hash", s(hash.as_phc()))
        .expression_attribute_values(":now", time(now))
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

/// The expression for what is read without credentials, and the names in it.
fn projection() -> (String, HashMap<String, String>) {
    let names = || (0..WITHOUT_CREDENTIALS.len()).map(|number| format!("#a{number}"));
    let attributes = WITHOUT_CREDENTIALS.iter().map(|attribute| (*attribute).to_owned());
    (names().collect::<Vec<_>>().join(", "), names().zip(attributes).collect())
}

pub(super) fn unbuildable(error: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::unavailable("TransactWriteItems", TABLE, error)
}

fn pointer(user: &User) -> Item {
    Item::from([
        ("pk".to_owned(), s(address_key(user.email.key()))),
        ("user_id".to_owned(), s(user.id.to_string())),
        ("schema".to_owned(), n(1)),
    ])
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
        ("locale".to_owned(), s(user.locale.as_str())),
        ("created_at".to_owned(), time(user.created_at)),
        ("token_generation".to_owned(), n(user.token_generation)),
        ("session_generation".to_owned(), n(user.session_generation)),
        ("schema".to_owned(), n(1)),
    ]);
    if let Some(hash) = &new.password_hash {
        item.insert("password_hash".to_owned(), s(hash.as_phc()));
        item.insert("password_set_at".to_owned(), time(user.created_at));
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
        // Records may be older than the list of languages, and hold a tag that it does not have.
        locale: reader.text("locale")?.parse().unwrap_or_default(),
        created_at: reader.time("created_at")?,
        last_sign_in_at: reader.optional_time("last_sign_in_at"),
        token_generation: reader.number("token_generation")?,
        session_generation: reader.number("session_generation")?,
    })
}
