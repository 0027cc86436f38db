//! Redemption: check, hash, and spend in one transaction.

use std::{net::IpAddr, time::Duration};

use mailkey::{
    StoreError,
    account::password::{Password, PasswordRules, Weakness},
    audit::{Action, Actor, Target},
    database::{Freshness, TransactWriteItem},
    email_log::LogId,
    token::{LinkToken, Redemption, RedemptionOutcome, check},
};
use mailkey_api::{
    Attempt,
    http::RequestInfo,
    problem::{Problem, ProblemType},
};

use crate::RedeemToken;

/// How often a redemption that met another transaction is tried; after so many the client may try.
const TRIES: u32 = 6;

impl RedeemToken {
    /// Spends `token` and sets `password`. A refused password leaves the token as it is.
    pub(crate) async fn redeem(
        &self,
        token: &LinkToken,
        password: Password,
        from: &RequestInfo,
    ) -> Result<(), Problem> {
        let mut hash = None;
        for attempt in 0..TRIES {
            let redemption =
                self.check(token, if attempt == 0 { Freshness::Recent } else { Freshness::Latest }, from.ip).await?;
            let hash = match &hash {
                Some(hash) => hash,
                None => {
                    self.refuse_weak(&redemption, &password).await?;
                    &*hash.insert(self.hasher.hash(password.clone()).await?)
                }
            };
            let now = self.app.now();
            let notice_id = LogId::new(now, &*self.app.entropy)?;
            let owner = redemption.user.email.key();
            let attempts = self.app.db.lockouts().get_as(owner, Freshness::Recent).await?;
            let mut also = vec![self.audit_entry(&redemption, notice_id, from)?];
            if attempts.is_some() {
                also.push(self.app.db.lockouts().clear(owner)?);
            }
            match self.app.db.tokens().redeem(&redemption, hash, also, now).await? {
                RedemptionOutcome::Redeemed => return self.note(&redemption).await,
                // Another was faster: the next look says what it left.
                RedemptionOutcome::NoLongerValid => {}
                RedemptionOutcome::Busy => tokio::time::sleep(Duration::from_millis(20 << attempt)).await,
            }
        }
        Err(Problem::new(ProblemType::ServiceUnavailable).with_retry_after(1))
    }

    async fn check(&self, token: &LinkToken, freshness: Freshness, ip: Option<IpAddr>) -> Result<Redemption, Problem> {
        let Some(issued) = self.app.db.tokens().get(&token.digest()).await? else {
            return Err(self.made_up(ip).await?);
        };
        let user = self.app.db.users().get_as(issued.user_id, freshness).await?;
        match check(Some(issued.clone()), user, self.app.clock.now()) {
            Ok(redemption) => Ok(redemption),
            // A record of a moment ago must not call a link dead that is not.
            Err(_) if freshness == Freshness::Recent => {
                let user = self.app.db.users().get(issued.user_id).await?;
                Ok(check(Some(issued), user, self.app.clock.now())?)
            }
            Err(invalid) => Err(invalid.into()),
        }
    }

    /// Whoever redeems a link acts as its user. The entry has the owner told as well.
    fn audit_entry(
        &self,
        redemption: &Redemption,
        notice: LogId,
        from: &RequestInfo,
    ) -> Result<TransactWriteItem, StoreError> {
        let user = &redemption.user;
        let RequestInfo { ip, request_id } = from.clone();
        let actor = Actor { user_id: user.id, role: user.role, api_key: None, ip, request_id };
        let target = Target::User(user.id);
        let attempt = Attempt::new(&self.app, actor, Action::RedeemToken, &target)?;
        attempt.done_with_notice(Some(redemption.token.purpose.to_string()), notice)
    }

    async fn refuse_weak(&self, redemption: &Redemption, password: &Password) -> Result<(), Problem> {
        let rules = PasswordRules {
            min_length: self.app.db.settings().get().await?.min_password_length(),
            email: &redemption.user.email,
            portal_name: &self.portal_name,
        };
        let weaknesses = rules.weaknesses(password);
        if weaknesses.is_empty() { Ok(()) } else { Err(weak_password(&weaknesses)) }
    }

    /// What follows a redemption but is no part of it: the log's proof that the mail arrived.
    async fn note(&self, redemption: &Redemption) -> Result<(), Problem> {
        if let Err(error) = self.app.db.email_log().mark_redeemed(redemption.token.log_id, self.app.clock.now()).await {
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
