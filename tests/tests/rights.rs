//! Least privilege: the permission tables in infra/PERMISSIONS.md are generated from the policies. `tests/run stack` shows
//! that the deployed functions have exactly these permissions.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use crate::template::{Function, functions, root};

/// Permissions in the form shared by the tables' cells and a policy's statements: calls on a table, with the name of
/// the index if there is one.
type Rights = BTreeSet<String>;

/// `UPDATE_PERMISSIONS=1 cargo test -p mailkey-tests rights` writes the file.
#[test]
fn the_permission_tables_match_the_policies() {
    let (file, rendered) = (root().join("infra/PERMISSIONS.md"), rendered());
    if std::env::var_os("UPDATE_PERMISSIONS").is_some() {
        fs::write(&file, &rendered).unwrap();
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), rendered, "infra/PERMISSIONS.md is out of date");
}

/// Permissions besides those on tables, by function. Any other permission fails the test.
#[test]
fn functions_have_only_the_listed_permissions_besides_tables() {
    let identity = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity";
    let set = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:configuration-set";
    let stream = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"];
    let mut listed = BTreeSet::new();
    let mut allow = |function: &str, actions: &[&str], resource: &str| {
        listed.extend(actions.iter().map(|action| format!("{function} {action} {resource}")));
    };
    // In SES's sandbox, sending also needs a permission on the recipients' identities. The parameter SesSandbox enables
    // it.
    allow("mailer", &["ses:SendEmail"], &format!("{identity}/*"));
    allow("mailer", &["ses:SendEmail"], &format!("{identity}/${{SenderDomain}}"));
    allow("mailer", &["ses:SendEmail"], &format!("{set}/${{RecoveryEmail}}"));
    allow("mailer", &["ses:SendEmail"], &format!("{set}/${{NoticeEmail}}"));
    allow("mailer", &stream, "EmailRequests.StreamArn");
    allow("mailer", &["dynamodb:ListStreams"], "*");
    allow("mailer", &["sqs:SendMessage"], "UnhandledRequests");
    let delays = ["ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "ReceiveMessage", "SendMessage"];
    for action in delays {
        allow("mailer", &[&format!("sqs:{action}")], "DelayedRequests");
    }
    allow("bounce-consumer", &["ses:DeleteSuppressedDestination", "ses:ListSuppressedDestinations"], "*");
    for queue in ["SesEventsQueue", "WatchedEventsQueue"] {
        allow("bounce-consumer", &["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"], queue);
    }
    allow("suppressions", &["ses:DeleteSuppressedDestination", "ses:ListSuppressedDestinations"], "*");
    allow("diagnose", &["ses:GetAccount", "ses:GetSuppressedDestination", "ses:ListSuppressedDestinations"], "*");
    // The identity that covers the From address may be its domain or a parent domain.
    allow("diagnose", &["ses:GetEmailIdentity"], &format!("{identity}/*"));
    allow("erasures", &stream, "Erasures.StreamArn");
    allow("erasures", &["dynamodb:ListStreams"], "*");
    allow("erasures", &["sqs:SendMessage"], "UnhandledErasures");
    for table in ["AuditLog", "EmailLog", "EmailRequests", "Suppressions"] {
        allow("domain-events", &stream, &format!("{table}.StreamArn"));
    }
    allow("domain-events", &["dynamodb:ListStreams"], "*");
    allow("domain-events", &["events:PutEvents"], "EventBus");
    allow("domain-events", &["sqs:SendMessage"], "UnhandledDomainEvents");
    // Keys of the API, and only those that the function uses.
    let secret = ["secretsmanager:GetSecretValue"];
    for function in
        ["admin-reset", "diagnose", "erasures", "forgot-password", "redeem-token", "sessions", "sign-in", "unlock"]
    {
        allow(function, &secret, "EdgeKey");
    }
    for function in ["email-log", "settings", "suppressions", "users"] {
        allow(function, &secret, "EdgeKey");
        allow(function, &secret, "CursorKey");
    }
    allow("forgot-password", &secret, "RequestKey");
    for function in ["redeem-token", "sign-in"] {
        allow(function, &secret, "DeviceKey");
    }
    allow("sign-in", &secret, "SecondFactorKey");
    for function in ["erasures", "settings", "suppressions"] {
        allow(function, &secret, "ErasureKey");
    }

    let mut found = BTreeSet::new();
    for function in functions().values() {
        for (action, resource) in function.grants.iter().filter(|grant| table_of(grant).is_none()) {
            found.insert(format!("{} {action} {resource}", function.binary));
        }
    }
    assert_eq!(found, listed);
}

/// A policy's calls on tables, such as `Users Get` or `EmailLog Query by_recipient`.
fn of_policy(function: &Function) -> Rights {
    let mut rights = Rights::new();
    for grant in &function.grants {
        let Some((table, index)) = table_of(grant) else { continue };
        let call = grant.0.trim_start_matches("dynamodb:").trim_end_matches("Item");
        match index {
            // A query on an index needs no permission on the table, but a statement that names both grants both.
            Some("*") => rights.insert(format!("{table} {call} all indexes")),
            Some(index) => rights.insert(format!("{table} {call} {index}")),
            None => rights.insert(format!("{table} {call}")),
        };
    }
    // If a policy names an index, queries use that index, and every other call is listed for the table.
    let indexed: Vec<_> = rights.iter().filter(|right| right.split(' ').count() > 2).cloned().collect();
    for right in indexed {
        let mut words = right.split(' ');
        let (table, call) = (words.next().unwrap(), words.next().unwrap());
        if call == "Query" {
            rights.remove(&format!("{table} Query"));
        } else {
            rights.remove(&right);
        }
    }
    if function.condition_on("Users").contains("dynamodb:Attributes") {
        rights.insert("Users without the hash".to_owned());
    }
    rights
}

/// The table and the index that a grant refers to.
fn table_of((action, resource): &(String, String)) -> Option<(String, Option<&str>)> {
    if !action.starts_with("dynamodb:") || resource == "*" || resource.ends_with(".StreamArn") {
        return None;
    }
    match resource.strip_prefix("${").and_then(|rest| rest.split_once(".Arn}/index/")) {
        Some((table, index)) => Some((table.to_owned(), Some(index))),
        None => Some((resource.clone(), None)),
    }
}

/// The functions of each table, in the order of the columns.
const GROUPS: [(&str, &[&str]); 3] = [
    ("Public routes, and the mailer", &["forgot-password", "mailer", "redeem-token", "sign-in", "sessions"]),
    ("Administration", &["users", "admin-reset", "unlock", "email-log", "settings", "erasures"]),
    ("Delivery, diagnosis and events", &["bounce-consumer", "suppressions", "diagnose", "domain-events"]),
];

const INTRODUCTION: &str = "# Permissions

Each function's permissions on tables, generated from the policies in [template.yaml](template.yaml). A transaction needs the
permissions of its parts. An empty cell means: denied. *Without the hash* means that a condition allows every attribute of a
user record except the password hash. `tests/run stack` tries every call with each function's own credentials.

To update this file, run `UPDATE_PERMISSIONS=1 cargo test -p mailkey-tests rights`.
";

fn rendered() -> String {
    let by_binary: BTreeMap<_, _> =
        functions().into_values().map(|function| (function.binary.clone(), of_policy(&function))).collect();
    let listed: BTreeSet<_> = GROUPS.iter().flat_map(|(_, functions)| functions.iter().copied()).collect();
    assert_eq!(by_binary.keys().map(String::as_str).collect::<BTreeSet<_>>(), listed, "every function has a column");
    let mut text = INTRODUCTION.to_owned();
    for (heading, functions) in GROUPS {
        let rights: Vec<_> = functions.iter().map(|function| &by_binary[*function]).collect();
        let tables: BTreeSet<_> =
            rights.iter().flat_map(|rights| rights.iter()).map(|right| right.split(' ').next().unwrap()).collect();
        let columns: Vec<_> = functions.iter().map(|function| format!("`{function}`")).collect();
        text +=
            &format!("\n## {heading}\n\n| table | {} |\n|{}\n", columns.join(" | "), "---|".repeat(columns.len() + 1));
        for table in tables {
            let cells: Vec<_> = rights.iter().map(|rights| cell(table, rights)).collect();
            text += &format!("| `{table}` | {} |\n", cells.join(" | "));
        }
    }
    text
}

/// Such as `Get, Put, Query (by_age), without the hash`.
fn cell(table: &str, rights: &Rights) -> String {
    let calls: Vec<_> = rights.iter().filter_map(|right| right.strip_prefix(table)?.strip_prefix(' ')).collect();
    let indexes: Vec<_> = calls.iter().filter_map(|call| call.strip_prefix("Query ")).collect();
    let plain = calls.iter().filter(|call| !call.contains(' ')).map(|call| (*call).to_owned());
    let query = (!indexes.is_empty()).then(|| format!("Query ({})", indexes.join(", ")));
    let without_hash = calls.contains(&"without the hash").then(|| "without the hash".to_owned());
    plain.chain(query).chain(without_hash).collect::<Vec<_>>().join(", ")
}
