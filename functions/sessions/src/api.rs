//! What this function says of its routes.

use axum::http::Method;
use mailkey::{config::Directory, second_factor::FactorState};
use mailkey_api::{
    openapi::{Access, Operation, Parameter, enumeration, examples, id_in_path, object, reference, time, ulid},
    problem::ProblemType,
};
use serde_json::json;

/// The operations of this function.
pub fn operations() -> Vec<Operation> {
    let mut directory = enumeration(Directory::ALL);
    directory["description"] = "Where members live. With `none`, only staff have accounts.".into();
    let expires_at = "2026-03-01T21:30:00.000Z";
    let session = object([
        ("id", ulid()),
        ("created_at", time()),
        ("expires_at", time()),
        ("last_used_at", time()),
        ("is_current", json!({ "type": "boolean", "description": "Whether this request uses the session." })),
        ("ip?", json!({ "type": "string", "description": "The address that it was started from." })),
        ("user_agent?", json!({ "type": "string", "description": "The browser's own description. Untrusted." })),
    ]);
    let example = json!({
        "id": "01KJQ3V7M8Y2N4R6T8W0X2Z4B6",
        "created_at": "2026-03-01T09:30:00.000Z",
        "expires_at": expires_at,
        "last_used_at": "2026-03-01T09:42:00.000Z",
        "is_current": true,
        "ip": "192.0.2.10",
        "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    });
    vec![
        Operation::new(Method::GET, "/api/session", "session", "Shows whose session or API key this is.")
            .open_to(Access::SignedIn)
            .with([background()])
            .answers_json(
                200,
                "The user's current record.",
                object([
                    ("user", reference("User")),
                    ("expires_at", time()),
                    ("second_factor", enumeration(FactorState::ALL)),
                    ("directory", directory),
                ]),
                json!({
                    "user": examples::user(),
                    "expires_at": expires_at,
                    "second_factor": "set_up",
                    "directory": "own",
                }),
            ),
        Operation::new(Method::GET, "/api/sessions", "list_sessions", "Lists the caller's sessions, the newest first.")
            .open_to(Access::SignedIn)
            .answers_json(
                200,
                "All valid sessions.",
                object([("sessions", json!({ "type": "array", "items": session }))]),
                json!({ "sessions": [example] }),
            ),
        Operation::new(Method::DELETE, "/api/sessions", "end_other_sessions", "Ends all other sessions of the caller.")
            .open_to(Access::SignedIn)
            .refuses(&[ProblemType::StaleVersion]),
        Operation::new(Method::DELETE, "/api/sessions/{id}", "end_session", "Ends one of the caller's sessions.")
            .open_to(Access::SignedIn)
            .with([id_in_path("The session.")])
            .refuses(&[ProblemType::StaleVersion]),
        Operation::new(
            Method::DELETE,
            "/api/admin/users/{id}/sessions",
            "end_sessions_of_user",
            "Ends every session of a user.",
        )
        .open_to(Access::Admin)
        .with([id_in_path("The user.")])
        .refuses(&[ProblemType::NotAllowed, ProblemType::StaleVersion]),
        Operation::new(
            Method::DELETE,
            "/api/admin/users/{id}/second-factor",
            "remove_second_factor",
            "Removes another user's second factor, ends their sessions and tells them.",
        )
        .open_to(Access::Admin)
        .with([id_in_path("The user.")])
        .refuses(&[ProblemType::NotAllowed, ProblemType::ReauthenticationRequired]),
    ]
}

/// The mark of requests that a page makes by itself.
fn background() -> Parameter {
    Parameter {
        place: "header",
        name: "Mailkey-Background",
        description: "Marks a request that a page makes by itself, such as polling: the session of a member of staff, \
                      which ends when it is idle, isn't used by it. Every route takes it, with any value.",
        schema: json!({ "type": "string" }),
        is_required: false,
        may_be_empty: true,
    }
}
