//! `mailkey suppressions`.

use clap::{Args, Subcommand, builder::NonEmptyStringValueParser};
use serde_json::Value;

use super::{Desk, rescue::on_its_way};
use crate::{
    api::Query,
    error::Error,
    json::rows,
    list::{self, Paging},
    screen::print,
    table::{Column, Table, facts},
    user_ref::UserRef,
};

#[derive(Debug, Subcommand)]
pub(crate) enum SuppressionsCommand {
    /// List the suppressed addresses, the newest first
    List {
        #[command(flatten)]
        paging: Paging,
    },
    /// Show why an address is suppressed, and what was lifted before
    Show {
        /// The address, or the id of the user who has it
        address: UserRef,
    },
    /// Send no more mail to an address
    Add(NewSuppression),
    /// Send mail to an address again: lifts the suppression here and at SES
    Lift {
        /// The address, or the id of the user who has it
        address: UserRef,
        /// Send the user a new link, too
        #[arg(long)]
        resend: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct NewSuppression {
    /// The address, or the id of the user who has it
    address: UserRef,
    /// Why, for those who look at it later
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    reason: String,
}

const ROW: &[Column] = &[
    ("ADDRESS", "/address"),
    ("REASON", "/reason"),
    ("SCOPE", "/scope"),
    ("SINCE", "/since"),
    ("UNTIL", "/expires_at"),
    ("DETAIL", "/detail"),
];

const SUPPRESSION: &[Column] = &[
    ("address", "/address"),
    ("reason", "/reason"),
    ("scope", "/scope"),
    ("since", "/since"),
    ("until", "/expires_at"),
    ("detail", "/detail"),
    ("email", "/email_log_id"),
    ("event", "/event_id"),
    ("added by", "/added_by"),
];

/// Reasons that hold besides the first. They are of the same address.
const ALSO: &[Column] =
    &[("REASON", "/reason"), ("SCOPE", "/scope"), ("SINCE", "/since"), ("UNTIL", "/expires_at"), ("DETAIL", "/detail")];

const LIFTED: &[Column] = &[("AT", "/at"), ("BY", "/by"), ("REASON", "/reason")];

pub(crate) async fn run(desk: &Desk, command: SuppressionsCommand) -> Result<(), Error> {
    match command {
        SuppressionsCommand::List { paging } => {
            let fetch = async |query: &Query| desk.api.suppressions(query).await;
            list::show(desk.screen, &paging, ("suppressions", ROW), Query::new(), fetch).await
        }
        SuppressionsCommand::Show { address } => {
            let address = address.address(&desk.api).await?;
            show(desk, &desk.api.suppression(&address).await?)
        }
        SuppressionsCommand::Add(new) => {
            let address = new.address.address(&desk.api).await?;
            show(desk, &desk.api.suppress(&address, &new.reason).await?)
        }
        SuppressionsCommand::Lift { address, resend } => lift(desk, &address, resend).await,
    }
}

async fn lift(desk: &Desk, address: &UserRef, resend: bool) -> Result<(), Error> {
    let address = address.address(&desk.api).await?;
    if resend {
        let answer = desk.api.lift_and_resend(&address).await?;
        return on_its_way(desk, &answer, &format!("{address} gets mail again, and a new link is on its way to it."));
    }
    desk.api.lift(&address).await?;
    desk.screen.say(&format!("{address} gets mail again."))
}

fn show(desk: &Desk, suppression: &Value) -> Result<(), Error> {
    desk.screen.json(suppression)?;
    desk.screen.say(&facts(suppression, SUPPRESSION))?;
    show_history(desk, suppression)
}

/// What else suppresses the address, and what did and was lifted; nothing for programs, which have it in the JSON.
pub(crate) fn show_history(desk: &Desk, suppression: &Value) -> Result<(), Error> {
    if desk.screen.json {
        return Ok(());
    }
    history(suppression).iter().try_for_each(|line| print(line))
}

fn history(suppression: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    for (head, name, columns) in [("Suppressed besides:", "also", ALSO), ("Lifted before:", "lifted", LIFTED)] {
        let rows = rows(suppression, name);
        if !rows.is_empty() {
            lines.extend([String::new(), head.to_owned()]);
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
    fn a_suppression_is_shown_with_all_that_is_known_of_it() {
        let suppression = json!({
            "address": "alice@example.com", "reason": "hard_bounce", "scope": "all", "since": "2026-11-01T10:00:00Z",
            "detail": "550 5.1.1 \u{1b}[2JNo such user", "email_log_id": "01JC000000000000000000000A",
            "also": [{ "reason": "manual", "scope": "all", "since": "2026-11-02T10:00:00Z", "detail": "Asked for it" }],
            "lifted": [{ "at": "2026-10-01T10:00:00Z", "by": "01JC000000000000000000000B", "reason": "soft_repeat" }],
        });
        let expected = "\
address  alice@example.com
reason   hard_bounce
scope    all
since    2026-11-01T10:00:00Z
detail   550 5.1.1 \u{fffd}[2JNo such user
email    01JC000000000000000000000A

Suppressed besides:
REASON  SCOPE  SINCE                 UNTIL  DETAIL
manual  all    2026-11-02T10:00:00Z         Asked for it

Lifted before:
AT                    BY                          REASON
2026-10-01T10:00:00Z  01JC000000000000000000000B  soft_repeat";
        let shown = [vec![facts(&suppression, SUPPRESSION)], history(&suppression)].concat().join("\n");
        assert_eq!(shown, expected);
    }

    #[test]
    fn without_a_history_there_is_no_word_about_it() {
        for suppression in [json!({}), json!({ "also": [], "lifted": [] })] {
            assert!(history(&suppression).is_empty());
        }
    }
}
