//! The filters that the list and the export share.

use mailkey::{
    EmailAddress,
    account::SenderPattern,
    email_log::{DeliveryStatus, EmailKind, EmailLogFilter, Origin, Reason, Trigger},
};
use mailkey_api::{
    http::StrictQuery,
    problem::{Problem, ProblemType},
};

pub(crate) fn read(query: &mut StrictQuery) -> Result<EmailLogFilter, Problem> {
    let malformed = |detail: &str| Problem::new(ProblemType::MalformedRequest).with_detail(detail);
    let no_address = |_| malformed("The parameter recipient must be an email address.");
    let no_sender = |_| malformed("The parameter sender must be a domain or an email address.");
    let no_domain = || malformed("The parameter domain must be a domain.");
    let recipient = query.text("recipient").map(|text| EmailAddress::parse(&text)).transpose().map_err(no_address)?;
    let sender = query.text("sender").map(|text| SenderPattern::parse(&text)).transpose().map_err(no_sender)?;
    let domain = match query.text("domain").map(|text| SenderPattern::parse(&text)) {
        None => None,
        Some(Ok(SenderPattern::Domain(domain))) => Some(domain),
        Some(Ok(SenderPattern::Address(_)) | Err(_)) => return Err(no_domain()),
    };
    Ok(EmailLogFilter {
        origin: query.one_of("origin", Origin::ALL)?,
        sender,
        domain,
        reason: query.one_of("reason", Reason::ALL)?,
        recipient: recipient.map(|address| address.key().clone()),
        status: query.one_of("status", DeliveryStatus::ALL)?,
        kind: query.one_of("kind", EmailKind::ALL)?,
        trigger: query.one_of("trigger", Trigger::ALL)?,
        from: query.time("from")?,
        to: query.time("to")?,
    })
}

/// The whole filter, for the scope of a cursor. Debug output masks addresses, and two of them can have the same mask.
pub(crate) fn text(filter: &EmailLogFilter) -> String {
    let recipient = filter.recipient.as_ref().map_or("", |recipient| recipient.as_str());
    let sender = filter.sender.as_ref().map(ToString::to_string).unwrap_or_default();
    format!("{filter:?}|{recipient}|{sender}")
}
