//! The table `SecuritySettings`: one item.

use crate::client::{Committed, Database, Item, Reader, StoreError, Write, item, n, s};
use mailkey::settings::{STAFF_SECOND_FACTOR, SecuritySettings, Setting};

const TABLE: &str = "SecuritySettings";
const KEY: &str = "security-settings";

/// How often to record a slow imported hash again while administrators change settings.
const TRIES: u32 = 5;

/// Reads and writes the settings.
#[derive(Debug, Clone)]
pub struct SettingsStore {
    database: Database,
}

impl SettingsStore {
    /// The settings of this deployment.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// The settings in force: the defaults for what was never set. If the table can't be read, that is an error: the
    /// defaults may be weaker than the settings.
    pub async fn get(&self) -> Result<SecuritySettings, StoreError> {
        let item = self.database.get(TABLE, [("settings_key", s(KEY))]).await?;
        Ok(item.as_ref().map(read).unwrap_or_default())
    }

    /// Records that a hash was imported that takes this long to verify, before its user is created.
    pub async fn note_import(&self, work_ms: i64) -> Result<Committed, StoreError> {
        for _ in 0..TRIES {
            let settings = self.get().await?;
            if settings.slowest_import_ms() >= work_ms {
                return Ok(Committed::Done);
            }
            let slower = settings.with_slowest_import(work_ms);
            if self.save(&slower, Vec::new()).await? == Committed::Done {
                return Ok(Committed::Done);
            }
        }
        Ok(Committed::ConditionFailed(0))
    }

    /// Puts `settings` in force together with `also`, unless someone else changed the version they were made from.
    pub async fn save(&self, settings: &SecuritySettings, also: Vec<Write>) -> Result<Committed, StoreError> {
        let next = settings.at_version(settings.version + 1);
        let put = Write::replace(TABLE, &["settings_key"], &[], write(&next))
            .only_if("(attribute_not_exists(settings_key) AND :seen = :none) OR version = :seen")
            .value(":seen", n(settings.version))
            .value(":none", n(0));
        Ok(self.database.commit([vec![put], also].concat()).await?)
    }
}

fn write(settings: &SecuritySettings) -> Item {
    let mut item = item([("settings_key", s(KEY)), ("version", n(settings.version)), ("schema", n(1))]);
    item.insert("slowest_import_ms".to_owned(), n(settings.slowest_import_ms()));
    item.insert(STAFF_SECOND_FACTOR.to_owned(), s(settings.second_factor().as_str()));
    item.extend(Setting::ALL.map(|setting| (setting.name().to_owned(), n(settings.get(setting)))));
    item
}

fn read(item: &Item) -> SecuritySettings {
    let reader = Reader::new(TABLE, item);
    let version = reader.optional_number("version").unwrap_or(0);
    let slowest_import_ms = reader.optional_number("slowest_import_ms").unwrap_or(0);
    let second_factor = reader.optional_text(STAFF_SECOND_FACTOR).and_then(|policy| policy.parse().ok());
    let settings = SecuritySettings::default()
        .at_version(version)
        .with_slowest_import(slowest_import_ms)
        .with_second_factor(second_factor.unwrap_or_default());
    Setting::ALL.into_iter().fold(settings, |settings, setting| {
        // A value from another version's bounds is not in force.
        let value = reader.optional_number(setting.name());
        value.and_then(|value| settings.with(setting, value).ok()).unwrap_or(settings)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_never_set_is_the_default_and_the_rest_reads_back() {
        assert_eq!(read(&Item::new()), SecuritySettings::default());
        let set = SecuritySettings::default().at_version(4).with(Setting::MaxFailedSignIns, 5).unwrap();
        let set = set.with_slowest_import(256).with_second_factor(mailkey::second_factor::FactorPolicy::Required);
        assert_eq!(read(&write(&set)), set);
    }
}
