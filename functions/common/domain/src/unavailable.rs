//! A service that we depend on and that didn't do what we asked.

use std::error::Error;

/// A service failed, refused or didn't answer. It proves nothing about what was asked, and another try may succeed.
#[derive(Debug, thiserror::Error)]
#[error("{service} gave no answer to {operation}: {source}")]
pub struct Unavailable {
    /// The service, such as `SES`.
    pub service: &'static str,
    /// The operation, in the service's words.
    pub operation: &'static str,
    /// The cause. It holds no text of the service that may name an address or a key.
    #[source]
    pub source: Box<dyn Error + Send + Sync>,
}

impl Unavailable {
    /// Wraps the cause of a failed call.
    pub fn new(
        service: &'static str,
        operation: &'static str,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self { service, operation, source: source.into() }
    }
}
