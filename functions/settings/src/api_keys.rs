//! `GET` and `POST /api/admin/api-keys`, `DELETE /api/admin/api-keys/{id}`.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use jiff::{SignedDuration, Timestamp};
use mailkey::{
    account::Role,
    api_key::{ApiKey, PREFIX},
    audit::{Action, AuditDetail, Target},
    entropy::{Ulid, new_ulid},
    recovery::SecurityEvent,
    secret::Secret,
};
use mailkey_api::{
    http::{AdminCaller, Caller, Credential, JsonBody, PathId, StrictJson},
    openapi::DisplayName,
    problem::{Problem, ProblemType},
    routes::least_role,
};
use mailkey_dynamodb::StoreError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Settings;

/// Maximum lifetime of a key in days. Keys that no one renews should expire.
pub(crate) const MAX_DAYS: i64 = 366;

/// How many routes a key can be limited to.
pub(crate) const MAX_ROUTES: usize = 20;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateApiKeyRequest {
    /// The name of the key.
    #[schemars(with = "DisplayName")]
    pub(crate) name: String,
    /// The role.
    #[schemars(extend("enum" = ["support", "admin"]))]
    pub(crate) role: String,
    /// The routes that the key may call. Empty: all of its role.
    #[schemars(length(max = MAX_ROUTES), inner(regex(pattern = r"^(GET|POST|PUT|PATCH|DELETE) /api/[!-~]{0,95}$")))]
    pub(crate) routes: Option<Vec<String>>,
    /// After how many days it expires.
    #[schemars(range(min = 1, max = MAX_DAYS))]
    pub(crate) expires_in_days: i64,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct ApiKeys {
    /// The API keys, the newest first.
    pub(crate) api_keys: Vec<ApiKey>,
}

/// A new API key, with its secret.
#[derive(Serialize, JsonSchema)]
pub(crate) struct CreatedApiKey {
    #[serde(flatten)]
    pub(crate) key: ApiKey,
    /// Shown only once, because we store only its digest.
    #[schemars(regex(pattern = r"^mk_[A-Za-z0-9_-]{43}$"))]
    pub(crate) api_key: String,
}

pub(crate) async fn list(
    State(function): State<Arc<Settings>>,
    AdminCaller(_): AdminCaller,
) -> Result<JsonBody<ApiKeys>, Problem> {
    Ok(JsonBody(ApiKeys { api_keys: function.app.db.api_keys().list().await? }))
}

pub(crate) async fn create(
    State(function): State<Arc<Settings>>,
    AdminCaller(caller): AdminCaller,
    StrictJson(body): StrictJson<CreateApiKeyRequest>,
) -> Result<(StatusCode, JsonBody<CreatedApiKey>), Problem> {
    let now = function.app.now();
    caller.stepped_up(now)?;
    let secret = Secret::generate(&*function.app.entropy).map_err(StoreError::from)?;
    let key = ApiKey {
        id: new_ulid(now, &*function.app.entropy).map_err(StoreError::from)?,
        digest: secret.digest(),
        name: name(&body.name)?,
        role: role(&body.role)?,
        routes: routes(body.routes.unwrap_or_default())?,
        created_by: caller.user.id,
        created_at: now,
        expires_at: expiry(body.expires_in_days, now)?,
        revoked_at: None,
        last_used_at: None,
    };
    function.create_key(&caller, &key).await?;
    let api_key = format!("{PREFIX}{}", secret.reveal());
    Ok((StatusCode::CREATED, JsonBody(CreatedApiKey { key, api_key })))
}

pub(crate) async fn revoke(
    State(function): State<Arc<Settings>>,
    AdminCaller(caller): AdminCaller,
    PathId(id): PathId<Ulid>,
) -> Result<StatusCode, Problem> {
    caller.stepped_up(function.app.now())?;
    let keys = function.app.db.api_keys().list().await?;
    let key = keys.iter().find(|key| key.id == id).ok_or(Problem::new(ProblemType::NotFound))?;
    let attempt = function.app.attempt(&caller, Action::RevokeApiKey, &Target::ApiKey(id.to_string()))?;
    let now = function.app.now();
    attempt.carry_out(vec![function.app.db.api_keys().revoke(key, now)], AuditDetail::default()).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl Settings {
    /// A key can't create keys: otherwise a leaked key could outlive its revocation. The creator and the other
    /// administrators are told.
    async fn create_key(&self, caller: &Caller, key: &ApiKey) -> Result<(), Problem> {
        let attempt = self.app.attempt(caller, Action::CreateApiKey, &Target::ApiKey(key.id.to_string()))?;
        if matches!(caller.credential, Credential::ApiKey(_)) {
            let problem = Problem::new(ProblemType::NotAllowed)
                .with_detail("An API key can’t create another key. Sign in instead.");
            return Err(attempt.refuse(problem).await);
        }
        if let Err(problem) = reaches(key) {
            return Err(attempt.refuse(problem).await);
        }
        let routes = if key.routes.is_empty() { "every route of the role".to_owned() } else { key.routes.join(", ") };
        let detail = AuditDetail::note(format!("role {}, until {}, {routes}", key.role, key.expires_at));
        let names = [key.name.clone()];
        let mut writes =
            self.app.tell_administrators(caller, SecurityEvent::ApiKeyCreated, &names, Some(&caller.user)).await?;
        writes.push(self.app.db.api_keys().create(key));
        Ok(attempt.carry_out(writes, detail).await?)
    }
}

fn malformed(detail: &str) -> Problem {
    Problem::new(ProblemType::MalformedRequest).with_detail(detail)
}

fn name(text: &str) -> Result<String, Problem> {
    let good = (1..=100).contains(&text.trim().chars().count()) && !text.chars().any(char::is_control);
    if good {
        Ok(text.trim().to_owned())
    } else {
        Err(malformed("A name must have 1 to 100 characters.").with_pointer("/name"))
    }
}

fn role(text: &str) -> Result<Role, Problem> {
    match text.parse() {
        Ok(role @ (Role::Support | Role::Admin)) => Ok(role),
        _ => Err(malformed("A key’s role must be support or admin.").with_pointer("/role")),
    }
}

fn routes(routes: Vec<String>) -> Result<Vec<String>, Problem> {
    let is_route = |route: &String| {
        let parts = route.split_once(' ');
        parts.is_some_and(|(method, path)| {
            ["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&method)
                && path.starts_with("/api/")
                && path.len() <= 100
                && path.bytes().all(|b| b.is_ascii_graphic())
        })
    };
    if routes.len() <= MAX_ROUTES && routes.iter().all(is_route) {
        Ok(routes)
    } else {
        Err(malformed("Write routes as in `GET /api/admin/users/{id}`. A key can have at most 20.")
            .with_pointer("/routes"))
    }
}

/// A key is limited to routes that exist and that its role may call. Otherwise the limit would mean something else than
/// its creator believes.
fn reaches(key: &ApiKey) -> Result<(), Problem> {
    let refuse = |index: usize, why: &str| {
        let detail = format!("The field /routes/{index} {why}.");
        Err(Problem::new(ProblemType::NotAllowed).with_detail(detail))
    };
    for (index, route) in key.routes.iter().enumerate() {
        match least_role(route) {
            None => return refuse(index, "isn’t a route of this API"),
            Some(least) if least > key.role => return refuse(index, &format!("needs a key with the role {least}")),
            Some(_) => {}
        }
    }
    Ok(())
}

fn expiry(days: i64, now: Timestamp) -> Result<Timestamp, Problem> {
    if !(1..=MAX_DAYS).contains(&days) {
        return Err(malformed("A key must expire within 1 to 366 days.").with_pointer("/expires_in_days"));
    }
    Ok(now.saturating_add(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MAX))
}
