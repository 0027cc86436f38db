//! `mailkey watch`: whose email is logged although Mailkey doesn't send it. The list is a parameter of the stack, so
//! these commands store nothing. They print what to run.

mod deployment;
mod steps;

use std::{fmt, str::FromStr};

use clap::Subcommand;
use serde_json::{Value, json};

use super::CliContext;
use crate::{
    api::Query,
    error::Error,
    json::{rows, text_at},
    output::note,
    table,
};
use deployment::Deployment;
use steps::{Setup, Step};

#[derive(Debug, Subcommand)]
pub(crate) enum WatchCommand {
    /// Print how to log the email of a sender. Changes nothing
    Add {
        /// A domain, with its subdomains, or an address
        sender: WatchedSender,
        /// The configuration set that the sender names in SES requests. Without it, the commands set a default one for
        /// the sender's identity
        #[arg(long, value_name = "NAME")]
        configuration_set: Option<String>,
        /// Print what to do if an Amazon Cognito user pool sends the email
        #[arg(long)]
        cognito: bool,
    },
    /// List the watched senders
    List,
    /// Print how to stop logging the email of a sender. Changes nothing
    Remove {
        /// The domain or address, as listed
        sender: WatchedSender,
        /// The configuration set that the sender names in SES requests
        #[arg(long, value_name = "NAME")]
        configuration_set: Option<String>,
    },
    /// Show when the last event about each sender's email arrived. Exits with 5 if one has none
    Check,
}

/// A domain or an address, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WatchedSender(String);

impl FromStr for WatchedSender {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let sender = text.trim().to_ascii_lowercase();
        let (local, domain) = sender.rsplit_once('@').unwrap_or(("x", &sender));
        let is_word = |text: &str| {
            !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._%+-".contains(&byte))
        };
        if is_word(local) && is_word(domain) && domain.contains('.') && !domain.starts_with('.') {
            Ok(Self(sender))
        } else {
            Err("use a domain, such as portal.example, or an address")
        }
    }
}

impl WatchedSender {
    fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or(&self.0, |(_, domain)| domain)
    }
}

impl fmt::Display for WatchedSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

const COLUMNS: &[table::Column] = &[("SENDER", "/sender"), ("LAST EVENT", "/last_event_at")];

pub(crate) async fn run(cli: &CliContext, command: WatchCommand) -> Result<(), Error> {
    let report = cli.api.get(&["admin", "sender"], &Query::default()).await?;
    let watched = rows(&report, "watched_senders");
    let senders: Vec<_> = watched.iter().map(|one| text_at(one, "/sender")).collect();
    match command {
        WatchCommand::List => {
            cli.output.json(&json!(watched))?;
            table::show(cli.output, "", COLUMNS, watched)
        }
        WatchCommand::Check => check(cli, watched),
        WatchCommand::Add { sender, configuration_set, cognito } => {
            if senders.contains(&sender.to_string()) {
                return Err(Error::Usage(format!("{sender} is watched already. Run `mailkey watch check`.")));
            }
            let setup = Setup { sender, configuration_set, cognito, others: senders };
            print(cli, &setup.value_with_it(), &deployment(&report), |deployment| setup.to_add(deployment))
        }
        WatchCommand::Remove { sender, configuration_set } => {
            if !senders.contains(&sender.to_string()) {
                return Err(Error::Usage(format!("{sender} isn't watched. Run `mailkey watch list`.")));
            }
            let others = senders.into_iter().filter(|other| *other != sender.to_string()).collect();
            let setup = Setup { sender, configuration_set, cognito: false, others };
            print(cli, &setup.value_without_it(), &deployment(&report), |deployment| setup.to_remove(deployment))
        }
    }
}

fn deployment(report: &Value) -> Option<Deployment> {
    text_at(report, "/watched_topic").parse().ok()
}

fn check(cli: &CliContext, watched: &[Value]) -> Result<(), Error> {
    cli.output.json(&json!(watched))?;
    table::show(cli.output, "", COLUMNS, watched)?;
    if watched.is_empty() {
        note("No sender is watched. Run `mailkey watch add DOMAIN`.");
    }
    let silent: Vec<_> = watched.iter().filter(|one| one.get("last_event_at").is_none_or(Value::is_null)).collect();
    for one in &silent {
        let sender = text_at(one, "/sender");
        note(&format!(
            "No event about email from {sender} has arrived. Send a test email from it to success@simulator.amazonses.com \
             and check again after a minute. Its configuration set must publish to the topic of this deployment."
        ));
    }
    if silent.is_empty() { Ok(()) } else { Err(Error::IssueFound) }
}

/// Prints the new value of the parameter, and the steps. A local service has no stack, only a flag.
fn print(
    cli: &CliContext,
    value: &str,
    deployment: &Option<Deployment>,
    steps: impl Fn(&Deployment) -> Vec<Step>,
) -> Result<(), Error> {
    let steps = deployment.as_ref().map(steps).unwrap_or_default();
    let commands: Vec<_> = steps.iter().flat_map(|step| step.commands.iter()).collect();
    cli.output.json(&json!({ "WatchedSenders": value, "commands": commands }))?;
    let mut lines = vec![format!("WatchedSenders={value}"), String::new()];
    if deployment.is_none() {
        let site = cli.api.site();
        lines.push(format!("This service runs locally. Start it with --watch '{value}', and let the portal send to"));
        lines.push(format!("{site}/_local/ses as its endpoint of SES v2."));
    }
    for (number, step) in steps.iter().enumerate() {
        lines.push(format!("{}. {}", number + 1, step.text));
        lines.push(String::new());
        for command in &step.commands {
            lines.extend(command.lines().map(|line| format!("     {line}")));
            lines.push(String::new());
        }
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    cli.output.text(&lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_a_domain_or_an_address() {
        for (text, expected) in [
            ("portal.example", Some("portal.example")),
            ("News@Other.Example", Some("news@other.example")),
            ("portal", None),
            ("a b@portal.example", None),
            ("a.example,b.example", None),
            ("@portal.example", None),
            (".example", None),
            ("$(id).example", None),
        ] {
            assert_eq!(text.parse::<WatchedSender>().ok().map(|sender| sender.0).as_deref(), expected, "{text}");
        }
    }
}
