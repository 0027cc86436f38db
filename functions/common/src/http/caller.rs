//! Who calls: a session, and the user behind it as the record stands at this very request.

use axum::http::{HeaderMap, HeaderValue, Method, header};
use jiff::Timestamp;

use crate::{
    account::{User, UserStore},
    problem::{Problem, ProblemType},
    secret::Secret,
    session::{LIFETIME, Session, SessionStore, SessionToken},
};

/// The session's cookie. `__Host-` makes browsers insist on `Secure`, on `Path=/` and on no `Domain`.
const COOKIE: &str = "__Host-mailkey-session";

/// A signed-in user.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The session.
    pub session: Session,
    /// Its user.
    pub user: User,
}

impl Caller {
    /// Who calls.
    ///
    /// # Errors
    ///
    /// `sign-in-required` without a session that holds; `origin-refused` for a cookie that comes with a change but
    /// without the site's origin (the edge has refused foreign ones already); `service-unavailable`.
    pub async fn identify(
        method: &Method,
        headers: &HeaderMap,
        sessions: &SessionStore,
        users: &UserStore,
        now: Timestamp,
    ) -> Result<Self, Problem> {
        let sign_in_required = || Problem::new(ProblemType::SignInRequired);
        let token = session_token(method, headers)?.ok_or_else(sign_in_required)?;
        let session = sessions.get(&token.digest()).await?.ok_or_else(sign_in_required)?;
        let user = users.get(session.user_id).await?.ok_or_else(sign_in_required)?;
        if session.holds(&user, now) {
            Ok(Self { session, user })
        } else {
            Err(sign_in_required())
        }
    }
}

/// The session token of a request: in `Authorization: Bearer`, or else in the cookie.
///
/// # Errors
///
/// `origin-refused` for a cookie that comes with a change but without an origin.
pub fn session_token(method: &Method, headers: &HeaderMap) -> Result<Option<SessionToken>, Problem> {
    if let Some(authorization) = headers.get(header::AUTHORIZATION) {
        let text = authorization.to_str().unwrap_or_default();
        let bearer = text
            .split_once(' ')
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        return Ok(bearer.and_then(|(_, token)| Secret::parse(token.trim()).ok()));
    }
    let Some(token) = cookie(headers) else { return Ok(None) };
    let changes = !matches!(*method, Method::GET | Method::HEAD);
    if changes && !headers.contains_key(header::ORIGIN) {
        return Err(Problem::new(ProblemType::OriginRefused));
    }
    Ok(Secret::parse(token).ok())
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let pairs = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'));
    pairs
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, value)| value)
}

/// The `Set-Cookie` of a session that begins.
pub fn session_cookie(token: &SessionToken) -> Option<HeaderValue> {
    let seconds = LIFETIME.as_secs();
    let text = format!(
        "{COOKIE}={}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Strict",
        token.reveal()
    );
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
    use crate::OsEntropy;

    fn token_of(method: Method, headers: &[(&'static str, String)]) -> Result<bool, ProblemType> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        session_token(&method, &map)
            .map(|token| token.is_some())
            .map_err(|problem| problem.kind)
    }

    #[test]
    fn a_token_comes_in_the_header_or_in_the_cookie_and_a_cookie_needs_an_origin_to_change_anything() {
        let token = Secret::generate(&OsEntropy).unwrap().reveal();
        let bearer = ("authorization", format!("Bearer {token}"));
        let cookie = ("cookie", format!("a=b; {COOKIE}={token}"));
        let origin = ("origin", "https://portal.example".to_owned());
        assert_eq!(token_of(Method::GET, &[]), Ok(false));
        assert_eq!(token_of(Method::POST, &[bearer.clone()]), Ok(true));
        assert_eq!(token_of(Method::GET, &[cookie.clone()]), Ok(true));
        assert_eq!(token_of(Method::POST, &[cookie.clone(), origin]), Ok(true));
        assert_eq!(
            token_of(Method::POST, &[cookie.clone()]),
            Err(ProblemType::OriginRefused)
        );
        assert_eq!(
            token_of(Method::GET, &[("authorization", format!("Basic {token}")), cookie]),
            Ok(false)
        );
        assert_eq!(
            token_of(Method::GET, &[("authorization", "Bearer short".to_owned())]),
            Ok(false)
        );
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
