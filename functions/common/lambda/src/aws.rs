//! The SDK's configuration from the environment of AWS Lambda. Profiles, instance metadata and web identity are left out:
//! code that isn't linked doesn't slow down a cold start.

use std::time::Duration;

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::{SdkConfig, region::Region};

use crate::env::{ConfigError, optional, required};

/// The longest time for a call with its retries. After that, the answer is 503.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(5);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);

/// The configuration that all SDK clients share: [the variables that Lambda
/// sets](https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html), which don't change while the
/// process runs, and `AWS_ENDPOINT_URL` for tests against an emulator.
pub(crate) fn sdk_config() -> Result<SdkConfig, ConfigError> {
    let timeouts =
        TimeoutConfig::builder().operation_timeout(OPERATION_TIMEOUT).operation_attempt_timeout(ATTEMPT_TIMEOUT);
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(required("AWS_REGION")?))
        .credentials_provider(SharedCredentialsProvider::new(credentials()?))
        .timeout_config(timeouts.build())
        .http_client(Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https());
    config.set_endpoint_url(optional("AWS_ENDPOINT_URL"));
    Ok(config.build())
}

/// The role's credentials.
fn credentials() -> Result<Credentials, ConfigError> {
    let (id, secret) = (required("AWS_ACCESS_KEY_ID")?, required("AWS_SECRET_ACCESS_KEY")?);
    Ok(Credentials::new(id, secret, optional("AWS_SESSION_TOKEN"), None, "Lambda"))
}
