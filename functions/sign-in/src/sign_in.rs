//! Signing in: count first, then look.

use mailkey::{
    EmailAddress, StoreError,
    account::{
        User, UserStatus, WithCredentials,
        password::{Password, Verdict},
    },
    clock::whole_millis,
    lockout::Admission,
    problem::{Problem, ProblemType},
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
            return Err(Problem::new(ProblemType::InvalidCredentials));
        };
        self.lockouts.succeed(address.key(), counted).await?;
        if found.user.status != UserStatus::Active {
            return Err(Problem::new(ProblemType::AccountInactive));
        }
        self.renew(&found, password, verdict).await?;
        self.begin_session(found.user).await
    }

    /// Notes the sign-in, and hashes the password anew where its hash is of former days.
    async fn renew(&self, found: &WithCredentials, password: Password, verdict: Verdict) -> Result<(), Problem> {
        let renewed = match verdict {
            Verdict::RightButOutdated => Some(self.hasher.hash(password).await?),
            Verdict::Right | Verdict::Wrong => None,
        };
        Ok(self
            .users
            .signed_in(found, renewed.as_ref(), whole_millis(self.clock.now()))
            .await?)
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
