//! `mailkey email-log`.

mod follow;

use clap::{Args, Subcommand};
use serde_json::Value;

use super::{Desk, rescue::on_its_way};
use crate::{
    api::Query,
    error::Error,
    json::rows,
    list::{self, Paging},
    screen::print,
    table::{Column, Table, facts},
    user_ref::Id,
};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct EmailLogOptions {
    #[command(subcommand)]
    command: Option<EmailLogCommand>,
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    paging: Paging,
    /// Go on showing what comes and what changes, until Ctrl-C; with --json one entry a line
    #[arg(long, short, conflicts_with_all = ["all", "cursor"])]
    follow: bool,
}

#[derive(Debug, Subcommand)]
enum EmailLogCommand {
    /// Show one email with its timeline
    Show {
        /// The entry of the log
        id: Id,
    },
    /// Send an email with a link again, with a new link
    Resend {
        /// The entry of the log
        id: Id,
    },
    /// Print the log as CSV
    Export {
        #[command(flatten)]
        filter: Filter,
    },
}

/// Which entries. What is given must all fit.
#[derive(Debug, Args)]
struct Filter {
    /// Only emails to this address
    #[arg(long, value_name = "ADDRESS")]
    recipient: Option<String>,
    /// Only emails with this delivery status
    #[arg(long, value_parser = STATUSES, hide_possible_values = false)]
    status: Option<String>,
    /// Only emails of this kind
    #[arg(long, value_parser = KINDS)]
    kind: Option<String>,
    /// Only emails that this brought about
    #[arg(long, value_parser = ["self_service", "admin", "system"])]
    trigger: Option<String>,
    /// Only from this time on, such as 2026-01-31T00:00:00Z
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Only before this time
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
}

const STATUSES: [&str; 13] = [
    "queued",
    "send_failed_retrying",
    "skipped",
    "send_failed",
    "sent",
    "delayed",
    "soft_bounced",
    "delivered",
    "refused",
    "rejected",
    "not_sent",
    "bounced",
    "complained",
];

const KINDS: [&str; 7] = [
    "password_reset",
    "activation",
    "password_changed",
    "account_locked",
    "account_unlocked",
    "address_changed",
    "canary",
];

/// An entry as a row.
pub(crate) const ROW: &[Column] = &[
    ("ID", "/id"),
    ("REQUESTED", "/requested_at"),
    ("RECIPIENT", "/recipient"),
    ("KIND", "/kind"),
    ("TRIGGER", "/trigger"),
    ("STATUS", "/status"),
    ("REASON", "/reason"),
];

const ENTRY: &[Column] = &[
    ("id", "/id"),
    ("recipient", "/recipient"),
    ("kind", "/kind"),
    ("trigger", "/trigger"),
    ("status", "/status"),
    ("reason", "/reason"),
    ("user", "/user_id"),
    ("message", "/message_id"),
    ("requested", "/requested_at"),
    ("updated", "/updated_at"),
    ("link good until", "/link_expires_at"),
    ("page opened", "/opened_at"),
    ("person acted", "/landed_at"),
    ("link used", "/redeemed_at"),
];

const MOMENT: &[Column] = &[("AT", "/at"), ("EVENT", "/event"), ("DETAIL", "/detail")];

impl Filter {
    fn query(&self) -> Query {
        Query::new()
            .with_some("recipient", self.recipient.as_deref())
            .with_some("status", self.status.as_deref())
            .with_some("kind", self.kind.as_deref())
            .with_some("trigger", self.trigger.as_deref())
            .with_some("from", self.from.as_deref())
            .with_some("to", self.to.as_deref())
    }
}

pub(crate) async fn run(desk: &Desk, options: EmailLogOptions) -> Result<(), Error> {
    match options.command {
        Some(EmailLogCommand::Show { id }) => show(desk, &desk.api.email(&id).await?),
        Some(EmailLogCommand::Resend { id }) => {
            on_its_way(desk, &desk.api.resend_email(&id).await?, "The email is on its way again, with a new link.")
        }
        Some(EmailLogCommand::Export { filter }) => export(desk, &filter.query()).await,
        None if options.follow => follow::follow(desk, options.filter.query(), options.paging.limit).await,
        None => {
            let query = options.filter.query();
            let fetch = async |query: &Query| desk.api.email_log(query).await;
            list::show(desk.screen, &options.paging, ("entries", ROW), query, fetch).await
        }
    }
}

fn show(desk: &Desk, entry: &Value) -> Result<(), Error> {
    desk.screen.json(entry)?;
    desk.screen.say(&facts(entry, ENTRY))?;
    let timeline = rows(entry, "timeline");
    if desk.screen.json || timeline.is_empty() {
        return Ok(());
    }
    print("\nTimeline:")?;
    Table::new(MOMENT).lines(timeline).iter().try_for_each(|line| print(line))
}

/// A file for other programs: as the service made it safe for spreadsheets, byte by byte, part by part.
async fn export(desk: &Desk, query: &Query) -> Result<(), Error> {
    let mut answer = desk.api.export_email_log(query).await?;
    while let Some(part) = desk.api.next_part(&mut answer).await? {
        desk.screen.bytes(&part)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_entry_tells_how_far_its_link_got() {
        let mut entry = json!({
            "id": "01JC000000000000000000000A", "status": "refused", "reason": "mailbox_full",
            "link_expires_at": "2026-11-22T12:00:00Z", "opened_at": "2026-11-22T10:01:00Z",
            "landed_at": "2026-11-22T10:02:00Z", "redeemed_at": "2026-11-22T10:03:00Z",
        });
        let expected = "\
id               01JC000000000000000000000A
status           refused
reason           mailbox_full
link good until  2026-11-22T12:00:00Z
page opened      2026-11-22T10:01:00Z
person acted     2026-11-22T10:02:00Z
link used        2026-11-22T10:03:00Z";
        assert_eq!(facts(&entry, ENTRY), expected);
        entry["landed_at"] = Value::Null;
        assert!(!facts(&entry, ENTRY).contains("person acted"));
    }
}
