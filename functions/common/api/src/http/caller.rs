//! Who calls: a session or an API key, and the user behind it as the record stands at this very request.

use std::{convert::Infallible, net::IpAddr, sync::Arc};

use axum::{
    extract::{FromRequestParts, MatchedPath},
    http::{HeaderMap, HeaderValue, Method, header, request::Parts},
};
use jiff::Timestamp;
use mailkey::{
    RequestId,
    access::{NotAllowed, Permission, authorize, may_with_key},
    account::{Role, User, UserStatus},
    api_key::{ApiKey, PREFIX},
    audit::{Action, Actor, Target},
    secret::Secret,
    session::{LIFETIME, Session, SessionToken},
};

use crate::{
    App,
    problem::{Problem, ProblemType},
};

/// The session's cookie. `__Host-` makes browsers insist on `Secure`, on `Path=/` and on no `Domain`.
pub const SESSION_COOKIE: &str = "__Host-mailkey-session";

/// The header by which a page marks a request that it makes by itself, such as polling. Such a request doesn't count as
/// use of the session.
const BACKGROUND: &str = "mailkey-background";

/// What a session may do whose user still has to set up a second factor.
const WITHOUT_FACTOR: [&str; 5] = [
    "GET /api/session",
    "POST /api/sign-out",
    "POST /api/step-up",
    "POST /api/second-factor",
    "POST /api/second-factor/confirm",
];

const SET_UP_FIRST: &str = "Staff need a second factor here. Set one up first.";

/// By what a caller is known.
#[derive(Debug, Clone)]
pub enum Credential {
    /// A session that holds.
    Session(Session),
    /// An API key that opens this route.
    ApiKey(ApiKey),
}

/// Who calls.
#[derive(Debug, Clone)]
pub struct Caller {
    /// By what the caller is known.
    pub credential: Credential,
    /// The user, or for an API key the administrator who made it.
    pub user: User,
    /// What the caller may do: the user's role, or the key's where that is lower.
    pub role: Role,
    /// From where.
    pub ip: Option<IpAddr>,
    /// The request.
    pub request_id: Option<RequestId>,
}

/// The address a request came from, as seen by the server that accepted the connection; never from a header that clients
/// write.
#[derive(Debug, Clone, Copy)]
pub struct ClientIp(pub IpAddr);

/// Where a request came from, and its id.
#[derive(Debug, Clone, Default)]
pub struct RequestInfo {
    /// The caller's address, where it is known.
    pub ip: Option<IpAddr>,
    /// The request's id, which the edge gave it.
    pub request_id: Option<RequestId>,
}

impl RequestInfo {
    pub(super) fn of(parts: &Parts) -> Self {
        let ip = parts.extensions.get::<ClientIp>().map(|ip| ip.0);
        Self { ip, request_id: parts.extensions.get::<RequestId>().cloned() }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RequestInfo {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}

impl Caller {
    /// Whether an API key calls, rather than a person.
    pub fn is_api_key(&self) -> bool {
        matches!(self.credential, Credential::ApiKey(_))
    }

    /// Whether the caller may do this to a user. An API key changes only members.
    ///
    /// # Errors
    ///
    /// [`NotAllowed`] says why not.
    pub fn may(&self, permission: Permission, target: &User) -> Result<(), NotAllowed> {
        if self.is_api_key() {
            may_with_key(target.role)?;
        }
        authorize(&self.user, self.role, permission, target)
    }

    /// The session of the caller. An API key isn't a session: a portal that checks a token must not mistake it for the
    /// administrator who created it.
    ///
    /// # Errors
    ///
    /// `sign-in-required` for an API key.
    pub fn session(&self) -> Result<&Session, Problem> {
        match &self.credential {
            Credential::Session(session) => Ok(session),
            Credential::ApiKey(_) => Err(sign_in_required()),
        }
    }

    /// Whether the caller proved recently who they are, which actions need that give access or can't be undone. API keys
    /// are exempt, because creating them needs it.
    ///
    /// # Errors
    ///
    /// `reauthentication-required`.
    pub fn stepped_up(&self, now: Timestamp) -> Result<(), Problem> {
        match &self.credential {
            Credential::Session(session) if session.needs_step_up(now) => {
                Err(Problem::new(ProblemType::ReauthenticationRequired))
            }
            Credential::Session(_) | Credential::ApiKey(_) => Ok(()),
        }
    }

    /// The caller as the audit log names them.
    pub fn actor(&self) -> Actor {
        let api_key = match &self.credential {
            Credential::Session(_) => None,
            Credential::ApiKey(key) => Some(key.id.to_string()),
        };
        let request_id = self.request_id.clone();
        Actor { user_id: self.user.id, role: self.role, api_key, ip: self.ip, request_id }
    }
}

impl App {
    /// Who sends this request, if their role is at least `role`. A caller whose role is lower is refused, and the
    /// attempt is written down.
    pub async fn at_least(&self, role: Role, parts: &Parts) -> Result<Caller, Problem> {
        let caller = self.identify(parts).await?;
        if caller.role >= role {
            return Ok(caller);
        }
        self.refuse_route(&caller, parts, Problem::new(ProblemType::AdminRequired)).await.map(|()| caller)
    }

    /// Refuses a route to a caller, and records it. The target is the route, not the path, which the caller can make as
    /// long as they like.
    async fn refuse_route(&self, caller: &Caller, parts: &Parts, problem: Problem) -> Result<(), Problem> {
        let attempt = self.attempt(caller, Action::CallRoute, &Target::Route(route(parts)))?;
        Err(attempt.refuse(problem).await)
    }

    /// Whether this request presents an API key. The key has to be made for this route: one for every route of its role
    /// isn't a back end's.
    pub(super) async fn is_from_back_end(&self, parts: &Parts) -> Result<bool, Problem> {
        if !bearer(&parts.headers).is_some_and(|text| text.starts_with(PREFIX)) {
            return Ok(false);
        }
        let caller = self.identify(parts).await?;
        match &caller.credential {
            Credential::ApiKey(key) if !key.routes.contains(&route(parts)) => {
                self.refuse_route(&caller, parts, Problem::new(ProblemType::AdminRequired)).await.map(|()| false)
            }
            Credential::ApiKey(_) => Ok(true),
            Credential::Session(_) => Ok(false),
        }
    }

    /// Who sends this request.
    ///
    /// # Errors
    ///
    /// `sign-in-required` without a session that holds or an active key; `admin-required` for a key that can't call the
    /// route, which is recorded; `origin-refused` for a cookie
    /// that comes with a change but without the site's origin (the edge has refused foreign ones already);
    /// `service-unavailable`.
    pub async fn identify(&self, parts: &Parts) -> Result<Caller, Problem> {
        let now = self.clock.now();
        let RequestInfo { ip, request_id } = RequestInfo::of(parts);
        let (credential, user, role) = match bearer(&parts.headers) {
            Some(text) if text.starts_with(PREFIX) => self.by_key(&text[PREFIX.len()..], now).await?,
            _ => self.by_session(parts, now).await?,
        };
        let caller = Caller { credential, user, role, ip, request_id };
        match &caller.credential {
            Credential::ApiKey(key) if !key.opens(&route(parts), now) => {
                let detail = format!("This API key can’t call this route. It can call {}.", key.routes.join(", "));
                let problem = Problem::new(ProblemType::AdminRequired).with_detail(detail);
                self.refuse_route(&caller, parts, problem).await.map(|()| caller)
            }
            Credential::ApiKey(_) | Credential::Session(_) => Ok(caller),
        }
    }

    async fn by_session(&self, parts: &Parts, now: Timestamp) -> Result<(Credential, User, Role), Problem> {
        let token = session_token(&parts.method, &parts.headers)?.ok_or_else(sign_in_required)?;
        let session = self.db.sessions().get(&token.digest()).await?.ok_or_else(sign_in_required)?;
        let user = self.db.users().get(session.user_id).await?;
        let user = self.directory.only(user).ok_or_else(sign_in_required)?;
        if !session.holds(&user, now) {
            return Err(sign_in_required());
        }
        if session.is_use_worth_noting(&user, now) && !parts.headers.contains_key(BACKGROUND) {
            self.db.sessions().used(&session, now).await?;
        }
        if session.must_set_up_factor(&user) && !WITHOUT_FACTOR.contains(&&*route(parts)) {
            return Err(Problem::new(ProblemType::SecondFactorRequired).with_detail(SET_UP_FIRST));
        }
        let role = user.role;
        Ok((Credential::Session(session), user, role))
    }

    async fn by_key(&self, text: &str, now: Timestamp) -> Result<(Credential, User, Role), Problem> {
        let secret = Secret::parse(text).map_err(|_| sign_in_required())?;
        let key = self.db.api_keys().get(&secret.digest()).await?.ok_or_else(sign_in_required)?;
        let user = self.db.users().get(key.created_by).await?.ok_or_else(sign_in_required)?;
        if !key.is_alive(now) || user.status != UserStatus::Active {
            return Err(sign_in_required());
        }
        self.db.api_keys().used(&key, now).await?;
        let role = key.role.min(user.role);
        Ok((Credential::ApiKey(key), user, role))
    }
}

/// The route that a request matched, as API keys and the audit log name it, such as `GET /api/admin/users/{id}`.
fn route(parts: &Parts) -> String {
    let path = parts.extensions.get::<MatchedPath>().map(MatchedPath::as_str).unwrap_or_default();
    format!("{} {path}", parts.method)
}

fn sign_in_required() -> Problem {
    Problem::new(ProblemType::SignInRequired)
}

impl<F: AsRef<App> + Send + Sync + 'static> FromRequestParts<Arc<F>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, function: &Arc<F>) -> Result<Self, Problem> {
        (**function).as_ref().identify(parts).await
    }
}

/// A caller who is at least support.
#[derive(Debug, Clone)]
pub struct SupportCaller(pub Caller);

impl<F: AsRef<App> + Send + Sync + 'static> FromRequestParts<Arc<F>> for SupportCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, function: &Arc<F>) -> Result<Self, Problem> {
        (**function).as_ref().at_least(Role::Support, parts).await.map(Self)
    }
}

/// A caller who is an administrator.
#[derive(Debug, Clone)]
pub struct AdminCaller(pub Caller);

impl<F: AsRef<App> + Send + Sync + 'static> FromRequestParts<Arc<F>> for AdminCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, function: &Arc<F>) -> Result<Self, Problem> {
        (**function).as_ref().at_least(Role::Admin, parts).await.map(Self)
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = text.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// The session token of a request: in `Authorization: Bearer`, or else in the cookie.
///
/// # Errors
///
/// `origin-refused` for a cookie that comes with a change but without an origin.
fn session_token(method: &Method, headers: &HeaderMap) -> Result<Option<SessionToken>, Problem> {
    if headers.contains_key(header::AUTHORIZATION) {
        return Ok(bearer(headers).and_then(|token| Secret::parse(token).ok()));
    }
    let Some(token) = cookie(headers, SESSION_COOKIE) else { return Ok(None) };
    let changes = !matches!(*method, Method::GET | Method::HEAD);
    if changes && !headers.contains_key(header::ORIGIN) {
        return Err(Problem::new(ProblemType::OriginRefused));
    }
    Ok(Secret::parse(token).ok())
}

/// The session that a browser has when it signs in again. It authenticates nothing here, so any origin may send it.
pub fn presented_session_cookie(headers: &HeaderMap) -> Option<SessionToken> {
    cookie(headers, SESSION_COOKIE).and_then(|token| Secret::parse(token).ok())
}

/// The value of a cookie.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.into_iter().find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// The `Set-Cookie` of a session that begins.
pub fn session_cookie(token: &SessionToken) -> Option<HeaderValue> {
    let seconds = LIFETIME.as_secs();
    let text =
        format!("{SESSION_COOKIE}={}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Strict", token.reveal());
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The `Set-Cookie` of a session that ends.
pub fn clear_session_cookie() -> HeaderValue {
    HeaderValue::from_static("__Host-mailkey-session=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict")
}

#[cfg(test)]
mod tests {
    use super::*;
    use mailkey::OsEntropy;

    fn token_of(method: Method, headers: &[(&'static str, String)]) -> Result<bool, ProblemType> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        session_token(&method, &map).map(|token| token.is_some()).map_err(|problem| problem.kind)
    }

    #[test]
    fn a_token_comes_in_the_header_or_in_the_cookie_and_a_cookie_needs_an_origin_to_change_anything() {
        let token = Secret::generate(&OsEntropy).unwrap().reveal();
        let bearer = ("authorization", format!("Bearer {token}"));
        let cookie = ("cookie", format!("a=b; {SESSION_COOKIE}={token}"));
        let origin = ("origin", "https://portal.example".to_owned());
        let basic = ("authorization", format!("Basic {token}"));
        let short = ("authorization", "Bearer short".to_owned());
        for (method, headers, expected) in [
            (Method::GET, vec![], Ok(false)),
            (Method::POST, vec![bearer], Ok(true)),
            (Method::GET, vec![cookie.clone()], Ok(true)),
            (Method::POST, vec![cookie.clone(), origin], Ok(true)),
            (Method::POST, vec![cookie.clone()], Err(ProblemType::OriginRefused)),
            (Method::GET, vec![basic, cookie], Ok(false)),
            (Method::GET, vec![short], Ok(false)),
        ] {
            assert_eq!(token_of(method, &headers), expected, "{headers:?}");
        }
    }

    #[test]
    fn the_cookie_is_for_this_host_over_https_and_not_for_scripts() {
        let token = Secret::generate(&OsEntropy).unwrap();
        let value = session_cookie(&token).unwrap();
        let text = value.to_str().unwrap().replace(&token.reveal(), "TOKEN");
        insta::assert_snapshot!(text, @"__Host-mailkey-session=TOKEN; Path=/; Max-Age=43200; Secure; HttpOnly; SameSite=Strict");
        assert!(value.is_sensitive());
    }
}
