//! The description of the API, against which the pages are checked.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::Value;

pub(crate) static API: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../functions/common/api/openapi.json")).expect("the description is JSON")
});

/// The example of each problem of the API.
pub(crate) fn problems() -> Vec<&'static Value> {
    let codes = codes_of("Problem.code");
    codes.iter().map(|code| &API["components"]["examples"][code]["value"]).collect()
}

/// The codes that a field can have. The path begins with the name of an object or field that occurs once in the
/// description, followed by the names of nested fields.
#[track_caller]
pub(crate) fn codes_of(path: &str) -> BTreeSet<String> {
    let mut names = path.split('.');
    let first = names.next().unwrap_or_default();
    let schema = API["components"]["schemas"].get(first).or_else(|| field(&API, first));
    let schema = names.fold(schema, |schema, name| {
        let schema = resolved(schema?);
        let object = if schema["items"].is_null() { schema } else { resolved(&schema["items"]) };
        object["properties"].get(name)
    });
    let mut codes = BTreeSet::new();
    collect(schema.unwrap_or_else(|| panic!("there is no {path}")), &mut codes);
    assert!(!codes.is_empty(), "{path} has no codes");
    codes
}

/// The schema of the first field of this name.
fn field(value: &'static Value, name: &str) -> Option<&'static Value> {
    let inner = || match value {
        Value::Object(object) => object.values().find_map(|value| field(value, name)),
        Value::Array(values) => values.iter().find_map(|value| field(value, name)),
        _ => None,
    };
    value["properties"].get(name).or_else(inner)
}

fn resolved(schema: &'static Value) -> &'static Value {
    match schema["$ref"].as_str() {
        Some(reference) => API.pointer(reference.trim_start_matches('#')).unwrap_or_else(|| panic!("no {reference}")),
        None => schema,
    }
}

fn collect(schema: &'static Value, codes: &mut BTreeSet<String>) {
    let schema = resolved(schema);
    let values = schema["enum"].as_array().into_iter().flatten().chain([&schema["const"]]);
    codes.extend(values.filter_map(Value::as_str).map(str::to_owned));
    for choices in ["anyOf", "oneOf", "allOf"] {
        schema[choices].as_array().into_iter().flatten().for_each(|choice| collect(choice, codes));
    }
}
