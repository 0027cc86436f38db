//! `mailkey audit`.

use clap::Args;

use super::CliContext;
use crate::{
    api::Query,
    error::Error,
    list::{List, Paging},
    user_ref::UserRef,
};

#[derive(Debug, Args)]
pub(crate) struct AuditOptions {
    /// Show only actions by this user, an id or an address
    #[arg(long, value_name = "USER")]
    actor: Option<UserRef>,
    /// Show only actions on this target: a user's address, or a target as the log shows it, such as user:ID or
    /// suppression:ADDRESS
    #[arg(long)]
    target: Option<String>,
    /// Show only this action, such as unlock or edit_user
    #[arg(long)]
    action: Option<String>,
    /// Show only actions at or after this time, such as 2026-01-31T00:00:00Z
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Show only actions before this time
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// Export all matching entries as CSV
    #[arg(long, conflicts_with_all = ["limit", "cursor", "all"])]
    csv: bool,
    #[command(flatten)]
    paging: Paging,
}

const AUDIT_LOG: List<'_> = List {
    path: &["admin", "audit-log"],
    rows: "entries",
    columns: &[("TIME (UTC)", "/at"), ("OUTCOME", "/outcome"), ("ACTION", "/action"), ("BY", "/actor/user_id")],
    details: &[
        ("TARGET", "/target"),
        ("ROLE", "/actor/role"),
        ("API KEY", "/actor/api_key"),
        ("IP ADDRESS", "/ip"),
        ("DETAIL", "/detail"),
    ],
    people: &["/actor/user_id", "/target"],
};

pub(crate) async fn run(cli: &CliContext, options: AuditOptions) -> Result<(), Error> {
    if options.csv && cli.output.json {
        return Err(Error::Usage(
            "--csv and --json exclude each other. For JSON: mailkey audit --all --json".to_owned(),
        ));
    }
    let actor = match &options.actor {
        Some(user) => Some(user.id(&cli.api).await?),
        None => None,
    };
    let target = match options.target {
        Some(target) if is_address(&target) => Some(format!("user:{}", UserRef::Address(target).id(&cli.api).await?)),
        target => target,
    };
    let query = Query::default()
        .with_some("actor", actor.as_ref().map(|id| id.as_str()))
        .with_some("target", target.as_deref())
        .with_some("action", options.action.as_deref())
        .with_some("from", options.from.as_deref())
        .with_some("to", options.to.as_deref());
    if options.csv {
        let path = [AUDIT_LOG.path, &["export"]].concat();
        return cli.api.for_each_chunk(&path, &query, |chunk| cli.output.bytes(chunk)).await;
    }
    AUDIT_LOG.show(&cli.api, cli.output, &options.paging, query).await
}

/// Targets start with their type and a colon. An address can only contain a colon in quotes (RFC 5322, 3.2.3).
fn is_address(target: &str) -> bool {
    target.contains('@') && !target.contains(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_not_mistaken_for_a_target_that_contains_one() {
        for (target, expected) in [
            ("alice@example.com", true),
            ("suppression:alice@example.com", false),
            ("user:01JC000000000000000000000A", false),
            ("security-settings", false),
        ] {
            assert_eq!(is_address(target), expected, "{target}");
        }
    }
}
