//! The whole of Mailkey in one process, for one machine: the functions' routers, the mailer and the consumer of SES's
//! events, as they run on AWS Lambda, on an embedded DynamoDB and a local SES.
//!
//! The functions speak to both through the AWS SDK; only the last step, where a request would go out on the wire, ends
//! in this process. DynamoDB is emulated by a development engine: this is for trying, developing and testing, not for
//! serving a portal.

pub mod app;
pub mod calls;
pub mod canary;
pub mod clock;
pub mod dns;
pub mod dynamodb;
pub mod event_queue;
pub mod gallery;
pub mod in_process;
pub mod local_routes;
#[cfg(test)]
mod openapi;
pub mod options;
pub mod overload;
pub mod people;
pub mod pump;
pub mod scenarios;
pub mod secrets;
pub mod ses;
pub mod site;
pub mod start;
pub mod tables;
pub mod template;

/// Reads a variable of the environment. An empty one counts as not set.
#[expect(clippy::disallowed_methods, reason = "the local service reads the environment here and nowhere else")]
pub fn environment(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|value| !value.is_empty())
}
