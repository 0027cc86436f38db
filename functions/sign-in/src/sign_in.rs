//! Signs a user in. The attempt is counted before the password is checked.

use std::time::Duration;

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
    network::{Failure, Network},
    problem::{Problem, ProblemType},
    recovery::RecoveryRequest,
    secret::Secret,
    session::{Session, SessionToken},
    settings::Setting,
};

use crate::SignIn;

pub(crate) struct SignedIn {
    pub(crate) token: SessionToken,
    pub(crate) session: Session,
    pub(crate) user: User,
}

/// Every refused sign-in takes this long, which hides how long the work took. An imported hash can take up to 300 ms on
/// one processor (bcrypt with cost 12, PBKDF2 with 600,000 rounds). A slower hash remains noticeable until its user
/// signs in, which replaces it.
const REFUSED_AFTER: Duration = Duration::from_millis(500);

impl SignIn {
    /// Signs in. A refusal always takes the same time.
    pub(crate) async fn sign_in(
        &self,
        address: &EmailAddress,
        network: &Network,
        password: Password,
    ) -> Result<SignedIn, Problem> {
        let refused_at = tokio::time::Instant::now() + REFUSED_AFTER;
        let signed_in = self.verify(address, network, password).await;
        if signed_in.is_err() {
            tokio::time::sleep_until(refused_at).await;
        }
        signed_in
    }

    /// Until the password is verified, the calls and the work are the same for known, unknown, pending and inactive
    /// addresses. Lockout doesn't depend on whether the address is known either. A network with too many failures is
    /// rejected before the attempt is counted against the address, so that it can't lock more accounts.
    async fn verify(&self, address: &EmailAddress, network: &Network, password: Password) -> Result<SignedIn, Problem> {
        let now = whole_millis(self.clock.now());
        let (settings, failures) = tokio::try_join!(self.settings.get(), self.networks.failures(network, now))?;
        if let Some(until) = failures.reached(settings.get(Setting::FailuresPerNetwork)) {
            tracing::warn!(metric = "NetworkHeldUp", "too many failed sign-ins from one network");
            return Err(Problem::new(ProblemType::TooManyRequests).with_retry_at(until, now));
        }
        let policy = settings.lockout();
        let counted = match self.lockouts.admit(address.key(), policy, now).await? {
            Admission::Counted(counted) => counted,
            Admission::Locked { until } => {
                return Err(Problem::new(ProblemType::AccountLocked).with_retry_at(until, now));
            }
        };
        let found = self.users.find_for_sign_in(address.key()).await?;
        let stored = found.as_ref().and_then(|found| found.password_hash.clone());
        let verdict = self.hasher.verify(password.clone(), stored).await?;
        let Some(found) = found.filter(|_| verdict != Verdict::Wrong) else {
            tokio::try_join!(
                self.lockouts.fail(address.key()),
                self.networks.fail(network, Failure::WrongPassword, now)
            )?;
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

    /// The failure that reaches the limit locks the address and queues one notice to its owner. The mailer finds out
    /// whether there is an owner; here, every address is treated alike.
    async fn tell_of_lock(&self, address: &EmailAddress, now: Timestamp) -> Result<(), Problem> {
        let log_id = LogId::new(now, &*self.entropy)?;
        let (kind, trigger) = (EmailKind::AccountLocked, Trigger::System);
        self.requests.accept(&RecoveryRequest::unique(log_id, kind, trigger, address.clone(), now)).await?;
        tracing::warn!(recipient = address.masked(), metric = "Locks", "too many failed sign-ins");
        Ok(())
    }

    /// Records the sign-in, and rehashes the password if its hash is outdated.
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
