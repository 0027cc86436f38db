//! The suppression list of our account at SES. SES takes mail to an address on it, answers as always, and sends
//! nothing; only a later event tells.
//!
//! Sending matches addresses without regard to case, but reading and deleting an entry need the very spelling that is
//! stored, which may be one that a bounce brought along. So an entry can hold mail back and yet seem not to be there.

use std::time::Duration;

use aws_sdk_sesv2::{Client, primitives::DateTime, types::SuppressedDestination};
use jiff::Timestamp;

use mailkey::{
    EmailAddress, Unavailable,
    clock::from_millis,
    sender::{SesSuppressionReason, SuppressedAtSes, is_spelling_of, spellings},
};

use crate::asking::{PAUSES, ask, unavailable};

/// As many entries as SES gives at once.
const PAGE_SIZE: i32 = 1000;

/// So many pages of the list are looked through: with a second for each, about as long as a request may take.
const MAX_PAGES: usize = 10;

/// The longest time for finding an entry, retries included: SES allows one request a second. A diagnosis is useful without it.
const FOUND_WITHIN: Duration = Duration::from_secs(6);

/// The longest time for looking through the list after the known spellings were deleted.
const LISTED_WITHIN: Duration = Duration::from_secs(15);

/// Whether an address is on the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AtSes {
    /// It is.
    Listed(SuppressedAtSes),
    /// It isn't, in no spelling.
    NotListed,
    /// Not in the usual spellings. The list is too long to rule out others.
    NotInUsualSpellings,
}

/// Reads and removes entries of the list.
#[derive(Debug, Clone)]
pub struct SesSuppressionList {
    client: Client,
}

impl SesSuppressionList {
    /// The list of the account and Region that `client` asks.
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// Finds the entry of an address, within a few calls however long the list is. A list of at most a page is looked through,
    /// because sending ignores case, so only the whole list can show that there is no entry. On a longer one, the usual
    /// spellings are looked up; another spelling may still be there.
    pub async fn find(&self, address: &EmailAddress) -> Result<AtSes, Unavailable> {
        let late = || unavailable("GetSuppressedDestination", "time-out");
        tokio::time::timeout(FOUND_WITHIN, self.look_up(address)).await.unwrap_or_else(|_| Err(late()))
    }

    async fn look_up(&self, address: &EmailAddress) -> Result<AtSes, Unavailable> {
        let Listed { spellings: mut candidates, is_whole } = self.listed(address, 1).await?;
        if !is_whole {
            candidates.extend(spellings(address, &candidates.clone()));
            candidates.dedup();
        }
        for spelling in candidates {
            if let Some(found) = self.get(&spelling).await? {
                return Ok(AtSes::Listed(found));
            }
        }
        Ok(if is_whole { AtSes::NotListed } else { AtSes::NotInUsualSpellings })
    }

    async fn get(&self, spelling: &str) -> Result<Option<SuppressedAtSes>, Unavailable> {
        let answer = ask("GetSuppressedDestination", &PAUSES, || {
            self.client.get_suppressed_destination().email_address(spelling).send()
        });
        Ok(answer.await?.and_then(|answer| answer.suppressed_destination).map(entry))
    }

    /// Deletes every entry of an address: in the spellings that are known (those of `also` as well, such as the one
    /// that an event named), and in those found on the list. Answers the spellings that were deleted; none where there
    /// was no entry. Takes several seconds where the list is long. After an error some may be deleted; asking again does the rest.
    pub async fn remove(&self, address: &EmailAddress, also: &[String]) -> Result<Vec<String>, Unavailable> {
        let known = spellings(address, also);
        let mut removed = Vec::new();
        for spelling in &known {
            if self.delete(spelling).await? {
                removed.push(spelling.clone());
            }
        }
        let late = || unavailable("ListSuppressedDestinations", "time-out");
        let listed = tokio::time::timeout(LISTED_WITHIN, self.listed(address, MAX_PAGES)).await;
        for spelling in listed.unwrap_or_else(|_| Err(late()))?.spellings {
            // The list lags behind the deletions of a moment ago.
            if !known.contains(&spelling) && self.delete(&spelling).await? {
                removed.push(spelling);
            }
        }
        Ok(removed)
    }

    /// Whether there was such an entry.
    async fn delete(&self, spelling: &str) -> Result<bool, Unavailable> {
        let answer = ask("DeleteSuppressedDestination", &PAUSES, || {
            self.client.delete_suppressed_destination().email_address(spelling).send()
        });
        Ok(answer.await?.is_some())
    }

    async fn listed(&self, address: &EmailAddress, pages: usize) -> Result<Listed, Unavailable> {
        let mut spellings = Vec::new();
        let mut next = None;
        for _ in 0..pages {
            let answer = ask("ListSuppressedDestinations", &PAUSES, || {
                self.client.list_suppressed_destinations().page_size(PAGE_SIZE).set_next_token(next.clone()).send()
            });
            let Some(page) = answer.await? else { return Ok(Listed { spellings, is_whole: true }) };
            let found = page.suppressed_destination_summaries.unwrap_or_default().into_iter();
            spellings.extend(found.map(|summary| summary.email_address).filter(|text| is_spelling_of(text, address)));
            next = page.next_token.filter(|token| !token.is_empty());
            if next.is_none() {
                return Ok(Listed { spellings, is_whole: true });
            }
        }
        tracing::info!(address = address.masked(), "SES's suppression list is too long to be looked through");
        Ok(Listed { spellings, is_whole: false })
    }
}

/// The spellings of an address that are on the list, as far as it was looked through.
struct Listed {
    spellings: Vec<String>,
    is_whole: bool,
}

fn entry(found: SuppressedDestination) -> SuppressedAtSes {
    // SES has no third reason yet; for one that is new the stricter is assumed, which holds back all mail.
    let is_complaint = found.reason.as_str() == "COMPLAINT";
    SuppressedAtSes {
        address: found.email_address,
        reason: if is_complaint { SesSuppressionReason::Complaint } else { SesSuppressionReason::Bounce },
        since: timestamp(&found.last_update_time),
        message_id: found.attributes.and_then(|attributes| attributes.message_id),
    }
}

fn timestamp(at: &DateTime) -> Timestamp {
    from_millis(at.secs().saturating_mul(1000).saturating_add(i64::from(at.subsec_nanos() / 1_000_000)))
}

#[cfg(test)]
mod tests {
    use aws_sdk_sesv2::types::{SuppressedDestinationAttributes, SuppressionListReason};

    use super::*;

    #[test]
    fn an_entry_tells_why_and_since_when_and_by_which_email() {
        for (reason, expected) in [
            (SuppressionListReason::Bounce, SesSuppressionReason::Bounce),
            (SuppressionListReason::Complaint, SesSuppressionReason::Complaint),
            (SuppressionListReason::from("SOMETHING_NEW"), SesSuppressionReason::Bounce),
        ] {
            let found = SuppressedDestination::builder()
                .email_address("Alice@example.com")
                .reason(reason)
                .last_update_time(DateTime::from_millis(1_767_225_600_250))
                .attributes(SuppressedDestinationAttributes::builder().message_id("0100").build())
                .build()
                .unwrap();
            let entry = entry(found);
            assert_eq!((entry.reason, entry.since.to_string().as_str()), (expected, "2026-01-01T00:00:00.25Z"));
            assert_eq!((entry.address.as_str(), entry.message_id.as_deref()), ("Alice@example.com", Some("0100")));
            assert!(!format!("{entry:?}").contains("Alice"));
        }
    }
}
