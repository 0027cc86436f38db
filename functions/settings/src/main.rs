//! Runs the function on AWS Lambda.

use std::sync::Arc;

use mailkey_lambda::{Error, env, serve, start};
use mailkey_settings::{Settings, routes};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let start = start()?;
    serve(routes(Arc::new(Settings { app: start.app()?, cursors: start.cursor_key().await? })), &start, &env::portal()?)
        .await
}
