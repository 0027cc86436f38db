//! To send, or not and why: a pure decision.

use jiff::{SignedDuration, Timestamp};

use super::EmailRequest;
use crate::{
    account::{EmailAddress, User, UserStatus},
    email_log::{EmailKind, Reason, Trigger},
    suppression::{Scope, SuppressionRecord},
};

/// After so long nobody waits for the email any more; a notice still matters.
const TOO_OLD: SignedDuration = SignedDuration::from_hours(24);

/// What is known when a request is handled.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The user with the requested address.
    pub user: Option<User>,
    /// What is known against that address.
    pub suppression: Option<SuppressionRecord>,
}

/// What to do with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Send an email of this kind to this user.
    Send {
        /// The kind.
        kind: EmailKind,
        /// The user.
        user: Box<User>,
        /// Where to: the address on the record, never the one submitted; for a notice that the address was changed the
        /// former one, which the system itself wrote into the request.
        to: EmailAddress,
        /// The recipient once called our email spam: one link a day, and not more.
        sparingly: bool,
    },
    /// Send nothing, and log why.
    Skip {
        /// What would have been sent.
        kind: EmailKind,
        /// Why it is not.
        reason: Reason,
    },
}

/// Decides what to do with `request`.
pub fn decide(request: &EmailRequest, facts: &Facts, now: Timestamp) -> Decision {
    let Some(user) = &facts.user else {
        return Decision::Skip { kind: request.kind, reason: Reason::NoSuchUser };
    };
    // A pending user who forgot the password never had one: the activation mail is what is needed.
    let kind = match (request.kind, user.status) {
        (EmailKind::PasswordReset, UserStatus::Pending) => EmailKind::Activation,
        (kind, _) => kind,
    };
    let known = facts.suppression.as_ref();
    let suppressed = known.is_some_and(|record| record.holding_back(request.trigger, now).is_some());
    // A pending user has nothing to be locked out of.
    let needless = kind == EmailKind::AccountLocked && user.status == UserStatus::Pending;
    let reason = if user.status == UserStatus::Inactive || needless {
        Some(Reason::UserInactive)
    } else if suppressed {
        Some(Reason::AddressSuppressed)
    } else if kind == EmailKind::Activation && user.status == UserStatus::Active {
        Some(Reason::AlreadyActive)
    } else if request.trigger != Trigger::System && now.duration_since(request.requested_at) > TOO_OLD {
        Some(Reason::RequestTooOld)
    } else {
        None
    };
    match reason {
        Some(reason) => Decision::Skip { kind, reason },
        None => {
            let former = kind == EmailKind::AddressChanged && request.trigger == Trigger::System;
            let to = if former { request.address.clone() } else { user.email.clone() };
            let sparingly = known
                .is_some_and(|record| record.active(now).iter().any(|cause| cause.scope() == Scope::AutomaticMail));
            Decision::Send { kind, user: Box::new(user.clone()), to, sparingly }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        EmailAddress, Locale,
        account::{Role, UserId},
        email_log::EmailId,
        suppression::{Cause, SuppressionReason},
    };

    const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

    fn outcome(
        kind: EmailKind,
        trigger: Trigger,
        status: Option<UserStatus>,
        suppression: Option<(Scope, Option<Timestamp>)>,
        age_hours: i64,
    ) -> String {
        let address = EmailAddress::parse("alice@example.com").unwrap();
        let request = EmailRequest::unique(
            EmailId(ulid::Ulid(1)),
            kind,
            trigger,
            address.clone(),
            NOW - SignedDuration::from_hours(age_hours),
        );
        let facts = Facts {
            user: status.map(|status| User {
                id: UserId(ulid::Ulid(2)),
                email: address.clone(),
                display_name: "Alice".to_owned(),
                role: Role::Member,
                status,
                locale: Locale::En,
                created_at: NOW,
                last_sign_in_at: None,
                token_generation: 0,
                session_generation: 0,
                external_id: None,
            }),
            suppression: suppression.map(|(scope, expires_at)| {
                let reason = match scope {
                    Scope::All => SuppressionReason::HardBounce,
                    Scope::AutomaticMail => SuppressionReason::Complaint,
                };
                let mut record = SuppressionRecord::new(address.key().clone());
                record.suppress(Cause { expires_at, ..Cause::new(reason, NOW) });
                record
            }),
        };
        match decide(&request, &facts, NOW) {
            Decision::Send { kind, sparingly: false, .. } => format!("send {kind}"),
            Decision::Send { kind, .. } => format!("send {kind} sparingly"),
            Decision::Skip { kind, reason } => format!("skip {kind}: {reason}"),
        }
    }

    #[test]
    fn every_situation_has_its_outcome() {
        use EmailKind::{Activation, PasswordChanged, PasswordReset};
        use Trigger::{Admin, SelfService, System};
        use UserStatus::{Active, Inactive, Pending};
        let all = Some((Scope::All, None));
        let lapsed = Some((Scope::All, Some(NOW)));
        let automatic = Some((Scope::AutomaticMail, None));
        for (kind, trigger, status, suppression, age, expected) in [
            (PasswordReset, SelfService, Some(Active), None, 0, "send password_reset"),
            (PasswordReset, SelfService, None, None, 0, "skip password_reset: no_such_user"),
            (PasswordReset, SelfService, Some(Pending), None, 0, "send activation"),
            (PasswordReset, SelfService, Some(Inactive), None, 0, "skip password_reset: user_inactive"),
            (PasswordReset, SelfService, Some(Inactive), all, 0, "skip password_reset: user_inactive"),
            (PasswordReset, SelfService, Some(Active), all, 0, "skip password_reset: address_suppressed"),
            (PasswordReset, SelfService, Some(Pending), all, 0, "skip activation: address_suppressed"),
            (PasswordReset, SelfService, Some(Active), lapsed, 0, "send password_reset"),
            (PasswordReset, SelfService, Some(Active), automatic, 0, "send password_reset sparingly"),
            (PasswordReset, Admin, Some(Active), automatic, 0, "skip password_reset: address_suppressed"),
            (PasswordReset, Admin, Some(Active), None, 0, "send password_reset"),
            (PasswordReset, SelfService, Some(Active), None, 24, "send password_reset"),
            (PasswordReset, SelfService, Some(Active), None, 25, "skip password_reset: request_too_old"),
            (Activation, Admin, Some(Pending), None, 0, "send activation"),
            (Activation, Admin, Some(Active), None, 0, "skip activation: already_active"),
            (PasswordChanged, System, Some(Active), None, 48, "send password_changed"),
            (PasswordChanged, System, Some(Active), automatic, 0, "skip password_changed: address_suppressed"),
            (PasswordChanged, System, Some(Inactive), None, 0, "skip password_changed: user_inactive"),
            (PasswordChanged, System, None, None, 0, "skip password_changed: no_such_user"),
        ] {
            assert_eq!(
                outcome(kind, trigger, status, suppression, age),
                expected,
                "{kind} {trigger} {status:?} {suppression:?} {age} h"
            );
        }
    }
}
