//! Runs the function on AWS Lambda.

use std::sync::Arc;

use mailkey::{config::parse_duration, recovery::RequestKeyring};
use mailkey_forgot_password::{ForgotPassword, routes};
use mailkey_lambda::{Error, env, serve, start};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let start = start()?;
    let bucket = parse_duration(&env::optional("MAILKEY_REQUEST_BUCKET").unwrap_or_else(|| "60s".to_owned()))?;
    let keyring = RequestKeyring::new(start.keys("MAILKEY_REQUEST_KEY").await?, bucket);
    serve(routes(Arc::new(ForgotPassword { app: start.app()?, keyring })), &start, &env::portal()?).await
}
