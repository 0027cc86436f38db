//! The state of our SES account and identity.

use std::{future::Future, sync::Arc, time::Duration};

use aws_sdk_sesv2::Client;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use mailkey::{
    EmailAddress, Unavailable,
    config::EmailConfig,
    dns::SenderNames,
    sender::{AccountHealth, IdentityHealth, SenderHealth, identity_names},
};

use crate::{
    asking::{PAUSES, ask, unavailable},
    health::{account, identity},
};

/// How long an answer of SES is reused. SES allows each action once per second for the whole account, and many diagnoses
/// may run at once.
const FRESH_FOR: SignedDuration = SignedDuration::from_secs(60);

/// The longest wait for one answer of SES, including retries. A diagnosis is useful without it.
const ANSWER_WITHIN: Duration = Duration::from_secs(6);

/// Reads the state of our account and identity from SES.
#[derive(Debug, Clone)]
pub struct SesAccount {
    client: Client,
    from: EmailAddress,
    known: Arc<Mutex<Option<(Timestamp, SenderHealth)>>>,
}

impl SesAccount {
    /// Reads the account and Region of `client` and the identity of `mail`'s From address.
    pub fn new(client: Client, mail: &EmailConfig) -> Self {
        Self { client, from: mail.from.clone(), known: Arc::default() }
    }

    /// Our From address.
    pub fn from(&self) -> &EmailAddress {
        &self.from
    }

    /// The state of the account and the identity. A process asks SES at most once a minute, even if SES fails. Concurrent
    /// callers share one answer.
    pub async fn health(&self, now: Timestamp) -> SenderHealth {
        let mut known = self.known.lock().await;
        if let Some((asked_at, health)) = &*known
            && is_fresh(*asked_at, now)
        {
            return health.clone();
        }
        // One after the other, because SES throttles concurrent calls.
        let account = in_time("GetAccount", self.account()).await;
        let identity = in_time("GetEmailIdentity", self.identity()).await;
        let health = SenderHealth { account, identity };
        *known = Some((now, health.clone()));
        health
    }

    /// The state of the account.
    pub async fn account(&self) -> Result<AccountHealth, Unavailable> {
        const OPERATION: &str = "GetAccount";
        let answer = ask(OPERATION, &PAUSES, || self.client.get_account().send()).await?;
        let missing = unavailable(OPERATION, "no account");
        answer.as_ref().map(account).ok_or(missing)
    }

    /// The state of the identity that covers the From address: its domain, a parent domain, or the address itself.
    /// Prefers the first verified one, then the first that exists.
    pub async fn identity(&self) -> Result<IdentityHealth, Unavailable> {
        let mut first: Option<IdentityHealth> = None;
        for name in identity_names(&self.from) {
            let answer =
                ask("GetEmailIdentity", &PAUSES, || self.client.get_email_identity().email_identity(&name).send());
            let Some(answer) = answer.await? else { continue };
            let found = identity(&name, &answer);
            if found.verified {
                return Ok(found);
            }
            first = first.or(Some(found));
        }
        Ok(first.unwrap_or_else(|| IdentityHealth::missing(self.from.key().domain())))
    }

    /// The names whose DNS records to check.
    pub fn names(&self, health: &SenderHealth) -> SenderNames {
        let region = self.client.config().region().map(|region| region.as_ref().to_owned());
        health.dns_names(&self.from, region.unwrap_or_default())
    }
}

/// An answer from the future (the clock was set back) isn't fresh.
fn is_fresh(asked_at: Timestamp, now: Timestamp) -> bool {
    let age = now.duration_since(asked_at);
    !age.is_negative() && age < FRESH_FOR
}

async fn in_time<T>(operation: &'static str, answer: impl Future<Output = Result<T, Unavailable>>) -> Option<T> {
    let late = || unavailable(operation, "time-out");
    match tokio::time::timeout(ANSWER_WITHIN, answer).await.unwrap_or_else(|_| Err(late())) {
        Ok(answer) => Some(answer),
        Err(error) => {
            tracing::warn!(%error, "what SES says about the sender is not known");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_fresh_for_a_minute_and_not_before_it_was_given() {
        let asked_at: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        for (seconds, fresh) in [(0, true), (59, true), (60, false), (-1, false)] {
            assert_eq!(is_fresh(asked_at, asked_at + SignedDuration::from_secs(seconds)), fresh, "{seconds}");
        }
    }

    #[test]
    fn asking_can_be_part_of_a_request() {
        fn of_a_request(_: impl Future + Send) {}
        let client = Client::from_conf(
            aws_sdk_sesv2::Config::builder().behavior_version(aws_sdk_sesv2::config::BehaviorVersion::latest()).build(),
        );
        let from = EmailAddress::parse("a@example.com").unwrap();
        let account = SesAccount::new(
            client.clone(),
            &EmailConfig { from: from.clone(), configuration_set: None, notice_configuration_set: None },
        );
        of_a_request(account.health(Timestamp::UNIX_EPOCH));
        let list = crate::SesSuppressionList::new(client);
        of_a_request(list.find(&from));
        of_a_request(list.remove(&from, &[]));
    }
}
