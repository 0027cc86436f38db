//! The user records: find, create, import, show and edit.

mod api;
mod edit;
mod first_admin;
mod import;
mod operator;
mod record;

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::StatusCode,
    routing::{get, post},
};
use mailkey::{
    EmailAddress, Locale,
    account::{Role, User, UserId, UserStatus},
    config::Directory,
    dns::MxVerdict,
    paging::CursorKey,
    typo,
    watched::WatchedSenders,
};
use mailkey_api::{
    App,
    http::{AdminCaller, JsonBody, PathId, StrictJson, StrictQuery, SupportCaller},
    problem::{Problem, ProblemType},
};
use serde::Deserialize;
use serde_json::{Value, json};

pub use api::operations;
pub use first_admin::FirstAdminRefused;
pub use operator::{OperatorError, RemovalRefused};

/// The dependencies of this function.
pub struct Users {
    /// The tables, the clock and the random source.
    pub app: App,
    /// Signs cursors.
    pub cursors: CursorKey,
    /// The senders whose email is logged, too.
    pub watched: WatchedSenders,
}

impl AsRef<App> for Users {
    fn as_ref(&self) -> &App {
        &self.app
    }
}

/// The HTTP routes that this function serves.
pub fn routes(function: Arc<Users>) -> Router {
    Router::new()
        .route("/api/admin/users", get(list).post(create))
        .route("/api/admin/users/import", post(import))
        .route("/api/admin/users/{id}", get(show).patch(edit))
        .with_state(function)
}

async fn list(
    State(function): State<Arc<Users>>,
    SupportCaller(caller): SupportCaller,
    mut query: StrictQuery,
) -> Result<JsonBody, Problem> {
    let (text, limit, cursor) = (query.text("query").unwrap_or_default(), query.limit()?, query.cursor()?);
    query.finish()?;
    let scope = format!("users|{text}|{}", caller.user.id);
    let after = cursor.map(|cursor| function.cursors.open(&scope, &cursor)).transpose()?;
    let page = function.app.db.users().search(&text, after.as_deref(), limit).await?;
    let next = page.next.map(|position| function.cursors.seal(&scope, &position));
    Ok(JsonBody(json!({ "users": page.rows, "next_cursor": next })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateUserRequest {
    email: String,
    display_name: String,
    role: Option<String>,
    locale: Option<String>,
    external_id: Option<String>,
}

async fn create(
    State(function): State<Arc<Users>>,
    AdminCaller(caller): AdminCaller,
    StrictJson(body): StrictJson<CreateUserRequest>,
) -> Result<(StatusCode, JsonBody), Problem> {
    let new = edit::Profile {
        email: email(&body.email)?,
        display_name: display_name(&body.display_name)?,
        role: body.role.as_deref().map(role).transpose()?.unwrap_or(Role::Member),
        locale: body.locale.as_deref().map(locale).transpose()?.unwrap_or_default(),
        external_id: body.external_id.as_deref().map(external_id).transpose()?,
    };
    function.refuse_members(new.role)?;
    let user = function.create(&caller, new).await?;
    Ok((StatusCode::CREATED, JsonBody(with_warnings(json!(user), &user.email))))
}

async fn import(
    State(function): State<Arc<Users>>,
    AdminCaller(caller): AdminCaller,
    StrictJson(body): StrictJson<import::ImportRequest>,
) -> Result<JsonBody, Problem> {
    caller.stepped_up(function.app.now())?;
    Ok(JsonBody(function.import(&caller, body.users).await?))
}

async fn show(
    State(function): State<Arc<Users>>,
    SupportCaller(_): SupportCaller,
    PathId(id): PathId<UserId>,
) -> Result<JsonBody, Problem> {
    let user = function.user(id).await?;
    Ok(JsonBody(function.record(&user).await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EditUserRequest {
    email: Option<String>,
    display_name: Option<String>,
    role: Option<String>,
    status: Option<String>,
    locale: Option<String>,
}

async fn edit(
    State(function): State<Arc<Users>>,
    AdminCaller(caller): AdminCaller,
    PathId(id): PathId<UserId>,
    StrictJson(body): StrictJson<EditUserRequest>,
) -> Result<JsonBody, Problem> {
    let changes = edit::Changes {
        email: body.email.as_deref().map(email).transpose()?,
        display_name: body.display_name.as_deref().map(display_name).transpose()?,
        role: body.role.as_deref().map(role).transpose()?,
        status: body.status.as_deref().map(status).transpose()?,
        locale: body.locale.as_deref().map(locale).transpose()?,
    };
    changes.role.map_or(Ok(()), |role| function.refuse_members(role))?;
    let user = function.user(id).await?;
    let edited = function.edit(&caller, &user, changes).await?;
    Ok(JsonBody(with_warnings(function.record(&edited).await?, &edited.email)))
}

impl Users {
    /// Without a directory, members don't exist.
    fn refuse_members(&self, role: Role) -> Result<(), Problem> {
        match self.app.directory {
            Directory::None if role == Role::Member => {
                Err(malformed("Only staff have accounts here. The role must be support or admin.")
                    .with_pointer("/role"))
            }
            Directory::Own | Directory::None => Ok(()),
        }
    }

    async fn user(&self, id: UserId) -> Result<User, Problem> {
        self.app.db.users().get(id).await?.ok_or(Problem::new(ProblemType::NotFound))
    }
}

/// Adds what is probably wrong with an address, and the intended spelling. Only administrators see this.
pub(crate) fn with_warnings(mut user: Value, address: &EmailAddress) -> Value {
    let ascii = address.in_ascii();
    let typo = typo::suggest(ascii.as_ref().unwrap_or(address), &[], MxVerdict::Unknown).map(|found| found.address);
    if let Some(suggestion) = typo.or(ascii).filter(EmailAddress::is_supported_by_ses) {
        user["suggestion"] = suggestion.as_typed().into();
    }
    if !address.is_supported_by_ses() {
        let detail = "SES can’t send to this address, because it has characters other than ASCII before the @.";
        user["warnings"] = json!([{ "code": "non_ascii_local_part", "detail": detail }]);
    }
    user
}

fn malformed(detail: &str) -> Problem {
    Problem::new(ProblemType::MalformedRequest).with_detail(detail)
}

fn email(text: &str) -> Result<EmailAddress, Problem> {
    EmailAddress::parse(text)
        .map_err(|e| malformed(&format!("This isn’t an email address: {e}.")).with_pointer("/email"))
}

/// A name has 1 to 100 characters and no control characters. It is still untrusted text: escape it wherever it is
/// shown.
fn display_name(text: &str) -> Result<String, Problem> {
    let name = text.trim();
    let good = (1..=100).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if good {
        Ok(name.to_owned())
    } else {
        Err(malformed("A display name must have 1 to 100 characters and no control characters.")
            .with_pointer("/display_name"))
    }
}

/// The portal's id of a user: any text without spaces at the ends and control characters.
fn external_id(text: &str) -> Result<String, Problem> {
    let id = text.trim();
    if (1..=64).contains(&id.chars().count()) && !id.chars().any(char::is_control) {
        Ok(id.to_owned())
    } else {
        Err(malformed("An external id must have 1 to 64 characters and no control characters."))
    }
}

fn role(text: &str) -> Result<Role, Problem> {
    text.parse().map_err(|_| malformed("The role must be member, support or admin.").with_pointer("/role"))
}

/// New users start as pending; an edit can't set that status.
fn status(text: &str) -> Result<UserStatus, Problem> {
    match text.parse() {
        Ok(status @ (UserStatus::Active | UserStatus::Inactive)) => Ok(status),
        _ => Err(malformed("The status must be active or inactive.").with_pointer("/status")),
    }
}

/// We have no regional variants, so `de-AT` becomes `de`.
fn locale(text: &str) -> Result<Locale, Problem> {
    text.parse().map_err(|_| {
        let known: Vec<_> = Locale::ALL.iter().map(|locale| locale.as_str()).collect();
        malformed(&format!("The locale must be one of {}, with or without a region.", known.join(", ")))
            .with_pointer("/locale")
    })
}
