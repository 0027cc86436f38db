//! Signs a user in. The attempt is counted before the password is checked.

use jiff::Timestamp;
use mailkey::{
    EmailAddress, RequestId,
    account::{Role, User, UserStatus, WithCredentials, password::Password},
    audit::{Action, Actor, AuditDetail, Target},
    email_log::{EmailId, EmailKind, Trigger},
    lockout::Admission,
    network::{Failure, Network},
    recovery::EmailRequest,
    secret::Secret,
    session::{Session, SessionToken},
    settings::Setting,
};
use mailkey_api::{
    AuditedAction,
    http::RequestInfo,
    password::Verdict,
    problem::{Problem, ProblemType},
};
use mailkey_dynamodb::StoreError;

use crate::SignIn;

pub(crate) struct SignedIn {
    pub(crate) token: SessionToken,
    pub(crate) session: Session,
    pub(crate) user: User,
}

impl SignIn {
    /// Signs in, or says why not.
    ///
    /// Up to the verdict on the password the calls and the work are the same for an address that is known, unknown,
    /// pending or inactive; and whether an address is locked does not depend on whether it is known. A network that
    /// failed too often is turned away before anything is counted against the address, so it locks no more accounts.
    pub(crate) async fn sign_in(
        &self,
        address: &EmailAddress,
        network: &Network,
        password: Password,
        from: RequestInfo,
    ) -> Result<SignedIn, Problem> {
        let now = self.app.now();
        let (settings, networks, lockouts) = (self.app.db.settings(), self.app.db.networks(), self.app.db.lockouts());
        let (settings, failures) = tokio::try_join!(settings.get(), networks.failures(network, now))?;
        if let Some(until) = failures.reached(settings.get(Setting::FailuresPerNetwork)) {
            tracing::warn!(metric = "NetworkHeldUp", "too many failed sign-ins from one network");
            return Err(Problem::new(ProblemType::TooManyRequests).with_retry_at(until, now));
        }
        let policy = settings.lockout();
        let counted = match lockouts.admit(address.key(), policy, now).await? {
            Admission::Counted(counted) => counted,
            Admission::Locked { until } => {
                return Err(Problem::new(ProblemType::AccountLocked).with_retry_at(until, now));
            }
        };
        let found = self.app.db.users().find_for_sign_in(address.key()).await?;
        let stored = found.as_ref().and_then(|found| found.password_hash.clone());
        let verdict = self.hasher.verify(password.clone(), stored, &settings).await?;
        let audited = found.as_ref().and_then(|found| self.audited(&found.user, &from)).transpose()?;
        let Some(found) = found.filter(|_| verdict != Verdict::Wrong) else {
            tokio::try_join!(lockouts.fail(address.key()), networks.fail(network, Failure::WrongPassword, now))?;
            if counted.count == policy.max_failures {
                self.tell_of_lock(address, from.request_id, now).await?;
            }
            return Err(refused(audited, ProblemType::InvalidCredentials).await);
        };
        lockouts.succeed(address.key(), counted).await?;
        if found.user.status != UserStatus::Active {
            return Err(refused(audited, ProblemType::AccountInactive).await);
        }
        self.renew(&found, password, verdict).await?;
        self.begin_session(found.user, audited).await
    }

    /// The audit entry of a sign-in, if the user's role is above member. A refusal takes the same time with and without
    /// it. While an address is locked, nothing is recorded, so that guessing can't fill the audit log.
    fn audited(&self, user: &User, from: &RequestInfo) -> Option<Result<AuditedAction, StoreError>> {
        let RequestInfo { ip, request_id } = from.clone();
        let actor = Actor { user_id: user.id, role: user.role, api_key: None, ip, request_id };
        let attempt = || AuditedAction::new(&self.app, actor, Action::SignIn, &Target::User(user.id));
        (user.role > Role::Member).then(attempt)
    }

    /// The failure that fills the counter locks: once per lock the owner is told, if there is one. Whether there is,
    /// the mailer finds out; here a locked address is like any other.
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

    async fn begin_session(&self, mut user: User, audited: Option<AuditedAction>) -> Result<SignedIn, Problem> {
        let now = self.app.now();
        user.last_sign_in_at = Some(now);
        let token = Secret::generate(&*self.app.entropy).map_err(StoreError::from)?;
        let session = Session::begin(&token, &user, now);
        match audited {
            Some(attempt) => {
                attempt.carry_out(vec![self.app.db.sessions().write(&session)], AuditDetail::default()).await?;
            }
            None => self.app.db.sessions().begin(&session).await?,
        }
        tracing::info!(user_id = %user.id, "signed in");
        Ok(SignedIn { token, session, user })
    }
}

async fn refused(audited: Option<AuditedAction>, kind: ProblemType) -> Problem {
    match audited {
        Some(attempt) => attempt.refuse(Problem::new(kind)).await,
        None => Problem::new(kind),
    }
}
