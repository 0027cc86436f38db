//! What SES says about our account and about the identity that our mail is sent as.

use schemars::JsonSchema;
use serde::Serialize;

use crate::{EmailAddress, dns::SenderNames};

/// The names above ours that are asked about at most, such as `example.com` for `mail.example.com`.
const MOST_PARENTS: usize = 2;

/// What SES says about the account, in this Region.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct AccountHealth {
    /// Whether the account is out of the sandbox.
    pub production_access: bool,
    /// Whether SES lets the account send.
    pub sending_enabled: bool,
    /// SES's own status: `HEALTHY`, `PROBATION` (under review, email is still sent) or `SHUTDOWN` (SES sends nothing).
    pub enforcement_status: String,
    /// How many emails SES lets the account send in 24 hours; -1 for no limit, 0 if SES didn't say.
    pub daily_quota: i64,
    /// How many emails the account sent in the last 24 hours, including those of other systems.
    pub sent_last_24_hours: i64,
    /// How many emails the account may send per second.
    pub max_send_rate: f64,
}

impl AccountHealth {
    /// Whether no email goes out at all. An account under review still sends.
    pub fn is_paused(&self) -> bool {
        !self.sending_enabled || self.enforcement_status == "SHUTDOWN"
    }

    /// Whether SES refuses mail until some of what was sent is more than a day old.
    pub fn is_over_quota(&self) -> bool {
        self.daily_quota > 0 && self.sent_last_24_hours >= self.daily_quota
    }
}

/// What SES says about the identity that covers our From address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct IdentityHealth {
    /// The identity: the domain of the From address, one above it, or the address itself.
    #[serde(skip)]
    pub name: String,
    /// Whether SES knows it at all.
    #[serde(skip)]
    pub exists: bool,
    /// Whether SES has verified it.
    pub verified: bool,
    /// SES's own status, such as `SUCCESS` or `PENDING`.
    pub dkim_status: String,
    /// Whether mail is signed.
    #[serde(skip)]
    pub dkim_enabled: bool,
    /// The tokens of Easy DKIM; none where mail is signed with a key of our own.
    #[serde(skip)]
    pub dkim_tokens: Vec<String>,
    /// The zone that the records of the tokens lead to.
    #[serde(skip)]
    pub dkim_zone: Option<String>,
    /// The custom MAIL FROM domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = "bounce.mail.example.com")]
    pub mail_from_domain: Option<String>,
    /// SES's own status of that domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"SUCCESS")]
    pub mail_from_status: Option<String>,
    /// Whether SES refuses all mail while that domain has no MX record.
    #[serde(skip)]
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

impl SenderHealth {
    /// The names whose DNS records are to be checked, for email from `from` through SES in `region`.
    pub fn dns_names(&self, from: &EmailAddress, region: String) -> SenderNames {
        let from_domain = from.key().domain();
        let mut names = SenderNames {
            from_domain: from_domain.to_owned(),
            identity_domain: from_domain.to_owned(),
            region,
            ..SenderNames::default()
        };
        if let Some(identity) = self.identity.as_ref().filter(|identity| !identity.is_address()) {
            names.identity_domain.clone_from(&identity.name);
            names.dkim_tokens.clone_from(&identity.dkim_tokens);
            names.dkim_zone.clone_from(&identity.dkim_zone);
        }
        names.mail_from_domain = self.identity.as_ref().and_then(|identity| identity.mail_from_domain.clone());
        names
    }
}

/// The identities that may cover an address: a verified domain covers those below it.
pub fn identity_names(from: &EmailAddress) -> Vec<String> {
    let domains = std::iter::successors(Some(from.key().domain()), |name| name.split_once('.').map(|(_, above)| above));
    let domains = domains.filter(|name| name.contains('.')).take(1 + MOST_PARENTS);
    domains.map(ToOwned::to_owned).chain([from.for_delivery()]).collect()
}

#[cfg(test)]
mod tests {
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
    fn the_dns_is_asked_about_the_names_that_ses_gives() {
        let health = IdentityHealth {
            dkim_tokens: vec!["t1".to_owned()],
            mail_from_domain: Some("bounce.example.com".to_owned()),
            ..IdentityHealth::missing("example.com")
        };
        let found = dns_names("a@mail.example.com", &health);
        assert_eq!((found.from_domain.as_str(), found.identity_domain.as_str()), ("mail.example.com", "example.com"));
        assert_eq!((found.dkim_tokens, found.mail_from_domain), (health.dkim_tokens, health.mail_from_domain));
        let address = IdentityHealth { dkim_tokens: vec!["t1".to_owned()], ..IdentityHealth::missing("a@example.com") };
        let found = dns_names("a@example.com", &address);
        assert_eq!((found.identity_domain.as_str(), found.dkim_tokens.len()), ("example.com", 0));
    }

    fn dns_names(from: &str, identity: &IdentityHealth) -> SenderNames {
        let health = SenderHealth { account: None, identity: Some(identity.clone()) };
        health.dns_names(&EmailAddress::parse(from).unwrap(), "eu-west-1".to_owned())
    }
}
