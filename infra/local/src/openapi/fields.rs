//! Gives every field of the API description a description and an example.
//!
//! Most are said where the field is declared. `fields.tsv` has the rest, by name: `parent.name` if the name means
//! something particular within that field or schema, or `name`.

use std::collections::{BTreeMap, BTreeSet};

use mailkey_api::openapi::is_shown;
use serde_json::{Value, json};

const TABLE: &str = include_str!("fields.tsv");

/// Fills in what fields lack, and returns those that still lack something, and rows that no field needs.
pub(super) fn complete(document: &mut Value) -> Vec<String> {
    let rows = TABLE.lines().skip(1).filter_map(|line| {
        let [name, description, example]: [&str; 3] = line.split('\t').collect::<Vec<_>>().try_into().ok()?;
        Some((name, (description, example)))
    });
    let mut fields = Fields { known: rows.collect(), unused: BTreeSet::new(), incomplete: Vec::new() };
    fields.unused = fields.known.keys().copied().collect();
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        schemas.iter_mut().for_each(|(name, schema)| fields.complete(schema, name));
    }
    fields.complete(&mut document["paths"], "");
    fields.incomplete.extend(fields.unused.into_iter().map(str::to_owned));
    fields.incomplete
}

struct Fields {
    known: BTreeMap<&'static str, (&'static str, &'static str)>,
    unused: BTreeSet<&'static str>,
    incomplete: Vec<String>,
}

impl Fields {
    fn complete(&mut self, node: &mut Value, parent: &str) {
        match node {
            Value::Array(nodes) => nodes.iter_mut().for_each(|node| self.complete(node, parent)),
            Value::Object(parts) => {
                for (keyword, part) in parts {
                    match (keyword.as_str(), part) {
                        ("example" | "examples", _) => {}
                        ("properties", Value::Object(properties)) => {
                            properties.iter_mut().for_each(|(name, field)| self.field(parent, name, field));
                        }
                        (_, part) => self.complete(part, parent),
                    }
                }
            }
            _ => {}
        }
    }

    fn field(&mut self, parent: &str, name: &str, field: &mut Value) {
        let known = self.known.get_key_value(format!("{parent}.{name}").as_str());
        let known = known.or_else(|| self.known.get_key_value(name));
        let (row, (description, example)) = known.map(|(row, texts)| (*row, *texts)).unwrap_or_default();
        let refers = field["$ref"].is_string();
        if !refers && field["description"].is_null() || !is_shown(field) {
            self.unused.remove(row);
        }
        if !refers && field["description"].is_null() && !description.is_empty() {
            field["description"] = description.into();
        }
        if !is_shown(field)
            && let Ok(example) = serde_json::from_str::<Value>(example)
        {
            field["examples"] = json!([example]);
        }
        if !refers && (field["description"].is_null() || !is_shown(field)) {
            self.incomplete.push(format!("{parent}.{name}"));
        }
        self.complete(field, name);
    }
}
