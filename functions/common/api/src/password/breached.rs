//! Looks passwords up in a list of stolen ones, without telling the list's service which password it is.
//!
//! The service gets the first five characters of the password's SHA-1 and returns the rest of every hash that begins with
//! them (k-anonymity; <https://haveibeenpwned.com/API/v3#PwnedPasswords>). The response is padded, so that its length
//! doesn't tell which prefix was asked for.

use std::{fmt, time::Duration};

use axum::{
    body::Bytes,
    http::{Request, Uri, header::USER_AGENT},
};
use http_body_util::{BodyExt, Empty, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use mailkey::account::password::Password;
use sha1::{Digest as _, Sha1};

/// The service of Have I Been Pwned.
pub const BREACHED_PASSWORDS_URL: &str = "https://api.pwnedpasswords.com/range/";

/// People wait for this check while they set a password.
const TIMEOUT: Duration = Duration::from_millis(1500);

/// A padded response has about 1,000 lines of 40 bytes. In bytes.
const MAX_RESPONSE: usize = 256 * 1024;

/// The characters of a hash that the service gets.
const PREFIX: usize = 5;

/// A list of stolen passwords.
pub struct BreachedPasswords {
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
    url: String,
}

/// The list can't be used.
#[derive(Debug, thiserror::Error)]
pub enum BreachedPasswordsError {
    /// The URL isn't HTTPS, or HTTP on this machine.
    #[error("the URL of the list of breached passwords must begin with https://, or with http://127.0.0.1")]
    Url,
    /// There are no root certificates.
    #[error("the system has no root certificates: {0}")]
    Roots(#[from] std::io::Error),
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
enum LookupError {
    #[error("no response within {} ms", TIMEOUT.as_millis())]
    Timeout,
    #[error("HTTP status {0}")]
    Status(u16),
    #[error("{0}")]
    Failed(#[from] Box<dyn std::error::Error + Send + Sync>),
}

impl BreachedPasswords {
    /// A list at a URL, to which the prefix of a hash is appended.
    ///
    /// # Errors
    ///
    /// [`BreachedPasswordsError`].
    pub fn new(url: &str) -> Result<Self, BreachedPasswordsError> {
        let parsed: Uri = url.parse().map_err(|_| BreachedPasswordsError::Url)?;
        match (parsed.scheme_str(), parsed.host()) {
            (Some("https"), Some(_)) | (Some("http"), Some("127.0.0.1")) => {}
            _ => return Err(BreachedPasswordsError::Url),
        }
        let provider = rustls::crypto::ring::default_provider();
        let connector = HttpsConnectorBuilder::new().with_provider_and_native_roots(provider)?;
        let client = Client::builder(TokioExecutor::new()).build(connector.https_or_http().enable_http1().build());
        Ok(Self { client, url: format!("{}/", url.trim_end_matches('/')) })
    }

    /// Whether the list contains a password. If it can't be asked, no: a person must be able to set a password.
    pub async fn contains(&self, password: &Password) -> bool {
        let lookup = tokio::time::timeout(TIMEOUT, self.lookup(password)).await;
        lookup.unwrap_or(Err(LookupError::Timeout)).unwrap_or_else(|error| {
            tracing::warn!(%error, metric = "BreachedPasswordsFailed", "can't check whether a password was stolen");
            false
        })
    }

    async fn lookup(&self, password: &Password) -> Result<bool, LookupError> {
        let hash: String = Sha1::digest(password.as_bytes()).iter().map(|byte| format!("{byte:02X}")).collect();
        let (prefix, rest) = hash.split_at(PREFIX);
        let request = Request::get(format!("{}{prefix}", self.url))
            .header("add-padding", "true")
            .header(USER_AGENT, "mailkey")
            .body(Empty::new())
            .map_err(|e| LookupError::Failed(e.into()))?;
        let response = self.client.request(request).await.map_err(|e| LookupError::Failed(e.into()))?;
        if !response.status().is_success() {
            return Err(LookupError::Status(response.status().as_u16()));
        }
        let body = Limited::new(response.into_body(), MAX_RESPONSE).collect().await?.to_bytes();
        // Lines of padding have the count 0.
        let lines = std::str::from_utf8(&body).map_err(|e| LookupError::Failed(e.into()))?.lines();
        let mut found = lines.filter_map(|line| line.trim().split_once(':'));
        Ok(found.any(|(end, count)| end.eq_ignore_ascii_case(rest) && count.trim().parse().is_ok_and(|n: u64| n > 0)))
    }
}

impl fmt::Debug for BreachedPasswords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BreachedPasswords").field("url", &self.url).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{Arc, Mutex},
        time::Instant,
    };

    use axum::{Router, extract::Path, http::HeaderMap, response::IntoResponse, routing::get};

    use super::*;

    /// SHA-1 of "password".
    const PASSWORD: (&str, &str) = ("5BAA6", "1E4C9B93F3F0682250B6CF8331B7EE68FD8");

    /// A list that answers every prefix with `answer`, and what it was asked.
    async fn list(
        answer: impl IntoResponse + Clone + Send + Sync + 'static,
        delay_ms: u64,
    ) -> (BreachedPasswords, Arc<Mutex<Vec<String>>>) {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        let serve = move |Path(prefix): Path<String>, headers: HeaderMap| async move {
            let padding = headers.get("add-padding").map_or("", |value| value.to_str().unwrap());
            seen.lock().unwrap().push(format!("{prefix} padding={padding}"));
            tokio::time::sleep(Duration::from_millis(delay_ms)).await;
            answer
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/range", listener.local_addr().unwrap());
        let routes = Router::new().route("/range/{prefix}", get(serve));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        (BreachedPasswords::new(&url).unwrap(), asked)
    }

    #[tokio::test]
    async fn a_stolen_password_is_found_by_the_end_of_its_hash_and_only_the_beginning_is_sent() {
        let end = PASSWORD.1;
        let other = "0018A45C4D1DEF81644B54AB7F969B88D65";
        for (answer, expected) in [
            (format!("{other}:10\r\n{end}:9545824\r\n"), true),
            (format!("{}:3", end.to_lowercase()), true),
            (format!("{end}:0\r\n{other}:10"), false),
            (format!("{other}:10"), false),
            (String::new(), false),
            ("<html>\u{0}".to_owned(), false),
        ] {
            let (list, asked) = list(answer.clone(), 0).await;
            assert_eq!(list.contains(&Password::new("password")).await, expected, "{answer}");
            assert_eq!(*asked.lock().unwrap(), [format!("{} padding=true", PASSWORD.0)]);
        }
    }

    #[tokio::test]
    async fn a_list_that_fails_or_is_slow_lets_the_password_pass() {
        let found = format!("{}:5", PASSWORD.1);
        let password = Password::new("password");
        let (failing, _) = list((axum::http::StatusCode::SERVICE_UNAVAILABLE, found.clone()), 0).await;
        assert!(!failing.contains(&password).await);
        let (endless, _) = list("x".repeat(MAX_RESPONSE + 1) + "\n" + &found, 0).await;
        assert!(!endless.contains(&password).await);
        assert!(!BreachedPasswords::new("http://127.0.0.1:9/range/").unwrap().contains(&password).await);
        let (slow, _) = list(found, 5_000).await;
        let started = Instant::now();
        assert!(!slow.contains(&password).await);
        assert!((1_400..3_000).contains(&started.elapsed().as_millis()), "{:?}", started.elapsed());
    }

    #[tokio::test]
    async fn only_https_is_used_off_this_machine() {
        for (url, is_good) in [
            (BREACHED_PASSWORDS_URL, true),
            ("http://127.0.0.1:8080/range/", true),
            ("http://pwned.example/range/", false),
            ("http://127.0.0.1.example/", false),
            ("ftp://127.0.0.1/", false),
            ("", false),
        ] {
            assert_eq!(BreachedPasswords::new(url).is_ok(), is_good, "{url}");
        }
    }
}
