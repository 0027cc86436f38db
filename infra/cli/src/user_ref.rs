//! A user given on the command line: by id or by address.

use std::{fmt, str::FromStr};

use serde_json::Value;

use crate::{
    api::{Api, Query},
    error::Error,
    json::{rows, text_at},
};

/// An id of the API (a ULID). It can't contain a character that changes a URL's path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Id(String);

impl Id {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The record of the user with this id.
    pub(crate) async fn user(&self, api: &Api) -> Result<Value, Error> {
        api.get(&["admin", "users", self.as_str()], &Query::default()).await
    }
}

impl FromStr for Id {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let good = text.len() == 26 && text.bytes().all(|b| b.is_ascii_alphanumeric());
        if good { Ok(Self(text.to_ascii_uppercase())) } else { Err("an id has 26 letters and digits") }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum UserRef {
    Id(Id),
    Address(String),
}

impl FromStr for UserRef {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.contains('@') {
            Ok(Self::Address(text.trim().to_owned()))
        } else {
            text.parse().map(Self::Id).map_err(|_| "give an email address, or an id of 26 letters and digits")
        }
    }
}

impl fmt::Display for UserRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Address(address) => f.write_str(address),
        }
    }
}

impl UserRef {
    /// The id as given, or the id of the user with exactly this address.
    pub(crate) async fn id(&self, api: &Api) -> Result<Id, Error> {
        match self {
            Self::Id(id) => Ok(id.clone()),
            Self::Address(address) => find(api, address).await,
        }
    }

    /// The address as given, even if no user has it, or the address of the user with this id.
    pub(crate) async fn address(&self, api: &Api) -> Result<String, Error> {
        match self {
            Self::Address(address) => Ok(address.clone()),
            Self::Id(id) => match text_at(&id.user(api).await?, "/email") {
                email if email.is_empty() => Err(api.unexpected("a user without an address")),
                email => Ok(email),
            },
        }
    }
}

/// The search also finds addresses that only start with the given one, so this compares the results.
async fn find(api: &Api, address: &str) -> Result<Id, Error> {
    let mut query = Query::default().with("query", address).with("limit", "100");
    loop {
        let page = api.get(&["admin", "users"], &query).await?;
        if let Some(user) = rows(&page, "users").iter().find(|user| is_at(user, address)) {
            let id = text_at(user, "/id").parse();
            return id.map_err(|_| api.unexpected("a user without an id"));
        }
        match page.get("next_cursor").and_then(Value::as_str) {
            Some(cursor) => query = query.with("cursor", cursor),
            None => return Err(Error::NoSuchUser(address.to_owned())),
        }
    }
}

fn is_at(user: &Value, address: &str) -> bool {
    canonical(&text_at(user, "/email")) == canonical(address)
}

/// Addresses are equal if this is: it ignores case and writes the domain in ASCII, as the service does.
pub(crate) fn canonical(address: &str) -> String {
    let trimmed = address.trim();
    let Some((local, domain)) = trimmed.rsplit_once('@') else { return trimmed.to_lowercase() };
    let domain = idna::domain_to_ascii(domain).unwrap_or_else(|_| domain.to_lowercase());
    format!("{}@{domain}", local.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_given_by_id_or_by_address() {
        let id = "01jc000000000000000000000a";
        assert_eq!(id.parse::<UserRef>().unwrap().to_string(), id.to_uppercase());
        assert_eq!("a@b.example".parse(), Ok(UserRef::Address("a@b.example".to_owned())));
        for bad in ["", "alice", "..", "../../session", "01JC/0000000000000000000000", "01JC?000000000000000000000"] {
            assert!(bad.parse::<UserRef>().is_err(), "{bad}");
        }
    }

    #[test]
    fn addresses_are_compared_as_the_service_compares_them() {
        for (one, other, same) in [
            ("Alice@Example.COM", "alice@example.com", true),
            ("x@bücher.example", "x@xn--bcher-kva.example", true),
            ("alice@example.com", "alice@example.com.au", false),
            ("alice@example.com", "alice2@example.com", false),
        ] {
            assert_eq!(canonical(one) == canonical(other), same, "{one} {other}");
        }
    }
}
