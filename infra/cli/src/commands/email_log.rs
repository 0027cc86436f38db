//! `mailkey email-log`.

mod csv;
mod follow;

use clap::{Args, Subcommand};
use serde_json::Value;

use super::{CliContext, recovery::show_queued};
use crate::{
    api::Query,
    error::Error,
    json::rows,
    list::{List, Paging},
    output::{print, printable_json},
    people::People,
    table::{self, Column, Columns, fields},
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
    /// Keep showing new and changed entries until Ctrl-C; with --json, one entry per line
    #[arg(long, short, conflicts_with_all = ["all", "cursor"])]
    follow: bool,
}

#[derive(Debug, Subcommand)]
enum EmailLogCommand {
    /// Show an email and its timeline
    Show {
        /// The id of the log entry
        id: Id,
    },
    /// Resend an email with a new link
    Resend {
        /// The id of the log entry
        id: Id,
    },
    /// Export the log as CSV; with --json, one JSON object per line
    Export {
        #[command(flatten)]
        filter: Box<Filter>,
    },
}

#[derive(Debug, Args)]
struct Filter {
    /// Show only emails to this address
    #[arg(long, value_name = "ADDRESS")]
    recipient: Option<String>,
    /// Show only emails of this origin: mailkey or watched
    #[arg(long)]
    origin: Option<String>,
    /// Show only emails of watched senders from this domain, its subdomains, or this address
    #[arg(long, value_name = "DOMAIN|ADDRESS")]
    sender: Option<String>,
    /// Show only emails to this domain
    #[arg(long)]
    domain: Option<String>,
    /// Show only emails with this reason, such as mailbox_full
    #[arg(long)]
    reason: Option<String>,
    /// Show only emails with this status, such as delivered or bounced
    #[arg(long)]
    status: Option<String>,
    /// Show only emails of this kind, such as password_reset or activation
    #[arg(long)]
    kind: Option<String>,
    /// Show only emails with this trigger: self_service, admin, system or portal
    #[arg(long)]
    trigger: Option<String>,
    /// Show only emails requested at or after this time, such as 2026-01-31T00:00:00Z
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Show only emails requested before this time
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
}

pub(crate) const ROW: Columns = Columns {
    first: &[("REQUESTED (UTC)", "/requested_at"), ("STATUS", "/status"), ("RECIPIENT", "/recipient")],
    details: &[("ID", "/id"), ("KIND", "/kind"), ("REASON", "/reason"), ("FROM", "/from")],
};

const ENTRY: &[Column] = &[
    ("id", "/id"),
    ("origin", "/origin"),
    ("from", "/from"),
    ("envelope sender", "/envelope_from"),
    ("subject", "/subject"),
    ("recipient", "/recipient"),
    ("kind", "/kind"),
    ("trigger", "/trigger"),
    ("status", "/status"),
    ("reason", "/reason"),
    ("user", "/user_id"),
    ("configuration set", "/configuration_set"),
    ("SES message id", "/message_id"),
    ("requested", "/requested_at"),
    ("updated", "/updated_at"),
    ("link expires", "/link_expires_at"),
    ("page loaded", "/page_loaded_at"),
    ("person acted", "/person_acted_at"),
    ("link used", "/redeemed_at"),
];

const TIMELINE: &[Column] = &[("TIME", "/at"), ("EVENT", "/event"), ("DETAIL", "/detail")];

impl Filter {
    fn query(&self) -> Query {
        Query::default()
            .with_some("recipient", self.recipient.as_deref())
            .with_some("origin", self.origin.as_deref())
            .with_some("sender", self.sender.as_deref())
            .with_some("domain", self.domain.as_deref())
            .with_some("reason", self.reason.as_deref())
            .with_some("status", self.status.as_deref())
            .with_some("kind", self.kind.as_deref())
            .with_some("trigger", self.trigger.as_deref())
            .with_some("from", self.from.as_deref())
            .with_some("to", self.to.as_deref())
    }
}

const EMAIL_LOG: List<'_> =
    List { path: &["admin", "email-log"], rows: "entries", columns: ROW.first, details: ROW.details, people: &[] };

pub(crate) async fn run(cli: &CliContext, options: EmailLogOptions) -> Result<(), Error> {
    match options.command {
        Some(EmailLogCommand::Show { id }) => {
            show(cli, cli.api.get(&[EMAIL_LOG.path, &[id.as_str()]].concat(), &Query::default()).await?).await
        }
        Some(EmailLogCommand::Resend { id }) => {
            let response = cli.api.post(&[EMAIL_LOG.path, &[id.as_str(), "resend"]].concat()).await?;
            show_queued(cli, &response, "Resending the email with a new link.")
        }
        Some(EmailLogCommand::Export { filter }) => export(cli, &filter.query()).await,
        None if options.follow => follow::follow(cli, options.filter.query(), options.paging.limit).await,
        None => EMAIL_LOG.show(&cli.api, cli.output, &options.paging, options.filter.query()).await,
    }
}

async fn show(cli: &CliContext, mut entry: Value) -> Result<(), Error> {
    cli.output.json(&entry)?;
    if cli.output.json {
        return Ok(());
    }
    People::new(&cli.api).name(&mut entry, &["/user_id"]).await;
    cli.output.text(&fields(&entry, ENTRY))?;
    table::show(cli.output, "Timeline", TIMELINE, rows(&entry, "timeline"))
}

/// Writes the bytes unchanged: the service has already made the file safe for spreadsheets.
async fn export(cli: &CliContext, query: &Query) -> Result<(), Error> {
    let mut records = csv::Records::default();
    let path = [EMAIL_LOG.path, &["export"]].concat();
    cli.api
        .for_each_chunk(&path, query, |chunk| {
            if !cli.output.json {
                return cli.output.bytes(chunk);
            }
            records.push(chunk);
            std::iter::from_fn(|| records.next()).try_for_each(|record| print(&printable_json(&record.to_string())))
        })
        .await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_entry_shows_the_progress_of_its_link() {
        let mut entry = json!({
            "id": "01JC000000000000000000000A", "status": "bounced", "reason": "mailbox_full",
            "link_expires_at": "2026-11-22T12:00:00Z", "page_loaded_at": "2026-11-22T10:01:00Z",
            "person_acted_at": "2026-11-22T10:02:00Z", "redeemed_at": "2026-11-22T10:03:00Z",
        });
        let expected = "\
id            01JC000000000000000000000A
status        bounced
reason        mailbox_full
link expires  2026-11-22T12:00:00Z
page loaded   2026-11-22T10:01:00Z
person acted  2026-11-22T10:02:00Z
link used     2026-11-22T10:03:00Z";
        assert_eq!(fields(&entry, ENTRY), expected);
        entry["person_acted_at"] = Value::Null;
        assert!(!fields(&entry, ENTRY).contains("person acted"));
    }
}
