//! The table `SecuritySettings`: one item.

use aws_sdk_dynamodb::{
    operation::transact_write_items::TransactWriteItemsError,
    types::{Put, TransactWriteItem},
};

use super::{SecuritySettings, Setting};
use crate::database::{Database, Item, Reader, StoreError, n, s};

const TABLE: &str = "SecuritySettings";
const KEY: &str = "security-settings";

/// Reads and writes the settings.
#[derive(Debug, Clone)]
pub struct SettingsStore {
    database: Database,
}

/// What became of saving settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    /// They are in force.
    Done,
    /// Somebody else changed them since they were read.
    Stale,
}

impl SettingsStore {
    /// The settings of this deployment.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// The settings in force: the defaults for what was never set.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails: a limit that can't be read is not taken to be the default.
    pub async fn get(&self) -> Result<SecuritySettings, StoreError> {
        let request = self.database.client().get_item().table_name(self.database.table(TABLE));
        let answer = request
            .key("settings_key", s(KEY))
            .send()
            .await
            .map_err(|e| StoreError::unavailable("GetItem", TABLE, e))?;
        Ok(answer.item().map(read).unwrap_or_default())
    }

    /// Puts `settings` in force in the place of the version they were made from, together with `also`.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails.
    pub async fn save(&self, settings: &SecuritySettings, also: Vec<TransactWriteItem>) -> Result<Saved, StoreError> {
        let next = SecuritySettings { version: settings.version + 1, ..*settings };
        let put = Put::builder()
            .table_name(self.database.table(TABLE))
            .set_item(Some(write(&next)))
            .condition_expression("(attribute_not_exists(settings_key) AND :seen = :none) OR version = :seen")
            .expression_attribute_values(":seen", n(settings.version))
            .expression_attribute_values(":none", n(0))
            .build()
            .map_err(|e| StoreError::unavailable("TransactWriteItems", TABLE, e))?;
        let mut items = vec![TransactWriteItem::builder().put(put).build()];
        items.extend(also);
        let answer = self.database.client().transact_write_items().set_transact_items(Some(items)).send().await;
        match answer.map_err(aws_sdk_dynamodb::error::SdkError::into_service_error) {
            Ok(_) => Ok(Saved::Done),
            Err(TransactWriteItemsError::TransactionCanceledException(_)) => Ok(Saved::Stale),
            Err(e) => Err(StoreError::unavailable("TransactWriteItems", TABLE, e)),
        }
    }
}

fn write(settings: &SecuritySettings) -> Item {
    let mut item = Item::from([
        ("settings_key".to_owned(), s(KEY)),
        ("version".to_owned(), n(settings.version)),
        ("schema".to_owned(), n(1)),
    ]);
    item.extend(Setting::ALL.map(|setting| (setting.name().to_owned(), n(settings.get(setting)))));
    item
}

fn read(item: &Item) -> SecuritySettings {
    let reader = Reader::new(TABLE, item);
    let version = reader.optional_number("version").unwrap_or(0);
    let settings = SecuritySettings { version, ..SecuritySettings::default() };
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
        let set =
            SecuritySettings { version: 4, ..SecuritySettings::default() }.with(Setting::MaxFailedSignIns, 5).unwrap();
        assert_eq!(read(&write(&set)), set);
    }
}
