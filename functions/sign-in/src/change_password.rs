//! `POST /api/change-password`: a signed-in person sets a new password and proves that they know the current one.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use mailkey::{
    account::{User, password::Password},
    audit::{Action, AuditDetail, Target},
    email_log::{EmailId, EmailKind, Trigger},
    network::Network,
    recovery::EmailRequest,
};
use mailkey_api::{
    http::{Caller, PresentedDevice, RequestInfo, StrictJson},
    problem::{Problem, ProblemType},
};
use mailkey_dynamodb::{
    StoreError,
    client::{Committed, Write},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{SignIn, sign_in::Presented};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangePasswordRequest {
    /// The current password.
    pub(crate) current_password: String,
    /// The new password.
    pub(crate) new_password: String,
}

pub(crate) async fn change_password(
    State(function): State<Arc<SignIn>>,
    caller: Caller,
    PresentedDevice(device): PresentedDevice,
    StrictJson(body): StrictJson<ChangePasswordRequest>,
) -> Result<StatusCode, Problem> {
    caller.session()?;
    let current = Presented {
        address: caller.user.email.clone(),
        network: Network::of(caller.ip),
        device,
        password: Password::new(&body.current_password),
        action: Action::ChangePassword,
        from: RequestInfo { ip: caller.ip, request_id: caller.request_id.clone() },
    };
    function.change_password(&caller, current, Password::new(&body.new_password)).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl SignIn {
    /// Sets the password, ends every other session, cancels every link and tells the owner: all of it or nothing.
    async fn change_password(&self, caller: &Caller, current: Presented, new: Password) -> Result<(), Problem> {
        let verified = self.accept(self.verify(&current).await?).await?;
        let (user, settings) = (&verified.found.user, &verified.settings);
        // The address may have become another person's since the session was looked up.
        if user.id != caller.user.id {
            return Err(Problem::new(ProblemType::StaleVersion));
        }
        let weak = |problem: Problem| problem.with_detail("The new password is refused. Choose another one.");
        self.policy.check(&new, &user.email, settings).await.map_err(weak)?;
        let hash = self.hasher.hash(new).await?;
        let attempt = self.app.attempt(caller, Action::ChangePassword, &Target::User(user.id))?;
        let writes = vec![
            self.app.db.users().set_password(user, &hash, self.app.now()),
            self.app.db.sessions().outlive(caller.session()?),
            self.notice(user, caller)?,
        ];
        match attempt.try_to_carry_out(writes, AuditDetail::default()).await? {
            Committed::Done => Ok(()),
            Committed::ConditionFailed(_) => Err(Problem::new(ProblemType::StaleVersion)),
        }
    }

    fn notice(&self, user: &User, caller: &Caller) -> Result<Write, StoreError> {
        let now = self.app.now();
        let (kind, trigger) = (EmailKind::PasswordChanged, Trigger::System);
        let email_id = EmailId::new(now, &*self.app.entropy)?;
        let notice = EmailRequest::unique(email_id, kind, trigger, user.email.clone(), now)
            .about(user.id)
            .caused_by(caller.request_id.clone());
        Ok(self.app.db.email_requests().write(&notice))
    }
}
