//! A resolver whose answers are written down, for one machine without a network and for tests.

use std::{collections::BTreeMap, net::IpAddr, sync::Arc};

use serde::Deserialize;

use super::{Answer, Mx, Pending, Resolve, plain_name};

/// Why a zone can't be read.
#[derive(Debug, thiserror::Error)]
pub enum ZoneError {
    /// It is no JSON of the right shape.
    #[error("the zone is not JSON of the right shape")]
    Json(#[from] serde_json::Error),
    /// A mail exchanger is not a number and a host.
    #[error("{0:?} is no mail exchanger such as \"10 mx.example.com\"")]
    Mx(String),
}

/// What is written down about a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scripted {
    /// It exists, with these records.
    Records(ScriptedRecords),
    /// It does not exist.
    NoSuchDomain,
    /// Its name servers do not answer.
    Silent,
}

/// The records of a name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScriptedRecords {
    /// Mail exchangers.
    pub mx: Vec<Mx>,
    /// Texts.
    pub txt: Vec<String>,
    /// What it is an alias of: none or one.
    pub cname: Vec<String>,
    /// Addresses.
    pub addresses: Vec<IpAddr>,
}

/// Answers from a written zone. A name that it does not hold is [`Answer::Unknown`], or goes to the
/// [fallback](Self::with_fallback). It does not follow aliases.
#[derive(Debug, Clone, Default)]
pub struct ScriptedResolver {
    zone: BTreeMap<String, Scripted>,
    fallback: Option<Arc<dyn Resolve>>,
}

impl ScriptedResolver {
    /// One that knows nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a zone: an object of names, each with `"no_such_domain"`, `"silent"`, or its records as in
    /// `{"mx": ["10 mx.example.com"], "txt": ["v=spf1 -all"], "cname": ["example.net"], "addresses": ["192.0.2.1"]}`.
    ///
    /// # Errors
    ///
    /// [`ZoneError`] says what is wrong.
    pub fn from_json(text: &str) -> Result<Self, ZoneError> {
        let names: BTreeMap<String, WrittenName> = serde_json::from_str(text)?;
        names.into_iter().try_fold(Self::new(), |zone, (name, written)| Ok(zone.with(&name, written.read()?)))
    }

    /// Adds a name, or replaces it.
    #[must_use]
    pub fn with(mut self, name: &str, scripted: Scripted) -> Self {
        self.zone.insert(plain_name(name), scripted);
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

    /// Asks another resolver about names that the zone does not hold.
    #[must_use]
    pub fn with_fallback(mut self, fallback: Arc<dyn Resolve>) -> Self {
        self.fallback = Some(fallback);
        self
    }

    fn with_more(mut self, name: &str, add: impl FnOnce(&mut ScriptedRecords)) -> Self {
        let entry = self.zone.entry(plain_name(name)).or_insert_with(|| Scripted::Records(ScriptedRecords::default()));
        if let Scripted::Records(records) = entry {
            add(records);
        } else {
            let mut records = ScriptedRecords::default();
            add(&mut records);
            *entry = Scripted::Records(records);
        }
        self
    }

    fn answer<'a, T: Clone + Send + 'a>(
        &'a self,
        name: &'a str,
        pick: fn(&ScriptedRecords) -> &Vec<T>,
        ask: fn(&'a dyn Resolve, &'a str) -> Pending<'a, T>,
    ) -> Pending<'a, T> {
        let answer = match (self.zone.get(&plain_name(name)), &self.fallback) {
            (Some(Scripted::Records(records)), _) => match pick(records) {
                found if found.is_empty() => Answer::NoRecords,
                found => Answer::Found(found.clone()),
            },
            (Some(Scripted::NoSuchDomain), _) => Answer::NoSuchDomain,
            (None, Some(fallback)) => return ask(fallback.as_ref(), name),
            (Some(Scripted::Silent), _) | (None, None) => Answer::Unknown,
        };
        Box::pin(std::future::ready(answer))
    }
}

impl Resolve for ScriptedResolver {
    fn mx<'a>(&'a self, name: &'a str) -> Pending<'a, Mx> {
        self.answer(name, |records| &records.mx, |fallback, name| fallback.mx(name))
    }

    fn txt<'a>(&'a self, name: &'a str) -> Pending<'a, String> {
        self.answer(name, |records| &records.txt, |fallback, name| fallback.txt(name))
    }

    fn cname<'a>(&'a self, name: &'a str) -> Pending<'a, String> {
        self.answer(name, |records| &records.cname, |fallback, name| fallback.cname(name))
    }

    fn addresses<'a>(&'a self, name: &'a str) -> Pending<'a, IpAddr> {
        self.answer(name, |records| &records.addresses, |fallback, name| fallback.addresses(name))
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
    fn read(self) -> Result<Scripted, ZoneError> {
        let written = match self {
            Self::Word(WrittenWord::NoSuchDomain) => return Ok(Scripted::NoSuchDomain),
            Self::Word(WrittenWord::Silent) => return Ok(Scripted::Silent),
            Self::Records(written) => written,
        };
        let mx: Result<Vec<Mx>, ZoneError> =
            written.mx.into_iter().map(|text| read_mx(&text).ok_or(ZoneError::Mx(text))).collect();
        Ok(Scripted::Records(ScriptedRecords {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_zone_in_json_answers_as_written() {
        let zone = ScriptedResolver::from_json(
            r#"{
                "Example.com.": {"mx": ["10 MX.example.com.", "0 ."], "txt": ["v=spf1 -all"], "addresses": ["192.0.2.1", "::1"]},
                "alias.test": {"cname": ["Example.com."]},
                "gone.test": "no_such_domain",
                "slow.test": "silent"
            }"#,
        )
        .unwrap();
        let mx = zone.mx("example.com").await;
        assert_eq!(mx.records().iter().map(ToString::to_string).collect::<Vec<_>>(), ["10 mx.example.com", "0 ."]);
        assert_eq!(zone.txt("EXAMPLE.com").await, Answer::Found(vec!["v=spf1 -all".to_owned()]));
        assert_eq!(zone.addresses("example.com").await.records().len(), 2);
        assert_eq!(zone.cname("example.com").await, Answer::NoRecords);
        assert_eq!(zone.cname("alias.test").await, Answer::Found(vec!["example.com".to_owned()]));
        assert_eq!(zone.mx("gone.test").await, Answer::NoSuchDomain);
        assert_eq!(zone.mx("slow.test").await, Answer::Unknown);
        assert_eq!(zone.mx("elsewhere.test").await, Answer::Unknown);
    }

    #[tokio::test]
    async fn only_a_name_that_is_not_held_goes_to_the_fallback() {
        let behind = ScriptedResolver::new().with_txt("both.test", &["behind"]).with_txt("other.test", &["behind"]);
        let zone = ScriptedResolver::new()
            .with_txt("both.test", &["in front"])
            .with("slow.test", Scripted::Silent)
            .with_fallback(Arc::new(behind));
        assert_eq!(zone.txt("both.test").await, Answer::Found(vec!["in front".to_owned()]));
        assert_eq!(zone.txt("other.test").await, Answer::Found(vec!["behind".to_owned()]));
        assert_eq!(zone.txt("slow.test").await, Answer::Unknown);
        assert_eq!(zone.txt("none.test").await, Answer::Unknown);
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
            assert!(ScriptedResolver::from_json(text).is_err(), "{text}");
        }
    }
}
