//! A scenario for each cause, on a healthy ground.

mod scenario;

use scenario::{
    DAYS, alarm, at, delivered, healthy, hears, link, mistyped, returned, scenario, sent, suppressed, with_emails,
};

use super::{Cause, Certainty, Diagnosis, Facts, diagnose};
use crate::{
    account::{User, UserStatus},
    dns::MxVerdict,
    email_log::{DeliveryStatus, Reason},
    lockout::Lock,
    sender::AlarmKind,
    suppression::SuppressionReason,
};

const SITE: &str = "https://help.example.com";

fn ask(facts: &Facts) -> Diagnosis {
    diagnose(facts, at(0))
}

fn causes(diagnosis: &Diagnosis) -> Vec<Cause> {
    diagnosis.findings.iter().map(|finding| finding.cause).collect()
}

#[test]
fn where_nothing_is_wrong_nothing_is_found() {
    let diagnosis = ask(&healthy());
    assert_eq!(causes(&diagnosis), []);
    insta::assert_snapshot!("nothing", shown(&healthy()));
}

/// The whole answer, as the API gives it.
fn shown(facts: &Facts) -> String {
    serde_json::to_string_pretty(&ask(facts).to_json(&facts.address, SITE)).unwrap()
}

#[test]
fn each_cause_is_found_in_its_scenario_and_comes_first() {
    for cause in Cause::ALL {
        let (facts, certainty) = scenario(*cause);
        let diagnosis = ask(&facts);
        let found = diagnosis.findings.first().unwrap_or_else(|| panic!("{cause}: nothing was found"));
        assert_eq!((found.cause, found.certainty), (*cause, certainty), "{:?}", causes(&diagnosis));
        assert_eq!(diagnosis.summary, found.summary);
        insta::assert_snapshot!(cause.as_str(), shown(&facts));
    }
}

#[test]
fn every_answer_reads_well_and_never_contradicts_itself() {
    for cause in Cause::ALL {
        let diagnosis = ask(&scenario(*cause).0);
        let mut seen = Vec::new();
        for finding in &diagnosis.findings {
            assert!(!seen.contains(&finding.cause), "{cause}: {} is told twice", finding.cause);
            seen.push(finding.cause);
            let sentences = finding.summary.matches(". ").count() + 1;
            assert!(finding.summary.ends_with('.') && sentences == 1, "one sentence: {}", finding.summary);
            assert!(!finding.evidence.is_empty(), "{cause}: {} without evidence", finding.cause);
            assert!(finding.fix.text.ends_with('.'), "{}", finding.fix.text);
        }
        for check in &diagnosis.checked {
            assert!(!check.denies.iter().any(|denied| seen.contains(denied)), "{cause}: {}", check.summary);
        }
    }
}

#[test]
fn the_same_facts_in_another_order_give_the_same_answer() {
    let noise = [
        alarm(AlarmKind::ClickTrackingOn, None, -30, "a"),
        alarm(AlarmKind::DomainBurst, Some("example.net"), -40, "b"),
        alarm(AlarmKind::SendingPaused, Some("arn:1"), -90, "c"),
        alarm(AlarmKind::SendingPaused, Some("arn:2"), -70, "d"),
    ];
    for cause in Cause::ALL {
        let (mut facts, _) = scenario(*cause);
        facts.state.alarms.extend(noise.clone());
        let first = ask(&facts);
        for turn in 0..8 {
            let alarms = facts.state.alarms.len();
            facts.state.alarms.rotate_left(turn % alarms);
            for entry in &mut facts.emails {
                let events = entry.timeline.len();
                entry.timeline.rotate_left(turn % events);
                entry.timeline.reverse();
            }
            assert_eq!(ask(&facts), first, "{cause}");
        }
    }
}

#[test]
fn what_blocks_mail_comes_before_that_nobody_asked_and_before_a_lock() {
    let blocked = [
        suppressed(SuppressionReason::HardBounce),
        suppressed(SuppressionReason::DomainInvalid),
        scenario(Cause::UserInactive).0,
        scenario(Cause::SuppressedAtSes).0,
        scenario(Cause::SenderSandboxed).0,
        scenario(Cause::SenderPaused).0,
        scenario(Cause::SenderOverQuota).0,
        scenario(Cause::SenderUnverified).0,
        scenario(Cause::TypoInDomain).0,
        mistyped(None, MxVerdict::Unknown),
        mistyped(None, MxVerdict::NoSuchDomain),
        scenario(Cause::DomainWideTrouble).0,
    ];
    for facts in blocked {
        let facts = Facts { emails: Vec::new(), lock: Some(Lock::Until(at(12))), ..facts };
        let found = causes(&ask(&facts));
        let place = |cause| found.iter().position(|found| *found == cause).unwrap();
        assert!(place(Cause::NeverAsked) > 0 && found.contains(&Cause::AccountLocked), "{found:?}");
        assert!(place(Cause::AccountLocked) < found.len(), "{found:?}");
        let blocker = found.iter().position(|it| !matches!(it, Cause::NeverAsked | Cause::AccountLocked)).unwrap();
        assert!(blocker < place(Cause::NeverAsked), "{found:?}");
    }
    let returned = scenario(Cause::MailboxDoesNotExist).0;
    let found = causes(&ask(&Facts { lock: Some(Lock::Until(at(12))), ..returned }));
    assert_eq!(found, [Cause::MailboxDoesNotExist, Cause::AccountLocked]);
}

#[test]
fn how_certain_a_finding_is_depends_on_what_is_seen() {
    use Certainty::{Certain, Likely, Possible};
    let mut unlimited = scenario(Cause::RateLimited).0;
    unlimited.no_link_until = None;
    let mut paced = scenario(Cause::RateLimited).0;
    paced.emails[0].reason = Some(Reason::SenderPaced);
    let mut not_listed = scenario(Cause::SuppressedAtSes).0;
    not_listed.at_ses = None;
    let failed = |reason| {
        let said = "Email address is not verified.";
        with_emails([hears(link(1, -20, DeliveryStatus::Queued), -20, DeliveryStatus::SendFailed, Some(reason), said)])
    };
    let came_back = |reason| with_emails([returned(DeliveryStatus::SoftBounced, reason, "")]);
    for (facts, cause, certainty) in [
        (unlimited, Cause::RateLimited, Likely),
        (paced, Cause::RateLimited, Certain),
        (not_listed, Cause::SuppressedAtSes, Likely),
        (suppressed(SuppressionReason::Complaint), Cause::SuppressedHere, Possible),
        (failed(Reason::SenderPaused), Cause::SenderPaused, Likely),
        (failed(Reason::SenderSuspended), Cause::SenderPaused, Likely),
        (failed(Reason::SenderOverQuota), Cause::SenderOverQuota, Likely),
        (failed(Reason::SenderUnverified), Cause::SenderUnverified, Likely),
        (failed(Reason::SenderMisconfigured), Cause::SenderUnverified, Likely),
        (failed(Reason::RefusedBySes), Cause::RefusedSenderFault, Likely),
        (failed(Reason::SesUnavailable), Cause::RefusedSenderFault, Likely),
        (mistyped(Some(delivered(1, -20)), MxVerdict::Unknown), Cause::TypoInDomain, Likely),
        (mistyped(None, MxVerdict::NullMx), Cause::TypoInDomain, Certain),
        (mistyped(None, MxVerdict::NoMail), Cause::TypoInDomain, Certain),
        (came_back(Reason::TimedOut), Cause::DomainWideTrouble, Possible),
        (came_back(Reason::Undetermined), Cause::DomainWideTrouble, Possible),
        (with_emails([delivered(1, -5)]), Cause::ProbablyInJunk, Possible),
        (with_emails([delivered(1, -15)]), Cause::ProbablyInJunk, Likely),
        (with_emails([link(1, 0, DeliveryStatus::Queued)]), Cause::StillOnTheWay, Certain),
        (with_emails([link(1, -1, DeliveryStatus::SendFailedRetrying)]), Cause::StillOnTheWay, Certain),
        (with_emails([link(1, -25, DeliveryStatus::Queued)]), Cause::StillOnTheWay, Likely),
        (with_emails([sent(1, -5)]), Cause::StillOnTheWay, Certain),
        (with_emails([sent(1, -10)]), Cause::NoFeedback, Certain),
    ] {
        let diagnosis = ask(&facts);
        let found = diagnosis.findings.iter().find(|finding| finding.cause == cause);
        assert_eq!(found.map(|it| it.certainty), Some(certainty), "{cause}: {:?}", causes(&diagnosis));
    }
}

#[test]
fn a_damaged_link_is_named_instead_of_the_junk_folder() {
    use Certainty::{Likely, Possible};
    let with = |subject: Option<&str>, minute| {
        let mut facts = with_emails([delivered(1, -20)]);
        facts.state.alarms = vec![alarm(AlarmKind::LinksDamaged, subject, minute, "")];
        facts
    };
    let first = |facts: &Facts| {
        let found = ask(facts).findings;
        found.iter().take(2).map(|it| (it.cause, it.certainty)).collect::<Vec<_>>()
    };
    let (damaged, junk) = (Cause::LinkDamaged, Cause::ProbablyInJunk);
    assert_eq!(first(&with(Some("example.com"), -60)), [(damaged, Likely), (junk, Possible)]);
    assert_eq!(first(&with(None, -5)), [(damaged, Possible), (junk, Possible)]);
    for other in [with(None, -25), with(Some("example.org"), -5), with(Some("example.com"), -8 * DAYS)] {
        assert_eq!(first(&other), [(junk, Likely)], "before the delivery, at another domain, and long ago");
    }
    let mut opened = with(Some("example.com"), -60);
    opened.emails[0].person_acted_at = Some(at(-10));
    assert_eq!(first(&opened), [], "the link arrived intact");
}

#[test]
fn no_fix_offers_a_call_that_the_api_would_refuse() {
    for cause in Cause::ALL {
        for status in UserStatus::ALL {
            let (mut facts, _) = scenario(*cause);
            facts.user = facts.user.map(|it| User { status: *status, ..it });
            for finding in ask(&facts).findings {
                let path = finding.fix.action.map(|action| action.path).unwrap_or_default();
                let refused = match status {
                    UserStatus::Active => path.ends_with("/resend-activation"),
                    UserStatus::Pending => path.ends_with("/reset-password"),
                    UserStatus::Inactive => ["/resend-activation", "/reset-password", "/remove-and-resend"]
                        .iter()
                        .any(|it| path.ends_with(it)),
                };
                assert!(!refused, "{cause}, {status}: {path}");
            }
        }
    }
}
