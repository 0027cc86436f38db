//! Waiting for what happens by itself.

use std::{
    future::Future,
    time::{Duration, Instant},
};

/// Long enough for a loaded machine; whoever waits in vain has failed anyway.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Asks again and again until there is an answer, and answers that.
///
/// # Panics
///
/// When there is none for a minute.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> F) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(begun.elapsed() < PATIENCE, "waited in vain: {what}");
        // What takes long is slowed down by being asked without a pause.
        let pause_ms = if begun.elapsed() < Duration::from_secs(1) { 15 } else { 150 };
        tokio::time::sleep(Duration::from_millis(pause_ms)).await;
    }
}
