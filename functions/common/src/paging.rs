//! Pages of lists: limits and cursors.
//!
//! A cursor is opaque to clients, and signed: it continues one list for one caller, and nothing else.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::config::SecretKey;

/// How many rows a page has where nobody says.
pub const DEFAULT_LIMIT: usize = 25;

/// How many rows a page has at most.
pub const MAX_LIMIT: usize = 100;

/// The longest cursor that is looked at, in bytes.
const MAX_CURSOR: usize = 1024;

/// Signs cursors.
#[derive(Debug, Clone)]
pub struct CursorKey(SecretKey);

/// A cursor that was not signed here for this list and this caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this cursor does not belong to this list")]
pub struct BadCursor;

impl CursorKey {
    /// Signs with `key`, which serves no other purpose.
    pub fn new(key: SecretKey) -> Self {
        Self(key)
    }

    /// The cursor for `position`, good for `scope` only: the list, its filters and who reads it.
    pub fn seal(&self, scope: &str, position: &str) -> String {
        let tag = self.mac(scope, position).finalize().into_bytes();
        format!("{}.{}", BASE64_URL_SAFE_NO_PAD.encode(position), BASE64_URL_SAFE_NO_PAD.encode(tag))
    }

    /// The position of a cursor.
    ///
    /// # Errors
    ///
    /// [`BadCursor`] where it was not sealed for `scope`.
    pub fn open(&self, scope: &str, cursor: &str) -> Result<String, BadCursor> {
        if cursor.len() > MAX_CURSOR {
            return Err(BadCursor);
        }
        let (position, tag) = cursor.split_once('.').ok_or(BadCursor)?;
        let position = BASE64_URL_SAFE_NO_PAD.decode(position).map_err(|_| BadCursor)?;
        let position = String::from_utf8(position).map_err(|_| BadCursor)?;
        let tag = BASE64_URL_SAFE_NO_PAD.decode(tag).map_err(|_| BadCursor)?;
        self.mac(scope, &position).verify_slice(&tag).map_err(|_| BadCursor)?;
        Ok(position)
    }

    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    fn mac(&self, scope: &str, position: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.bytes()).expect("HMAC takes keys of any length");
        mac.update(b"cursor\0");
        mac.update(&(scope.len() as u64).to_be_bytes());
        mac.update(scope.as_bytes());
        mac.update(position.as_bytes());
        mac
    }
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where the next page begins; `None` where there is none.
    pub next: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_opens_for_its_list_and_its_reader_only() {
        let key = CursorKey::new(SecretKey::parse(&base64::prelude::BASE64_STANDARD.encode([7; 32])).unwrap());
        let other = CursorKey::new(SecretKey::parse(&base64::prelude::BASE64_STANDARD.encode([8; 32])).unwrap());
        let cursor = key.seal("users|query=ali|01J", "ali#01K");
        assert_eq!(key.open("users|query=ali|01J", &cursor).as_deref(), Ok("ali#01K"));
        assert_eq!(key.open("users|query=bob|01J", &cursor), Err(BadCursor));
        assert_eq!(other.open("users|query=ali|01J", &cursor), Err(BadCursor));
        let (position, tag) = cursor.split_once('.').unwrap();
        let flipped = format!("{}.{tag}", BASE64_URL_SAFE_NO_PAD.encode("ali#01L"));
        for bad in ["", ".", &flipped, position, &format!("{position}."), &format!("{cursor}="), &"a".repeat(10_000)] {
            assert_eq!(key.open("users|query=ali|01J", bad), Err(BadCursor), "{bad}");
        }
    }
}
