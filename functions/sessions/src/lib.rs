//! Who is signed in, and where: `GET /api/session`, `GET` and `DELETE /api/sessions`, `DELETE /api/sessions/{id}` and
//! `DELETE /api/admin/users/{id}/sessions`; and `DELETE /api/admin/users/{id}/second-factor`.
//!
//! A function of its own, so that portals that check a session don't wait behind the hashing of passwords.

mod api;

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::StatusCode,
    routing::{delete, get},
};
use mailkey::{
    access::Permission,
    account::{Role, User, UserId},
    audit::{Action, AuditDetail, Target},
    clock::rfc3339,
    recovery::SecurityEvent,
    session::{Session, SessionId},
};
use mailkey_api::{
    App, AuditedAction,
    http::{AdminCaller, Caller, JsonBody, PathId},
    problem::{Problem, ProblemType},
};
use mailkey_dynamodb::client::{Committed, Write};
use serde_json::json;

pub use api::operations;

/// The dependencies of this function.
pub struct Sessions {
    /// The tables, the clock and the random source.
    pub app: App,
}

impl AsRef<App> for Sessions {
    fn as_ref(&self) -> &App {
        &self.app
    }
}

/// The HTTP routes that this function serves.
pub fn routes(function: Arc<Sessions>) -> Router {
    Router::new()
        .route("/api/session", get(current))
        .route("/api/sessions", get(list).delete(end_others))
        .route("/api/sessions/{id}", delete(end))
        .route("/api/admin/users/{id}/sessions", delete(end_all))
        .route("/api/admin/users/{id}/second-factor", delete(remove_second_factor))
        .with_state(function)
}

async fn current(State(function): State<Arc<Sessions>>, caller: Caller) -> Result<JsonBody, Problem> {
    let session = caller.session()?;
    Ok(JsonBody(json!({
        "user": caller.user,
        "expires_at": rfc3339(session.expires_at),
        "second_factor": session.factor.as_str(),
        "directory": function.app.directory.as_str(),
    })))
}

async fn list(State(function): State<Arc<Sessions>>, caller: Caller) -> Result<JsonBody, Problem> {
    let current = caller.session()?;
    let sessions = function.alive(&caller.user, current).await?;
    let sessions: Vec<_> = sessions.iter().map(|session| session.to_json(session.id == current.id)).collect();
    Ok(JsonBody(json!({ "sessions": sessions })))
}

async fn end(
    State(function): State<Arc<Sessions>>,
    caller: Caller,
    PathId(id): PathId<SessionId>,
) -> Result<StatusCode, Problem> {
    let sessions = function.alive(&caller.user, caller.session()?).await?;
    let session = sessions.iter().find(|session| session.id == id).ok_or(Problem::new(ProblemType::NotFound))?;
    let ended = function.app.db.sessions().ended(&session.digest);
    function.carry_out(&caller, vec![ended], "one session").await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn end_others(State(function): State<Arc<Sessions>>, caller: Caller) -> Result<StatusCode, Problem> {
    let db = &function.app.db;
    let writes = vec![db.users().end_sessions(&caller.user), db.sessions().outlive(caller.session()?)];
    function.carry_out(&caller, writes, "all other sessions").await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn end_all(
    State(function): State<Arc<Sessions>>,
    AdminCaller(caller): AdminCaller,
    PathId(id): PathId<UserId>,
) -> Result<StatusCode, Problem> {
    let user = function.app.db.users().get(id).await?.ok_or(Problem::new(ProblemType::NotFound))?;
    let attempt = function.app.attempt(&caller, Action::EndSessions, &Target::User(user.id))?;
    if let Err(not_allowed) = caller.may(Permission::EndSessions, &user) {
        return Err(attempt.refuse(not_allowed.into()).await);
    }
    let writes = vec![function.app.db.users().end_sessions(&user)];
    done(attempt.try_to_carry_out(writes, AuditDetail::note("all sessions")).await?)?;
    Ok(StatusCode::NO_CONTENT)
}

/// For people who lost their device and their recovery codes: another administrator removes the second factor, and they get
/// a notice.
async fn remove_second_factor(
    State(function): State<Arc<Sessions>>,
    AdminCaller(caller): AdminCaller,
    PathId(id): PathId<UserId>,
) -> Result<StatusCode, Problem> {
    let app = &function.app;
    caller.stepped_up(app.now())?;
    let user = app.db.users().get(id).await?.ok_or(Problem::new(ProblemType::NotFound))?;
    let attempt = app.attempt(&caller, Action::RemoveSecondFactor, &Target::User(user.id))?;
    if let Err(not_allowed) = caller.may(Permission::RemoveSecondFactor, &user) {
        return Err(attempt.refuse(not_allowed.into()).await);
    }
    let notice = app.security_notice(&caller, SecurityEvent::SecondFactorRemoved, &[], &user)?;
    let writes = vec![app.db.users().remove_second_factor(user.id), notice];
    match attempt.try_to_carry_out(writes, AuditDetail::default()).await? {
        Committed::Done => Ok(StatusCode::NO_CONTENT),
        Committed::ConditionFailed(_) => {
            let none = Problem::new(ProblemType::NotFound).with_detail("This user has no second factor.");
            Err(attempt.refuse(none).await)
        }
    }
}

impl Sessions {
    /// The sessions of a user that hold now, the newest first.
    async fn alive(&self, user: &User, current: &Session) -> Result<Vec<Session>, Problem> {
        let mut sessions = self.app.db.sessions().of_user(user.id, current).await?;
        let now = self.app.now();
        sessions.retain(|session| session.holds(user, now));
        Ok(sessions)
    }

    /// Ends sessions of the caller. The audit log records it if the caller is staff.
    async fn carry_out(&self, caller: &Caller, writes: Vec<Write>, what: &str) -> Result<(), Problem> {
        if caller.role == Role::Member {
            return done(self.app.db.commit(writes).await?);
        }
        let attempt: AuditedAction = self.app.attempt(caller, Action::EndSessions, &Target::User(caller.user.id))?;
        done(attempt.try_to_carry_out(writes, AuditDetail::note(what)).await?)
    }
}

/// If someone else ended sessions meanwhile, the caller has to look again.
fn done(committed: Committed) -> Result<(), Problem> {
    match committed {
        Committed::Done => Ok(()),
        Committed::ConditionFailed(_) => Err(Problem::new(ProblemType::StaleVersion)),
    }
}
