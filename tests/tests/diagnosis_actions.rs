//! Every action that a diagnosis offers succeeds, and the next diagnosis shows that: for each scenario alone, and for
//! every two that can occur together.

use std::collections::BTreeSet;

use mailkey_tests::{Mailkey, Setup, eventually};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    admin::{ADMIN, ADMIN_PASSWORD, staff},
    diagnosis::{CAUSES, address_of, causes, diagnosis},
};

/// More actions than any situation needs, one after the other.
const STEPS: usize = 5;

#[derive(Debug, Default)]
struct Tally {
    situations: usize,
    actions: usize,
    waits: usize,
    asked: usize,
    nothing: usize,
    failures: Vec<String>,
}

#[tokio::test]
async fn every_action_succeeds_in_every_scenario_alone_and_in_pairs_and_changes_the_answer() {
    let mut tally = Tally::default();
    for scenario in ["all", "pairs"] {
        let (mailkey, admin) = playing(scenario).await;
        let everybody = addresses(&mailkey).await;
        let support = staff(&mailkey, &admin, "sue@example.com", "support").await;
        for address in everybody {
            tally.situations += 1;
            // What support may not do is left to an administrator.
            if let Some(address) = follow(&mailkey, &support, "support", address, &mut tally).await {
                follow(&mailkey, &admin, "admin", address, &mut tally).await;
            }
        }
    }
    // A problem of the sending account is everybody's: it makes a pair with each seeded user's own.
    for cause in CAUSES.iter().filter(|cause| cause.starts_with("sender_")) {
        let (mailkey, admin) = playing(cause).await;
        assert!(causes(&diagnosis(&mailkey, &admin, &address_of(cause)).await).contains(cause));
        for address in addresses(&mailkey).await {
            tally.situations += 1;
            follow(&mailkey, &admin, "admin", address, &mut tally).await;
        }
    }
    let Tally { situations, actions, waits, asked, nothing, failures } = &tally;
    eprintln!(
        "{situations} situations, {actions} actions run, {waits} end with a wait, {asked} with another person to ask, \
         {nothing} with nothing to do, {} failures",
        failures.len()
    );
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(*situations > 250 && *actions > 150 && *waits > 100, "{tally:?}");
}

async fn playing(scenario: &str) -> (Mailkey, String) {
    let setup = Setup::new().env("MAILKEY_ADMIN_PASSWORD", ADMIN_PASSWORD).arg("--scenario").arg(scenario);
    let mailkey = setup.start().await;
    let admin = mailkey.signed_in(ADMIN, ADMIN_PASSWORD).await;
    (mailkey, admin)
}

/// Everybody who has a record, or a history, or a suppression.
async fn addresses(mailkey: &Mailkey) -> BTreeSet<String> {
    let tables = mailkey.tables().await;
    let of = |table: &str, attribute: &str| {
        let texts = tables.of(table).iter().filter_map(|item| item[attribute]["S"].as_str());
        texts.map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    let all = [of("Users", "email"), of("EmailLog", "recipient"), of("Suppressions", "address_key")].concat();
    // The others of a burst only make it one.
    let is_other = |address: &str| address.starts_with("person") && !address.starts_with("person@");
    all.into_iter().filter(|address| address.contains('@') && !is_other(address)).collect()
}

/// Does what the diagnosis says, until it says to wait, or that somebody else has to act. Returns the address if that is
/// an administrator.
async fn follow(mailkey: &Mailkey, caller: &str, role: &str, address: String, tally: &mut Tally) -> Option<String> {
    let mut address = address;
    for step in 0..STEPS {
        let before = diagnosis(mailkey, caller, &address).await;
        let main = &before["main_action"];
        let what = format!("{role}, {address}, step {step}: {}", before["summary"]);
        for finding in before["findings"].as_array().unwrap().iter().skip(1) {
            if let Some(action) = finding["fix"].get("action") {
                run(mailkey, caller, action, &what, tally).await;
                let after = diagnosis(mailkey, caller, &address).await;
                if causes(&after).contains(&finding["cause"].as_str().unwrap()) {
                    tally.failures.push(format!("{what}: {} had no effect", action["label"]));
                }
            }
        }
        match main["kind"].as_str().unwrap() {
            "call" => {
                let answer = run(mailkey, caller, &main["action"], &what, tally).await;
                let answer = answer?;
                let changed = answer["email"].as_str();
                address = changed.map_or(address, ToOwned::to_owned);
                if main.get("continue_with").is_some_and(|next| *next != *address) {
                    tally.failures.push(format!("{what}: continues with {}", main["continue_with"]));
                }
                eventually(&format!("{what}: {} changes the answer", main["label"]), || async {
                    let after = diagnosis(mailkey, caller, &address).await;
                    let is_waiting = after["main_action"]["kind"] == "wait";
                    (is_waiting || after["summary"] != before["summary"]).then_some(())
                })
                .await;
            }
            "wait" => {
                tally.waits += 1;
                assert!(main["wait_until"].is_string(), "{what}: {main}");
                return None;
            }
            "ask" => {
                tally.asked += 1;
                let for_staff = ["administrator", "operator", "recipients_it"].contains(&main["who"].as_str().unwrap());
                assert_eq!(main["note"].is_string(), for_staff, "{what}: {main}");
                assert!(role != "admin" || main["who"] != "administrator" || is_own(&address), "{what}: {main}");
                return (main["who"] == "administrator").then_some(address);
            }
            _ => {
                tally.nothing += 1;
                assert_eq!(before["findings"], json!([]), "{what}");
                return None;
            }
        }
    }
    // A link that was sent makes the next answer a wait, so it never goes on without end.
    tally.failures.push(format!("{role}, {address}: still offers an action after {STEPS} steps"));
    None
}

/// Nobody unlocks or activates themselves.
fn is_own(address: &str) -> bool {
    address == ADMIN
}

/// Carries out an action as the console does; `None` if it fails.
async fn run(mailkey: &Mailkey, caller: &str, action: &Value, what: &str, tally: &mut Tally) -> Option<Value> {
    tally.actions += 1;
    let method: Method = action["method"].as_str().unwrap().parse().unwrap();
    let mut body = action.get("body").cloned();
    if action.get("input").is_some() {
        body = Some(json!({ "email": format!("right-{}@example.org", tally.actions) }));
    }
    let mut request = mailkey.request(method, action["path"].as_str().unwrap()).bearer_auth(caller);
    if let Some(body) = body {
        request = request.json(&body);
    }
    let answer = mailkey.send(request).await;
    if (200..300).contains(&answer.status) {
        return Some(if answer.text().is_empty() { Value::Null } else { answer.json() });
    }
    tally.failures.push(format!("{what}: {} answers {} {}", action["label"], answer.status, answer.text()));
    None
}
