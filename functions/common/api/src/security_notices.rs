//! Emails that tell people of a change to who has access. They are part of the change's transaction.

use std::collections::BTreeMap;

use mailkey::{
    account::User,
    email_log::EmailId,
    recovery::{EmailRequest, SecurityEvent},
};
use mailkey_dynamodb::{StoreError, client::Write};

use crate::{App, http::Caller};

impl App {
    /// The writes that tell `concerned` and every administrator of an event, each of them once.
    pub async fn tell_administrators(
        &self,
        caller: &Caller,
        event: SecurityEvent,
        names: &[String],
        concerned: Option<&User>,
    ) -> Result<Vec<Write>, StoreError> {
        let administrators = self.db.users().administrators().await?;
        let told: BTreeMap<_, _> =
            administrators.iter().chain(concerned).map(|user| (user.id.to_string(), user)).collect();
        told.into_values().map(|user| self.security_notice(caller, event, names, user)).collect()
    }

    /// The write that tells one person of an event.
    pub fn security_notice(
        &self,
        caller: &Caller,
        event: SecurityEvent,
        names: &[String],
        to: &User,
    ) -> Result<Write, StoreError> {
        let now = self.now();
        let notice = EmailRequest::security_notice(EmailId::new(now, &*self.entropy)?, event, to, now)
            .naming(names.iter().cloned())
            .caused_by(caller.request_id.clone());
        Ok(self.db.email_requests().write(&notice))
    }
}
