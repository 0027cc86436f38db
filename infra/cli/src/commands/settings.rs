//! `mailkey settings`.

use clap::Subcommand;
use serde_json::{Value, json};

use super::Desk;
use crate::{
    error::Error,
    screen::print,
    table::{Column, Table},
};

#[derive(Debug, Subcommand)]
pub(crate) enum SettingsCommand {
    /// Show the security settings
    Show,
    /// Change security settings; the others stay as they are
    Set {
        /// What to change, such as lockout_minutes=30
        #[arg(required = true, value_name = "NAME=VALUE", value_parser = assignment)]
        assignments: Vec<(String, i64)>,
    },
}

const ROW: &[Column] = &[("SETTING", "/name"), ("VALUE", "/value")];

/// The version is no setting: it says what the change was made from.
const VERSION: &str = "version";

pub(crate) async fn run(desk: &Desk, command: SettingsCommand) -> Result<(), Error> {
    let settings = desk.api.settings().await?;
    match command {
        SettingsCommand::Show => show(desk, &settings),
        SettingsCommand::Set { assignments } => {
            let wanted = assign(settings, &assignments)?;
            show(desk, &desk.api.change_settings(wanted).await?)
        }
    }
}

fn show(desk: &Desk, settings: &Value) -> Result<(), Error> {
    desk.screen.json(settings)?;
    if desk.screen.json {
        return Ok(());
    }
    let rows: Vec<_> = settings
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect();
    Table::new(ROW).lines(&rows).iter().try_for_each(|line| print(line))
}

fn assignment(text: &str) -> Result<(String, i64), String> {
    let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUE")?;
    let value = value.trim().parse().map_err(|_| "the value is a whole number")?;
    Ok((name.trim().to_owned(), value))
}

fn assign(mut settings: Value, assignments: &[(String, i64)]) -> Result<Value, Error> {
    for (name, value) in assignments {
        let known = settings.get(name).is_some() && name != VERSION;
        if !known {
            let names: Vec<_> = settings.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
            let names = names.into_iter().filter(|name| *name != VERSION).collect::<Vec<_>>().join(", ");
            return Err(Error::Usage(format!("There is no setting {name}. There are: {names}.")));
        }
        settings[name.as_str()] = (*value).into();
    }
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_keeps_the_version_and_the_other_settings() {
        let settings = || json!({ "version": 4, "lockout_minutes": 15, "mails_per_day": 10 });
        let set = |name: &str| assign(settings(), &[(name.to_owned(), 30)]);
        assert_eq!(
            set("lockout_minutes").unwrap(),
            json!({ "version": 4, "lockout_minutes": 30, "mails_per_day": 10 })
        );
        for name in ["version", "lockout", ""] {
            assert!(set(name).is_err(), "{name}");
        }
    }
}
