//! What support staff and administrators do with the command, against the local service.

mod service;

use serde_json::Value;
use service::{Mailkey, PASSWORD};

#[test]
fn support_staff_find_and_help_a_user() {
    let mailkey = Mailkey::start();

    let before = mailkey.run(&["users", "find", "lena"], "");
    assert_eq!(before.exit, 3, "{before:?}");

    let wrong = mailkey.run(&["sign-in", "admin@example.com"], "a wrong password\n");
    assert_eq!(wrong.exit, 1, "{wrong:?}");
    assert!(wrong.stderr.contains("Invalid Credentials: "), "{wrong:?}");
    assert!(wrong.stderr.contains("/problems/invalid-credentials/"), "{wrong:?}");

    mailkey.ok(&["sign-in", "admin@example.com"], &format!("{}\n", PASSWORD));
    assert!(mailkey.session_file_is_private());
    assert!(mailkey.ok(&["whoami"], "").contains("admin@example.com"));

    // Find the user.
    let found = mailkey.ok(&["users", "find", "lena"], "");
    assert!(found.lines().next().unwrap().starts_with("ID"), "{found}");
    assert!(found.contains("lena@example.com"), "{found}");

    // See the email log.
    mailkey.ok(&["email-log", "--recipient", "lena@example.com"], "");
    assert!(mailkey.record("lena@example.com")["locked_until"].is_string());

    // Send a reset, and follow its delivery.
    let reset = mailkey.json(&["reset", "lena@example.com"]);
    let id = reset["email_id"].as_str().unwrap();
    let entry = mailkey.sent_entry(id);
    assert_eq!((&entry["kind"], &entry["trigger"]), (&"password_reset".into(), &"admin".into()));
    let shown = mailkey.ok(&["email-log", "show", id], "");
    assert!(shown.contains("Timeline:") && shown.contains("sent"), "{shown}");

    // Unlock.
    let unlocked = mailkey.ok(&["unlock", "lena@example.com"], "");
    assert_eq!(
        unlocked,
        "lena@example.com was locked for a while after failed sign-ins. The lock is removed.\n\
                          The user can sign in now, with the current password.\n\
                          If they don't know it: mailkey reset lena@example.com\n"
    );
    assert!(mailkey.record("lena@example.com").get("locked_until").is_none());
    let again = mailkey.json(&["unlock", "lena@example.com"]);
    assert_eq!((&again["was_locked"], &again["can_sign_in"]), (&false.into(), &true.into()), "{again}");
    let pending = mailkey.ok(&["unlock", "petra@example.com"], "");
    assert!(pending.contains("wasn't locked") && pending.contains("resend-activation petra@example.com"), "{pending}");
    let audit = mailkey.ok(&["audit", "--target", "lena@example.com"], "");
    assert!(audit.contains("unlock") && audit.contains("reset_password"), "{audit}");
    assert!(audit.contains("admin@example.com") && audit.contains("    lena@example.com"), "{audit}");

    // Rows fit 80 columns.
    mailkey.ok(&["suppressions", "add", "petra@example.com", "--reason", &"asked to stop ".repeat(12)], "");
    for list in [&["email-log"][..], &["audit"], &["suppressions", "list"]] {
        let shown = mailkey.ok(list, "");
        assert!(shown.lines().count() >= 4, "{shown}");
        assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
    }
    let shown = mailkey.ok(&["suppressions", "show", "petra@example.com"], "");
    assert!(shown.lines().any(|line| line.starts_with("added by") && line.ends_with("admin@example.com")), "{shown}");

    // Rejected requests say why, and each kind has its exit code.
    let inactive = mailkey.run(&["reset", "ivan@example.com"], "");
    assert_eq!(inactive.exit, 1, "{inactive:?}");
    assert!(inactive.stderr.contains("/problems/user-inactive/"), "{inactive:?}");
    assert_eq!(mailkey.run(&["reset", "nobody@example.com"], "").exit, 1);
    assert_eq!(mailkey.run(&["reset", "nobody"], "").exit, 2);
    let status = mailkey.run(&["email-log", "--status", "lost"], "");
    assert_eq!(status.exit, 1, "{status:?}");
    assert!(status.stderr.contains("parameter status"), "{status:?}");

    mailkey.ok(&["sign-out"], "");
    assert_eq!(mailkey.run(&["whoami"], "").exit, 3);
}

#[test]
fn an_administrator_manages_users_settings_and_keys() {
    let mailkey = Mailkey::start();
    mailkey.ok(&["sign-in", "admin@example.com"], &format!("{}\n", PASSWORD));

    // Create, change, deactivate and activate users.
    let created = mailkey.json(&["users", "create", "noor@example.com", "--name", "Noor New"]);
    assert_eq!(created["status"], "pending");
    assert_eq!(mailkey.run(&["users", "create", "noor@example.com", "--name", "Noor"], "").exit, 1);
    mailkey.ok(&["resend-activation", "NOOR@example.com"], "");
    let edited = mailkey.json(&["users", "edit", "noor@example.com", "--name", "Noor Newer"]);
    assert_eq!(edited["display_name"], "Noor Newer");
    assert!(mailkey.ok(&["users", "deactivate", "alice@example.com"], "").contains("inactive"));
    assert!(mailkey.ok(&["users", "activate", "alice@example.com"], "").ends_with(" is now active.\n"));

    // Show lists by page and completely.
    let first = mailkey.json(&["users", "find", "--limit", "2"]);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = mailkey.json(&["users", "find", "--limit", "2", "--cursor", cursor]);
    assert_ne!(first["users"], second["users"]);
    let all = mailkey.json(&["users", "find", "--all"]);
    assert!(all["users"].as_array().unwrap().len() >= 8, "{all}");
    assert_eq!(all["next_cursor"], Value::Null);

    // Change settings.
    let settings = mailkey.json(&["settings", "set", "lockout_minutes=30"]);
    assert_eq!(settings["lockout_minutes"], 30);
    assert_eq!(mailkey.run(&["settings", "set", "lockout_minutes=999999"], "").exit, 1);
    assert_eq!(mailkey.run(&["settings", "set", "lockout=30"], "").exit, 2);
    let shown = mailkey.ok(&["settings", "show"], "");
    assert!(shown.lines().any(|line| line.split_whitespace().eq(["lockout_minutes", "30"])), "{shown}");

    // Create an API key, use it without a session, and revoke it.
    let key = mailkey.json(&["api-keys", "create", "the CRM", "--role", "support"]);
    let secret = key["api_key"].as_str().unwrap();
    assert!(mailkey.ok(&["api-keys", "list"], "").contains("the CRM"));
    assert_eq!(mailkey.run_with_key(secret, &["users", "find", "alice"]).exit, 0);
    assert_eq!(mailkey.run_with_key(secret, &["settings", "show"]).exit, 1);
    mailkey.ok(&["api-keys", "revoke", key["id"].as_str().unwrap()], "");
    assert_eq!(mailkey.run_with_key(secret, &["users", "find", "alice"]).exit, 3);

    // Import users from another system.
    let file = mailkey.file(concat!(
        "{\"email\":\"imke@example.com\",\"display_name\":\"Imke Imported\",\"role\":\"support\"}\n",
        "{\"email\":\"alice@example.com\",\"display_name\":\"Alice again\"}\n",
        "{\"email\":\"king@example.com\",\"display_name\":\"King\",\"role\":\"king\"}\n",
    ));
    let imported = mailkey.run(&["import", "--json", &file], "");
    let report: Value = serde_json::from_str(&imported.stdout).unwrap();
    assert_eq!((imported.exit, &report["created"], &report["existed"]), (1, &1.into(), &1.into()), "{imported:?}");
    assert_eq!(report["refused"][0]["line"], 3);
    assert_eq!(mailkey.record("imke@example.com")["role"], "support");

    // Check a file without sending it.
    let check = mailkey.run(&["import", "--check", &file], "");
    assert_eq!(check.exit, 0, "{check:?}");
    assert!(check.stdout.contains("Checked 3 lines: 3 valid, 0 rejected. Nothing was sent."), "{check:?}");

    // A change without a field to change is wrong usage.
    assert_eq!(mailkey.run(&["users", "edit", "noor@example.com"], "").exit, 2);

    // Export the log.
    assert!(mailkey.ok(&["email-log", "export"], "").starts_with("id,origin,recipient,from,subject,kind,"));
    let exported = mailkey.ok(&["email-log", "export", "--json"], "");
    let entries: Vec<Value> = exported.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let listed = mailkey.json(&["email-log", "--all"]);
    let ids = |entries: &[Value]| entries.iter().map(|entry| entry["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&entries), ids(listed["entries"].as_array().unwrap()));
    assert!(!entries.is_empty());

    // The scheme of a URL can be left out.
    let session = mailkey.ok(&["--url", mailkey.address(), "whoami"], "");
    assert!(session.contains("admin@example.com"), "{session}");

    // The session is only sent to its own site.
    let other = mailkey.run(&["--url", "http://127.0.0.1:9", "whoami"], "");
    assert_eq!(other.exit, 3, "{other:?}");
    let away = mailkey.run(&["--url", "http://127.0.0.1:9", "sign-in", "admin@example.com"], "a password\n");
    assert_eq!(away.exit, 4, "{away:?}");
    assert!(mailkey.ok(&["completions", "bash"], "").contains("_mailkey"));
}

#[test]
fn sessions_are_listed_and_ended() {
    let mailkey = Mailkey::start();
    let sign_in = || mailkey.ok(&["sign-in", "admin@example.com"], &format!("{PASSWORD}\n"));
    sign_in();
    let first = mailkey.json(&["sessions", "list"])["sessions"][0]["id"].as_str().unwrap().to_owned();
    sign_in();
    sign_in();
    let listed = mailkey.json(&["sessions", "list"]);
    assert_eq!(listed["sessions"].as_array().unwrap().len(), 3, "{listed}");
    let shown = mailkey.ok(&["sessions", "list"], "");
    assert!(shown.contains(&first) && shown.contains("mailkey/"), "{shown}");
    assert!(shown.lines().all(|line| line.len() <= 80), "{shown}");
    mailkey.ok(&["sessions", "end", &first], "");
    assert_eq!(mailkey.run(&["sessions", "end", &first], "").exit, 1);
    mailkey.ok(&["sessions", "end-others"], "");
    let left = mailkey.json(&["sessions", "list"]);
    assert_eq!(left["sessions"].as_array().unwrap().len(), 1, "{left}");
    assert_eq!(left["sessions"][0]["is_current"], true);
    mailkey.ok(&["sessions", "end-all", "alice@example.com"], "");
    // Only someone else removes a second factor, and only if there is one.
    let own = mailkey.run(&["second-factor", "remove", "admin@example.com"], "");
    assert!(own.exit == 1 && own.stderr.contains("/problems/not-allowed/"), "{own:?}");
    let none = mailkey.run(&["second-factor", "remove", "alice@example.com"], "");
    assert!(none.exit == 1 && none.stderr.contains("no second factor"), "{none:?}");
    assert!(mailkey.ok(&["whoami"], "").contains("not_set_up"));
}
