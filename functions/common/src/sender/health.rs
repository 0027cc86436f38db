//! What SES says about our account and about the identity that our mail is sent as.

use std::{future::Future, sync::Arc, time::Duration};

use aws_sdk_sesv2::{
    Client,
    operation::{get_account::GetAccountOutput, get_email_identity::GetEmailIdentityOutput},
    types::{BehaviorOnMxFailure, DkimSigningAttributesOrigin},
};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use super::asking::{PAUSES, SesUnavailable, ask};
use crate::{EmailAddress, config::MailConfig, dns::SenderNames};

/// SES is asked again after so long, at the soonest: its actions are allowed once a second for the whole account, and
/// many diagnoses may run at once.
const FRESH_FOR: SignedDuration = SignedDuration::from_secs(60);

/// So long is waited for what SES says about one thing, further tries included. Without it a diagnosis is still worth
/// having.
const ANSWER_WITHIN: Duration = Duration::from_secs(6);

/// The names above ours that are asked about at most, such as `example.com` for `mail.example.com`.
const MOST_PARENTS: usize = 2;

/// What SES says about the account, in this Region.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountHealth {
    /// Whether it may write to everybody: it is out of the sandbox.
    pub production_access: bool,
    /// Whether sending is switched on.
    pub sending_enabled: bool,
    /// `HEALTHY`, `PROBATION` (under review, mail still goes) or `SHUTDOWN` (SES sends nothing).
    pub enforcement_status: String,
    /// Emails in 24 hours; -1 where there is no limit, 0 where SES did not say.
    pub daily_quota: i64,
    /// Emails in the last 24 hours, those of other systems that share the account among them.
    pub sent_last_24_hours: i64,
    /// Emails in a second.
    pub max_send_rate: f64,
}

impl AccountHealth {
    /// Whether no mail goes out at all. An account under review still sends.
    pub fn is_paused(&self) -> bool {
        !self.sending_enabled || self.enforcement_status == "SHUTDOWN"
    }

    /// Whether SES refuses mail until some of what was sent is more than a day old.
    pub fn is_over_quota(&self) -> bool {
        self.daily_quota > 0 && self.sent_last_24_hours >= self.daily_quota
    }
}

/// What SES says about the identity that covers our From address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityHealth {
    /// The identity: the domain of the From address, one above it, or the address itself.
    pub name: String,
    /// Whether SES knows it at all.
    pub exists: bool,
    /// Whether SES sends mail from it.
    pub verified: bool,
    /// In SES's words, such as `SUCCESS` or `PENDING`.
    pub dkim_status: String,
    /// Whether mail is signed.
    pub dkim_enabled: bool,
    /// The tokens of Easy DKIM; none where mail is signed with a key of our own.
    pub dkim_tokens: Vec<String>,
    /// The zone that the records of the tokens lead to.
    pub dkim_zone: Option<String>,
    /// The custom MAIL FROM domain.
    pub mail_from_domain: Option<String>,
    /// Its state, in SES's words.
    pub mail_from_status: Option<String>,
    /// Whether SES refuses all mail while that domain has no MX record.
    pub mail_from_required: bool,
}

impl IdentityHealth {
    /// SES has no identity for `name`.
    pub fn missing(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            exists: false,
            verified: false,
            dkim_status: "NOT_STARTED".to_owned(),
            dkim_enabled: false,
            dkim_tokens: Vec::new(),
            dkim_zone: None,
            mail_from_domain: None,
            mail_from_status: None,
            mail_from_required: false,
        }
    }

    /// Whether it is a single address, and not a domain.
    pub fn is_address(&self) -> bool {
        self.name.contains('@')
    }
}

/// What SES says about us; `None` where it gave no answer, which proves nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SenderHealth {
    /// About the account.
    pub account: Option<AccountHealth>,
    /// About the identity of our From address.
    pub identity: Option<IdentityHealth>,
}

/// Asks SES about our side of the mail.
#[derive(Debug, Clone)]
pub struct SenderDesk {
    client: Client,
    from: EmailAddress,
    known: Arc<Mutex<Option<(Timestamp, SenderHealth)>>>,
}

impl SenderDesk {
    /// Asks about the account and Region of `client` and the From address of `mail`.
    pub fn new(client: Client, mail: &MailConfig) -> Self {
        Self { client, from: mail.from.clone(), known: Arc::default() }
    }

    /// Our From address.
    pub fn from(&self) -> &EmailAddress {
        &self.from
    }

    /// What SES says about us. In one process SES is asked once a minute at most, whether it answers or not; who comes
    /// meanwhile waits for the same answer.
    pub async fn health(&self, now: Timestamp) -> SenderHealth {
        let mut known = self.known.lock().await;
        if let Some((asked_at, health)) = &*known
            && is_fresh(*asked_at, now)
        {
            return health.clone();
        }
        // One after the other: SES would refuse the second of two at once.
        let account = in_time("GetAccount", self.account()).await;
        let identity = in_time("GetEmailIdentity", self.identity()).await;
        let health = SenderHealth { account, identity };
        *known = Some((now, health.clone()));
        health
    }

    /// What SES says about the account.
    ///
    /// # Errors
    ///
    /// [`SesUnavailable`]: nothing is known.
    pub async fn account(&self) -> Result<AccountHealth, SesUnavailable> {
        const OPERATION: &str = "GetAccount";
        let answer = ask(OPERATION, &PAUSES, || self.client.get_account().send()).await?;
        let missing = SesUnavailable { operation: OPERATION, detail: "no account".to_owned() };
        answer.as_ref().map(account).ok_or(missing)
    }

    /// What SES says about the identity that covers the From address: its domain, a domain above that, or else the
    /// address. The first that is verified counts, then the first that there is.
    ///
    /// # Errors
    ///
    /// [`SesUnavailable`]: nothing is known.
    pub async fn identity(&self) -> Result<IdentityHealth, SesUnavailable> {
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

    /// The names whose DNS records are to be looked at.
    pub fn names(&self, health: &SenderHealth) -> SenderNames {
        let region = self.client.config().region().map(|region| region.as_ref().to_owned());
        names(self.from.key().domain(), health.identity.as_ref(), region.unwrap_or_default())
    }
}

/// A clock that was set back makes nothing fresh.
fn is_fresh(asked_at: Timestamp, now: Timestamp) -> bool {
    let age = now.duration_since(asked_at);
    !age.is_negative() && age < FRESH_FOR
}

async fn in_time<T>(operation: &'static str, answer: impl Future<Output = Result<T, SesUnavailable>>) -> Option<T> {
    let late = || SesUnavailable { operation, detail: "time-out".to_owned() };
    match tokio::time::timeout(ANSWER_WITHIN, answer).await.unwrap_or_else(|_| Err(late())) {
        Ok(answer) => Some(answer),
        Err(error) => {
            tracing::warn!(%error, "what SES says about the sender is not known");
            None
        }
    }
}

/// The identities that may cover an address: a verified domain covers those below it.
fn identity_names(from: &EmailAddress) -> Vec<String> {
    let domains = std::iter::successors(Some(from.key().domain()), |name| name.split_once('.').map(|(_, above)| above));
    let domains = domains.filter(|name| name.contains('.')).take(1 + MOST_PARENTS);
    domains.map(ToOwned::to_owned).chain([from.for_delivery()]).collect()
}

fn names(from_domain: &str, identity: Option<&IdentityHealth>, region: String) -> SenderNames {
    let mut names = SenderNames {
        from_domain: from_domain.to_owned(),
        identity_domain: from_domain.to_owned(),
        region,
        ..SenderNames::default()
    };
    if let Some(identity) = identity.filter(|identity| !identity.is_address()) {
        names.identity_domain.clone_from(&identity.name);
        names.dkim_tokens.clone_from(&identity.dkim_tokens);
        names.dkim_zone.clone_from(&identity.dkim_zone);
    }
    names.mail_from_domain = identity.and_then(|identity| identity.mail_from_domain.clone());
    names
}

fn account(answer: &GetAccountOutput) -> AccountHealth {
    let quota = answer.send_quota();
    AccountHealth {
        production_access: answer.production_access_enabled(),
        sending_enabled: answer.sending_enabled(),
        enforcement_status: answer.enforcement_status().unwrap_or("UNKNOWN").to_owned(),
        daily_quota: quota.map_or(0, |quota| quota.max24_hour_send() as i64),
        sent_last_24_hours: quota.map_or(0, |quota| quota.sent_last24_hours() as i64),
        max_send_rate: quota.map_or(0.0, |quota| quota.max_send_rate()),
    }
}

fn identity(name: &str, answer: &GetEmailIdentityOutput) -> IdentityHealth {
    let mut health = IdentityHealth {
        exists: true,
        verified: answer.verified_for_sending_status(),
        ..IdentityHealth::missing(name)
    };
    if let Some(dkim) = answer.dkim_attributes() {
        health.dkim_enabled = dkim.signing_enabled();
        if let Some(status) = dkim.status() {
            health.dkim_status = status.as_str().to_owned();
        }
        // With a key of our own the "tokens" hold its selector, which leads nowhere.
        if dkim.signing_attributes_origin() != Some(&DkimSigningAttributesOrigin::External) {
            health.dkim_tokens = dkim.tokens().to_vec();
        }
        health.dkim_zone = dkim.signing_hosted_zone().filter(|zone| !zone.is_empty()).map(ToOwned::to_owned);
    }
    if let Some(mail_from) = answer.mail_from_attributes().filter(|mail_from| !mail_from.mail_from_domain().is_empty())
    {
        health.mail_from_domain = Some(mail_from.mail_from_domain().to_owned());
        health.mail_from_status = Some(mail_from.mail_from_domain_status().as_str().to_owned());
        health.mail_from_required = *mail_from.behavior_on_mx_failure() == BehaviorOnMxFailure::RejectMessage;
    }
    health
}

#[cfg(test)]
mod tests {
    use aws_sdk_sesv2::types::{DkimAttributes, DkimStatus, MailFromAttributes, MailFromDomainStatus, SendQuota};

    use super::*;

    #[test]
    fn a_verified_domain_covers_what_is_below_it() {
        for (from, expected) in [
            ("a@example.com", &["example.com", "a@example.com"][..]),
            ("A@Mail.Example.com", &["mail.example.com", "example.com", "A@mail.example.com"]),
            ("a@w.x.y.example.com", &["w.x.y.example.com", "x.y.example.com", "y.example.com", "a@w.x.y.example.com"]),
        ] {
            assert_eq!(identity_names(&EmailAddress::parse(from).unwrap()), expected);
        }
    }

    #[test]
    fn an_answer_is_fresh_for_a_minute_and_not_before_it_was_given() {
        let asked_at: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        for (seconds, fresh) in [(0, true), (59, true), (60, false), (-1, false)] {
            assert_eq!(is_fresh(asked_at, asked_at + SignedDuration::from_secs(seconds)), fresh, "{seconds}");
        }
    }

    #[test]
    fn the_account_is_read_from_what_ses_says() {
        let quota = SendQuota::builder().max24_hour_send(200.0).max_send_rate(1.0).sent_last24_hours(200.0).build();
        let answer = GetAccountOutput::builder()
            .production_access_enabled(false)
            .sending_enabled(true)
            .enforcement_status("PROBATION")
            .send_quota(quota);
        let health = account(&answer.build());
        assert_eq!(
            (health.production_access, health.is_paused(), health.is_over_quota(), health.daily_quota),
            (false, false, true, 200)
        );
        let health = account(&GetAccountOutput::builder().sending_enabled(true).enforcement_status("SHUTDOWN").build());
        assert_eq!((health.is_paused(), health.is_over_quota(), health.daily_quota), (true, false, 0));
    }

    #[test]
    fn the_identity_is_read_from_what_ses_says() {
        let mail_from = MailFromAttributes::builder()
            .mail_from_domain("bounce.example.com")
            .mail_from_domain_status(MailFromDomainStatus::Pending)
            .behavior_on_mx_failure(BehaviorOnMxFailure::RejectMessage)
            .build()
            .unwrap();
        let dkim = DkimAttributes::builder().signing_enabled(true).status(DkimStatus::Success).tokens("t1");
        let answer = |origin| {
            GetEmailIdentityOutput::builder()
                .verified_for_sending_status(true)
                .dkim_attributes(dkim.clone().signing_attributes_origin(origin).build())
                .mail_from_attributes(mail_from.clone())
                .build()
        };
        let health = identity("example.com", &answer(DkimSigningAttributesOrigin::AwsSes));
        let expected = IdentityHealth {
            exists: true,
            verified: true,
            dkim_status: "SUCCESS".to_owned(),
            dkim_enabled: true,
            dkim_tokens: vec!["t1".to_owned()],
            mail_from_domain: Some("bounce.example.com".to_owned()),
            mail_from_status: Some("PENDING".to_owned()),
            mail_from_required: true,
            ..IdentityHealth::missing("example.com")
        };
        assert_eq!(health, expected);
        let own_key = identity("example.com", &answer(DkimSigningAttributesOrigin::External));
        assert!(own_key.dkim_tokens.is_empty());

        let names = names("mail.example.com", Some(&health), "eu-west-1".to_owned());
        assert_eq!((names.from_domain.as_str(), names.identity_domain.as_str()), ("mail.example.com", "example.com"));
        assert_eq!((names.dkim_tokens, names.mail_from_domain), (health.dkim_tokens, health.mail_from_domain));
    }

    #[test]
    fn asking_can_be_part_of_a_request() {
        fn of_a_request(_: impl Future + Send) {}
        let client = Client::from_conf(
            aws_sdk_sesv2::Config::builder().behavior_version(aws_sdk_sesv2::config::BehaviorVersion::latest()).build(),
        );
        let from = EmailAddress::parse("a@example.com").unwrap();
        let desk = SenderDesk::new(client.clone(), &MailConfig { from: from.clone(), configuration_set: None });
        of_a_request(desk.health(Timestamp::UNIX_EPOCH));
        let list = super::super::SesSuppressionList::new(client);
        of_a_request(list.find(&from));
        of_a_request(list.lift(&from, &[]));
    }
}
