//! Describes JSON Schemas in words. Supports the keywords that the description of the API uses.

use serde_json::Value;

/// A field of an object.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// Its name. Nested fields are written as `object.field` and `list[].field`.
    pub(crate) name: String,
    /// Its type, as Markdown.
    pub(crate) kind: String,
    pub(crate) required: bool,
    pub(crate) description: String,
    /// An example as JSON, unless its type shows what it looks like.
    pub(crate) example: Option<String>,
}

/// The fields of an object, each followed by the fields nested in it.
pub(crate) fn rows(schema: &Value) -> Vec<Row> {
    let mut rows = Vec::new();
    collect("", schema, &mut rows);
    rows
}

fn collect(prefix: &str, schema: &Value, rows: &mut Vec<Row>) {
    let Some(properties) = schema["properties"].as_object() else { return };
    let required = schema["required"].as_array();
    for (name, property) in properties {
        let is_required = required.is_some_and(|names| names.iter().any(|other| other == name.as_str()));
        let name = format!("{prefix}{name}");
        rows.push(Row {
            name: name.clone(),
            kind: type_of(property),
            required: is_required,
            description: property["description"].as_str().unwrap_or_default().to_owned(),
            example: example_of(property),
        });
        collect(&format!("{name}."), property, rows);
        collect(&format!("{name}[]."), &property["items"], rows);
    }
}

/// The example of a text or a number. Those of times, ids and lists would only repeat what the type says.
fn example_of(schema: &Value) -> Option<String> {
    let example = &schema["examples"][0];
    let is_shown_by_type = schema["format"].is_string() || schema["enum"].is_array();
    (!is_shown_by_type && (example.is_string() || example.is_number())).then(|| example.to_string())
}

/// The type of a value, as Markdown.
pub(crate) fn type_of(schema: &Value) -> String {
    if let Some(name) = reference(schema) {
        return link(name);
    }
    for choice in ["anyOf", "oneOf"] {
        if let Some(choices) = schema[choice].as_array() {
            // The introduction says once that an empty parameter counts as missing.
            let kinds = choices.iter().filter(|choice| choice["const"] != "").map(type_of).collect::<Vec<_>>();
            return kinds.join(" or ");
        }
    }
    if let Some(values) = schema["enum"].as_array() {
        return values.iter().map(literal).collect::<Vec<_>>().join(", ");
    }
    if !schema["const"].is_null() {
        return literal(&schema["const"]);
    }
    match &schema["type"] {
        Value::Array(kinds) => {
            let names = kinds.iter().filter_map(Value::as_str).map(|kind| simple(kind, schema)).collect::<Vec<_>>();
            names.join(" or ")
        }
        Value::String(kind) => simple(kind, schema),
        _ => "any value".to_owned(),
    }
}

fn simple(kind: &str, schema: &Value) -> String {
    match kind {
        // Rows for its fields follow.
        "array" if !schema["items"]["properties"].is_null() => "list".to_owned(),
        "array" => format!("list of {}", type_of(&schema["items"])),
        "null" => "`null`".to_owned(),
        "integer" | "number" => {
            let bound = |name: &str| schema[name].as_i64();
            match (bound("minimum"), bound("maximum")) {
                (Some(least), Some(most)) => format!("number, {least} to {most}"),
                (Some(least), None) => format!("number, {least} or more"),
                _ => "number".to_owned(),
            }
        }
        "string" => match schema["format"].as_str() {
            Some("date-time") => "time".to_owned(),
            Some("idn-email" | "email") => "email address".to_owned(),
            Some("uri") => "URL".to_owned(),
            _ => "text".to_owned(),
        },
        "boolean" => "`true` or `false`".to_owned(),
        other => other.to_owned(),
    }
}

fn literal(value: &Value) -> String {
    match value.as_str() {
        Some(text) => format!("`{text}`"),
        None => format!("`{value}`"),
    }
}

/// The name of the object that a schema refers to.
pub(crate) fn reference(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix("#/components/schemas/")
}

/// A link to the page of an object.
pub(crate) fn link(name: &str) -> String {
    format!("[{name}](/reference/{}/)", slug(name))
}

/// `EmailLogEntry` is `object-email-log-entry`.
pub(crate) fn slug(name: &str) -> String {
    let mut slug = String::from("object");
    for c in name.chars() {
        if c.is_uppercase() {
            slug.push('-');
        }
        slug.extend(c.to_lowercase());
    }
    slug
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_type_has_a_description() {
        for (schema, expected) in [
            (json!({"type": "string"}), "text"),
            (json!({"type": "string", "format": "date-time"}), "time"),
            (json!({"type": ["string", "null"], "format": "date-time"}), "time or `null`"),
            (json!({"type": "integer", "minimum": 1, "maximum": 100}), "number, 1 to 100"),
            (json!({"anyOf": [{"type": "string"}, {"const": ""}]}), "text"),
            (json!({"enum": ["a", null]}), "`a`, `null`"),
            (
                json!({"type": "array", "items": {"$ref": "#/components/schemas/ApiKey"}}),
                "list of [ApiKey](/reference/object-api-key/)",
            ),
            (json!({}), "any value"),
        ] {
            assert_eq!(type_of(&schema), expected, "{schema}");
        }
    }

    #[test]
    fn nested_fields_are_named_by_their_path() {
        let schema = json!({
            "required": ["a"],
            "properties": {
                "a": {"type": "object", "properties": {"b": {"type": "boolean"}}},
                "c": {"type": "array", "items": {"type": "object", "properties": {"d": {"type": "string", "description": "Why."}}}},
            },
        });
        let names = rows(&schema).into_iter().map(|row| (row.name, row.required)).collect::<Vec<_>>();
        let expected = [("a", true), ("a.b", false), ("c", false), ("c[].d", false)];
        assert_eq!(names, expected.map(|(name, required)| (name.to_owned(), required)));
    }
}
