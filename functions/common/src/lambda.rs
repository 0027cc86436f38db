//! Running on AWS Lambda: clients, logs, configuration. What can wait until it is needed, waits.

#[cfg(feature = "http")]
use std::sync::Arc;
use std::time::Duration;

use aws_config::{BehaviorVersion, SdkConfig, timeout::TimeoutConfig};

use crate::{
    Database,
    config::{ConfigError, optional, required},
};
#[cfg(feature = "http")]
use crate::{OsEntropy, SystemClock, config::PortalConfig};

/// No call waits longer than this in all; a caller is answered 503 and may come again.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(5);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);

/// Logs as JSON lines on standard output, which Lambda hands to CloudWatch.
pub fn log_as_json() {
    let filter = tracing_subscriber::EnvFilter::new(optional("MAILKEY_LOG").unwrap_or_else(|| "info".to_owned()));
    tracing_subscriber::fmt().json().flatten_event(true).with_env_filter(filter).with_ansi(false).init();
}

/// The configuration that all SDK clients share.
pub async fn sdk_config() -> SdkConfig {
    let timeouts =
        TimeoutConfig::builder().operation_timeout(OPERATION_TIMEOUT).operation_attempt_timeout(ATTEMPT_TIMEOUT);
    aws_config::defaults(BehaviorVersion::latest()).timeout_config(timeouts.build()).load().await
}

/// The deployment's tables, whose names begin with `MAILKEY_TABLE_PREFIX`.
///
/// # Errors
///
/// [`ConfigError`] where the variable is missing.
pub fn database(config: &SdkConfig) -> Result<Database, ConfigError> {
    Ok(Database::new(aws_sdk_dynamodb::Client::new(config), required("MAILKEY_TABLE_PREFIX")?))
}

/// SES, without retries of its own and with time for a slow answer.
#[cfg(feature = "ses")]
pub fn ses(config: &SdkConfig) -> aws_sdk_sesv2::Client {
    let timeouts = TimeoutConfig::builder().operation_timeout(crate::sender::SEND_TIMEOUT).build();
    let config = aws_sdk_sesv2::config::Builder::from(config)
        .retry_config(aws_config::retry::RetryConfig::disabled())
        .timeout_config(timeouts);
    aws_sdk_sesv2::Client::from_conf(config.build())
}

/// Serves a function's routes behind the HTTP API.
///
/// # Errors
///
/// What the runtime says.
#[cfg(feature = "lambda-http")]
pub async fn serve(routes: axum::Router, portal: &PortalConfig) -> Result<(), lambda_http::Error> {
    use lambda_http::{RequestExt, request::RequestContext};
    let routes = crate::http::service(routes, edge(portal));
    // The gateway says where a request comes from; what clients write into headers is not believed.
    let with_ip = async |mut request: axum::extract::Request, next: axum::middleware::Next| {
        let ip = match request.request_context_ref() {
            Some(RequestContext::ApiGatewayV2(context)) => {
                context.http.source_ip.as_deref().and_then(|ip| ip.parse().ok())
            }
            _ => None,
        };
        if let Some(ip) = ip {
            request.extensions_mut().insert(crate::http::ClientIp(ip));
        }
        next.run(request).await
    };
    lambda_http::run(routes.layer(axum::middleware::from_fn(with_ip))).await
}

/// The key that signs cursors.
///
/// # Errors
///
/// [`ConfigError`] where it is missing: the process does not start without it.
pub fn cursor_key() -> Result<crate::paging::CursorKey, ConfigError> {
    Ok(crate::paging::CursorKey::new(crate::config::SecretKey::from_env("MAILKEY_CURSOR_KEY")?))
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
