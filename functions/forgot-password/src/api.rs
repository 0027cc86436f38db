//! What this function says of its routes.

use axum::http::Method;
use mailkey_api::openapi::{Operation, object};
use serde_json::json;

use crate::{ForgotPasswordAnswer, ForgotPasswordRequest, MESSAGE};

/// The operations of this function.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            Method::POST,
            "/api/forgot-password",
            "forgot_password",
            "Asks for a link to set a new password. The answer is the same for every address.",
        )
        .takes(&ForgotPasswordRequest { email: "alice@example.com".to_owned() })
        .answers(202, "If the user exists, an email is on its way.", &ForgotPasswordAnswer { message: MESSAGE }),
        Operation::new(Method::GET, "/api/health", "health", "Checks that the API responds.")
            .without_tables()
            .answers_json(
                200,
                "The API responds.",
                object([("status", json!({ "type": "string", "const": "ok" }))]),
                json!({ "status": "ok" }),
            ),
        Operation::new(Method::GET, "/api/openapi.json", "openapi", "This document.").without_tables().answers_json(
            200,
            "An OpenAPI 3.1 document.",
            json!({ "type": "object", "required": ["openapi", "info", "paths", "components"] }),
            json!({ "openapi": "3.1.1", "info": { "title": "Mailkey", "version": "1" }, "paths": {}, "components": {} }),
        ),
    ]
}
