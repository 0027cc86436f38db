//! Runs the function on AWS Lambda.

use std::sync::Arc;

use mailkey_lambda::{Error, env, serve, start};
use mailkey_sessions::{Sessions, routes};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let start = start()?;
    serve(routes(Arc::new(Sessions { app: start.app()? })), &start, &env::portal()?).await
}
