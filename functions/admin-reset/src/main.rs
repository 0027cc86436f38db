//! Runs the function on AWS Lambda.

use std::sync::Arc;

use mailkey_admin_reset::{AdminReset, routes};
use mailkey_lambda::{Error, env, serve, start};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let start = start()?;
    serve(routes(Arc::new(AdminReset { app: start.app()? })), &start, &env::portal()?).await
}
