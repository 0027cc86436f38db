//! Paths and methods that try to bypass something. Cases 25 and 28.

use mailkey_tests::{ALICE, Mailkey, NEW_PASSWORD};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn case_28_other_spellings_of_a_route_are_rejected() {
    let mailkey = Mailkey::start().await;
    let before = mailkey.tables().await;
    let body = json!({ "email": ALICE }).to_string();
    let (host, length) = (mailkey.address(), body.len());
    for path in [
        "//api//forgot-password",
        "//api/forgot-password",
        "/api//forgot-password",
        "/api/forgot-password/",
        "/api/forgot-password//",
        "/api/forgot-password;x",
        "/api/forgot-password;jsessionid=1",
        "/api;x/forgot-password",
        "/API/forgot-password",
        "/api/Forgot-Password",
        "/api/forgot-password.json",
        "/api/forgot-password%00",
        "/api/forgot-password%20",
        "/api/forgot%2dpassword/x",
        "/api%2fforgot-password",
        "/%61pi/forgot-password/",
        "/x/../api/forgot-password",
        "/x/%2e%2e/api/forgot-password",
        "/api/%2e/forgot-password",
        "/api/./forgot-password",
        "/api/..%2fapi/forgot-password",
        "/api/forgot-password\\",
        "/api\\forgot-password",
    ] {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
        let status = mailkey.send_raw(request).await.status();
        assert!(matches!(status, 400 | 404 | 405), "{path}: {status}");
    }
    assert_eq!(mailkey.tables().await, before);
}

#[tokio::test]
async fn case_28_an_unsupported_method_is_rejected_with_the_allowed_ones() {
    let mailkey = Mailkey::start().await;
    let before = mailkey.tables().await;
    for (path, allowed) in [
        ("/api/forgot-password", "POST"),
        ("/api/redeem-token", "POST"),
        ("/api/sign-in", "POST"),
        ("/api/sign-out", "POST"),
        ("/api/session", "GET"),
        ("/api/health", "GET"),
        ("/guide/", "GET"),
    ] {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "PURGE"] {
            let method: Method = method.parse().unwrap();
            if method.as_str() == allowed {
                continue;
            }
            let answer = mailkey.send(mailkey.request(method, path)).await;
            let answer = answer.expect_problem("method-not-allowed");
            let allow = answer.header("allow").unwrap();
            assert!(allow.split(',').any(|one| one.trim() == allowed), "{path}: {allow}");
            assert!(!allow.contains("TRACE") && !allow.contains("CONNECT"), "{path}: {allow}");
        }
    }
    assert_eq!(mailkey.tables().await, before);
}

/// Also behind the gateway, where each route is configured separately.
#[tokio::test]
async fn case_28_an_unsupported_admin_method_is_a_problem_with_the_allowed_ones() {
    let mailkey = Mailkey::start().await;
    for (method, path, allowed) in [
        (Method::GET, "/api/sign-in", vec!["POST"]),
        (Method::DELETE, "/api/admin/users/01ARZ3NDEKTSV4RRFFQ69G5FAV", vec!["GET", "PATCH"]),
        (Method::PATCH, "/api/admin/suppressions/gwen%40example.com", vec!["DELETE", "GET", "PUT"]),
        (Method::DELETE, "/api/admin/audit-log", vec!["GET"]),
    ] {
        let answer = mailkey.send(mailkey.request(method, path)).await.expect_problem("method-not-allowed");
        let allow = answer.header("allow").unwrap();
        let mut methods: Vec<_> = allow.split(',').map(str::trim).filter(|method| *method != "HEAD").collect();
        methods.sort_unstable();
        assert_eq!(methods, allowed, "{path}");
    }
    for path in ["/api/no-such-route", "/api/admin/no-such-route", "/api/sign-in/", "/api/SIGN-IN"] {
        mailkey.send(mailkey.request(Method::POST, path).json(&json!({}))).await.expect_problem("not-found");
    }
}

#[tokio::test]
async fn case_28_headers_cannot_override_the_method_or_the_path() {
    let mailkey = Mailkey::start().await;
    let before = mailkey.tables().await;
    for name in ["x-http-method-override", "x-http-method", "x-method-override"] {
        let request = mailkey.request(Method::GET, "/api/forgot-password");
        let request = request.header(name, "POST").json(&json!({ "email": ALICE }));
        mailkey.send(request).await.expect_problem("method-not-allowed");
    }
    for name in ["x-original-url", "x-rewrite-url", "x-forwarded-prefix"] {
        let request = mailkey.request(Method::POST, "/api/no-such-route");
        let request = request.header(name, "/api/forgot-password").json(&json!({ "email": ALICE }));
        mailkey.send(request).await.expect_problem("not-found");
    }
    assert_eq!(mailkey.tables().await, before);
}

#[tokio::test]
async fn case_28_an_unknown_path_returns_a_problem_to_programs_and_a_page_to_people() {
    let mailkey = Mailkey::start().await;
    for path in ["/api", "/api/", "/api/no-such-route", "/api/admin/no-such-route"] {
        let answer = mailkey.send(mailkey.request(Method::POST, path)).await;
        answer.expect_problem("not-found");
    }
    mailkey.get("/api/no-such-route").await.expect_problem("not-found");
    let page = mailkey.get("/no-such-page/").await.expect_status(404);
    assert!(page.text().contains("Page not found"));
    for path in ["/../Cargo.toml", "/%2e%2e/%2e%2e/etc/passwd", "/assets/../../etc/passwd", "/.mailkey/secrets.json"] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", mailkey.address());
        let status = mailkey.send_raw(request).await.status();
        assert!(matches!(status, 400 | 404), "{path}: {status}");
    }
}

/// GHSA-x3f4: nothing in a URL redirects a visitor to another site.
#[tokio::test]
async fn case_25_no_parameter_redirects_to_another_site() {
    let mailkey = Mailkey::start().await;
    for target in [
        "//evil.test",
        "/\\evil.test",
        "https:evil.test",
        "https://evil.test",
        "javascript:alert(1)",
        "%2f%2fevil.test",
    ] {
        for name in ["next", "redirect_uri", "return_to", "url", "continue"] {
            for page in ["/", "/sign-in/", "/reset-password/", "/forgot-password/", "/sign-in"] {
                let answer = mailkey.get(&format!("{page}?{name}={target}")).await;
                let location = answer.header("location").unwrap_or("/");
                assert!(location.starts_with('/') && !location.starts_with("//"), "{page} {target}: {location}");
                assert!(!location.contains("evil") && !answer.text().contains("evil"), "{page} {target}");
            }
        }
    }
    for path in ["//evil.test", "//evil.test/", "//evil.test/guide", "/\\evil.test/guide", "//guide", "///guide"] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", mailkey.address());
        let answer = mailkey.send_raw(request).await;
        let location = answer.header("location").unwrap_or("/");
        assert!(location.starts_with('/') && !location.starts_with("//"), "{path}: {location}");
    }
    let path = "/api/forgot-password?next=//evil.test";
    mailkey.post(path, &json!({ "email": ALICE })).await.expect_status(202);
    let mail = mailkey.mail_number(1, ALICE).await;
    assert!(!mail.text.contains("evil") && !mail.html.contains("evil"));
    let token = mail.token().unwrap();
    let path = "/api/redeem-token?next=//evil.test";
    let body = json!({ "token": token, "new_password": NEW_PASSWORD });
    let answer = mailkey.post(path, &body).await.expect_status(204);
    assert_eq!(answer.header("location"), None);
}

#[tokio::test]
async fn case_25_a_path_without_its_trailing_slash_redirects_to_its_page() {
    let mailkey = Mailkey::start().await;
    for page in ["/guide", "/faq", "/sign-in", "/reset-password", "/problems/invalid-token"] {
        let answer = mailkey.get(page).await;
        assert_eq!(answer.status, 308, "{page}");
        assert_eq!(answer.header("location"), Some(format!("{page}/").as_str()));
    }
}
