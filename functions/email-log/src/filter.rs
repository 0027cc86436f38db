//! The filters that the list and the export share.

use mailkey::{
    EmailAddress,
    email_log::{DeliveryStatus, EmailKind, EmailLogFilter, Trigger},
};
use mailkey_api::{
    http::StrictQuery,
    problem::{Problem, ProblemType},
};

pub(crate) fn read(query: &mut StrictQuery) -> Result<EmailLogFilter, Problem> {
    let no_address = |_| {
        Problem::new(ProblemType::MalformedRequest).with_detail("The parameter recipient must be an email address.")
    };
    let recipient = query.text("recipient").map(|text| EmailAddress::parse(&text)).transpose().map_err(no_address)?;
    Ok(EmailLogFilter {
        recipient: recipient.map(|address| address.key().clone()),
        status: query.one_of("status", DeliveryStatus::ALL)?,
        kind: query.one_of("kind", EmailKind::ALL)?,
        trigger: query.one_of("trigger", Trigger::ALL)?,
        from: query.time("from")?,
        to: query.time("to")?,
    })
}

/// The filter's full recipient. Its debug output is masked, and two addresses can have the same mask.
pub(crate) fn recipient(filter: &EmailLogFilter) -> &str {
    filter.recipient.as_ref().map_or("", |recipient| recipient.as_str())
}
