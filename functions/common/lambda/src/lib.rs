//! Running on AWS Lambda: environment, clients, logs, serving. Clients are created when they are first used.

mod api;
mod aws;
pub mod env;
mod log;

use std::sync::Arc;

use aws_types::SdkConfig;
use mailkey::{OsEntropy, SystemClock, paging::CursorKey};
use mailkey_api::App;
use mailkey_dynamodb::Database;
use mailkey_ses::SesClient;

pub use api::{Api, serve};
use env::ConfigError;

/// Why a function doesn't start, or an error of the runtime.
pub type Error = lambda_http::Error;

/// A function that is starting, with logging set up.
#[derive(Debug)]
pub struct Start {
    /// The configuration that all SDK clients share.
    pub sdk: SdkConfig,
}

/// Sets up logging and reads the variables that Lambda sets.
pub fn start() -> Result<Start, ConfigError> {
    log::log_as_json();
    Ok(Start { sdk: aws::sdk_config()? })
}

impl Start {
    /// The deployment's tables, whose names begin with `MAILKEY_TABLE_PREFIX`.
    pub fn app(&self) -> Result<App, ConfigError> {
        let db = Database::connect(&self.sdk, env::required("MAILKEY_TABLE_PREFIX")?);
        Ok(App { db, clock: Arc::new(SystemClock), entropy: Arc::new(OsEntropy) })
    }

    /// SES.
    pub fn ses(&self) -> SesClient {
        mailkey_ses::connect(&self.sdk)
    }
}

/// The key that signs cursors.
pub fn cursor_key() -> Result<CursorKey, ConfigError> {
    Ok(CursorKey::new(env::keys("MAILKEY_CURSOR_KEY")?))
}
