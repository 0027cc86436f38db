//! A scenario for each cause, on a healthy ground.

pub(super) mod scenario;

use jiff::SignedDuration;
use scenario::{
    DAYS, alarm, asker, at, delivered, healthy, hears, link, mistyped, returned, scenario, sent, suppressed, user,
    with_emails,
};

use super::{Action, ActionKind, Cause, Certainty, Diagnosis, Facts, Severity, Who, diagnose};
use crate::{
    account::{Role, User, UserStatus},
    dns::MxVerdict,
    email_log::{DeliveryStatus, EmailKind, EmailLogEntry, Reason},
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
    assert_eq!((diagnosis.summary.as_str(), diagnosis.severity), ("No problem found.", Severity::Ok));
    assert!(diagnosis.checked.len() > 4, "{:?}", diagnosis.checked);
    insta::assert_snapshot!("nothing", shown(&healthy()));
}

/// The whole answer, as the API gives it.
fn shown(facts: &Facts) -> String {
    serde_json::to_string_pretty(&serde_json::json!(ask(facts).shown(&facts.address, None, SITE))).unwrap()
}

#[test]
fn each_cause_is_found_in_its_scenario_and_comes_first() {
    for cause in Cause::ALL {
        let (facts, certainty) = scenario(*cause);
        let diagnosis = ask(&facts);
        let found = diagnosis.findings.first().unwrap_or_else(|| panic!("{cause}: nothing was found"));
        assert_eq!((found.cause, found.certainty), (*cause, certainty), "{:?}", causes(&diagnosis));
        assert!(diagnosis.summary.ends_with(&found.summary), "{}", diagnosis.summary);
        assert_eq!((diagnosis.severity, diagnosis.main_action.cause), (found.severity, Some(*cause)));
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
        let asked = ask(&facts);
        let found = causes(&asked);
        let place = |cause| found.iter().position(|found| *found == cause).unwrap();
        assert!(place(Cause::NeverAsked) > 0 && found.contains(&Cause::AccountLocked), "{found:?}");
        assert!(place(Cause::AccountLocked) < found.len(), "{found:?}");
        let blocker = found.iter().position(|it| !matches!(it, Cause::NeverAsked | Cause::AccountLocked)).unwrap();
        assert!(blocker < place(Cause::NeverAsked), "{found:?}");
        // A request of the user's own would lead to no email.
        let is_blocked = asked.findings[0].severity == Severity::Blocking;
        let never_asked = &asked.findings[place(Cause::NeverAsked)];
        assert!(!(is_blocked && never_asked.fix.text.contains("tell the user to request")), "{never_asked:?}");
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
    let gibberish = returned(DeliveryStatus::Bounced, Reason::MailboxDoesNotExist, "smtp; 554 see code 0x81f3");
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
        (came_back(Reason::Undetermined), Cause::Undetermined, Possible),
        (came_back(Reason::MailboxDoesNotExist), Cause::MailboxDoesNotExist, Certain),
        (with_emails([gibberish]), Cause::MailboxDoesNotExist, Likely),
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

/// What the API says to a call, by its own rules.
fn is_accepted(action: &Action, facts: &Facts) -> bool {
    let user = facts.user.as_ref().unwrap();
    let is_admin = facts.asker.role == Role::Admin;
    let is_active = user.status != UserStatus::Inactive;
    let is_suppressed = facts.is_held_back(at(0));
    match action {
        Action::SendLink(id) => *id == user.id && user.status == UserStatus::Active && !is_suppressed,
        Action::ResendActivation(id) => *id == user.id && user.status == UserStatus::Pending && !is_suppressed,
        Action::Unlock(id) => *id == user.id && facts.lock.is_some(),
        Action::Activate(id) => *id == user.id && is_admin && !is_active,
        Action::ChangeAddress(id, to) => *id == user.id && is_admin && to.as_ref() != Some(&user.email),
        Action::RemoveAndResend(address) => is_admin && is_active && *address == user.email && is_suppressed,
    }
}

#[test]
fn every_answer_leads_to_one_action_and_every_offered_action_would_succeed() {
    let mut asked = 0;
    for (cause, status, reason, role) in every_situation() {
        let (mut facts, _) = scenario(cause);
        facts.asker = asker(role);
        facts.user = facts.user.map(|it| User { status, ..it });
        facts.suppression = reason.map_or(facts.suppression, |reason| suppressed(reason).suppression);
        let diagnosis = ask(&facts);
        let main = &diagnosis.main_action;
        let what = format!("{cause}, {status}, {reason:?}, {role}: {main:?}");
        let first = diagnosis.findings.first();
        assert_eq!(main.cause, first.map(|finding| finding.cause), "{what}");
        assert_eq!(main.action, first.and_then(|finding| finding.fix.action.clone()), "{what}");
        let is_complete = match main.kind {
            ActionKind::Call => main.action.is_some(),
            ActionKind::Wait => main.wait_until.is_some_and(|until| until > at(0)),
            ActionKind::Ask => main.action.is_none() && main.who != Who::Nobody,
            ActionKind::Nothing => first.is_none(),
        };
        assert!(is_complete, "{what}");
        assert_eq!(main.note.is_some(), matches!(main.who, Who::Administrator | Who::Operator | Who::RecipientsIt));
        for action in diagnosis.findings.iter().filter_map(|finding| finding.fix.action.as_ref()) {
            assert!(is_accepted(action, &facts), "{what}: {action:?}");
            asked += 1;
        }
    }
    assert!(asked > 500, "{asked}");
}

fn every_situation() -> impl Iterator<Item = (Cause, UserStatus, Option<SuppressionReason>, Role)> {
    let reasons = || std::iter::once(None).chain(SuppressionReason::ALL.iter().copied().map(Some));
    Cause::ALL.iter().flat_map(move |cause| {
        UserStatus::ALL.iter().flat_map(move |status| {
            reasons().flat_map(move |reason| [Role::Support, Role::Admin].map(|role| (*cause, *status, reason, role)))
        })
    })
}

#[test]
fn a_root_cause_absorbs_what_follows_from_it() {
    let unknown = || returned(DeliveryStatus::Bounced, Reason::MailboxDoesNotExist, "smtp; 550 5.1.1 user unknown");
    let listed = scenario(Cause::SuppressedAtSes).0.at_ses;
    let hard = suppressed(SuppressionReason::HardBounce);
    let pending = |entry: EmailLogEntry| {
        let entry = EmailLogEntry { kind: EmailKind::Activation, ..entry };
        Facts { user: Some(user(UserStatus::Pending)), ..with_emails([entry]) }
    };
    let full = || returned(DeliveryStatus::SoftBounced, Reason::MailboxFull, "smtp; 552 5.2.2 mailbox full");
    let spam = returned(DeliveryStatus::Blocked, Reason::RefusedAsSpam, "smtp; 550 5.3.0 taken for spam");
    let fault = returned(DeliveryStatus::Blocked, Reason::RefusedSenderFault, "smtp; 550 5.7.26 unauthenticated");
    let mut burst = scenario(Cause::DomainWideTrouble).0;
    burst.emails = vec![unknown()];
    let typo = mistyped(Some(unknown()), MxVerdict::NoSuchDomain);
    let mut soft = suppressed(SuppressionReason::SoftRepeat);
    soft.suppression.iter_mut().flat_map(|it| &mut it.causes).for_each(|cause| cause.expires_at = Some(at(60)));
    let soft_emails =
        [soft.emails.clone(), vec![EmailLogEntry { id: link(3, -60, DeliveryStatus::Sent).id, ..full() }]];
    for (what, facts, found) in [
        ("a typo and its bounce", Facts { suppression: hard.suppression.clone(), ..typo }, vec![Cause::TypoInDomain]),
        ("a bounce from long ago", hard.clone(), vec![Cause::MailboxDoesNotExist]),
        (
            "a bounce and SES's list",
            Facts { at_ses: listed, ..with_emails([unknown()]) },
            vec![Cause::MailboxDoesNotExist],
        ),
        ("an administrator's suppression stays", suppressed(SuppressionReason::Manual), vec![Cause::SuppressedHere]),
        ("a burst", burst, vec![Cause::DomainWideTrouble]),
        ("full again and again", Facts { emails: soft_emails.concat(), ..soft }, vec![Cause::MailboxFull]),
        ("an activation, mailbox full", pending(full()), vec![Cause::MailboxFull]),
        ("an activation, spam", pending(spam), vec![Cause::RefusedAsSpam]),
        ("an activation, our fault", pending(fault), vec![Cause::RefusedSenderFault]),
        ("an activation, on its way", pending(sent(1, -1)), vec![Cause::StillOnTheWay]),
    ] {
        assert_eq!(causes(&ask(&facts)), found, "{what}");
    }
    let evidence = format!("{:?}", ask(&hard).findings[0].evidence);
    assert!(evidence.contains("The address is suppressed"), "the suppression is evidence: {evidence}");
}

#[test]
fn a_caller_whose_role_is_too_low_gets_a_note_for_an_administrator() {
    let facts = Facts { asker: asker(Role::Support), ..scenario(Cause::TypoInDomain).0 };
    let main = ask(&facts).main_action;
    assert_eq!((main.kind, main.who, &main.action), (ActionKind::Ask, Who::Administrator, &None));
    let note = main.note.unwrap();
    for part in ["alice@gmial.com", "Change the address to alice@gmail.com", "5.4.4", "Ask the user"] {
        assert!(note.contains(part), "{part} in {note}");
    }
    let main = ask(&Facts { asker: asker(Role::Admin), ..facts }).main_action;
    assert_eq!((main.kind, main.continue_with.unwrap().as_typed()), (ActionKind::Call, "alice@gmail.com"));
}

#[test]
fn nothing_is_late_within_ten_minutes() {
    let seconds = |seconds| at(0) + SignedDuration::from_secs(seconds);
    let new = |created_at| {
        let user = User { created_at, ..user(UserStatus::Pending) };
        Facts { user: Some(user), ..with_emails([]) }
    };
    for (facts, now, cause, severity) in [
        (with_emails([delivered(1, -1)]), seconds(12), Cause::StillOnTheWay, Severity::Info),
        (with_emails([delivered(1, -1)]), seconds(599), Cause::StillOnTheWay, Severity::Info),
        (with_emails([delivered(1, -1)]), seconds(600), Cause::ProbablyInJunk, Severity::Warning),
        (with_emails([delivered(2, -1), delivered(1, -50)]), seconds(12), Cause::StillOnTheWay, Severity::Info),
        (new(seconds(-5)), seconds(0), Cause::UserPending, Severity::Info),
        (new(seconds(-600)), seconds(0), Cause::UserPending, Severity::Warning),
    ] {
        let found = diagnose(&facts, now);
        assert_eq!((found.findings[0].cause, found.severity), (cause, severity), "{now}: {}", found.summary);
    }
    let summary = diagnose(&with_emails([delivered(1, -1)]), seconds(12)).summary;
    assert!(summary.contains("12 seconds ago; some providers hold email for a few minutes"), "{summary}");
}

#[test]
fn only_what_blocks_email_now_is_blocking() {
    use Severity::{Blocking, Info, Ok, Warning};
    for cause in Cause::ALL {
        let severity = match cause {
            Cause::NoSuchUser | Cause::UserInactive | Cause::RateLimited | Cause::SuppressedHere => Blocking,
            Cause::SuppressedAtSes | Cause::SenderSandboxed | Cause::SenderPaused | Cause::SenderOverQuota => Blocking,
            Cause::SenderUnverified | Cause::TypoInDomain | Cause::MailboxDoesNotExist | Cause::MailboxFull => Blocking,
            Cause::RefusedAsSpam | Cause::RefusedSenderFault | Cause::RefusedByRecipient => Blocking,
            Cause::AddressUnsupported => Blocking,
            Cause::DomainWideTrouble => Blocking,
            Cause::UserPending | Cause::Undetermined | Cause::ProbablyInJunk | Cause::ArrivedAfterLinkDied => Warning,
            Cause::LinkDamaged
            | Cause::LinkExpired
            | Cause::LinkOpenedByScannerOnly
            | Cause::AccountLocked
            | Cause::NoFeedback => Warning,
            Cause::StillOnTheWay => Info,
            Cause::NeverAsked | Cause::LinkAlreadyUsed => Ok,
        };
        assert_eq!(ask(&scenario(*cause).0).severity, severity, "{cause}");
    }
}

#[test]
fn what_stopped_the_last_link_is_named_even_when_it_is_gone() {
    for (reason, cause) in [
        (Reason::UserInactive, Cause::UserInactive),
        (Reason::AddressSuppressed, Cause::SuppressedHere),
        (Reason::NoSuchUser, Cause::NoSuchUser),
        (Reason::RequestTooOld, Cause::NeverAsked),
        (Reason::AlreadyActive, Cause::NeverAsked),
    ] {
        let skipped = EmailLogEntry { reason: Some(reason), ..link(1, -20, DeliveryStatus::Skipped) };
        let found = ask(&with_emails([skipped]));
        assert_eq!((causes(&found), found.severity), (vec![cause], Severity::Warning), "{reason}");
        assert_eq!(found.main_action.kind, ActionKind::Call, "{reason}");
    }
    let full = returned(DeliveryStatus::SoftBounced, Reason::MailboxFull, "smtp; 552 5.2.2 mailbox full");
    let long_ago = EmailLogEntry { requested_at: at(-8 * DAYS), ..full };
    for entry in [delivered(1, -8 * DAYS), long_ago] {
        assert_eq!(causes(&ask(&with_emails([entry]))), [Cause::NeverAsked]);
    }
}

/// Times stand in fields of their own, where a client can show them in the reader's time zone.
#[test]
fn no_sentence_contains_a_timestamp() {
    for cause in Cause::ALL {
        let answer = ask(&scenario(*cause).0);
        let findings = answer.findings.iter().flat_map(|it| [&it.summary, &it.fix.text]);
        let evidence = answer.findings.iter().flat_map(|it| &it.evidence).map(|it| &it.text);
        let checked = answer.checked.iter().map(|it| &it.summary);
        let more = [&answer.summary, &answer.main_action.text, &answer.event_path];
        for text in findings.chain(evidence).chain(checked).chain(more) {
            assert!(!text.contains("2026-"), "{cause}: {text}");
        }
    }
}

/// The limit refuses only links that users request, so staff never have to wait for it.
#[test]
fn staff_can_send_a_link_although_the_limit_refused_the_users_request() {
    let answer = ask(&scenario(Cause::RateLimited).0);
    assert_eq!((answer.findings[0].cause, answer.main_action.kind), (Cause::RateLimited, ActionKind::Call));
    let says = |text: &str| answer.findings[0].evidence.iter().any(|seen| seen.text == text);
    assert!(says("The user can request the next link in 40 minutes."), "{:?}", answer.findings[0].evidence);
}
