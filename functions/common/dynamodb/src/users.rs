//! The table `Users`.
//!
//! Two kinds of items: `user#<id>`, the record; and `address#<canonical address>`, which points to it and, being a key,
//! makes each address one user's.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::client::{
    AttributeValue, Committed, Database, Item, Reader, StoreError, Write, item, n, optional, s, set_of, time,
};
use crate::user_search::search_writes;
use mailkey::account::{
    AddressKey, EmailAddress, FirstAdmin, NewUser, PasswordHash, User, UserId, UserStatus, WithCredentials, Written,
};
use mailkey::second_factor::{CurrentFactor, PendingFactor, SealedSecret, SecondFactors};
use mailkey::secret::SecretDigest;

const TABLE: &str = "Users";

/// What a caller without business with passwords reads of a record. The policies in the template name the same.
const WITHOUT_CREDENTIALS: &[&str] = &[
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
    "external_id",
    "user_id",
];

/// The second factor. Like the password hash, these attributes are credentials.
const FACTOR: &str = "second_factor";
const FACTOR_STEP: &str = "second_factor_step";
const FACTOR_CODES: &str = "second_factor_codes";
const FACTOR_SINCE: &str = "second_factor_since";
const FACTOR_PENDING: &str = "second_factor_pending";
const FACTOR_PENDING_SINCE: &str = "second_factor_pending_since";

/// Reads and writes user records.
#[derive(Debug, Clone)]
pub struct UserStore {
    database: Database,
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
    pub async fn get(&self, id: UserId) -> Result<Option<User>, StoreError> {
        self.without_credentials(user_key(id)).await?.as_ref().map(read).transpose()
    }

    /// The user whose address this is.
    pub async fn find(&self, address: &AddressKey) -> Result<Option<User>, StoreError> {
        match self.id_of(address).await? {
            Some(id) => Ok(self.get(id).await?.filter(|user| user.email.key() == address)),
            None => Ok(None),
        }
    }

    /// The user whose address this is, with the credentials. Makes the same calls whether there is one or not, so that
    /// neither number nor time of calls tells.
    pub async fn find_for_sign_in(&self, address: &AddressKey) -> Result<Option<WithCredentials>, StoreError> {
        let key = self.id_of(address).await?.map_or_else(|| "user#nobody".to_owned(), user_key);
        let Some(item) = self.database.get(TABLE, [("pk", s(key))]).await? else {
            return Ok(None);
        };
        let user = read(&item)?;
        let password_hash = Reader::new(TABLE, &item).optional_text("password_hash").map(PasswordHash::from_phc);
        let second_factors = read_factors(&item)?;
        Ok((user.email.key() == address).then_some(WithCredentials { user, password_hash, second_factors }))
    }

    /// Whether a user has a password. Nothing else of it is read.
    pub async fn has_password(&self, id: UserId) -> Result<bool, StoreError> {
        let attribute = "password_set_at";
        let item = self.database.get_attributes(TABLE, key(user_key(id)), &[attribute]).await?;
        Ok(item.is_some_and(|item| item.contains_key(attribute)))
    }

    /// Writes a new user together with `also`, such as an audit entry and the request for the activation email.
    pub async fn create(&self, new: &NewUser, also: Vec<Write>) -> Result<Written, StoreError> {
        let user = &new.user;
        let mut writes = vec![put_pointer(user), Write::put_new(TABLE, write(new), "pk")];
        writes.extend(search_writes(None, Some(user)));
        writes.extend(also);
        self.commit(writes, true).await
    }

    /// A user's stored item, without the credentials.
    pub(crate) async fn item(&self, id: UserId) -> Result<Option<Item>, StoreError> {
        self.without_credentials(user_key(id)).await
    }

    /// Deletes a user as it was read, with everything it is found by. Returns how many items are gone.
    pub async fn erase(&self, user: &User) -> Result<i64, StoreError> {
        let unchanged = "address_key = :seen_key AND display_name = :seen_name";
        let mut writes = vec![
            Write::delete(TABLE, key_of(&user_key(user.id)))
                .only_if(unchanged)
                .value(":seen_key", s(user.email.key().as_str()))
                .value(":seen_name", s(&user.display_name)),
            Write::delete(TABLE, key_of(&address_key(user.email.key()))),
        ];
        writes.extend(search_writes(Some(user), None));
        let erased = i64::try_from(writes.len()).unwrap_or(i64::MAX);
        match self.database.commit(writes).await? {
            Committed::Done => Ok(erased),
            Committed::ConditionFailed(_) => Err(StoreError::contended(TABLE)),
        }
    }

    /// Replaces a record that was read as `before`, unless its name, role, status, address or generations changed since
    /// then. With `also`, as [`create`](Self::create).
    pub async fn replace(&self, before: &User, after: &User, also: Vec<Write>) -> Result<Written, StoreError> {
        let moves = before.email.key() != after.email.key();
        let mut writes = Vec::new();
        if moves {
            writes.push(put_pointer(after));
            writes.push(Write::delete(TABLE, [("pk", s(address_key(before.email.key())))]));
        }
        writes.push(update_record(before, after));
        writes.extend(search_writes(Some(before), Some(after)));
        writes.extend(also);
        self.commit(writes, moves).await
    }

    /// Commits writes of which the first claims an address, if `claims`. Where several conditions fail, the address
    /// counts.
    async fn commit(&self, writes: Vec<Write>, claims: bool) -> Result<Written, StoreError> {
        Ok(match self.database.commit(writes).await? {
            Committed::Done => Written::Done,
            Committed::ConditionFailed(0) if claims => Written::AddressTaken,
            Committed::ConditionFailed(_) => Written::Conflict,
        })
    }

    /// The users with these ids, as far as there are any.
    pub async fn get_all(&self, ids: &[UserId]) -> Result<HashMap<UserId, User>, StoreError> {
        let keys = ids.iter().map(|id| key(user_key(*id))).collect();
        let items = self.database.batch_get(TABLE, keys, WITHOUT_CREDENTIALS).await?;
        items.iter().map(|item| read(item).map(|user| (user.id, user))).collect()
    }

    /// Notes a sign-in; with `renewed` also a hash of the same password with today's parameters, unless the password
    /// was changed since `seen` was read.
    pub async fn signed_in(
        &self,
        seen: &WithCredentials,
        renewed: Option<&PasswordHash>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let update = Write::update(TABLE, [("pk", s(user_key(seen.user.id)))])
            .set("last_sign_in_at", time(now))
            .only_if("session_generation = :seen")
            .value(":seen", n(seen.user.session_generation));
        let update = match renewed {
            Some(hash) => update.set("password_hash", s(hash.as_phc())),
            None => update,
        };
        // If the condition fails, the password was changed meanwhile. The session that is about to begin is then of a
        // former generation and invalid.
        self.database.write(update).await?;
        Ok(())
    }

    /// Stores the secret of a second factor that is being set up, in the place of one that was begun before.
    pub async fn begin_enrolment(
        &self,
        id: UserId,
        sealed: &SealedSecret,
        now: Timestamp,
    ) -> Result<Committed, StoreError> {
        let update = Write::update(TABLE, [("pk", s(user_key(id)))])
            .set(FACTOR_PENDING, s(sealed.as_str()))
            .set(FACTOR_PENDING_SINCE, time(now))
            .only_if("attribute_exists(pk)");
        Ok(self.database.write(update).await?)
    }

    /// The write that puts the pending second factor in force and ends every session, unless another one was begun
    /// meanwhile.
    pub fn confirm_enrolment(
        &self,
        id: UserId,
        sealed: &SealedSecret,
        step: i64,
        recovery_codes: &[SecretDigest],
        now: Timestamp,
    ) -> Write {
        Write::update(TABLE, [("pk", s(user_key(id)))])
            .set(FACTOR, s(sealed.as_str()))
            .set(FACTOR_STEP, n(step))
            .set(FACTOR_CODES, set_of(recovery_codes.iter().map(|digest| digest.as_str().to_owned())))
            .set(FACTOR_SINCE, time(now))
            .remove(FACTOR_PENDING)
            .remove(FACTOR_PENDING_SINCE)
            .set_expression("session_generation = session_generation + :one")
            .value(":one", n(1))
            .only_if("#pending = :pending")
            .name("#pending", FACTOR_PENDING)
            .value(":pending", s(sealed.as_str()))
    }

    /// Notes that the code of a step was used, unless it or a later one was used already.
    pub async fn spend_step(&self, id: UserId, sealed: &SealedSecret, step: i64) -> Result<Committed, StoreError> {
        let update = Write::update(TABLE, [("pk", s(user_key(id)))])
            .set(FACTOR_STEP, n(step))
            .only_if("#factor = :factor AND #step < :step")
            .name("#factor", FACTOR)
            .name("#step", FACTOR_STEP)
            .value(":factor", s(sealed.as_str()))
            .value(":step", n(step));
        Ok(self.database.write(update).await?)
    }

    /// Spends a recovery code, if there is one with this digest.
    pub async fn spend_recovery_code(&self, id: UserId, digest: &SecretDigest) -> Result<Committed, StoreError> {
        let update = Write::update(TABLE, [("pk", s(user_key(id)))])
            .delete_from_set(FACTOR_CODES, set_of([digest.as_str().to_owned()]))
            .only_if("contains(#codes, :code)")
            .name("#codes", FACTOR_CODES)
            .value(":code", s(digest.as_str()));
        Ok(self.database.write(update).await?)
    }

    /// The write that removes a user's second factor and ends every session, if there is a second factor.
    pub fn remove_second_factor(&self, id: UserId) -> Write {
        let attributes = [FACTOR, FACTOR_STEP, FACTOR_CODES, FACTOR_SINCE, FACTOR_PENDING, FACTOR_PENDING_SINCE];
        let update = Write::update(TABLE, [("pk", s(user_key(id)))])
            .set_expression("session_generation = session_generation + :one")
            .value(":one", n(1))
            .only_if(format!("attribute_exists({FACTOR_SINCE})"));
        attributes.into_iter().fold(update, Write::remove)
    }

    /// The first administrator, if one was made.
    pub async fn first_admin(&self) -> Result<Option<FirstAdmin>, StoreError> {
        let Some(item) = self.without_credentials(FIRST_ADMIN).await? else { return Ok(None) };
        let id = Reader::new(TABLE, &item).parsed("user_id")?;
        Ok(Some(FirstAdmin { id, user: self.get(id).await? }))
    }

    /// The write that names the first administrator, unless there is one.
    pub fn mark_first_admin(&self, id: UserId) -> Write {
        let marker = item([("pk", s(FIRST_ADMIN)), ("user_id", s(id.to_string())), ("schema", n(1))]);
        Write::put_new(TABLE, marker, "pk")
    }

    /// The write that sets a password, ends every session and cancels every link, unless the user changed since it was
    /// read.
    pub fn set_password(&self, user: &User, hash: &PasswordHash, now: Timestamp) -> Write {
        set_password(user, hash, now)
    }

    /// The write that takes a user's password away, ends every session and cancels every link, unless the user changed
    /// since it was read. Only a link sets a password again.
    pub fn remove_password(&self, user: &User) -> Write {
        Write::update(TABLE, [("pk", s(user_key(user.id)))])
            .remove("password_hash")
            .remove("password_set_at")
            .set_expression(
                "token_generation = token_generation + :one, session_generation = session_generation + :one",
            )
            .value(":one", n(1))
            .only_if("#status = :seen_status AND token_generation = :seen_generation AND address_key = :address")
            .name("#status", "status")
            .value(":seen_status", s(user.status.as_str()))
            .value(":seen_generation", n(user.token_generation))
            .value(":address", s(user.email.key().as_str()))
    }

    /// The write that ends every session of a user, unless that was done since the user was read.
    pub fn end_sessions(&self, user: &User) -> Write {
        Write::update(TABLE, [("pk", s(user_key(user.id)))])
            .set("session_generation", n(user.session_generation + 1))
            .only_if("#session_generation = :seen")
            .value(":seen", n(user.session_generation))
    }

    async fn id_of(&self, address: &AddressKey) -> Result<Option<UserId>, StoreError> {
        let Some(item) = self.without_credentials(address_key(address)).await? else { return Ok(None) };
        Reader::new(TABLE, &item).parsed("user_id").map(Some)
    }

    async fn without_credentials(&self, pk: impl Into<String>) -> Result<Option<Item>, StoreError> {
        Ok(self.database.get_attributes(TABLE, key(pk), WITHOUT_CREDENTIALS).await?)
    }
}

fn key(pk: impl Into<String>) -> Item {
    item([("pk", s(pk))])
}

fn key_of(pk: &str) -> [(&'static str, AttributeValue); 1] {
    [("pk", s(pk))]
}

/// The write that sets a password, ends every session and cancels every other link, unless the user changed since it
/// was read.
pub(crate) fn set_password(user: &User, hash: &PasswordHash, now: Timestamp) -> Write {
    Write::update(TABLE, [("pk", s(user_key(user.id)))])
        .set("password_hash", s(hash.as_phc()))
        .set("password_set_at", time(now))
        .set("status", s(UserStatus::Active.as_str()))
        .set_expression("token_generation = token_generation + :one, session_generation = session_generation + :one")
        .value(":one", n(1))
        .only_if("#status = :seen_status AND token_generation = :seen_generation AND address_key = :address")
        .value(":seen_status", s(user.status.as_str()))
        .value(":seen_generation", n(user.token_generation))
        .value(":address", s(user.email.key().as_str()))
}

fn update_record(before: &User, after: &User) -> Write {
    let update = Write::update(TABLE, [("pk", s(user_key(before.id)))])
        .set("email", s(after.email.as_typed()))
        .set("address_key", s(after.email.key().as_str()))
        .set("display_name", s(&after.display_name))
        .set("role", s(after.role.as_str()))
        .set("status", s(after.status.as_str()))
        .set("token_generation", n(after.token_generation))
        .set("session_generation", n(after.session_generation))
        .only_if(
            "#address_key = :seen_key AND #email = :seen_email AND #role = :seen_role AND #status = :seen_status \
             AND #display_name = :seen_name AND #token_generation = :seen_tokens AND #session_generation = :seen_sessions",
        )
        .value(":seen_key", s(before.email.key().as_str()))
        .value(":seen_email", s(before.email.as_typed()))
        .value(":seen_role", s(before.role.as_str()))
        .value(":seen_status", s(before.status.as_str()))
        .value(":seen_name", s(&before.display_name))
        .value(":seen_tokens", n(before.token_generation))
        .value(":seen_sessions", n(before.session_generation));
    // A record may have a language that this version doesn't know. It stays as it is unless the language is changed.
    if before.locale == after.locale { update } else { update.set("locale", s(after.locale.as_str())) }
}

fn read_factors(item: &Item) -> Result<SecondFactors, StoreError> {
    let reader = Reader::new(TABLE, item);
    let sealed = |attribute| reader.optional_text(attribute).map(SealedSecret::from_stored);
    let current = |sealed| Ok::<_, StoreError>(CurrentFactor { sealed, last_step: reader.number(FACTOR_STEP)? });
    let pending = |sealed| Ok::<_, StoreError>(PendingFactor { sealed, since: reader.time(FACTOR_PENDING_SINCE)? });
    Ok(SecondFactors {
        current: sealed(FACTOR).map(current).transpose()?,
        pending: sealed(FACTOR_PENDING).map(pending).transpose()?,
    })
}

fn put_pointer(user: &User) -> Write {
    let address = s(address_key(user.email.key()));
    Write::put_new(TABLE, item([("pk", address), ("user_id", s(user.id.to_string())), ("schema", n(1))]), "pk")
}

fn user_key(id: UserId) -> String {
    format!("user#{id}")
}

fn address_key(address: &AddressKey) -> String {
    format!("address#{}", address.as_str())
}

fn write(new: &NewUser) -> Item {
    let user = &new.user;
    let mut item = item([
        ("pk", s(user_key(user.id))),
        ("user_id", s(user.id.to_string())),
        ("email", s(user.email.as_typed())),
        ("address_key", s(user.email.key().as_str())),
        ("display_name", s(&user.display_name)),
        ("role", s(user.role.as_str())),
        ("status", s(user.status.as_str())),
        ("locale", s(user.locale.as_str())),
        ("created_at", time(user.created_at)),
        ("token_generation", n(user.token_generation)),
        ("session_generation", n(user.session_generation)),
        ("schema", n(1)),
    ]);
    item.extend(optional([
        ("password_hash", new.password_hash.as_ref().map(|hash| s(hash.as_phc()))),
        ("password_set_at", new.password_hash.as_ref().map(|_| time(user.created_at))),
        ("last_sign_in_at", user.last_sign_in_at.map(time)),
        ("external_id", user.external_id.as_ref().map(s)),
    ]));
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
        external_id: reader.optional_text("external_id").map(ToOwned::to_owned),
    })
}
