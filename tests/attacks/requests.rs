//! Malformed requests: they get the right problem and change nothing. Cases 1, 24 and 27.

use mailkey_tests::{ALICE, Mailkey, PASSWORD};
use serde_json::{Value, json};

/// The routes that take a body, each with a valid one.
fn routes() -> [(&'static str, Value); 3] {
    [
        ("/api/forgot-password", json!({ "email": ALICE })),
        ("/api/redeem-token", json!({ "token": "A".repeat(43), "new_password": "a good enough password" })),
        ("/api/sign-in", json!({ "email": ALICE, "password": PASSWORD })),
    ]
}

#[tokio::test]
async fn case_27_a_malformed_body_is_rejected_and_changes_nothing() {
    let mailkey = Mailkey::start().await;
    let before = mailkey.tables().await;
    for (path, good) in routes() {
        let good = good.to_string();
        let first = good.split('"').nth(1).unwrap();
        let escaped = format!("\\u{:04x}{}", u32::from(first.as_bytes()[0]), &first[1..]);
        let values: Vec<String> = serde_json::from_str::<serde_json::Map<String, Value>>(&good)
            .unwrap()
            .values()
            .map(Value::to_string)
            .collect();
        let inside = &good[1..good.len() - 1];
        let malformed: Vec<(&str, Vec<u8>)> = vec![
            ("nothing", Vec::new()),
            ("not JSON", b"email=alice%40example.com".to_vec()),
            ("cut off", good.as_bytes()[..good.len() - 1].to_vec()),
            ("bytes after the end", format!("{good} {good}").into_bytes()),
            ("a name twice", format!("{{{inside},{inside}}}").into_bytes()),
            ("a name twice, once escaped", format!("{{\"{escaped}\":\"other\",{inside}}}").into_bytes()),
            ("an unknown field", format!("{{{inside},\"admin\":true}}").into_bytes()),
            (
                "an unknown field that contains a known one",
                format!("{{{inside},\"__proto__\":{{{inside}}}}}").into_bytes(),
            ),
            ("no fields", b"{}".to_vec()),
            ("an array of the values", format!("[{}]", values.join(",")).into_bytes()),
            ("an array of the object", format!("[{good}]").into_bytes()),
            ("text", format!("{good:?}").into_bytes()),
            ("a number", b"1".to_vec()),
            ("null", b"null".to_vec()),
            ("values in lists", good.replace(":\"", ":[\"").replace("\",", "\"],").replace("\"}", "\"]}").into_bytes()),
            ("null for each value", replaced(&good, &json!(null))),
            ("an object for each value", replaced(&good, &json!({ "0": "a" }))),
            ("a number for each value", replaced(&good, &json!(7))),
            ("a byte order mark", [b"\xef\xbb\xbf", good.as_bytes()].concat()),
            ("invalid UTF-8", no_utf_8(&good)),
            ("half of a surrogate pair", replaced_text(&good, "\\ud800")),
            ("another encoding", good.encode_utf16().flat_map(u16::to_le_bytes).collect()),
            ("a comment", format!("{good}//").into_bytes()),
            ("an extra comma", good.replace('}', ",}").into_bytes()),
            ("base64", b"eyJlbWFpbCI6ImFsaWNlQGV4YW1wbGUuY29tIn0=".to_vec()),
            ("depth", [vec![b'['; 8000], vec![b']'; 8000]].concat()),
            ("depth below a name", format!("{{{inside},\"a\":{}{}}}", "[".repeat(7000), "]".repeat(7000)).into_bytes()),
        ];
        for (what, body) in malformed {
            let request = mailkey.request(reqwest::Method::POST, path);
            let request = request.header("content-type", "application/json").body(body);
            let answer = mailkey.send(request).await;
            assert_eq!(answer.problem_code().as_deref(), Some("malformed-request"), "{path}: {what}");
            let text = answer.expect_problem("malformed-request").text();
            // The response names the fields that the API documents, but repeats nothing of the input.
            for name in ["alice", "admin", "__proto__", "AAAA", "good enough", "horse"] {
                assert!(!text.contains(name), "{path}: {what}: {text}");
            }
        }
    }
    assert_eq!(mailkey.tables().await, before);
}

#[tokio::test]
async fn case_27_an_oversized_body_is_rejected_before_it_is_parsed() {
    let mailkey = Mailkey::start().await;
    let before = mailkey.tables().await;
    for (path, good) in routes() {
        for size in [16 * 1024 + 1, 100_000, 5 * 1024 * 1024] {
            for body in [format!("{good}{}", " ".repeat(size)), "[".repeat(size), "\0".repeat(size)] {
                let request = mailkey.request(reqwest::Method::POST, path);
                let request = request.header("content-type", "application/json").body(body);
                mailkey.send(request).await.expect_problem("payload-too-large");
            }
        }
        let padded = format!("{good}{}", " ".repeat(16 * 1024 - good.to_string().len()));
        let request = mailkey.request(reqwest::Method::POST, path);
        let request = request.header("content-type", "application/json").body(padded);
        let answer = mailkey.send(request).await;
        assert_ne!(answer.status, 413, "16 KiB are allowed");
    }
    let after = mailkey.tables().await;
    assert_eq!(after.of("EmailRequests").len(), before.of("EmailRequests").len() + 1);
}

#[tokio::test]
async fn case_24_a_body_with_another_media_type_or_encoding_is_rejected() {
    let mailkey = Mailkey::start().await;
    let before = mailkey.tables().await;
    for (path, good) in routes() {
        for (name, value) in [
            ("content-type", "text/plain"),
            ("content-type", "text/plain; application/json"),
            ("content-type", "application/x-www-form-urlencoded"),
            ("content-type", "multipart/form-data; boundary=x"),
            ("content-type", "text/json"),
            ("content-type", "application/json; charset=utf-16"),
            ("content-type", "application/jsonp"),
            ("content-type", "application/json, text/plain"),
            ("content-type", ""),
            ("x-no-type", "at all"),
        ] {
            let request = mailkey.request(reqwest::Method::POST, path);
            let request = request.header(name, value).body(good.to_string());
            let answer = mailkey.send(request).await;
            assert_eq!(answer.problem_code().as_deref(), Some("unsupported-media-type"), "{path}: {value:?}");
        }
        for encoding in ["gzip", "br", "deflate", "identity, gzip", "zstd"] {
            let request = mailkey.request(reqwest::Method::POST, path);
            let request = request
                .header("content-type", "application/json")
                .header("content-encoding", encoding)
                .body(good.to_string());
            mailkey.send(request).await.expect_problem("unsupported-media-type");
        }
    }
    assert_eq!(mailkey.tables().await, before);
}

/// CVE-2023-7028: a link that is sent to two addresses also reaches an attacker.
#[tokio::test]
async fn case_01_a_request_has_exactly_one_address() {
    let mailkey = Mailkey::start().await;
    let before = mailkey.tables().await;
    for email in [
        json!(["alice@example.com", "evil@evil.test"]),
        json!({ "0": "alice@example.com", "1": "evil@evil.test" }),
        json!("alice@example.com,evil@evil.test"),
        json!("alice@example.com;evil@evil.test"),
        json!("alice@example.com evil@evil.test"),
        json!("alice@example.com\nevil@evil.test"),
        json!("alice@example.com\r\nBcc: evil@evil.test"),
        json!("alice@example.com%0d%0aBcc:evil@evil.test"),
        json!("alice@example.com\0evil@evil.test"),
        json!("<alice@example.com>"),
        json!("Alice <alice@example.com>"),
        json!("\"alice@example.com,evil\"@evil.test"),
        json!("evil@evil.test@example.com"),
        json!("alice@example.com@"),
        json!("@example.com"),
        json!("alice@"),
        json!("alice"),
        json!("alice@localhost"),
        json!("alice@[127.0.0.1]"),
        json!("al\u{202E}ice@example.com"),
        json!("al\u{200B}ice@example.com"),
        json!("\u{1B}[31malice@example.com"),
        json!(""),
        json!(" "),
        json!(format!("{}@example.com", "a".repeat(65))),
        json!(format!("a@{}.com", "b".repeat(260))),
        json!("a".repeat(10_000)),
    ] {
        let answer = mailkey.post("/api/forgot-password", &json!({ "email": email })).await;
        assert_eq!(answer.problem_code().as_deref(), Some("malformed-request"), "{email}");
        let answer = mailkey.post("/api/sign-in", &json!({ "email": email, "password": PASSWORD })).await;
        assert_eq!(answer.problem_code().as_deref(), Some("malformed-request"), "{email}");
    }
    for body in ["email[]=alice%40example.com&email[]=evil%40evil.test", "email=alice%40example.com"] {
        let request = mailkey.request(reqwest::Method::POST, "/api/forgot-password");
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        mailkey.send(request).await.expect_problem("unsupported-media-type");
    }
    assert_eq!(mailkey.tables().await, before);
    assert!(mailkey.whole_outbox().await.is_empty());
}

/// ASVS 5.0, 3.5.1: pages of other sites can neither change nor read anything.
#[tokio::test]
async fn case_24_requests_from_other_sites_are_rejected() {
    let mailkey = Mailkey::start().await;
    let before = mailkey.tables().await;
    let near = mailkey.site_url.replace("127.0.0.1", "127.0.0.1.evil.test");
    let upper = mailkey.site_url.replace("http", "HTTP");
    for origin in [
        "https://evil.test",
        "null",
        "",
        "file://",
        "http://127.0.0.1",
        &near,
        &upper,
        &format!("{}/", mailkey.site_url),
        &format!("{}.evil.test", mailkey.site_url),
    ] {
        for (path, body) in routes().into_iter().chain([("/api/sign-out", json!({}))]) {
            let request = mailkey.request(reqwest::Method::POST, path).json(&body);
            let answer = mailkey.send(request.header("origin", origin)).await;
            assert_eq!(answer.problem_code().as_deref(), Some("origin-refused"), "{path} from {origin:?}");
            assert_eq!(answer.header("access-control-allow-origin"), None);
        }
        for (method, path) in [("OPTIONS", "/api/sign-in"), ("GET", "/api/session"), ("GET", "/api/health")] {
            let method: reqwest::Method = method.parse().unwrap();
            let request = mailkey
                .request(method, path)
                .header("origin", origin)
                .header("access-control-request-method", "POST")
                .header("access-control-request-headers", "content-type");
            let answer = mailkey.send(request).await;
            let allowed: Vec<_> =
                answer.headers.keys().filter(|name| name.as_str().starts_with("access-control-")).collect();
            assert!(allowed.is_empty(), "{path}: {allowed:?}");
        }
    }
    assert_eq!(mailkey.tables().await, before);
}

#[tokio::test]
async fn case_24_requests_from_the_sites_own_pages_are_accepted() {
    let mailkey = Mailkey::start().await;
    for own in [mailkey.site_url.clone(), mailkey.site_url.replace("127.0.0.1", "localhost")] {
        let request = mailkey.request(reqwest::Method::POST, "/api/forgot-password");
        let request = request.header("origin", own).json(&json!({ "email": ALICE }));
        let answer = mailkey.send(request).await.expect_status(202);
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
}

/// Replaces each value in a JSON body; returns bytes, because the result may be invalid JSON.
fn replaced_text(good: &str, text: &str) -> Vec<u8> {
    let values: serde_json::Map<String, Value> = serde_json::from_str(good).unwrap();
    let pairs: Vec<_> = values.keys().map(|name| format!("\"{name}\":\"{text}\"")).collect();
    format!("{{{}}}", pairs.join(",")).into_bytes()
}

/// A body with an invalid byte in its last value.
fn no_utf_8(good: &str) -> Vec<u8> {
    let (before, behind) = good.split_at(good.rfind('"').unwrap());
    [before.as_bytes(), b"\xff", behind.as_bytes()].concat()
}

fn replaced(good: &str, value: &Value) -> Vec<u8> {
    let mut values: serde_json::Map<String, Value> = serde_json::from_str(good).unwrap();
    values.values_mut().for_each(|old| *old = value.clone());
    Value::Object(values).to_string().into_bytes()
}
