//! Imported users: the hashes of other systems, the id of another system, and what wrong passwords reveal.

use std::time::{Duration, Instant};

use mailkey_tests::{ALICE, Mailkey, PASSWORD, STRANGER};
use serde_json::{Value, json};

use crate::admin::{an_administrator, get, post};

async fn import(mailkey: &Mailkey, admin: &str, user: Value) -> Value {
    let users = json!({ "users": [user] });
    let answer = post(mailkey, admin, "/api/admin/users/import", users).await.expect_status(200);
    answer.json()["results"][0].clone()
}

async fn stored_hash(mailkey: &Mailkey, email: &str) -> String {
    let tables = mailkey.tables().await;
    let users = tables.of("Users");
    let user = users.iter().find(|user| user["email"]["S"] == email).unwrap();
    user["password_hash"]["S"].as_str().unwrap().to_owned()
}

/// Every hash of the case file: imported, signed in with twice, and replaced in between.
#[tokio::test]
async fn every_hash_of_the_case_file_does_what_it_should() {
    let (mailkey, admin) = an_administrator().await;
    let cases: Vec<Value> = serde_json::from_str(include_str!("../cases/import-hashes.json")).unwrap();
    let mut wrong = Vec::new();
    for (number, case) in cases.iter().enumerate() {
        let email = format!("case{number}@example.org");
        let user = json!({ "email": email, "display_name": "Case", "password_hash": case["hash"] });
        let result = import(&mailkey, &admin, user).await;
        let outcome = if result["outcome"] == "created" {
            let password = case["password"].as_str().unwrap();
            let first = mailkey.sign_in(&email, password).await.status;
            let renewed = stored_hash(&mailkey, &email).await.starts_with("$argon2id$v=19$m=19456,t=2,p=1$");
            let second = mailkey.sign_in(&email, password).await.status;
            if (first, renewed, second) == (200, true, 200) { "signin" } else { "fail" }
        } else {
            assert!(result["reason"].as_str().unwrap().contains("send this person a reset link"), "{result}");
            "refuse"
        };
        let want = case["want"].as_str().unwrap();
        if want != "either" && !want.split("-or-").any(|good| good == outcome) {
            wrong.push(format!("{}: {outcome} instead of {want}", case["what"]));
        }
    }
    assert!(wrong.is_empty(), "{} of {}: {wrong:#?}", wrong.len(), cases.len());
}

/// The first 72 bytes are right, the rest isn't.
#[tokio::test]
async fn case_43_bytes_that_bcrypt_ignores_neither_sign_in_nor_replace_the_hash() {
    let (mailkey, admin) = an_administrator().await;
    let first = "0123456789".repeat(7) + "xy";
    // bcrypt of the 72 bytes, and of any longer text that begins with them.
    let hash = "$2b$04$zJqBGSgvaBWcAM/OF8DsqOcJDPjJmfcU21nK/qeetPgAZjJYPqNaO";
    let user = json!({ "email": "long@example.org", "display_name": "Long", "password_hash": hash });
    assert_eq!(import(&mailkey, &admin, user).await["outcome"], "created");
    for longer in [format!("{first}z"), format!("{first} and more")] {
        mailkey.sign_in("long@example.org", &longer).await.expect_problem("invalid-credentials");
    }
    assert_eq!(stored_hash(&mailkey, "long@example.org").await, hash);
    mailkey.sign_in("long@example.org", &first).await.expect_status(200);
}

#[tokio::test]
async fn an_imported_user_is_found_by_their_external_id() {
    let (mailkey, admin) = an_administrator().await;
    let user = json!({ "email": "dana@example.org", "display_name": "Dana", "external_id": "CRM-4711" });
    let created = import(&mailkey, &admin, user.clone()).await;
    assert_eq!(created["outcome"], "created");
    let again = import(&mailkey, &admin, user).await;
    assert_eq!((&again["outcome"], &again["user_id"]), (&json!("exists"), &created["user_id"]));
    for query in ["CRM-4711", "crm-4711", "4711"] {
        let found = get(&mailkey, &admin, &format!("/api/admin/users?query={query}")).await.expect_status(200).json();
        assert_eq!(found["users"].as_array().unwrap().len(), 1, "{query}: {found}");
        assert_eq!(
            (&found["users"][0]["id"], &found["users"][0]["external_id"]),
            (&created["user_id"], &json!("CRM-4711"))
        );
    }
    let none = get(&mailkey, &admin, "/api/admin/users?query=crm-4712").await.json();
    assert_eq!(none["users"], json!([]));
}

/// Where nobody was imported, a wrong password waits for its hash only. Afterwards it takes the same time for everybody,
/// and refusals without a hash still don't wait.
#[tokio::test]
async fn case_42_a_wrong_password_takes_the_same_time_for_imported_known_and_unknown_addresses() {
    let (mailkey, admin) = an_administrator().await;
    let time = async |email: &str| {
        let started = Instant::now();
        mailkey.sign_in(email, "a wrong password").await.expect_problem("invalid-credentials");
        started.elapsed()
    };
    assert!(time(ALICE).await < Duration::from_millis(550));
    let bcrypt_12 = "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW";
    let user = json!({ "email": "dana@example.org", "display_name": "Dana", "password_hash": bcrypt_12 });
    assert_eq!(import(&mailkey, &admin, user).await["outcome"], "created");
    for email in ["dana@example.org", ALICE, STRANGER] {
        // How much longer depends on how busy the machine is.
        let took = time(email).await;
        assert!(took >= Duration::from_millis(550), "{email}: {took:?}");
    }
    let started = Instant::now();
    mailkey.signed_in(ALICE, PASSWORD).await;
    assert!(started.elapsed() < Duration::from_millis(550), "a right password waits: {:?}", started.elapsed());
    let started = Instant::now();
    mailkey.sign_in("lena@example.com", PASSWORD).await.expect_problem("account-locked");
    assert!(started.elapsed() < Duration::from_millis(500), "{:?}", started.elapsed());
}
