//! One method for each thing that a user, or a test, can ask of the service.

use std::sync::atomic::Ordering;

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

    /// A request that is yet to be sent.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base_url))
    }

    /// Sends a request.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        Answer::to(request, &self.site_url).await
    }

    /// Sends bytes.
    pub async fn send_raw(&self, request: impl Into<Vec<u8>>) -> RawAnswer {
        raw::exchange(self.address, request.into()).await
    }

    /// `POST` of JSON, with the answer byte for byte.
    pub async fn post_raw(&self, path: &str, body: &Value) -> RawAnswer {
        let (host, body) = (self.address, body.to_string());
        let length = body.len();
        self.send_raw(format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        ))
        .await
    }

    /// Signs in and answers the session's token.
    pub async fn signed_in(&self, email: &str, password: &str) -> String {
        let answer = self.sign_in(email, password).await.expect_status(200);
        answer.json()["session_token"].as_str().unwrap().to_owned()
    }

    /// The mail to an address, newest first.
    pub async fn outbox(&self, to: &str) -> Vec<Mail> {
        let path = format!("/_local/outbox.json?to={}", in_query(to));
        serde_json::from_value(self.get(&path).await.expect_status(200).json()).unwrap()
    }

    /// All mail, newest first.
    pub async fn whole_outbox(&self) -> Vec<Mail> {
        let answer = self.get("/_local/outbox.json").await.expect_status(200);
        serde_json::from_value(answer.json()).unwrap()
    }

    /// Waits until so many mails went to an address, and answers the newest.
    pub async fn mail_number(&self, number: usize, to: &str) -> Mail {
        eventually(&format!("mail {number} to {to}"), || async {
            let mut mails = self.outbox(to).await;
            assert!(mails.len() <= number, "more than {number} mails to {to}");
            (mails.len() == number).then(|| mails.remove(0))
        })
        .await
    }

    /// Asks for a link and answers its token, once the mail is there. Other mail may come in between.
    pub async fn new_token(&self, email: &str) -> String {
        let before = self.outbox(email).await;
        self.forgot_password(email).await.expect_status(202);
        eventually(&format!("a link to {email}"), || async {
            let mails = self.outbox(email).await;
            let mut new = mails.iter().filter(|mail| !before.contains(mail));
            new.find_map(Mail::token)
        })
        .await
    }

    /// Gives a user a new password, the whole way round. The answer is how redemption went.
    pub async fn recover(&self, email: &str) -> Answer {
        let token = self.new_token(email).await;
        self.redeem_token(&token, NEW_PASSWORD).await
    }

    /// Whether a token could still be spent. A refused password leaves it as it is.
    pub async fn is_alive(&self, token: &str) -> bool {
        match self.redeem_token(token, "short").await.problem_code().as_deref() {
            Some("weak-password") => true,
            Some("invalid-token") => false,
            other => panic!("neither alive nor dead: {other:?}"),
        }
    }

    /// Changes security settings, as the administrator who has this password.
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

    /// Waits until every request has come to its end and every event of SES is taken, and answers what the tables then
    /// hold.
    pub async fn settled(&self) -> Tables {
        eventually("every request is handled and every event is taken", || async {
            let settled = self.tables().await.is_settled();
            let waiting = self.get("/_local/ses-events").await.expect_status(200).json();
            if settled && waiting["waiting"] == 0 { Some(self.tables().await) } else { None }
        })
        .await
    }

    /// All items of all tables.
    pub async fn tables(&self) -> Tables {
        Tables::read(&self.get("/_local/tables.json").await.expect_status(200).json())
    }

    /// The calls to DynamoDB that a request made.
    pub async fn calls(&self, request_id: &str) -> Vec<Call> {
        let path = format!("/_local/calls.json?request_id={}", in_query(request_id));
        serde_json::from_value(self.get(&path).await.expect_status(200).json()).unwrap()
    }

    /// The calls that the mailer made for an email.
    pub async fn calls_of_email(&self, log_id: &str) -> Vec<Call> {
        let path = format!("/_local/calls.json?log_id={log_id}");
        serde_json::from_value(self.get(&path).await.expect_status(200).json()).unwrap()
    }

    /// Lets the service's clock go on by so many milliseconds at once.
    pub async fn advance_clock(&self, ms: i64) {
        let offset_ms = self.clock_offset_ms.fetch_add(ms, Ordering::SeqCst) + ms;
        self.put_local("/_local/clock", &json!({ "offset_ms": offset_ms })).await;
    }

    /// Tells the local SES what to do wrong.
    pub async fn ses_faults(&self, plan: Value) {
        self.put_local("/_local/ses-faults", &plan).await;
    }

    /// Tells the local DynamoDB what to do wrong.
    pub async fn dynamodb_faults(&self, plan: Value) {
        self.put_local("/_local/dynamodb-faults", &plan).await;
    }

    /// Puts an address on SES's own suppression list, in this spelling.
    pub async fn put_on_ses_list(&self, address: &str, reason: &str) {
        self.put_local("/_local/ses-suppressed.json", &json!({ "email_address": address, "reason": reason })).await;
    }

    /// SES's own suppression list.
    pub async fn ses_list(&self) -> Value {
        self.get("/_local/ses-suppressed.json").await.expect_status(200).json()
    }

    pub(crate) async fn put_local(&self, path: &str, body: &Value) {
        let answer = self.send(self.request(Method::PUT, path).json(body)).await;
        assert!((200..300).contains(&answer.status), "{path} {body}: {}", answer.text());
    }
}

/// A value as a query carries it.
fn in_query(value: &str) -> String {
    let encoded = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    value.bytes().map(encoded).collect()
}
