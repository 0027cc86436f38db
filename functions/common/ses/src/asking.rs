//! SES calls other than sending. SES allows each of them once per second for the whole account and Region ([Service
//! quotas](https://docs.aws.amazon.com/ses/latest/dg/quotas.html)), so throttling is normal.

use std::time::Duration;

use aws_sdk_sesv2::error::{ProvideErrorMetadata, SdkError};
use mailkey::Unavailable;

/// The error without SES's text, which may contain an address.
pub(crate) fn unavailable(operation: &'static str, detail: &str) -> Unavailable {
    Unavailable::new("SES", operation, detail)
}

/// The pauses before a throttled call is retried. They exceed the second of the quota and differ, so that concurrent
/// callers don't retry in step.
pub(crate) const PAUSES: [Duration; 3] =
    [Duration::from_millis(1_050), Duration::from_millis(1_350), Duration::from_millis(1_800)];

/// Retries a throttled call. Returns `None` if SES says that the thing doesn't exist.
pub(crate) async fn ask<T, E, R, Answer>(
    operation: &'static str,
    pauses: &[Duration],
    call: impl Fn() -> Answer,
) -> Result<Option<T>, Unavailable>
where
    E: ProvideErrorMetadata,
    Answer: Future<Output = Result<T, SdkError<E, R>>>,
{
    let mut pauses = pauses.iter();
    loop {
        let detail = match call().await {
            Ok(answer) => return Ok(Some(answer)),
            Err(SdkError::ServiceError(e)) => match e.err().code().unwrap_or("Unknown") {
                "NotFoundException" => return Ok(None),
                code @ ("TooManyRequestsException" | "ThrottlingException" | "Throttling" | "RequestThrottled") => {
                    if let Some(pause) = pauses.next() {
                        tokio::time::sleep(*pause).await;
                        continue;
                    }
                    code.to_owned()
                }
                code => code.to_owned(),
            },
            Err(SdkError::TimeoutError(_)) => "time-out".to_owned(),
            Err(SdkError::DispatchFailure(_)) => "no connection".to_owned(),
            Err(_) => "an answer that cannot be read".to_owned(),
        };
        return Err(unavailable(operation, &detail));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use aws_sdk_sesv2::{
        error::ErrorMetadata, operation::get_suppressed_destination::GetSuppressedDestinationError as Refused,
    };

    use super::*;

    /// Fails with each of the codes in turn, then succeeds. Returns the result and the number of calls.
    async fn asked(codes: &[&str]) -> (Result<Option<()>, String>, usize) {
        let calls = AtomicUsize::new(0);
        let answer = ask("GetSuppressedDestination", &[Duration::ZERO; 3], || {
            std::future::ready(match codes.get(calls.fetch_add(1, Ordering::Relaxed)) {
                None => Ok(()),
                Some(code) => {
                    let error = Refused::generic(ErrorMetadata::builder().code(*code).message("to a@b.test").build());
                    Err(SdkError::service_error(error, ()))
                }
            })
        });
        (answer.await.map_err(|e| e.chain()), calls.load(Ordering::Relaxed))
    }

    #[tokio::test]
    async fn a_busy_ses_is_asked_again_and_any_other_refusal_stands() {
        const BUSY: &str = "TooManyRequestsException";
        let failed = |code: &str| Err(format!("GetSuppressedDestination failed at SES: {code}"));
        for (codes, answer, calls) in [
            (&[][..], Ok(Some(())), 1),
            (&[BUSY, "ThrottlingException"], Ok(Some(())), 3),
            (&[BUSY, "NotFoundException"], Ok(None), 2),
            (&[BUSY; 4], failed(BUSY), 4),
            (&["AccessDeniedException"], failed("AccessDeniedException"), 1),
            (&["InternalFailure"], failed("InternalFailure"), 1),
        ] {
            assert_eq!(asked(codes).await, (answer, calls), "{codes:?}");
        }
    }
}
