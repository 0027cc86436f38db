//! Signs a user in. The attempt is counted before the password is checked.

use jiff::Timestamp;
use mailkey::{
    EmailAddress, RequestId,
    account::{Role, User, UserStatus, WithCredentials, password::Password},
    audit::{Action, Actor, Target},
    device::{DeviceId, DeviceToken},
    email_log::{EmailId, EmailKind, Trigger},
    entropy::new_ulid,
    lockout::{Admission, CountedAttempt, CounterKey, Lock, LockoutPolicy},
    network::{Failure, Network},
    recovery::EmailRequest,
    second_factor::{CurrentFactor, OneTimeCode},
    secret::Secret,
    session::{Client, Session, SessionId, SessionToken},
    settings::{SecuritySettings, Setting},
};
use mailkey_api::{
    AuditedAction,
    http::RequestInfo,
    password::Verdict,
    problem::{Problem, ProblemType},
};
use mailkey_dynamodb::StoreError;

use crate::{
    SignIn,
    step_up::{Accepted, WRONG_CODE},
};

/// What a client presents to prove who they are.
pub(crate) struct Presented {
    pub(crate) address: EmailAddress,
    pub(crate) network: Network,
    pub(crate) device: Option<DeviceToken>,
    pub(crate) password: Password,
    /// What they want to do. The audit log records refusals.
    pub(crate) action: Action,
    /// The client's address, which a back end may pass on, and the request id.
    pub(crate) from: RequestInfo,
}

pub(crate) struct SignedIn {
    pub(crate) token: SessionToken,
    pub(crate) session: Session,
    pub(crate) user: User,
    pub(crate) device: DeviceToken,
}

/// An attempt that is counted, and the known device that it came from.
struct Admitted {
    attempt: CountedAttempt,
    device: Option<DeviceId>,
}

/// The user whose password was right, and what was read on the way. The attempt still counts.
pub(crate) struct Verified {
    pub(crate) found: WithCredentials,
    pub(crate) settings: SecuritySettings,
    verdict: Verdict,
    admitted: Admitted,
    audited: Option<AuditedAction>,
    /// The code that was accepted, if one was needed.
    with: Option<Accepted>,
}

impl SignIn {
    /// Signs in, or says why not.
    pub(crate) async fn sign_in(
        &self,
        presented: Presented,
        code: Option<OneTimeCode>,
        client: Client,
    ) -> Result<SignedIn, Problem> {
        let verified = self.verify(&presented).await?;
        let verified = match verified.found.second_factors.current.clone() {
            Some(factor) => self.with_code(&presented, verified, &factor, code).await?,
            None => verified,
        };
        let verified = self.accept(verified).await?;
        self.renew(&verified.found, presented.password, verified.verdict).await?;
        self.begin_session(verified, client).await
    }

    /// Verifies a password, or refuses it and counts that.
    ///
    /// Up to the verdict on the password the calls and the work are the same for an address that is known, unknown,
    /// pending or inactive; and whether an address is locked does not depend on whether it is known.
    pub(crate) async fn verify(&self, presented: &Presented) -> Result<Verified, Problem> {
        let now = self.app.now();
        let Presented { address, network, password, .. } = presented;
        let (settings, networks) = (self.app.db.settings(), self.app.db.networks());
        let (settings, failures) = tokio::try_join!(settings.get(), networks.failures(network, now))?;
        let policy = settings.lockout();
        let held_up_until = failures.reached(settings.get(Setting::FailuresPerNetwork));
        let admitted = self.admit(presented, policy, held_up_until, now).await?;
        let found = self.app.db.users().find_for_sign_in(address.key()).await?;
        let found = found.filter(|found| self.app.directory.has(&found.user));
        let stored = found.as_ref().and_then(|found| found.password_hash.clone());
        let verdict = self.hasher.verify(password.clone(), stored, &settings).await?;
        let audited = found.as_ref().and_then(|found| self.audited(&found.user, presented)).transpose()?;
        let Some(found) = found.filter(|_| verdict != Verdict::Wrong) else {
            return Err(self.fail(presented, &admitted, &settings, audited).await?);
        };
        Ok(Verified { found, settings, verdict, admitted, audited, with: None })
    }

    /// Counts a wrong password or code, and returns the problem to respond with.
    async fn fail(
        &self,
        presented: &Presented,
        admitted: &Admitted,
        settings: &SecuritySettings,
        audited: Option<AuditedAction>,
    ) -> Result<Problem, Problem> {
        let now = self.app.now();
        let (lockouts, networks) = (self.app.db.lockouts(), self.app.db.networks());
        let failed = lockouts.fail(&admitted.attempt, now);
        let attempts = match admitted.device {
            Some(_) => failed.await?,
            None => tokio::try_join!(failed, networks.fail(&presented.network, Failure::WrongPassword, now))?.0,
        };
        if attempts.is_some_and(|attempts| attempts.has_just_locked(settings.lockout(), now)) {
            self.tell_of_lock(&presented.address, presented.from.request_id.clone(), now).await?;
        }
        Ok(refused(audited, ProblemType::InvalidCredentials).await)
    }

    /// Asks for the second factor after the right password. A missing code doesn't count; a wrong one counts as a wrong
    /// password.
    async fn with_code(
        &self,
        presented: &Presented,
        mut verified: Verified,
        factor: &CurrentFactor,
        code: Option<OneTimeCode>,
    ) -> Result<Verified, Problem> {
        let Some(code) = code else {
            self.app.db.lockouts().give_back(&verified.admitted.attempt).await?;
            return Err(Problem::new(ProblemType::SecondFactorRequired));
        };
        verified.with = self.accept_code(verified.found.user.id, factor, &code, self.app.now()).await?;
        match verified.with {
            Some(_) => Ok(verified),
            None => {
                let audited = verified.audited.take();
                let problem = self.fail(presented, &verified.admitted, &verified.settings, audited).await?;
                // This reveals nothing: a right password without a code was answered differently already.
                Err(problem.with_detail(WRONG_CODE))
            }
        }
    }

    /// Takes the attempt back, because the password was right. An inactive user is refused all the same.
    pub(crate) async fn accept(&self, mut verified: Verified) -> Result<Verified, Problem> {
        let (lockouts, attempt) = (self.app.db.lockouts(), &verified.admitted.attempt);
        match verified.admitted.device {
            Some(_) => lockouts.succeed_on_known_device(attempt).await?,
            None => lockouts.succeed_on_unknown_device(attempt).await?,
        }
        if verified.found.user.status != UserStatus::Active {
            return Err(refused(verified.audited.take(), ProblemType::AccountInactive).await);
        }
        Ok(verified)
    }

    /// The audit entry of an attempt, if the user's role is above member. A refusal takes the same time with and without
    /// it. While an address is locked, nothing is recorded, so that guessing can't fill the audit log.
    fn audited(&self, user: &User, presented: &Presented) -> Option<Result<AuditedAction, StoreError>> {
        let RequestInfo { ip, request_id } = presented.from.clone();
        let actor = Actor { user_id: user.id, role: user.role, api_key: None, ip, request_id };
        let attempt = || AuditedAction::new(&self.app, actor, presented.action, &Target::User(user.id));
        (user.role > Role::Member).then(attempt)
    }

    /// Counts the attempt before its password is verified.
    ///
    /// A known device has its own counter, and the limit per network doesn't apply to it. Any other attempt counts
    /// towards the address, unless its network failed too often: then it locks no more accounts.
    async fn admit(
        &self,
        presented: &Presented,
        policy: LockoutPolicy,
        held_up_until: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Admitted, Problem> {
        let (address, lockouts) = (presented.address.key(), self.app.db.lockouts());
        let id = new_ulid(now, &*self.app.entropy)?;
        if let Some(device) = presented.device.as_ref().and_then(|token| self.device_keys.verify(token, address, now)) {
            match lockouts.admit(&CounterKey::device(address, device), id, policy, now).await? {
                Admission::Counted(attempt) => return Ok(Admitted { attempt, device: Some(device) }),
                Admission::Locked(lock @ Lock::Until(_)) => return Err(locked(lock, now)),
                // The device has used up its failures and counts as unknown.
                Admission::Locked(Lock::UntilRecovery) => {}
            }
        }
        if let Some(until) = held_up_until {
            tracing::warn!(metric = "NetworkHeldUp", "too many failed sign-ins from one network");
            return Err(Problem::new(ProblemType::TooManyRequests).with_retry_at(until, now));
        }
        match lockouts.admit(&CounterKey::unknown_devices(address), id, policy, now).await? {
            Admission::Counted(attempt) => Ok(Admitted { attempt, device: None }),
            Admission::Locked(lock) => Err(locked(lock, now)),
        }
    }

    /// The failure that fills the counter locks: the owner is told, if there is one. Whether there is, and whether the
    /// owner has been told that day, the mailer finds out; here a locked address is like any other.
    async fn tell_of_lock(
        &self,
        address: &EmailAddress,
        request_id: Option<RequestId>,
        now: Timestamp,
    ) -> Result<(), Problem> {
        let email_id = EmailId::new(now, &*self.app.entropy)?;
        let (kind, trigger) = (EmailKind::AccountLocked, Trigger::System);
        let notice = EmailRequest::unique(email_id, kind, trigger, address.clone(), now).caused_by(request_id);
        self.app.db.email_requests().accept(&notice).await?;
        tracing::warn!(recipient = address.masked(), metric = "Locks", "too many wrong passwords");
        Ok(())
    }

    /// Records the sign-in, and rehashes the password if its hash is outdated.
    async fn renew(&self, found: &WithCredentials, password: Password, verdict: Verdict) -> Result<(), Problem> {
        let renewed = match verdict {
            Verdict::RightButOutdated => Some(self.hasher.hash(password).await?),
            Verdict::Right | Verdict::Wrong => None,
        };
        Ok(self.app.db.users().signed_in(found, renewed.as_ref(), self.app.now()).await?)
    }

    async fn begin_session(&self, verified: Verified, client: Client) -> Result<SignedIn, Problem> {
        let Verified { found, settings, admitted, audited, with, .. } = verified;
        let WithCredentials { mut user, second_factors, .. } = found;
        let factor = settings.second_factor().state(second_factors.current.is_some());
        let now = self.app.now();
        let device = match admitted.device {
            Some(device) => self.device_keys.renew(user.email.key(), device, now),
            None => self.device_keys.issue(user.email.key(), now, &*self.app.entropy)?,
        };
        user.last_sign_in_at = Some(now);
        let token = Secret::generate(&*self.app.entropy).map_err(StoreError::from)?;
        let id = SessionId(new_ulid(now, &*self.app.entropy)?);
        let session = Session::begin(&token, id, &user, factor, client, &settings, now);
        match audited {
            Some(attempt) => {
                attempt
                    .carry_out(
                        vec![self.app.db.sessions().write(&session)],
                        with.map(Accepted::detail).unwrap_or_default(),
                    )
                    .await?;
            }
            None => self.app.db.sessions().begin(&session).await?,
        }
        tracing::info!(user_id = %user.id, "signed in");
        Ok(SignedIn { token, session, user, device })
    }
}

fn locked(lock: Lock, now: Timestamp) -> Problem {
    let problem = Problem::new(ProblemType::AccountLocked);
    match lock {
        Lock::Until(until) => problem.with_retry_at(until, now),
        Lock::UntilRecovery => problem
            .with_detail("There were too many wrong passwords in a row. To sign in on this device, reset the password.")
            .with_recovery_required(),
    }
}

async fn refused(audited: Option<AuditedAction>, kind: ProblemType) -> Problem {
    match audited {
        Some(attempt) => attempt.refuse(Problem::new(kind)).await,
        None => Problem::new(kind),
    }
}
