//! Schemas and examples of the types that routes read and write.

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde::Serialize;
use serde_json::{Value, json};

use super::schemas::{DERIVED, reference};

/// Keywords that show what a value looks like, or contain fields that do.
const SHOWN_BY: [&str; 6] = ["examples", "enum", "default", "const", "$ref", "properties"];

/// The schema of a type that routes read, and the example as JSON. A field that may be missing may be null, too.
pub(super) fn read<T: Serialize + JsonSchema>(example: &T) -> (Value, Value) {
    derived(settings().for_deserialize().into_generator(), example)
}

/// The schema of a type that routes write, or a reference to it, and the example as JSON.
pub(super) fn written<T: Serialize + JsonSchema>(example: &T) -> (Value, Value) {
    match &*T::schema_name() {
        name if DERIVED.contains(&name) => (reference(name), json!(example)),
        _ => described(example),
    }
}

/// The schema of a type that routes write, and the example as JSON. A field that may be missing isn't null.
pub(super) fn described<T: Serialize + JsonSchema>(example: &T) -> (Value, Value) {
    derived(settings().for_serialize().into_generator(), example)
}

/// The schema of a type by itself.
pub(super) fn schema<T: JsonSchema>() -> Value {
    T::json_schema(&mut settings().for_serialize().into_generator()).to_value()
}

fn settings() -> SchemaSettings {
    SchemaSettings::draft2020_12().with(|settings| settings.definitions_path = "/components/schemas".into())
}

fn derived<T: Serialize + JsonSchema>(mut generator: SchemaGenerator, example: &T) -> (Value, Value) {
    let mut schema = T::json_schema(&mut generator).to_value();
    let mut example = json!(example);
    // What a request leaves out is missing in its example, too.
    if generator.contract().is_deserialize()
        && let Some(fields) = example.as_object_mut()
    {
        fields.retain(|_, value| !value.is_null());
    }
    complete(&mut schema, &example, generator.contract().is_serialize());
    (schema, example)
}

/// Closes the objects of a schema and gives their fields the examples that the whole has for them.
fn complete(schema: &mut Value, example: &Value, is_written: bool) {
    if let Some(text) = schema["description"].as_str() {
        schema["description"] = text.replace('\n', " ").into();
    }
    // They say no more than the type.
    if schema["format"].as_str().is_some_and(|format| format.starts_with("uint") || format == "double") {
        schema.as_object_mut().map(|keywords| keywords.remove("format"));
    }
    let required = schema["required"].clone();
    let required: Vec<_> = required.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if let Some(fields) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        for (name, field) in fields {
            if is_written && !required.contains(&name.as_str()) {
                without_null(field);
            }
            complete(field, &example[name], is_written);
            if !example[name].is_null() && !is_shown(field) {
                field["examples"] = json!([example[name]]);
            }
        }
        if schema["additionalProperties"].is_null() {
            schema["additionalProperties"] = false.into();
        }
    } else if let Some(items) = schema.get_mut("items") {
        complete(items, &example[0], is_written);
    }
}

/// Whether the schema of a field shows what its values look like.
pub fn is_shown(field: &Value) -> bool {
    let has = |schema: &Value, keyword: &str| schema.get(keyword).is_some();
    SHOWN_BY.iter().any(|keyword| has(field, keyword))
        || field["type"] == "boolean"
        || has(&field["items"], "properties")
        || has(&field["items"], "$ref")
}

/// A missing value is left out.
fn without_null(field: &mut Value) {
    for keyword in ["type", "enum", "anyOf"] {
        let Some(options) = field.get_mut(keyword).and_then(Value::as_array_mut) else { continue };
        options.retain(|option| *option != "null" && !option.is_null() && option["type"] != "null");
        if keyword == "type" && options.len() == 1 {
            field[keyword] = options.remove(0);
        } else if keyword == "anyOf" && options.len() == 1 {
            *field = options.remove(0);
        }
    }
}
