//! Handles requests that match no route. The gateway sends them here, so that clients get a problem document as for any
//! other error.

use axum::{
    extract::Request,
    http::{HeaderValue, header::ALLOW},
    response::{IntoResponse, Response},
};
use mailkey_api::problem::{Problem, ProblemType};
use serde_json::Value;

/// Lists the allowed methods if the path exists with other methods (RFC 9110, section 15.5.6); otherwise responds with
/// 404.
pub(crate) async fn unknown_path(request: Request) -> Response {
    let methods = methods_of(request.uri().path());
    if methods.is_empty() {
        return Problem::new(ProblemType::NotFound).into_response();
    }
    let mut answer = Problem::new(ProblemType::MethodNotAllowed).into_response();
    if let Ok(allow) = HeaderValue::try_from(methods.join(",")) {
        answer.headers_mut().insert(ALLOW, allow);
    }
    answer
}

/// The methods that any function accepts at a path.
fn methods_of(path: &str) -> Vec<String> {
    let described: Value = serde_json::from_str(super::OPENAPI).unwrap_or_default();
    let paths = described["paths"].as_object().into_iter().flatten();
    let there = paths.filter(|(pattern, _)| is_of(path, pattern));
    there
        .flat_map(|(_, methods)| methods.as_object().into_iter().flatten())
        .map(|(method, _)| method.to_uppercase())
        .collect()
}

/// Whether a path matches a pattern. A segment in braces matches any segment.
fn is_of(path: &str, pattern: &str) -> bool {
    let stands_for = |name: &str, segment: &str| name == segment || name.starts_with('{') && !segment.is_empty();
    path.split('/').count() == pattern.split('/').count()
        && pattern.split('/').zip(path.split('/')).all(|(name, segment)| stands_for(name, segment))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_path_lists_the_methods_that_any_function_accepts() {
        for (path, methods) in [
            ("/api/sign-in", vec!["POST"]),
            ("/api/admin/users", vec!["GET", "POST"]),
            ("/api/admin/users/01ARZ3NDEKTSV4RRFFQ69G5FAV", vec!["GET", "PATCH"]),
            ("/api/admin/users/01ARZ3NDEKTSV4RRFFQ69G5FAV/unlock", vec!["POST"]),
            ("/api/admin/users/", vec![]),
            ("/api/admin/users/1/2", vec![]),
            ("/api/sign-in/", vec![]),
            ("/api/SIGN-IN", vec![]),
            ("/api", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(methods_of(path), methods, "{path}");
        }
    }
}
