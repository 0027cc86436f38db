//! Checks every request and answer of the API against the published description, `openapi.json`.
//!
//! Published schemas are open, so that clients ignore fields they don't know. Here they are closed: a field, a status or
//! a header that the description doesn't mention fails the test that came across it.

use std::{
    collections::BTreeMap,
    sync::{LazyLock, OnceLock},
};

use jsonschema::Validator;
use reqwest::{Method, Url, header::HeaderMap};
use serde_json::{Map, Value, json};

const DESCRIPTION: &str = include_str!("../../functions/common/api/openapi.json");

static CONTRACT: LazyLock<Contract> = LazyLock::new(|| {
    let mut document = serde_json::from_str(DESCRIPTION).unwrap();
    close(&mut document);
    Contract::read(&document)
});

/// What a caller sent: the parts that the description speaks of.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) body: Option<Vec<u8>>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Received<'a> {
    pub(crate) status: u16,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

/// Panics if the description doesn't allow this answer, or doesn't allow a request that succeeded.
#[track_caller]
pub(crate) fn check(sent: &Sent, received: &Received<'_>) {
    if !sent.url.path().starts_with("/api/") {
        return;
    }
    if let Err(deviation) = CONTRACT.check(sent, received) {
        let body = String::from_utf8_lossy(received.body);
        panic!(
            "openapi.json does not describe this: {deviation}\n{} {}\n{} {body}",
            sent.method, sent.url, received.status
        );
    }
}

struct Contract {
    operations: Vec<Operation>,
    not_found: Response,
    method_not_allowed: Response,
}

struct Operation {
    method: String,
    path: Vec<String>,
    parameters: BTreeMap<String, Schema>,
    body: Option<Schema>,
    responses: BTreeMap<u16, Response>,
}

struct Response {
    required_headers: Vec<String>,
    /// The media type and the schema of the body.
    content: Option<(String, Schema)>,
}

/// A schema, compiled when it is first needed.
struct Schema {
    source: Value,
    compiled: OnceLock<Validator>,
}

impl Contract {
    fn read(document: &Value) -> Self {
        let operation = |path: &str, method: &str, described: &Value| Operation {
            method: method.to_ascii_uppercase(),
            path: path.split('/').map(str::to_owned).collect(),
            parameters: entries_of_array(&described["parameters"])
                .filter(|parameter| parameter["in"] == "query")
                .map(|it| (it["name"].as_str().unwrap().to_owned(), Schema::new(&it["schema"], document)))
                .collect(),
            body: described["requestBody"]["content"]["application/json"]
                .get("schema")
                .map(|schema| Schema::new(schema, document)),
            responses: entries(&described["responses"])
                .map(|(status, response)| (status.parse().unwrap(), Response::read(response, document)))
                .collect(),
        };
        let operations = entries(&document["paths"]).flat_map(|(path, methods)| {
            entries(methods).map(move |(method, described)| operation(path, method, described))
        });
        let shared = |name: &str| Response::read(&document["components"]["responses"][name], document);
        Self {
            operations: operations.collect(),
            not_found: shared("not-found"),
            method_not_allowed: shared("method-not-allowed"),
        }
    }

    fn check(&self, sent: &Sent, received: &Received<'_>) -> Result<(), String> {
        let mut there: Vec<_> = self.operations.iter().filter(|operation| operation.is_at(sent.url.path())).collect();
        // A path without braces comes before one that has them.
        if there.iter().any(|operation| !operation.has_names()) {
            there.retain(|operation| !operation.has_names());
        }
        // Whatever answers GET answers HEAD, without the body (RFC 9110, section 9.3.2).
        let is_head = sent.method == Method::HEAD;
        let method = if is_head { "GET" } else { sent.method.as_str() };
        let Some(operation) = there.iter().find(|operation| operation.method == method) else {
            let response = if there.is_empty() { &self.not_found } else { &self.method_not_allowed };
            let expected = if there.is_empty() { 404 } else { 405 };
            if received.status != expected {
                return Err(format!("this is no operation, so the answer is {expected}"));
            }
            return response.check(received, is_head);
        };
        let response = operation.responses.get(&received.status);
        response.ok_or("the operation has no such status")?.check(received, is_head)?;
        if (200..300).contains(&received.status) { operation.check_request(sent) } else { Ok(()) }
    }
}

impl Operation {
    fn has_names(&self) -> bool {
        self.path.iter().any(|segment| segment.starts_with('{'))
    }

    fn is_at(&self, path: &str) -> bool {
        let matches =
            |(pattern, segment): (&String, &str)| pattern == segment || pattern.starts_with('{') && !segment.is_empty();
        self.path.len() == path.split('/').count() && self.path.iter().zip(path.split('/')).all(matches)
    }

    /// What the service accepted, the description has to accept.
    fn check_request(&self, sent: &Sent) -> Result<(), String> {
        // A route that takes no parameter ignores them all.
        let parameters = sent.url.query_pairs().filter(|_| !self.parameters.is_empty());
        for (name, value) in parameters {
            let schema = self.parameters.get(&*name).ok_or_else(|| format!("the parameter {name} was accepted"))?;
            let number = value.parse::<u64>().ok().map(Value::from);
            let text = Value::from(&*value);
            if number.as_ref().is_none_or(|number| schema.check(number).is_err()) {
                schema.check(&text).map_err(|why| format!("the parameter {name} was accepted: {why}"))?;
            }
        }
        let body = sent.body.as_deref().filter(|body| !body.is_empty());
        match (&self.body, body) {
            (Some(schema), Some(body)) => {
                let body = serde_json::from_slice(body).map_err(|e| format!("the body was accepted: {e}"))?;
                schema.check(&body).map_err(|why| format!("the body was accepted: {why}"))
            }
            _ => Ok(()),
        }
    }
}

impl Response {
    fn read(response: &Value, document: &Value) -> Self {
        let response = resolve(response, document);
        let is_required = |header: &Value| resolve(header, document)["required"] == true;
        let content = entries(&response["content"]).next();
        Self {
            required_headers: entries(&response["headers"])
                .filter(|(_, header)| is_required(header))
                .map(|(name, _)| name.clone())
                .collect(),
            content: content.map(|(media_type, it)| (media_type.clone(), Schema::new(&it["schema"], document))),
        }
    }

    fn check(&self, received: &Received<'_>, is_head: bool) -> Result<(), String> {
        if let Some(missing) = self.required_headers.iter().find(|name| !received.headers.contains_key(name.as_str())) {
            return Err(format!("the header {missing} is missing"));
        }
        let media_type = received.headers.get("content-type").map(|value| value.to_str().unwrap_or_default());
        let media_type = media_type.map(|value| value.split(';').next().unwrap_or_default());
        let Some((expected, schema)) = &self.content else {
            // Gateways may add a content type to a response without a body, so the body decides.
            return if received.body.is_empty() { Ok(()) } else { Err("it has a body".to_owned()) };
        };
        if media_type != Some(expected) {
            return Err(format!("its media type is {media_type:?}"));
        }
        if is_head {
            return Ok(());
        }
        let body = if expected.ends_with("json") {
            serde_json::from_slice(received.body).map_err(|e| e.to_string())?
        } else {
            String::from_utf8(received.body.to_vec()).map_err(|e| e.to_string())?.into()
        };
        schema.check(&body)
    }
}

impl Schema {
    fn new(schema: &Value, document: &Value) -> Self {
        let mut source = schema.clone();
        source["components"] = json!({ "schemas": document["components"]["schemas"] });
        Self { source, compiled: OnceLock::new() }
    }

    fn check(&self, instance: &Value) -> Result<(), String> {
        let validator = self.compiled.get_or_init(|| {
            jsonschema::options().should_validate_formats(true).build(&self.source).unwrap_or_else(|e| panic!("{e}"))
        });
        validator.validate(instance).map_err(|e| format!("{}: {e}", e.instance_path()))
    }
}

/// Forbids what a schema doesn't name, in every object of it.
fn close(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.values_mut().for_each(close);
            let is_schema = object.get("type").is_some_and(|it| *it == "object" || *it == json!(["object", "null"]));
            if is_schema && object.contains_key("properties") {
                object.entry("additionalProperties").or_insert(false.into());
            }
        }
        Value::Array(values) => values.iter_mut().for_each(close),
        _ => {}
    }
}

/// Follows a reference into the same document.
fn resolve<'a>(value: &'a Value, document: &'a Value) -> &'a Value {
    match value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) {
        Some(pointer) => document.pointer(pointer).unwrap_or_else(|| panic!("{pointer} is not in the description")),
        None => value,
    }
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn entries_of_array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
