//! Security settings: what an administrator may turn, within bounds.

use jiff::SignedDuration;

use crate::{
    database::{Database, Item, Reader, StoreError, s},
    lockout::LockoutPolicy,
    recovery::MailLimits,
    token::Purpose,
};

const TABLE: &str = "SecuritySettings";
const KEY: &str = "security-settings";

/// The settings in force. Read at each request, so that a change holds at the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecuritySettings {
    /// So many sign-ins in a row may fail before the lock. NIST SP 800-63B-4 section 3.2.2 allows at most 100.
    pub max_failed_sign_ins: i64,
    /// How long the lock lasts, in minutes.
    pub lockout_minutes: i64,
    /// How long a link to reset a password lasts, in hours; NIST SP 800-63B-4 section 4.2.1.2 allows 24 at most.
    pub link_lifetime_hours: i64,
    /// How long a link to activate an account lasts, in hours.
    pub activation_lifetime_hours: i64,
    /// The least length of a password in code points. NIST SP 800-63B-4 section 3.1.1.2 asks for 15 where the password
    /// is the only factor.
    pub min_password_length: usize,
    /// So many links may be mailed to an address in any hour.
    pub mails_per_hour: usize,
    /// So many in any day.
    pub mails_per_day: usize,
}

impl Default for SecuritySettings {
    fn default() -> Self {
        Self {
            max_failed_sign_ins: 10,
            lockout_minutes: 15,
            link_lifetime_hours: 24,
            activation_lifetime_hours: 24,
            min_password_length: 15,
            mails_per_hour: 3,
            mails_per_day: 10,
        }
    }
}

impl SecuritySettings {
    /// When sign-in locks, and for how long.
    pub fn lockout(&self) -> LockoutPolicy {
        LockoutPolicy {
            max_failures: self.max_failed_sign_ins,
            duration: SignedDuration::from_mins(self.lockout_minutes),
        }
    }

    /// How many links an address may be mailed.
    pub fn mail_limits(&self) -> MailLimits {
        MailLimits {
            per_hour: self.mails_per_hour,
            per_day: self.mails_per_day,
        }
    }

    /// How long a link of this purpose lasts.
    pub fn lifetime(&self, purpose: Purpose) -> SignedDuration {
        SignedDuration::from_hours(match purpose {
            Purpose::PasswordReset => self.link_lifetime_hours,
            Purpose::Activation => self.activation_lifetime_hours,
        })
    }
}

/// Reads the settings.
#[derive(Debug, Clone)]
pub struct SettingsStore {
    database: Database,
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
        let request = self
            .database
            .client()
            .get_item()
            .table_name(self.database.table(TABLE))
            .key("settings_key", s(KEY));
        let answer = request
            .send()
            .await
            .map_err(|e| StoreError::unavailable("GetItem", TABLE, e))?;
        Ok(answer.item().map(read).unwrap_or_default())
    }
}

fn read(item: &Item) -> SecuritySettings {
    let reader = Reader::new(TABLE, item);
    let defaults = SecuritySettings::default();
    let number = |name: &str, default: i64| reader.optional_number(name).unwrap_or(default);
    let count = |name: &str, default: usize| {
        reader
            .optional_number(name)
            .and_then(|n| n.try_into().ok())
            .unwrap_or(default)
    };
    SecuritySettings {
        max_failed_sign_ins: number("max_failed_sign_ins", defaults.max_failed_sign_ins),
        lockout_minutes: number("lockout_minutes", defaults.lockout_minutes),
        link_lifetime_hours: number("link_lifetime_hours", defaults.link_lifetime_hours),
        activation_lifetime_hours: number("activation_lifetime_hours", defaults.activation_lifetime_hours),
        min_password_length: count("min_password_length", defaults.min_password_length),
        mails_per_hour: count("mails_per_hour", defaults.mails_per_hour),
        mails_per_day: count("mails_per_day", defaults.mails_per_day),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::n;

    #[test]
    fn what_was_never_set_is_the_default() {
        assert_eq!(read(&Item::new()), SecuritySettings::default());
        let set = read(&Item::from([("max_failed_sign_ins".to_owned(), n(5))]));
        assert_eq!(
            set,
            SecuritySettings {
                max_failed_sign_ins: 5,
                ..SecuritySettings::default()
            }
        );
    }
}
