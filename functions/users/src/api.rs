//! What this function says of its routes.

use axum::http::Method;
use mailkey::account::{Role, User, UserStatus};
use mailkey_api::{
    openapi::{
        Access, Operation, display_name, email, enumeration, examples, id_in_path, locale, nullable, object, optional,
        page_of, page_parameters, reference, time, with_properties,
    },
    problem::ProblemType,
};
use serde_json::{Value, json};

use crate::import::MAX_USERS;

/// The operations of this function.
pub fn operations() -> Vec<Operation> {
    vec![list(), create(), import(), show(), edit()]
}

fn list() -> Operation {
    let query = json!({ "type": "string", "pattern": r"^[^\u0000-\u001f\u007f-\u009f]*$" });
    Operation::new(
        Method::GET,
        "/api/admin/users",
        "list_users",
        "Finds users by the beginnings of names and addresses.",
    )
    .open_to(Access::Support)
    .with([optional("query", "Words that each begin a word of the name or of the address.", query)])
    .with(page_parameters())
    .answers_json(
        200,
        "A page of users; without `query`, the newest first.",
        page_of("users", "User"),
        json!({ "users": [examples::user()], "next_cursor": null }),
    )
}

fn create() -> Operation {
    Operation::new(Method::POST, "/api/admin/users", "create_user", "Creates a user and sends the activation email.")
        .open_to(Access::Admin)
        .takes_json(
            object([
                ("email", email()),
                ("display_name", display_name()),
                ("role?", nullable(enumeration(Role::ALL))),
                ("locale?", nullable(locale())),
                ("external_id?", nullable(external_id())),
            ]),
            json!({ "email": "dana@example.com", "display_name": "Dana Example", "role": "member", "locale": "en" }),
        )
        .answers_json(
            201,
            "The user, who is pending until they choose a password with the link in the email.",
            with_properties("User", [suggestion(), warnings()]),
            json!(User { status: UserStatus::Pending, ..examples::user() }),
        )
        .refuses(&[
            ProblemType::NotAllowed,
            ProblemType::ReauthenticationRequired,
            ProblemType::EmailTaken,
            ProblemType::StaleVersion,
        ])
}

fn import() -> Operation {
    let text = || json!({ "type": "string" });
    // A bad value refuses its user and not the request: so any text is taken.
    let user = object([
        ("email", text()),
        ("display_name", text()),
        ("role?", nullable(text())),
        ("locale?", nullable(text())),
        ("status?", nullable(text())),
        ("password_hash?", nullable(json!({ "type": "string", "description": "A PHC string or a crypt hash." }))),
        ("external_id?", nullable(text())),
    ]);
    let outcome = json!({ "type": "string", "enum": ["created", "exists", "refused"] });
    let (email, reason, id) = (("email", text()), ("reason?", text()), ("user_id?", text()));
    let result = object([email, ("outcome", outcome), reason, id, suggestion(), warnings()]);
    let users = json!({ "type": "array", "minItems": 1, "maxItems": MAX_USERS, "items": user });
    let results = json!({ "type": "array", "minItems": 1, "maxItems": MAX_USERS, "items": result });
    Operation::new(
        Method::POST,
        "/api/admin/users/import",
        "import_users",
        "Imports users from another system. No email is sent, and existing users don't change.",
    )
    .open_to(Access::Admin)
    .takes_json(
        object([("users", users)]),
        json!({ "users": [{ "email": "erin@example.com", "display_name": "Erin Example" }] }),
    )
    .answers_json(
        200,
        "The outcome for each user, in the order of the request.",
        object([("results", results)]),
        json!({ "results": [{ "email": "erin@example.com", "outcome": "created", "user_id": examples::user().id }] }),
    )
    .refuses(&[ProblemType::NotAllowed, ProblemType::ReauthenticationRequired])
}

fn show() -> Operation {
    Operation::new(Method::GET, "/api/admin/users/{id}", "show_user", "Shows a user's record.")
        .open_to(Access::Support)
        .with([id_in_path("The user.")])
        .answers_json(200, "The user, with lock, suppression and last emails.", record(), example_record())
}

fn edit() -> Operation {
    Operation::new(
        Method::PATCH,
        "/api/admin/users/{id}",
        "edit_user",
        "Edits a user. Changing the address cancels all links and notifies the old address. `inactive` ends all sessions and links.",
    )
    .open_to(Access::Admin)
    .with([id_in_path("The user.")])
    .takes_json(
        object([
            ("email?", nullable(email())),
            ("display_name?", nullable(display_name())),
            ("role?", nullable(enumeration(Role::ALL))),
            // Pending is where users begin; nobody is put there.
            ("status?", nullable(enumeration(&[UserStatus::Active, UserStatus::Inactive]))),
            ("locale?", nullable(locale())),
        ]),
        json!({ "display_name": "Alice B. Example" }),
    )
    .answers_json(200, "The edited user.", record(), example_record())
    .refuses(&[ProblemType::NotAllowed, ProblemType::ReauthenticationRequired, ProblemType::EmailTaken, ProblemType::StaleVersion])
}

/// What `record.rs` shows.
fn record() -> Value {
    let suppression = reference("Suppression");
    let emails = json!({ "type": "array", "items": reference("EmailLogEntry"), "description": "The entries, the newest first." });
    let recovery_required = json!({
        "const": true,
        "description": "Sign-in from new devices is locked until the user sets a new password or is unlocked.",
    });
    with_properties(
        "User",
        [
            ("locked_until?", time()),
            ("recovery_required?", recovery_required),
            ("suppression?", suppression),
            ("recent_emails?", emails),
            suggestion(),
            warnings(),
        ],
    )
}

/// See `external_id` in `lib.rs`.
fn external_id() -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": 64, "description": "Your own id of the user; searchable." })
}

/// What an administrator is told who creates or edits a user.
fn suggestion() -> (&'static str, Value) {
    ("suggestion?", json!({ "type": "string", "description": "What a mistyped address was probably meant to be." }))
}

fn warnings() -> (&'static str, Value) {
    let code = json!({ "type": "string", "enum": ["non_ascii_local_part"] });
    let warning = object([("code", code), ("detail", json!({ "type": "string" }))]);
    let description = "What will keep the user from getting email.";
    ("warnings?", json!({ "type": "array", "minItems": 1, "items": warning, "description": description }))
}

fn example_record() -> Value {
    let mut record = json!(examples::user());
    record["recent_emails"] = json!([examples::email_log_entry().shown()]);
    record
}
