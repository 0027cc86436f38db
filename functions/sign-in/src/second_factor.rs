//! `POST /api/second-factor` and `POST /api/second-factor/confirm`: a member of staff sets up an authenticator app.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use mailkey::{
    account::{UserId, WithCredentials},
    audit::{Action, AuditDetail, Target},
    recovery::SecurityEvent,
    second_factor::{OneTimeCode, SealedSecret, TotpSecret, recovery_codes},
};
use mailkey_api::{
    http::{Caller, JsonBody, NoBody, StrictJson, SupportCaller},
    problem::{Problem, ProblemType},
};
use mailkey_dynamodb::client::Committed;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::SignIn;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfirmRequest {
    /// Six digits of the authenticator app, or a recovery code.
    pub(crate) one_time_code: String,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct NewFactor {
    /// The secret to type in.
    #[schemars(regex(pattern = r"^[A-Z2-7]{32}$"))]
    pub(crate) secret: String,
    /// What the app reads from a QR code.
    pub(crate) otpauth_uri: String,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct RecoveryCodes {
    /// Shown only once.
    pub(crate) recovery_codes: Vec<String>,
}

pub(crate) async fn begin(
    State(function): State<Arc<SignIn>>,
    SupportCaller(caller): SupportCaller,
    NoBody: NoBody,
) -> Result<(StatusCode, JsonBody<NewFactor>), Problem> {
    caller.session()?;
    caller.stepped_up(function.app.now())?;
    let secret = TotpSecret::generate(&*function.app.entropy)?;
    let otpauth_uri = secret.otpauth_uri(function.policy.portal_name(), caller.user.email.as_typed());
    function.begin_enrolment(&caller, &secret).await?;
    Ok((StatusCode::CREATED, JsonBody(NewFactor { secret: secret.reveal(), otpauth_uri })))
}

pub(crate) async fn confirm(
    State(function): State<Arc<SignIn>>,
    SupportCaller(caller): SupportCaller,
    StrictJson(body): StrictJson<ConfirmRequest>,
) -> Result<JsonBody<RecoveryCodes>, Problem> {
    caller.stepped_up(function.app.now())?;
    let recovery_codes = function.confirm_enrolment(&caller, &OneTimeCode::parse(&body.one_time_code)).await?;
    Ok(JsonBody(RecoveryCodes { recovery_codes }))
}

impl SignIn {
    /// Keeps the secret until its first code. Until then, sign-in doesn't ask for one.
    async fn begin_enrolment(&self, caller: &Caller, secret: &TotpSecret) -> Result<(), Problem> {
        let (id, now) = (caller.user.id, self.app.now());
        let sealed = self.second_factor_key.seal(id, secret, &*self.app.entropy)?;
        match self.app.db.users().begin_enrolment(id, &sealed, now).await? {
            Committed::Done => Ok(()),
            Committed::ConditionFailed(_) => Err(Problem::new(ProblemType::NotFound)),
        }
    }

    /// The first code proves that the app has the secret. From now on sign-in asks for a code. Every other session ends:
    /// it was begun with the password alone, which somebody else may know.
    async fn confirm_enrolment(&self, caller: &Caller, code: &OneTimeCode) -> Result<Vec<String>, Problem> {
        let (session, now) = (caller.session()?, self.app.now());
        let attempts = self.count_code(session).await?;
        let found = self.credentials(caller).await?;
        let pending = found.second_factors.pending.filter(|pending| pending.is_fresh(now));
        let began_anew = "Setting up took too long or was begun again. Begin again.";
        let stale = || Problem::new(ProblemType::StaleVersion).with_detail(began_anew);
        let pending = pending.ok_or_else(stale)?;
        let secret = self.open(caller.user.id, &pending.sealed)?;
        let step = match code {
            OneTimeCode::Totp(code) => secret.step_of(code, None, now),
            OneTimeCode::Recovery(_) => None,
        };
        let attempt = self.app.attempt(caller, Action::AddSecondFactor, &Target::User(caller.user.id))?;
        let Some(step) = step else {
            let problem = self.wrong_code(session, attempts).await?;
            return Err(attempt.refuse(problem).await);
        };
        let (codes, digests) = recovery_codes(&*self.app.entropy)?;
        let writes = vec![
            self.app.db.users().confirm_enrolment(caller.user.id, &pending.sealed, step, &digests, now),
            self.app.db.sessions().enrolled(session, now),
            self.app.security_notice(caller, SecurityEvent::SecondFactorAdded, &[], &caller.user)?,
        ];
        match attempt.try_to_carry_out(writes, AuditDetail::default()).await? {
            Committed::Done => Ok(codes),
            Committed::ConditionFailed(_) => Err(stale()),
        }
    }

    pub(crate) fn open(&self, user: UserId, sealed: &SealedSecret) -> Result<TotpSecret, Problem> {
        self.second_factor_key.open(user, sealed).map_err(|error| {
            tracing::error!(%error, user_id = %user, metric = "StoreFailed", "a second factor can't be decrypted");
            Problem::new(ProblemType::InternalError)
        })
    }

    pub(crate) async fn credentials(&self, caller: &Caller) -> Result<WithCredentials, Problem> {
        let found = self.app.db.users().find_for_sign_in(caller.user.email.key()).await?;
        found.filter(|found| found.user.id == caller.user.id).ok_or(Problem::new(ProblemType::StaleVersion))
    }
}
