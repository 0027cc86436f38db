//! One method for each request that a user or a test can make.

use std::{sync::atomic::Ordering, time::Duration};

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::{Answer, Call, Mail, Mailkey, NEW_PASSWORD, RawAnswer, Tables, eventually, raw};

impl Mailkey {
    /// `POST /api/forgot-password`.
    pub async fn forgot_password(&self, email: &str) -> Answer {
        self.post("/api/forgot-password", &json!({ "email": email })).await
    }

    /// `POST /api/redeem-token`.
    pub async fn redeem_token(&self, token: &str, new_password: &str) -> Answer {
        let body = json!({ "token": token, "new_password": new_password });
        self.post("/api/redeem-token", &body).await
    }

    /// `POST /api/sign-in`.
    pub async fn sign_in(&self, email: &str, password: &str) -> Answer {
        self.post("/api/sign-in", &json!({ "email": email, "password": password })).await
    }

    /// `POST /api/sign-in` from a device with this token, if it has one.
    pub async fn sign_in_on(&self, device: Option<&str>, email: &str, password: &str) -> Answer {
        let body = json!({ "email": email, "password": password });
        let mut request = self.request(Method::POST, "/api/sign-in").json(&body);
        if let Some(device) = device {
            request = request.header("mailkey-device", device);
        }
        self.send(request).await
    }

    /// `POST /api/sign-out`, with the session in `Authorization`.
    pub async fn sign_out(&self, session_token: &str) -> Answer {
        self.send(self.request(Method::POST, "/api/sign-out").bearer_auth(session_token)).await
    }

    /// `GET /api/session`, with the session in `Authorization`.
    pub async fn session(&self, session_token: &str) -> Answer {
        self.send(self.request(Method::GET, "/api/session").bearer_auth(session_token)).await
    }

    /// `GET` of any path.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// `POST` of JSON to any path.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    /// Builds a request without sending it.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base_url))
    }

    /// Sends a request and reads the response.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        Answer::to(request, &self.site_url).await
    }

    /// Sends raw bytes as a request.
    pub async fn send_raw(&self, request: impl Into<Vec<u8>>) -> RawAnswer {
        raw::exchange(self.address, request.into()).await
    }

    /// `POST` of JSON, with the response as raw bytes.
    pub async fn post_raw(&self, path: &str, body: &Value) -> RawAnswer {
        let (host, body) = (self.address, body.to_string());
        let length = body.len();
        self.send_raw(format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        ))
        .await
    }

    /// Signs in and returns the session token.
    pub async fn signed_in(&self, email: &str, password: &str) -> String {
        let answer = self.sign_in(email, password).await.expect_status(200);
        answer.json()["session_token"].as_str().unwrap().to_owned()
    }

    /// The emails to an address, newest first.
    pub async fn outbox(&self, to: &str) -> Vec<Mail> {
        let path = format!("/_local/outbox.json?to={}", in_query(to));
        serde_json::from_value(self.get(&path).await.expect_status(200).json()).unwrap()
    }

    /// All emails, newest first.
    pub async fn whole_outbox(&self) -> Vec<Mail> {
        let answer = self.get("/_local/outbox.json").await.expect_status(200);
        serde_json::from_value(answer.json()).unwrap()
    }

    /// Waits until `number` emails went to an address, and returns the newest.
    pub async fn mail_number(&self, number: usize, to: &str) -> Mail {
        eventually(&format!("email {number} to {to}"), || async {
            let mut emails = self.outbox(to).await;
            assert!(emails.len() <= number, "more than {number} emails to {to}");
            (emails.len() == number).then(|| emails.remove(0))
        })
        .await
    }

    /// Requests a link and returns its token once the email is there. Other emails may arrive in between.
    pub async fn new_token(&self, email: &str) -> String {
        let before = self.outbox(email).await;
        self.forgot_password(email).await.expect_status(202);
        eventually(&format!("a link to {email}"), || async {
            let emails = self.outbox(email).await;
            let mut new = emails.iter().filter(|mail| !before.contains(mail));
            new.find_map(Mail::token)
        })
        .await
    }

    /// Performs a whole recovery, and returns the response to the redemption.
    pub async fn recover(&self, email: &str) -> Answer {
        let token = self.new_token(email).await;
        self.redeem_token(&token, NEW_PASSWORD).await
    }

    /// Whether a token can still be redeemed. A rejected password leaves it valid.
    pub async fn is_alive(&self, token: &str) -> bool {
        match self.redeem_token(token, "short").await.problem_code().as_deref() {
            Some("weak-password") => true,
            Some("invalid-token") => false,
            other => panic!("unexpected response: {other:?}"),
        }
    }

    /// Changes security settings as the administrator with this password.
    pub async fn change_settings(&self, admin_password: &str, changes: &[(&str, i64)]) {
        let session = self.signed_in("admin@example.com", admin_password).await;
        let path = "/api/admin/security-settings";
        let request = self.request(Method::GET, path).bearer_auth(&session);
        let mut settings = self.send(request).await.expect_status(200).json();
        for (name, value) in changes {
            settings[*name] = (*value).into();
        }
        let change = self.request(Method::PUT, path).bearer_auth(&session).json(&settings);
        self.send(change).await.expect_status(200);
    }

    /// Waits until every request and every SES event is processed, and returns the tables.
    pub async fn settled(&self) -> Tables {
        eventually("every request and every event is processed", || async {
            let settled = self.tables().await.is_settled();
            let waiting = self.get("/_local/ses-events").await.expect_status(200).json();
            if settled && waiting["waiting"] == 0 && self.waiting_requests().await == 0 {
                Some(self.tables().await)
            } else {
                None
            }
        })
        .await
    }

    /// All items of all tables.
    pub async fn tables(&self) -> Tables {
        Tables::read(&self.get("/_local/tables.json").await.expect_status(200).json())
    }

    /// All items of these tables, which may take minutes to read.
    pub async fn large_tables(&self, words: &str) -> Tables {
        let request = self.request(Method::GET, &format!("/_local/tables.json?only={words}"));
        Tables::read(&self.send(request.timeout(Duration::from_secs(300))).await.expect_status(200).json())
    }

    /// How many email requests the mailer isn't done with.
    pub async fn waiting_requests(&self) -> u64 {
        self.get("/_local/email-requests").await.expect_status(200).json()["waiting"].as_u64().unwrap()
    }

    /// The calls to DynamoDB and SES that a request made.
    pub async fn calls(&self, request_id: &str) -> Vec<Call> {
        let path = format!("/_local/calls.json?request_id={}", in_query(request_id));
        serde_json::from_value(self.get(&path).await.expect_status(200).json()).unwrap()
    }

    /// The calls that the mailer made for an email.
    pub async fn calls_of_email(&self, email_id: &str) -> Vec<Call> {
        let path = format!("/_local/calls.json?email_id={email_id}");
        // The calls are kept when the mailer is done, which is after the email is sent.
        let calls = eventually("the mailer is done with the email", || async {
            Some(self.get(&path).await).filter(|answer| answer.status == 200)
        });
        serde_json::from_value(calls.await.json()).unwrap()
    }

    /// Advances the service's clock by this many milliseconds.
    pub async fn advance_clock(&self, ms: i64) {
        let offset_ms = self.clock_offset_ms.fetch_add(ms, Ordering::SeqCst) + ms;
        self.put_local("/_local/clock", &json!({ "offset_ms": offset_ms })).await;
    }

    /// Injects faults into the local SES.
    pub async fn ses_faults(&self, plan: Value) {
        self.put_local("/_local/ses-faults", &plan).await;
    }

    /// Injects faults into the local DynamoDB.
    pub async fn dynamodb_faults(&self, plan: Value) {
        self.put_local("/_local/dynamodb-faults", &plan).await;
    }

    /// Adds an address to SES's suppression list, in this spelling.
    pub async fn put_on_ses_list(&self, address: &str, reason: &str) {
        self.put_local("/_local/ses-suppressed.json", &json!({ "email_address": address, "reason": reason })).await;
    }

    /// The entries of SES's suppression list.
    pub async fn ses_list(&self) -> Value {
        self.get("/_local/ses-suppressed.json").await.expect_status(200).json()
    }

    pub(crate) async fn put_local(&self, path: &str, body: &Value) {
        let answer = self.send(self.request(Method::PUT, path).json(body)).await;
        assert!((200..300).contains(&answer.status), "{path} {body}: {}", answer.text());
    }
}

/// Encodes a value for a query.
fn in_query(value: &str) -> String {
    let encoded = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    value.bytes().map(encoded).collect()
}
