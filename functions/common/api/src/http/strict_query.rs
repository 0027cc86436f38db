//! Query strings: each parameter once, none unknown.

use std::collections::BTreeMap;

use axum::{extract::FromRequestParts, http::request::Parts};
use jiff::Timestamp;

use mailkey::paging::{DEFAULT_LIMIT, MAX_LIMIT};

use super::located::named;
use crate::problem::{Problem, ProblemType};

/// The parameters of a request. A route takes those it knows and calls [`finish`](Self::finish).
#[derive(Debug, Clone)]
pub struct StrictQuery {
    parameters: BTreeMap<String, String>,
    /// The parameters that the route has asked for.
    known: Vec<&'static str>,
}

impl<S: Send + Sync> FromRequestParts<S> for StrictQuery {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::parse(parts.uri.query().unwrap_or_default())
    }
}

impl StrictQuery {
    fn parse(query: &str) -> Result<Self, Problem> {
        let mut parameters = BTreeMap::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) =
                decode(name).zip(decode(value)).ok_or_else(|| malformed("The query isn't percent-encoded UTF-8."))?;
            if parameters.insert(name, value).is_some() {
                return Err(malformed("A query parameter is given twice."));
            }
        }
        Ok(Self { parameters, known: Vec::new() })
    }

    /// A parameter as text; empty counts as not given.
    pub fn text(&mut self, name: &'static str) -> Option<String> {
        self.take(name).filter(|value| !value.is_empty())
    }

    fn take(&mut self, name: &'static str) -> Option<String> {
        self.known.push(name);
        self.parameters.remove(name)
    }

    /// A parameter of a type with a text form. `form` says in words what it must be.
    ///
    /// # Errors
    ///
    /// `malformed-request` where it is none.
    pub fn parsed<T: std::str::FromStr>(&mut self, name: &'static str, form: &str) -> Result<Option<T>, Problem> {
        let parse =
            |value: String| value.parse().map_err(|_| malformed(&format!("The parameter {name} must be {form}.")));
        self.text(name).map(parse).transpose()
    }

    /// A parameter with a closed set of values.
    ///
    /// # Errors
    ///
    /// `malformed-request` where it is none of them.
    pub fn one_of<T: std::str::FromStr + ToString>(
        &mut self,
        name: &'static str,
        all: &[T],
    ) -> Result<Option<T>, Problem> {
        let all: Vec<_> = all.iter().map(ToString::to_string).collect();
        self.parsed(name, &format!("one of {}", all.join(", ")))
    }

    /// A time, as RFC 3339 writes it.
    ///
    /// # Errors
    ///
    /// `malformed-request` where it is none.
    pub fn time(&mut self, name: &'static str) -> Result<Option<Timestamp>, Problem> {
        self.parsed(name, "a time such as 2026-03-01T09:30:00Z")
    }

    /// The number of rows a page has.
    ///
    /// # Errors
    ///
    /// `malformed-request` where it is none from 1 to 100.
    pub fn limit(&mut self) -> Result<usize, Problem> {
        let form = format!("a whole number from 1 to {MAX_LIMIT}");
        match self.parsed::<usize>("limit", &form)? {
            None => Ok(DEFAULT_LIMIT),
            Some(limit) if (1..=MAX_LIMIT).contains(&limit) => Ok(limit),
            Some(_) => Err(malformed(&format!("The parameter limit must be {form}."))),
        }
    }

    /// Where a page begins. An empty cursor is rejected: a client that took it for the first page would never finish.
    ///
    /// # Errors
    ///
    /// `malformed-request` where it is empty.
    pub fn cursor(&mut self) -> Result<Option<String>, Problem> {
        match self.take("cursor") {
            Some(empty) if empty.is_empty() => {
                Err(malformed("The parameter cursor must be the next_cursor of the previous page, or left out."))
            }
            cursor => Ok(cursor),
        }
    }

    /// Refuses what no one took.
    ///
    /// # Errors
    ///
    /// `malformed-request` where a parameter is left.
    pub fn finish(self) -> Result<(), Problem> {
        if self.parameters.is_empty() {
            return Ok(());
        }
        let unknown = self.parameters.keys().next().map(|name| named(name)).unwrap_or_default();
        let known = if self.known.is_empty() { "none".to_owned() } else { self.known.join(", ") };
        Err(malformed(&format!("The query has an unknown parameter{unknown}. Known parameters: {known}.")))
    }
}

fn malformed(detail: &str) -> Problem {
    Problem::new(ProblemType::MalformedRequest).with_detail(detail)
}

/// Percent-decoding of `application/x-www-form-urlencoded`; a plus sign is a space.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                let (high, low) = (digit(rest.next())?, digit(rest.next())?);
                u8::try_from(high * 16 + low).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok().filter(|text| !text.chars().any(char::is_control))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(query: &str) -> Option<(Option<String>, usize)> {
        let mut query = StrictQuery::parse(query).ok()?;
        let outcome = (query.text("query"), query.limit().ok()?);
        query.finish().ok()?;
        Some(outcome)
    }

    #[test]
    fn a_refused_query_names_the_parameter_and_the_expected_form() {
        let refused = |text: &str| {
            let mut query = StrictQuery::parse(text)?;
            query.one_of("status", &["sent", "bounced"].map(String::from).map(Name))?;
            query.time("from")?;
            query.limit()?;
            query.cursor()?;
            query.finish()
        };
        for (query, detail) in [
            ("status=lost", "The parameter status must be one of sent, bounced."),
            ("from=yesterday", "The parameter from must be a time such as 2026-03-01T09:30:00Z."),
            ("limit=0", "The parameter limit must be a whole number from 1 to 100."),
            ("limit=many", "The parameter limit must be a whole number from 1 to 100."),
            ("cursor=", "The parameter cursor must be the next_cursor of the previous page, or left out."),
            ("secret=1", "The query has an unknown parameter: secret. Known parameters: status, from, limit, cursor."),
        ] {
            assert_eq!(refused(query).unwrap_err().detail(), detail, "{query}");
        }
    }

    struct Name(String);

    impl std::str::FromStr for Name {
        type Err = ();

        fn from_str(text: &str) -> Result<Self, ()> {
            ["sent", "bounced"].contains(&text).then(|| Self(text.to_owned())).ok_or(())
        }
    }

    impl std::fmt::Display for Name {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str(&self.0)
        }
    }

    #[test]
    fn each_query_has_its_answer() {
        let some = |text: &str, limit| Some((Some(text.to_owned()), limit));
        for (query, expected) in [
            ("", Some((None, 25))),
            ("query=", Some((None, 25))),
            ("query=ali&limit=100", some("ali", 100)),
            ("query=J%C3%B6rg+M", some("Jörg M", 25)),
            ("query=a%2Bb%40example.com", some("a+b@example.com", 25)),
            ("query=a&query=b", None),
            ("query=a&%71uery=b", None),
            ("limit=0", None),
            ("limit=101", None),
            ("limit=-1", None),
            ("limit=1e9", None),
            ("filter[token]=a", None),
            ("query=%", None),
            ("query=%zz", None),
            ("query=%ff", None),
            ("query=%00", None),
        ] {
            assert_eq!(outcome(query), expected, "{query}");
        }
    }
}
