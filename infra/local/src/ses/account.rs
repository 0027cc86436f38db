//! The SES account and its identities. Faults show here as at SES: a paused account says so.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use serde_json::{Value, json};

use super::error::{SesError, answer};
use super::{FaultMode, LocalSes, address, id};

/// The quotas of most new production accounts: emails per day and per second.
const DAILY_QUOTA: f64 = 50_000.0;
const SENDING_RATE: f64 = 14.0;
/// The DNS zone with the DKIM keys.
pub const SIGNING_ZONE: &str = "dkim.amazonses.com";
const A_DAY: Duration = Duration::from_hours(24);

/// `GetAccount`
pub(super) async fn get_account(State(ses): State<LocalSes>) -> Response<Body> {
    let mode = ses.faults.plan().mode;
    let sent = if mode == FaultMode::Quota { DAILY_QUOTA } else { sent_in_a_day(&ses) };
    let paused = mode == FaultMode::Paused;
    let account = json!({
        "DedicatedIpAutoWarmupEnabled": false,
        "EnforcementStatus": if paused { "SHUTDOWN" } else { "HEALTHY" },
        "ProductionAccessEnabled": mode != FaultMode::Sandbox,
        "SendQuota": { "Max24HourSend": DAILY_QUOTA, "MaxSendRate": SENDING_RATE, "SentLast24Hours": sent },
        "SendingEnabled": !paused,
        "SuppressionAttributes": { "SuppressedReasons": ["BOUNCE", "COMPLAINT"] },
        "VdmAttributes": { "VdmEnabled": "DISABLED" },
    });
    answer(StatusCode::OK, &account)
}

/// `GetEmailIdentity`: every domain is a verified identity; single addresses aren't identities.
pub(super) async fn get_identity(
    State(ses): State<LocalSes>,
    Path(identity): Path<String>,
) -> Result<Response<Body>, SesError> {
    if identity.contains('@') {
        return Err(SesError::not_found(format!("Email identity {identity} does not exist.")));
    }
    address::check_domain(&identity).map_err(SesError::bad_request)?;
    let verified = ses.faults.plan().mode != FaultMode::Reject;
    Ok(answer(StatusCode::OK, &domain(&identity, verified)))
}

fn sent_in_a_day(ses: &LocalSes) -> f64 {
    let then = ses.now().saturating_sub(A_DAY).unwrap_or(jiff::Timestamp::MIN);
    ses.outbox.count_since(then) as f64
}

fn domain(name: &str, verified: bool) -> Value {
    let status = if verified { "SUCCESS" } else { "PENDING" };
    json!({
        "IdentityType": "DOMAIN",
        "FeedbackForwardingStatus": false,
        "VerifiedForSendingStatus": verified,
        "VerificationStatus": status,
        "DkimAttributes": {
            "SigningEnabled": true,
            "Status": status,
            "Tokens": dkim_tokens(name),
            "SigningHostedZone": SIGNING_ZONE,
            "SigningAttributesOrigin": "AWS_SES",
            "NextSigningKeyLength": "RSA_2048_BIT",
            "CurrentSigningKeyLength": "RSA_2048_BIT",
        },
        "MailFromAttributes": {
            "MailFromDomain": mail_from_domain(name),
            "MailFromDomainStatus": status,
            "BehaviorOnMxFailure": "USE_DEFAULT_VALUE",
        },
        "Policies": {},
        "Tags": [],
    })
}

/// The custom MAIL FROM domain of an identity.
pub fn mail_from_domain(domain: &str) -> String {
    format!("mail.{domain}")
}

/// The DKIM tokens of an identity's three keys.
pub fn dkim_tokens(domain: &str) -> [String; 3] {
    [0, 1, 2].map(|number| format!("{:032x}", id::derived((domain, number))))
}
