//! The canary: an hourly email to SES's mailbox simulator. Its delivery event proves that the whole path works: the
//! permission to send, the configuration set, the topic, the queue and the consumer.

use mailkey::{
    EmailAddress, Locale,
    email_log::{DeliveryStatus, EmailId, EmailKind, EmailLogEntry, StatusChange, Trigger},
    sender::OutgoingEmail,
};
use mailkey_dynamodb::{Begin, StoreError};

use crate::{
    Mailer, Retry,
    emails::{Canary, Rendered},
};

impl Mailer {
    /// Sends a canary and returns its id in the email log. A canary that SES rejects is logged like any other email.
    pub async fn send_canary(&self) -> Result<EmailId, Retry> {
        let now = self.app.now();
        let email_id = EmailId::new(now, &*self.app.entropy).map_err(StoreError::from)?;
        let address = format!("success+{}@simulator.amazonses.com", email_id.to_string().to_lowercase());
        let to = EmailAddress::parse(&address).map_err(|_| Retry::Template)?;
        let (kind, trigger, status) = (EmailKind::Canary, Trigger::System, DeliveryStatus::Queued);
        let entry = EmailLogEntry::new(email_id, address, kind, trigger, status, now);
        let retention = self.app.db.settings().get().await?.log_retention();
        if self.app.db.email_log().begin(&entry, to.key(), retention).await? != Begin::Begun {
            return Err(Retry::Conflict);
        }
        // No one reads it, so the default language will do.
        let canary = Canary { portal: &self.portal, locale: Locale::default() };
        let Rendered { subject, text, html } = canary.render().map_err(|_| Retry::Template)?;
        let email = OutgoingEmail { email_id, kind: EmailKind::Canary, to, subject, text, html, request_id: None };
        let change = match self.sender.send(&email).await {
            Ok(message_id) => {
                StatusChange { status: DeliveryStatus::Sent, reason: None, message_id: Some(message_id), detail: None }
            }
            Err(refusal) => {
                tracing::error!(%email_id, reason = %refusal.reason, metric = "CanaryRefused", "SES rejected the canary");
                let (reason, detail) = (Some(refusal.reason), Some(refusal.detail));
                StatusChange { status: DeliveryStatus::SendFailed, reason, message_id: None, detail }
            }
        };
        self.app.db.sender_state().canary_sent(email_id, now).await?;
        self.app.db.email_log().record(email_id, &change, self.app.now()).await?;
        Ok(email_id)
    }
}

impl From<mailkey::entropy::NoEntropy> for Retry {
    fn from(error: mailkey::entropy::NoEntropy) -> Self {
        Self::Store(StoreError::from(error))
    }
}
