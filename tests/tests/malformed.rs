//! A malformed request is told which field or parameter is wrong, and what it must be.

use mailkey_tests::ALICE;
use serde_json::json;

use crate::admin::{an_administrator, get, post};

#[tokio::test]
async fn a_malformed_body_names_the_field_and_the_expected_form() {
    let (mailkey, admin) = an_administrator().await;
    let good = json!({ "email": "a@example.com", "display_name": "A" });
    let import = "/api/admin/users/import";
    for (path, body, pointer, detail) in [
        (import, json!({ "users": [{ "email": 7, "display_name": "A" }] }), "/users/0/email", "must be a text"),
        (import, json!({ "users": [good, { "email": "b@example.com" }] }), "/users/1/display_name", "is missing"),
        (import, json!({ "users": good }), "/users", "must be a list"),
        (import, json!({}), "/users", "is missing"),
        (import, json!({ "users": [] }), "/users", "1 to 25 users"),
        ("/api/admin/users", json!({ "email": "nobody", "display_name": "A" }), "/email", "isn’t an email address"),
        ("/api/admin/users", json!({ "email": ALICE, "display_name": "" }), "/display_name", "1 to 100 characters"),
        (
            "/api/admin/api-keys",
            json!({ "name": "a", "role": "support", "expires_in_days": "many" }),
            "/expires_in_days",
            "must be a whole number",
        ),
        ("/api/forgot-password", json!({ "email": ["a@example.com"] }), "/email", "must be a text"),
        ("/api/forgot-password", json!({ "email": "nobody" }), "/email", "isn’t an email address"),
        ("/api/sign-in", json!({ "email": ALICE }), "/password", "is missing"),
    ] {
        let problem = post(&mailkey, &admin, path, body.clone()).await.expect_problem("malformed-request").json();
        let says = problem["detail"].as_str().unwrap();
        assert!(says.contains(&format!(" {pointer}")) && says.contains(detail), "{path} {body}: {problem}");
    }
    let unknown = json!({ "email": ALICE, "secret": 1 });
    let problem = post(&mailkey, &admin, "/api/forgot-password", unknown).await.expect_problem("malformed-request");
    assert_eq!(problem.json()["detail"], "The body has an unknown field. Known fields: email.");
    let unknown = json!({ "email": ALICE, "display_name": "A", "nme": 1 });
    let problem = post(&mailkey, &admin, "/api/admin/users", unknown).await.expect_problem("malformed-request").json();
    assert!(problem["detail"].as_str().unwrap().starts_with("The body has an unknown field: nme. Known"), "{problem}");
}

#[tokio::test]
async fn a_malformed_query_names_the_parameter_and_the_expected_form() {
    let (mailkey, admin) = an_administrator().await;
    for (query, detail) in [
        ("email-log?status=lost", "The parameter status must be one of queued, "),
        ("email-log?kind=letter", "The parameter kind must be one of password_reset, "),
        ("email-log?from=yesterday", "The parameter from must be a time such as 2026-03-01T09:30:00Z."),
        ("email-log?limit=101", "The parameter limit must be a whole number from 1 to 100."),
        ("email-log?recipient=nobody", "The parameter recipient must be an email address."),
        ("audit-log?actor=alice", "The parameter actor must be a user's id, which has 26 letters and digits."),
        ("email-statistics?from=2026-13-01", "The parameter from must be a day such as 2026-03-01."),
        ("users?secret=1", "The query has an unknown parameter: secret. Known parameters: query, limit, cursor."),
    ] {
        let answer = get(&mailkey, &admin, &format!("/api/admin/{query}")).await;
        let problem = answer.expect_problem("malformed-request").json();
        assert!(problem["detail"].as_str().unwrap().starts_with(detail), "{query}: {problem}");
    }
}
