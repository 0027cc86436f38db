//! What this function says of its routes.

use axum::http::Method;
use mailkey_api::{
    openapi::{Access, Operation, id_in_path},
    problem::ProblemType,
};

/// The operations of this function.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation::new(Method::POST, "/api/admin/users/{id}/unlock", "unlock", "Unlocks a user and notifies them.")
            .open_to(Access::Support)
            .with([id_in_path("The user.")])
            .takes_nothing()
            .refuses(&[ProblemType::NotAllowed]),
    ]
}
