//! Runs the function on AWS Lambda.

use std::sync::Arc;

use mailkey::device::DeviceKeys;
use mailkey_api::password::Hasher;
use mailkey_lambda::{Error, env, serve, start};
use mailkey_sign_in::{SignIn, routes};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let start = start()?;
    let app = start.app()?;
    let hasher = Arc::new(Hasher::new(Arc::clone(&app.entropy)));
    let portal = env::portal()?;
    let policy = Arc::new(env::password_policy(&portal)?);
    let device_keys = DeviceKeys::new(start.keys("MAILKEY_DEVICE_KEY").await?);
    serve(routes(Arc::new(SignIn { app, hasher, policy, device_keys })), &start, &portal).await
}
