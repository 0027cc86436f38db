//! Asking SES something, other than to send. All of its actions but `SendEmail` are allowed once a second for the whole
//! account and Region (Amazon SES, Service quotas), so that being told to slow down is ordinary.

use std::time::Duration;

use aws_sdk_sesv2::error::{ProvideErrorMetadata, SdkError};
use mailkey::Unavailable;

/// Without SES's text, which may name an address.
pub(crate) fn unavailable(operation: &'static str, detail: &str) -> Unavailable {
    Unavailable::new("SES", operation, detail)
}

/// The pauses before further tries where SES says that it is asked too often: longer than its second, and unequal, so
/// that two who ask in step fall out of it.
pub(crate) const PAUSES: [Duration; 3] =
    [Duration::from_millis(1_050), Duration::from_millis(1_350), Duration::from_millis(1_800)];

/// Asks until SES is not too busy; `None` where what is asked about does not exist.
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

    /// Answers a code for each of the first calls, and then that all is well; with the number of calls.
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
