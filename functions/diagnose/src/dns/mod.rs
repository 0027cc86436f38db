//! Asks the DNS. What the answers mean is decided in [`mailkey::dns`].

mod scripted;
#[cfg(feature = "lambda")]
mod system;

use std::{fmt, future::Future, net::IpAddr, pin::Pin};

use futures_util::future::join_all;
use mailkey::dns::{
    Answer, DnsCheck, Mx, MxVerdict, SPF_ROUNDS, SenderAnswers, SenderNames, SpfTexts, dmarc_domains, hosts_to_ask,
    spf_names_to_ask,
};

pub use scripted::ScriptedResolver;
#[cfg(feature = "lambda")]
pub use system::{NoResolver, SystemResolver};

/// A question that is being answered.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = Answer<T>> + Send + 'a>>;

/// Asks the DNS. Names are ASCII, without a last dot; so are the names in answers, in lower case.
///
/// No method fails: what goes wrong is [`Answer::Unknown`].
pub trait Resolve: Send + Sync + fmt::Debug {
    /// The mail exchangers of a domain.
    fn mx<'a>(&'a self, name: &'a str) -> Pending<'a, Mx>;

    /// The texts at a name, the strings of one record joined (RFC 7208 section 3.3).
    fn txt<'a>(&'a self, name: &'a str) -> Pending<'a, String>;

    /// The name that a name is an alias of.
    fn cname<'a>(&'a self, name: &'a str) -> Pending<'a, String>;

    /// The IPv4 and IPv6 addresses of a host.
    fn addresses<'a>(&'a self, name: &'a str) -> Pending<'a, IpAddr>;
}

/// Asks whether a domain takes email.
pub async fn mail_domain(resolver: &dyn Resolve, domain: &str) -> (MxVerdict, Vec<String>) {
    let exchangers = resolver.mx(domain).await;
    let hosts = hosts_to_ask(domain, &exchangers);
    let addresses = join_all(hosts.into_iter().map(|host| resolver.addresses(host))).await;
    let verdict = mailkey::dns::mx_verdict(&exchangers, &addresses);
    let mut found = if let Answer::Found(found) = exchangers { found } else { Vec::new() };
    found.sort_by_key(|mx| mx.preference);
    (verdict, found.into_iter().map(|mx| mx.host).collect())
}

/// Asks about our sender: DKIM, MAIL FROM, SPF and DMARC, all at the same time.
pub async fn check_sender(resolver: &dyn Resolve, names: &SenderNames) -> Vec<DnsCheck> {
    let names = &names.plain();
    let mail_from = names.mail_from_domain.as_deref();
    let dkim_names = names.dkim_names();
    let (dkim, mail_from, spf, dmarc) = tokio::join!(
        join_all(dkim_names.iter().map(|name| resolver.cname(name))),
        async {
            match mail_from {
                Some(domain) => resolver.mx(domain).await,
                None => Answer::NoRecords,
            }
        },
        async {
            match mail_from {
                Some(domain) => spf_texts(resolver, domain).await,
                None => SpfTexts::new(),
            }
        },
        dmarc_texts(resolver, &names.from_domain),
    );
    mailkey::dns::check_sender(names, &SenderAnswers { dkim, mail_from, spf, dmarc })
}

/// Each round takes as long as its slowest question.
async fn spf_texts(resolver: &dyn Resolve, domain: &str) -> SpfTexts {
    let mut texts = SpfTexts::from([(domain.to_owned(), resolver.txt(domain).await)]);
    for _ in 0..SPF_ROUNDS {
        let names = spf_names_to_ask(&texts);
        if names.is_empty() {
            break;
        }
        let answers = join_all(names.iter().map(|name| resolver.txt(name))).await;
        texts.extend(names.into_iter().zip(answers));
    }
    texts
}

async fn dmarc_texts(resolver: &dyn Resolve, domain: &str) -> Vec<(String, Answer<String>)> {
    let domains = dmarc_domains(domain);
    let names: Vec<String> = domains.iter().map(|domain| format!("_dmarc.{domain}")).collect();
    let answers = join_all(names.iter().map(|name| resolver.txt(name))).await;
    domains.into_iter().zip(answers).collect()
}

#[cfg(test)]
mod tests {
    use mailkey::dns::{CheckState, Zone};

    use super::*;

    #[tokio::test]
    async fn every_question_that_the_checks_need_is_asked() {
        let zone = Zone::from_json(
            r#"{
                "example.com": {"mx": ["10 mx.example.com"]}, "mx.example.com": {"addresses": ["192.0.2.1"]},
                "t1._domainkey.example.com": {"cname": ["t1.dkim.amazonses.com"]},
                "bounce.example.com": {
                    "mx": ["10 feedback-smtp.eu-central-1.amazonses.com"], "txt": ["v=spf1 include:spf.example.com ~all"]
                },
                "spf.example.com": {"txt": ["v=spf1 include:amazonses.com -all"]},
                "amazonses.com": {"txt": ["v=spf1 ip4:199.255.192.0/22 -all"]},
                "_dmarc.mail.example.com": {},
                "_dmarc.example.com": {"txt": ["v=DMARC1; p=none"]}
            }"#,
        );
        let resolver = ScriptedResolver::new(zone.unwrap());
        let names = SenderNames {
            from_domain: "Mail.example.com".to_owned(),
            identity_domain: "example.com".to_owned(),
            dkim_tokens: vec!["t1".to_owned()],
            mail_from_domain: Some("bounce.example.com".to_owned()),
            region: "eu-central-1".to_owned(),
            ..SenderNames::default()
        };
        for check in check_sender(&resolver, &names).await {
            assert_eq!(check.state, CheckState::Ok, "{check:?}");
        }
        assert_eq!(mail_domain(&resolver, "example.com").await.0, MxVerdict::Accepts);
        assert_eq!(mail_domain(&resolver, "nobody.example").await, (MxVerdict::Unknown, Vec::new()));
    }
}
