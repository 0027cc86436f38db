//! Reads a wire type from JSON and says where it doesn't fit: a JSON pointer (RFC 6901) and the expected form. Values
//! that the client sent are never repeated; unknown names are repeated to staff, if they look like names of fields.

use std::fmt;

use serde::{
    de::{
        self, DeserializeOwned, DeserializeSeed, Deserializer, Error as _, Expected, IntoDeserializer, MapAccess,
        SeqAccess, Unexpected, Visitor,
    },
    forward_to_deserialize_any,
};
use serde_json::{Value, map};

/// Where a body doesn't fit its wire type, and why.
#[derive(Debug, PartialEq)]
pub(super) struct Misfit {
    /// The field; empty for the body itself.
    pointer: String,
    problem: Kind,
}

#[derive(Debug, PartialEq)]
enum Kind {
    Missing,
    Unknown(String, &'static [&'static str]),
    Expected(String),
    Invalid,
}

impl Misfit {
    fn new(problem: Kind) -> Self {
        Self { pointer: String::new(), problem }
    }

    /// The same fault, seen from the object or the list that has the field.
    fn within(mut self, name: &str) -> Self {
        self.pointer = format!("/{}{}", name.replace('~', "~0").replace('/', "~1"), self.pointer);
        self
    }

    /// What is wrong, for people. `names_unknown` says whether a field that doesn't exist is named.
    pub(super) fn detail(&self, names_unknown: bool) -> String {
        let place = if self.pointer.is_empty() { "The body".to_owned() } else { format!("The field {}", self.pointer) };
        match &self.problem {
            Kind::Missing => format!("{place} is missing."),
            Kind::Unknown(_, []) => format!("{place} must not have any fields."),
            Kind::Unknown(name, known) => {
                let name = if names_unknown { named(name) } else { String::new() };
                format!("{place} has an unknown field{name}. Known fields: {}.", known.join(", "))
            }
            Kind::Expected(form) => format!("{place} must be {form}."),
            Kind::Invalid => format!("{place} has an invalid value."),
        }
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail(false))
    }
}

impl std::error::Error for Misfit {}

impl de::Error for Misfit {
    /// The text may repeat what the client sent, so it isn't used.
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::new(Kind::Invalid)
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(Kind::Expected(form(&expected.to_string())))
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(Kind::Expected(form(&expected.to_string())))
    }

    fn invalid_length(_: usize, expected: &dyn Expected) -> Self {
        Self::new(Kind::Expected(form(&expected.to_string())))
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::new(Kind::Expected(format!("one of {}", expected.join(", "))))
    }

    fn unknown_field(name: &str, expected: &'static [&'static str]) -> Self {
        Self::new(Kind::Unknown(name.to_owned(), expected))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(Kind::Missing).within(field)
    }
}

/// An unknown name, as it continues a sentence. Empty if it doesn't look like a name: a token or a password in the wrong
/// place isn't repeated.
pub(super) fn named(name: &str) -> String {
    let is_name = name.len() <= MAX_NAME && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    if is_name && !name.is_empty() { format!(": {name}") } else { String::new() }
}

/// Longer than any field of the API, and shorter than a token.
const MAX_NAME: usize = 30;

/// Rust's name of a type, in the words of JSON.
fn form(expected: &str) -> String {
    match expected {
        "a string" | "a borrowed string" => "a text".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a sequence" => "a list".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number that isn't negative".to_owned(),
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number".to_owned(),
        other if other.starts_with("struct ") || other == "a map" => "an object".to_owned(),
        other => other.to_owned(),
    }
}

/// Reads a wire type.
pub(super) fn read<T: DeserializeOwned>(value: &Value) -> Result<T, Misfit> {
    T::deserialize(Located(value))
}

/// A value within the body.
struct Located<'a>(&'a Value);

impl<'de> Deserializer<'de> for Located<'de> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), ..) => visitor.visit_u64(number),
                (None, Some(number), _) => visitor.visit_i64(number),
                (None, None, Some(number)) => visitor.visit_f64(number),
                (None, None, None) => Err(Misfit::new(Kind::Invalid)),
            },
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(items) => visitor.visit_seq(Items { items, next: 0 }),
            Value::Object(fields) => visitor.visit_map(Fields { fields: fields.iter(), value: None }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        // A derived struct would take an array of its fields as well.
        if self.0.is_array() {
            return Err(Misfit::invalid_type(Unexpected::Seq, &"a map"));
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::String(text) => visitor.visit_enum(text.as_str().into_deserializer()),
            _ => Err(Misfit::unknown_variant("", variants)),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

struct Items<'a> {
    items: &'a [Value],
    next: usize,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Misfit> {
        let (number, item) = (self.next, self.items.get(self.next));
        self.next += 1;
        item.map(|item| seed.deserialize(Located(item)).map_err(|misfit| misfit.within(&number.to_string())))
            .transpose()
    }
}

struct Fields<'a> {
    fields: map::Iter<'a>,
    value: Option<(&'a str, &'a Value)>,
}

impl<'de> MapAccess<'de> for Fields<'de> {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Misfit> {
        self.value = self.fields.next().map(|(name, value)| (name.as_str(), value));
        self.value.map(|(name, _)| seed.deserialize(name.into_deserializer())).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Misfit> {
        let (name, value) = self.value.take().ok_or(Misfit::new(Kind::Invalid))?;
        // The wire type knows this name: it rejects all others.
        seed.deserialize(Located(value)).map_err(|misfit| misfit.within(name))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Import {
        users: Vec<User>,
        dry_run: Option<bool>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct User {
        email: String,
        age: Option<u8>,
        height: Option<f64>,
        how: Option<How>,
        #[serde(rename = "a/b~c")]
        odd: Option<i64>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "snake_case")]
    enum How {
        ByHand,
        ByImport,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Nothing {}

    #[test]
    fn a_body_that_fits_is_read() {
        let body = json!({ "users": [{ "email": "a", "age": 7, "height": 1.5, "how": "by_hand", "a/b~c": -1 }] });
        let user =
            User { email: "a".to_owned(), age: Some(7), height: Some(1.5), how: Some(How::ByHand), odd: Some(-1) };
        assert_eq!(read(&body), Ok(Import { users: vec![user], dry_run: None }));
        let empty: Import = read(&json!({ "users": [], "dry_run": null })).unwrap();
        assert_eq!(empty, Import { users: vec![], dry_run: None });
    }

    #[test]
    fn a_body_that_does_not_fit_is_located_without_repeating_it() {
        let fields = "email, age, height, how, a/b~c";
        for (body, pointer, detail) in [
            (json!({}), "/users", "The field /users is missing.".to_owned()),
            (json!({ "users": [{}] }), "/users/0/email", "The field /users/0/email is missing.".to_owned()),
            (
                json!({ "users": [{ "email": "a" }, { "email": 7 }] }),
                "/users/1/email",
                "The field /users/1/email must be a text.".to_owned(),
            ),
            (
                json!({ "users": [{ "email": null }] }),
                "/users/0/email",
                "The field /users/0/email must be a text.".into(),
            ),
            (
                json!({ "users": [{ "email": "a", "age": -1 }] }),
                "/users/0/age",
                "The field /users/0/age must be a whole number that isn't negative.".into(),
            ),
            (
                json!({ "users": [{ "email": "a", "age": "x, expected y" }] }),
                "/users/0/age",
                "The field /users/0/age must be a whole number that isn't negative.".into(),
            ),
            (
                json!({ "users": [{ "email": "a", "how": "secret" }] }),
                "/users/0/how",
                "The field /users/0/how must be one of by_hand, by_import.".into(),
            ),
            (
                json!({ "users": [{ "email": "a", "how": { "by_hand": 1 } }] }),
                "/users/0/how",
                "The field /users/0/how must be one of by_hand, by_import.".into(),
            ),
            (
                json!({ "users": [{ "email": "a", "a/b~c": 1.5 }] }),
                "/users/0/a~1b~0c",
                "The field /users/0/a~1b~0c must be a whole number.".into(),
            ),
            (
                json!({ "users": [{ "email": "a", "secret": 1 }] }),
                "/users/0",
                format!("The field /users/0 has an unknown field: secret. Known fields: {fields}."),
            ),
            (
                json!({ "users": [], "secret": 1 }),
                "",
                "The body has an unknown field: secret. Known fields: users, dry_run.".into(),
            ),
            (
                json!({ "users": [], "Tr0ub4dor&3": 1 }),
                "",
                "The body has an unknown field. Known fields: users, dry_run.".into(),
            ),
            (json!({ "users": {} }), "/users", "The field /users must be a list.".into()),
            (json!({ "users": [["a", 1]] }), "/users/0", "The field /users/0 must be an object.".into()),
            (json!({ "users": [], "dry_run": 1 }), "/dry_run", "The field /dry_run must be true or false.".into()),
        ] {
            let misfit = read::<Import>(&body).unwrap_err();
            assert_eq!((misfit.pointer.as_str(), misfit.detail(true)), (pointer, detail), "{body}");
            assert!(!misfit.detail(false).contains("secret"), "{body}");
        }
        let misfit = read::<Nothing>(&json!({ "secret": 1 })).unwrap_err();
        assert_eq!(misfit.detail(true), "The body must not have any fields.");
    }
}
