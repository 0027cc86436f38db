//! Erasing and exporting what is stored about one person (GDPR, articles 15 and 17).
//!
//! An erasure is a job in the table `Erasures`. The table's stream starts it and, because each part of it changes the
//! item, also continues it. After a crash or a fault, the stream delivers the record again, and the job continues where
//! it was.

mod api;
mod job;

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::State,
    http::StatusCode,
    routing::{get, post},
};
use mailkey::{
    EmailAddress,
    access::Permission,
    account::{User, UserId},
    audit::{Action, AuditDetail, Target},
    clock::rfc3339,
    entropy::{Ulid, new_ulid},
    erasure::{Erasure, Person, Pseudonyms},
};
use mailkey_api::{
    App,
    http::{AdminCaller, Caller, JsonBody, PathId, StrictJson},
    problem::{Problem, ProblemType},
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;

pub use api::operations;

/// How long an export may read tables that have no index. API Gateway waits 30 s for the response.
const EXPORT_READS_FOR: Duration = Duration::from_secs(15);

/// The dependencies of this function.
pub struct Erasures {
    /// The tables, the clock and the random source.
    pub app: App,
    /// Computes the pseudonyms that take the place of erased addresses.
    pub pseudonyms: Pseudonyms,
}

impl AsRef<App> for Erasures {
    fn as_ref(&self) -> &App {
        &self.app
    }
}

/// The HTTP routes that this function serves.
pub fn routes(function: Arc<Erasures>) -> Router {
    Router::new()
        .route("/api/admin/erasures", post(start))
        .route("/api/admin/erasures/{id}", get(show))
        .route("/api/admin/exports", post(export))
        .with_state(function)
}

/// Whom a request is about: exactly one of the two.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonRequest {
    user_id: Option<String>,
    address: Option<String>,
}

async fn start(
    State(function): State<Arc<Erasures>>,
    AdminCaller(caller): AdminCaller,
    StrictJson(body): StrictJson<PersonRequest>,
) -> Result<(StatusCode, JsonBody), Problem> {
    caller.stepped_up(function.app.now())?;
    let (person, user) = function.person(&body).await?;
    let erasure = function.start(&caller, person, user.as_ref()).await?;
    Ok((StatusCode::ACCEPTED, JsonBody(erasure.to_json())))
}

async fn show(
    State(function): State<Arc<Erasures>>,
    AdminCaller(_): AdminCaller,
    PathId(id): PathId<Ulid>,
) -> Result<JsonBody, Problem> {
    let erasure = function.app.db.erasures().get(id).await?;
    erasure.map(|erasure| JsonBody(erasure.to_json())).ok_or(Problem::new(ProblemType::NotFound))
}

async fn export(
    State(function): State<Arc<Erasures>>,
    AdminCaller(caller): AdminCaller,
    StrictJson(body): StrictJson<PersonRequest>,
) -> Result<JsonBody, Problem> {
    let (person, _) = function.person(&body).await?;
    function.export(&caller, &person).await.map(JsonBody)
}

impl Erasures {
    /// The person that a request names, with the account if there is one.
    async fn person(&self, body: &PersonRequest) -> Result<(Person, Option<User>), Problem> {
        let malformed = |detail: &str| Problem::new(ProblemType::MalformedRequest).with_detail(detail);
        let users = self.app.db.users();
        let (address, user) = match (&body.user_id, &body.address) {
            (Some(id), None) => {
                let no_id = || malformed("A user’s id has 26 letters and digits.").with_pointer("/user_id");
                let id: UserId = id.parse().map_err(|_| no_id())?;
                let user = users.get(id).await?.ok_or(Problem::new(ProblemType::NotFound))?;
                (user.email.key().clone(), Some(user))
            }
            (None, Some(address)) => {
                let no_address = |_| malformed("This isn’t an email address.").with_pointer("/address");
                let address = EmailAddress::parse(address).map_err(no_address)?.key().clone();
                let user = users.find(&address).await?;
                (address, user)
            }
            _ => return Err(malformed("Send either user_id or address.").with_pointer("/user_id")),
        };
        Ok((Person { user_id: user.as_ref().map(|user| user.id), address }, user))
    }

    /// Stores the erasure with its audit entry. From then on it can't be stopped.
    async fn start(&self, caller: &Caller, person: Person, user: Option<&User>) -> Result<Erasure, Problem> {
        let attempt = self.app.attempt(caller, Action::Erase, &self.target(&person))?;
        let allowed = user.map_or(Ok(()), |user| caller.may(Permission::Erase, user));
        if let Err(not_allowed) = allowed {
            return Err(attempt.refuse(not_allowed.into()).await);
        }
        let now = self.app.now();
        let erasure = Erasure::new(new_ulid(now, &*self.app.entropy)?, person, caller.user.id, now);
        let detail = AuditDetail::note(format!("erasure {}", erasure.id));
        attempt.carry_out(vec![self.app.db.erasures().start(&erasure)], detail).await?;
        Ok(erasure)
    }

    /// The export is audited before anything is read.
    async fn export(&self, caller: &Caller, person: &Person) -> Result<Value, Problem> {
        let attempt = self.app.attempt(caller, Action::ExportPerson, &self.target(person))?;
        attempt.note_done(AuditDetail::default()).await?;
        let started = Instant::now();
        let is_time_up = || started.elapsed() > EXPORT_READS_FOR;
        let data = self.app.db.personal_data();
        let mut stored = data.export(person, &self.pseudonyms.of(&person.address), &is_time_up).await?;
        for address in std::mem::take(&mut stored.former) {
            let former = Person { user_id: None, address };
            stored.add(data.export(&former, &self.pseudonyms.of(&former.address), &is_time_up).await?);
        }
        Ok(json!({
            "address": person.address.as_str(),
            "user_id": person.user_id.map(|id| id.to_string()),
            "exported_at": rfc3339(self.app.now()),
            "tables": stored.tables,
            "not_read_to_the_end": stored.not_read_to_the_end,
        }))
    }

    /// The audit log names a user by the id, anybody else by a pseudonym.
    fn target(&self, person: &Person) -> Target {
        person.user_id.map_or_else(|| Target::Address(self.pseudonyms.of(&person.address)), Target::User)
    }
}
