//! Items: attributes written and read with types.

use std::collections::HashMap;

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use jiff::Timestamp;

use super::StoreError;
use mailkey::clock::{from_millis, millis};

/// An item of a table, or its key.
pub type Item = HashMap<String, AttributeValue>;

/// An item of these attributes.
pub fn item<const N: usize>(attributes: [(&str, AttributeValue); N]) -> Item {
    attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Those of these attributes that have a value.
pub fn optional<const N: usize>(
    attributes: [(&str, Option<AttributeValue>); N],
) -> impl Iterator<Item = (String, AttributeValue)> {
    attributes.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)))
}

/// A list of maps.
pub fn list(items: impl IntoIterator<Item = Item>) -> AttributeValue {
    AttributeValue::L(items.into_iter().map(AttributeValue::M).collect())
}

/// A set of strings, which must have members.
pub fn set_of(members: impl IntoIterator<Item = String>) -> AttributeValue {
    AttributeValue::Ss(members.into_iter().collect())
}

/// A string attribute.
pub fn s(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A number attribute.
pub fn n(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// A time attribute: milliseconds since the Unix epoch.
pub fn time(at: Timestamp) -> AttributeValue {
    n(millis(at))
}

/// The attribute that DynamoDB's TTL reads: epoch *seconds*. Deletion lags by days, so nothing may rest on it.
pub fn ttl(at: Timestamp) -> AttributeValue {
    n(at.as_second())
}

/// Reads the attributes of an item, or says which one is wrong.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    table: &'static str,
    item: &'a Item,
}

impl<'a> Reader<'a> {
    /// Reads `item`, which came from `table`.
    pub fn new(table: &'static str, item: &'a Item) -> Self {
        Self { table, item }
    }

    /// A string that must be there.
    pub fn text(&self, attribute: &'static str) -> Result<&'a str, StoreError> {
        self.optional_text(attribute).ok_or(self.corrupt(attribute))
    }

    /// A string that may be there.
    pub fn optional_text(&self, attribute: &str) -> Option<&'a str> {
        self.item.get(attribute)?.as_s().ok().map(String::as_str)
    }

    /// A number that must be there.
    pub fn number(&self, attribute: &'static str) -> Result<i64, StoreError> {
        self.optional_number(attribute).ok_or(self.corrupt(attribute))
    }

    /// A number that may be there.
    pub fn optional_number(&self, attribute: &str) -> Option<i64> {
        self.item.get(attribute)?.as_n().ok()?.parse().ok()
    }

    /// A decimal number that must be there.
    pub fn decimal(&self, attribute: &'static str) -> Result<f64, StoreError> {
        let number = self.item.get(attribute).and_then(|value| value.as_n().ok()?.parse().ok());
        number.ok_or(self.corrupt(attribute))
    }

    /// Whether a flag is set. One that is missing isn't.
    pub fn flag(&self, attribute: &str) -> bool {
        self.item.get(attribute).and_then(|value| value.as_bool().ok().copied()).unwrap_or_default()
    }

    /// A time that must be there.
    pub fn time(&self, attribute: &'static str) -> Result<Timestamp, StoreError> {
        self.number(attribute).map(from_millis)
    }

    /// A time that may be there.
    pub fn optional_time(&self, attribute: &str) -> Option<Timestamp> {
        self.optional_number(attribute).map(from_millis)
    }

    /// A value with a text form that must be there and be valid.
    pub fn parsed<T: std::str::FromStr>(&self, attribute: &'static str) -> Result<T, StoreError> {
        self.text(attribute)?.parse().map_err(|_| self.corrupt(attribute))
    }

    /// A map that may be there.
    pub fn map(&self, attribute: &str) -> Option<Reader<'a>> {
        let item = self.item.get(attribute)?.as_m().ok()?;
        Some(Reader { table: self.table, item })
    }

    /// The strings of a list; none if there is no list.
    pub fn texts(&self, attribute: &str) -> Vec<String> {
        let list = self.item.get(attribute).and_then(|value| value.as_l().ok());
        list.into_iter().flatten().filter_map(|value| value.as_s().ok().cloned()).collect()
    }

    /// All attributes that are strings.
    pub fn all_texts(&self) -> Vec<(String, String)> {
        let texts = self.item.iter().filter_map(|(name, value)| Some((name.clone(), value.as_s().ok()?.clone())));
        texts.collect()
    }

    /// The members of a set of strings; none if there is no set.
    pub fn set(&self, attribute: &str) -> &'a [String] {
        self.item.get(attribute).and_then(|value| value.as_ss().ok()).map_or(&[], Vec::as_slice)
    }

    /// The items of a list of maps; none where there is no list.
    pub fn maps(&self, attribute: &str) -> Vec<Reader<'a>> {
        let list = self.item.get(attribute).and_then(|value| value.as_l().ok());
        list.into_iter()
            .flatten()
            .filter_map(|value| value.as_m().ok())
            .map(|item| Reader { table: self.table, item })
            .collect()
    }

    /// The error that names an attribute.
    pub fn corrupt(&self, attribute: &'static str) -> StoreError {
        StoreError::Corrupt { table: self.table, attribute }
    }
}

/// Turns an attribute in DynamoDB's JSON form, as a stream's record holds it, into the SDK's.
///
/// `None` for a form this deployment never writes.
pub fn attribute_from_json(json: &serde_json::Value) -> Option<AttributeValue> {
    let (kind, value) = json.as_object()?.iter().next()?;
    Some(match kind.as_str() {
        "S" => AttributeValue::S(value.as_str()?.to_owned()),
        "N" => AttributeValue::N(value.as_str()?.to_owned()),
        "BOOL" => AttributeValue::Bool(value.as_bool()?),
        "NULL" => AttributeValue::Null(value.as_bool()?),
        "B" => AttributeValue::B(Blob::new(
            base64::Engine::decode(&base64::prelude::BASE64_STANDARD, value.as_str()?).ok()?,
        )),
        "L" => AttributeValue::L(value.as_array()?.iter().map(attribute_from_json).collect::<Option<_>>()?),
        "M" => AttributeValue::M(item_from_json(value)?),
        _ => return None,
    })
}

/// Turns an item in DynamoDB's JSON form, such as a stream's `NewImage`, into the SDK's.
pub fn item_from_json(json: &serde_json::Value) -> Option<Item> {
    json.as_object()?.iter().map(|(name, value)| Some((name.clone(), attribute_from_json(value)?))).collect()
}
