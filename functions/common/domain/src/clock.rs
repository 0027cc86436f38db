//! What time it is, handed in.

use std::sync::Arc;

use jiff::Timestamp;

/// Tells the time. Everything that decides takes a [`Timestamp`]; only the doors of the system own a clock.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// A clock that many tasks share.
pub type SharedClock = Arc<dyn Clock>;

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A time as every answer writes it: RFC 3339 in UTC with milliseconds, so that texts sort as times do.
pub fn rfc3339(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// Milliseconds since the Unix epoch, rounded down: how items keep a time, so that conditions can compare it.
pub fn millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// The time an item keeps as milliseconds; clamped to what [`Timestamp`] can hold.
pub fn from_millis(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(if ms < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

/// `at` with what is finer than a millisecond cut off: a time that survives being stored.
pub fn whole_millis(at: Timestamp) -> Timestamp {
    from_millis(millis(at))
}
