//! How many links that people ask for themselves may be mailed in a minute, to all addresses together: whoever walks
//! through a list of addresses must neither spend the sender's quota nor its reputation.

use std::sync::{Mutex, PoisonError};

use aws_sdk_dynamodb::types::ReturnValue;
use jiff::{SignedDuration, Timestamp};

use crate::{
    clock::millis,
    database::{Database, Reader, StoreError, n, s, ttl},
};

const TABLE: &str = "MailAllowances";

/// So many links of its own in a minute a process keeps to itself; only from the next on it counts with the others. So
/// quiet hours cost no write, and a flood is counted whole. A stream has few processes at once.
const QUIET: i64 = 5;

const MINUTE_MS: i64 = 60_000;

/// Counts the links of each minute.
#[derive(Debug)]
pub struct Pace {
    database: Database,
    own: Mutex<Own>,
}

/// What this process mailed in the minute that it last mailed in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Own {
    minute: i64,
    links: i64,
}

impl Own {
    /// One link more at `minute`; with what is now to be counted with the others.
    fn next(self, minute: i64) -> (Self, i64) {
        let links = if self.minute == minute { self.links + 1 } else { 1 };
        let to_count = match links {
            ..=QUIET => 0,
            _ if links == QUIET + 1 => links,
            _ => 1,
        };
        (Self { minute, links }, to_count)
    }
}

impl Pace {
    /// The pace of this deployment.
    pub fn new(database: Database) -> Self {
        Self { database, own: Mutex::default() }
    }

    /// Counts one link; whether it may go out, at `limit` links in a minute.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails.
    pub async fn admits(&self, limit: i64, now: Timestamp) -> Result<bool, StoreError> {
        let minute = millis(now).div_euclid(MINUTE_MS);
        let (links, to_count) = {
            let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
            let (next, to_count) = own.next(minute);
            *own = next;
            (next.links, to_count)
        };
        if to_count == 0 {
            return Ok(links <= limit);
        }
        Ok(self.count(minute, to_count, now).await? <= limit)
    }

    async fn count(&self, minute: i64, links: i64, now: Timestamp) -> Result<i64, StoreError> {
        let kept_until = now.saturating_add(SignedDuration::from_mins(10)).unwrap_or(Timestamp::MAX);
        let request = self.database.client().update_item().table_name(self.database.table(TABLE));
        let answer = request
            // No address looks like this.
            .key("address_key", s(format!("minute#{minute}")))
            .update_expression("ADD links :links SET #ttl = :ttl, #schema = :one")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_names("#schema", "schema")
            .expression_attribute_values(":links", n(links))
            .expression_attribute_values(":ttl", ttl(kept_until))
            .expression_attribute_values(":one", n(1))
            .return_values(ReturnValue::UpdatedNew)
            .send()
            .await;
        let answer = answer.map_err(|e| StoreError::unavailable("UpdateItem", TABLE, e))?;
        let counted = answer.attributes().map(|item| Reader::new(TABLE, item).number("links")).transpose()?;
        Ok(counted.unwrap_or(links))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quiet_minute_is_not_counted_and_a_flood_is_counted_whole() {
        let mut own = Own::default();
        let mut counted = Vec::new();
        for minute in [7, 7, 7, 7, 7, 7, 7, 8, 8] {
            let (next, to_count) = own.next(minute);
            own = next;
            counted.push(to_count);
        }
        assert_eq!(counted, [0, 0, 0, 0, 0, 6, 1, 0, 0]);
    }
}
