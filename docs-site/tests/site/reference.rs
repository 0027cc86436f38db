//! The reference of the API, and what other pages say of its routes.

use std::collections::BTreeSet;
use std::path::Path;

use super::{between, pages, site};

/// The description of the API.
fn api() -> serde_json::Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions/common/api/openapi.json");
    let text = std::fs::read_to_string(path).expect("the description is there");
    serde_json::from_str(&text).expect("it is JSON")
}

/// Every operation of the API: its method and path, and its id.
fn operations(api: &serde_json::Value) -> Vec<(String, String)> {
    let paths = api["paths"].as_object().expect("it has paths");
    let operations = paths.iter().flat_map(|(path, item)| {
        let operations = item.as_object().expect("a path has operations").iter();
        operations.filter_map(move |(method, operation)| {
            let id = operation["operationId"].as_str()?.replace('_', "-");
            Some((format!("{} {path}", method.to_uppercase()), id))
        })
    });
    operations.collect()
}

#[test]
fn the_reference_has_every_operation_and_every_object_and_no_other() {
    let (site, api) = (site(), api());
    let objects = api["components"]["schemas"].as_object().expect("it has schemas");
    let mut there = site.keys().filter(|path| path.starts_with("/reference/object-")).count();
    assert_eq!(there, objects.len());
    there = site.keys().filter(|path| path.starts_with("/reference/") && !path.contains("/object-")).count();
    let operations = operations(&api);
    assert_eq!(there, operations.len() + 1, "and the list of them");
    for (route, id) in operations {
        let html = String::from_utf8_lossy(&site[&format!("/reference/{id}/")].bytes).into_owned();
        assert_eq!(between(&html, "<h1>", "</h1>"), route);
        assert!(html.contains(" id=\"answer\"") && html.contains("language-sh"), "{id}");
    }
}

#[test]
fn no_page_names_a_route_that_the_api_does_not_have() {
    let known = operations(&api()).into_iter().map(|(route, _)| route).collect::<BTreeSet<_>>();
    for (path, html) in pages(site()) {
        let pieces = html.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text));
        let text = pieces.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ");
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            for call in text.split(&format!("{method} /api/")).skip(1) {
                let end = call.find(|c: char| !c.is_alphanumeric() && !"/-{}._".contains(c)).unwrap_or(call.len());
                let route = format!("{method} /api/{}", call[..end].trim_end_matches('.'));
                assert!(known.contains(&route), "{path}: {route}");
            }
        }
    }
}
