//! What this function says of its routes.

use axum::http::Method;
use mailkey_api::{
    EmailQueued,
    openapi::{Access, Operation, address_in_path, examples, object, page_of, page_parameters},
    problem::ProblemType,
};
use serde_json::json;

const ONE: &str = "/api/admin/suppressions/{address}";

/// The operations of this function.
pub fn operations() -> Vec<Operation> {
    let list = Operation::new(
        Method::GET,
        "/api/admin/suppressions",
        "list_suppressions",
        "Lists the addresses that aren't emailed, the latest first.",
    );
    let show = Operation::new(Method::GET, ONE, "show_suppression", "Shows why an address gets no email.");
    let add = Operation::new(Method::PUT, ONE, "suppress", "Suppresses an address.");
    let remove = Operation::new(Method::DELETE, ONE, "remove_suppression", "Removes a suppression, here and at SES.");
    let resend = Operation::new(
        Method::POST,
        "/api/admin/suppressions/{address}/remove-and-resend",
        "remove_and_resend",
        "Removes a suppression, here and at SES, and sends the user a new link: one step, and one entry of the audit log.",
    );
    let address = || [address_in_path("The address, percent-encoded.")];
    let reason = json!({ "type": "string", "minLength": 1, "maxLength": 300, "pattern": r"^[^\u0000-\u001f\u007f-\u009f]*[^\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000][^\u0000-\u001f\u007f-\u009f]*$",
        "description": "The reason, for colleagues who read it later." });
    let shown = examples::suppression();
    vec![
        list.open_to(Access::Support).with(page_parameters()).answers_json(
            200,
            "A page of the suppressions.",
            page_of("suppressions", "Suppression"),
            json!({ "suppressions": [shown], "next_cursor": null }),
        ),
        show.open_to(Access::Support).with(address()).answers(200, "The suppression.", &shown),
        add.open_to(Access::Admin)
            .with(address())
            .takes_json(object([("reason", reason)]), json!({ "reason": "The owner asked for it." }))
            .answers(200, "The suppression.", &shown),
        remove.open_to(Access::Admin).with(address()).takes_nothing(),
        resend
            .open_to(Access::Admin)
            .with(address())
            .takes_nothing()
            .answers(202, "The email is queued. Its entry in the email log shows its status.", &EmailQueued::EXAMPLE)
            .refuses(&[ProblemType::NotAllowed, ProblemType::UserInactive]),
    ]
}
