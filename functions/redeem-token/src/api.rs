//! What this function says of its routes.

use axum::http::Method;
use mailkey_api::{openapi::Operation, problem::ProblemType};

use crate::{
    RedeemTokenRequest,
    landing::{How, LandingRequest},
};

/// The operations of this function.
pub fn operations() -> Vec<Operation> {
    let token = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA".to_owned();
    let landing = LandingRequest { token_digest: Some(token.clone()), how: How::Person };
    let redeem = RedeemTokenRequest { token, new_password: "a sentence that nobody else would choose".to_owned() };
    vec![
        Operation::new(
            Method::POST,
            "/api/redeem-token",
            "redeem_token",
            "Sets the password with the token of a link. A refused password leaves the token valid.",
        )
        .takes(&redeem)
        .with_header("Set-Cookie", "The device token, for browsers. It doesn't start a session.")
        .with_header("Mailkey-Device", "The same device token, valid for a year.")
        .refuses(&[ProblemType::InvalidToken, ProblemType::WeakPassword, ProblemType::TooManyRequests]),
        Operation::new(
            Method::POST,
            "/api/link-landings",
            "link_landed",
            "Records that a link was opened. The token stays valid, and the response is the same for every token.",
        )
        .takes(&landing),
    ]
}
