//! What this function says of its routes.

use axum::http::Method;
use mailkey_api::{
    openapi::{Access, Operation, email, examples, object, reference, time},
    problem::ProblemType,
};
use serde_json::json;

/// The operations of this function.
pub fn operations() -> Vec<Operation> {
    let token =
        json!({ "type": "string", "pattern": "^[A-Za-z0-9_-]{43}$", "description": "For `Authorization: Bearer`." });
    let password = json!({ "type": "string" });
    let expires_at = "2026-03-01T21:30:00.000Z";
    let signed_in = json!({
        "session_token": "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA",
        "expires_at": expires_at,
        "user": examples::user(),
    });
    vec![
        Operation::new(Method::POST, "/api/sign-in", "sign_in", "Begins a session.")
            .takes(
                object([("email", email()), ("password", password)]),
                json!({ "email": "alice@example.com", "password": "violet canoe under nine bridges" }),
            )
            .answers(
                200,
                "The session has begun.",
                object([("session_token", token), ("expires_at", time()), ("user", reference("User"))]),
                signed_in,
            )
            .with_header("Set-Cookie", "The same session, for browsers.")
            .refuses(&[
                ProblemType::InvalidCredentials,
                ProblemType::AccountLocked,
                ProblemType::AccountInactive,
                ProblemType::TooManyRequests,
            ]),
        Operation::new(Method::POST, "/api/sign-out", "sign_out", "Ends the session.")
            .open_to(Access::SignedIn)
            .with_header("Set-Cookie", "Takes the cookie away."),
        Operation::new(Method::GET, "/api/session", "session", "Tells whose the session is, or the API key.")
            .open_to(Access::SignedIn)
            .answers(
                200,
                "The user, as the record stands now.",
                object([("user", reference("User")), ("expires_at", time())]),
                json!({ "user": examples::user(), "expires_at": expires_at }),
            ),
    ]
}
