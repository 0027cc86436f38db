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
            "Spends the token of a link, and sets the password. A refused password leaves the token unspent.",
        )
        .takes(&redeem)
        .with_header("Set-Cookie", "The device token, for browsers. It starts no session.")
        .with_header("Mailkey-Device", "The same device token, valid for a year.")
        .refuses(&[ProblemType::InvalidToken, ProblemType::WeakPassword, ProblemType::TooManyRequests]),
        Operation::new(
            Method::POST,
            "/api/link-landings",
            "link_landed",
            "Hears that a link was opened. It spends nothing, and answers the same for any token.",
        )
        .takes(&landing),
    ]
}
