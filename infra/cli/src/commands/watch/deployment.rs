//! What the printed commands need to know of a deployment. Its topic's ARN says it all.

use std::str::FromStr;

/// The end of the topic's name, after the stack's.
const TOPIC: &str = "-watched-events";

/// A deployed stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Deployment {
    pub(super) topic: String,
    pub(super) partition: String,
    pub(super) region: String,
    pub(super) account: String,
    pub(super) stack: String,
}

impl FromStr for Deployment {
    type Err = ();

    /// `arn:aws:sns:eu-west-1:123456789012:mailkey-watched-events`
    fn from_str(topic: &str) -> Result<Self, ()> {
        // It becomes part of a command, and a foreign service could answer anything.
        let is_safe = topic.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":-_".contains(&byte));
        let parts: Vec<_> = topic.split(':').collect();
        match parts[..] {
            ["arn", partition, "sns", region, account, name] if is_safe => Ok(Self {
                topic: topic.to_owned(),
                partition: partition.to_owned(),
                region: region.to_owned(),
                account: account.to_owned(),
                stack: name.strip_suffix(TOPIC).ok_or(())?.to_owned(),
            }),
            _ => Err(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_names_its_deployment() {
        let deployment: Deployment = "arn:aws:sns:eu-west-1:123456789012:mailkey-prod-watched-events".parse().unwrap();
        assert_eq!((&*deployment.stack, &*deployment.region), ("mailkey-prod", "eu-west-1"));
        for other in ["", "arn:aws:sns:eu-west-1:1:alarms", "arn:aws:sns:eu-west-1:1:x';rm -rf ~;'-watched-events"] {
            assert_eq!(other.parse::<Deployment>(), Err(()), "{other}");
        }
    }
}
