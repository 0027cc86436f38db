//! Redeems a token: check it, hash the password, then spend it in one transaction.

use std::net::IpAddr;

use mailkey::{
    account::{Role, User, password::Password},
    api_key::ApiKey,
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
                    let settings = self.app.db.settings().get().await?;
                    self.policy.check(&password, &redemption.user.email, &settings).await?;
                    &*hash.insert(self.hasher.hash(password.clone()).await?)
                }
            };
            let now = self.app.now();
            let owner = redemption.user.email.key();
            let attempts = self.app.db.lockouts().get(owner).await?;
            let keys = self.keys_of(&redemption.user).await?;
            let mut also = vec![self.audit_entry(&redemption, from)?, self.notice(&redemption, &keys, from)?];
            also.extend(keys.iter().map(|key| self.app.db.api_keys().revoke(key, now)));
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

    /// The valid API keys that a user created. They are revoked: the person who made the recovery necessary may
    /// have created one.
    async fn keys_of(&self, user: &User) -> Result<Vec<ApiKey>, StoreError> {
        match user.role {
            // Members create no keys. Their redemption does without the call.
            Role::Member => Ok(Vec::new()),
            Role::Support | Role::Admin => self.app.db.api_keys().alive_of(user.id, self.app.now()).await,
        }
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

    /// Tells the owner that the password was changed, and which API keys were revoked.
    fn notice(&self, redemption: &Redemption, keys: &[ApiKey], from: &RequestInfo) -> Result<Write, StoreError> {
        let (user, now) = (&redemption.user, self.app.now());
        let email_id = EmailId::new(now, &*self.app.entropy)?;
        let (kind, trigger) = (EmailKind::PasswordChanged, Trigger::System);
        let notice = EmailRequest::unique(email_id, kind, trigger, user.email.clone(), now)
            .about(user.id)
            .naming(keys.iter().map(|key| key.name.clone()))
            .caused_by(from.request_id.clone());
        Ok(self.app.db.email_requests().write(&notice))
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
