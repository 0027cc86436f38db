//! The API over HTTP.

use std::{error, io, sync::Arc, time::Duration};

use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, RETRY_AFTER, USER_AGENT},
};
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use serde_json::Value;
use url::Url;

use crate::{
    environment,
    error::{Error, Problem},
    prompt, session_file,
};

pub(crate) use hyper::Method;

/// Where `cargo run` starts the service.
const DEFAULT_SITE: &str = "http://127.0.0.1:8787";

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// API Gateway gives up on a function after 30 seconds.
const READ_TIMEOUT: Duration = Duration::from_secs(35);

/// The API of one site, with the credential to use there.
#[derive(Clone)]
pub(crate) struct Api {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    site: Url,
    authorization: Option<HeaderValue>,
}

/// The query parameters of a request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query(Vec<(&'static str, String)>);

impl Query {
    /// Sets a parameter, replacing an earlier value.
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.0.retain(|(known, _)| *known != name);
        self.0.push((name, value.to_owned()));
        self
    }

    #[must_use]
    pub(crate) fn with_some(self, name: &'static str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }
}

impl Api {
    /// Uses the API key from the environment if there is one, otherwise the saved session.
    pub(crate) fn open(url: Option<&str>) -> Result<Self, Error> {
        let mut api = Self::with_session(url)?;
        if let Some(key) = environment::api_key() {
            api.authorization = Some(bearer(&key)?);
        }
        Ok(api)
    }

    /// Uses the saved session, but only for the site that issued it. Without a URL, the site is the last one signed in to.
    pub(crate) fn with_session(url: Option<&str>) -> Result<Self, Error> {
        let saved = session_file::read()?;
        let last = saved.as_ref().map(|session| session.url.as_str());
        let mut api = Self::anonymous(url.or(last))?;
        let session = saved.filter(|session| session.url == api.site());
        api.authorization = session.map(|session| bearer(&session.session_token)).transpose()?;
        Ok(api)
    }

    fn anonymous(url: Option<&str>) -> Result<Self, Error> {
        let site = parse_site(url.unwrap_or(DEFAULT_SITE)).map_err(Error::Usage)?;
        let connector = connector(site.scheme() == "https").map_err(|error| unreachable(&site, &*error))?;
        Ok(Self { client: Client::builder(TokioExecutor::new()).build(connector), site, authorization: None })
    }

    /// The site's URL, as saved and displayed.
    pub(crate) fn site(&self) -> String {
        shown(&self.site)
    }

    /// The error for a response that this API never sends.
    pub(crate) fn unexpected(&self, what: &str) -> Error {
        Error::Unexpected { site: self.site(), what: what.to_owned() }
    }

    /// Sends a GET request. Here and below, paths start after `/api/`.
    pub(crate) async fn get(&self, path: &[&str], query: &Query) -> Result<Value, Error> {
        let response = self.stream(path, query).await?;
        self.json(response).await
    }

    pub(crate) async fn post(&self, path: &[&str]) -> Result<Value, Error> {
        self.send(Method::POST, path, String::new()).await
    }

    pub(crate) async fn delete(&self, path: &[&str]) -> Result<Value, Error> {
        self.send(Method::DELETE, path, String::new()).await
    }

    /// Sends a request with a JSON body, or without a body if it is empty. If the service needs proof of who uses the
    /// session, asks for it on the terminal and sends the request once more.
    pub(crate) async fn send(&self, method: Method, path: &[&str], body: String) -> Result<Value, Error> {
        match self.send_once(method.clone(), path, body.clone()).await {
            Err(Error::Problem(problem)) if problem.code == "reauthentication-required" && prompt::is_terminal() => {
                let session = self.get(&["session"], &Query::default()).await?;
                self.send_once(Method::POST, &["step-up"], prompt::proof(&session)?.to_string()).await?;
                self.send_once(method, path, body).await
            }
            answer => answer,
        }
    }

    async fn send_once(&self, method: Method, path: &[&str], body: String) -> Result<Value, Error> {
        let response = self.respond(method, path, &Query::default(), body, Some(self.credential()?)).await?;
        self.json(response).await
    }

    /// Signs in: the only request without a credential.
    pub(crate) async fn sign_in(&self, credentials: &Value) -> Result<Value, Error> {
        let (path, body) = (&["sign-in"], credentials.to_string());
        let response = self.respond(Method::POST, path, &Query::default(), body, None).await?;
        self.json(response).await
    }

    /// Sends a GET request and passes on its response as it arrives.
    pub(crate) async fn for_each_chunk(
        &self,
        path: &[&str],
        query: &Query,
        mut take: impl FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut response = self.stream(path, query).await?;
        while let Some(chunk) = self.next_chunk(&mut response).await? {
            take(&chunk)?;
        }
        Ok(())
    }

    async fn stream(&self, path: &[&str], query: &Query) -> Result<Response<Incoming>, Error> {
        self.respond(Method::GET, path, query, String::new(), Some(self.credential()?)).await
    }

    async fn next_chunk(&self, response: &mut Response<Incoming>) -> Result<Option<Bytes>, Error> {
        while let Some(frame) = self.in_time(response.body_mut().frame()).await? {
            let frame = frame.map_err(|error| unreachable(&self.site, &error))?;
            if let Ok(data) = frame.into_data() {
                return Ok(Some(data));
            }
        }
        Ok(None)
    }

    fn credential(&self) -> Result<HeaderValue, Error> {
        self.authorization.clone().ok_or_else(|| Error::NotSignedIn { site: self.site() })
    }

    async fn respond(
        &self,
        method: Method,
        path: &[&str],
        query: &Query,
        body: String,
        authorization: Option<HeaderValue>,
    ) -> Result<Response<Incoming>, Error> {
        let mut request = Request::builder().method(method).uri(self.url(path, query).as_str());
        request = request.header(USER_AGENT, concat!("mailkey/", env!("CARGO_PKG_VERSION")));
        if let Some(authorization) = authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        if !body.is_empty() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let request = request.body(Full::from(body)).map_err(|error| unreachable(&self.site, &error))?;
        let response = self.in_time(self.client.request(request)).await?;
        let mut response = response.map_err(|error| unreachable(&self.site, &error))?;
        if response.status().is_success() { Ok(response) } else { Err(self.failure(&mut response).await) }
    }

    async fn failure(&self, response: &mut Response<Incoming>) -> Error {
        let status = response.status();
        let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let body = match self.read(response).await {
            Ok(body) => body,
            Err(error) => return error,
        };
        let problem = serde_json::from_slice(&body).ok();
        match problem.and_then(|body| Problem::read(status.as_u16(), &body, retry_after)) {
            Some(problem) => Error::Problem(problem.into()),
            // Not our JSON: a gateway answered in place of the service.
            None if matches!(status.as_u16(), 429 | 502..=504) => {
                Error::Unreachable { site: self.site(), why: format!("a gateway answered {status}") }
            }
            None => self.unexpected(&format!("status {status}")),
        }
    }

    async fn json(&self, mut response: Response<Incoming>) -> Result<Value, Error> {
        let body = self.read(&mut response).await?;
        if body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&body).map_err(|_| self.unexpected("not JSON"))
    }

    async fn read(&self, response: &mut Response<Incoming>) -> Result<Vec<u8>, Error> {
        let mut body = Vec::new();
        while let Some(chunk) = self.next_chunk(response).await? {
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    async fn in_time<T>(&self, step: impl Future<Output = T>) -> Result<T, Error> {
        let result = tokio::time::timeout(READ_TIMEOUT, step).await;
        result.map_err(|elapsed| unreachable(&self.site, &io::Error::from(elapsed)))
    }

    fn url(&self, path: &[&str], query: &Query) -> Url {
        let mut url = self.site.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push("api").extend(path);
        }
        if !query.0.is_empty() {
            url.query_pairs_mut().extend_pairs(&query.0);
        }
        url
    }
}

/// Trusts the certificate authorities of this machine, or those in `SSL_CERT_FILE`. Plain HTTP needs none installed.
fn connector(tls: bool) -> Result<HttpsConnector<HttpConnector>, Box<dyn error::Error>> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions()?;
    let config = if tls { config.with_native_roots()? } else { config.with_root_certificates(RootCertStore::empty()) };
    let mut tcp = HttpConnector::new();
    tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
    tcp.enforce_http(false);
    let connector = HttpsConnectorBuilder::new().with_tls_config(config.with_no_client_auth());
    Ok(connector.https_or_http().enable_http1().wrap_connector(tcp))
}

fn bearer(token: &str) -> Result<HeaderValue, Error> {
    let unusable = |_| Error::Usage("The API key or session token contains invalid characters.".to_owned());
    let mut value = HeaderValue::from_str(&format!("Bearer {token}")).map_err(unusable)?;
    value.set_sensitive(true);
    Ok(value)
}

/// Requests carry passwords and sessions, so only this machine may be reached without HTTPS.
fn parse_site(text: &str) -> Result<Url, String> {
    let read = |text: &str| {
        Url::parse(text).map_err(|error| format!("{text} isn't a URL: {error}. An example is https://portal.example."))
    };
    let mut url = if text.contains("://") { read(text)? } else { read(&format!("https://{text}"))? };
    let is_local = matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
    if !text.contains("://") && is_local {
        url = read(&format!("http://{text}"))?;
    }
    match url.scheme() {
        "https" => {}
        "http" if is_local => {}
        _ => return Err(format!("Can't use {text}: the URL must start with https://, except on this machine.")),
    }
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        return Err(format!("Can't use {text}: the URL must not contain a user name, a query or a fragment."));
    }
    Ok(url)
}

fn shown(site: &Url) -> String {
    site.as_str().trim_end_matches('/').to_owned()
}

/// Shows the innermost cause ("Connection refused"), which is the most specific.
fn unreachable(site: &Url, error: &(dyn error::Error + 'static)) -> Error {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let timed_out = cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::TimedOut);
    let why = if timed_out { "it didn't respond in time".to_owned() } else { cause.to_string() };
    Error::Unreachable { site: shown(site), why }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_only_sent_over_https_or_to_this_machine() {
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
            ("me:secret@portal.example", false),
            ("mailto:me@portal.example", false),
            ("", false),
            ("portal example", false),
        ] {
            assert_eq!(parse_site(url).is_ok(), good, "{url}");
        }
    }

    #[test]
    fn a_url_without_a_scheme_is_completed() {
        for (text, expected) in [
            ("portal.example", "https://portal.example/"),
            ("portal.example:8443/base", "https://portal.example:8443/base"),
            ("127.0.0.1.portal.example", "https://127.0.0.1.portal.example/"),
            ("localhost:8787", "http://localhost:8787/"),
            ("127.0.0.1:8787", "http://127.0.0.1:8787/"),
            ("[::1]:8787", "http://[::1]:8787/"),
        ] {
            assert_eq!(parse_site(text).map(String::from).as_deref(), Ok(expected), "{text}");
        }
        let error = parse_site("portal example").unwrap_err();
        assert!(error.contains("An example is https://portal.example."), "{error}");
    }

    #[test]
    fn paths_and_queries_are_encoded() {
        let api = Api::anonymous(Some("http://127.0.0.1:8787/base/")).unwrap();
        let query = Query::default().with("query", "a&b=c d").with("query", "ü+1@x.example").with_some("status", None);
        let url = api.url(&["admin", "users", "a/b?c"], &query);
        let expected = "http://127.0.0.1:8787/base/api/admin/users/a%2Fb%3Fc?query=%C3%BC%2B1%40x.example";
        assert_eq!(url.as_str(), expected);
    }

    #[tokio::test]
    async fn an_https_url_starts_a_tls_handshake() {
        let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let api = Api::anonymous(Some(&format!("https://{}", server.local_addr().unwrap()))).unwrap();
        let first_bytes = tokio::task::spawn_blocking(move || {
            let mut record = [0; 6];
            std::io::Read::read_exact(&mut server.accept().unwrap().0, &mut record).unwrap();
            record
        });
        let answer = api.sign_in(&Value::Null).await;
        assert!(matches!(answer, Err(Error::Unreachable { .. })), "{answer:?}");
        let [record, .., message] = first_bytes.await.unwrap();
        // A handshake record with a ClientHello (RFC 8446, sections 5.1 and 4).
        assert_eq!((record, message), (0x16, 0x01));
    }
}
