//! The internal state that the local tools show.

use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;
use serde_json::Value;

/// A call to DynamoDB or SES that a request made.
#[derive(Debug, Clone, Deserialize, PartialEq)]
pub struct Call {
    /// The operation, such as `PutItem`.
    pub operation: String,
    /// The table's name without prefix, or `SES`.
    pub table: String,
    /// Write units of the call.
    pub write_units: f64,
    /// Read units of the call.
    pub read_units: f64,
    /// Write units for each table, without its indexes.
    pub written: BTreeMap<String, f64>,
}

impl Call {
    /// Operation and table, such as `PutItem EmailRequests`.
    pub fn kind(&self) -> String {
        format!("{} {}", self.operation, self.table)
    }
}

/// All items of all tables, in DynamoDB's JSON form.
#[derive(Debug, Clone, PartialEq)]
pub struct Tables(pub BTreeMap<String, Vec<Value>>);

impl Tables {
    /// Parses the dump. Table names may start with the deployment's prefix.
    pub(crate) fn read(dump: &Value) -> Tables {
        let tables = dump.as_object().expect("the dump is an object of tables");
        let word = |name: &str| name.rsplit('-').next().unwrap_or(name).to_owned();
        let items = |items: &Value| items.as_array().expect("a table is a list of items").clone();
        Tables(tables.iter().map(|(name, table)| (word(name), items(table))).collect())
    }

    /// The same tables with one of them emptied, to ignore it in comparisons.
    #[must_use]
    pub fn but(mut self, word: &str) -> Tables {
        self.0.get_mut(word).unwrap_or_else(|| panic!("no table {word}")).clear();
        self
    }

    /// The items of one table.
    #[track_caller]
    pub fn of(&self, word: &str) -> &[Value] {
        self.0.get(word).unwrap_or_else(|| panic!("no table {word}"))
    }

    /// The items whose attribute has this text.
    #[track_caller]
    pub fn having(&self, word: &str, attribute: &str, text: &str) -> Vec<&Value> {
        let items = self.of(word).iter();
        items.filter(|item| item[attribute]["S"] == text).collect()
    }

    /// The email log's entries for an address, newest first.
    pub fn log_of(&self, address: &str) -> Vec<&Value> {
        let mut entries = self.having("EmailLog", "address_key", address);
        entries.sort_by_key(|entry| std::cmp::Reverse(entry["id"]["S"].as_str().map(str::to_owned)));
        entries
    }

    /// Status and reason of each log entry for an address, newest first, such as `skipped rate_limited`.
    pub fn outcomes_of(&self, address: &str) -> Vec<String> {
        let part = |entry: &Value, name: &str| entry[name]["S"].as_str().unwrap_or_default().to_owned();
        let outcome = |entry: &&Value| format!("{} {}", part(entry, "status"), part(entry, "reason"));
        self.log_of(address).iter().map(|entry| outcome(entry).trim().to_owned()).collect()
    }

    /// Whether each recovery request and each notice is done: sent, or deliberately not sent.
    pub fn is_settled(&self) -> bool {
        let done =
            self.of("EmailLog").iter().filter(|entry| rank(entry) >= 2).filter_map(|entry| entry["id"]["S"].as_str());
        let done: HashSet<_> = done.collect();
        let mut requests = self.of("EmailRequests").iter().filter_map(|request| request["email_id"]["S"].as_str());
        requests.all(|id| done.contains(id))
    }
}

/// The rank of an entry's status. From 2 on, the mailer is done with it.
fn rank(entry: &Value) -> i64 {
    entry["rank"]["N"].as_str().and_then(|rank| rank.parse().ok()).unwrap_or(-1)
}
