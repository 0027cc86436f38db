//! `mailkey suppressions`.

use clap::{Args, Subcommand, builder::NonEmptyStringValueParser};
use serde_json::{Value, json};

use super::{CliContext, recovery::show_queued};
use crate::{
    api::{Method, Query},
    error::Error,
    json::rows,
    list::{List, Paging},
    output::print,
    people::People,
    table::{Column, Table, fields},
    user_ref::UserRef,
};

#[derive(Debug, Subcommand)]
pub(crate) enum SuppressionsCommand {
    /// List the suppressed addresses, newest first
    List {
        #[command(flatten)]
        paging: Paging,
    },
    /// Show why an address is suppressed, and its earlier suppressions
    Show {
        /// The address, or the id of its user
        address: UserRef,
    },
    /// Stop sending email to an address
    Add(NewSuppression),
    /// Remove an address's suppression, here and at SES, so that it gets email again
    Remove {
        /// The address, or the id of its user
        address: UserRef,
        /// Also send the user a new link
        #[arg(long)]
        resend: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct NewSuppression {
    /// The address, or the id of its user
    address: UserRef,
    /// The reason, which the list shows
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    reason: String,
}

const SUPPRESSIONS: List<'_> = List {
    path: &["admin", "suppressions"],
    rows: "suppressions",
    columns: &[("ADDRESS", "/address"), ("REASON", "/reason"), ("SCOPE", "/scope"), ("SINCE (UTC)", "/since")],
    details: &[("UNTIL (UTC)", "/expires_at"), ("DETAIL", "/detail")],
    people: &[],
};

const SUPPRESSION: &[Column] = &[
    ("address", "/address"),
    ("reason", "/reason"),
    ("scope", "/scope"),
    ("since", "/since"),
    ("until", "/expires_at"),
    ("detail", "/detail"),
    ("email", "/email_id"),
    ("event", "/event_id"),
    ("added by", "/added_by"),
];

/// Further suppressions of the same address.
const ALSO: &[Column] =
    &[("REASON", "/reason"), ("SCOPE", "/scope"), ("SINCE", "/since"), ("UNTIL", "/expires_at"), ("DETAIL", "/detail")];

const REMOVED: &[Column] = &[("REMOVED", "/at"), ("BY", "/by"), ("REASON", "/reason")];

pub(crate) async fn run(cli: &CliContext, command: SuppressionsCommand) -> Result<(), Error> {
    match command {
        SuppressionsCommand::List { paging } => {
            SUPPRESSIONS.show(&cli.api, cli.output, &paging, Query::default()).await
        }
        SuppressionsCommand::Show { address } => {
            let address = address.address(&cli.api).await?;
            show(cli, cli.api.get(&path(&address, &[]), &Query::default()).await?).await
        }
        SuppressionsCommand::Add(new) => {
            let address = new.address.address(&cli.api).await?;
            let body = json!({ "reason": new.reason }).to_string();
            show(cli, cli.api.send(Method::PUT, &path(&address, &[]), body).await?).await
        }
        SuppressionsCommand::Remove { address, resend } => remove(cli, &address, resend).await,
    }
}

async fn remove(cli: &CliContext, address: &UserRef, resend: bool) -> Result<(), Error> {
    let address = address.address(&cli.api).await?;
    if resend {
        let response = cli.api.post(&path(&address, &["remove-and-resend"])).await?;
        return show_queued(cli, &response, &format!("Removed the suppression. Sending {address} a new link."));
    }
    cli.api.delete(&path(&address, &[])).await?;
    cli.output.text(&format!("Removed the suppression. {address} gets email again."))
}

fn path<'a>(address: &'a str, action: &[&'a str]) -> Vec<&'a str> {
    [SUPPRESSIONS.path, &[address], action].concat()
}

async fn show(cli: &CliContext, mut suppression: Value) -> Result<(), Error> {
    cli.output.json(&suppression)?;
    if cli.output.json {
        return Ok(());
    }
    name_people(&mut People::new(&cli.api), &mut suppression).await;
    cli.output.text(&fields(&suppression, SUPPRESSION))?;
    show_history(cli, &suppression)
}

/// Replaces the ids of those who added or removed a suppression.
pub(crate) async fn name_people(people: &mut People<'_>, suppression: &mut Value) {
    people.name(suppression, &["/added_by"]).await;
    for (list, by) in [("also", "/added_by"), ("removed", "/by")] {
        for row in suppression.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            people.name(row, &[by]).await;
        }
    }
}

pub(crate) fn show_history(cli: &CliContext, suppression: &Value) -> Result<(), Error> {
    if cli.output.json {
        return Ok(());
    }
    history(suppression).iter().try_for_each(|line| print(line))
}

fn history(suppression: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    for (title, name, columns) in [("Also suppressed:", "also", ALSO), ("Removed earlier:", "removed", REMOVED)] {
        let rows = rows(suppression, name);
        if !rows.is_empty() {
            lines.extend([String::new(), title.to_owned()]);
            lines.extend(Table::new(columns).lines(rows));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_suppression_is_shown_with_its_history() {
        let suppression = json!({
            "address": "alice@example.com", "reason": "hard_bounce", "scope": "all", "since": "2026-11-01T10:00:00Z",
            "detail": "550 5.1.1 \u{1b}[2JNo such user", "email_id": "01JC000000000000000000000A",
            "also": [{ "reason": "manual", "scope": "all", "since": "2026-11-02T10:00:00Z", "detail": "Asked for it" }],
            "removed": [{ "at": "2026-10-01T10:00:00Z", "by": "01JC000000000000000000000B", "reason": "soft_repeat" }],
        });
        let expected = "\
address  alice@example.com
reason   hard_bounce
scope    all
since    2026-11-01T10:00:00Z
detail   550 5.1.1 \u{fffd}[2JNo such user
email    01JC000000000000000000000A

Also suppressed:
REASON  SCOPE  SINCE                 UNTIL  DETAIL
manual  all    2026-11-02T10:00:00Z         Asked for it

Removed earlier:
REMOVED               BY                          REASON
2026-10-01T10:00:00Z  01JC000000000000000000000B  soft_repeat";
        let shown = [vec![fields(&suppression, SUPPRESSION)], history(&suppression)].concat().join("\n");
        assert_eq!(shown, expected);
    }

    #[test]
    fn without_a_history_nothing_is_shown() {
        for suppression in [json!({}), json!({ "also": [], "removed": [] })] {
            assert!(history(&suppression).is_empty());
        }
    }
}
