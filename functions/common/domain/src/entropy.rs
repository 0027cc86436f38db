//! Randomness, handed in.

use std::sync::Arc;

use jiff::Timestamp;
pub use ulid::Ulid;

/// A source of random bytes.
pub trait Entropy: Send + Sync {
    /// Fills `bytes`.
    ///
    /// # Errors
    ///
    /// Where the source gives none: then nothing may be issued.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy>;
}

/// A source of randomness that many tasks share.
pub type SharedEntropy = Arc<dyn Entropy>;

/// The operating system gave no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gave no random bytes")]
pub struct NoEntropy;

/// The operating system's generator, the only one fit for secrets.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
        getrandom::fill(bytes).map_err(|_| NoEntropy)
    }
}

/// A new ULID: 48 bits of time, 80 random bits; sorts by time.
///
/// # Errors
///
/// [`NoEntropy`] where the source gives none.
pub fn new_ulid(now: Timestamp, entropy: &dyn Entropy) -> Result<Ulid, NoEntropy> {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes)?;
    let ms = u64::try_from(now.as_millisecond()).unwrap_or(0);
    Ok(Ulid::from_parts(ms, u128::from_le_bytes(bytes)))
}
