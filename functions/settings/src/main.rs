//! Runs the function on AWS Lambda.

use std::sync::Arc;

use mailkey::erasure::Pseudonyms;
use mailkey_lambda::{Error, env, serve, start};
use mailkey_settings::{Settings, routes};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let start = start()?;
    let function = Settings {
        app: start.app()?,
        cursors: start.cursor_key().await?,
        pseudonyms: Pseudonyms::new(start.keys("MAILKEY_ERASURE_KEY").await?),
    };
    serve(routes(Arc::new(function)), &start, &env::portal()?).await
}
