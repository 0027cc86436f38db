//! `mailkey sign-in`, `mailkey sign-out` and `mailkey whoami`.

use serde_json::{Value, json};

use super::CliContext;
use crate::{
    api::{Api, Query},
    environment,
    error::{Error, Exit},
    json::text_at,
    output::{Output, clean, note},
    prompt,
    session_file::{self, SavedSession},
    table::{Column, fields, short_time},
};

const SESSION: &[Column] = &[
    ("user", "/user/email"),
    ("name", "/user/display_name"),
    ("role", "/user/role"),
    ("id", "/user/id"),
    ("site", "/site"),
    ("expires", "/expires_at"),
    ("second factor", "/second_factor"),
];

pub(crate) async fn sign_in(url: Option<&str>, output: Output, email: Option<String>) -> Result<(), Error> {
    let api = Api::with_session(url)?;
    let email = email.map_or_else(ask_for_email, Ok)?;
    let password = prompt::hidden(&format!("Password for {}: ", clean(&email)))?;
    let response = with_code(&api, &email, &password).await?;
    let session = SavedSession {
        url: api.site(),
        email: text_at(&response, "/user/email"),
        session_token: text_at(&response, "/session_token"),
        expires_at: text_at(&response, "/expires_at"),
    };
    if session.session_token.is_empty() {
        return Err(api.unexpected("a sign-in without a session"));
    }
    session_file::write(&session)?;
    // Scripts often log their output, so it doesn't include the token.
    output.json(&json!({ "url": session.url, "user": response["user"], "expires_at": session.expires_at }))?;
    let SavedSession { url, email, expires_at, .. } = &session;
    let role = text_at(&response, "/user/role");
    let expires_at = short_time(expires_at.clone());
    output.text(&format!("Signed in to {url} as {email} ({role}). The session expires at {expires_at} UTC."))?;
    if environment::api_key().is_some() {
        note("MAILKEY_API_KEY is set, so the other commands use that key instead of this session.");
    }
    Ok(())
}

pub(crate) async fn sign_out(url: Option<&str>, output: Output) -> Result<(), Error> {
    let api = Api::with_session(url)?;
    match api.post(&["sign-out"]).await {
        Ok(_) => {
            session_file::remove()?;
            output.text(&format!("Signed out of {}.", api.site()))
        }
        // The server rejected the saved session. Other errors keep the file.
        Err(error @ Error::Problem(_)) if error.exit() == Exit::NotSignedIn => {
            session_file::remove()?;
            output.text(&format!("The session at {} had already ended.", api.site()))
        }
        Err(error) => Err(error),
    }
}

pub(crate) async fn whoami(cli: &CliContext) -> Result<(), Error> {
    let mut session = cli.api.get(&["session"], &Query::default()).await?;
    cli.output.json(&session)?;
    session["site"] = cli.api.site().into();
    cli.output.text(&fields(&session, SESSION))
}

fn ask_for_email() -> Result<String, Error> {
    if !prompt::is_terminal() {
        return Err(Error::Usage("Give the email address: mailkey sign-in EMAIL".to_owned()));
    }
    prompt::line("Email address: ")
}

/// Signs in. If the account has a second factor, asks for a code and tries once more.
async fn with_code(api: &Api, email: &str, password: &str) -> Result<Value, Error> {
    match api.sign_in(&json!({ "email": email, "password": password })).await {
        Err(Error::Problem(problem)) if problem.code == "second-factor-required" => {
            let code = prompt::line("One-time code: ")?;
            api.sign_in(&json!({ "email": email, "password": password, "one_time_code": code })).await
        }
        answer => answer,
    }
}
