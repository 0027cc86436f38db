//! `mailkey audit`.

use clap::Args;

use super::Desk;
use crate::{
    api::Query,
    error::Error,
    list::{self, Paging},
    table::Column,
    user_ref::UserRef,
};

#[derive(Debug, Args)]
pub(crate) struct AuditOptions {
    /// Only what this user did, by id or address
    #[arg(long, value_name = "USER")]
    actor: Option<UserRef>,
    /// Only what was done to this: a user by address, or a target as the log writes it, such as user:ID or
    /// suppression:ADDRESS
    #[arg(long)]
    target: Option<String>,
    /// Only from this time on, such as 2026-01-31T00:00:00Z
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Only before this time
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    #[command(flatten)]
    paging: Paging,
}

const ROW: &[Column] = &[
    ("AT", "/at"),
    ("ACTOR", "/actor/user_id"),
    ("ROLE", "/actor/role"),
    ("API KEY", "/actor/api_key"),
    ("FROM", "/ip"),
    ("ACTION", "/action"),
    ("TARGET", "/target"),
    ("OUTCOME", "/outcome"),
    ("DETAIL", "/detail"),
];

pub(crate) async fn run(desk: &Desk, options: AuditOptions) -> Result<(), Error> {
    let actor = match &options.actor {
        Some(user) => Some(user.id(&desk.api).await?),
        None => None,
    };
    let target = match options.target {
        Some(target) if is_address(&target) => Some(format!("user:{}", UserRef::Address(target).id(&desk.api).await?)),
        target => target,
    };
    let query = Query::new()
        .with_some("actor", actor.as_ref().map(|id| id.as_str()))
        .with_some("target", target.as_deref())
        .with_some("from", options.from.as_deref())
        .with_some("to", options.to.as_deref());
    let fetch = async |query: &Query| desk.api.audit_log(query).await;
    list::show(desk.screen, &options.paging, ("entries", ROW), query, fetch).await
}

/// Whether it is a user's address, and no target as the log writes it: those begin with what they are and a colon,
/// which an address has in quotes only (RFC 5322, 3.2.3).
fn is_address(target: &str) -> bool {
    target.contains('@') && !target.contains(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_told_from_the_target_that_has_one() {
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
