//! Running on AWS Lambda: clients, logs, configuration. What can wait until it is needed, waits.

use std::{sync::Arc, time::Duration};

use aws_config::{BehaviorVersion, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};

use crate::{
    Database, OsEntropy, SystemClock,
    config::{ConfigError, PortalConfig, optional, required},
};

/// No call waits longer than this in all; a caller is answered 503 and may come again.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(5);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);

/// Logs as JSON lines on standard output, which Lambda hands to CloudWatch.
pub fn log_as_json() {
    let filter = tracing_subscriber::EnvFilter::new(optional("MAILKEY_LOG").unwrap_or_else(|| "info".to_owned()));
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_env_filter(filter)
        .with_ansi(false)
        .init();
}

/// The configuration that all SDK clients share.
pub async fn sdk_config() -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .operation_timeout(OPERATION_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT);
    aws_config::defaults(BehaviorVersion::latest())
        .timeout_config(timeouts.build())
        .load()
        .await
}

/// The deployment's tables, whose names begin with `MAILKEY_TABLE_PREFIX`.
///
/// # Errors
///
/// [`ConfigError`] where the variable is missing.
pub fn database(config: &SdkConfig) -> Result<Database, ConfigError> {
    Ok(Database::new(
        aws_sdk_dynamodb::Client::new(config),
        required("MAILKEY_TABLE_PREFIX")?,
    ))
}

/// SES, without retries of its own and with time for a slow answer.
#[cfg(feature = "ses")]
pub fn ses(config: &SdkConfig) -> aws_sdk_sesv2::Client {
    let timeouts = TimeoutConfig::builder()
        .operation_timeout(crate::sender::SEND_TIMEOUT)
        .build();
    let config = aws_sdk_sesv2::config::Builder::from(config)
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts);
    aws_sdk_sesv2::Client::from_conf(config.build())
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
