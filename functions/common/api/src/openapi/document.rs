//! Puts the operations together.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use mailkey::account::Role;
use serde_json::{Map, Value, json};

use super::{Access, Answer, Operation, Parameter, RequestBody, object, schemas, schemas::reference};
use crate::{
    http::SESSION_COOKIE,
    problem::{Problem, ProblemType},
};

/// The extension that says which role an operation needs.
pub const LEAST_ROLE: &str = "x-least-role";

/// Where the support site is in examples.
const EXAMPLE_SITE: &str = "https://help.example.com";

const DESCRIPTION: &str = "Self-service account recovery that can say why the email never arrived.\n\n\
    Errors are `application/problem+json` (RFC 9457). The `code` never changes, and the `type` is a page that explains it. \
    A body is a JSON object of at most 16 KiB. Unknown or repeated names and repeated parameters are refused. An unknown \
    path answers `not-found`; an unsupported method answers `method-not-allowed` with `Allow`. A request that changes \
    something with the session cookie must have the site's own `Origin`.";

/// The document.
pub fn document(operations: &[Operation]) -> Value {
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for operation in operations {
        let method = operation.method.as_str().to_ascii_lowercase();
        paths.entry(operation.path).or_default().insert(method, described(operation));
    }
    let examples = ProblemType::ALL.iter().map(|kind| {
        let example = json!({ "summary": kind.title(), "value": example(*kind).to_json(EXAMPLE_SITE) });
        (kind.to_string(), example)
    });
    json!({
        "openapi": "3.1.1",
        "info": {
            "title": "Mailkey",
            "version": "1",
            "description": DESCRIPTION,
            "license": { "name": "Apache License 2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "tags": tags(operations),
        "paths": paths,
        "components": {
            "schemas": schemas::all(),
            "examples": examples.collect::<Map<_, _>>(),
            "headers": {
                "RequestId": {
                    "description": "Names the request, also in the log.",
                    "required": true,
                    "schema": super::ulid(),
                },
                "RetryAfter": {
                    "description": "Seconds to wait before trying again.",
                    "required": true,
                    "schema": { "type": "integer", "minimum": 1 },
                },
            },
            "responses": refusals(operations),
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A session's token, or an API key, which begins with `mk_`.",
                },
                "cookie": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": SESSION_COOKIE,
                    "description": "A session's token, as sign-in sets it for browsers.",
                },
            },
        },
    })
}

/// The nouns of the paths.
fn tags(operations: &[Operation]) -> Value {
    let mut names: Vec<_> = operations.iter().map(tag).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(|name| json!({ "name": name })).collect()
}

fn tag(operation: &Operation) -> &'static str {
    let path = operation.path.trim_start_matches("/api/").trim_start_matches("admin/");
    path.split('/').next().unwrap_or_default()
}

fn described(operation: &Operation) -> Value {
    let mut responses: BTreeMap<String, Value> = BTreeMap::new();
    responses.insert(operation.answer.status.to_string(), answered(&operation.answer));
    for (status, kinds) in by_status(operation) {
        let refusal = json!({ "$ref": format!("#/components/responses/{}", name(&kinds)) });
        responses.insert(status.as_u16().to_string(), refusal);
    }
    let signed_in = || json!([{ "bearer": [] }, { "cookie": [] }]);
    let (caller, security, least_role) = match operation.access {
        Access::Anyone => ("Anyone may call it.", json!([]), Role::Member),
        Access::SignedIn => ("Any signed-in user may call it.", signed_in(), Role::Member),
        Access::Support => ("Support and administrators may call it.", signed_in(), Role::Support),
        Access::Admin => ("Administrators may call it.", signed_in(), Role::Admin),
    };
    let mut json = json!({
        "operationId": operation.name,
        "summary": operation.summary,
        "description": caller,
        "tags": [tag(operation)],
        "security": security,
        LEAST_ROLE: least_role.as_str(),
        "responses": responses,
    });
    if !operation.parameters.is_empty() {
        json["parameters"] = operation.parameters.iter().map(parameter).collect();
    }
    if let Some(body) = request_body(&operation.body) {
        json["requestBody"] = body;
    }
    json
}

fn parameter(parameter: &Parameter) -> Value {
    let not_given = json!({ "const": "", "description": "Treated as missing." });
    let schema = match parameter.may_be_empty {
        true => json!({ "anyOf": [parameter.schema, not_given] }),
        false => parameter.schema.clone(),
    };
    json!({
        "in": parameter.place,
        "name": parameter.name,
        "description": parameter.description,
        "required": parameter.is_required,
        "schema": schema,
    })
}

fn request_body(body: &RequestBody) -> Option<Value> {
    let (required, schema, example) = match body {
        RequestBody::None => return None,
        RequestBody::Empty => (false, object([]), json!({})),
        RequestBody::Json { schema, example } => (true, schema.clone(), example.clone()),
    };
    Some(json!({ "required": required, "content": { "application/json": { "schema": schema, "example": example } } }))
}

fn answered(answer: &Answer) -> Value {
    let mut headers = request_id();
    for (name, description) in &answer.headers {
        headers[*name] = json!({ "description": description, "required": true, "schema": { "type": "string" } });
    }
    let mut json = json!({ "description": answer.description, "headers": headers });
    if let Some((media_type, schema, example)) = &answer.body {
        json["content"] = json!({ *media_type: { "schema": schema, "example": example } });
    }
    json
}

fn by_status(operation: &Operation) -> BTreeMap<StatusCode, Vec<ProblemType>> {
    let mut by_status: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for kind in operation.problems() {
        by_status.entry(kind.status()).or_default().push(kind);
    }
    by_status
}

/// Each refusal once, however many operations share it; and that of what is no operation.
fn refusals(operations: &[Operation]) -> Map<String, Value> {
    let of_operations = operations.iter().flat_map(|operation| by_status(operation).into_values());
    let all = of_operations.chain([vec![ProblemType::NotFound], vec![ProblemType::MethodNotAllowed]]);
    all.map(|kinds| (name(&kinds), refusal(&kinds))).collect()
}

fn name(kinds: &[ProblemType]) -> String {
    let codes: Vec<_> = kinds.iter().map(|kind| kind.as_str()).collect();
    codes.join(".")
}

/// The answer for problems that have one status.
fn refusal(kinds: &[ProblemType]) -> Value {
    let codes: Vec<_> = kinds.iter().map(|kind| kind.as_str()).collect();
    let described: Vec<_> = kinds.iter().map(|kind| format!("`{kind}`: {}", Problem::new(*kind).detail())).collect();
    let examples = kinds.iter().map(|kind| {
        let place = json!({ "$ref": format!("#/components/examples/{kind}") });
        (kind.to_string(), place)
    });
    let mut headers = request_id();
    if kinds.iter().all(|kind| waits(*kind)) {
        headers["Retry-After"] = json!({ "$ref": "#/components/headers/RetryAfter" });
    } else if kinds == [ProblemType::AccountLocked] {
        headers["Retry-After"] = json!({
            "description": "Seconds to wait before trying again. Missing if `recovery_required` is true.",
            "schema": { "type": "integer", "minimum": 1 },
        });
    }
    let narrowed = json!({ "properties": { "code": { "enum": codes } } });
    json!({
        "description": described.join("\n\n"),
        "headers": headers,
        "content": {
            "application/problem+json": {
                "schema": { "allOf": [reference("Problem"), narrowed] },
                "examples": examples.collect::<Map<_, _>>(),
            },
        },
    })
}

fn request_id() -> Value {
    json!({ "X-Request-Id": { "$ref": "#/components/headers/RequestId" } })
}

/// Whether a problem always says when to try again.
fn waits(kind: ProblemType) -> bool {
    matches!(kind, ProblemType::TooManyRequests | ProblemType::ServiceUnavailable)
}

fn example(kind: ProblemType) -> Problem {
    let problem = Problem::new(kind);
    if kind == ProblemType::WeakPassword {
        return problem.with_reason("too_short", "The password must have at least 15 characters.", Some(15));
    }
    problem
}

#[cfg(test)]
mod tests {
    use axum::http::Method;

    use super::*;

    #[test]
    fn problems_of_one_status_share_an_answer_that_names_each() {
        let operation = Operation::new(Method::POST, "/api/sign-in", "sign_in", "Sign in.")
            .takes_json(object([("email", super::super::email())]), json!({ "email": "alice@example.com" }))
            .refuses(&[ProblemType::AccountInactive, ProblemType::AccountLocked]);
        let document = document(&[operation]);
        let responses = &document["paths"]["/api/sign-in"]["post"]["responses"];
        let statuses: Vec<_> = responses.as_object().unwrap().keys().cloned().collect();
        assert_eq!(statuses, ["204", "400", "403", "413", "415", "423", "500", "503"]);
        assert_eq!(responses["403"]["$ref"], "#/components/responses/account-inactive.origin-refused");
        let refusals = &document["components"]["responses"];
        let forbidden = &refusals["account-inactive.origin-refused"]["content"]["application/problem+json"];
        let codes = &forbidden["schema"]["allOf"][1]["properties"]["code"]["enum"];
        assert_eq!(*codes, json!(["account-inactive", "origin-refused"]));
        assert_eq!(refusals["account-locked"]["headers"]["Retry-After"]["required"], json!(null));
        assert_eq!(document["tags"], json!([{ "name": "sign-in" }]));
    }
}
