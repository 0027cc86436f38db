//! `--scenario` creates users whose email did not arrive, one for each cause that a diagnosis finds, with a realistic
//! history. Past emails are written to the log. Their outcome arrives as SES events through the normal consumer.

use jiff::{SignedDuration, Timestamp};
use mailkey::{
    EmailAddress, Locale,
    account::{NewUser, Role, User, UserId, UserStatus},
    clock::whole_millis,
    diagnosis::Cause,
    email_log::{
        DeliveryStatus, EmailId, EmailKind, EmailLogEntry, EmailLogFilter, Origin, Reason, StatusChange, TimelineEvent,
        Trigger,
        counts::{CountedAs, CountedEmail, EmailCounts},
    },
    entropy::new_ulid,
    lockout::FailedSignIns,
    recovery::MailedLink,
    sender::AlarmKind,
    suppression::{self, Cause as Suppressed, SuppressionRecord},
};
use mailkey_api::App;
use mailkey_bounce_consumer::BounceConsumer;
use mailkey_dynamodb::StoreError;
use serde_json::{Value, json};

use crate::ses::{FaultMode, FaultPlan, LocalSes, SuppressedAddress, SuppressionReason};

/// The link lifetime in these histories.
const LINK_LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// Which scenarios to simulate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scenarios {
    /// All causes except problems of the sending account, which would hide the others.
    All,
    /// One cause.
    One(Cause),
    /// Every two causes that can occur together, for one person each.
    Pairs,
}

impl std::str::FromStr for Scenarios {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let plain = text.replace('-', "_");
        match plain.as_str() {
            "all" => Ok(Self::All),
            "pairs" => Ok(Self::Pairs),
            cause => cause.parse().map(Self::One).map_err(|_| {
                let causes: Vec<_> = Cause::ALL.iter().map(|cause| cause.as_str()).collect();
                format!("unknown scenario {text:?}; use all, pairs, {}", causes.join(", "))
            }),
        }
    }
}

/// A scenario can't be created.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// Writing to the tables failed.
    #[error("can't write the scenario: {}", .0.chain())]
    Store(#[from] StoreError),
    /// A scenario's address isn't valid.
    #[error("the address of scenario {0} isn't valid")]
    Address(Cause),
    /// Setting up the local SES failed.
    #[error("can't set up the local SES: {0}")]
    Ses(#[from] std::io::Error),
    /// The consumer did not accept an event.
    #[error("the consumer did not accept an event of the scenario")]
    Event,
}

/// What a scenario writes to.
pub struct Stage<'a> {
    /// The tables, the clock and the random source.
    pub app: &'a App,
    /// Receives the SES events.
    pub consumer: &'a BounceConsumer,
    /// Shows problems of the sending account.
    pub ses: &'a LocalSes,
    /// The time at which all histories end.
    pub now: Timestamp,
}

/// Creates the scenarios; returns each expected cause with the address to diagnose.
pub async fn play(stage: &Stage<'_>, wanted: &Scenarios) -> Result<Vec<(Cause, String)>, ScenarioError> {
    let at_recipients = || Cause::ALL.iter().copied().filter(|cause| trouble_at_ses(*cause).is_none());
    let people: Vec<(Vec<Cause>, String)> = match wanted {
        Scenarios::All => at_recipients().map(|cause| (vec![cause], address_of(cause))).collect(),
        Scenarios::One(cause) => vec![(vec![*cause], address_of(*cause))],
        Scenarios::Pairs => {
            let pairs = at_recipients().flat_map(|first| at_recipients().map(move |second| (first, second)));
            let pairs = pairs.filter(|(first, second)| first < second && can_occur_together(*first, *second));
            pairs.map(|(first, second)| (vec![first, second], address_of_both(first, second))).collect()
        }
    };
    let mut played = Vec::new();
    for (causes, address) in people {
        for cause in &causes {
            stage.play(*cause, &address).await?;
        }
        played.extend(causes.last().map(|cause| (*cause, address)));
    }
    Ok(played)
}

fn hyphenated(cause: Cause) -> String {
    cause.as_str().replace('_', "-")
}

fn address_of(cause: Cause) -> String {
    let domain = match cause {
        Cause::TypoInDomain => "gmial.com",
        Cause::DomainWideTrouble => "trouble.example",
        Cause::LinkDamaged => "gateway.example",
        _ => "example.com",
    };
    let accent = if cause == Cause::AddressUnsupported { "é" } else { "" };
    format!("{}{accent}@{domain}", hyphenated(cause))
}

/// Each pair has a domain to itself, unless the domain is mistyped: bounces at one domain must not look like a burst.
fn address_of_both(first: Cause, second: Cause) -> String {
    match (first, second) {
        (Cause::TypoInDomain, Cause::DomainWideTrouble) => "domain-wide-trouble@hotmial.com".to_owned(),
        (Cause::TypoInDomain, other) | (other, Cause::TypoInDomain) => format!("{}@gmial.com", hyphenated(other)),
        _ => {
            let local = if [first, second].contains(&Cause::AddressUnsupported) { "pérson" } else { "person" };
            format!("{local}@{}--{}.pair.example", hyphenated(first), hyphenated(second))
        }
    }
}

/// A user has one status. Someone without a record, or who asked for nothing, has no history of links.
fn can_occur_together(first: Cause, second: Cause) -> bool {
    use Cause::{
        AccountLocked, AddressUnsupported, NeverAsked, NoSuchUser, SuppressedAtSes, SuppressedHere, UserInactive,
        UserPending,
    };
    match (first, second) {
        (NoSuchUser, other) => matches!(other, SuppressedHere | SuppressedAtSes),
        // SES has never accepted an email to such an address.
        (UserInactive | SuppressedHere, AddressUnsupported) | (AddressUnsupported, AccountLocked) => true,
        (AddressUnsupported, _) | (_, AddressUnsupported) => false,
        (UserInactive, UserPending) => false,
        (NeverAsked, other) => matches!(other, SuppressedHere | SuppressedAtSes | AccountLocked),
        (UserInactive | UserPending, NeverAsked) => false,
        _ => true,
    }
}

/// The SES fault that shows a problem of the sending account.
fn trouble_at_ses(cause: Cause) -> Option<FaultMode> {
    match cause {
        Cause::SenderSandboxed => Some(FaultMode::Sandbox),
        Cause::SenderPaused => Some(FaultMode::Paused),
        Cause::SenderOverQuota => Some(FaultMode::Quota),
        Cause::SenderUnverified => Some(FaultMode::Reject),
        _ => None,
    }
}

/// An email in a history.
struct Mail {
    email_id: EmailId,
    address: String,
    message_id: String,
    sent_at: Timestamp,
}

impl Stage<'_> {
    async fn play(&self, cause: Cause, address: &str) -> Result<(), ScenarioError> {
        let log = self.app.db.email_log();
        let bounce = |kind: &str, subtype: &str, said: &str| bounce(kind, subtype, said);
        match cause {
            Cause::NoSuchUser => {
                self.user(cause, "no-such-users@example.com", UserStatus::Active).await?;
                self.skipped(cause, address, None, Reason::NoSuchUser).await?;
            }
            Cause::UserInactive => {
                let user = self.user(cause, address, UserStatus::Inactive).await?;
                self.skipped(cause, address, Some(user), Reason::UserInactive).await?;
            }
            Cause::UserPending => {
                let user = self.user(cause, address, UserStatus::Pending).await?;
                let mail = self.sent(cause, address, user, EmailKind::Activation, mins(90)).await?;
                self.tell(&mail, "Delivery", "delivery", delivered(&mail), secs(2)).await?;
            }
            Cause::NeverAsked => drop(self.user(cause, address, UserStatus::Active).await?),
            Cause::RateLimited => self.rate_limited(cause, address).await?,
            Cause::SuppressedAtSes => {
                self.user_unless_unknown(cause, address).await?;
                let last_update_time = self.now - SignedDuration::from_hours(100);
                let (email_address, reason) = (address.to_owned(), SuppressionReason::Bounce);
                self.ses.suppressions().put(SuppressedAddress { email_address, reason, last_update_time })?;
            }
            Cause::SuppressedHere => {
                self.user_unless_unknown(cause, address).await?;
                let since = self.now - SignedDuration::from_hours(10 * 24);
                let detail = Some("The user asked us to stop emailing this address.".to_owned());
                let manual = Suppressed { detail, ..Suppressed::new(suppression::SuppressionReason::Manual, since) };
                let suppress = |record: &mut SuppressionRecord| record.suppress(manual.clone());
                self.app.db.suppressions().change(parse(cause, address)?.key(), suppress).await?;
            }
            Cause::TypoInDomain => {
                let mail = self.reset(cause, address, mins(50)).await?;
                let said = bounce("Transient", "General", "smtp; 550 5.4.4 Invalid domain");
                self.tell(&mail, "Bounce", "bounce", said, secs(9)).await?;
            }
            Cause::MailboxDoesNotExist => {
                let mail = self.reset(cause, address, mins(20)).await?;
                let said = bounce(
                    "Permanent",
                    "NoEmail",
                    "smtp; 550-5.1.1 The email account that you tried to reach does not exist. Please try double-checking the recipient's email address",
                );
                self.tell(&mail, "Bounce", "bounce", said, secs(2)).await?;
            }
            Cause::MailboxFull => {
                let mail = self.reset(cause, address, mins(40)).await?;
                let said =
                    bounce("Transient", "MailboxFull", "smtp; 452 4.2.2 The recipient's inbox is out of storage space");
                self.tell(&mail, "Bounce", "bounce", said, secs(30)).await?;
            }
            Cause::RefusedAsSpam => {
                let mail = self.reset(cause, address, mins(15)).await?;
                let said =
                    bounce("Transient", "ContentRejected", "smtp; 550 5.3.0 Rejected: message content looks like spam");
                self.tell(&mail, "Bounce", "bounce", said, secs(4)).await?;
            }
            Cause::RefusedSenderFault => {
                let mail = self.reset(cause, address, mins(25)).await?;
                let said = bounce(
                    "Permanent",
                    "General",
                    "smtp; 550-5.7.26 Your email has been blocked because the sender is unauthenticated. SPF did not pass, DKIM did not pass",
                );
                self.tell(&mail, "Bounce", "bounce", said, secs(2)).await?;
            }
            Cause::RefusedByRecipient => {
                let mail = self.reset(cause, address, mins(35)).await?;
                let said = bounce(
                    "Permanent",
                    "General",
                    "smtp; 550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required; Delivery restriction check failed because the sender was not authenticated when sending to this group",
                );
                self.tell(&mail, "Bounce", "bounce", said, secs(2)).await?;
            }
            Cause::Undetermined => {
                let mail = self.reset(cause, address, mins(18)).await?;
                let said = bounce("Undetermined", "Undetermined", "smtp; 554 Transaction failed, see code 0x81f3");
                self.tell(&mail, "Bounce", "bounce", said, secs(2)).await?;
            }
            Cause::ProbablyInJunk => {
                for ago in [mins(180), mins(160)] {
                    let mail = self.reset(cause, address, ago).await?;
                    self.tell(&mail, "Delivery", "delivery", delivered(&mail), secs(2)).await?;
                }
            }
            Cause::StillOnTheWay => {
                let mail = self.reset(cause, address, mins(30)).await?;
                let until = (mail.sent_at + SignedDuration::from_hours(12)).to_string();
                let recipient = json!({ "emailAddress": address, "status": "4.4.1",
                    "diagnosticCode": "smtp; 451 4.7.1 Greylisting in action, please come back later" });
                let delay = json!({ "delayType": "TransientCommunicationFailure", "expirationTime": until,
                    "delayedRecipients": [recipient] });
                self.tell(&mail, "DeliveryDelay", "deliveryDelay", delay, mins(20)).await?;
            }
            Cause::ArrivedAfterLinkDied | Cause::LinkExpired => {
                let mail = self.reset(cause, address, SignedDuration::from_hours(30)).await?;
                let took = if cause == Cause::LinkExpired { secs(3) } else { SignedDuration::from_hours(25) };
                self.tell(&mail, "Delivery", "delivery", delivered(&mail), took).await?;
            }
            Cause::LinkAlreadyUsed => {
                let mail = self.reset(cause, address, mins(70)).await?;
                self.tell(&mail, "Delivery", "delivery", delivered(&mail), secs(3)).await?;
                log.mark_opened(mail.email_id, true, mail.sent_at + mins(2)).await?;
                log.mark_redeemed(mail.email_id, mail.sent_at + mins(3)).await?;
            }
            Cause::LinkOpenedByScannerOnly => {
                let mail = self.reset(cause, address, mins(45)).await?;
                self.tell(&mail, "Delivery", "delivery", delivered(&mail), secs(3)).await?;
                log.mark_opened(mail.email_id, false, mail.sent_at + secs(8)).await?;
            }
            Cause::AddressUnsupported => {
                let user = self.user(cause, address, UserStatus::Active).await?;
                let at = whole_millis(self.now - mins(15));
                let (kind, status) = (EmailKind::PasswordReset, DeliveryStatus::SendFailed);
                let entry = self.entry(address, Some(user), kind, status, Some(Reason::RefusedBySes), at)?;
                let retention = self.app.db.settings().get().await?.log_retention();
                log.begin(&entry, parse(cause, address)?.key(), retention).await?;
            }
            Cause::LinkDamaged => {
                let mail = self.reset(cause, address, mins(50)).await?;
                self.tell(&mail, "Delivery", "delivery", delivered(&mail), secs(3)).await?;
                let (at, domain) = (mail.sent_at + mins(20), parse(cause, address)?.key().domain().to_owned());
                self.app.db.sender_state().raise(AlarmKind::LinksDamaged, Some(&domain), at, None).await?;
            }
            Cause::AccountLocked => {
                self.user(cause, address, UserStatus::Active).await?;
                let policy = self.app.db.settings().get().await?.lockout();
                let attempts = FailedSignIns::failed(policy.max_failures, self.now);
                self.app.db.lockouts().put(parse(cause, address)?.key(), &attempts).await?;
            }
            Cause::NoFeedback => drop(self.reset(cause, address, mins(60)).await?),
            Cause::DomainWideTrouble => {
                let (_, domain) = address.rsplit_once('@').unwrap_or_default();
                for number in 0..6 {
                    let other = if number == 5 { address.to_owned() } else { format!("person{number}@{domain}") };
                    let mail = self.reset(cause, &other, mins(12)).await?;
                    let said = bounce(
                        "Permanent",
                        "General",
                        "smtp; 550 5.1.1 Recipient address rejected: no such mailbox here",
                    );
                    self.tell(&mail, "Bounce", "bounce", said, secs(5 + number)).await?;
                }
            }
            Cause::SenderSandboxed | Cause::SenderPaused | Cause::SenderOverQuota | Cause::SenderUnverified => {
                self.user(cause, address, UserStatus::Active).await?;
                if let Some(mode) = trouble_at_ses(cause) {
                    self.ses.faults().set(FaultPlan { mode, ..FaultPlan::default() });
                }
            }
        }
        Ok(())
    }

    /// Adds the user, unless the address is known to have none.
    async fn user_unless_unknown(&self, cause: Cause, address: &str) -> Result<(), ScenarioError> {
        let filter = EmailLogFilter { recipient: Some(parse(cause, address)?.key().clone()), ..Default::default() };
        let newest = self.app.db.email_log().page(&filter, None, 1).await?.rows;
        if newest.first().is_none_or(|entry| entry.reason != Some(Reason::NoSuchUser)) {
            self.user(cause, address, UserStatus::Active).await?;
        }
        Ok(())
    }

    async fn user(&self, cause: Cause, address: &str, status: UserStatus) -> Result<UserId, ScenarioError> {
        let email = parse(cause, address)?;
        let users = self.app.db.users();
        if let Some(user) = users.find(email.key()).await? {
            return Ok(user.id);
        }
        let user = User {
            id: UserId(new_ulid(self.now, &*self.app.entropy).map_err(StoreError::from)?),
            email,
            display_name: address.split('@').next().unwrap_or_default().replace('-', " "),
            role: Role::Member,
            status,
            locale: Locale::En,
            created_at: self.now - SignedDuration::from_hours(60 * 24),
            last_sign_in_at: None,
            token_generation: 0,
            session_generation: 0,
            external_id: None,
        };
        let id = user.id;
        users.create(&NewUser { user, password_hash: None }, Vec::new()).await?;
        Ok(id)
    }

    /// Adds a link that was sent to a user `ago` before now, to reset the password or to activate a pending account.
    async fn reset(&self, cause: Cause, address: &str, ago: SignedDuration) -> Result<Mail, ScenarioError> {
        let user = self.user(cause, address, UserStatus::Active).await?;
        let is_pending = self.app.db.users().get(user).await?.is_some_and(|user| user.status == UserStatus::Pending);
        let kind = if is_pending { EmailKind::Activation } else { EmailKind::PasswordReset };
        self.sent(cause, address, user, kind, ago).await
    }

    async fn sent(
        &self,
        cause: Cause,
        address: &str,
        user: UserId,
        kind: EmailKind,
        ago: SignedDuration,
    ) -> Result<Mail, ScenarioError> {
        let (log, at) = (self.app.db.email_log(), whole_millis(self.now - ago));
        let entry = self.entry(address, Some(user), kind, DeliveryStatus::Queued, None, at)?;
        let retention = self.app.db.settings().get().await?.log_retention();
        log.begin(&entry, parse(cause, address)?.key(), retention).await?;
        let message_id = format!("scenario-{}", entry.id);
        let sent = StatusChange {
            status: DeliveryStatus::Sent,
            reason: None,
            message_id: Some(message_id.clone()),
            detail: None,
        };
        log.record(entry.id, &sent, at + SignedDuration::from_millis(400)).await?;
        self.count(cause, &entry, CountedAs::Status(DeliveryStatus::Sent)).await?;
        Ok(Mail { email_id: entry.id, address: address.to_owned(), message_id, sent_at: at })
    }

    async fn skipped(
        &self,
        cause: Cause,
        address: &str,
        user: Option<UserId>,
        reason: Reason,
    ) -> Result<(), ScenarioError> {
        let log = self.app.db.email_log();
        let at = whole_millis(self.now - mins(5));
        let entry = self.entry(address, user, EmailKind::PasswordReset, DeliveryStatus::Skipped, Some(reason), at)?;
        let retention = self.app.db.settings().get().await?.log_retention();
        log.begin(&entry, parse(cause, address)?.key(), retention).await?;
        self.count(cause, &entry, CountedAs::of(entry.status, Some(reason))).await
    }

    /// Counts an email as the mailer does.
    async fn count(&self, cause: Cause, entry: &EmailLogEntry, now: CountedAs) -> Result<(), ScenarioError> {
        let recipient = parse(cause, &entry.recipient)?;
        let mut counts = EmailCounts::default();
        let email = CountedEmail {
            requested_at: entry.requested_at,
            sender_domain: self.consumer.mail.from.key().domain(),
            recipient_domain: recipient.key().domain(),
        };
        counts.change(email, None, now);
        self.app.db.email_counts().add(Origin::Mailkey, &counts, self.now).await;
        Ok(())
    }

    fn entry(
        &self,
        address: &str,
        user_id: Option<UserId>,
        kind: EmailKind,
        status: DeliveryStatus,
        reason: Option<Reason>,
        at: Timestamp,
    ) -> Result<EmailLogEntry, StoreError> {
        let expires_at = (status == DeliveryStatus::Queued).then_some(at + LINK_LIFETIME);
        let (id, trigger) = (EmailId::new(at, &*self.app.entropy).map_err(StoreError::from)?, Trigger::SelfService);
        Ok(EmailLogEntry {
            reason,
            user_id,
            link_expires_at: expires_at,
            timeline: vec![TimelineEvent { reason, ..TimelineEvent::new(at, status.as_str()) }],
            ..EmailLogEntry::new(id, address, kind, trigger, status, at)
        })
    }

    async fn rate_limited(&self, cause: Cause, address: &str) -> Result<(), ScenarioError> {
        let settings = self.app.db.settings().get().await?;
        let recipient_limits = self.app.db.recipient_limits();
        let limits = settings.email_limits();
        let many = u32::try_from(limits.per_hour).unwrap_or(3);
        let parsed = parse(cause, address)?;
        for number in 0..many {
            let ago = mins(40 - i64::from(number.min(20)));
            let mail = self.reset(cause, address, ago).await?;
            self.tell(&mail, "Delivery", "delivery", delivered(&mail), secs(2)).await?;
            let Some(user) = self.app.db.users().find(parsed.key()).await? else { continue };
            let link = MailedLink {
                id: mail.email_id,
                at: mail.sent_at,
                user_id: user.id,
                generation: user.token_generation,
                expires_at: mail.sent_at + LINK_LIFETIME,
            };
            recipient_limits.acquire(parsed.key(), &link, &user, limits).await?;
        }
        let user = self.user(cause, address, UserStatus::Active).await?;
        self.skipped(cause, address, Some(user), Reason::RateLimited).await
    }

    /// Passes the consumer an SES event about an email, `after` it was sent.
    async fn tell(
        &self,
        mail: &Mail,
        event_type: &str,
        key: &str,
        mut detail: Value,
        after: SignedDuration,
    ) -> Result<(), ScenarioError> {
        detail["timestamp"] = (mail.sent_at + after).to_string().into();
        for list in ["bouncedRecipients", "complainedRecipients"] {
            if let Some(recipients) = detail[list].as_array_mut() {
                recipients.iter_mut().for_each(|recipient| recipient["emailAddress"] = mail.address.clone().into());
            }
        }
        let mut event = json!({
            "eventType": event_type,
            "mail": {
                "timestamp": mail.sent_at.to_string(),
                "messageId": mail.message_id,
                "source": self.consumer.mail.from.for_delivery(),
                "destination": [mail.address],
                "tags": {
                    "email_id": [mail.email_id.to_string()],
                    "ses:configuration-set": [self.consumer.mail.configuration_set],
                },
            },
        });
        event[key] = detail;
        let outcome = self.consumer.handle_event(&event).await;
        let taken =
            outcome.verdicts.iter().all(|(_, verdict)| matches!(verdict, mailkey_bounce_consumer::Verdict::Taken));
        if taken { Ok(()) } else { Err(ScenarioError::Event) }
    }
}

fn parse(cause: Cause, address: &str) -> Result<EmailAddress, ScenarioError> {
    EmailAddress::parse(address).map_err(|_| ScenarioError::Address(cause))
}

fn mins(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

fn secs(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

fn bounce(kind: &str, subtype: &str, said: &str) -> Value {
    let code = said.split([' ', '-']).find(|word| word.split('.').count() == 3).unwrap_or("5.0.0");
    json!({
        "bounceType": kind,
        "bounceSubType": subtype,
        "bouncedRecipients": [{ "action": "failed", "status": code, "diagnosticCode": said }],
    })
}

fn delivered(mail: &Mail) -> Value {
    json!({
        "recipients": [mail.address],
        "processingTimeMillis": 2100,
        "smtpResponse": "250 2.0.0 OK 1774000000 queued as 4f3a",
    })
}
