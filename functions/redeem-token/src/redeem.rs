//! Redeems a token: check it, hash the password, then spend it in one transaction.

use std::net::IpAddr;

use mailkey::{
    account::password::{Password, PasswordRules, Weakness},
    audit::{Action, Actor, AuditDetail, Target},
    device::DeviceToken,
    email_log::{EmailId, EmailKind, Trigger},
    recovery::EmailRequest,
    token::{LinkToken, Redemption, check},
};
use mailkey_api::{
    AuditedAction,
    http::RequestInfo,
    problem::{Problem, ProblemType},
};
use mailkey_dynamodb::{
    StoreError,
    client::{Committed, Write},
};

use crate::RedeemToken;

/// How often a conflicting redemption is retried before the client has to.
const TRIES: u32 = 6;

impl RedeemToken {
    /// Spends `token` and sets `password`. A rejected password leaves the token valid. The device becomes known, so a
    /// stranger who locks the address again can't keep the owner from signing in here.
    pub(crate) async fn redeem(
        &self,
        token: &LinkToken,
        password: Password,
        from: &RequestInfo,
    ) -> Result<DeviceToken, Problem> {
        let mut hash = None;
        for _ in 0..TRIES {
            let redemption = self.check(token, from.ip).await?;
            let hash = match &hash {
                Some(hash) => hash,
                None => {
                    self.refuse_weak(&redemption, &password).await?;
                    &*hash.insert(self.hasher.hash(password.clone()).await?)
                }
            };
            let now = self.app.now();
            let owner = redemption.user.email.key();
            let attempts = self.app.db.lockouts().get(owner).await?;
            let mut also = vec![self.audit_entry(&redemption, from)?, self.notice(&redemption, from)?];
            if attempts.is_some() {
                also.push(self.app.db.lockouts().clear(owner));
            }
            let device = self.device_keys.issue(owner, now, &*self.app.entropy)?;
            // If someone else changed the user, the next look tells what is left of the link.
            if self.app.db.tokens().redeem(&redemption, hash, also, now).await? == Committed::Done {
                self.note(&redemption).await;
                return Ok(device);
            }
        }
        Err(Problem::new(ProblemType::ServiceUnavailable).with_retry_after(1))
    }

    async fn check(&self, token: &LinkToken, ip: Option<IpAddr>) -> Result<Redemption, Problem> {
        let Some(issued) = self.app.db.tokens().get(&token.digest()).await? else {
            return Err(self.made_up(ip).await?);
        };
        let user = self.app.directory.only(self.app.db.users().get(issued.user_id).await?);
        Ok(check(Some(issued), user, self.app.clock.now())?)
    }

    /// The person with the link acts as its user.
    fn audit_entry(&self, redemption: &Redemption, from: &RequestInfo) -> Result<Write, StoreError> {
        let user = &redemption.user;
        let RequestInfo { ip, request_id } = from.clone();
        let actor = Actor { user_id: user.id, role: user.role, api_key: None, ip, request_id };
        let target = Target::User(user.id);
        let attempt = AuditedAction::new(&self.app, actor, Action::RedeemToken, &target)?;
        Ok(attempt.done(AuditDetail { purpose: Some(redemption.token.purpose), ..AuditDetail::default() }))
    }

    /// Tells the owner that the password was changed.
    fn notice(&self, redemption: &Redemption, from: &RequestInfo) -> Result<Write, StoreError> {
        let (user, now) = (&redemption.user, self.app.now());
        let email_id = EmailId::new(now, &*self.app.entropy)?;
        let (kind, trigger) = (EmailKind::PasswordChanged, Trigger::System);
        let notice = EmailRequest::unique(email_id, kind, trigger, user.email.clone(), now)
            .about(user.id)
            .caused_by(from.request_id.clone());
        Ok(self.app.db.email_requests().write(&notice))
    }

    async fn refuse_weak(&self, redemption: &Redemption, password: &Password) -> Result<(), Problem> {
        let rules = PasswordRules {
            min_length: self.app.db.settings().get().await?.min_password_length(),
            email: &redemption.user.email,
            portal_name: &self.portal_name,
        };
        let mut weaknesses = rules.weaknesses(password);
        if let (Some(breached), true) = (&self.breached, weaknesses.is_empty())
            && breached.contains(password).await
        {
            weaknesses.push(Weakness::Breached);
        }
        if weaknesses.is_empty() { Ok(()) } else { Err(weak_password(&weaknesses)) }
    }

    /// Marks the email as redeemed. This isn't part of the transaction: a failure here doesn't undo the redemption.
    async fn note(&self, redemption: &Redemption) {
        if let Err(error) = self.app.db.email_log().mark_redeemed(redemption.token.email_id, self.app.clock.now()).await
        {
            tracing::warn!(error = error.chain(), email_id = %redemption.token.email_id, "a redemption is missing in the email log");
        }
        tracing::info!(user_id = %redemption.user.id, purpose = %redemption.token.purpose, metric = "Redemptions", "token redeemed");
    }
}

fn weak_password(weaknesses: &[Weakness]) -> Problem {
    weaknesses.iter().fold(Problem::new(ProblemType::WeakPassword), |problem, weakness| {
        problem.with_reason(weakness.code(), &weakness.detail(), weakness.limit())
    })
}
