//! All of Mailkey in one process: the functions' routers, the mailer and the consumer of SES events, with an embedded
//! DynamoDB and a local SES.
//!
//! The functions use the AWS SDK as in production; only its connections end in this process. The embedded DynamoDB is a
//! development engine: use this crate to try, develop and test Mailkey, not to serve a portal.

pub mod app;
pub mod branding;
pub mod calls;
pub mod canary;
pub mod clock;
pub mod dns;
pub mod domain_events;
pub mod dynamodb;
pub mod erasures;
pub mod event_queue;
pub mod gallery;
pub mod in_process;
pub mod local_routes;
#[cfg(test)]
mod openapi;
pub mod operator;
pub mod options;
pub mod overload;
pub mod people;
pub mod pump;
pub mod scenarios;
pub mod secrets;
pub mod sender_check;
pub mod ses;
pub mod site;
pub mod start;
pub mod tables;
pub mod template;
#[cfg(test)]
mod upgrade;

/// Reads a variable of the environment. An empty one counts as not set.
#[expect(clippy::disallowed_methods, reason = "the local service reads the environment here and nowhere else")]
pub fn environment(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|value| !value.is_empty())
}
