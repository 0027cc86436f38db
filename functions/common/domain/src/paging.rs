//! Pages of lists: limits and cursors.
//!
//! A cursor is opaque to clients, and signed: it continues one list for one caller, and nothing else.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::config::{KeyRing, SecretKey};

/// How many rows a page has where nobody says.
pub const DEFAULT_LIMIT: usize = 25;

/// How many rows a page has at most.
pub const MAX_LIMIT: usize = 100;

/// The longest cursor that is looked at, in bytes.
const MAX_CURSOR: usize = 1024;

/// Signs cursors. A cursor names the key that signed it, so that lists go on while keys change.
#[derive(Debug, Clone)]
pub struct CursorKey(KeyRing);

/// A cursor that was not signed here for this list and this caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this cursor does not belong to this list")]
pub struct BadCursor;

impl CursorKey {
    /// Signs with the current one of `keys`, which serve no other purpose.
    pub fn new(keys: KeyRing) -> Self {
        Self(keys)
    }

    /// The cursor for `position`, good for `scope` only: the list, its filters and who reads it.
    pub fn seal(&self, scope: &str, position: &str) -> String {
        let (id, key) = self.0.current();
        let tag = mac(&key, scope, position).finalize().into_bytes();
        format!("{id}.{}.{}", BASE64_URL_SAFE_NO_PAD.encode(position), BASE64_URL_SAFE_NO_PAD.encode(tag))
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
        let (id, signed) = cursor.split_once('.').ok_or(BadCursor)?;
        let (position, tag) = signed.split_once('.').ok_or(BadCursor)?;
        let key = self.0.get(id).ok_or(BadCursor)?;
        let position = BASE64_URL_SAFE_NO_PAD.decode(position).map_err(|_| BadCursor)?;
        let position = String::from_utf8(position).map_err(|_| BadCursor)?;
        let tag = BASE64_URL_SAFE_NO_PAD.decode(tag).map_err(|_| BadCursor)?;
        mac(&key, scope, &position).verify_slice(&tag).map_err(|_| BadCursor)?;
        Ok(position)
    }
}

fn mac(key: &SecretKey, scope: &str, position: &str) -> Hmac<Sha256> {
    let mut mac = key.hmac();
    mac.update(b"cursor\0");
    mac.update(&(scope.len() as u64).to_be_bytes());
    mac.update(scope.as_bytes());
    mac.update(position.as_bytes());
    mac
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
        let key = key(&[("1", 7)]);
        let other = self::key(&[("1", 8)]);
        let cursor = key.seal("users|query=ali|01J", "ali#01K");
        assert_eq!(key.open("users|query=ali|01J", &cursor).as_deref(), Ok("ali#01K"));
        assert_eq!(key.open("users|query=bob|01J", &cursor), Err(BadCursor));
        assert_eq!(other.open("users|query=ali|01J", &cursor), Err(BadCursor));
        let mut parts = cursor.split('.');
        let (id, position, tag) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
        let flipped = format!("{id}.{}.{tag}", BASE64_URL_SAFE_NO_PAD.encode("ali#01L"));
        for bad in [
            "",
            ".",
            &flipped,
            position,
            &format!("{id}.{position}."),
            &format!("2.{position}.{tag}"),
            &format!("{cursor}="),
            &"a".repeat(10_000),
        ] {
            assert_eq!(key.open("users|query=ali|01J", bad), Err(BadCursor), "{bad}");
        }
    }

    fn key(keys: &[(&str, u8)]) -> CursorKey {
        let key = |(id, byte): &(&str, u8)| format!("{id}:{}", base64::prelude::BASE64_STANDARD.encode([*byte; 32]));
        CursorKey::new(KeyRing::parse(&keys.iter().map(key).collect::<Vec<_>>().join(",")).unwrap())
    }

    #[test]
    fn lists_go_on_while_keys_change_and_no_longer() {
        let before = key(&[("1", 7)]);
        let during = key(&[("2", 8), ("1", 7)]);
        let after = key(&[("3", 9), ("2", 8)]);
        let (old, new) = (before.seal("users", "here"), during.seal("users", "there"));
        assert_eq!(during.open("users", &old).as_deref(), Ok("here"));
        assert_eq!(after.open("users", &old), Err(BadCursor));
        assert_eq!(after.open("users", &new).as_deref(), Ok("there"));
        assert_eq!(before.open("users", &new), Err(BadCursor));
    }
}
