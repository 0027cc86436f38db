//! What this function says of its routes.

use axum::http::Method;
use mailkey_api::{
    openapi::{Operation, object},
    problem::ProblemType,
};
use serde_json::json;

/// The operations of this function.
pub fn operations() -> Vec<Operation> {
    let token = json!({
        "type": "string",
        "pattern": "^[A-Za-z0-9_-]{43}$",
        "description": "What stands behind `#token=` in the link.",
    });
    let new_password = json!({
        "type": "string",
        "description": "Any characters, as many as the security settings ask for and 128 at most.",
    });
    let digest = json!({
        "type": "string",
        "pattern": "^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$",
        "description": "The SHA-256 of the token's 32 bytes (decoded from base64url), in base64url without padding.",
    });
    let how = json!({
        "type": "string",
        "enum": ["opened", "person", "damaged"],
        "description": "`opened`: the page loaded. `person`: a person acted on it. `damaged`: a person opened a link that \
                        arrived without its token; `token_digest` only if the person pasted the link then.",
    });
    let landing = json!({ "token_digest": "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA", "how": "person" });
    let example = json!({
        "token": "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA",
        "new_password": "a sentence that nobody else would choose",
    });
    vec![
        Operation::new(
            Method::POST,
            "/api/redeem-token",
            "redeem_token",
            "Spends the token of a link, and sets the password. A refused password leaves the token unspent.",
        )
        .takes_json(object([("token", token), ("new_password", new_password)]), example)
        .with_header("Set-Cookie", "The device token, for browsers. It starts no session.")
        .with_header("Mailkey-Device", "The same device token, valid for a year.")
        .refuses(&[ProblemType::InvalidToken, ProblemType::WeakPassword, ProblemType::TooManyRequests]),
        Operation::new(
            Method::POST,
            "/api/link-landings",
            "link_landed",
            "Hears that a link was opened. It spends nothing, and answers the same for any token.",
        )
        .takes_json(object([("token_digest?", digest), ("how", how)]), landing),
    ]
}
