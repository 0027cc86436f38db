//! Gathering what is known: at most twelve calls, most of them at the same time.

use jiff::Timestamp;
use mailkey::{
    EmailAddress, StoreError,
    account::User,
    diagnosis::Facts,
    dns::mx_verdict,
    email_log::{EmailLogFilter, Reason},
    typo::{near_addresses, suggest},
};

use crate::Diagnose;

/// So many of the address's emails are looked at.
const EMAILS: usize = 20;

/// So many users with a similar address are compared.
const SIMILAR: usize = 25;

/// By so many characters users are found whose address begins alike, or whose domain does.
const BEGINNING: usize = 3;

impl Diagnose {
    /// What is known of an address.
    pub(crate) async fn facts(&self, address: EmailAddress, now: Timestamp) -> Result<Facts, StoreError> {
        let key = address.key();
        let filter = EmailLogFilter { recipient: Some(key.clone()), ..EmailLogFilter::default() };
        let asking_ses = async {
            let (listed, health) = tokio::join!(self.ses_list.find(&address), self.sender.health(now));
            // No answer is no verdict: the diagnosis says what it knows without it.
            let listed = listed.inspect_err(|error| {
                tracing::warn!(%error, metric = "SesFailed", "a diagnosis goes without SES's suppression list");
            });
            Ok((listed.ok(), health))
        };
        let asking_dns = async { Ok(mx_verdict(&*self.resolver, key.domain()).await) };
        let (user, attempts, settings, suppression, emails, state, (at_ses, health), mx) = tokio::try_join!(
            self.users.find(key),
            self.lockouts.get(key),
            self.settings.get(),
            self.suppressions.get(key),
            self.log.page(&filter, None, EMAILS, now),
            self.sender_state.read(),
            asking_ses,
            asking_dns,
        )?;
        let emails = emails.rows;
        let limited = emails.first().is_some_and(|entry| entry.reason == Some(Reason::RateLimited));
        let no_link_until = match limited {
            true => self.allowances.refused(key, settings.mail_limits(), now).await?.map(|too_many| too_many.until),
            false => None,
        };
        let near =
            if user.is_none() { near_addresses(&address, &self.similar(local(&address)).await?) } else { Vec::new() };
        let mut suggestion = suggest(&address, &[], mx);
        if suggestion.is_none() && mx.is_dead() {
            // The domains of other users may tell what a dead one was meant to be.
            suggestion = suggest(&address, &domains(&self.similar(key.domain()).await?), mx);
        }
        Ok(Facts {
            locked_until: attempts.and_then(|attempts| attempts.locked_until(settings.lockout(), now)),
            from: self.sender.from().clone(),
            address,
            user,
            near,
            suppression,
            at_ses,
            emails,
            no_link_until,
            health,
            state,
            mx,
            suggestion,
        })
    }

    /// The addresses of users of whom something begins like `text`.
    async fn similar(&self, text: &str) -> Result<Vec<EmailAddress>, StoreError> {
        let beginning: String = text.chars().take(BEGINNING).collect();
        let page = self.users.search(&beginning, None, SIMILAR).await?;
        Ok(page.rows.into_iter().map(|user: User| user.email).collect())
    }
}

fn local(address: &EmailAddress) -> &str {
    address.key().as_str().split('@').next().unwrap_or_default()
}

/// How many of these addresses have each domain.
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
