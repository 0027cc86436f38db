//! What this function says of its routes.

use axum::http::Method;
use mailkey_api::{
    http::device_parameters,
    openapi::{Access, Operation, Parameter, email, examples, object, reference, time},
    problem::ProblemType,
};
use serde_json::json;

/// The operations of this function.
pub fn operations() -> Vec<Operation> {
    let token =
        json!({ "type": "string", "pattern": "^[A-Za-z0-9_-]{43}$", "description": "For `Authorization: Bearer`." });
    let password = json!({ "type": "string" });
    let viewer_ip = Parameter {
        place: "header",
        name: "Mailkey-Viewer-IP",
        description: "The client's address, passed on by a back end with an API key made for this route. Otherwise ignored.",
        schema: json!({ "type": "string" }),
        is_required: false,
        may_be_empty: false,
    };
    let expires_at = "2026-03-01T21:30:00.000Z";
    let signed_in = json!({
        "session_token": "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA",
        "expires_at": expires_at,
        "user": examples::user(),
    });
    vec![
        Operation::new(Method::POST, "/api/sign-in", "sign_in", "Begins a session.")
            .with(device_parameters())
            .with([viewer_ip])
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
            .with_header("Set-Cookie", "The same session, for browsers, and the same device token.")
            .with_header("Mailkey-Device", "A device token, valid for a year.")
            .refuses(&[
                ProblemType::InvalidCredentials,
                ProblemType::SignInRequired,
                ProblemType::AdminRequired,
                ProblemType::AccountLocked,
                ProblemType::AccountInactive,
                ProblemType::TooManyRequests,
            ]),
        Operation::new(Method::POST, "/api/sign-out", "sign_out", "Ends the session.")
            .open_to(Access::SignedIn)
            .with_header("Set-Cookie", "Takes the cookie away."),
        Operation::new(
            Method::POST,
            "/api/change-password",
            "change_password",
            "Sets a new password. It ends the caller's other sessions and cancels links that were sent. \
             A wrong current password counts like one at sign-in.",
        )
        .open_to(Access::SignedIn)
        .with(device_parameters())
        .takes(
            object([("current_password", json!({ "type": "string" })), ("new_password", json!({ "type": "string" }))]),
            json!({
                "current_password": "violet canoe under nine bridges",
                "new_password": "a sentence that nobody else would choose",
            }),
        )
        .refuses(&[
            ProblemType::InvalidCredentials,
            ProblemType::WeakPassword,
            ProblemType::AccountLocked,
            ProblemType::AccountInactive,
            ProblemType::StaleVersion,
            ProblemType::TooManyRequests,
        ]),
    ]
}
