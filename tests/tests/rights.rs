//! Least privilege: each function's policy matches the tables in ARCHITECTURE.md. `tests/run stack` shows that the
//! deployed stack enforces it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use crate::template::{Function, functions, root};

/// Permissions in the form shared by the tables' cells and a policy's statements: calls on a table, with the name of
/// the index if there is one.
type Rights = BTreeSet<String>;

#[test]
fn every_policy_matches_the_architecture() {
    let documented = documented();
    for (name, function) in functions() {
        let written =
            documented.get(&function.binary).unwrap_or_else(|| panic!("{name} has no column in ARCHITECTURE.md"));
        assert_eq!(&of_policy(&function), written, "{name}");
    }
    let binaries: BTreeSet<_> = functions().into_values().map(|function| function.binary).collect();
    assert_eq!(documented.into_keys().collect::<BTreeSet<_>>(), binaries);
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
    allow("mailer", &["ses:SendEmail"], &format!("{set}/${{RecoveryMail}}"));
    allow("mailer", &["ses:SendEmail"], &format!("{set}/${{NoticeMail}}"));
    allow("mailer", &stream, "RecoveryRequests.StreamArn");
    allow("mailer", &["dynamodb:ListStreams"], "*");
    allow("mailer", &["sqs:SendMessage"], "UnhandledRequests");
    allow("bounce-consumer", &["ses:DeleteSuppressedDestination", "ses:ListSuppressedDestinations"], "*");
    allow("bounce-consumer", &["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"], "SesEventsQueue");
    allow("suppressions", &["ses:DeleteSuppressedDestination", "ses:ListSuppressedDestinations"], "*");
    allow("diagnose", &["ses:GetAccount", "ses:GetSuppressedDestination"], "*");
    // The identity that covers the From address may be its domain or a parent domain.
    allow("diagnose", &["ses:GetEmailIdentity"], &format!("{identity}/*"));
    for table in ["AuditLog", "RecoveryRequests", "Suppressions"] {
        allow("domain-events", &stream, &format!("{table}.StreamArn"));
    }
    allow("domain-events", &["dynamodb:ListStreams"], "*");
    allow("domain-events", &["events:PutEvents"], "EventBus");
    allow("domain-events", &["sqs:SendMessage"], "UnhandledDomainEvents");

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

/// Reads the tables under "Who may do what": each function with the contents of its column.
fn documented() -> BTreeMap<String, Rights> {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let (_, text) = text.split_once("### Who may do what").unwrap();
    let text = text.split("\n## ").next().unwrap();
    let (mut rights, mut functions) = (BTreeMap::<String, Rights>::new(), Vec::new());
    for line in text.lines() {
        let cells: Vec<_> = line.trim().trim_matches('|').split('|').map(str::trim).collect();
        if cells[0] == "table" {
            functions = cells[1..].iter().map(|cell| cell.trim_matches('`').to_owned()).collect();
            for function in &functions {
                rights.entry(function.clone()).or_default();
            }
        } else if line.starts_with("| `") {
            let table = cells[0].trim_matches('`');
            for (function, cell) in functions.iter().zip(&cells[1..]) {
                rights.get_mut(function).unwrap().extend(of_cell(table, cell));
            }
        }
    }
    rights
}

/// Parses a cell such as `Get, without the hash; Put, Query (`by_age`)`.
fn of_cell(table: &str, cell: &str) -> Rights {
    if cell.starts_with('(') {
        return Rights::new();
    }
    let mut rights = Rights::new();
    let mut rest = cell.replace(';', ",").replace("both indexes", "all indexes");
    while let Some((before, (inside, behind))) =
        rest.split_once('(').and_then(|(before, behind)| Some((before.to_owned(), behind.split_once(')')?)))
    {
        for index in inside.split(',') {
            rights.insert(format!("{table} Query {}", index.trim().trim_matches('`')));
        }
        rest = format!("{}{behind}", before.trim_end().strip_suffix("Query").unwrap_or(&before));
    }
    for call in rest.split(',').map(str::trim).filter(|call| !call.is_empty()) {
        rights.insert(format!("{table} {call}"));
    }
    rights
}
