//! The API reference: a page for each operation and each object of `openapi.json`. The pages are generated as Markdown,
//! so that they get the same checks and layout as all others.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;

use crate::content::Source;
use crate::{BuildError, Fault, schema};

const FILE: &str = "functions/common/api/openapi.json";
const DESCRIPTION: &str = include_str!("../../functions/common/api/openapi.json");

/// The methods of operations, in the order of the reference.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// The beginning of the paths for administrators.
const ADMIN: &str = "/api/admin/";

/// Generates the pages. `problems` are the codes that have a page.
pub(crate) fn sources(problems: &BTreeSet<String>) -> Result<Vec<Source>, BuildError> {
    sources_of(DESCRIPTION, problems)
}

pub(crate) fn sources_of(description: &str, problems: &BTreeSet<String>) -> Result<Vec<Source>, BuildError> {
    let api = serde_json::from_str::<Value>(description).map_err(|error| BuildError {
        file: FILE.to_owned(),
        line: error.line().max(1),
        fault: Fault::NoOpenApi(error.to_string()),
    })?;
    let reference = Reference { api: &api, problems };
    let mut operations = Vec::new();
    for (path, item) in entries(&api["paths"]) {
        for method in METHODS {
            if let Some(operation) = item.get(method) {
                operations.push((path, method.to_uppercase(), operation));
            }
        }
    }
    // Public operations come first.
    operations.sort_by_key(|(path, ..)| (path.starts_with(ADMIN), *path));
    let mut sources = Vec::new();
    for (order, (path, method, operation)) in operations.iter().enumerate() {
        sources.push(reference.operation(order, path, method, operation));
    }
    for (name, object) in entries(&api["components"]["schemas"]) {
        sources.push(object_page(sources.len(), name, object));
    }
    Ok(sources)
}

struct Reference<'a> {
    api: &'a Value,
    problems: &'a BTreeSet<String>,
}

impl Reference<'_> {
    fn operation(&self, order: usize, path: &str, method: &str, operation: &Value) -> Source {
        let id = text(&operation["operationId"]).replace('_', "-");
        let group = if path.starts_with(ADMIN) { group_of(operation) } else { "Public".to_owned() };
        let mut page = head(&format!("{method} {path}"), text(&operation["summary"]), group, order);
        paragraph(&mut page, &format!("{} {}", text(&operation["summary"]), text(&operation["description"])));
        if operation["security"].as_array().is_some_and(Vec::is_empty) {
            paragraph(&mut page, "No authentication is needed.");
        }
        code(&mut page, "sh", &curl(path, method, operation));
        self.request(&mut page, operation);
        self.responses(&mut page, operation);
        Source::generated(format!("reference/{id}.md"), page, FILE)
    }

    fn request(&self, page: &mut String, operation: &Value) {
        let parameters = operation["parameters"].as_array().map_or(&[][..], Vec::as_slice);
        let body = &operation["requestBody"]["content"]["application/json"];
        let rows = schema::rows(self.resolved(&body["schema"]));
        if parameters.is_empty() && rows.is_empty() {
            return;
        }
        page.push_str("\n## Request {#request}\n");
        if !parameters.is_empty() {
            page.push_str("\n| Parameter | Type | Description |\n|---|---|---|\n");
            for parameter in parameters {
                let place = if parameter["in"] == "path" { "Part of the path. " } else { "" };
                let description = format!("{place}{}", text(&parameter["description"]));
                row(page, text(&parameter["name"]), &schema::type_of(&parameter["schema"]), &description);
            }
        }
        if !rows.is_empty() {
            page.push_str("\nThe body is a JSON object.\n");
            table(page, &rows);
            example(page, &body["example"]);
        }
    }

    fn responses(&self, page: &mut String, operation: &Value) {
        page.push_str("\n## Response {#answer}\n");
        let mut problems = Vec::new();
        for (status, response) in entries(&operation["responses"]) {
            let codes = text(&response["$ref"]).rsplit('/').next().unwrap_or_default();
            if !codes.is_empty() {
                problems.extend(codes.split('.').map(|code| (status, code)));
                continue;
            }
            paragraph(page, &format!("**{status}** {}", text(&response["description"])));
            let content = &response["content"]["application/json"];
            if let Some(name) = schema::reference(&content["schema"]) {
                paragraph(page, &format!("The body is an object of type {}.", schema::link(name)));
            }
            if schema::reference(&content["schema"]).is_none() {
                table(page, &schema::rows(&content["schema"]));
            }
            example(page, &content["example"]);
        }
        if !problems.is_empty() {
            page.push_str("\n## Problems {#problems}\n\n| Status | Code |\n|---|---|\n");
        }
        for (status, code) in problems {
            let known = self.problems.contains(code);
            let name = if known { format!("[{code}](/problems/{code}/)") } else { format!("`{code}`") };
            let _ = writeln!(page, "| {status} | {name} |");
        }
    }

    fn resolved<'b>(&'b self, schema: &'b Value) -> &'b Value {
        match schema::reference(schema) {
            Some(name) => &self.api["components"]["schemas"][name],
            None => schema,
        }
    }
}

fn object_page(order: usize, name: &str, object: &Value) -> Source {
    let title = format!("Object {name}");
    let description = match text(&object["description"]) {
        "" => format!("The fields of {name} in responses of the API."),
        description => description.to_owned(),
    };
    let mut page = head(&title, &description, "Objects".to_owned(), order);
    table(&mut page, &schema::rows(object));
    Source::generated(format!("reference/{}.md", schema::slug(name)), page, FILE)
}

fn head(title: &str, description: &str, group: String, order: usize) -> String {
    let description = description.replace('\n', " ");
    format!("---\ntitle: {title}\ndescription: {description}\ngroup: {group}\norder: {order}\n---\n")
}

/// The name of the operation's tag, as a heading.
fn group_of(operation: &Value) -> String {
    let tag = text(&operation["tags"][0]);
    let words = tag.replace('-', " ").replace("api ", "API ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// An example call. The pages for administrators show how to set `$site` and `$token`.
fn curl(path: &str, method: &str, operation: &Value) -> String {
    let mut call = String::from("curl -s");
    if method != "GET" && method != "POST" {
        let _ = write!(call, " -X {method}");
    }
    let body = &operation["requestBody"]["content"]["application/json"]["example"];
    if method == "POST" && body.is_null() {
        call.push_str(" -X POST");
    }
    if !operation["security"].as_array().is_some_and(Vec::is_empty) {
        call.push_str(" -H \"Authorization: Bearer $token\"");
    }
    let _ = write!(call, " \\\n  \"$site{path}\"");
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        if parameter["in"] == "query" && parameter["required"] == true {
            let value = parameter["schema"]["examples"][0].as_str().unwrap_or("…");
            let _ = write!(call, " \\\n  -G --data-urlencode \"{}={value}\"", text(&parameter["name"]));
        }
    }
    if !body.is_null() {
        let _ = write!(call, " \\\n  --json '{}'", body.to_string().replace('\'', "'\\''"));
    }
    call
}

fn table(page: &mut String, rows: &[schema::Row]) {
    if rows.is_empty() {
        return;
    }
    page.push_str("\n| Field | Type | Description |\n|---|---|---|\n");
    for field in rows {
        let optional = if field.required { "" } else { "Optional. " };
        let example = field.example.as_ref().map_or_else(String::new, |example| format!(" Example: `{example}`."));
        row(page, &field.name, &field.kind, &format!("{optional}{}{example}", field.description));
    }
}

fn row(page: &mut String, name: &str, kind: &str, description: &str) {
    let cell = |text: &str| text.replace('|', "\\|").replace('\n', " ");
    let _ = writeln!(page, "| `{}` | {} | {} |", cell(name), cell(kind), cell(description.trim()));
}

fn example(page: &mut String, example: &Value) {
    if !example.is_null() {
        code(page, "json", &format!("{example:#}"));
    }
}

fn code(page: &mut String, language: &str, text: &str) {
    let _ = write!(page, "\n```{language}\n{text}\n```\n");
}

fn paragraph(page: &mut String, text: &str) {
    if !text.is_empty() {
        let _ = write!(page, "\n{text}\n");
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn entries(object: &Value) -> impl Iterator<Item = (&str, &Value)> {
    object.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}
