//! Gathers the facts for a diagnosis, in at most fourteen calls, most of them concurrent.

use jiff::Timestamp;
use mailkey::{
    EmailAddress,
    account::{
        AddressKey, User,
        search::{fold, mailbox},
    },
    diagnosis::{Asker, Facts},
    email_log::{EmailKind, EmailLogEntry, EmailLogFilter, Origin, Reason},
    lockout::{FailedSignIns, Lock},
    typo::{near_addresses, suggest},
};
use mailkey_dynamodb::StoreError;
use mailkey_ses::AtSes;

use crate::dns::mail_domain;

use crate::Diagnose;

/// How many of the address's most recent emails are considered.
const EMAILS: usize = 20;

/// How many users with a similar address are compared.
const SIMILAR: usize = 25;

/// Similar users share this many leading characters of their address or of its domain.
const BEGINNING: usize = 3;

impl Diagnose {
    pub(crate) async fn facts(&self, asker: Asker, address: EmailAddress, now: Timestamp) -> Result<Facts, StoreError> {
        let key = address.key();
        let of =
            |origin| EmailLogFilter { origin: Some(origin), recipient: Some(key.clone()), ..EmailLogFilter::default() };
        let (own, watched) = (of(Origin::Mailkey), of(Origin::Watched));
        let db = &self.app.db;
        let (users, lockouts, suppressions) = (db.users(), db.lockouts(), db.suppressions());
        let (log, sender_state) = (db.email_log(), db.sender_state());
        let asking_ses = async {
            let listed = self.ses_list.find(&address).await;
            // Without SES's answer, the diagnosis uses what it has.
            let listed = listed.inspect_err(|error| {
                tracing::warn!(error = error.chain(), metric = "SesFailed", "diagnosis without SES's suppression list");
            });
            // On a long list, only the whole list could show that there is no entry, so that isn't known.
            Ok(listed.ok().and_then(|listed| match listed {
                AtSes::Listed(entry) => Some(Some(entry)),
                AtSes::NotListed => Some(None),
                AtSes::NotInUsualSpellings => None,
            }))
        };
        let asking_state = async {
            let state = sender_state.read().await?;
            // The scheduled check stores it. Without it, SES is asked.
            let health = match state.fresh_health(now) {
                Some(health) => health.clone(),
                None => self.sender.health(now).await,
            };
            Ok::<_, StoreError>((state, health))
        };
        let log = &log;
        // Read apart, so that a portal's many notices leave room for our own links.
        let watched_emails = async {
            if self.watched.is_empty() { Ok(Vec::new()) } else { Ok(log.page(&watched, None, EMAILS).await?.rows) }
        };
        let asking_dns = async { Ok(mail_domain(&*self.resolver, key.domain()).await) };
        let (user, attempts, suppression, emails, watched, (state, health), at_ses, (mx, exchangers)) = tokio::try_join!(
            users.find(key),
            lockouts.get(key),
            suppressions.get(key),
            log.page(&own, None, EMAILS),
            watched_emails,
            asking_state,
            asking_ses,
            asking_dns,
        )?;
        let (user, emails) = (self.app.directory.only(user), emails.rows);
        let mut suggestion = suggest(&address, &[], mx);
        // Other users' addresses may reveal the intended spelling of an unknown address, and their domains that of a
        // dead domain.
        let mut beginnings = Vec::new();
        if user.is_none() {
            beginnings.extend([mailbox(&address), beginning(local(&address))]);
        }
        beginnings.extend((suggestion.is_none() && mx.is_dead()).then(|| beginning(key.domain())));
        let limited = user.as_ref().filter(|_| was_limited(&emails));
        let (similar, lock, no_link_until) = tokio::try_join!(
            self.similar(&beginnings),
            self.lock(attempts, now),
            self.no_link_until(key, limited, now),
        )?;
        let near = if user.is_none() { near_addresses(&address, &similar) } else { Vec::new() };
        suggestion = suggestion.or_else(|| mx.is_dead().then(|| suggest(&address, &domains(&similar), mx)).flatten());
        Ok(Facts {
            asker,
            directory: self.app.directory,
            lock,
            from: self.sender.from().clone(),
            address,
            user,
            near,
            suppression,
            at_ses,
            emails,
            watched,
            no_link_until,
            health,
            state,
            mx,
            exchangers,
            suggestion,
        })
    }

    /// The lock on sign-in. The settings are read only if failures are counted.
    async fn lock(&self, attempts: Option<FailedSignIns>, now: Timestamp) -> Result<Option<Lock>, StoreError> {
        let Some(attempts) = attempts else { return Ok(None) };
        Ok(attempts.lock(self.app.db.settings().get().await?.lockout(), now))
    }

    /// When the user can request the next link, if the limit of links refused the last one.
    async fn no_link_until(
        &self,
        address: &AddressKey,
        limited: Option<&User>,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let Some(user) = limited else { return Ok(None) };
        let limits = self.app.db.settings().get().await?.email_limits();
        Ok(self.app.db.recipient_limits().refused(address, user, limits, now).await?.map(|too_many| too_many.until))
    }

    /// The addresses of users with an indexed word that starts with one of `beginnings`.
    async fn similar(&self, beginnings: &[String]) -> Result<Vec<EmailAddress>, StoreError> {
        let users = self.app.db.users().beginning_like(beginnings, SIMILAR).await?;
        Ok(users.into_iter().map(|user: User| user.email).collect())
    }
}

/// Whether the limit of links refused the last link.
fn was_limited(emails: &[EmailLogEntry]) -> bool {
    let is_link = |entry: &&EmailLogEntry| matches!(entry.kind, EmailKind::PasswordReset | EmailKind::Activation);
    emails.iter().find(is_link).is_some_and(|entry| entry.reason == Some(Reason::RateLimited))
}

fn beginning(text: &str) -> String {
    fold(text).chars().take(BEGINNING).collect()
}

fn local(address: &EmailAddress) -> &str {
    address.key().as_str().split('@').next().unwrap_or_default()
}

/// Counts the addresses of each domain.
fn domains(addresses: &[EmailAddress]) -> Vec<(String, u32)> {
    let mut counted: Vec<(String, u32)> = Vec::new();
    for address in addresses {
        let domain = address.key().domain();
        match counted.iter_mut().find(|(known, _)| known == domain) {
            Some((_, count)) => *count += 1,
            None => counted.push((domain.to_owned(), 1)),
        }
    }
    counted
}
