//! Running on AWS Lambda: environment, clients, logs, serving. Clients are created when they are first used.

mod api;
mod aws;
pub mod env;
mod log;
mod secrets;

use std::sync::Arc;

pub use aws_types::SdkConfig;
use mailkey::{OsEntropy, SystemClock, config::KeyRing, paging::CursorKey};
use mailkey_api::App;
use mailkey_dynamodb::Database;
use mailkey_ses::SesClient;

pub use api::{Api, serve};
use env::ConfigError;
use secrets::Secrets;

/// Why a function doesn't start, or an error of the runtime.
pub type Error = lambda_http::Error;

/// A function that is starting, with logging set up.
#[derive(Debug)]
pub struct Start {
    /// The configuration that all SDK clients share.
    pub sdk: SdkConfig,
    secrets: Secrets,
}

/// Sets up logging and reads the variables that Lambda sets.
pub fn start() -> Result<Start, ConfigError> {
    log::log_as_json();
    let sdk = aws::sdk_config()?;
    Ok(Start { secrets: Secrets::new(&sdk), sdk })
}

impl Start {
    /// The deployment's tables, whose names begin with `MAILKEY_TABLE_PREFIX`.
    pub fn app(&self) -> Result<App, ConfigError> {
        let db = Database::connect(&self.sdk, env::required("MAILKEY_TABLE_PREFIX")?);
        let directory = env::directory()?;
        Ok(App { db, clock: Arc::new(SystemClock), entropy: Arc::new(OsEntropy), directory })
    }

    /// SES.
    pub fn ses(&self) -> SesClient {
        mailkey_ses::connect(&self.sdk)
    }

    /// The keys in `variable`, or in the secret whose ARN it contains. A function doesn't start without the keys it needs.
    pub async fn keys(&self, variable: &'static str) -> Result<KeyRing, ConfigError> {
        self.secrets.keys(variable).await
    }

    /// The key that signs cursors.
    pub async fn cursor_key(&self) -> Result<CursorKey, ConfigError> {
        Ok(CursorKey::new(self.keys("MAILKEY_CURSOR_KEY").await?))
    }
}
