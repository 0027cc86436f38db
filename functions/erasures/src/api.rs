//! What this function says of its routes.

use axum::http::Method;
use mailkey::erasure::Step;
use mailkey_api::{
    openapi::{Access, Operation, email, enumeration, examples, id_in_path, nullable, object, time, ulid},
    problem::ProblemType,
};
use serde_json::{Value, json};

/// The operations of this function.
pub fn operations() -> Vec<Operation> {
    vec![start(), show(), export()]
}

fn start() -> Operation {
    let mut running = example();
    running["state"] = "running".into();
    running["step"] = "user".into();
    running["erased"] = 0.into();
    running.as_object_mut().map(|fields| fields.remove("finished_at"));
    Operation::new(
        Method::POST,
        "/api/admin/erasures",
        "erase_person",
        "Erases everything that is stored about a person. It can’t be undone or stopped.",
    )
    .open_to(Access::Admin)
    .takes_json(person(), json!({ "user_id": examples::user().id }))
    .answers_json(202, "The erasure. It runs as a job.", erasure(), running)
    .refuses(&[ProblemType::NotFound, ProblemType::NotAllowed, ProblemType::ReauthenticationRequired])
}

fn show() -> Operation {
    Operation::new(Method::GET, "/api/admin/erasures/{id}", "show_erasure", "Shows the progress of an erasure.")
        .open_to(Access::Admin)
        .with([id_in_path("The erasure.")])
        .answers_json(
            200,
            "The erasure. A finished one is kept for 400 days and names no address.",
            erasure(),
            example(),
        )
}

fn export() -> Operation {
    let items = json!({ "type": "array", "items": { "type": "object" } });
    let tables = json!({
        "type": "object",
        "additionalProperties": items,
        "description": "What is stored, by table, without secrets and digests.",
    });
    let unread = json!({
        "type": "array",
        "items": { "type": "string" },
        "description": "Tables that are too large to be read within the time of one request.",
    });
    let exported = object([
        ("address", json!({ "type": "string", "description": "The address, in its canonical form." })),
        ("user_id", nullable(ulid())),
        ("exported_at", time()),
        ("tables", tables),
        ("not_read_to_the_end", unread),
    ]);
    let user = json!({ "pk": "user#01JNQ8Z0T5X6W7V8R9S0A1B2C3", "email": "alice@example.com" });
    Operation::new(
        Method::POST,
        "/api/admin/exports",
        "export_person",
        "Exports everything that is stored about a person.",
    )
    .open_to(Access::Admin)
    .takes_json(person(), json!({ "address": "alice@example.com" }))
    .answers_json(
        200,
        "Everything that is stored about the person.",
        exported,
        json!({
            "address": "alice@example.com",
            "user_id": examples::user().id,
            "exported_at": "2026-11-30T10:00:00.000Z",
            "tables": { "Users": [user] },
            "not_read_to_the_end": [],
        }),
    )
    .refuses(&[ProblemType::NotFound])
}

fn person() -> Value {
    let mut person = object([("user_id?", ulid()), ("address?", email())]);
    person["minProperties"] = 1.into();
    person["maxProperties"] = 1.into();
    person
}

fn erasure() -> Value {
    object([
        ("id", ulid()),
        ("state", json!({ "type": "string", "enum": ["running", "done"] })),
        ("step?", enumeration(Step::ALL)),
        (
            "erased",
            json!({ "type": "integer", "description": "How many items were deleted or made anonymous so far." }),
        ),
        ("requested_by", ulid()),
        ("requested_at", time()),
        ("finished_at?", time()),
    ])
}

fn example() -> Value {
    json!({
        "id": "01JNQ8Z0T5X6W7V8R9S0A1B2C4",
        "state": "done",
        "erased": 17,
        "requested_by": examples::user().id,
        "requested_at": "2026-11-30T10:00:00.000Z",
        "finished_at": "2026-11-30T10:00:02.000Z",
    })
}
