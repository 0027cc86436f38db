//! `mailkey sign-in`, `mailkey sign-out`, `mailkey whoami`.

use std::io::{self, BufRead, IsTerminal, Write};

use serde_json::json;

use super::Desk;
use crate::{
    api::Api,
    environment,
    error::{Error, Exit},
    json::text_at,
    screen::{Screen, note},
    session_file::{self, SavedSession},
    table::{Column, facts},
};

const SESSION: &[Column] = &[
    ("user", "/user/email"),
    ("name", "/user/display_name"),
    ("role", "/user/role"),
    ("id", "/user/id"),
    ("site", "/site"),
    ("expires", "/expires_at"),
];

pub(crate) async fn sign_in(url: Option<&str>, screen: Screen, email: Option<String>) -> Result<(), Error> {
    let api = Api::of_session(url)?;
    let email = email.map_or_else(ask_for_email, Ok)?;
    let password = ask_for_password(&email)?;
    let answer = api.sign_in(&email, &password).await?;
    let session = SavedSession {
        url: api.site(),
        email: text_at(&answer, "/user/email"),
        session_token: text_at(&answer, "/session_token"),
        expires_at: text_at(&answer, "/expires_at"),
    };
    if session.session_token.is_empty() {
        return Err(api.unexpected("no session"));
    }
    session_file::write(&session)?;
    // The token is in the file; logs of scripts need not have it, too.
    screen.json(&json!({ "url": session.url, "user": answer["user"], "expires_at": session.expires_at }))?;
    let (who, site, until) = (&session.email, &session.url, &session.expires_at);
    screen.say(&format!("Signed in at {site} as {who} ({}), until {until}.", text_at(&answer, "/user/role")))?;
    if environment::api_key().is_some() {
        note("MAILKEY_API_KEY is set: the other commands use that key, not this session.");
    }
    Ok(())
}

pub(crate) async fn sign_out(url: Option<&str>, screen: Screen) -> Result<(), Error> {
    let api = Api::of_session(url)?;
    match api.sign_out().await {
        Ok(()) => {
            session_file::remove()?;
            screen.say(&format!("Signed out at {}.", api.site()))
        }
        // It has ended by itself. Without a session for this site, there is nothing of it to forget.
        Err(error @ Error::Problem(_)) if error.exit() == Exit::NotSignedIn => {
            session_file::remove()?;
            screen.say(&format!("The session at {} had ended already.", api.site()))
        }
        Err(error) => Err(error),
    }
}

pub(crate) async fn whoami(desk: &Desk) -> Result<(), Error> {
    let mut session = desk.api.session().await?;
    desk.screen.json(&session)?;
    session["site"] = desk.api.site().into();
    desk.screen.say(&facts(&session, SESSION))
}

fn ask_for_email() -> Result<String, Error> {
    if !io::stdin().is_terminal() {
        return Err(Error::Usage("Say who signs in: mailkey sign-in EMAIL".to_owned()));
    }
    let _ = write!(io::stderr(), "Email address: ");
    read_line()
}

fn ask_for_password(email: &str) -> Result<String, Error> {
    if !io::stdin().is_terminal() {
        return read_line();
    }
    let prompt = format!("Password of {}: ", crate::screen::clean(email));
    rpassword::prompt_password(prompt).map_err(|source| Error::File { path: "terminal".into(), source })
}

/// A line of standard input. Only its end is cut off: a password may begin and end with spaces.
fn read_line() -> Result<String, Error> {
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line);
    read.map_err(|source| Error::File { path: "standard input".into(), source })?;
    let text = line.strip_suffix('\n').map_or(line.as_str(), |text| text.strip_suffix('\r').unwrap_or(text));
    if text.is_empty() {
        return Err(Error::Usage("Nothing came on standard input: it needs the password, in one line.".to_owned()));
    }
    Ok(text.to_owned())
}
