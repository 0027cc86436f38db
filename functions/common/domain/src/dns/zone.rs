//! A zone written by hand: for tests, and for a machine without a network.

use std::{collections::BTreeMap, net::IpAddr};

use serde::Deserialize;

use super::{Answer, Mx, plain_name};

/// Why a zone can't be read.
#[derive(Debug, thiserror::Error)]
pub enum ZoneError {
    /// It is no JSON of the right shape.
    #[error("the zone must be a JSON object of names: {0}")]
    Json(#[from] serde_json::Error),
    /// What is written of a name has another form.
    #[error(
        "{0:?} must be \"no_such_domain\", \"silent\", or an object with the fields mx, txt, cname and addresses, which \
         are lists"
    )]
    Name(String),
    /// A mail exchanger is not a number and a host.
    #[error("{0:?} is no mail exchanger such as \"10 mx.example.com\"")]
    Mx(String),
}

/// What is written down about a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ZoneName {
    /// It exists, with these records.
    Records(ZoneRecords),
    /// It does not exist.
    NoSuchDomain,
    /// Its name servers do not answer.
    Silent,
}

/// The records of a name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ZoneRecords {
    /// Mail exchangers.
    pub mx: Vec<Mx>,
    /// Texts.
    pub txt: Vec<String>,
    /// What it is an alias of: none or one.
    pub cname: Vec<String>,
    /// Addresses.
    pub addresses: Vec<IpAddr>,
}

/// Answers questions from what is written. It does not follow aliases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Zone {
    names: BTreeMap<String, ZoneName>,
}

impl Zone {
    /// A zone without names.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a zone: an object of names, each with `"no_such_domain"`, `"silent"`, or its records as in
    /// `{"mx": ["10 mx.example.com"], "txt": ["v=spf1 -all"], "cname": ["example.net"], "addresses": ["192.0.2.1"]}`.
    pub fn from_json(text: &str) -> Result<Self, ZoneError> {
        let names: BTreeMap<String, serde_json::Value> = serde_json::from_str(text)?;
        names.into_iter().try_fold(Self::new(), |zone, (name, written)| {
            let written = WrittenName::deserialize(written).map_err(|_| ZoneError::Name(name.clone()))?;
            Ok(zone.with(&name, written.read()?))
        })
    }

    /// Adds a name, or replaces it.
    #[must_use]
    pub fn with(mut self, name: &str, written: ZoneName) -> Self {
        self.names.insert(plain_name(name), written);
        self
    }

    /// Adds a name with these mail exchangers, such as `10 mx.example.com`, beside what it already has. What is none is
    /// left out.
    #[must_use]
    pub fn with_mx(self, name: &str, exchangers: &[&str]) -> Self {
        let exchangers: Vec<Mx> = exchangers.iter().filter_map(|text| read_mx(text)).collect();
        self.with_more(name, |records| records.mx.extend(exchangers))
    }

    /// Adds a name with these texts, beside what it already has.
    #[must_use]
    pub fn with_txt(self, name: &str, texts: &[&str]) -> Self {
        self.with_more(name, |records| records.txt.extend(texts.iter().map(|&text| text.to_owned())))
    }

    /// Adds a name as an alias.
    #[must_use]
    pub fn with_cname(self, name: &str, target: &str) -> Self {
        self.with_more(name, |records| records.cname = vec![plain_name(target)])
    }

    /// Adds a name with these addresses, beside what it already has.
    #[must_use]
    pub fn with_addresses(self, name: &str, addresses: &[IpAddr]) -> Self {
        self.with_more(name, |records| records.addresses.extend(addresses))
    }

    fn with_more(mut self, name: &str, add: impl FnOnce(&mut ZoneRecords)) -> Self {
        let entry = self.names.entry(plain_name(name)).or_insert_with(|| ZoneName::Records(ZoneRecords::default()));
        if let ZoneName::Records(records) = entry {
            add(records);
        } else {
            let mut records = ZoneRecords::default();
            add(&mut records);
            *entry = ZoneName::Records(records);
        }
        self
    }

    /// Whether the zone says anything about a name.
    pub fn knows(&self, name: &str) -> bool {
        self.names.contains_key(&plain_name(name))
    }

    /// The mail exchangers of a domain.
    pub fn mx(&self, name: &str) -> Answer<Mx> {
        self.answer(name, |records| &records.mx)
    }

    /// The texts at a name.
    pub fn txt(&self, name: &str) -> Answer<String> {
        self.answer(name, |records| &records.txt)
    }

    /// The name that a name is an alias of.
    pub fn cname(&self, name: &str) -> Answer<String> {
        self.answer(name, |records| &records.cname)
    }

    /// The IPv4 and IPv6 addresses of a host.
    pub fn addresses(&self, name: &str) -> Answer<IpAddr> {
        self.answer(name, |records| &records.addresses)
    }

    fn answer<T: Clone>(&self, name: &str, pick: fn(&ZoneRecords) -> &Vec<T>) -> Answer<T> {
        match self.names.get(&plain_name(name)) {
            Some(ZoneName::Records(records)) => match pick(records) {
                found if found.is_empty() => Answer::NoRecords,
                found => Answer::Found(found.clone()),
            },
            Some(ZoneName::NoSuchDomain) => Answer::NoSuchDomain,
            Some(ZoneName::Silent) | None => Answer::Unknown,
        }
    }
}

/// A name as the JSON has it.
#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenName {
    Word(WrittenWord),
    Records(WrittenRecords),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum WrittenWord {
    NoSuchDomain,
    Silent,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRecords {
    #[serde(default)]
    mx: Vec<String>,
    #[serde(default)]
    txt: Vec<String>,
    #[serde(default)]
    cname: Vec<String>,
    #[serde(default)]
    addresses: Vec<IpAddr>,
}

impl WrittenName {
    fn read(self) -> Result<ZoneName, ZoneError> {
        let written = match self {
            Self::Word(WrittenWord::NoSuchDomain) => return Ok(ZoneName::NoSuchDomain),
            Self::Word(WrittenWord::Silent) => return Ok(ZoneName::Silent),
            Self::Records(written) => written,
        };
        let mx: Result<Vec<Mx>, ZoneError> =
            written.mx.into_iter().map(|text| read_mx(&text).ok_or(ZoneError::Mx(text))).collect();
        Ok(ZoneName::Records(ZoneRecords {
            mx: mx?,
            txt: written.txt,
            cname: written.cname.iter().map(|name| plain_name(name)).collect(),
            addresses: written.addresses,
        }))
    }
}

fn read_mx(text: &str) -> Option<Mx> {
    let (preference, host) = text.trim().split_once(' ')?;
    Some(Mx { preference: preference.parse().ok()?, host: plain_name(host) })
}

/// The answers that an evaluation needs, all from this zone.
#[cfg(test)]
impl Zone {
    pub(super) fn dmarc(&self, domain: &str) -> Vec<(String, Answer<String>)> {
        let domains = super::dmarc_domains(domain).into_iter();
        domains.map(|domain| (domain.clone(), self.txt(&format!("_dmarc.{domain}")))).collect()
    }

    pub(super) fn spf(&self, domain: &str) -> super::SpfTexts {
        let mut texts = super::SpfTexts::from([(domain.to_owned(), self.txt(domain))]);
        for _ in 0..super::SPF_ROUNDS {
            let names = super::spf_names_to_ask(&texts);
            texts.extend(names.into_iter().map(|name| (name.clone(), self.txt(&name))));
        }
        texts
    }

    pub(super) fn about_sender(&self, names: &super::SenderNames) -> super::SenderAnswers {
        let mail_from = names.mail_from_domain.as_deref();
        super::SenderAnswers {
            dkim: names.dkim_names().iter().map(|name| self.cname(name)).collect(),
            mail_from: mail_from.map_or(Answer::NoRecords, |domain| self.mx(domain)),
            spf: mail_from.map_or_else(super::SpfTexts::new, |domain| self.spf(domain)),
            dmarc: self.dmarc(&names.from_domain),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_in_json_answers_as_written() {
        let zone = Zone::from_json(
            r#"{
                "Example.com.": {"mx": ["10 MX.example.com.", "0 ."], "txt": ["v=spf1 -all"], "addresses": ["192.0.2.1", "::1"]},
                "alias.test": {"cname": ["Example.com."]},
                "gone.test": "no_such_domain",
                "slow.test": "silent"
            }"#,
        )
        .unwrap();
        let mx = zone.mx("example.com");
        assert_eq!(mx.records().iter().map(ToString::to_string).collect::<Vec<_>>(), ["10 mx.example.com", "0 ."]);
        assert_eq!(zone.txt("EXAMPLE.com"), Answer::Found(vec!["v=spf1 -all".to_owned()]));
        assert_eq!(zone.addresses("example.com").records().len(), 2);
        assert_eq!(zone.cname("example.com"), Answer::NoRecords);
        assert_eq!(zone.cname("alias.test"), Answer::Found(vec!["example.com".to_owned()]));
        assert_eq!(zone.mx("gone.test"), Answer::NoSuchDomain);
        assert_eq!(zone.mx("slow.test"), Answer::Unknown);
        assert_eq!(zone.mx("elsewhere.test"), Answer::Unknown);
    }

    #[test]
    fn a_zone_of_another_shape_is_refused() {
        for text in [
            "",
            "[]",
            r#"{"a.test": null}"#,
            r#"{"a.test": "gone"}"#,
            r#"{"a.test": {"mx": ["mx.a.test"]}}"#,
            r#"{"a.test": {"mxx": []}}"#,
            r#"{"a.test": {"addresses": ["localhost"]}}"#,
        ] {
            assert!(Zone::from_json(text).is_err(), "{text}");
        }
        let refused = Zone::from_json(r#"{"a.test": {"mxx": []}}"#).unwrap_err().to_string();
        assert!(refused.contains("\"a.test\"") && refused.contains("mx, txt, cname and addresses"), "{refused}");
    }
}
