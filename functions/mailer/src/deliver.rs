//! One request, from decision to SES's answer.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use mailkey::{
    EmailAddress, StoreError,
    account::User,
    clock::whole_millis,
    email_log::{Begin, DeliveryStatus, EmailKind, EmailLogEntry, Moment, Reason, StatusChange, Trigger},
    recovery::{Decision, Facts, MailLimits, RecoveryRequest, Spent, decide},
    secret::Secret,
    sender::{OutgoingEmail, Refusal, RefusalClass},
    settings::SecuritySettings,
    token::{IssuedToken, Purpose},
};

use crate::{
    Mailer, NotYet,
    emails::{AccountLocked, AccountUnlocked, Activation, AddressChanged, PasswordChanged, PasswordReset, Rendered},
};

/// How long a mail waits where SES's rate is exceeded; up to twice as long. All of it is within the function's time-out.
const PAUSES_MS: [u64; 4] = [200, 400, 800, 1600];

/// A request being handled, with what was read for it.
struct Delivery<'a> {
    mailer: &'a Mailer,
    request: &'a RecoveryRequest,
    /// The entry of a former attempt.
    seen: Option<EmailLogEntry>,
    settings: SecuritySettings,
    now: Timestamp,
}

impl Mailer {
    /// Handles a request, or goes on with one that was interrupted.
    pub(crate) async fn handle(&self, request: &RecoveryRequest) -> Result<(), NotYet> {
        let (seen, user, suppression, settings) = tokio::try_join!(
            self.log.get(request.log_id),
            self.user_of(request),
            self.suppressions.get(request.address.key()),
            self.settings.get(),
        )?;
        if seen.as_ref().is_some_and(|entry| entry.status.is_settled()) {
            return Ok(());
        }
        let now = whole_millis(self.clock.now());
        let delivery = Delivery { mailer: self, request, seen, settings, now };
        let facts = Facts { user, suppression };
        match decide(request, &facts, now) {
            Decision::Skip { kind, reason } => delivery.skip(facts.user.as_ref(), kind, reason).await,
            Decision::Send { kind, user, to, sparingly } => delivery.send(kind, &user, to, sparingly).await,
        }
    }

    /// The user that a request is about.
    async fn user_of(&self, request: &RecoveryRequest) -> Result<Option<User>, StoreError> {
        match request.user_id {
            Some(id) => self.users.get(id).await,
            None => self.users.find(request.address.key()).await,
        }
    }
}

impl Delivery<'_> {
    /// Sends nothing, and writes down why.
    async fn skip(&self, user: Option<&User>, kind: EmailKind, reason: Reason) -> Result<(), NotYet> {
        let log_id = self.request.log_id;
        let (kind_name, recipient) = (kind.as_str(), self.request.address.masked());
        tracing::info!(%log_id, kind = kind_name, %reason, recipient, outcome = "skipped", metric = "Mails", "not sent");
        if self.seen.is_some() {
            let status = DeliveryStatus::Skipped;
            let change = StatusChange { status, reason: Some(reason), message_id: None, detail: None };
            return Ok(self.mailer.log.record(log_id, &change, self.now).await?);
        }
        // A notice about a user is for the address it names; everything else for the one on the record.
        let on_record = user.filter(|_| self.request.user_id.is_none());
        let to = on_record.map_or(&self.request.address, |user| &user.email);
        // Whoever wrote the entry meanwhile came to a decision of its own: the next look says which.
        self.begin(user, to, kind, DeliveryStatus::Skipped, Some(reason)).await
    }

    async fn send(&self, kind: EmailKind, user: &User, to: EmailAddress, sparingly: bool) -> Result<(), NotYet> {
        let limits = if sparingly { MailLimits::ONCE_A_DAY } else { self.settings.mail_limits() };
        let Rendered { subject, text, html } = match purpose(kind) {
            None => self.notice(kind, user)?,
            Some(purpose) => {
                let spent = self.mailer.allowances.spend(to.key(), self.request.log_id, limits, self.now).await?;
                if matches!(spent, Spent::Refused(_)) {
                    return self.skip(Some(user), kind, Reason::RateLimited).await;
                }
                self.letter_with_link(purpose, user).await?
            }
        };
        match &self.seen {
            Some(seen) if self.mailer.log.begin_again(seen, self.now).await? == Begin::Overtaken => {
                return Err(NotYet::Overtaken);
            }
            Some(_) => {}
            None => self.begin(Some(user), &to, kind, DeliveryStatus::Queued, None).await?,
        }
        let email = OutgoingEmail { log_id: self.request.log_id, kind, to, subject, text, html };
        // Sent when it was handed over: SES's events may tell what came next before its answer is here.
        let handed_over_at = whole_millis(self.mailer.clock.now());
        match self.hand_over(&email).await {
            Ok(message_id) => self.sent(&email, message_id, handed_over_at).await,
            Err(refusal) => self.refused(&email, refusal).await,
        }
    }

    /// Hands a mail to SES, at SES's pace: where only the rate was exceeded, it waits a moment, and then a longer one. So a
    /// burst is sent as fast as SES takes it, and the stream brings again only what waited in vain.
    async fn hand_over(&self, email: &OutgoingEmail) -> Result<String, Refusal> {
        let mut pauses = PAUSES_MS.iter();
        loop {
            match self.mailer.sender.send(email).await {
                Err(refusal) if refusal.too_fast => {
                    let Some(pause) = pauses.next() else { return Err(refusal) };
                    // Those that wait beside each other don't all come back at once.
                    let spread = u64::from(email.log_id.0.0.to_le_bytes()[0]);
                    tokio::time::sleep(Duration::from_millis(pause + pause * spread / 255)).await;
                }
                answer => return answer,
            }
        }
    }

    /// Issues a token and writes the mail that carries its link.
    async fn letter_with_link(&self, purpose: Purpose, user: &User) -> Result<Rendered, NotYet> {
        let mailer = self.mailer;
        let lifetime = self.lifetime(purpose);
        let token = Secret::generate(&*mailer.entropy).map_err(StoreError::from)?;
        let issued = IssuedToken::issue(&token, purpose, user, self.request.log_id, lifetime, self.now);
        mailer.tokens.issue(&issued).await?;
        let link = &purpose.link(&mailer.portal.site_url, &token);
        let (portal, display_name, expires_at) = (&mailer.portal, Some(user.display_name.as_str()), issued.expires_at);
        let started_by_administrator = self.request.trigger == Trigger::Admin;
        let rendered = match purpose {
            Purpose::PasswordReset => {
                PasswordReset { portal, display_name, link, expires_at, lifetime, started_by_administrator }.render()
            }
            Purpose::Activation => {
                Activation { portal, display_name, link, expires_at, lifetime, started_by_administrator }.render()
            }
        };
        rendered.map_err(|_| NotYet::Template)
    }

    fn lifetime(&self, purpose: Purpose) -> SignedDuration {
        self.mailer.link_lifetime.unwrap_or(self.settings.lifetime(purpose))
    }

    fn notice(&self, kind: EmailKind, user: &User) -> Result<Rendered, NotYet> {
        let (portal, display_name) = (&self.mailer.portal, Some(user.display_name.as_str()));
        let at = self.request.requested_at;
        let rendered = match kind {
            EmailKind::PasswordChanged => PasswordChanged { portal, display_name, changed_at: at }.render(),
            EmailKind::AccountLocked => {
                let lockout = self.settings.lockout().duration;
                AccountLocked { portal, display_name, locked_at: at, lockout }.render()
            }
            EmailKind::AccountUnlocked => AccountUnlocked { portal, display_name, unlocked_at: at }.render(),
            EmailKind::AddressChanged => AddressChanged { portal, display_name, changed_at: at }.render(),
            EmailKind::PasswordReset | EmailKind::Activation | EmailKind::Canary => return Err(NotYet::Template),
        };
        rendered.map_err(|_| NotYet::Template)
    }

    async fn begin(
        &self,
        user: Option<&User>,
        to: &EmailAddress,
        kind: EmailKind,
        status: DeliveryStatus,
        reason: Option<Reason>,
    ) -> Result<(), NotYet> {
        let link_lifetime =
            purpose(kind).filter(|_| status == DeliveryStatus::Queued).map(|purpose| self.lifetime(purpose));
        let RecoveryRequest { log_id, trigger, requested_at, .. } = *self.request;
        let entry = EmailLogEntry {
            reason,
            user_id: user.map(|user| user.id),
            updated_at: self.now,
            link_expires_at: link_lifetime.and_then(|lifetime| self.now.checked_add(lifetime).ok()),
            timeline: vec![Moment { reason, ..Moment::new(self.now, status.as_str()) }],
            ..EmailLogEntry::new(log_id, to.as_typed(), kind, trigger, status, requested_at)
        };
        match self.mailer.log.begin(&entry, to.key(), self.settings.log_retention()).await? {
            Begin::Begun => Ok(()),
            Begin::Overtaken => Err(NotYet::Overtaken),
        }
    }

    async fn sent(&self, email: &OutgoingEmail, message_id: String, at: Timestamp) -> Result<(), NotYet> {
        let (kind, recipient) = (email.kind.as_str(), email.to.masked());
        let waited_ms = self.mailer.clock.now().duration_since(self.request.requested_at).as_millis();
        let waited_ms = i64::try_from(waited_ms).unwrap_or(i64::MAX);
        tracing::info!(
            log_id = %email.log_id, kind, recipient, message_id, outcome = "sent", TimeToAccept = waited_ms, metric = "Mails", "sent"
        );
        let status = DeliveryStatus::Sent;
        let change = StatusChange { status, reason: None, message_id: Some(message_id), detail: None };
        Ok(self.mailer.log.record(self.request.log_id, &change, at).await?)
    }

    async fn refused(&self, email: &OutgoingEmail, refusal: Refusal) -> Result<(), NotYet> {
        let (log_id, reason) = (email.log_id, refusal.reason);
        match refusal.class {
            RefusalClass::Retry => {
                tracing::warn!(%log_id, %reason, "SES could not take a mail")
            }
            RefusalClass::Final => tracing::warn!(%log_id, %reason, "SES refused a mail"),
            RefusalClass::OurFault => {
                tracing::error!(%log_id, %reason, metric = "SenderFault", "SES takes no mail from us");
            }
        }
        let status = refusal.status();
        tracing::info!(%log_id, kind = email.kind.as_str(), outcome = status.as_str(), metric = "Mails", "not taken");
        self.record(StatusChange { status, reason: Some(reason), message_id: None, detail: Some(refusal.detail) })
            .await?;
        if refusal.class == RefusalClass::Retry { Err(NotYet::SesUnavailable) } else { Ok(()) }
    }

    async fn record(&self, change: StatusChange) -> Result<(), NotYet> {
        let now = whole_millis(self.mailer.clock.now());
        Ok(self.mailer.log.record(self.request.log_id, &change, now).await?)
    }
}

/// What the link of an email is for; none where it has no link.
fn purpose(kind: EmailKind) -> Option<Purpose> {
    match kind {
        EmailKind::PasswordReset => Some(Purpose::PasswordReset),
        EmailKind::Activation => Some(Purpose::Activation),
        EmailKind::PasswordChanged
        | EmailKind::AccountLocked
        | EmailKind::AccountUnlocked
        | EmailKind::AddressChanged
        | EmailKind::Canary => None,
    }
}
