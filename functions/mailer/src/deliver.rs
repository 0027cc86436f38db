//! One request, from decision to SES's answer.

use jiff::Timestamp;
use mailkey::{
    account::User,
    clock::whole_millis,
    email_log::{Begin, DeliveryStatus, EmailKind, EmailLogEntry, Moment, Reason, StatusChange, Trigger},
    recovery::{Decision, Facts, RecoveryRequest, Spent, decide},
    secret::Secret,
    sender::{OutgoingEmail, Refusal, RefusalClass},
    settings::SecuritySettings,
    token::{IssuedToken, Purpose},
};

use crate::{
    Mailer, NotYet,
    emails::{Activation, PasswordChanged, PasswordReset, Rendered},
};

impl Mailer {
    /// Handles a request, or goes on with one that was interrupted.
    pub(crate) async fn handle(&self, request: &RecoveryRequest) -> Result<(), NotYet> {
        let (seen, user, suppression, settings) = tokio::try_join!(
            self.log.get(request.log_id),
            self.users.find(request.address.key()),
            self.suppressions.get(request.address.key()),
            self.settings.get(),
        )?;
        if seen.as_ref().is_some_and(|entry| entry.status.is_settled()) {
            return Ok(());
        }
        match decide(
            request,
            &Facts {
                user: user.clone(),
                suppression,
            },
            self.clock.now(),
        ) {
            Decision::Skip { kind, reason } => self.skip(request, seen.as_ref(), user.as_ref(), kind, reason).await,
            Decision::Send { kind, user } => self.send(request, seen.as_ref(), kind, &user, &settings).await,
        }
    }

    /// Sends nothing, and writes down why.
    async fn skip(
        &self,
        request: &RecoveryRequest,
        seen: Option<&EmailLogEntry>,
        user: Option<&User>,
        kind: EmailKind,
        reason: Reason,
    ) -> Result<(), NotYet> {
        let now = whole_millis(self.clock.now());
        let change = StatusChange {
            status: DeliveryStatus::Skipped,
            reason: Some(reason),
            message_id: None,
            detail: None,
        };
        tracing::info!(log_id = %request.log_id, %kind, %reason, recipient = request.address.masked(), "not sent");
        if seen.is_some() {
            return Ok(self.log.record(request.log_id, &change, now).await?);
        }
        let entry = entry(request, user, kind, DeliveryStatus::Skipped, Some(reason), now);
        // Whoever wrote it already came to a decision of its own: the next look says which.
        match self.log.begin(&entry, request.address.key()).await? {
            Begin::Begun => Ok(()),
            Begin::Overtaken => Err(NotYet::Overtaken),
        }
    }

    async fn send(
        &self,
        request: &RecoveryRequest,
        seen: Option<&EmailLogEntry>,
        kind: EmailKind,
        user: &User,
        settings: &SecuritySettings,
    ) -> Result<(), NotYet> {
        let now = whole_millis(self.clock.now());
        let rendered = match purpose(kind) {
            None => self.notice(user, request.requested_at)?,
            Some(purpose) => {
                let spent = self
                    .allowances
                    .spend(user.email.key(), request.log_id, settings.mail_limits(), now)
                    .await?;
                if matches!(spent, Spent::Refused(_)) {
                    return self.skip(request, seen, Some(user), kind, Reason::RateLimited).await;
                }
                self.letter_with_link(request, purpose, user, settings, now).await?
            }
        };
        let begun = match seen {
            Some(seen) => self.log.begin_again(seen, now).await?,
            None => {
                let entry = entry(request, Some(user), kind, DeliveryStatus::Queued, None, now);
                self.log.begin(&entry, user.email.key()).await?
            }
        };
        if begun == Begin::Overtaken {
            return Err(NotYet::Overtaken);
        }
        let Rendered { subject, text, html } = rendered;
        let email = OutgoingEmail {
            log_id: request.log_id,
            kind,
            to: user.email.clone(),
            subject,
            text,
            html,
        };
        match self.sender.send(&email).await {
            Ok(message_id) => self.sent(&email, message_id).await,
            Err(refusal) => self.refused(&email, refusal).await,
        }
    }

    /// Issues a token and writes the mail that carries its link.
    async fn letter_with_link(
        &self,
        request: &RecoveryRequest,
        purpose: Purpose,
        user: &User,
        settings: &SecuritySettings,
        now: Timestamp,
    ) -> Result<Rendered, NotYet> {
        let lifetime = self.link_lifetime.unwrap_or(settings.lifetime(purpose));
        let token = Secret::generate(&*self.entropy).map_err(mailkey::StoreError::from)?;
        let issued = IssuedToken::issue(&token, purpose, user, request.log_id, lifetime, now);
        self.tokens.issue(&issued).await?;
        let link = purpose.link(&self.portal.site_url, &token);
        let (portal, display_name, expires_at) = (&self.portal, Some(user.display_name.as_str()), issued.expires_at);
        let started_by_administrator = request.trigger == Trigger::Admin;
        let rendered = match purpose {
            Purpose::PasswordReset => PasswordReset {
                portal,
                display_name,
                link: &link,
                expires_at,
                lifetime,
                started_by_administrator,
            }
            .render(),
            Purpose::Activation => Activation {
                portal,
                display_name,
                link: &link,
                expires_at,
                lifetime,
                started_by_administrator,
            }
            .render(),
        };
        rendered.map_err(|_| NotYet::Template)
    }

    fn notice(&self, user: &User, changed_at: Timestamp) -> Result<Rendered, NotYet> {
        let notice = PasswordChanged {
            portal: &self.portal,
            display_name: Some(&user.display_name),
            changed_at,
        };
        notice.render().map_err(|_| NotYet::Template)
    }

    async fn sent(&self, email: &OutgoingEmail, message_id: String) -> Result<(), NotYet> {
        tracing::info!(log_id = %email.log_id, kind = %email.kind, recipient = email.to.masked(), message_id, "sent");
        let change = StatusChange {
            status: DeliveryStatus::Sent,
            reason: None,
            message_id: Some(message_id),
            detail: None,
        };
        Ok(self
            .log
            .record(email.log_id, &change, whole_millis(self.clock.now()))
            .await?)
    }

    async fn refused(&self, email: &OutgoingEmail, refusal: Refusal) -> Result<(), NotYet> {
        let (log_id, reason) = (email.log_id, refusal.reason);
        match refusal.class {
            RefusalClass::Retry => {
                tracing::warn!(%log_id, %reason, metric = "SendRetried", "SES could not take a mail")
            }
            RefusalClass::Final => tracing::warn!(%log_id, %reason, metric = "SendFailed", "SES refused a mail"),
            RefusalClass::OurFault => {
                tracing::error!(%log_id, %reason, metric = "SenderFault", "SES takes no mail from us")
            }
        }
        let status = refusal.status();
        let change = StatusChange {
            status,
            reason: Some(reason),
            message_id: None,
            detail: Some(refusal.detail),
        };
        self.log.record(log_id, &change, whole_millis(self.clock.now())).await?;
        if refusal.class == RefusalClass::Retry {
            Err(NotYet::SesUnavailable)
        } else {
            Ok(())
        }
    }
}

/// What the link of an email is for; none where it has no link.
fn purpose(kind: EmailKind) -> Option<Purpose> {
    match kind {
        EmailKind::PasswordReset => Some(Purpose::PasswordReset),
        EmailKind::Activation => Some(Purpose::Activation),
        EmailKind::PasswordChanged => None,
    }
}

fn entry(
    request: &RecoveryRequest,
    user: Option<&User>,
    kind: EmailKind,
    status: DeliveryStatus,
    reason: Option<Reason>,
    now: Timestamp,
) -> EmailLogEntry {
    let recipient = user.map_or(&request.address, |user| &user.email);
    EmailLogEntry {
        id: request.log_id,
        recipient: recipient.as_typed().to_owned(),
        kind,
        trigger: request.trigger,
        status,
        reason,
        user_id: user.map(|user| user.id),
        message_id: None,
        requested_at: request.requested_at,
        updated_at: now,
        redeemed_at: None,
        attempts: i64::from(status == DeliveryStatus::Queued),
        timeline: vec![Moment {
            at: now,
            event: status.as_str().to_owned(),
            detail: reason.map(|reason| reason.to_string()),
        }],
    }
}
