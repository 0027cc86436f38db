//! Root causes absorb their consequences: what follows from another finding becomes that finding's evidence.

use jiff::{SignedDuration, Timestamp};

use super::{Cause, Certainty, Facts, Finding, sender::burst};
use crate::email_log::DeliveryStatus;

/// A bounce belongs to a burst if it came at most this long before the burst was noticed.
const BEFORE_A_BURST: SignedDuration = SignedDuration::from_mins(10);

/// Removes each finding that follows from another one, which takes its evidence.
pub(super) fn absorb(findings: Vec<Finding>, facts: &Facts, now: Timestamp) -> Vec<Finding> {
    // A root may itself follow from another, so the deepest cause takes the evidence.
    let root_of = |finding: &Finding| findings.iter().position(|root| follows(finding, root, facts, now));
    let roots: Vec<Option<usize>> = findings.iter().map(root_of).collect();
    let deepest = |mut place: usize| {
        for _ in 0..findings.len() {
            place = roots[place].unwrap_or(place);
        }
        place
    };
    let mut kept: Vec<Option<Finding>> = findings.iter().cloned().map(Some).collect();
    for (place, finding) in findings.iter().enumerate() {
        let root = deepest(place);
        if root != place {
            kept[place] = None;
            kept[root] = kept[root].take().map(|root| with_consequence(root, finding));
        }
    }
    kept.into_iter().flatten().collect()
}

/// A suppression blocks email, whatever caused it.
fn with_consequence(root: Finding, finding: &Finding) -> Finding {
    let is_suppression = matches!(finding.cause, Cause::SuppressedHere | Cause::SuppressedAtSes);
    let severity = if is_suppression { root.severity.min(finding.severity) } else { root.severity };
    Finding { severity, ..root.because(finding.evidence.clone()) }
}

/// Whether `finding` is a consequence of `root`.
fn follows(finding: &Finding, root: &Finding, facts: &Facts, now: Timestamp) -> bool {
    use Cause::*;
    match (root.cause, finding.cause) {
        // The address is wrong or unusable: whatever happened to email for it is beside the point.
        (
            TypoInDomain | AddressUnsupported,
            RateLimited
            | SuppressedHere
            | SuppressedAtSes
            | MailboxDoesNotExist
            | MailboxFull
            | RefusedAsSpam
            | RefusedSenderFault
            | RefusedByRecipient
            | Undetermined
            | DomainWideTrouble
            | ProbablyInJunk
            | StillOnTheWay
            | ArrivedAfterLinkDied
            | LinkExpired
            | LinkOpenedByScannerOnly
            | NoFeedback
            | UserPending,
        ) => root.certainty != Certainty::Possible,
        (MailboxDoesNotExist, RateLimited | SuppressedHere | SuppressedAtSes) => true,
        (DomainWideTrouble, MailboxDoesNotExist | Undetermined) => is_of_the_burst(finding, facts, now),
        (
            MailboxFull | RefusedAsSpam | RefusedSenderFault | RefusedByRecipient | Undetermined | DomainWideTrouble,
            SuppressedHere | SuppressedAtSes,
        ) => facts.is_suppressed_by_failures(now),
        // Email for a pending user is an activation email; that the account isn't activated follows from its failure.
        (
            MailboxDoesNotExist | MailboxFull | RefusedAsSpam | RefusedSenderFault | RefusedByRecipient | Undetermined
            | DomainWideTrouble | SuppressedHere | SuppressedAtSes | StillOnTheWay | SenderSandboxed | SenderPaused
            | SenderOverQuota | SenderUnverified,
            UserPending,
        ) => true,
        (SenderSandboxed | SenderPaused | SenderOverQuota | SenderUnverified, StillOnTheWay | RefusedSenderFault) => {
            use DeliveryStatus::{Queued, SendFailed, SendFailedRetrying};
            facts.awaited().is_some_and(|entry| matches!(entry.status, Queued | SendFailed | SendFailedRetrying))
        }
        _ => false,
    }
}

fn is_of_the_burst(finding: &Finding, facts: &Facts, now: Timestamp) -> bool {
    let Some(alarm) = burst(facts, now) else { return false };
    let begin = alarm.first_at.saturating_sub(BEFORE_A_BURST).unwrap_or(Timestamp::MIN);
    finding.evidence.iter().all(|seen| seen.at.is_none_or(|at| at >= begin))
}
