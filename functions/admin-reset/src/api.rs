//! What this function says of its routes.

use axum::http::Method;
use mailkey_api::{
    EmailQueued,
    openapi::{Access, Operation, id_in_path},
    problem::ProblemType,
};

/// The operations of this function.
pub fn operations() -> Vec<Operation> {
    let reset = Operation::new(
        Method::POST,
        "/api/admin/users/{id}/reset-password",
        "reset_password",
        "Sends a user a link to set a new password. A pending user gets the activation email.",
    );
    let activation = Operation::new(
        Method::POST,
        "/api/admin/users/{id}/resend-activation",
        "resend_activation",
        "Sends a pending user the activation email again.",
    );
    let require = Operation::new(
        Method::POST,
        "/api/admin/users/{id}/require-new-password",
        "require_new_password",
        "Makes a user choose a new password: the old one, all sessions and the user's API keys stop working immediately, \
         and a link is sent.",
    );
    vec![
        sends(reset),
        sends(require).refuses(&[ProblemType::StaleVersion]),
        sends(activation).refuses(&[ProblemType::AlreadyActive]),
    ]
}

fn sends(operation: Operation) -> Operation {
    operation
        .open_to(Access::Support)
        .with([id_in_path("The user.")])
        .takes_nothing()
        .answers(202, "The email is queued. Its entry in the email log shows its status.", &EmailQueued::EXAMPLE)
        .refuses(&[ProblemType::NotAllowed, ProblemType::UserInactive, ProblemType::AddressSuppressed])
}
