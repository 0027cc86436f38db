//! What SES's refusals mean: try again, give up on this email, or fix our side.

use std::fmt;

use crate::email_log::{DeliveryStatus, Reason};

/// What a refusal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalClass {
    /// Another try is worth it: the stream brings the request again.
    Retry,
    /// This email will never go out.
    Final,
    /// No email will be sent before an operator fixes our side. Raises an alarm.
    OurFault,
}

/// SES did not take an email.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What it asks for.
    pub class: RefusalClass,
    /// Why, for the email log.
    pub reason: Reason,
    /// SES's code and text, for the email's timeline.
    pub detail: String,
    /// SES takes it in a moment: only the rate was exceeded. It was not sent.
    pub too_fast: bool,
}

impl Refusal {
    /// SES gave no answer that can be read.
    pub fn unanswered(detail: &str) -> Self {
        Self { class: RefusalClass::Retry, reason: Reason::SesUnavailable, detail: detail.to_owned(), too_fast: false }
    }

    /// The email could not be put together.
    pub fn unbuildable(error: impl fmt::Display) -> Self {
        Self { class: RefusalClass::Final, reason: Reason::RefusedBySes, detail: error.to_string(), too_fast: false }
    }

    /// The status that an email gets by it.
    pub fn status(&self) -> DeliveryStatus {
        match self.class {
            RefusalClass::Retry => DeliveryStatus::SendFailedRetrying,
            RefusalClass::Final | RefusalClass::OurFault => DeliveryStatus::SendFailed,
        }
    }
}

/// Sorts an error of SES by its code and its text.
///
/// Codes are those of the SES v2 API, `SendEmail`. The text matters twice: a throttled request is worth another try
/// when the rate was exceeded and not when the day's quota is used up; and a rejected message is our fault when an
/// address of ours is not verified.
pub fn classify(code: Option<&str>, message: &str) -> Refusal {
    let code = code.unwrap_or("Unknown");
    let says = |text: &str| message.to_ascii_lowercase().contains(text);
    let over_quota = says("daily message quota") || says("daily sending quota") || says("24-hour") || says("24 hour");
    let (class, reason) = match code {
        "TooManyRequestsException" | "LimitExceededException" | "ThrottlingException" | "Throttling" if over_quota => {
            (RefusalClass::OurFault, Reason::SenderOverQuota)
        }
        "TooManyRequestsException" | "ThrottlingException" | "Throttling" | "RequestThrottled" => {
            (RefusalClass::Retry, Reason::SesUnavailable)
        }
        "LimitExceededException" => (RefusalClass::OurFault, Reason::SenderOverQuota),
        "AccountSuspendedException" => (RefusalClass::OurFault, Reason::SenderSuspended),
        "SendingPausedException" => (RefusalClass::OurFault, Reason::SenderPaused),
        "MailFromDomainNotVerifiedException" => (RefusalClass::OurFault, Reason::SenderUnverified),
        "MessageRejected" if says("not verified") => (RefusalClass::OurFault, Reason::SenderUnverified),
        "NotFoundException" | "AccessDeniedException" | "UnrecognizedClientException" | "InvalidClientTokenId" => {
            (RefusalClass::OurFault, Reason::SenderMisconfigured)
        }
        "MessageRejected" | "BadRequestException" | "ValidationException" => {
            (RefusalClass::Final, Reason::RefusedBySes)
        }
        // What we don't know may pass: failing services have many names for it. Age and the dead-letter queue bound it.
        _ => (RefusalClass::Retry, Reason::SesUnavailable),
    };
    let too_fast = class == RefusalClass::Retry
        && matches!(code, "TooManyRequestsException" | "ThrottlingException" | "Throttling" | "RequestThrottled");
    Refusal { class, reason, detail: format!("{code}: {message}"), too_fast }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_of_ses_is_sorted() {
        let table: Vec<_> = [
            (Some("TooManyRequestsException"), "Maximum sending rate exceeded."),
            (Some("TooManyRequestsException"), "Daily message quota exceeded."),
            (Some("LimitExceededException"), "Limit exceeded."),
            (Some("ThrottlingException"), "Rate exceeded"),
            (Some("AccountSuspendedException"), ""),
            (Some("SendingPausedException"), "Account is paused"),
            (Some("MailFromDomainNotVerifiedException"), ""),
            (Some("MessageRejected"), "Email address is not verified. The following identities failed the check"),
            (Some("MessageRejected"), "Message contains a virus"),
            (Some("NotFoundException"), "Configuration set <recovery> does not exist."),
            (Some("AccessDeniedException"), "not authorized to perform ses:SendEmail"),
            (Some("BadRequestException"), "Local address contains control or whitespace"),
            (Some("InternalFailure"), ""),
            (Some("ServiceUnavailable"), ""),
            (None, ""),
        ]
        .into_iter()
        .map(|(code, message)| {
            let refusal = classify(code, message);
            format!("{:?} {} -> {} ({})", refusal.class, refusal.detail, refusal.status(), refusal.reason)
        })
        .collect();
        insta::assert_snapshot!(table.join("\n"));
    }
}
