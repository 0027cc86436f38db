use std::{fmt::Write, path::Path};

use super::*;

/// One stream record for each event. The support site shows these events as its examples.
fn samples() -> Vec<Value> {
    let audit = |action: &str, target: &str, detail: Value| {
        let mut image = json!({
            "log": {"S": "audit"}, "id": {"S": "01M82Q95E9R53XYYZB9C9XW6JX"}, "at": {"N": "1795730400000"},
            "actor": {"S": "01M82HY5ZXBAZCXWAQG0DM45BN"}, "actor_role": {"S": "admin"}, "action": {"S": action},
            "target": {"S": target}, "outcome": {"S": "done"}, "schema": {"N": "1"},
        });
        if !detail.is_null() {
            image["detail"] = json!({ "M": detail });
        }
        json!({ "eventName": "INSERT", "dynamodb": { "NewImage": image } })
    };
    let user = "user:01M82HY5ZXBAZCXWAQG0DM45BN";
    let locked = json!({
        "request_key": {"S": "k"}, "email_id": {"S": "01M82Q95E9R53XYYZB9C9XW6JX"}, "kind": {"S": "account_locked"},
        "trigger": {"S": "system"}, "address": {"S": "lena@example.com"}, "requested_at": {"N": "1795730400000"},
    });
    let cause = json!({ "M": { "reason": {"S": "hard_bounce"}, "since": {"N": "1795730400000"} } });
    let suppressed =
        json!({ "address_key": {"S": "sam@example.com"}, "version": {"N": "1"}, "causes": {"L": [cause]} });
    let removal = json!({ "M": { "at": {"N": "1795730400000"}, "by": {"S": "01M82HY5ZXBAZCXWAQG0DM45BN"} } });
    let released = json!({
        "address_key": {"S": "sam@example.com"}, "version": {"N": "2"}, "causes": {"L": []}, "removals": {"L": [removal]},
    });
    vec![
        audit("redeem_token", user, json!({ "purpose": {"S": "password_reset"} })),
        audit("redeem_token", user, json!({ "purpose": {"S": "activation"} })),
        json!({ "eventName": "INSERT", "dynamodb": { "NewImage": locked } }),
        audit("unlock", user, Value::Null),
        audit(
            "create_user",
            user,
            json!({ "note": {"S": "role member"}, "email_id": {"S": "01M82Q95E9R53XYYZB9C9XW6JX"} }),
        ),
        audit("edit_user", user, json!({ "changed": {"L": [{"S": "email"}, {"S": "role"}]} })),
        json!({ "eventName": "INSERT", "dynamodb": { "NewImage": suppressed.clone() } }),
        json!({ "eventName": "MODIFY", "dynamodb": { "NewImage": released, "OldImage": suppressed } }),
        email("mailkey", "delivered", None),
        email("watched", "bounced", Some("mailbox_does_not_exist")),
        email("watched", "blocked", Some("sender_reputation")),
        email("mailkey", "delayed", None),
        email("watched", "complained", None),
    ]
}

/// An entry of the email log that gets a status.
fn email(origin: &str, status: &str, cause: Option<&str>) -> Value {
    let mut event = json!({ "at": {"N": "1795730400000"}, "event": {"S": status} });
    if let Some(cause) = cause {
        event["cause"] = json!({ "S": cause });
    }
    let mut new = json!({
        "partition": {"S": format!("{origin}#3")}, "id": {"S": "01M82Q95E9R53XYYZB9C9XW6JX"},
        "recipient": {"S": "ada@example.com"}, "message_id": {"S": "0100019ac2-example-000000"},
        "status": {"S": status}, "updated_at": {"N": "1795730401000"}, "timeline": {"L": [{ "M": event }]},
    });
    if origin == "mailkey" {
        new["kind"] = json!({ "S": "password_reset" });
        new["user_id"] = json!({ "S": "01M82HY5ZXBAZCXWAQG0DM45BN" });
    } else {
        new["kind"] = json!({ "S": "other" });
        new["from"] = json!({ "S": "invoices@portal.example" });
        new["subject"] = json!({ "S": "Your invoice •••" });
    }
    let mut old = new.clone();
    old["status"] = json!({ "S": "sent" });
    json!({ "eventName": "MODIFY", "dynamodb": { "NewImage": new, "OldImage": old } })
}

#[test]
fn each_stream_record_becomes_its_event() {
    let mut shown = String::new();
    for event in samples().iter().map(|record| event_of(record).unwrap()) {
        writeln!(shown, "{}\n{}\n", event.name, serde_json::to_string_pretty(&event.detail).unwrap()).unwrap();
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn the_documentation_shows_each_event_as_it_is_sent() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs-site/content/operators/domain-events.md");
    let page = std::fs::read_to_string(page).unwrap();
    for event in samples().iter().map(|record| event_of(record).unwrap()) {
        let example = serde_json::to_string_pretty(&event.detail).unwrap();
        assert!(page.contains(&format!("## {}", event.name)), "{}", event.name);
        assert!(page.contains(&example), "{}:\n{example}", event.name);
    }
}

#[test]
fn sending_the_first_administrator_another_link_changes_no_field_but_the_address() {
    let again = |changed: Value| {
        let mut record = samples().remove(5);
        record["dynamodb"]["NewImage"]["detail"]["M"] = json!({
            "note": {"S": "first administrator"}, "email_id": {"S": "01M82Q95E9R53XYYZB9C9XW6JX"},
            "changed": { "L": changed },
        });
        event_of(&record)
    };
    assert_eq!(again(json!([])), None, "the same address");
    assert_eq!(again(json!([{ "S": "email" }])).unwrap().detail["changed"], json!(["email"]));
}

#[test]
fn what_tells_nothing_new_is_no_event() {
    let mut refused = samples().remove(3);
    refused["dynamodb"]["NewImage"]["outcome"] = json!({ "S": "refused" });
    assert_eq!(event_of(&refused), None, "a refused action didn't happen");

    let mut known = samples().remove(6);
    known["dynamodb"]["OldImage"] = known["dynamodb"]["NewImage"].clone();
    assert_eq!(event_of(&known), None, "a rewritten record with the same cause");

    let mut other = samples().remove(2);
    other["dynamodb"]["NewImage"]["kind"] = json!({ "S": "password_reset" });
    assert_eq!(event_of(&other), None, "link requests aren't published");
    assert_eq!(event_of(&json!({ "eventName": "REMOVE", "dynamodb": {} })), None);
}

#[test]
fn an_email_publishes_each_status_once_and_only_failures_if_another_sender_sent_it() {
    let name = |record: &Value| event_of(record).map(|event| event.name);
    assert_eq!(name(&email("mailkey", "delivered", None)), Some("EmailDelivered"));
    assert_eq!(name(&email("watched", "delivered", None)), None, "other senders' email arrives by the thousand");
    assert_eq!(name(&email("mailkey", "sent", None)), None);
    for (status, expected) in
        [("soft_bounced", "EmailBounced"), ("suppressed", "EmailBounced"), ("rejected", "EmailBlocked")]
    {
        assert_eq!(name(&email("watched", status, None)), Some(expected), "{status}");
    }

    let mut first = email("watched", "bounced", None);
    first["dynamodb"].as_object_mut().unwrap().remove("OldImage");
    assert_eq!(name(&first), Some("EmailBounced"), "its first event can be the bounce");

    let mut opened = email("mailkey", "delivered", None);
    opened["dynamodb"]["OldImage"]["status"] = json!({ "S": "delivered" });
    assert_eq!(name(&opened), None, "a later change of another attribute");

    let mut canary = email("mailkey", "delivered", None);
    canary["dynamodb"]["NewImage"]["kind"] = json!({ "S": "canary" });
    assert_eq!(name(&canary), None);
}
