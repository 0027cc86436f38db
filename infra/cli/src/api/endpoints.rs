//! The endpoints, one method each.

use reqwest::{Method, Response};
use serde_json::{Value, json};

use super::{Api, Query};
use crate::{error::Error, user_ref::Id};

const USERS: [&str; 3] = ["api", "admin", "users"];
const EMAIL_LOG: [&str; 3] = ["api", "admin", "email-log"];
const SUPPRESSIONS: [&str; 3] = ["api", "admin", "suppressions"];
const SETTINGS: [&str; 3] = ["api", "admin", "security-settings"];
const AUDIT_LOG: [&str; 3] = ["api", "admin", "audit-log"];
const API_KEYS: [&str; 3] = ["api", "admin", "api-keys"];

impl Api {
    /// `POST /api/sign-in`.
    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> Result<Value, Error> {
        let request = self.client.post(self.url(&["api", "sign-in"], &Query::new()));
        let body = json!({ "email": email, "password": password });
        let answer = self.answer(request, Some(body.to_string())).await?;
        self.body(answer).await
    }

    /// `POST /api/sign-out`.
    pub(crate) async fn sign_out(&self) -> Result<(), Error> {
        self.change(Method::POST, &["api", "sign-out"], None).await.map(drop)
    }

    /// `GET /api/session`.
    pub(crate) async fn session(&self) -> Result<Value, Error> {
        self.get(&["api", "session"], &Query::new()).await
    }

    /// `GET /api/admin/users`.
    pub(crate) async fn users(&self, query: &Query) -> Result<Value, Error> {
        self.get(&USERS, query).await
    }

    /// `POST /api/admin/users`.
    pub(crate) async fn create_user(&self, user: Value) -> Result<Value, Error> {
        self.change(Method::POST, &USERS, Some(user)).await
    }

    /// `GET /api/admin/users/{id}`.
    pub(crate) async fn user(&self, id: &Id) -> Result<Value, Error> {
        self.get(&of_user(id, &[]), &Query::new()).await
    }

    /// `PATCH /api/admin/users/{id}`.
    pub(crate) async fn edit_user(&self, id: &Id, changes: Value) -> Result<Value, Error> {
        self.change(Method::PATCH, &of_user(id, &[]), Some(changes)).await
    }

    /// `POST /api/admin/users/{id}/reset-password`.
    pub(crate) async fn reset_password(&self, id: &Id) -> Result<Value, Error> {
        self.change(Method::POST, &of_user(id, &["reset-password"]), None).await
    }

    /// `POST /api/admin/users/{id}/resend-activation`.
    pub(crate) async fn resend_activation(&self, id: &Id) -> Result<Value, Error> {
        self.change(Method::POST, &of_user(id, &["resend-activation"]), None).await
    }

    /// `POST /api/admin/users/{id}/unlock`.
    pub(crate) async fn unlock(&self, id: &Id) -> Result<(), Error> {
        self.change(Method::POST, &of_user(id, &["unlock"]), None).await.map(drop)
    }

    /// `POST /api/admin/users/import`, with a body that is written already.
    pub(crate) async fn import_users(&self, body: String) -> Result<Value, Error> {
        let path = [&USERS[..], &["import"]].concat();
        let answer = self.send(Method::POST, &path, &Query::new(), Some(body)).await?;
        self.body(answer).await
    }

    /// `GET /api/admin/email-log`.
    pub(crate) async fn email_log(&self, query: &Query) -> Result<Value, Error> {
        self.get(&EMAIL_LOG, query).await
    }

    /// `GET /api/admin/email-log/{id}`.
    pub(crate) async fn email(&self, id: &Id) -> Result<Value, Error> {
        self.get(&[&EMAIL_LOG[..], &[id.as_str()]].concat(), &Query::new()).await
    }

    /// `POST /api/admin/email-log/{id}/resend`.
    pub(crate) async fn resend_email(&self, id: &Id) -> Result<Value, Error> {
        self.change(Method::POST, &[&EMAIL_LOG[..], &[id.as_str(), "resend"]].concat(), None).await
    }

    /// `GET /api/admin/email-log/export`, as an answer that is still coming.
    pub(crate) async fn export_email_log(&self, query: &Query) -> Result<Response, Error> {
        self.send(Method::GET, &[&EMAIL_LOG[..], &["export"]].concat(), query, None).await
    }

    /// The next part of an answer that is still coming.
    pub(crate) async fn next_part(&self, answer: &mut Response) -> Result<Option<Vec<u8>>, Error> {
        let part = answer.chunk().await.map_err(|error| super::unreachable(&self.site, &error))?;
        Ok(part.map(|part| part.to_vec()))
    }

    /// `GET /api/admin/diagnosis`.
    pub(crate) async fn diagnosis(&self, address: &str) -> Result<Value, Error> {
        self.get(&["api", "admin", "diagnosis"], &Query::new().with("email", address)).await
    }

    /// `GET /api/admin/suppressions`.
    pub(crate) async fn suppressions(&self, query: &Query) -> Result<Value, Error> {
        self.get(&SUPPRESSIONS, query).await
    }

    /// `GET /api/admin/suppressions/{address}`.
    pub(crate) async fn suppression(&self, address: &str) -> Result<Value, Error> {
        self.get(&of_address(address, &[]), &Query::new()).await
    }

    /// `PUT /api/admin/suppressions/{address}`.
    pub(crate) async fn suppress(&self, address: &str, reason: &str) -> Result<Value, Error> {
        self.change(Method::PUT, &of_address(address, &[]), Some(json!({ "reason": reason }))).await
    }

    /// `DELETE /api/admin/suppressions/{address}`.
    pub(crate) async fn lift(&self, address: &str) -> Result<(), Error> {
        self.change(Method::DELETE, &of_address(address, &[]), None).await.map(drop)
    }

    /// `POST /api/admin/suppressions/{address}/lift-and-resend`.
    pub(crate) async fn lift_and_resend(&self, address: &str) -> Result<Value, Error> {
        self.change(Method::POST, &of_address(address, &["lift-and-resend"]), None).await
    }

    /// `GET /api/admin/sender`.
    pub(crate) async fn sender(&self) -> Result<Value, Error> {
        self.get(&["api", "admin", "sender"], &Query::new()).await
    }

    /// `GET /api/admin/security-settings`.
    pub(crate) async fn settings(&self) -> Result<Value, Error> {
        self.get(&SETTINGS, &Query::new()).await
    }

    /// `PUT /api/admin/security-settings`.
    pub(crate) async fn change_settings(&self, settings: Value) -> Result<Value, Error> {
        self.change(Method::PUT, &SETTINGS, Some(settings)).await
    }

    /// `GET /api/admin/audit-log`.
    pub(crate) async fn audit_log(&self, query: &Query) -> Result<Value, Error> {
        self.get(&AUDIT_LOG, query).await
    }

    /// `GET /api/admin/api-keys`.
    pub(crate) async fn api_keys(&self) -> Result<Value, Error> {
        self.get(&API_KEYS, &Query::new()).await
    }

    /// `POST /api/admin/api-keys`.
    pub(crate) async fn create_api_key(&self, key: Value) -> Result<Value, Error> {
        self.change(Method::POST, &API_KEYS, Some(key)).await
    }

    /// `DELETE /api/admin/api-keys/{id}`.
    pub(crate) async fn revoke_api_key(&self, id: &Id) -> Result<(), Error> {
        let path = [&API_KEYS[..], &[id.as_str()]].concat();
        self.change(Method::DELETE, &path, None).await.map(drop)
    }
}

fn of_user<'a>(id: &'a Id, rest: &[&'a str]) -> Vec<&'a str> {
    [&USERS[..], &[id.as_str()], rest].concat()
}

fn of_address<'a>(address: &'a str, rest: &[&'a str]) -> Vec<&'a str> {
    [&SUPPRESSIONS[..], &[address], rest].concat()
}
