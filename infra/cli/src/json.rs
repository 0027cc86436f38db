//! Reading the API's JSON.

use serde_json::Value;

/// The value at a JSON pointer as text, or an empty string.
pub(crate) fn text_at(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).map(text).unwrap_or_default()
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(text).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// The array called `name`, or an empty one.
pub(crate) fn rows<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_become_text() {
        let value = json!({ "a": "x", "b": 3, "c": ["y", "z"], "d": null, "e": { "f": true } });
        for (pointer, expected) in
            [("/a", "x"), ("/b", "3"), ("/c", "y, z"), ("/d", ""), ("/e/f", "true"), ("/nothing", "")]
        {
            assert_eq!(text_at(&value, pointer), expected);
        }
    }
}
