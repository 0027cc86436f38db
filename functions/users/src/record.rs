//! The user record as administrators see it: with the lock, the suppression and the latest emails.

use mailkey::{
    account::User,
    clock::rfc3339,
    email_log::{EmailLogFilter, Origin},
    lockout::Lock,
};
use mailkey_api::problem::Problem;
use serde_json::{Value, json};

use crate::Users;

/// How many of the latest emails the record includes.
const LAST_EMAILS: usize = 5;

impl Users {
    pub(crate) async fn record(&self, user: &User) -> Result<Value, Problem> {
        let (now, address) = (self.app.clock.now(), user.email.key());
        let origin = self.watched.is_empty().then_some(Origin::Mailkey);
        let filter = EmailLogFilter { origin, recipient: Some(address.clone()), ..EmailLogFilter::default() };
        let db = &self.app.db;
        let (lockouts, suppressions, log, settings) = (db.lockouts(), db.suppressions(), db.email_log(), db.settings());
        let latest = async { Ok(log.page(&filter, None, LAST_EMAILS).await) };
        let (attempts, suppression, emails, settings) =
            tokio::try_join!(lockouts.get(address), suppressions.get(address), latest, settings.get())?;
        let mut json = json!(user);
        match attempts.and_then(|attempts| attempts.lock(settings.lockout(), now)) {
            Some(Lock::Until(until)) => json["locked_until"] = rfc3339(until).into(),
            Some(Lock::UntilRecovery) => json["recovery_required"] = true.into(),
            None => {}
        }
        if let Some(suppression) = suppression.and_then(|record| record.shown(now)) {
            json["suppression"] = json!(suppression);
        }
        // Support must be able to unlock an account while the email log is down, so the record does without it.
        // Making a problem of the error logs it.
        if let Ok(emails) = emails.map_err(Problem::from) {
            json["recent_emails"] = emails.rows.iter().map(|email| json!(email.shown())).collect();
        }
        Ok(json)
    }
}
