//! Transactions that meet another one, or a table that is throttled. A passing fault goes unnoticed; while one lasts, the
//! answer is 503, nothing is written, and the audit log does not claim that anything was refused.

use mailkey_tests::{ALICE, Answer, GWEN, LENA, Mailkey, NEW_PASSWORD, SAM, Tables};
use reqwest::Method;
use serde_json::{Value, json};

use crate::admin::{an_administrator, get, id_of, patch, post};

const MODES: [&str; 2] = ["conflict", "throttle"];

/// All tables that a transaction of the API writes to.
const TABLES: [&str; 9] = [
    "Users",
    "UserSearch",
    "AuditLog",
    "EmailRequests",
    "Tokens",
    "FailedSignIns",
    "Suppressions",
    "SecuritySettings",
    "ApiKeys",
];

/// A request that writes several items in one transaction.
struct Case {
    action: &'static str,
    /// The table of the part that is hit.
    table: &'static str,
    method: Method,
    path: String,
    body: Value,
    status: u16,
}

async fn cases(mailkey: &Mailkey, admin: &str) -> Vec<Case> {
    let (alice, gwen) = (id_of(mailkey, admin, ALICE).await, id_of(mailkey, admin, GWEN).await);
    let lena = id_of(mailkey, admin, LENA).await;
    let key = json!({ "name": "helpdesk", "role": "support", "expires_in_days": 30 });
    post(mailkey, admin, "/api/admin/api-keys", key.clone()).await.expect_status(201);
    let keys = get(mailkey, admin, "/api/admin/api-keys").await.json();
    let mut settings = get(mailkey, admin, "/api/admin/security-settings").await.json();
    settings["emails_per_hour"] = 4.into();
    let case = |action, table, method, path: &str, body, status| Case {
        action,
        table,
        method,
        path: format!("/api/admin/{path}"),
        body,
        status,
    };
    let imported = json!({ "users": [{ "email": "imported@example.com", "display_name": "Imported" }] });
    let created = json!({ "email": "new@example.com", "display_name": "Somebody New" });
    vec![
        case("create_user", "UserSearch", Method::POST, "users", created, 201),
        case("create_user", "Users", Method::POST, "users/import", imported, 200),
        case(
            "edit_user",
            "Users",
            Method::PATCH,
            &format!("users/{gwen}"),
            json!({ "email": "gwen@example.com" }),
            200,
        ),
        case("change_settings", "SecuritySettings", Method::PUT, "security-settings", settings, 200),
        case("reset_password", "EmailRequests", Method::POST, &format!("users/{alice}/reset-password"), json!({}), 202),
        case("unlock", "FailedSignIns", Method::POST, &format!("users/{lena}/unlock"), json!({}), 204),
        case("suppress", "Suppressions", Method::PUT, "suppressions/x%40example.com", json!({ "reason": "no" }), 200),
        case("remove_suppression", "AuditLog", Method::DELETE, "suppressions/x%40example.com", json!({}), 204),
        case(
            "remove_and_resend",
            "Suppressions",
            Method::POST,
            "suppressions/sam%40example.com/remove-and-resend",
            json!({}),
            202,
        ),
        case("create_api_key", "ApiKeys", Method::POST, "api-keys", key, 201),
        case(
            "revoke_api_key",
            "ApiKeys",
            Method::DELETE,
            &format!("api-keys/{}", keys["api_keys"][0]["id"].as_str().unwrap()),
            json!({}),
            204,
        ),
    ]
}

async fn send(mailkey: &Mailkey, admin: &str, case: &Case) -> Answer {
    let request = mailkey.request(case.method.clone(), &case.path).bearer_auth(admin);
    mailkey.send(if case.method == Method::DELETE { request } else { request.json(&case.body) }).await
}

async fn strike(mailkey: &Mailkey, mode: &str, table: &str, next: Option<u64>) {
    let mut plan = json!({ "mode": mode, "operation": "TransactWriteItems", "table": table });
    if let Some(next) = next {
        plan["next"] = next.into();
    }
    mailkey.dynamodb_faults(plan).await;
}

async fn end_faults(mailkey: &Mailkey) {
    mailkey.dynamodb_faults(json!({ "mode": "none" })).await;
}

#[track_caller]
fn expect_same(before: &Tables, after: &Tables, what: &str) {
    for table in TABLES {
        assert_eq!(before.of(table), after.of(table), "{what}: {table}");
    }
}

/// How often the audit log says this of an action.
fn entries(tables: &Tables, action: &str, outcome: &str) -> usize {
    let entries = tables.having("AuditLog", "action", action);
    entries.iter().filter(|entry| entry["outcome"]["S"] == outcome).count()
}

#[tokio::test]
async fn a_fault_that_lasts_is_answered_503_and_writes_nothing_and_one_that_passes_goes_unnoticed() {
    for mode in MODES {
        let (mailkey, admin) = an_administrator().await;
        for case in cases(&mailkey, &admin).await {
            let what = format!("{mode}, {}", case.action);
            let before = mailkey.settled().await;
            strike(&mailkey, mode, case.table, None).await;
            let answer = send(&mailkey, &admin, &case).await.expect_problem("service-unavailable");
            assert!(answer.retry_after() >= 1, "{what}");
            let struck = mailkey.calls(answer.request_id()).await;
            assert_eq!(struck.iter().filter(|call| call.operation == "TransactWriteItems").count(), 4, "{what}");
            end_faults(&mailkey).await;
            expect_same(&before, &mailkey.settled().await, &what);

            strike(&mailkey, mode, case.table, Some(2)).await;
            let answer = send(&mailkey, &admin, &case).await.expect_status(case.status);
            let calls = mailkey.calls(answer.request_id()).await;
            assert_eq!(calls.iter().filter(|call| call.operation == "TransactWriteItems").count(), 3, "{what}");
            end_faults(&mailkey).await;
            let after = mailkey.settled().await;
            let done = |tables: &Tables| entries(tables, case.action, "done");
            assert_eq!(done(&after), done(&before) + 1, "{what}: done once");
            assert_eq!(entries(&after, case.action, "refused"), 0, "{what}: nothing was refused");
        }
    }
}

#[tokio::test]
async fn a_link_is_redeemed_once_although_its_transaction_meets_another_or_is_throttled() {
    for (mode, table) in [("conflict", "Users"), ("throttle", "AuditLog")] {
        let mailkey = Mailkey::start().await;
        let token = mailkey.new_token(ALICE).await;
        let before = mailkey.settled().await;
        strike(&mailkey, mode, table, None).await;
        mailkey.redeem_token(&token, NEW_PASSWORD).await.expect_problem("service-unavailable");
        end_faults(&mailkey).await;
        expect_same(&before, &mailkey.settled().await, mode);
        strike(&mailkey, mode, table, Some(2)).await;
        mailkey.redeem_token(&token, NEW_PASSWORD).await.expect_status(204);
        end_faults(&mailkey).await;
        let after = mailkey.settled().await;
        assert_eq!(entries(&after, "redeem_token", "done"), 1, "{mode}");
        mailkey.sign_in(ALICE, NEW_PASSWORD).await.expect_status(200);
        mailkey.redeem_token(&token, NEW_PASSWORD).await.expect_problem("invalid-token");
    }
}

/// Single writes meet transactions as well.
#[tokio::test]
async fn a_single_write_that_meets_a_transaction_is_tried_again() {
    let mailkey = Mailkey::start().await;
    mailkey.dynamodb_faults(json!({ "mode": "conflict", "table": "FailedSignIns", "next": 2 })).await;
    mailkey.sign_in(ALICE, "wrong").await.expect_problem("invalid-credentials");
    let tables = mailkey.tables().await;
    let counters = tables.having("FailedSignIns", "address_key", ALICE);
    assert_eq!(counters[0]["attempts"]["N"], "1");
    mailkey.dynamodb_faults(json!({ "mode": "conflict", "table": "FailedSignIns" })).await;
    mailkey.sign_in(ALICE, "wrong").await.expect_problem("service-unavailable");
}

#[tokio::test]
async fn a_taken_address_is_refused_as_such_although_its_transaction_was_throttled_before() {
    let (mailkey, admin) = an_administrator().await;
    let alice = id_of(&mailkey, &admin, ALICE).await;
    strike(&mailkey, "throttle", "Users", Some(2)).await;
    patch(&mailkey, &admin, &alice, json!({ "email": SAM })).await.expect_problem("email-taken");
    end_faults(&mailkey).await;
    let tables = mailkey.settled().await;
    assert_eq!((entries(&tables, "edit_user", "refused"), entries(&tables, "edit_user", "done")), (1, 0));
}
