//! How values of the domain look in JSON. serde writes them; `schemars` describes them in the API description.

use std::{borrow::Cow, fmt::Display};

use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serializer;
use ulid::Ulid;

use crate::clock::rfc3339;

/// The id in examples: `01JNQ8Z0T5X6W7V8R9S0A1B2C3`.
pub const EXAMPLE_ID: Ulid = Ulid(0x0195_6e8f_8345_e9b8_7da3_09c8_1415_8983);

/// Writes a type as its text form, which has this schema.
#[macro_export]
macro_rules! json_text {
    ($type:ty, $schema:tt) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl schemars::JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!($schema)
            }
        }
    };
}
pub use json_text;

/// Gives an id, which is a ULID, its text form, both ways.
macro_rules! ulid_form {
    ($type:ident) => {
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $type {
            type Err = ulid::DecodeError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        $crate::json::json_text!($type, {
            "type": "string",
            "pattern": "^[0-7][0-9A-HJKMNP-TV-Z]{25}$",
            "examples": [$crate::json::EXAMPLE_ID.to_string()],
        });
    };
}
pub(crate) use ulid_form;

/// For `#[serde(serialize_with = "text")]`: the text form.
pub fn text<S: Serializer>(value: &impl Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// For `#[serde(with = "Rfc3339")]`: a time in UTC, with milliseconds. A time that may be missing needs
/// `skip_serializing_if`.
#[derive(Debug, Clone, Copy)]
pub struct Rfc3339;

impl Rfc3339 {
    /// Writes the time.
    pub fn serialize<S: Serializer>(
        at: &(impl Copy + Into<Option<Timestamp>>),
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match (*at).into() {
            Some(at) => serializer.serialize_str(&rfc3339(at)),
            None => serializer.serialize_none(),
        }
    }
}

impl JsonSchema for Rfc3339 {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Rfc3339".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "format": "date-time",
            "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$",
            "examples": ["2026-03-01T09:30:00.000Z"],
        })
    }
}
