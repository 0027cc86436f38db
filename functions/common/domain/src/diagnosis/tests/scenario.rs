//! A healthy ground, and what each cause changes about it.

use jiff::{SignedDuration, Timestamp};

use crate::{
    Locale,
    account::{EmailAddress, Role, User, UserId, UserStatus},
    config::Directory,
    diagnosis::{Asker, Cause, Certainty, Facts},
    dns::MxVerdict,
    email_log::{DeliveryStatus, EmailId, EmailKind, EmailLogEntry, Reason, TimelineEvent, Trigger},
    lockout::Lock,
    sender::{
        AccountHealth, AlarmKind, Canary, IdentityHealth, SenderAlarm, SenderHealth, SenderState, SesSuppressionReason,
        SuppressedAtSes,
    },
    suppression::{Cause as Suppressed, SuppressionReason, SuppressionRecord},
    typo::{self, Suggestion, Why},
};

/// Minutes from the moment at which somebody asks why.
pub(in crate::diagnosis) fn at(minutes: i64) -> Timestamp {
    "2026-11-22T14:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minutes)
}

pub(in crate::diagnosis) const DAYS: i64 = 24 * 60;

pub(in crate::diagnosis) fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

/// A link that was asked for 20 minutes ago, with a life of 30.
pub(in crate::diagnosis) fn link(number: u128, asked: i64, status: DeliveryStatus) -> EmailLogEntry {
    EmailLogEntry {
        id: EmailId(ulid::Ulid(number)),
        recipient: "alice@example.com".to_owned(),
        kind: EmailKind::PasswordReset,
        trigger: Trigger::SelfService,
        status,
        reason: None,
        user_id: None,
        request_id: None,
        message_id: None,
        requested_at: at(asked),
        updated_at: at(asked),
        redeemed_at: None,
        link_expires_at: Some(at(asked + 30)),
        page_loaded_at: None,
        person_acted_at: None,
        erased_at: None,
        attempts: 1,
        timeline: vec![TimelineEvent::new(at(asked), "queued")],
        watched: None,
    }
}

pub(in crate::diagnosis) fn sent(number: u128, asked: i64) -> EmailLogEntry {
    hears(link(number, asked, DeliveryStatus::Sent), asked, DeliveryStatus::Sent, None, "")
}

pub(in crate::diagnosis) fn delivered(number: u128, asked: i64) -> EmailLogEntry {
    hears(sent(number, asked), asked + 1, DeliveryStatus::Delivered, None, "smtp; 250 2.0.0 OK 1763820001 queued")
}

pub(in crate::diagnosis) fn hears(
    mut entry: EmailLogEntry,
    minute: i64,
    status: DeliveryStatus,
    reason: Option<Reason>,
    said: &str,
) -> EmailLogEntry {
    let event = TimelineEvent {
        detail: (!said.is_empty()).then(|| said.to_owned()),
        reason,
        key: (status.rank() > DeliveryStatus::Sent.rank()).then(|| format!("{minute} {status}")),
        ..TimelineEvent::new(at(minute), status.as_str())
    };
    entry.timeline.push(event);
    EmailLogEntry { status, reason, updated_at: at(minute), ..entry }
}

/// A link that came back.
pub(in crate::diagnosis) fn returned(status: DeliveryStatus, reason: Reason, said: &str) -> EmailLogEntry {
    hears(sent(1, -20), -19, status, Some(reason), said)
}

pub(in crate::diagnosis) fn user(status: UserStatus) -> User {
    User {
        id: UserId(ulid::Ulid(7)),
        email: address("alice@example.com"),
        display_name: "Alice".to_owned(),
        role: Role::Member,
        status,
        locale: Locale::En,
        created_at: at(-90 * DAYS),
        last_sign_in_at: None,
        token_generation: 0,
        session_generation: 0,
        external_id: None,
    }
}

pub(in crate::diagnosis) fn asker(role: Role) -> Asker {
    Asker { user: User { id: UserId(ulid::Ulid(8)), role, ..user(UserStatus::Active) }, role, is_api_key: false }
}

pub(in crate::diagnosis) fn alarm(kind: AlarmKind, subject: Option<&str>, minute: i64, detail: &str) -> SenderAlarm {
    SenderAlarm {
        kind,
        subject: subject.map(ToOwned::to_owned),
        first_at: at(minute - 5),
        last_at: at(minute),
        count: 6,
        detail: Some(detail.to_owned()),
    }
}

/// A user who asked, got the email and opened its link; nothing is wrong.
pub(in crate::diagnosis) fn healthy() -> Facts {
    let arrived = EmailLogEntry { page_loaded_at: Some(at(-17)), person_acted_at: Some(at(-16)), ..delivered(1, -20) };
    Facts {
        asker: asker(Role::Admin),
        address: address("alice@example.com"),
        directory: Directory::Own,
        user: Some(user(UserStatus::Active)),
        near: Vec::new(),
        lock: None,
        suppression: None,
        at_ses: Some(None),
        emails: vec![arrived],
        watched: Vec::new(),
        no_link_until: None,
        health: SenderHealth {
            account: Some(AccountHealth {
                production_access: true,
                sending_enabled: true,
                enforcement_status: "HEALTHY".to_owned(),
                daily_quota: 50_000,
                sent_last_24_hours: 1_200,
                max_send_rate: 14.0,
            }),
            identity: Some(IdentityHealth {
                exists: true,
                verified: true,
                dkim_status: "SUCCESS".to_owned(),
                dkim_enabled: true,
                ..IdentityHealth::missing("portal.example")
            }),
        },
        state: SenderState {
            health: None,
            alarms: Vec::new(),
            canary: Some(Canary { email_id: EmailId(ulid::Ulid(9)), sent_at: at(-30), proven_at: Some(at(-30)) }),
            ..SenderState::default()
        },
        mx: MxVerdict::Accepts,
        exchangers: vec!["contoso-com.mail.protection.outlook.com".to_owned()],
        suggestion: None,
        from: address("no-reply@portal.example"),
    }
}

pub(in crate::diagnosis) fn with_emails(emails: impl Into<Vec<EmailLogEntry>>) -> Facts {
    Facts { emails: emails.into(), ..healthy() }
}

pub(in crate::diagnosis) fn with_account(change: impl Fn(&mut AccountHealth)) -> Facts {
    let mut facts = with_emails([link(1, -1, DeliveryStatus::Queued)]);
    facts.health.account.iter_mut().for_each(change);
    facts
}

pub(in crate::diagnosis) fn suppressed(reason: SuppressionReason) -> Facts {
    let mut record = SuppressionRecord::new(address("alice@example.com").key().clone());
    let said = if reason == SuppressionReason::Manual { "asked us to" } else { "smtp; 550 5.1.1 user unknown" };
    let detail = Some(said.to_owned());
    record.suppress(Suppressed {
        detail,
        email_id: Some(EmailId(ulid::Ulid(2))),
        ..Suppressed::new(reason, at(-3 * DAYS))
    });
    let skipped = EmailLogEntry { reason: Some(Reason::AddressSuppressed), ..link(1, -20, DeliveryStatus::Skipped) };
    Facts { suppression: Some(record), ..with_emails([skipped]) }
}

pub(in crate::diagnosis) fn mistyped(status: Option<EmailLogEntry>, mx: MxVerdict) -> Facts {
    let typed = address("alice@gmial.com");
    let meant = Suggestion {
        address: address("alice@gmail.com"),
        why: Why::KnownMisspelling,
        certainty: typo::Certainty::Likely,
    };
    let user = User { email: typed.clone(), ..user(UserStatus::Active) };
    let emails = status.into_iter().map(|entry| EmailLogEntry { recipient: "alice@gmial.com".to_owned(), ..entry });
    Facts { address: typed, user: Some(user), emails: emails.collect(), mx, suggestion: Some(meant), ..healthy() }
}

/// What leads to a cause, and how certain it must be then.
pub(in crate::diagnosis) fn scenario(cause: Cause) -> (Facts, Certainty) {
    use Certainty::{Certain, Likely};
    match cause {
        Cause::NoSuchUser => {
            let asked = EmailLogEntry { reason: Some(Reason::NoSuchUser), ..link(1, -20, DeliveryStatus::Skipped) };
            (Facts { user: None, near: vec![address("alice@example.org")], ..with_emails([asked]) }, Certain)
        }
        Cause::UserInactive => {
            let skipped = EmailLogEntry { reason: Some(Reason::UserInactive), ..link(1, -20, DeliveryStatus::Skipped) };
            (Facts { user: Some(user(UserStatus::Inactive)), ..with_emails([skipped]) }, Certain)
        }
        Cause::UserPending => {
            let activation = EmailLogEntry { kind: EmailKind::Activation, ..healthy().emails.remove(0) };
            (Facts { user: Some(user(UserStatus::Pending)), ..with_emails([activation]) }, Certain)
        }
        Cause::NeverAsked => (with_emails([]), Certain),
        Cause::RateLimited => {
            let skipped = EmailLogEntry { reason: Some(Reason::RateLimited), ..link(2, -5, DeliveryStatus::Skipped) };
            (Facts { no_link_until: Some(at(40)), ..with_emails([skipped, delivered(1, -20)]) }, Certain)
        }
        Cause::SuppressedHere => (suppressed(SuppressionReason::Manual), Certain),
        Cause::SuppressedAtSes => {
            let listed = SuppressedAtSes {
                address: "Alice@example.com".to_owned(),
                reason: SesSuppressionReason::Bounce,
                since: at(-40 * DAYS),
                message_id: None,
            };
            let refused =
                returned(DeliveryStatus::Suppressed, Reason::SuppressedAtSes, "Permanent/OnAccountSuppressionList");
            (Facts { at_ses: Some(Some(listed)), ..with_emails([refused]) }, Certain)
        }
        Cause::SenderSandboxed => (with_account(|account| account.production_access = false), Certain),
        Cause::SenderPaused => {
            let mut facts = with_account(|account| account.sending_enabled = false);
            facts.state.alarms = vec![alarm(AlarmKind::SendingPaused, None, -60, "The bounce rate is too high.")];
            (facts, Certain)
        }
        Cause::SenderOverQuota => (with_account(|account| account.sent_last_24_hours = account.daily_quota), Certain),
        Cause::SenderUnverified => {
            let mut facts = with_account(|_| ());
            facts.health.identity = Some(IdentityHealth::missing("portal.example"));
            (facts, Certain)
        }
        Cause::TypoInDomain => {
            let said = "smtp; 550 5.4.4 Invalid domain";
            let bounce = returned(DeliveryStatus::Bounced, Reason::DomainInvalid, said);
            (mistyped(Some(bounce), MxVerdict::NoSuchDomain), Certain)
        }
        Cause::MailboxDoesNotExist => {
            let said = "smtp; 550 5.1.1 user unknown";
            (with_emails([returned(DeliveryStatus::Bounced, Reason::MailboxDoesNotExist, said)]), Certain)
        }
        Cause::MailboxFull => {
            let said = "smtp; 552 5.2.2 mailbox full";
            (with_emails([returned(DeliveryStatus::SoftBounced, Reason::MailboxFull, said)]), Certain)
        }
        Cause::RefusedAsSpam => {
            let said = "smtp; 550 5.3.0 taken for spam";
            (with_emails([returned(DeliveryStatus::Blocked, Reason::RefusedAsSpam, said)]), Certain)
        }
        Cause::RefusedSenderFault => {
            let said = "smtp; 550-5.7.26 This mail is unauthenticated";
            (with_emails([returned(DeliveryStatus::Blocked, Reason::RefusedSenderFault, said)]), Certain)
        }
        Cause::AddressUnsupported => {
            let said = "Local address contains control or whitespace";
            let failed = hears(
                link(1, -20, DeliveryStatus::Queued),
                -20,
                DeliveryStatus::SendFailed,
                Some(Reason::RefusedBySes),
                said,
            );
            let typed = address("tim.o’connor@example.com");
            let user = User { email: typed.clone(), ..user(UserStatus::Active) };
            (Facts { address: typed, user: Some(user), ..with_emails([failed]) }, Certain)
        }
        Cause::LinkDamaged => {
            let mut facts = with_emails([delivered(1, -20)]);
            facts.state.alarms = vec![alarm(AlarmKind::LinksDamaged, Some("example.com"), -60, "")];
            (facts, Likely)
        }
        Cause::RefusedByRecipient => {
            let said = "smtp; 550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required";
            (with_emails([returned(DeliveryStatus::Blocked, Reason::RefusedByRecipient, said)]), Certain)
        }
        Cause::Undetermined => {
            let said = "smtp; 554 Transaction failed, see code 0x81f3";
            (with_emails([returned(DeliveryStatus::SoftBounced, Reason::Undetermined, said)]), Certainty::Possible)
        }
        Cause::ProbablyInJunk => (with_emails([delivered(2, -20), delivered(1, -50)]), Likely),
        Cause::StillOnTheWay => {
            let said = "smtp; 451 4.7.1 Greylisting in action";
            let mut entry = hears(sent(1, -20), -15, DeliveryStatus::Delayed, Some(Reason::Greylisted), said);
            entry.timeline.iter_mut().filter(|it| it.event == "delayed").for_each(|it| it.until = Some(at(10)));
            (with_emails([entry]), Certain)
        }
        Cause::ArrivedAfterLinkDied => {
            let late = hears(sent(1, -60), -20, DeliveryStatus::Delivered, None, "smtp; 250 OK");
            (with_emails([late]), Certain)
        }
        Cause::LinkExpired => (with_emails([delivered(1, -60)]), Certain),
        Cause::LinkAlreadyUsed => {
            let used = EmailLogEntry { redeemed_at: Some(at(-15)), ..healthy().emails.remove(0) };
            (with_emails([used]), Certain)
        }
        Cause::LinkOpenedByScannerOnly => {
            (with_emails([EmailLogEntry { page_loaded_at: Some(at(-19)), ..delivered(1, -20) }]), Likely)
        }
        Cause::AccountLocked => (Facts { lock: Some(Lock::Until(at(12))), ..healthy() }, Certain),
        Cause::NoFeedback => (with_emails([sent(1, -20)]), Certain),
        Cause::DomainWideTrouble => {
            let said = "451 4.3.0 disk failure";
            let entry = returned(DeliveryStatus::SoftBounced, Reason::HostTrouble, &format!("smtp; {said}"));
            let mut facts = with_emails([entry]);
            facts.state.alarms = vec![alarm(AlarmKind::DomainBurst, Some("example.com"), -18, said)];
            (facts, Likely)
        }
    }
}
