//! Waits for asynchronous results.

use std::{
    future::Future,
    time::{Duration, Instant},
};

/// Long enough for a busy machine. A test that waits this long fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Polls until there is a result, and returns it.
///
/// # Panics
///
/// If there is no result within a minute.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, ask: impl FnMut() -> F) -> T {
    eventually_within(PATIENCE, what, ask).await
}

/// The same for something that takes longer.
pub(crate) async fn eventually_within<T, F: Future<Output = Option<T>>>(
    patience: Duration,
    what: &str,
    mut ask: impl FnMut() -> F,
) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(begun.elapsed() < patience, "timed out waiting for: {what}");
        // Poll less often after a second, to not slow the service down.
        let pause_ms = if begun.elapsed() < Duration::from_secs(1) { 15 } else { 150 };
        tokio::time::sleep(Duration::from_millis(pause_ms)).await;
    }
}
