//! Parts of schemas that many routes share.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::{Parameter, derived::schema, reference};
use mailkey::{
    Locale,
    account::UserId,
    json::Rfc3339,
    paging::{DEFAULT_LIMIT, MAX_LIMIT},
};

/// An object with these properties and no others. A name that ends in `?` may be missing.
pub fn object<const N: usize>(properties: [(&str, Value); N]) -> Value {
    let mut known = Map::new();
    let mut required = Vec::new();
    for (name, schema) in properties {
        let plain = name.strip_suffix('?').unwrap_or(name);
        if plain == name {
            required.push(plain.to_owned());
        }
        known.insert(plain.to_owned(), schema);
    }
    json!({ "type": "object", "properties": known, "required": required, "additionalProperties": false })
}

/// The same, or `null`, which counts as not given.
pub fn nullable(mut schema: Value) -> Value {
    schema["type"] = json!([schema["type"], "null"]);
    if let Some(values) = schema["enum"].as_array_mut() {
        values.push(Value::Null);
    } else if let Some(object) = schema.as_object_mut() {
        object.remove("enum");
    }
    schema
}

/// One of a closed set of values.
pub fn enumeration<T: ToString>(values: &[T]) -> Value {
    let values: Vec<_> = values.iter().map(ToString::to_string).collect();
    json!({ "type": "string", "enum": values })
}

/// A time, as answers write it: in UTC, with milliseconds.
pub fn time() -> Value {
    schema::<Rfc3339>()
}

/// A time, as requests may write it: any of RFC 3339.
pub fn any_time() -> Value {
    json!({ "type": "string", "format": "date-time", "examples": ["2026-03-01T09:30:00Z"] })
}

/// An id: a ULID, which sorts by time.
pub fn ulid() -> Value {
    schema::<UserId>()
}

/// An email address; beyond ASCII too.
pub fn email() -> Value {
    json!({ "type": "string", "format": "idn-email", "maxLength": 254, "examples": ["alice@example.com"] })
}

/// A name: no control character, and something to be seen.
pub fn display_name() -> Value {
    let controls = r"\u0000-\u001f\u007f-\u009f";
    let spaces = r" \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000";
    let pattern = format!("^[^{controls}]*[^{controls}{spaces}][^{controls}]*$");
    json!({ "type": "string", "minLength": 1, "maxLength": 100, "pattern": pattern, "examples": ["Alice Example"] })
}

/// The tag of a language that there are words in, with or without a region and the like.
pub fn locale() -> Value {
    let either_case = |c: char| format!("[{}{c}]", c.to_ascii_uppercase());
    let language = |locale: &Locale| locale.as_str().chars().map(either_case).collect::<String>();
    let languages: Vec<_> = Locale::ALL.iter().map(language).collect();
    json!({
        "type": "string",
        "maxLength": 35,
        "pattern": format!("^({})(-[A-Za-z0-9]{{1,8}})*$", languages.join("|")),
        "examples": ["de", "de-AT"],
    })
}

/// Types for `#[schemars(with = "…")]`: strings of requests that the handlers parse.
macro_rules! parsed_text {
    ($($(#[$doc:meta])* $type:ident => $schema:ident,)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $type;

        impl JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                $schema().try_into().unwrap_or_default()
            }
        }
    )+};
}

parsed_text! {
    /// An email address.
    EmailText => email,
    /// The name of a person or thing.
    DisplayName => display_name,
}

/// A parameter of the query that may be left out.
pub fn optional(name: &'static str, description: &'static str, schema: Value) -> Parameter {
    Parameter { place: "query", name, description, schema, is_required: false, may_be_empty: true }
}

/// The id in the path.
pub fn id_in_path(description: &'static str) -> Parameter {
    Parameter { place: "path", name: "id", description, schema: ulid(), is_required: true, may_be_empty: false }
}

/// The email address in the path.
pub fn address_in_path(description: &'static str) -> Parameter {
    Parameter { place: "path", name: "address", description, schema: email(), is_required: true, may_be_empty: false }
}

/// A cursor: the id of the key that signed it, the position, and the signature.
const CURSOR: &str = r"^[A-Za-z0-9]{1,16}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}$";

/// The parameters of every list.
pub fn page_parameters() -> [Parameter; 2] {
    let limit = json!({ "type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT });
    let cursor = json!({ "type": "string", "pattern": CURSOR, "maxLength": 1024 });
    let cursor = optional(
        "cursor",
        "The `next_cursor` of the previous page, with the same filters and the same caller.",
        cursor,
    );
    // A client that took an empty cursor for the first page would never reach the last one.
    [optional("limit", "How many rows the page has at most.", limit), Parameter { may_be_empty: false, ..cursor }]
}

/// A page of a list: its rows under `name`, and where the next begins.
pub fn page_of(name: &str, row: &str) -> Value {
    let next = json!({ "type": ["string", "null"], "description": "Where the next page begins; null at the end." });
    let rows = json!({ "type": "array", "maxItems": MAX_LIMIT, "items": reference(row) });
    object([(name, rows), ("next_cursor", next)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_may_be_missing_or_null() {
        let schema = object([("name", display_name()), ("role?", nullable(enumeration(mailkey::account::Role::ALL)))]);
        assert_eq!(schema["required"], json!(["name"]));
        assert_eq!(schema["properties"]["role"]["type"], json!(["string", "null"]));
        assert_eq!(schema["properties"]["role"]["enum"], json!(["member", "support", "admin", null]));
        assert_eq!(nullable(locale()).get("enum"), None);
    }
}
