//! Signing in: count first, then look.

use jiff::Timestamp;
use mailkey::{
    EmailAddress, StoreError,
    account::{
        User, UserStatus, WithCredentials,
        password::{Password, Verdict},
    },
    clock::whole_millis,
    email_log::{EmailKind, LogId, Trigger},
    lockout::Admission,
    problem::{Problem, ProblemType},
    recovery::RecoveryRequest,
    secret::Secret,
    session::{Session, SessionToken},
};

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
    /// pending or inactive; and whether an address is locked does not depend on whether it is known.
    pub(crate) async fn sign_in(&self, address: &EmailAddress, password: Password) -> Result<SignedIn, Problem> {
        let now = whole_millis(self.clock.now());
        let policy = self.settings.get().await?.lockout();
        let counted = match self.lockouts.admit(address.key(), policy, now).await? {
            Admission::Counted(counted) => counted,
            Admission::Locked { until } => {
                let seconds = until.duration_since(now).as_secs() + 1;
                return Err(Problem::new(ProblemType::AccountLocked).with_retry_after(seconds));
            }
        };
        let found = self.users.find_for_sign_in(address.key()).await?;
        let stored = found.as_ref().and_then(|found| found.password_hash.clone());
        let verdict = self.hasher.verify(password.clone(), stored).await?;
        let Some(found) = found.filter(|_| verdict != Verdict::Wrong) else {
            self.lockouts.fail(address.key()).await?;
            if counted.count == policy.max_failures {
                self.tell_of_lock(address, now).await?;
            }
            return Err(Problem::new(ProblemType::InvalidCredentials));
        };
        self.lockouts.succeed(address.key(), counted).await?;
        if found.user.status != UserStatus::Active {
            return Err(Problem::new(ProblemType::AccountInactive));
        }
        self.renew(&found, password, verdict).await?;
        self.begin_session(found.user).await
    }

    /// The failure that fills the counter locks: once per lock the owner is told, if there is one. Whether there is, the
    /// mailer finds out; here a locked address is like any other.
    async fn tell_of_lock(&self, address: &EmailAddress, now: Timestamp) -> Result<(), Problem> {
        let log_id = LogId::new(now, &*self.entropy)?;
        let (kind, trigger) = (EmailKind::AccountLocked, Trigger::System);
        self.requests.accept(&RecoveryRequest::unique(log_id, kind, trigger, address.clone(), now)).await?;
        tracing::warn!(recipient = address.masked(), metric = "Locks", "too many wrong passwords");
        Ok(())
    }

    /// Notes the sign-in, and hashes the password anew where its hash is of former days.
    async fn renew(&self, found: &WithCredentials, password: Password, verdict: Verdict) -> Result<(), Problem> {
        let renewed = match verdict {
            Verdict::RightButOutdated => Some(self.hasher.hash(password).await?),
            Verdict::Right | Verdict::Wrong => None,
        };
        Ok(self.users.signed_in(found, renewed.as_ref(), whole_millis(self.clock.now())).await?)
    }

    async fn begin_session(&self, mut user: User) -> Result<SignedIn, Problem> {
        let now = whole_millis(self.clock.now());
        user.last_sign_in_at = Some(now);
        let token = Secret::generate(&*self.entropy).map_err(StoreError::from)?;
        let session = Session::begin(&token, &user, now);
        self.sessions.begin(&session).await?;
        tracing::info!(user_id = %user.id, "signed in");
        Ok(SignedIn { token, session, user })
    }
}
