//! What this function says of its routes.

use axum::http::Method;
use mailkey_api::{
    http::device_parameters,
    openapi::{Access, Operation, Parameter, email, examples, nullable, object, reference, time},
    problem::ProblemType,
};
use serde_json::{Value, json};

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
            .takes_json(
                object([("email", email()), ("password", password), ("one_time_code?", nullable(one_time_code()))]),
                json!({ "email": "alice@example.com", "password": "violet canoe under nine bridges" }),
            )
            .answers_json(
                200,
                "The session has begun.",
                object([("session_token", token), ("expires_at", time()), ("user", reference("User"))]),
                signed_in,
            )
            .with_header("Set-Cookie", "The same session, for browsers, and the same device token.")
            .with_header("Mailkey-Device", "A device token, valid for a year.")
            .refuses(&[
                ProblemType::InvalidCredentials,
                ProblemType::SecondFactorRequired,
                ProblemType::SignInRequired,
                ProblemType::AdminRequired,
                ProblemType::AccountLocked,
                ProblemType::AccountInactive,
                ProblemType::TooManyRequests,
            ]),
        Operation::new(Method::POST, "/api/sign-out", "sign_out", "Ends the session.")
            .open_to(Access::SignedIn)
            .with_header("Set-Cookie", "Deletes the cookie.")
            .with_header("Clear-Site-Data", "Clears what the pages kept in the browser. Cookies stay."),
        Operation::new(
            Method::POST,
            "/api/change-password",
            "change_password",
            "Sets a new password. It ends the caller's other sessions and cancels links that were sent. \
             A wrong current password counts like one at sign-in.",
        )
        .open_to(Access::SignedIn)
        .with(device_parameters())
        .takes_json(
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
        step_up(),
        begin_second_factor(),
        confirm_second_factor(),
    ]
}

fn one_time_code() -> Value {
    json!({ "type": "string", "description": "Six digits of the authenticator app, or a recovery code." })
}

fn step_up() -> Operation {
    let summary = "Confirms who is using the session, for actions that answer `reauthentication-required`. A password is \
                   accepted from people without a second factor. The tenth wrong code ends the session.";
    Operation::new(Method::POST, "/api/step-up", "step_up", summary)
        .open_to(Access::SignedIn)
        .with(device_parameters())
        .takes_json(
            object([
                ("one_time_code?", nullable(one_time_code())),
                ("password?", nullable(json!({ "type": "string" }))),
            ]),
            json!({ "one_time_code": "287082" }),
        )
        .refuses(&[
            ProblemType::InvalidCredentials,
            ProblemType::SecondFactorRequired,
            ProblemType::AccountLocked,
            ProblemType::AccountInactive,
            ProblemType::StaleVersion,
            ProblemType::TooManyRequests,
        ])
}

fn begin_second_factor() -> Operation {
    let secret = json!({ "type": "string", "pattern": "^[A-Z2-7]{32}$", "description": "For people who type it in." });
    let uri = json!({ "type": "string", "description": "What the app reads from a QR code." });
    let summary = "Makes the secret for an authenticator app. Sign-in asks for codes once one was confirmed.";
    Operation::new(Method::POST, "/api/second-factor", "begin_second_factor", summary)
        .open_to(Access::Support)
        .takes_nothing()
        .answers_json(
            201,
            "The secret, which is shown only now. It waits a quarter of an hour for its first code.",
            object([("secret", secret), ("otpauth_uri", uri)]),
            json!({
                "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
                "otpauth_uri": "otpauth://totp/Portal:admin%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Portal",
            }),
        )
        .refuses(&[ProblemType::ReauthenticationRequired, ProblemType::SecondFactorRequired])
}

fn confirm_second_factor() -> Operation {
    let codes = json!({ "type": "array", "items": { "type": "string" }, "description": "Shown only now." });
    let summary = "Puts the second factor in force with its first code, in the place of one that was set up before.";
    Operation::new(Method::POST, "/api/second-factor/confirm", "confirm_second_factor", summary)
        .open_to(Access::Support)
        .takes_json(object([("one_time_code", one_time_code())]), json!({ "one_time_code": "287082" }))
        .answers_json(
            200,
            "Ten recovery codes. Each works once, wherever a code is asked for.",
            object([("recovery_codes", codes)]),
            json!({ "recovery_codes": ["mfrg-gzdf-mztw-q2lk-nruw-23tp"] }),
        )
        .refuses(&[
            ProblemType::InvalidCredentials,
            ProblemType::ReauthenticationRequired,
            ProblemType::SecondFactorRequired,
            ProblemType::StaleVersion,
        ])
}
