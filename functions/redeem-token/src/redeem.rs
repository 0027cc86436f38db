//! Redeems a token: check it, hash the password, then spend it in one transaction.

use std::{net::IpAddr, time::Duration};

use jiff::Timestamp;
use mailkey::{
    StoreError,
    account::password::{Password, PasswordRules, Weakness},
    audit::{Action, Actor, Attempt, Target},
    clock::whole_millis,
    database::{Freshness, TransactWriteItem},
    email_log::LogId,
    problem::{Problem, ProblemType},
    token::{LinkToken, Redemption, RedemptionOutcome, check},
};

use crate::RedeemToken;

/// How often a conflicting redemption is retried before the client has to.
const TRIES: u32 = 6;

impl RedeemToken {
    /// Spends `token` and sets `password`. A rejected password leaves the token valid.
    pub(crate) async fn redeem(
        &self,
        token: &LinkToken,
        password: Password,
        ip: Option<IpAddr>,
    ) -> Result<(), Problem> {
        let mut hash = None;
        for attempt in 0..TRIES {
            let redemption =
                self.check(token, if attempt == 0 { Freshness::Recent } else { Freshness::Latest }, ip).await?;
            let hash = match &hash {
                Some(hash) => hash,
                None => {
                    self.refuse_weak(&redemption, &password).await?;
                    &*hash.insert(self.hasher.hash(password.clone()).await?)
                }
            };
            let now = whole_millis(self.clock.now());
            let notice_id = LogId::new(now, &*self.entropy)?;
            let owner = redemption.user.email.key();
            let attempts = self.lockouts.get_as(owner, Freshness::Recent).await?;
            let mut also = vec![self.audit_entry(&redemption, notice_id, ip, now)?];
            if attempts.is_some() {
                also.push(self.lockouts.clear(owner)?);
            }
            match self.tokens.redeem(&redemption, hash, also, now).await? {
                RedemptionOutcome::Redeemed => return self.note(&redemption).await,
                // A concurrent write won: check again.
                RedemptionOutcome::NoLongerValid => {}
                RedemptionOutcome::Busy => tokio::time::sleep(Duration::from_millis(20 << attempt)).await,
            }
        }
        Err(Problem::new(ProblemType::ServiceUnavailable).with_retry_after(1))
    }

    async fn check(&self, token: &LinkToken, freshness: Freshness, ip: Option<IpAddr>) -> Result<Redemption, Problem> {
        let Some(issued) = self.tokens.get(&token.digest()).await? else { return Err(self.made_up(ip).await?) };
        let user = self.users.get_as(issued.user_id, freshness).await?;
        match check(Some(issued.clone()), user, self.clock.now()) {
            Ok(redemption) => Ok(redemption),
            // A stale read must not reject a valid link.
            Err(_) if freshness == Freshness::Recent => {
                let user = self.users.get(issued.user_id).await?;
                Ok(check(Some(issued), user, self.clock.now())?)
            }
            Err(invalid) => Err(invalid.into()),
        }
    }

    /// A redemption counts as an action of its user. The entry also triggers the notice to the owner.
    fn audit_entry(
        &self,
        redemption: &Redemption,
        notice: LogId,
        ip: Option<IpAddr>,
        now: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let user = &redemption.user;
        let actor = Actor { user_id: user.id, role: user.role, api_key: None, ip };
        let target = Target::User(user.id);
        let attempt = Attempt::new(&self.audit, actor, Action::RedeemToken, &target, &*self.entropy, now)?;
        attempt.done_with_notice(Some(redemption.token.purpose.to_string()), notice)
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

    /// Marks the email as redeemed. This isn't part of the transaction: a failure here doesn't undo the redemption.
    async fn note(&self, redemption: &Redemption) -> Result<(), Problem> {
        if let Err(error) = self.log.mark_redeemed(redemption.token.log_id, self.clock.now()).await {
            tracing::warn!(error = error.chain(), log_id = %redemption.token.log_id, "could not mark the email as redeemed");
        }
        tracing::info!(user_id = %redemption.user.id, purpose = %redemption.token.purpose, metric = "Redemptions", "token redeemed");
        Ok(())
    }
}

fn weak_password(weaknesses: &[Weakness]) -> Problem {
    weaknesses.iter().fold(Problem::new(ProblemType::WeakPassword), |problem, weakness| {
        problem.with_reason(weakness.code(), &weakness.detail(), weakness.limit())
    })
}
