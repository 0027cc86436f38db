//! The steps that start and end the watching of a sender.

use serde_json::json;

use super::{WatchedSender, deployment::Deployment};

/// The name of our event destination in the sender's configuration set.
const DESTINATION: &str = "mailkey";

/// What SES publishes to us: everything except opens and clicks.
const EVENTS: [&str; 7] = ["SEND", "DELIVERY", "BOUNCE", "COMPLAINT", "REJECT", "DELIVERY_DELAY", "RENDERING_FAILURE"];

/// The longest name of a configuration set.
const MAX_SET_NAME: usize = 64;

/// A step: what it is for, and what to run.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) text: String,
    pub(super) commands: Vec<String>,
}

fn step(text: impl Into<String>, commands: impl IntoIterator<Item = String>) -> Step {
    Step { text: text.into(), commands: commands.into_iter().collect() }
}

/// A sender to watch, or not to watch any more.
#[derive(Debug)]
pub(super) struct Setup {
    pub(super) sender: WatchedSender,
    /// The one that the sender names in its requests, if it does.
    pub(super) configuration_set: Option<String>,
    pub(super) cognito: bool,
    /// The other watched senders.
    pub(super) others: Vec<String>,
}

impl Setup {
    pub(super) fn value_with_it(&self) -> String {
        self.others.iter().cloned().chain([self.sender.to_string()]).collect::<Vec<_>>().join(",")
    }

    pub(super) fn value_without_it(&self) -> String {
        self.others.join(",")
    }

    pub(super) fn to_add(&self, to: &Deployment) -> Vec<Step> {
        let mut steps = vec![deploy(&self.value_with_it(), to)];
        let destination = json!({
            "Enabled": true,
            "MatchingEventTypes": EVENTS,
            "SnsDestination": { "TopicArn": to.topic },
        });
        let set = self.set_name();
        let publish = ses(
            to,
            "create-configuration-set-event-destination",
            &[
                format!("--configuration-set-name {set}"),
                format!("--event-destination-name {DESTINATION}"),
                format!("--event-destination '{destination}'"),
            ],
        );
        if self.configuration_set.is_some() {
            steps.push(step(format!("Let SES publish the events of the configuration set {set}."), [publish]));
        } else {
            steps.push(step(
                format!(
                    "See whether the identity has a default configuration set. If this prints a name, run \
                     `mailkey watch add {} --configuration-set NAME` instead.",
                    self.sender
                ),
                [ses(to, "get-email-identity", &[self.identity(), "--query ConfigurationSetName".to_owned()])],
            ));
            steps.push(step(
                "Create a configuration set, let SES publish its events, and make it the identity's default, for email \
                 that names none. If SES verifies the address instead of its domain, name the address.",
                [
                    ses(to, "create-configuration-set", &[format!("--configuration-set-name {set}")]),
                    publish,
                    ses(
                        to,
                        "put-email-identity-configuration-set-attributes",
                        &[self.identity(), format!("--configuration-set-name {set}")],
                    ),
                ],
            ));
        }
        if self.cognito {
            steps.extend(self.for_cognito(to));
        }
        steps.push(self.test_email(to));
        steps
    }

    pub(super) fn to_remove(&self, to: &Deployment) -> Vec<Step> {
        let set = self.set_name();
        let mut commands = vec![ses(
            to,
            "delete-configuration-set-event-destination",
            &[format!("--configuration-set-name {set}"), format!("--event-destination-name {DESTINATION}")],
        )];
        let mut text = format!("Stop SES from publishing the events of the configuration set {set}.");
        if self.configuration_set.is_none() {
            text.push_str(
                " The second command removes it as the identity's default; leave it out if you use it otherwise.",
            );
            commands.push(ses(to, "put-email-identity-configuration-set-attributes", &[self.identity()]));
        }
        vec![step(text, commands), deploy(&self.value_without_it(), to)]
    }

    /// A user pool's own command for updates, `update-user-pool`, resets every setting that it isn't given, so it is
    /// never printed.
    fn for_cognito(&self, to: &Deployment) -> [Step; 2] {
        let (set, domain) = (self.set_name(), self.sender.domain());
        let Deployment { partition, region, account, .. } = to;
        let from =
            if self.sender.to_string().contains('@') { self.sender.to_string() } else { format!("no-reply@{domain}") };
        let fragment = format!(
            "EmailConfiguration:\n  EmailSendingAccount: DEVELOPER\n  SourceArn: \
             arn:{partition}:ses:{region}:{account}:identity/{domain}\n  From: {from}\n  ConfigurationSet: {set}"
        );
        [
            step(
                format!(
                    "In the Cognito console, open the user pool, then Authentication methods, Email, Edit. Choose \"Send \
                     email with Amazon SES\", the identity {domain} and the configuration set {set}, and save. A pool that \
                     sends with Cognito's own email (COGNITO_DEFAULT) can't be watched: AWS sends that from another account."
                ),
                [],
            ),
            step(
                "Or, if CloudFormation manages the pool, add this to its properties and deploy that stack.",
                [fragment],
            ),
        ]
    }

    fn test_email(&self, to: &Deployment) -> Step {
        let from = match self.sender.to_string() {
            address if address.contains('@') => address,
            domain => format!("test@{domain}"),
        };
        let mut parts = vec![
            format!("--from-email-address {from}"),
            "--destination ToAddresses=success@simulator.amazonses.com".to_owned(),
            "--content 'Simple={Subject={Data=Test},Body={Text={Data=Test}}}'".to_owned(),
        ];
        parts.extend(self.configuration_set.as_ref().map(|_| format!("--configuration-set-name {}", self.set_name())));
        step(
            "Send a test email. After a minute, `mailkey watch check` shows when its event arrived.",
            [ses(to, "send-email", &parts), "mailkey watch check".to_owned()],
        )
    }

    fn identity(&self) -> String {
        format!("--email-identity {}", self.sender.domain())
    }

    /// The sender's own, or a new one that is named after it.
    fn set_name(&self) -> String {
        let named = self.configuration_set.clone().unwrap_or_else(|| format!("watched-{}", self.sender));
        let allowed = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
        named.chars().map(allowed).take(MAX_SET_NAME).collect()
    }
}

/// SAM keeps the values of parameters that aren't named, and reads the other settings from `samconfig.toml`.
fn deploy(value: &str, to: &Deployment) -> Step {
    let Deployment { region, stack, .. } = to;
    step(
        "Deploy the new value from the folder that you deployed from. If samconfig.toml has parameter_overrides, change the \
         value there and leave out --parameter-overrides.",
        [format!(
            "sam deploy --stack-name {stack} --region {region} \\\n  --parameter-overrides 'WatchedSenders={value}'"
        )],
    )
}

fn ses(to: &Deployment, operation: &str, parts: &[String]) -> String {
    let parts = parts.iter().map(|part| format!(" \\\n  {part}")).collect::<String>();
    format!("aws sesv2 {operation} --region {}{parts}", to.region)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deployment() -> Deployment {
        "arn:aws:sns:eu-west-1:123456789012:mailkey-watched-events".parse().unwrap()
    }

    fn setup(sender: &str, configuration_set: Option<&str>) -> Setup {
        Setup {
            sender: sender.parse().unwrap(),
            configuration_set: configuration_set.map(ToOwned::to_owned),
            cognito: false,
            others: vec!["other.example".to_owned()],
        }
    }

    fn commands(steps: &[Step]) -> Vec<String> {
        let whole = |command: &String| command.replace(" \\\n ", "");
        steps.iter().flat_map(|step| step.commands.iter().map(whole)).collect()
    }

    #[test]
    fn a_sender_that_names_a_configuration_set_gets_an_event_destination_there() {
        let commands = commands(&setup("portal.example", Some("orders")).to_add(&deployment()));
        assert_eq!(
            commands,
            [
                "sam deploy --stack-name mailkey --region eu-west-1 --parameter-overrides \
                 'WatchedSenders=other.example,portal.example'",
                "aws sesv2 create-configuration-set-event-destination --region eu-west-1 --configuration-set-name orders \
                 --event-destination-name mailkey --event-destination '{\"Enabled\":true,\"MatchingEventTypes\":[\"SEND\",\
                 \"DELIVERY\",\"BOUNCE\",\"COMPLAINT\",\"REJECT\",\"DELIVERY_DELAY\",\"RENDERING_FAILURE\"],\
                 \"SnsDestination\":{\"TopicArn\":\"arn:aws:sns:eu-west-1:123456789012:mailkey-watched-events\"}}'",
                "aws sesv2 send-email --region eu-west-1 --from-email-address test@portal.example --destination \
                 ToAddresses=success@simulator.amazonses.com --content \
                 'Simple={Subject={Data=Test},Body={Text={Data=Test}}}' --configuration-set-name orders",
                "mailkey watch check",
            ]
        );
    }

    #[test]
    fn a_sender_that_names_none_gets_a_default_for_its_identity() {
        let commands = commands(&setup("News@portal.example", None).to_add(&deployment()));
        let set = "--configuration-set-name watched-news-portal-example";
        assert_eq!(
            commands[1],
            "aws sesv2 get-email-identity --region eu-west-1 --email-identity portal.example --query ConfigurationSetName"
        );
        assert_eq!(commands[2], format!("aws sesv2 create-configuration-set --region eu-west-1 {set}"));
        assert!(commands[3].starts_with("aws sesv2 create-configuration-set-event-destination"), "{}", commands[3]);
        let default = "aws sesv2 put-email-identity-configuration-set-attributes --region eu-west-1";
        assert_eq!(commands[4], format!("{default} --email-identity portal.example {set}"));
        assert!(commands[5].contains("--from-email-address news@portal.example"), "{}", commands[5]);
    }

    #[test]
    fn events_end_before_their_topic_is_deleted() {
        let mut last = setup("portal.example", None);
        last.others.clear();
        let commands = commands(&last.to_remove(&deployment()));
        assert!(commands[0].starts_with("aws sesv2 delete-configuration-set-event-destination"), "{commands:?}");
        assert!(commands[1].ends_with("--email-identity portal.example"), "{commands:?}");
        assert!(commands[2].ends_with("'WatchedSenders='"), "{commands:?}");
    }

    #[test]
    fn a_user_pool_is_changed_in_the_console_or_by_its_own_template() {
        let steps = Setup { cognito: true, ..setup("portal.example", None) }.to_add(&deployment());
        let text: String = steps.iter().map(|step| format!("{}\n{}\n", step.text, step.commands.join("\n"))).collect();
        assert!(text.contains("COGNITO_DEFAULT) can't be watched"), "{text}");
        assert!(text.contains("SourceArn: arn:aws:ses:eu-west-1:123456789012:identity/portal.example\n"), "{text}");
        assert!(text.contains("ConfigurationSet: watched-portal-example"), "{text}");
        assert!(!text.contains("update-user-pool"), "{text}");
    }
}
