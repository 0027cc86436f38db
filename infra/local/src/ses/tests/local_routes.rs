//! Tests the outbox pages and the routes for tests.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::{LINK, TestSes, mail};
use crate::ses::{FaultMode, local_routes};

impl TestSes {
    async fn ask(&self, method: Method, path: &str, body: &str) -> (StatusCode, String, String) {
        let request = Request::builder().method(method).uri(path).body(Body::from(body.to_owned())).expect("a request");
        let response = local_routes(self.ses.clone()).oneshot(request).await.expect("an answer");
        let status = response.status();
        let policy = response.headers().get("content-security-policy").and_then(|it| it.to_str().ok());
        let policy = policy.unwrap_or_default().to_owned();
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        (status, policy, String::from_utf8(body.to_vec()).expect("text"))
    }

    async fn get(&self, path: &str) -> String {
        let (status, _, body) = self.ask(Method::GET, path, "").await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        body
    }

    async fn outbox_of(&self, query: &str) -> Vec<String> {
        let emails: Vec<Value> =
            serde_json::from_str(&self.get(&format!("/_local/outbox.json{query}")).await).expect("JSON");
        emails.iter().map(|mail| mail["to"].as_str().expect("an address").to_owned()).collect()
    }
}

#[tokio::test]
async fn the_outbox_is_filtered_by_address_ignoring_case() {
    let test = TestSes::new();
    for to in ["ada@example.com", "ada+new@example.com", "Ada+New@example.com"] {
        test.send(to).await.expect("sent");
    }
    let labelled = ["Ada+New@example.com", "ada+new@example.com"];
    assert_eq!(test.outbox_of("?to=ada+new@example.com").await, labelled);
    assert_eq!(test.outbox_of("?x=1&to=ADA%2Bnew%40example.com&limit=9").await, labelled);
    assert_eq!(test.outbox_of("?to=ada@example.com").await, ["ada@example.com"]);
    assert_eq!(test.outbox_of("").await.len(), 3);
    assert!(test.outbox_of("?to=nobody@example.com").await.is_empty());
}

#[tokio::test]
async fn an_empty_outbox_explains_how_to_get_an_email() {
    let page = TestSes::new().get("/_local/outbox/").await;
    assert!(page.contains("<a href=\"/forgot-password/\">/forgot-password/</a>"), "{page}");
    assert!(page.contains("<meta http-equiv=\"refresh\" content=\"5\">"), "{page}");
}

#[tokio::test]
async fn an_email_is_shown_with_links_and_its_html_in_a_sandbox() {
    let test = TestSes::new();
    test.send("Ada <ada@example.com>").await.expect("sent");
    let id = test.ses.outbox().newest_first()[0].id.clone();
    assert!(test.get("/_local/outbox/").await.contains(&format!("href=\"/_local/outbox/{id}/\"")));

    let page = test.get(&format!("/_local/outbox/{id}/")).await;
    assert!(page.contains("Ada &lt;ada@example.com&gt;"), "{page}");
    assert!(page.contains(&format!("<a href=\"{LINK}\" rel=\"noreferrer\">{LINK}</a>")), "{page}");
    assert!(!page.contains("http-equiv") && !page.contains("<script"), "{page}");

    let (status, policy, html) = test.ask(Method::GET, &format!("/_local/outbox/{id}/html"), "").await;
    assert_eq!(status, StatusCode::OK);
    assert!(policy.starts_with("sandbox ") && !policy.contains("allow-scripts"), "{policy}");
    assert!(html.starts_with("<base target=\"_blank\"><p>Hello"), "{html}");
}

#[tokio::test]
async fn email_content_never_becomes_page_markup() {
    let test = TestSes::new();
    let content = |text: &str| super::content(text);
    let body = aws_sdk_sesv2::types::Body::builder().text(content("<script>1</script> {{ rows }}")).build();
    let message = aws_sdk_sesv2::types::Message::builder().subject(content("<b>{{ count }}")).body(body).build();
    let simple = aws_sdk_sesv2::types::EmailContent::builder().simple(message).build();
    mail(&test.client, "a@example.com").content(simple).send().await.expect("sent");
    let id = test.ses.outbox().newest_first()[0].id.clone();
    let list = test.get("/_local/outbox/").await;
    assert!(list.contains("&lt;b&gt;{{ count }}"), "{list}");
    let page = test.get(&format!("/_local/outbox/{id}/")).await;
    assert!(page.contains("&lt;script&gt;1&lt;/script&gt; {{ rows }}"), "{page}");
    assert_eq!(test.ask(Method::GET, &format!("/_local/outbox/{id}/html"), "").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_unknown_email_is_not_found() {
    let test = TestSes::new();
    for path in ["/_local/outbox/01J0/", "/_local/outbox/01J0/html", "/_local/outbox/01J0"] {
        assert_eq!(test.ask(Method::GET, path, "").await.0, StatusCode::NOT_FOUND, "{path}");
    }
    assert!(test.get("/_local/outbox/style.css").await.contains("color-scheme"));
}

#[tokio::test]
async fn faults_can_be_changed_while_the_service_runs() {
    let test = TestSes::new();
    let put = async |body: &str| test.ask(Method::PUT, "/_local/ses-faults", body).await;
    assert_eq!(put(r#"{"mode":"slow","delay_ms":70,"next":2}"#).await.0, StatusCode::OK);
    let shown: Value = serde_json::from_str(&test.get("/_local/ses-faults").await).expect("JSON");
    assert_eq!(shown, json!({ "mode": "slow", "delay_ms": 70, "next": 2 }));
    assert!(test.get("/_local/outbox/").await.contains("<code>slow</code>"));
    assert_eq!(put(r#"{"mode":"none"}"#).await.0, StatusCode::OK);
    assert_eq!(test.ses.faults().plan().mode, FaultMode::None);
}

#[tokio::test]
async fn an_address_with_an_unknown_field_is_not_suppressed() {
    let test = TestSes::new();
    let body = r#"{"email_address":"b@example.com","reason":"BOUNCE","until":1}"#;
    let (status, _, answer) = test.ask(Method::PUT, "/_local/ses-suppressed.json", body).await;
    assert!(status == StatusCode::BAD_REQUEST && answer.contains("unknown field `until`"), "{answer}");
    assert_eq!(test.get("/_local/ses-suppressed.json").await, "[]");
}

#[tokio::test]
async fn an_invalid_plan_changes_nothing() {
    let test = TestSes::new();
    let bodies = [
        r#"{"mode":"explode"}"#,
        r#"{"mode":"fail","next":0}"#,
        r#"{"mode":"fail","delay_ms":1}"#,
        r#"{"mode":"fail","then":1}"#,
        r#"["fail",null,null]"#,
        "{}",
        "fail",
    ];
    for body in bodies {
        let (status, _, answer) = test.ask(Method::PUT, "/_local/ses-faults", body).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
        assert!(answer.contains("message"), "{answer}");
    }
    assert_eq!(test.ses.faults().plan().mode, FaultMode::None);
}
