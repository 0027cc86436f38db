//! Processes one request, from the decision to SES's response.

use std::{sync::PoisonError, time::Duration};

use jiff::{SignedDuration, Timestamp};
use mailkey::{
    EmailAddress,
    account::User,
    email_log::{
        DeliveryStatus, EmailKind, EmailLogEntry, Reason, StatusChange, TimelineEvent, Trigger,
        counts::{CountedAs, CountedEmail},
    },
    recovery::{Acquired, Decision, EmailLimits, EmailRequest, Facts, MailedLink, decide},
    secret::Secret,
    sender::{OutgoingEmail, Refusal, RefusalClass},
    settings::{SecuritySettings, Setting},
    token::{IssuedToken, Purpose},
};
use mailkey_dynamodb::{Begin, StoreError, client::Committed};

use crate::{
    Mailer, Retry,
    emails::{
        AccountLocked, AccountUnlocked, Activation, AddressChanged, PasswordChanged, PasswordReset, Rendered,
        SecurityNotice,
    },
    event::Batch,
};

/// How long an email waits when SES's rate limit is exceeded; the actual wait is up to twice as long. The total fits
/// into the function's timeout.
const PAUSES_MS: [u64; 4] = [200, 400, 800, 1600];

/// The log entry of an email as this attempt found it: a change of its status is counted from there.
#[derive(Clone, Copy)]
struct Logged<'a> {
    to: &'a EmailAddress,
    status: DeliveryStatus,
}

/// A request in progress, and the data read for it.
struct Delivery<'a> {
    mailer: &'a Mailer,
    request: &'a EmailRequest,
    batch: &'a Batch,
    settings: SecuritySettings,
    now: Timestamp,
}

impl Mailer {
    /// Handles a request, or resumes one that was interrupted.
    pub(crate) async fn handle(&self, request: &EmailRequest, batch: &Batch) -> Result<(), Retry> {
        let (facts, settings) = tokio::try_join!(self.facts(request), batch.settings(self))?;
        let now = self.app.now();
        let decision = decide(request, &facts, now);
        let delivery = Delivery { mailer: self, request, batch, settings, now };
        match decision {
            Decision::Skip { kind, reason } => delivery.skip(facts.user.as_ref(), kind, reason).await,
            Decision::Send { kind, user, to, sparingly } => delivery.send(kind, &user, to, sparingly).await,
        }
    }

    async fn facts(&self, request: &EmailRequest) -> Result<Facts, StoreError> {
        let (user, suppression) = tokio::try_join!(
            async {
                match request.user_id {
                    Some(id) => self.app.db.users().get(id).await,
                    None => self.app.db.users().find(request.address.key()).await,
                }
            },
            async { self.app.db.suppressions().get(request.address.key()).await },
        )?;
        Ok(Facts { user: self.app.directory.only(user), suppression })
    }
}

impl Mailer {
    /// Closes a request that failed for a day: nobody waits for its email any more.
    pub(crate) async fn give_up(&self, request: &EmailRequest, batch: &Batch) -> Result<(), Retry> {
        let settings = batch.settings(self).await?;
        let delivery = Delivery { mailer: self, request, batch, settings, now: self.app.now() };
        let (status, reason) = (DeliveryStatus::SendFailed, Reason::RequestTooOld);
        let to = &request.address;
        match delivery.begin(None, to, request.kind, status, Some(reason)).await? {
            Begin::There(seen) if !seen.status.is_settled() => {
                let change = StatusChange { status, reason: Some(reason), message_id: None, detail: None };
                delivery.record(Logged { to, status: seen.status }, change, delivery.now).await
            }
            Begin::There(_) | Begin::Begun => Ok(()),
        }
    }
}

impl Delivery<'_> {
    /// Sends nothing and logs the reason.
    async fn skip(&self, user: Option<&User>, kind: EmailKind, reason: Reason) -> Result<(), Retry> {
        // A notice about a user goes to the address in the request; any other email goes to the one on record.
        let on_record = user.filter(|_| self.request.user_id.is_none());
        let to = on_record.map_or(&self.request.address, |user| &user.email);
        match self.begin(user, to, kind, DeliveryStatus::Skipped, Some(reason)).await? {
            Begin::There(seen) if seen.status.is_settled() => Ok(()),
            Begin::There(seen) => self.skip_after_all(Logged { to, status: seen.status }, kind, reason).await,
            Begin::Begun => {
                self.tell_skipped(kind, reason);
                Ok(())
            }
        }
    }

    /// Sends nothing, although the log entry says the email is queued.
    async fn skip_after_all(&self, logged: Logged<'_>, kind: EmailKind, reason: Reason) -> Result<(), Retry> {
        self.tell_skipped(kind, reason);
        let status = DeliveryStatus::Skipped;
        let change = StatusChange { status, reason: Some(reason), message_id: None, detail: None };
        self.record(logged, change, self.mailer.app.now()).await
    }

    fn tell_skipped(&self, kind: EmailKind, reason: Reason) {
        let email_id = self.request.email_id;
        let (kind, recipient) = (kind.as_str(), self.request.address.masked());
        tracing::info!(%email_id, kind, %reason, recipient, outcome = "skipped", metric = "Emails", "not sent");
    }

    /// Claims the email through its log entry, and sends it. If it is already claimed, only one attempt can take over.
    async fn send(&self, kind: EmailKind, user: &User, to: EmailAddress, sparingly: bool) -> Result<(), Retry> {
        let (is_first, status) = match self.begin(Some(user), &to, kind, DeliveryStatus::Queued, None).await? {
            Begin::Begun => (true, DeliveryStatus::Queued),
            Begin::There(seen) if seen.status.is_settled() => return Ok(()),
            Begin::There(seen) => match self.mailer.app.db.email_log().begin_again(&seen, self.now).await? {
                Committed::Done => (false, seen.status),
                Committed::ConditionFailed(_) => return Err(Retry::Conflict),
            },
        };
        let logged = Logged { to: &to, status };
        let objection = match purpose(kind) {
            Some(purpose) => self.objection_to_link(purpose, user, &to, sparingly, is_first).await?,
            None if kind == EmailKind::AccountLocked => self.objection_to_lock_notice(&to, is_first).await?,
            None => None,
        };
        if let Some(reason) = objection {
            return self.skip_after_all(logged, kind, reason).await;
        }
        let Rendered { subject, text, html } = match purpose(kind) {
            None => self.notice(kind, user)?,
            Some(purpose) => self.email_with_link(purpose, user).await?,
        };
        let request_id = self.request.request_id.clone();
        let email =
            OutgoingEmail { email_id: self.request.email_id, kind, to: to.clone(), subject, text, html, request_id };
        // Sent when it was handed over: SES's events may tell what came next before its answer is here.
        let handed_over_at = self.mailer.app.now();
        match self.hand_over(&email).await {
            Ok(message_id) => self.sent(logged, &email, message_id, handed_over_at).await,
            Err(refusal) => self.refused(logged, &email, refusal).await,
        }
    }

    /// Hands an email to SES, and waits with growing pauses while the rate limit is exceeded. A burst goes out as fast
    /// as SES accepts it, and the stream only repeats emails that waited in vain.
    async fn hand_over(&self, email: &OutgoingEmail) -> Result<String, Refusal> {
        let mut pauses = PAUSES_MS.iter();
        loop {
            match self.mailer.sender.send(email).await {
                Err(refusal) if refusal.too_fast => {
                    let Some(pause) = pauses.next() else { return Err(refusal) };
                    // Spread concurrent retries over time.
                    let spread = u64::from(email.email_id.0.0.to_le_bytes()[0]);
                    tokio::time::sleep(Duration::from_millis(pause + pause * spread / 255)).await;
                }
                answer => return answer,
            }
        }
    }

    /// Why a link isn't sent after all. The limits don't apply to links that staff send: they are accountable for them.
    async fn objection_to_link(
        &self,
        purpose: Purpose,
        user: &User,
        to: &EmailAddress,
        sparingly: bool,
        is_first: bool,
    ) -> Result<Option<Reason>, Retry> {
        if self.request.trigger == Trigger::Admin {
            return Ok(None);
        }
        let limits = if sparingly { EmailLimits::ONCE_A_DAY } else { self.settings.email_limits() };
        let link = MailedLink {
            id: self.request.email_id,
            at: self.now,
            user_id: user.id,
            generation: user.token_generation,
            expires_at: self.now.saturating_add(self.lifetime(purpose)).unwrap_or(Timestamp::MAX),
        };
        let recipient_limits = self.mailer.app.db.recipient_limits();
        if matches!(recipient_limits.acquire(to.key(), &link, user, limits).await?, Acquired::Refused(_)) {
            return Ok(Some(Reason::RateLimited));
        }
        // Only the first attempt of a self-service request counts towards the site-wide limit.
        let counts = is_first && self.request.trigger == Trigger::SelfService;
        if counts && !self.mailer.site_wide_limit.admits(self.settings.get(Setting::LinksPerMinute), self.now).await? {
            recipient_limits.release(to.key(), link.id, self.now).await?;
            return Ok(Some(Reason::SenderPaced));
        }
        Ok(None)
    }

    /// Why a lock notice isn't sent after all: strangers cause them, so an address gets one a day, and all addresses
    /// together a limited number in a minute.
    async fn objection_to_lock_notice(&self, to: &EmailAddress, is_first: bool) -> Result<Option<Reason>, Retry> {
        let (recipient_limits, id) = (self.mailer.app.db.recipient_limits(), self.request.email_id);
        if !recipient_limits.admits_lock_notice(to.key(), id, self.now).await? {
            return Ok(Some(Reason::RateLimited));
        }
        let limit = self.settings.lock_notices_per_minute();
        if is_first && !self.mailer.lock_notice_limit.admits(limit, self.now).await? {
            recipient_limits.release_lock_notice(to.key(), id).await?;
            return Ok(Some(Reason::SenderPaced));
        }
        Ok(None)
    }

    /// Issues a token and renders the email with its link.
    async fn email_with_link(&self, purpose: Purpose, user: &User) -> Result<Rendered, Retry> {
        let mailer = self.mailer;
        let lifetime = self.lifetime(purpose);
        let token = Secret::generate(&*mailer.app.entropy).map_err(StoreError::from)?;
        let issued = IssuedToken::issue(&token, purpose, user, self.request.email_id, lifetime, self.now);
        self.mailer.app.db.tokens().issue(&issued).await?;
        let link = &purpose.link(&mailer.portal.site_url, &token);
        let (portal, locale, expires_at) = (&mailer.portal, user.locale, issued.expires_at);
        let display_name = Some(user.display_name.as_str());
        let started_by_administrator = self.request.trigger == Trigger::Admin;
        let rendered = match purpose {
            Purpose::PasswordReset => {
                PasswordReset { portal, locale, display_name, link, expires_at, lifetime, started_by_administrator }
                    .render()
            }
            Purpose::Activation => {
                Activation { portal, locale, display_name, link, expires_at, lifetime, started_by_administrator }
                    .render()
            }
        };
        rendered.map_err(|_| Retry::Template)
    }

    fn lifetime(&self, purpose: Purpose) -> SignedDuration {
        self.mailer.link_lifetime.unwrap_or(self.settings.lifetime(purpose))
    }

    fn notice(&self, kind: EmailKind, user: &User) -> Result<Rendered, Retry> {
        let (portal, locale) = (&self.mailer.portal, user.locale);
        let display_name = Some(user.display_name.as_str());
        let at = self.request.requested_at;
        let rendered = match kind {
            EmailKind::PasswordChanged => {
                let revoked_keys = &self.request.names;
                PasswordChanged { portal, locale, display_name, changed_at: at, revoked_keys }.render()
            }
            EmailKind::SecurityNotice => {
                let (event, names) = (self.request.event.ok_or(Retry::Template)?, &self.request.names);
                SecurityNotice { portal, locale, display_name, event, names, happened_at: at }.render()
            }
            EmailKind::AccountLocked => {
                let lockout = self.settings.lockout().duration;
                AccountLocked { portal, locale, display_name, locked_at: at, lockout }.render()
            }
            EmailKind::AccountUnlocked => AccountUnlocked { portal, locale, display_name, unlocked_at: at }.render(),
            EmailKind::AddressChanged => AddressChanged { portal, locale, display_name, changed_at: at }.render(),
            EmailKind::PasswordReset | EmailKind::Activation | EmailKind::Canary | EmailKind::Other => {
                return Err(Retry::Template);
            }
        };
        rendered.map_err(|_| Retry::Template)
    }

    async fn begin(
        &self,
        user: Option<&User>,
        to: &EmailAddress,
        kind: EmailKind,
        status: DeliveryStatus,
        reason: Option<Reason>,
    ) -> Result<Begin, Retry> {
        let link_lifetime =
            purpose(kind).filter(|_| status == DeliveryStatus::Queued).map(|purpose| self.lifetime(purpose));
        let EmailRequest { email_id, trigger, requested_at, .. } = *self.request;
        let entry = EmailLogEntry {
            reason,
            user_id: user.map(|user| user.id),
            request_id: self.request.request_id.clone(),
            updated_at: self.now,
            link_expires_at: link_lifetime.and_then(|lifetime| self.now.checked_add(lifetime).ok()),
            timeline: vec![TimelineEvent { reason, ..TimelineEvent::new(self.now, status.as_str()) }],
            ..EmailLogEntry::new(email_id, to.as_typed(), kind, trigger, status, requested_at)
        };
        let begun = self.mailer.app.db.email_log().begin(&entry, to.key(), self.settings.log_retention()).await?;
        if begun == Begin::Begun {
            self.count(to, None, CountedAs::of(status, reason));
        }
        Ok(begun)
    }

    async fn sent(
        &self,
        logged: Logged<'_>,
        email: &OutgoingEmail,
        message_id: String,
        at: Timestamp,
    ) -> Result<(), Retry> {
        let (kind, recipient) = (email.kind.as_str(), email.to.masked());
        let waited_ms = self.mailer.app.clock.now().duration_since(self.request.requested_at).as_millis();
        let waited_ms = i64::try_from(waited_ms).unwrap_or(i64::MAX);
        tracing::info!(
            email_id = %email.email_id, kind, recipient, message_id, outcome = "sent", TimeToAccept = waited_ms, metric = "Emails", "sent"
        );
        let status = DeliveryStatus::Sent;
        let change = StatusChange { status, reason: None, message_id: Some(message_id), detail: None };
        self.record(logged, change, at).await
    }

    async fn refused(&self, logged: Logged<'_>, email: &OutgoingEmail, refusal: Refusal) -> Result<(), Retry> {
        let (email_id, reason) = (email.email_id, refusal.reason);
        match refusal.class {
            RefusalClass::Retry => {
                tracing::warn!(%email_id, %reason, "SES could not accept an email")
            }
            RefusalClass::Final => tracing::warn!(%email_id, %reason, "SES rejected an email"),
            RefusalClass::OurFault => {
                tracing::error!(%email_id, %reason, metric = "SenderFault", "SES rejects all our emails");
            }
        }
        let status = refusal.status();
        tracing::info!(%email_id, kind = email.kind.as_str(), outcome = status.as_str(), metric = "Emails", "not accepted");
        let change = StatusChange { status, reason: Some(reason), message_id: None, detail: Some(refusal.detail) };
        self.record(logged, change, self.mailer.app.now()).await?;
        match refusal.class {
            RefusalClass::Retry if refusal.too_fast => Err(Retry::TooFast),
            RefusalClass::Retry => Err(Retry::SesUnavailable),
            RefusalClass::Final | RefusalClass::OurFault => Ok(()),
        }
    }

    async fn record(&self, logged: Logged<'_>, change: StatusChange, at: Timestamp) -> Result<(), Retry> {
        if self.mailer.app.db.email_log().record(self.request.email_id, &change, at).await? {
            self.count(logged.to, Some(logged.status), CountedAs::of(change.status, change.reason));
        }
        Ok(())
    }

    fn count(&self, to: &EmailAddress, from: Option<DeliveryStatus>, now: CountedAs) {
        let (sender_domain, recipient_domain) = (self.mailer.sender.domain(), to.key().domain());
        let email = CountedEmail { requested_at: self.request.requested_at, sender_domain, recipient_domain };
        self.batch.counts.lock().unwrap_or_else(PoisonError::into_inner).change(email, from, now);
    }
}

/// What an email's link is for; `None` for emails without a link.
fn purpose(kind: EmailKind) -> Option<Purpose> {
    match kind {
        EmailKind::PasswordReset => Some(Purpose::PasswordReset),
        EmailKind::Activation => Some(Purpose::Activation),
        EmailKind::PasswordChanged
        | EmailKind::AccountLocked
        | EmailKind::AccountUnlocked
        | EmailKind::AddressChanged
        | EmailKind::SecurityNotice
        | EmailKind::Canary
        | EmailKind::Other => None,
    }
}
