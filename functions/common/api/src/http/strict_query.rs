//! Query strings: each parameter once, none unknown.

use std::collections::BTreeMap;

use axum::{extract::FromRequestParts, http::request::Parts};
use jiff::Timestamp;

use mailkey::paging::{DEFAULT_LIMIT, MAX_LIMIT};

use crate::problem::{Problem, ProblemType};

/// The parameters of a request. A route takes those it knows and calls [`finish`](Self::finish).
#[derive(Debug, Clone)]
pub struct StrictQuery {
    parameters: BTreeMap<String, String>,
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
                decode(name).zip(decode(value)).ok_or_else(|| malformed("The query is not encoded properly."))?;
            if parameters.insert(name, value).is_some() {
                return Err(malformed("A parameter stands twice."));
            }
        }
        Ok(Self { parameters })
    }

    /// A parameter as text; empty counts as not given.
    pub fn text(&mut self, name: &str) -> Option<String> {
        self.parameters.remove(name).filter(|value| !value.is_empty())
    }

    /// A parameter of a type with a text form.
    ///
    /// # Errors
    ///
    /// `malformed-request` where it is none.
    pub fn parsed<T: std::str::FromStr>(&mut self, name: &str) -> Result<Option<T>, Problem> {
        let parse =
            |value: String| value.parse().map_err(|_| malformed(&format!("The parameter {name} has no valid value.")));
        self.text(name).map(parse).transpose()
    }

    /// A time, as RFC 3339 writes it.
    ///
    /// # Errors
    ///
    /// `malformed-request` where it is none.
    pub fn time(&mut self, name: &str) -> Result<Option<Timestamp>, Problem> {
        self.parsed(name)
    }

    /// The number of rows a page has.
    ///
    /// # Errors
    ///
    /// `malformed-request` where it is none from 1 to 100.
    pub fn limit(&mut self) -> Result<usize, Problem> {
        match self.parsed::<usize>("limit")? {
            None => Ok(DEFAULT_LIMIT),
            Some(limit) if (1..=MAX_LIMIT).contains(&limit) => Ok(limit),
            Some(_) => Err(malformed("The limit must be from 1 to 100.")),
        }
    }

    /// Where a page begins. An empty cursor is none: whoever took it for the first page would go round for ever.
    ///
    /// # Errors
    ///
    /// `malformed-request` where it is empty.
    pub fn cursor(&mut self) -> Result<Option<String>, Problem> {
        match self.parameters.remove("cursor") {
            Some(empty) if empty.is_empty() => Err(malformed("The cursor is empty.")),
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
            Ok(())
        } else {
            Err(malformed("The query has a parameter that this route does not know."))
        }
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
