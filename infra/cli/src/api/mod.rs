//! The API over HTTP: one place that sends, and one that knows what answers mean.

mod endpoints;

use std::time::Duration;

use reqwest::{
    Client, Method, Response, Url,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, RETRY_AFTER},
    redirect::Policy,
};
use serde_json::Value;

use crate::{
    environment,
    error::{Error, Problem},
    session_file,
};

/// Where the service is on one's own machine.
const DEFAULT_SITE: &str = "http://127.0.0.1:8787";

/// A service that does not take the connection in this time is away.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// API Gateway gives up on a function after 30 seconds.
const READ_TIMEOUT: Duration = Duration::from_secs(35);

/// The API of one site, on behalf of one caller.
#[derive(Clone)]
pub(crate) struct Api {
    client: Client,
    site: Url,
    authorization: Option<HeaderValue>,
}

/// The parameters of a request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query(Vec<(&'static str, String)>);

impl Query {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// With a parameter, in place of what it was before.
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.0.retain(|(known, _)| *known != name);
        self.0.push((name, value.to_owned()));
        self
    }

    /// With a parameter if there is a value for it.
    #[must_use]
    pub(crate) fn with_some(self, name: &'static str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }
}

impl Api {
    /// The API with the credential that there is: an API key from the environment, or else the session of the last
    /// sign-in, which goes to its own site only. Without a URL the site is the one last signed in to.
    pub(crate) fn open(url: Option<&str>) -> Result<Self, Error> {
        let mut api = Self::of_session(url)?;
        if let Some(key) = environment::api_key() {
            api.authorization = Some(bearer(&key)?);
        }
        Ok(api)
    }

    /// The API with the session of the last sign-in, and nothing else.
    pub(crate) fn of_session(url: Option<&str>) -> Result<Self, Error> {
        let saved = session_file::read()?;
        let last = saved.as_ref().map(|session| session.url.as_str());
        let mut api = Self::anonymous(url.or(last))?;
        let session = saved.filter(|session| session.url == api.site());
        api.authorization = session.map(|session| bearer(&session.session_token)).transpose()?;
        Ok(api)
    }

    /// The API without any credential.
    pub(crate) fn anonymous(url: Option<&str>) -> Result<Self, Error> {
        let site = parse_site(url.unwrap_or(DEFAULT_SITE)).map_err(Error::Usage)?;
        if site.scheme() == "https" && !cfg!(feature = "https") {
            let text =
                "This build of mailkey speaks to this machine only. Build it with `--features https` for other sites.";
            return Err(Error::Usage(text.to_owned()));
        }
        // A redirect of an API is a mistake, and credentials don't follow mistakes.
        let client = Client::builder()
            .redirect(Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT)
            .user_agent(concat!("mailkey/", env!("CARGO_PKG_VERSION")));
        let client = client.build().map_err(|error| unreachable(&site, &error))?;
        Ok(Self { client, site, authorization: None })
    }

    /// The site's URL, as it is kept and shown.
    pub(crate) fn site(&self) -> String {
        self.site.as_str().trim_end_matches('/').to_owned()
    }

    /// An answer that this API does not give.
    pub(crate) fn unexpected(&self, what: &str) -> Error {
        Error::Unexpected { site: self.site(), what: what.to_owned() }
    }

    async fn get(&self, path: &[&str], query: &Query) -> Result<Value, Error> {
        let answer = self.send(Method::GET, path, query, None).await?;
        self.body(answer).await
    }

    async fn change(&self, method: Method, path: &[&str], body: Option<Value>) -> Result<Value, Error> {
        let answer = self.send(method, path, &Query::new(), body.map(|body| body.to_string())).await?;
        self.body(answer).await
    }

    /// Sends a request that needs a caller, and takes problems for what they are.
    async fn send(
        &self,
        method: Method,
        path: &[&str],
        query: &Query,
        body: Option<String>,
    ) -> Result<Response, Error> {
        let authorization = self.authorization.clone().ok_or_else(|| Error::NotSignedIn { site: self.site() })?;
        let request = self.client.request(method, self.url(path, query)).header(AUTHORIZATION, authorization);
        self.answer(request, body).await
    }

    async fn answer(&self, request: reqwest::RequestBuilder, body: Option<String>) -> Result<Response, Error> {
        let request = match body {
            Some(body) => request.header(CONTENT_TYPE, "application/json").body(body),
            None => request,
        };
        let answer = request.send().await.map_err(|error| unreachable(&self.site, &error))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        let retry_after = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let body = answer.bytes().await.map_err(|error| unreachable(&self.site, &error))?;
        let problem = serde_json::from_slice(&body).ok();
        let problem = problem.and_then(|body| Problem::read(status.as_u16(), &body, retry_after));
        Err(match problem {
            Some(problem) => Error::Problem(problem.into()),
            // A gateway in front speaks for a service that does not.
            None if matches!(status.as_u16(), 429 | 502..=504) => {
                Error::Unreachable { site: self.site(), why: format!("a gateway answers {status}") }
            }
            None => self.unexpected(&format!("status {status}")),
        })
    }

    async fn body(&self, answer: Response) -> Result<Value, Error> {
        let body = answer.bytes().await.map_err(|error| unreachable(&self.site, &error))?;
        if body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&body).map_err(|_| self.unexpected("no JSON"))
    }

    fn url(&self, path: &[&str], query: &Query) -> Url {
        let mut url = self.site.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        if !query.0.is_empty() {
            url.query_pairs_mut().extend_pairs(&query.0);
        }
        url
    }
}

fn bearer(token: &str) -> Result<HeaderValue, Error> {
    let unusable = |_| Error::Usage("The API key or session token has characters that none has.".to_owned());
    let mut value = HeaderValue::from_str(&format!("Bearer {token}")).map_err(unusable)?;
    value.set_sensitive(true);
    Ok(value)
}

/// A site is reached over HTTPS, or without it on this very machine: passwords and sessions travel.
fn parse_site(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("{text} is no URL: {error}."))?;
    let here = matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
    match url.scheme() {
        "https" => {}
        "http" if here => {}
        _ => return Err(format!("{text} is refused: use https. Only this machine is spoken to without.")),
    }
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        return Err(format!("{text} is refused: a site's URL has no user, query or fragment."));
    }
    Ok(url)
}

/// The innermost cause says it best ("Connection refused"); the URL in the outer ones may hold addresses.
fn unreachable(site: &Url, error: &reqwest::Error) -> Error {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let why = if error.is_timeout() { "it took too long".to_owned() } else { cause.to_string() };
    Error::Unreachable { site: site.as_str().trim_end_matches('/').to_owned(), why }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_travel_over_https_or_not_at_all() {
        for (url, good) in [
            ("https://portal.example", true),
            ("https://portal.example/base/", true),
            ("http://127.0.0.1:8787", true),
            ("http://[::1]:8787/", true),
            ("http://localhost:8787", true),
            ("http://portal.example", false),
            ("http://127.0.0.1.portal.example", false),
            ("ftp://portal.example", false),
            ("https://me:secret@portal.example", false),
            ("https://portal.example/?a=b", false),
            ("portal.example", false),
        ] {
            assert_eq!(parse_site(url).is_ok(), good, "{url}");
        }
    }

    #[test]
    fn paths_and_queries_are_encoded() {
        let api = Api::anonymous(Some("http://127.0.0.1:8787/base/")).unwrap();
        let query = Query::new().with("query", "a&b=c d").with("query", "ü+1@x.example").with_some("status", None);
        let url = api.url(&["api", "admin", "users", "a/b?c"], &query);
        let expected = "http://127.0.0.1:8787/base/api/admin/users/a%2Fb%3Fc?query=%C3%BC%2B1%40x.example";
        assert_eq!(url.as_str(), expected);
    }
}
