//! The account's suppression list: SES accepts emails to these addresses but doesn't send them.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::{Body, Bytes};
use axum::extract::{Path as UrlPath, RawQuery, State as Shared};
use axum::http::{Response, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::error::{SesError, answer};
use super::mail::{bare, rfc3339};
use super::{LocalSes, address, files, query};

/// The maximum and default page size (SES API, `ListSuppressedDestinations`).
const MAX_PAGE: usize = 1_000;

/// Why an address is on the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum SuppressionReason {
    /// An email to the address hard-bounced.
    Bounce,
    /// The recipient marked an email as spam.
    Complaint,
}

/// An entry of the suppression list.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuppressedAddress {
    /// The address in the spelling it was added with.
    pub email_address: String,
    /// Why the address was added.
    pub reason: SuppressionReason,
    /// When the address was last added.
    #[serde(with = "rfc3339")]
    pub last_update_time: Timestamp,
}

/// The suppression list. As at SES, entries are found and deleted by exact spelling, but block every spelling of their
/// address. Clones share the list.
#[derive(Clone)]
pub struct SuppressionList(Arc<Mutex<State>>);

struct State {
    by_address: BTreeMap<String, SuppressedAddress>,
    file: Option<PathBuf>,
}

impl SuppressionList {
    /// A list in memory.
    pub fn in_memory() -> SuppressionList {
        SuppressionList::new(BTreeMap::new(), None)
    }

    /// A list in a JSON file, which is created when the first address is added. Fails if the file can't be parsed.
    pub fn open(path: &Path) -> io::Result<SuppressionList> {
        let entries: Vec<SuppressedAddress> = match std::fs::read(path) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        let by_address = entries.into_iter().map(|entry| (entry.email_address.clone(), entry)).collect();
        Ok(SuppressionList::new(by_address, Some(path.to_owned())))
    }

    /// Finds the entry with exactly this spelling.
    pub fn get(&self, address: &str) -> Option<SuppressedAddress> {
        self.state().by_address.get(address).cloned()
    }

    /// All entries, sorted by address.
    pub fn entries(&self) -> Vec<SuppressedAddress> {
        self.state().by_address.values().cloned().collect()
    }

    /// Adds an entry or replaces the one with the same spelling. If writing fails, the list stays unchanged.
    pub fn put(&self, entry: SuppressedAddress) -> io::Result<()> {
        self.state().change(|by_address| by_address.insert(entry.email_address.clone(), entry)).map(drop)
    }

    /// Deletes the entry with exactly this spelling and returns whether it existed. If writing fails, the list stays
    /// unchanged.
    pub fn delete(&self, address: &str) -> io::Result<bool> {
        self.state().change(|by_address| by_address.remove(address).is_some())
    }

    /// Why SES would not send to `recipient`, ignoring case.
    pub fn reason_not_to_send(&self, recipient: &str) -> Option<SuppressionReason> {
        let address = bare(recipient).to_lowercase();
        self.state().by_address.values().find(|entry| entry.email_address.to_lowercase() == address).map(|it| it.reason)
    }

    fn new(by_address: BTreeMap<String, SuppressedAddress>, file: Option<PathBuf>) -> SuppressionList {
        SuppressionList(Arc::new(Mutex::new(State { by_address, file })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn change<T>(&mut self, change: impl FnOnce(&mut BTreeMap<String, SuppressedAddress>) -> T) -> io::Result<T> {
        let mut changed = self.by_address.clone();
        let outcome = change(&mut changed);
        if let Some(file) = &self.file {
            let entries: Vec<_> = changed.values().collect();
            files::replace_private(file, |file| Ok(serde_json::to_writer_pretty(file, &entries)?))?;
        }
        self.by_address = changed;
        Ok(outcome)
    }
}

/// `GetSuppressedDestination`
pub(super) async fn get(ses: Shared<LocalSes>, UrlPath(address): UrlPath<String>) -> Result<Response<Body>, SesError> {
    let entry = ses.suppressions.get(&address).ok_or_else(|| not_on_the_list(&address))?;
    Ok(answer(StatusCode::OK, &json!({ "SuppressedDestination": shown(&entry) })))
}

/// `PutSuppressedDestination`
pub(super) async fn put(ses: Shared<LocalSes>, body: Bytes) -> Result<Response<Body>, SesError> {
    let PutRequest { email_address, reason } = serde_json::from_slice(&body).map_err(|_| invalid_put())?;
    let address = address::parse(&email_address).map_err(SesError::bad_request)?;
    if address::split(address).1.eq_ignore_ascii_case(address::SIMULATOR) {
        return Err(SesError::bad_request("Addresses of the mailbox simulator cannot be suppressed."));
    }
    let entry = SuppressedAddress { email_address: address.to_owned(), reason, last_update_time: ses.now() };
    ses.suppressions.put(entry).map_err(|error| unwritten(&error))?;
    Ok(answer(StatusCode::OK, &json!({})))
}

/// `DeleteSuppressedDestination`
pub(super) async fn delete(
    ses: Shared<LocalSes>,
    UrlPath(address): UrlPath<String>,
) -> Result<Response<Body>, SesError> {
    if !ses.suppressions.delete(&address).map_err(|error| unwritten(&error))? {
        return Err(not_on_the_list(&address));
    }
    Ok(answer(StatusCode::OK, &json!({})))
}

/// `ListSuppressedDestinations`
pub(super) async fn list(ses: Shared<LocalSes>, RawQuery(raw): RawQuery) -> Result<Response<Body>, SesError> {
    let filter = Filter::parse(&query::pairs(raw.as_deref()))?;
    let mut page: Vec<_> = ses.suppressions.entries().into_iter().filter(|entry| filter.takes(entry)).collect();
    let more = page.len() > filter.page_size;
    page.truncate(filter.page_size);
    let mut body = json!({ "SuppressedDestinationSummaries": page.iter().map(shown).collect::<Vec<_>>() });
    if let Some(last) = page.last().filter(|_| more) {
        body["NextToken"] = Value::from(URL_SAFE_NO_PAD.encode(&last.email_address));
    }
    Ok(answer(StatusCode::OK, &body))
}

struct Filter {
    reasons: Vec<SuppressionReason>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    after: Option<String>,
    page_size: usize,
}

impl Filter {
    fn parse(pairs: &[(String, String)]) -> Result<Filter, SesError> {
        let time = |name| query::first(pairs, name).map(|text| text.parse().map_err(|_| invalid(name))).transpose();
        let reasons = pairs.iter().filter(|(name, _)| name == "Reason").map(|(_, value)| reason(value));
        let page_size = query::first(pairs, "PageSize").map(str::parse).transpose().map_err(|_| invalid("PageSize"))?;
        let page_size = page_size.unwrap_or(MAX_PAGE);
        if !(1..=MAX_PAGE).contains(&page_size) {
            return Err(invalid("PageSize"));
        }
        Ok(Filter {
            reasons: reasons.collect::<Result<_, _>>()?,
            from: time("StartDate")?,
            to: time("EndDate")?,
            after: query::first(pairs, "NextToken").map(address_in_token).transpose()?,
            page_size,
        })
    }

    fn takes(&self, entry: &SuppressedAddress) -> bool {
        (self.reasons.is_empty() || self.reasons.contains(&entry.reason))
            && self.from.is_none_or(|from| entry.last_update_time >= from)
            && self.to.is_none_or(|to| entry.last_update_time <= to)
            && self.after.as_ref().is_none_or(|after| entry.email_address > *after)
    }
}

fn reason(text: &str) -> Result<SuppressionReason, SesError> {
    match text {
        "BOUNCE" => Ok(SuppressionReason::Bounce),
        "COMPLAINT" => Ok(SuppressionReason::Complaint),
        _ => Err(invalid("Reason")),
    }
}

fn address_in_token(token: &str) -> Result<String, SesError> {
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| invalid("NextToken"))?;
    String::from_utf8(bytes).map_err(|_| invalid("NextToken"))
}

fn shown(entry: &SuppressedAddress) -> Value {
    json!({
        "EmailAddress": entry.email_address,
        "Reason": entry.reason,
        "LastUpdateTime": entry.last_update_time.as_millisecond() as f64 / 1000.0,
    })
}

fn not_on_the_list(address: &str) -> SesError {
    SesError::not_found(format!("Email address {address} does not exist on your suppression list."))
}

fn invalid(parameter: &str) -> SesError {
    SesError::bad_request(format!("{parameter} is not valid."))
}

fn invalid_put() -> SesError {
    SesError::bad_request("EmailAddress and Reason (BOUNCE or COMPLAINT) are required.")
}

fn unwritten(error: &io::Error) -> SesError {
    tracing::error!(%error, "can't write the local suppression list");
    SesError::internal_failure()
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PutRequest {
    email_address: String,
    reason: SuppressionReason,
}
