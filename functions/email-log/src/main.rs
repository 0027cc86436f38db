//! Runs the function on AWS Lambda.

use std::sync::Arc;

use mailkey_email_log::{EmailLog, routes};
use mailkey_lambda::{Error, env, serve, start};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let start = start()?;
    let (app, cursors, watched) = (start.app()?, start.cursor_key().await?, env::watch()?.senders);
    serve(routes(Arc::new(EmailLog { app, cursors, watched })), &start, &env::portal()?).await
}
