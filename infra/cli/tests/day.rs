//! The support person's day, with the command alone, against the service on this machine.

mod machine;

use machine::Mailkey;
use serde_json::Value;

#[test]
fn the_support_persons_day() {
    let mailkey = Mailkey::start();

    let before = mailkey.run(&["users", "find", "lena"], "");
    assert_eq!(before.exit, 3, "{before:?}");

    let wrong = mailkey.run(&["sign-in", "admin@example.com"], "a wrong password\n");
    assert_eq!(wrong.exit, 1, "{wrong:?}");
    assert!(wrong.notes.contains("Invalid Credentials: "), "{wrong:?}");
    assert!(wrong.notes.contains("/problems/invalid-credentials/"), "{wrong:?}");

    mailkey.done(&["sign-in", "admin@example.com"], &format!("{}\n", machine::PASSWORD));
    assert!(mailkey.session_file_is_private());
    assert!(mailkey.done(&["whoami"], "").contains("admin@example.com"));

    // Find the user.
    let found = mailkey.done(&["users", "find", "lena"], "");
    assert!(found.lines().next().unwrap().starts_with("ID"), "{found}");
    assert!(found.contains("lena@example.com"), "{found}");

    // See the log: nothing yet but what the start left there.
    mailkey.done(&["email-log", "--recipient", "lena@example.com"], "");
    assert!(mailkey.record("lena@example.com")["locked_until"].is_string());

    // Reset, and see the status move.
    let reset = mailkey.json(&["reset", "lena@example.com"]);
    let id = reset["email_log_id"].as_str().unwrap();
    let entry = mailkey.entry_that_went_out(id);
    assert_eq!((&entry["kind"], &entry["trigger"]), (&"password_reset".into(), &"admin".into()));
    let shown = mailkey.done(&["email-log", "show", id], "");
    assert!(shown.contains("Timeline:") && shown.contains("sent"), "{shown}");

    // Unlock.
    mailkey.done(&["unlock", "lena@example.com"], "");
    assert!(mailkey.record("lena@example.com").get("locked_until").is_none());
    let audit = mailkey.done(&["audit", "--target", "lena@example.com"], "");
    assert!(audit.contains("unlock") && audit.contains("reset_password"), "{audit}");

    // What can't be done says why, and with the code that goes for it.
    let inactive = mailkey.run(&["reset", "ivan@example.com"], "");
    assert_eq!(inactive.exit, 1, "{inactive:?}");
    assert!(inactive.notes.contains("/problems/user-inactive/"), "{inactive:?}");
    assert_eq!(mailkey.run(&["reset", "nobody@example.com"], "").exit, 1);
    assert_eq!(mailkey.run(&["reset", "nobody"], "").exit, 2);

    mailkey.done(&["sign-out"], "");
    assert_eq!(mailkey.run(&["whoami"], "").exit, 3);
}

#[test]
fn an_administrators_day() {
    let mailkey = Mailkey::start();
    mailkey.done(&["sign-in", "admin@example.com"], &format!("{}\n", machine::PASSWORD));

    // Users come, change and go.
    let created = mailkey.json(&["users", "create", "noor@example.com", "--name", "Noor New"]);
    assert_eq!(created["status"], "pending");
    assert_eq!(mailkey.run(&["users", "create", "noor@example.com", "--name", "Noor"], "").exit, 1);
    mailkey.done(&["resend-activation", "NOOR@example.com"], "");
    let edited = mailkey.json(&["users", "edit", "noor@example.com", "--name", "Noor Newer"]);
    assert_eq!(edited["display_name"], "Noor Newer");
    assert!(mailkey.done(&["users", "deactivate", "alice@example.com"], "").contains("inactive"));
    assert!(mailkey.done(&["users", "activate", "alice@example.com"], "").contains(" active "));

    // Lists, in pages and as a whole.
    let first = mailkey.json(&["users", "find", "--limit", "2"]);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = mailkey.json(&["users", "find", "--limit", "2", "--cursor", cursor]);
    assert_ne!(first["users"], second["users"]);
    let all = mailkey.json(&["users", "find", "--all"]);
    assert!(all["users"].as_array().unwrap().len() >= 8, "{all}");
    assert_eq!(all["next_cursor"], Value::Null);

    // Settings.
    let settings = mailkey.json(&["settings", "set", "lockout_minutes=30"]);
    assert_eq!(settings["lockout_minutes"], 30);
    assert_eq!(mailkey.run(&["settings", "set", "lockout_minutes=999999"], "").exit, 1);
    assert_eq!(mailkey.run(&["settings", "set", "lockout=30"], "").exit, 2);
    let shown = mailkey.done(&["settings", "show"], "");
    assert!(shown.lines().any(|line| line.split_whitespace().eq(["lockout_minutes", "30"])), "{shown}");

    // A key for a script, which then has no use for the session.
    let key = mailkey.json(&["api-keys", "create", "the CRM", "--role", "support"]);
    let secret = key["api_key"].as_str().unwrap();
    assert!(mailkey.done(&["api-keys", "list"], "").contains("the CRM"));
    assert_eq!(mailkey.run_with_key(secret, &["users", "find", "alice"]).exit, 0);
    assert_eq!(mailkey.run_with_key(secret, &["settings", "show"]).exit, 1);
    mailkey.done(&["api-keys", "revoke", key["id"].as_str().unwrap()], "");
    assert_eq!(mailkey.run_with_key(secret, &["users", "find", "alice"]).exit, 3);

    // Users from another system.
    let file = mailkey.file(concat!(
        "{\"email\":\"imke@example.com\",\"display_name\":\"Imke Imported\",\"role\":\"support\"}\n",
        "{\"email\":\"alice@example.com\",\"display_name\":\"Alice again\"}\n",
        "{\"email\":\"king@example.com\",\"display_name\":\"King\",\"role\":\"king\"}\n",
    ));
    let imported = mailkey.run(&["import", "--json", &file], "");
    let report: Value = serde_json::from_str(&imported.output).unwrap();
    assert_eq!((imported.exit, &report["created"], &report["existed"]), (1, &1.into(), &1.into()), "{imported:?}");
    assert_eq!(report["refused"][0]["line"], 3);
    assert_eq!(mailkey.record("imke@example.com")["role"], "support");

    // The log as a file.
    assert!(mailkey.done(&["email-log", "export"], "").starts_with("id,recipient,kind,"));

    // The session goes to its own site only.
    let elsewhere = mailkey.run(&["--url", "http://127.0.0.1:9", "whoami"], "");
    assert_eq!(elsewhere.exit, 3, "{elsewhere:?}");
    let away = mailkey.run(&["--url", "http://127.0.0.1:9", "sign-in", "admin@example.com"], "a password\n");
    assert_eq!(away.exit, 4, "{away:?}");
    assert!(mailkey.done(&["completions", "bash"], "").contains("_mailkey"));
}
