//! Runs the function on AWS Lambda.

use std::sync::Arc;

use mailkey::device::DeviceKeys;
use mailkey_api::password::Hasher;
use mailkey_lambda::{Error, env, serve, start};
use mailkey_redeem_token::{RedeemToken, routes};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let start = start()?;
    let (app, portal) = (start.app()?, env::portal()?);
    let hasher = Arc::new(Hasher::new(Arc::clone(&app.entropy)));
    let policy = Arc::new(env::password_policy(&portal)?);
    let device_keys = DeviceKeys::new(start.keys("MAILKEY_DEVICE_KEY").await?);
    let function = RedeemToken { app, hasher, policy, device_keys };
    serve(routes(Arc::new(function)), &start, &portal).await
}
