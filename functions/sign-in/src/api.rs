//! What this function says of its routes.

use axum::http::Method;
use jiff::SignedDuration;
use mailkey_api::{
    http::device_parameters,
    openapi::{Access, Operation, Parameter, examples},
    problem::ProblemType,
};
use serde_json::json;

use crate::{
    CODE, SessionBegun, SignInRequest,
    change_password::ChangePasswordRequest,
    second_factor::{ConfirmRequest, NewFactor, RecoveryCodes},
    step_up::StepUpRequest,
};

/// The operations of this function.
pub fn operations() -> Vec<Operation> {
    let viewer_ip = Parameter {
        place: "header",
        name: "Mailkey-Viewer-IP",
        description: "The client's address, passed on by a back end with an API key made for this route. Otherwise ignored.",
        schema: json!({ "type": "string" }),
        is_required: false,
        may_be_empty: false,
    };
    let user = examples::user();
    let begun = SessionBegun {
        session_token: "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA".to_owned(),
        expires_at: examples::BEGINNING + SignedDuration::from_hours(12),
        user: &user,
    };
    let password = || "violet canoe under nine bridges".to_owned();
    let sign_in = SignInRequest { email: "alice@example.com".to_owned(), password: password(), one_time_code: None };
    let new_password = "a sentence that nobody else would choose".to_owned();
    let change = ChangePasswordRequest { current_password: password(), new_password };
    vec![
        Operation::new(Method::POST, "/api/sign-in", "sign_in", "Signs in and starts a session.")
            .with(device_parameters())
            .with([viewer_ip])
            .takes(&sign_in)
            .answers(200, "The session has started.", &begun)
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
        .takes(&change)
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

fn step_up() -> Operation {
    let summary = "Confirms who is using the session, for actions that answer `reauthentication-required`. A password is \
                   accepted from people without a second factor. The tenth wrong code ends the session.";
    Operation::new(Method::POST, "/api/step-up", "step_up", summary)
        .open_to(Access::SignedIn)
        .with(device_parameters())
        .takes(&StepUpRequest { one_time_code: Some(CODE.to_owned()), password: None })
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
    let summary =
        "Creates the secret for an authenticator app. Sign-in asks for codes after the first one is confirmed.";
    Operation::new(Method::POST, "/api/second-factor", "begin_second_factor", summary)
        .open_to(Access::Support)
        .takes_nothing()
        .answers(
            201,
            "The secret, shown only once. Confirm it with its first code within 15 minutes.",
            &NewFactor {
                secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".to_owned(),
                otpauth_uri:
                    "otpauth://totp/Portal:admin%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Portal"
                        .to_owned(),
            },
        )
        .refuses(&[ProblemType::ReauthenticationRequired, ProblemType::SecondFactorRequired])
}

fn confirm_second_factor() -> Operation {
    let summary = "Turns on the second factor with its first code. It replaces an earlier one.";
    Operation::new(Method::POST, "/api/second-factor/confirm", "confirm_second_factor", summary)
        .open_to(Access::Support)
        .takes(&ConfirmRequest { one_time_code: CODE.to_owned() })
        .answers(
            200,
            "Ten recovery codes. Each works once, wherever a code is asked for.",
            &RecoveryCodes { recovery_codes: vec!["mfrg-gzdf-mztw-q2lk-nruw-23tp".to_owned()] },
        )
        .refuses(&[
            ProblemType::InvalidCredentials,
            ProblemType::ReauthenticationRequired,
            ProblemType::SecondFactorRequired,
            ProblemType::StaleVersion,
        ])
}
