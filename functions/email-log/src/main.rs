//! Runs the function on AWS Lambda.

use std::sync::Arc;

use mailkey_email_log::{EmailLog, routes};
use mailkey_lambda::{Error, cursor_key, env, serve, start};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let start = start()?;
    serve(routes(Arc::new(EmailLog { app: start.app()?, cursors: cursor_key()? })), &env::portal()?).await
}
