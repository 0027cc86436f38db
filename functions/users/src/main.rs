//! Runs the function on AWS Lambda.

use std::sync::Arc;

use mailkey_lambda::{Api, Error, env, start};
use mailkey_users::{Users, routes};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let start = start()?;
    let (app, cursors, watched) = (start.app()?, start.cursor_key().await?, env::watch()?.senders);
    let function = Arc::new(Users { app, cursors, watched });
    let api = Api::new(routes(Arc::clone(&function)), &start, &env::portal()?).await?;
    api.serve_with(move |event| {
        let function = Arc::clone(&function);
        async move { Ok(function.operate(&event).await?) }
    })
    .await
}
