//! Redemption: check, hash, and spend in one transaction.

use std::net::IpAddr;

use jiff::Timestamp;
use mailkey::{
    StoreError,
    account::password::{Password, PasswordRules, Weakness},
    audit::{Action, Actor, Attempt, AuditDetail, Target},
    clock::whole_millis,
    database::{Committed, Write},
    email_log::{EmailKind, LogId, Trigger},
    problem::{Problem, ProblemType},
    recovery::RecoveryRequest,
    token::{LinkToken, Redemption, check},
};

use crate::RedeemToken;

/// How often a redemption is tried while someone else changes the user. After that the client may try again.
const TRIES: u32 = 6;

impl RedeemToken {
    /// Spends `token` and sets `password`. A refused password leaves the token as it is.
    pub(crate) async fn redeem(
        &self,
        token: &LinkToken,
        password: Password,
        ip: Option<IpAddr>,
    ) -> Result<(), Problem> {
        let mut hash = None;
        for _ in 0..TRIES {
            let redemption = self.check(token, ip).await?;
            let hash = match &hash {
                Some(hash) => hash,
                None => {
                    self.refuse_weak(&redemption, &password).await?;
                    &*hash.insert(self.hasher.hash(password.clone()).await?)
                }
            };
            let now = whole_millis(self.clock.now());
            let owner = redemption.user.email.key();
            let attempts = self.lockouts.get(owner).await?;
            let mut also = vec![self.audit_entry(&redemption, ip, now)?, self.notice(&redemption, now)?];
            if attempts.is_some() {
                also.push(self.lockouts.clear(owner));
            }
            // If someone else changed the user, the next look tells what is left of the link.
            if self.tokens.redeem(&redemption, hash, also, now).await? == Committed::Done {
                return self.note(&redemption).await;
            }
        }
        Err(Problem::new(ProblemType::ServiceUnavailable).with_retry_after(1))
    }

    async fn check(&self, token: &LinkToken, ip: Option<IpAddr>) -> Result<Redemption, Problem> {
        let Some(issued) = self.tokens.get(&token.digest()).await? else { return Err(self.made_up(ip).await?) };
        let user = self.users.get(issued.user_id).await?;
        Ok(check(Some(issued), user, self.clock.now())?)
    }

    /// The person with the link acts as its user.
    fn audit_entry(&self, redemption: &Redemption, ip: Option<IpAddr>, now: Timestamp) -> Result<Write, StoreError> {
        let user = &redemption.user;
        let actor = Actor { user_id: user.id, role: user.role, api_key: None, ip };
        let target = Target::User(user.id);
        let attempt = Attempt::new(&self.audit, actor, Action::RedeemToken, &target, &*self.entropy, now)?;
        Ok(attempt.done(AuditDetail { purpose: Some(redemption.token.purpose), ..AuditDetail::default() }))
    }

    /// Tells the owner that the password was changed.
    fn notice(&self, redemption: &Redemption, now: Timestamp) -> Result<Write, StoreError> {
        let (user, log_id) = (&redemption.user, LogId::new(now, &*self.entropy)?);
        let (kind, trigger) = (EmailKind::PasswordChanged, Trigger::System);
        let notice = RecoveryRequest::unique(log_id, kind, trigger, user.email.clone(), now).about(user.id);
        Ok(self.requests.write(&notice))
    }

    async fn refuse_weak(&self, redemption: &Redemption, password: &Password) -> Result<(), Problem> {
        let rules = PasswordRules {
            min_length: self.settings.get().await?.min_password_length(),
            email: &redemption.user.email,
            portal_name: &self.portal.name,
        };
        let weaknesses = rules.weaknesses(password);
        if weaknesses.is_empty() { Ok(()) } else { Err(weak_password(&weaknesses)) }
    }

    /// What follows a redemption but is no part of it: the log's proof that the mail arrived.
    async fn note(&self, redemption: &Redemption) -> Result<(), Problem> {
        if let Err(error) = self.log.mark_redeemed(redemption.token.log_id, self.clock.now()).await {
            tracing::warn!(error = error.chain(), log_id = %redemption.token.log_id, "a redemption is missing in the email log");
        }
        tracing::info!(user_id = %redemption.user.id, purpose = %redemption.token.purpose, metric = "Redemptions", "redeemed");
        Ok(())
    }
}

fn weak_password(weaknesses: &[Weakness]) -> Problem {
    weaknesses.iter().fold(Problem::new(ProblemType::WeakPassword), |problem, weakness| {
        problem.with_reason(weakness.code(), &weakness.detail(), weakness.limit())
    })
}
