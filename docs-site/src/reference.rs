//! The reference of the API: a page for each operation and each object of `openapi.json`, made as Markdown, so that all
//! that holds for other pages holds for these.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;

use crate::content::Source;
use crate::{BuildError, Fault, schema};

const FILE: &str = "functions/common/api/openapi.json";
const DESCRIPTION: &str = include_str!("../../functions/common/api/openapi.json");

/// The methods of a path that are operations, in the order in which the reference has them.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// What the paths of the routes for administrators begin with.
const ADMIN: &str = "/api/admin/";

/// Makes the pages. `problems` are the codes that have a page of their own.
pub(crate) fn sources(problems: &BTreeSet<&str>) -> Result<Vec<Source>, BuildError> {
    sources_of(DESCRIPTION, problems)
}

pub(crate) fn sources_of(description: &str, problems: &BTreeSet<&str>) -> Result<Vec<Source>, BuildError> {
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
    // The routes that everybody may call come first.
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
    problems: &'a BTreeSet<&'a str>,
}

impl Reference<'_> {
    fn operation(&self, order: usize, path: &str, method: &str, operation: &Value) -> Source {
        let id = text(&operation["operationId"]).replace('_', "-");
        let group = if path.starts_with(ADMIN) { group_of(operation) } else { "For everybody".to_owned() };
        let mut page = head(&format!("{method} {path}"), text(&operation["summary"]), group, order);
        paragraph(&mut page, &format!("{} {}", text(&operation["summary"]), text(&operation["description"])));
        if operation["security"].as_array().is_some_and(Vec::is_empty) {
            paragraph(&mut page, "Anybody may call it. It needs no session.");
        }
        code(&mut page, "sh", &curl(path, method, operation));
        self.request(&mut page, operation);
        self.answers(&mut page, operation);
        Source::made(format!("reference/{id}.md"), page, FILE)
    }

    fn request(&self, page: &mut String, operation: &Value) {
        let parameters = operation["parameters"].as_array().map_or(&[][..], Vec::as_slice);
        let body = &operation["requestBody"]["content"]["application/json"];
        let rows = schema::rows(self.resolved(&body["schema"]));
        if parameters.is_empty() && rows.is_empty() {
            return;
        }
        page.push_str("\n## What it takes {#request}\n");
        if !parameters.is_empty() {
            page.push_str("\n| Parameter | Type | What it is |\n|---|---|---|\n");
            for parameter in parameters {
                let place = if parameter["in"] == "path" { "In the path. " } else { "" };
                let what = format!("{place}{}", text(&parameter["description"]));
                row(page, text(&parameter["name"]), &schema::type_of(&parameter["schema"]), &what);
            }
        }
        if !rows.is_empty() {
            page.push_str("\nThe body is one JSON object.\n");
            table(page, &rows);
            example(page, &body["example"]);
        }
    }

    fn answers(&self, page: &mut String, operation: &Value) {
        page.push_str("\n## What it answers {#answer}\n");
        let mut refusals = Vec::new();
        for (status, answer) in entries(&operation["responses"]) {
            let problems = text(&answer["$ref"]).rsplit('/').next().unwrap_or_default();
            if !problems.is_empty() {
                refusals.extend(problems.split('.').map(|code| (status, code)));
                continue;
            }
            paragraph(page, &format!("**{status}** {}", text(&answer["description"])));
            let content = &answer["content"]["application/json"];
            if let Some(name) = schema::reference(&content["schema"]) {
                paragraph(page, &format!("The body is {}.", schema::link(name)));
            }
            if schema::reference(&content["schema"]).is_none() {
                table(page, &schema::rows(&content["schema"]));
            }
            example(page, &content["example"]);
        }
        if !refusals.is_empty() {
            page.push_str("\n## Problems {#problems}\n\n| Status | Code |\n|---|---|\n");
        }
        for (status, code) in refusals {
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
        "" => format!("The fields of {name}, as the API answers with it."),
        said => said.to_owned(),
    };
    let mut page = head(&title, &description, "Objects".to_owned(), order);
    table(&mut page, &schema::rows(object));
    Source::made(format!("reference/{}.md", schema::slug(name)), page, FILE)
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

/// A call to try, with `$site` and `$token` as the pages for administrators set them.
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
    page.push_str("\n| Field | Type | What it is |\n|---|---|---|\n");
    for field in rows {
        let optional = if field.required { "" } else { "May be missing. " };
        row(page, &field.name, &field.kind, &format!("{optional}{}", field.description));
    }
}

fn row(page: &mut String, name: &str, kind: &str, what: &str) {
    let cell = |text: &str| text.replace('|', "\\|").replace('\n', " ");
    let _ = writeln!(page, "| `{}` | {} | {} |", cell(name), cell(kind), cell(what.trim()));
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
