//! Running on AWS Lambda: clients, logs, configuration. What can wait until it is needed, waits.

#[cfg(feature = "lambda-http")]
mod api;
mod aws;
mod log;

#[cfg(feature = "http")]
use std::sync::Arc;

use aws_types::SdkConfig;

use crate::{
    Database,
    config::{ConfigError, required},
};
#[cfg(feature = "http")]
use crate::{OsEntropy, SystemClock, config::PortalConfig};

#[cfg(feature = "lambda-http")]
pub use api::{Api, serve};
pub use aws::sdk_config;
pub use log::log_as_json;

/// The deployment's tables, whose names begin with `MAILKEY_TABLE_PREFIX`.
pub fn database(config: &SdkConfig) -> Result<Database, ConfigError> {
    Ok(Database::new(aws_sdk_dynamodb::Client::new(config), required("MAILKEY_TABLE_PREFIX")?))
}

/// SES, without retries of its own and with time for a slow answer.
#[cfg(feature = "ses")]
pub fn ses(config: &SdkConfig) -> aws_sdk_sesv2::Client {
    use aws_sdk_sesv2::config::{Builder, retry::RetryConfig, timeout::TimeoutConfig};

    let timeouts = TimeoutConfig::builder().operation_timeout(crate::sender::SEND_TIMEOUT).build();
    let config = Builder::from(config).retry_config(RetryConfig::disabled()).timeout_config(timeouts);
    aws_sdk_sesv2::Client::from_conf(config.build())
}

/// The key that signs cursors.
///
/// # Errors
///
/// [`ConfigError`] where it is missing: the process does not start without it.
pub fn cursor_key() -> Result<crate::paging::CursorKey, ConfigError> {
    Ok(crate::paging::CursorKey::new(crate::config::KeyRing::from_env("MAILKEY_CURSOR_KEY")?))
}

/// The gate of a function whose routes ask who calls.
#[cfg(feature = "http")]
pub fn gate(database: &Database) -> crate::http::Gate {
    crate::http::Gate::new(database, Arc::new(SystemClock))
}

/// The edge of a function behind the HTTP API.
#[cfg(feature = "http")]
pub fn edge(portal: &PortalConfig) -> crate::http::EdgeConfig {
    crate::http::EdgeConfig {
        site_url: portal.site_url.clone(),
        origins: vec![portal.site_url.clone()],
        clock: Arc::new(SystemClock),
        entropy: Arc::new(OsEntropy),
    }
}
