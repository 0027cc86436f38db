//! `POST /api/step-up`: a signed-in person proves again who they are. Codes are checked here, for sign-in too.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use jiff::Timestamp;
use mailkey::{
    account::{UserId, password::Password},
    audit::{Action, AuditDetail, Target},
    network::Network,
    second_factor::{CurrentFactor, MAX_STEP_UP_FAILURES, OneTimeCode},
    session::Session,
};
use mailkey_api::{
    http::{Caller, PresentedDevice, RequestInfo, StrictJson},
    problem::{Problem, ProblemType},
};
use mailkey_dynamodb::client::Committed;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{SignIn, sign_in::Presented};

/// What is wrong with a code, whether it is the app's or a recovery code.
pub(crate) const WRONG_CODE: &str = "This code is wrong or was used already. Wait for the next one.";

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StepUpRequest {
    /// Six digits of the authenticator app, or a recovery code.
    pub(crate) one_time_code: Option<String>,
    /// The password.
    #[schemars(example = "violet canoe under nine bridges")]
    pub(crate) password: Option<String>,
}

/// How a code was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Accepted {
    /// It is the app's.
    Totp,
    /// It is a recovery code, which is spent now.
    Recovery,
}

impl Accepted {
    /// What the audit log says of it.
    pub(crate) fn detail(self) -> AuditDetail {
        AuditDetail::note(match self {
            Self::Totp => "one-time code",
            Self::Recovery => "recovery code",
        })
    }
}

pub(crate) async fn step_up(
    State(function): State<Arc<SignIn>>,
    caller: Caller,
    PresentedDevice(device): PresentedDevice,
    StrictJson(body): StrictJson<StepUpRequest>,
) -> Result<StatusCode, Problem> {
    caller.session()?;
    match (body.one_time_code, body.password) {
        (Some(code), None) => function.step_up_with_code(&caller, &OneTimeCode::parse(&code)).await?,
        (None, Some(password)) => {
            let presented = Presented {
                address: caller.user.email.clone(),
                network: Network::of(caller.ip),
                device,
                password: Password::new(&password),
                action: Action::StepUp,
                from: RequestInfo { ip: caller.ip, request_id: caller.request_id.clone() },
            };
            function.step_up_with_password(&caller, presented).await?;
        }
        (None, None) | (Some(_), Some(_)) => {
            let either = "Send one of one_time_code and password.";
            return Err(Problem::new(ProblemType::MalformedRequest).with_detail(either));
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

impl SignIn {
    async fn step_up_with_code(&self, caller: &Caller, code: &OneTimeCode) -> Result<(), Problem> {
        let session = caller.session()?;
        let attempts = self.count_code(session).await?;
        let factor = self.credentials(caller).await?.second_factors.current;
        let accepted = match &factor {
            Some(factor) => self.accept_code(caller.user.id, factor, code, self.app.now()).await?,
            None => None,
        };
        let attempt = self.app.attempt(caller, Action::StepUp, &Target::User(caller.user.id))?;
        let Some(accepted) = accepted else {
            let problem = self.wrong_code(session, attempts).await?;
            return Err(attempt.refuse(problem).await);
        };
        let noted = self.app.db.sessions().stepped_up(session, self.app.now());
        ended_meanwhile(attempt.try_to_carry_out(vec![noted], accepted.detail()).await?)
    }

    /// Someone with a second factor has to use it: a password may have been watched being typed.
    async fn step_up_with_password(&self, caller: &Caller, presented: Presented) -> Result<(), Problem> {
        let verified = self.accept(self.verify(&presented).await?).await?;
        if verified.found.user.id != caller.user.id {
            return Err(Problem::new(ProblemType::StaleVersion));
        }
        if verified.found.second_factors.current.is_some() {
            return Err(Problem::new(ProblemType::SecondFactorRequired));
        }
        let attempt = self.app.attempt(caller, Action::StepUp, &Target::User(caller.user.id))?;
        let noted = self.app.db.sessions().stepped_up(caller.session()?, self.app.now());
        ended_meanwhile(attempt.try_to_carry_out(vec![noted], AuditDetail::note("password")).await?)
    }

    /// Accepts a code once: `None` if it is wrong or was used.
    pub(crate) async fn accept_code(
        &self,
        user: UserId,
        factor: &CurrentFactor,
        code: &OneTimeCode,
        now: Timestamp,
    ) -> Result<Option<Accepted>, Problem> {
        let users = self.app.db.users();
        let (spent, accepted) = match code {
            OneTimeCode::Totp(code) => {
                let secret = self.open(user, &factor.sealed)?;
                let Some(step) = secret.step_of(code, Some(factor.last_step), now) else { return Ok(None) };
                (users.spend_step(user, &factor.sealed, step).await?, Accepted::Totp)
            }
            OneTimeCode::Recovery(digest) => (users.spend_recovery_code(user, digest).await?, Accepted::Recovery),
        };
        Ok((spent == Committed::Done).then_some(accepted))
    }

    /// Counts a code that is about to be checked in a session.
    pub(crate) async fn count_code(&self, session: &Session) -> Result<i64, Problem> {
        match self.app.db.sessions().count_code(session).await? {
            Some(attempts) => Ok(attempts),
            None => {
                self.app.db.sessions().end(&session.digest).await?;
                Err(Problem::new(ProblemType::SignInRequired))
            }
        }
    }

    /// The problem for a wrong code. Too many end the session: someone else may be using it.
    pub(crate) async fn wrong_code(&self, session: &Session, attempts: i64) -> Result<Problem, Problem> {
        if attempts >= MAX_STEP_UP_FAILURES {
            self.app.db.sessions().end(&session.digest).await?;
        }
        Ok(Problem::new(ProblemType::InvalidCredentials).with_detail(WRONG_CODE))
    }
}

fn ended_meanwhile(committed: Committed) -> Result<(), Problem> {
    match committed {
        Committed::Done => Ok(()),
        Committed::ConditionFailed(_) => Err(Problem::new(ProblemType::SignInRequired)),
    }
}
