//! `mailkey settings`.

use clap::Subcommand;
use serde_json::{Value, json};

use super::CliContext;
use crate::{
    api::{Method, Query},
    error::Error,
    table,
};

#[derive(Debug, Subcommand)]
pub(crate) enum SettingsCommand {
    /// Show the security settings
    Show,
    /// Change some of the security settings
    Set {
        /// The settings to change, such as lockout_minutes=30
        #[arg(required = true, value_name = "NAME=VALUE", value_parser = assignment)]
        assignments: Vec<(String, Value)>,
    },
}

const SETTINGS: &[&str] = &["admin", "security-settings"];

/// Not a setting. The API compares it to detect concurrent changes.
const VERSION: &str = "version";

pub(crate) async fn run(cli: &CliContext, command: SettingsCommand) -> Result<(), Error> {
    let settings = cli.api.get(SETTINGS, &Query::default()).await?;
    match command {
        SettingsCommand::Show => show(cli, &settings),
        SettingsCommand::Set { assignments } => {
            let changed = assign(settings, &assignments)?;
            show(cli, &cli.api.send(Method::PUT, SETTINGS, changed.to_string()).await?)
        }
    }
}

fn show(cli: &CliContext, settings: &Value) -> Result<(), Error> {
    cli.output.json(settings)?;
    let rows: Vec<_> = settings
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, _)| *name != VERSION)
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect();
    table::show(cli.output, "", &[("SETTING", "/name"), ("VALUE", "/value")], &rows)
}

/// Most settings are whole numbers; the others are words.
fn assignment(text: &str) -> Result<(String, Value), String> {
    let (name, value) = text.split_once('=').ok_or("use the form NAME=VALUE")?;
    let value = value.trim();
    let number = value.parse::<i64>().map(Value::from);
    let is_word = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let value = match number {
        Ok(number) => number,
        Err(_) if is_word => value.into(),
        Err(_) => return Err("the value must be a whole number or a word".to_owned()),
    };
    Ok((name.trim().to_owned(), value))
}

fn assign(mut settings: Value, assignments: &[(String, Value)]) -> Result<Value, Error> {
    for (name, value) in assignments {
        let known = settings.get(name).is_some() && name != VERSION;
        if !known {
            let names: Vec<_> = settings.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
            let names = names.into_iter().filter(|name| *name != VERSION).collect::<Vec<_>>().join(", ");
            return Err(Error::Usage(format!("There is no setting {name}. The settings are {names}.")));
        }
        if settings[name.as_str()].is_number() && !value.is_number() {
            return Err(Error::Usage(format!("{name} must be a whole number.")));
        }
        settings[name.as_str()] = value.clone();
    }
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_keeps_the_version_and_the_other_settings() {
        let settings = || json!({ "version": 4, "lockout_minutes": 15, "emails_per_day": 10 });
        let set = |name: &str| assign(settings(), &[(name.to_owned(), 30.into())]);
        assert_eq!(
            set("lockout_minutes").unwrap(),
            json!({ "version": 4, "lockout_minutes": 30, "emails_per_day": 10 })
        );
        for name in ["version", "lockout", ""] {
            assert!(set(name).is_err(), "{name}");
        }
    }
}
