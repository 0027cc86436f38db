//! The API reference, and the routes that other pages name.

use std::collections::BTreeMap;

use super::api::API;
use super::{between, html, pages, site};

/// The operations of the API: method and path, and id.
fn operations() -> BTreeMap<String, String> {
    let paths = API["paths"].as_object().expect("the API has paths");
    let operations = paths.iter().flat_map(|(path, item)| {
        let operations = item.as_object().expect("a path is an object").iter();
        operations.filter_map(move |(method, operation)| {
            let id = operation["operationId"].as_str()?.replace('_', "-");
            Some((format!("{} {path}", method.to_uppercase()), id))
        })
    });
    operations.collect()
}

#[test]
fn the_reference_has_a_page_for_each_operation_and_each_object() {
    let (objects, others): (Vec<_>, Vec<_>) = site()
        .keys()
        .filter(|path| path.starts_with("/reference/") && *path != "/reference/")
        .partition(|path| path.contains("/object-"));
    assert_eq!(objects.len(), API["components"]["schemas"].as_object().expect("the API has schemas").len());
    let operations = operations();
    assert_eq!(others.len(), operations.len());
    for (route, id) in operations {
        let html = html(&format!("/reference/{id}/"));
        assert_eq!(between(html, "<h1>", "</h1>"), route);
        assert!(html.contains(" id=\"answer\"") && html.contains("language-sh"), "{id}");
    }
}

#[test]
fn no_page_names_a_route_that_the_api_does_not_have() {
    let known = operations();
    for (path, html) in pages() {
        let pieces = html.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text));
        let text = pieces.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ");
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            for call in text.split(&format!("{method} /api/")).skip(1) {
                let end = call.find(|c: char| !c.is_alphanumeric() && !"/-{}._".contains(c)).unwrap_or(call.len());
                let route = format!("{method} /api/{}", call[..end].trim_end_matches('.'));
                assert!(known.contains_key(&route), "{path}: {route}");
            }
        }
    }
}
