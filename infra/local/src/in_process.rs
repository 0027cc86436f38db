//! Lets an AWS SDK client call a service in the same process, without a socket.
//!
//! The client is the production client: it signs, serializes, retries and times out as usual. Only the connection is
//! replaced.

use std::fmt;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use axum::Router;
use axum::body::Body;
use http_body_util::BodyExt;
use tower::ServiceExt;

/// An HTTP client for the AWS SDK that passes each request to `router`.
///
/// The endpoint's host and scheme are ignored. The client's read timeout applies, and a client that gives up cancels
/// the request, like a closed connection.
pub fn connector(router: Router) -> SharedHttpClient {
    http_client_fn(move |settings: &HttpConnectorSettings, _components| {
        SharedHttpConnector::new(InProcess { router: router.clone(), read_timeout: settings.read_timeout() })
    })
}

struct InProcess {
    router: Router,
    read_timeout: Option<Duration>,
}

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InProcess")
    }
}

impl HttpConnector for InProcess {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let answer = answer(self.router.clone(), request);
        let Some(limit) = self.read_timeout else {
            return HttpConnectorFuture::new(answer);
        };
        HttpConnectorFuture::new(async move {
            match tokio::time::timeout(limit, answer).await {
                Ok(answered) => answered,
                Err(elapsed) => Err(ConnectorError::timeout(elapsed.into())),
            }
        })
    }
}

async fn answer(router: Router, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
    let answered = match router.oneshot(request.map(Body::new)).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let (head, body) = answered.into_parts();
    let bytes = body.collect().await.map_err(|error| ConnectorError::io(error.into()))?.to_bytes();
    let response = axum::http::Response::from_parts(head, SdkBody::from(bytes));
    HttpResponse::try_from(response).map_err(|error| ConnectorError::other(error.into(), None))
}

#[cfg(test)]
mod tests {
    use aws_sdk_sesv2::Client;
    use aws_sdk_sesv2::config::retry::RetryConfig;
    use aws_sdk_sesv2::config::timeout::TimeoutConfig;
    use aws_sdk_sesv2::config::{BehaviorVersion, Region};
    use aws_sdk_sesv2::error::SdkError;
    use axum::http::Uri;
    use axum::routing::get;

    use super::*;

    fn client(router: Router) -> Client {
        let timeouts = TimeoutConfig::builder().read_timeout(Duration::from_millis(20)).build();
        let config = aws_sdk_sesv2::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .endpoint_url("http://in.process")
            .allow_no_auth()
            .http_client(connector(router))
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts)
            .build();
        Client::from_conf(config)
    }

    #[tokio::test]
    async fn path_and_query_reach_the_router_as_the_client_wrote_them() {
        let echo = get(async |uri: Uri| format!("{{\"NextToken\":\"{uri}\"}}"));
        let answer = client(Router::new().fallback(echo)).list_suppressed_destinations().next_token("a+b").send().await;
        let token = answer.expect("an answer").next_token;
        let expected = "http://in.process/v2/email/suppression/addresses?NextToken=a%2Bb";
        assert_eq!(token.as_deref(), Some(expected));
    }

    #[tokio::test]
    async fn a_router_that_never_answers_is_a_timeout() {
        let never = get(async || std::future::pending::<()>().await);
        let error = client(Router::new().fallback(never)).get_account().send().await.expect_err("no answer");
        assert!(matches!(&error, SdkError::DispatchFailure(failure) if failure.is_timeout()), "{error:?}");
    }
}
