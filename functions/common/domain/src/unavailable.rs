//! The error of every service we depend on.

use std::{borrow::Cow, error::Error};

/// A service did not do what we asked: it throttled us, failed, or did not answer. Another try may succeed.
#[derive(Debug, thiserror::Error)]
#[error("{operation} failed at {service}")]
pub struct Unavailable {
    /// The service, such as `DynamoDB`.
    pub service: &'static str,
    /// What we asked for, with the table or resource it is about.
    pub operation: Cow<'static, str>,
    /// The error of the service's client. It never names an address or a key.
    #[source]
    pub source: Box<dyn Error + Send + Sync>,
}

impl Unavailable {
    /// Wraps the error of a failed call.
    pub fn new(
        service: &'static str,
        operation: impl Into<Cow<'static, str>>,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self { service, operation: operation.into(), source: source.into() }
    }

    /// The error with all of its causes, for a log line.
    pub fn chain(&self) -> String {
        chain(self)
    }
}

/// An error with all of its causes, for a log line.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
