//! Tests that each fault returns the modelled SDK error, and whether the email was sent.

use std::time::Duration;

use aws_sdk_sesv2::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sesv2::operation::send_email::SendEmailError;

use super::TestSes;
use crate::ses::{FaultMode, FaultPlan};

async fn check(mode: FaultMode, expected: fn(&SendEmailError) -> bool, message: &str, sent: usize) {
    let test = TestSes::new();
    test.ses.faults().set(mode);
    let error = test.send("a@example.com").await.expect_err("a fault").into_service_error();
    assert!(expected(&error), "{mode:?}: {error:?}");
    assert!(error.message().unwrap_or_default().starts_with(message), "{mode:?}: {error:?}");
    assert_eq!(test.ses.outbox().newest_first().len(), sent, "{mode:?}");
}

#[tokio::test]
async fn a_rejection_is_a_modelled_sdk_error() {
    let throttled = SendEmailError::is_too_many_requests_exception;
    check(FaultMode::Throttle, throttled, "Maximum sending rate exceeded.", 0).await;
    check(FaultMode::Quota, throttled, "Daily message quota exceeded.", 0).await;
    check(FaultMode::Reject, SendEmailError::is_message_rejected, "Email address is not verified.", 0).await;
    check(FaultMode::Paused, SendEmailError::is_sending_paused_exception, "Sending is paused", 0).await;
}

#[tokio::test]
async fn a_failure_can_happen_before_or_after_the_email_is_sent() {
    let failed = |error: &SendEmailError| error.code() == Some("InternalFailure");
    check(FaultMode::Fail, failed, "", 0).await;
    check(FaultMode::AcceptThenFail, failed, "", 1).await;
}

#[tokio::test]
async fn a_hanging_call_ends_when_the_client_times_out() {
    for (mode, sent) in [(FaultMode::Hang, 0), (FaultMode::AcceptThenHang, 1)] {
        let test = TestSes::new();
        test.ses.faults().set(mode);
        let error = test.send("a@example.com").await.expect_err("no answer");
        assert!(matches!(error, SdkError::TimeoutError(_)), "{mode:?}: {error:?}");
        assert_eq!(test.ses.outbox().newest_first().len(), sent, "{mode:?}");
    }
}

#[tokio::test]
async fn a_new_plan_ends_a_hanging_call() {
    let test = TestSes::new();
    test.ses.faults().set(FaultPlan { mode: FaultMode::Hang, delay_ms: None, next: Some(1) });
    let let_go = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        test.ses.faults().set(FaultMode::None);
    };
    let (sent, ()) = tokio::join!(test.send("a@example.com"), let_go);
    assert_eq!(sent.expect_err("a fault").into_service_error().code(), Some("InternalFailure"));
}

#[tokio::test]
async fn a_plan_with_a_call_limit_ends_after_that_many_calls() {
    let test = TestSes::new();
    test.ses.faults().set(FaultPlan { mode: FaultMode::Throttle, delay_ms: None, next: Some(2) });
    for _ in 0..2 {
        test.send("a@example.com").await.expect_err("throttled");
    }
    test.send("a@example.com").await.expect("sent");
    assert_eq!(test.ses.faults().plan(), FaultPlan::default());
}

#[tokio::test]
async fn a_slow_response_comes_after_its_delay() {
    let test = TestSes::new();
    test.ses.faults().set(FaultPlan { mode: FaultMode::Slow, delay_ms: Some(50), next: None });
    let start = tokio::time::Instant::now();
    test.send("a@example.com").await.expect("sent");
    assert!(start.elapsed() >= Duration::from_millis(50));
}

#[tokio::test]
async fn an_invalid_request_does_not_use_up_a_fault() {
    let test = TestSes::new();
    test.ses.faults().set(FaultPlan { mode: FaultMode::Throttle, delay_ms: None, next: Some(1) });
    let error = test.send("nobody").await.expect_err("refused").into_service_error();
    assert!(error.is_bad_request_exception(), "{error:?}");
    assert_eq!(test.ses.faults().plan().next, Some(1));
}
