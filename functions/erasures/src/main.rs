//! Runs the function on AWS Lambda.

use std::sync::Arc;

use mailkey::erasure::Pseudonyms;
use mailkey_erasures::{Erasures, routes};
use mailkey_lambda::{Api, Error, env, start};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let start = start()?;
    let pseudonyms = Pseudonyms::new(start.keys("MAILKEY_ERASURE_KEY").await?);
    let function = Arc::new(Erasures { app: start.app()?, pseudonyms });
    let api = Api::new(routes(Arc::clone(&function)), &start, &env::portal()?).await?;
    // Any other event is a batch of the stream's records.
    api.serve_with(move |event| {
        let function = Arc::clone(&function);
        async move { Ok(function.handle_event(&event).await) }
    })
    .await
}
