//! A DNS with a fixed zone, so that the local service needs no network and lookups are repeatable.
//!
//! Example domains and large providers accept email. Some misspellings and the reserved names don't exist (RFC 2606).
//! The sender's domain has every record that SES requires. All other names are unknown.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr},
    sync::{Arc, PoisonError, RwLock},
};

use axum::{Router, body::Bytes, extract::State, http::StatusCode, routing::put};
use mailkey::dns::{Answer, Mx, Zone, ZoneName};
use mailkey_api::problem::{Problem, ProblemType};
use mailkey_diagnose::dns::{Pending, Resolve, ScriptedResolver};

use crate::ses::{REGION, SIGNING_ZONE, dkim_tokens, mail_from_domain};

/// Domains that accept email.
const TAKING_MAIL: &[&str] = &[
    "example.com",
    "example.net",
    "example.org",
    "simulator.amazonses.com",
    "aol.com",
    "comcast.net",
    "fastmail.com",
    "free.fr",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hotmail.co.uk",
    "hotmail.com",
    "hotmail.fr",
    "icloud.com",
    "libero.it",
    "live.com",
    "mac.com",
    "mail.com",
    "mailbox.org",
    "me.com",
    "msn.com",
    "orange.fr",
    "outlook.com",
    "outlook.de",
    "posteo.de",
    "proton.me",
    "protonmail.com",
    "t-online.de",
    "web.de",
    "yahoo.co.uk",
    "yahoo.com",
    "yahoo.de",
    "yahoo.fr",
    "zoho.com",
];

/// Common misspellings of email domains.
const MISSPELT: &[&str] = &[
    "exmaple.com",
    "gamil.com",
    "gmai.com",
    "gmail.con",
    "gmaill.com",
    "gmal.com",
    "gmial.com",
    "gmx.dee",
    "gnail.com",
    "hotmal.com",
    "hotmial.com",
    "iclod.com",
    "icloud.con",
    "outlok.com",
    "outlook.con",
    "yaho.com",
    "yahoo.con",
    "yahooo.com",
];

/// Top-level domains in which no name exists.
const RESERVED: &[&str] = &["invalid", "test"];

/// An address reserved for documentation (RFC 5737).
const SOMEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

/// The local DNS. Clones share the overlay that a test sets.
#[derive(Clone)]
pub struct LocalDns {
    written: Arc<dyn Resolve>,
    now: Arc<RwLock<Arc<dyn Resolve>>>,
}

impl fmt::Debug for LocalDns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalDns").finish_non_exhaustive()
    }
}

impl LocalDns {
    /// A DNS in which the domain `sender` has the records that SES requires.
    pub fn new(sender: &str) -> Self {
        let written: Arc<dyn Resolve> = Arc::new(Written(zone(sender)));
        Self { now: Arc::new(RwLock::new(Arc::clone(&written))), written }
    }

    /// Lays a zone over what is written; in place of the one before.
    pub fn overlay(&self, zone: Zone) {
        let laid = Arc::new(ScriptedResolver::new(zone).with_fallback(Arc::clone(&self.written)));
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = laid;
    }

    fn now(&self) -> Arc<dyn Resolve> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }
}

fn zone(sender: &str) -> Zone {
    let mut zone = Zone::new();
    for domain in TAKING_MAIL {
        let host = format!("mx.{domain}");
        zone = zone.with_mx(domain, &[&format!("10 {host}")]).with_addresses(&host, &[SOMEWHERE]);
    }
    for domain in MISSPELT {
        zone = zone.with(domain, ZoneName::NoSuchDomain);
    }
    for token in dkim_tokens(sender) {
        zone = zone.with_cname(&format!("{token}._domainkey.{sender}"), &format!("{token}.{SIGNING_ZONE}"));
    }
    let mail_from = mail_from_domain(sender);
    zone.with_mx(sender, &[&format!("10 mx.{sender}")])
        .with_mx(&mail_from, &[&format!("10 feedback-smtp.{REGION}.amazonses.com")])
        .with_txt(&mail_from, &["v=spf1 include:amazonses.com ~all"])
        .with_txt("amazonses.com", &["v=spf1 ip4:199.255.192.0/22 ip4:54.240.0.0/18 -all"])
        .with_txt(&format!("_dmarc.{sender}"), &["v=DMARC1; p=quarantine"])
}

/// The fixed zone, and the top-level domains in which no name exists.
#[derive(Debug)]
struct Written(Zone);

impl Written {
    fn answer<'a, T: Send + 'a>(&self, name: &str, written: fn(&Zone, &str) -> Answer<T>) -> Pending<'a, T> {
        let ending = name.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
        let is_reserved = RESERVED.iter().any(|reserved| ending.eq_ignore_ascii_case(reserved));
        let answer = if is_reserved { Answer::NoSuchDomain } else { written(&self.0, name) };
        Box::pin(std::future::ready(answer))
    }
}

impl Resolve for Written {
    fn mx<'a>(&'a self, name: &'a str) -> Pending<'a, Mx> {
        self.answer(name, Zone::mx)
    }

    fn txt<'a>(&'a self, name: &'a str) -> Pending<'a, String> {
        self.answer(name, Zone::txt)
    }

    fn cname<'a>(&'a self, name: &'a str) -> Pending<'a, String> {
        self.answer(name, Zone::cname)
    }

    fn addresses<'a>(&'a self, name: &'a str) -> Pending<'a, IpAddr> {
        self.answer(name, Zone::addresses)
    }
}

impl Resolve for LocalDns {
    fn mx<'a>(&'a self, name: &'a str) -> Pending<'a, Mx> {
        Box::pin(async move { self.now().mx(name).await })
    }

    fn txt<'a>(&'a self, name: &'a str) -> Pending<'a, String> {
        Box::pin(async move { self.now().txt(name).await })
    }

    fn cname<'a>(&'a self, name: &'a str) -> Pending<'a, String> {
        Box::pin(async move { self.now().cname(name).await })
    }

    fn addresses<'a>(&'a self, name: &'a str) -> Pending<'a, IpAddr> {
        Box::pin(async move { self.now().addresses(name).await })
    }
}

/// `PUT /_local/dns` sets an overlay in the format of [`Zone::from_json`]; `{}` removes it.
pub fn routes(dns: LocalDns) -> Router {
    Router::new().route("/_local/dns", put(overlay)).with_state(dns)
}

async fn overlay(State(dns): State<LocalDns>, body: Bytes) -> Result<StatusCode, Problem> {
    let malformed = |why: String| Problem::new(ProblemType::MalformedRequest).with_detail(why);
    let text = std::str::from_utf8(&body).map_err(|e| malformed(e.to_string()))?;
    dns.overlay(Zone::from_json(text).map_err(|e| malformed(e.to_string()))?);
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use mailkey::dns::{CheckState, SenderNames};
    use mailkey_diagnose::dns::{check_sender, mail_domain};

    use super::*;

    const SENDER: &str = "mail.example.com";

    #[tokio::test]
    async fn the_sender_has_the_records_that_ses_requires() {
        let names = SenderNames {
            from_domain: SENDER.to_owned(),
            identity_domain: SENDER.to_owned(),
            dkim_tokens: dkim_tokens(SENDER).to_vec(),
            dkim_zone: Some(SIGNING_ZONE.to_owned()),
            mail_from_domain: Some(mail_from_domain(SENDER)),
            region: REGION.to_owned(),
        };
        for check in check_sender(&LocalDns::new(SENDER), &names).await {
            assert_eq!(check.state, CheckState::Ok, "{check:?}");
        }
    }

    #[tokio::test]
    async fn an_overlay_answers_first_and_can_be_removed() {
        let dns = LocalDns::new(SENDER);
        let mut seen = Vec::new();
        for overlay in ["{}", r#"{"gmail.com": "no_such_domain", "slow.test": "silent"}"#, "{}"] {
            dns.overlay(Zone::from_json(overlay).unwrap());
            let mut line = Vec::new();
            for domain in ["gmail.com", "gmial.com", "slow.test", "a.invalid", "elsewhere.example"] {
                line.push(format!("{domain} {:?}", mail_domain(&dns, domain).await.0));
            }
            seen.push(line.join(", "));
        }
        insta::assert_snapshot!(seen.join("\n"), @"
        gmail.com Accepts, gmial.com NoSuchDomain, slow.test NoSuchDomain, a.invalid NoSuchDomain, elsewhere.example Unknown
        gmail.com NoSuchDomain, gmial.com NoSuchDomain, slow.test Unknown, a.invalid NoSuchDomain, elsewhere.example Unknown
        gmail.com Accepts, gmial.com NoSuchDomain, slow.test NoSuchDomain, a.invalid NoSuchDomain, elsewhere.example Unknown
        ");
    }
}
