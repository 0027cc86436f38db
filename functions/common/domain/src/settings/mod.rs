//! Security settings: what an administrator may turn, within bounds.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::{lockout::LockoutPolicy, recovery::EmailLimits, token::Purpose};

/// The settings in force. Read at each request, so that a change holds at the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecuritySettings {
    /// How often the settings were changed: a change to another version than this is stale.
    pub version: i64,
    slowest_import_ms: i64,
    values: [i64; Setting::ALL.len()],
}

/// A setting: a whole number within bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// So many sign-ins in a row may fail before the lock. NIST SP 800-63B-4 section 3.2.2 allows at most 100.
    MaxFailedSignIns,
    /// How long the lock lasts, in minutes.
    LockoutMinutes,
    /// How long a link to reset a password lasts, in hours; NIST SP 800-63B-4 section 4.2.1.2 allows 24 at most.
    LinkLifetimeHours,
    /// How long a link to activate an account lasts, in hours; at most a week.
    ActivationLifetimeHours,
    /// The least length of a password in code points. NIST SP 800-63B-4 section 3.1.1.2 asks for 15 where the password
    /// is the only factor, and for 8 in any case.
    MinPasswordLength,
    /// So many links may be mailed to an address in any hour.
    EmailsPerHour,
    /// So many in any day.
    EmailsPerDay,
    /// So many links that people ask for themselves may be mailed in any minute, to all addresses together: a list of
    /// addresses must neither spend the sender's quota nor its reputation. SES lets a new account send 14 a second.
    LinksPerMinute,
    /// So many made-up tokens, or twenty times as many wrong passwords, may come from a network in ten minutes.
    FailuresPerNetwork,
    /// How long the email log is kept, in days.
    LogRetentionDays,
    /// How long the session of a member of staff lasts without use, in minutes. It applies to sessions that begin after
    /// a change. OWASP ASVS 5.0, 7.3.1.
    StaffIdleMinutes,
}

impl Setting {
    /// Every setting.
    pub const ALL: [Self; 11] = [
        Self::MaxFailedSignIns,
        Self::LockoutMinutes,
        Self::LinkLifetimeHours,
        Self::ActivationLifetimeHours,
        Self::MinPasswordLength,
        Self::EmailsPerHour,
        Self::EmailsPerDay,
        Self::LinksPerMinute,
        Self::FailuresPerNetwork,
        Self::LogRetentionDays,
        Self::StaffIdleMinutes,
    ];

    /// The name, in tables and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::MaxFailedSignIns => "max_failed_sign_ins",
            Self::LockoutMinutes => "lockout_minutes",
            Self::LinkLifetimeHours => "link_lifetime_hours",
            Self::ActivationLifetimeHours => "activation_lifetime_hours",
            Self::MinPasswordLength => "min_password_length",
            Self::EmailsPerHour => "emails_per_hour",
            Self::EmailsPerDay => "emails_per_day",
            Self::LinksPerMinute => "links_per_minute",
            Self::FailuresPerNetwork => "failures_per_network",
            Self::LogRetentionDays => "log_retention_days",
            Self::StaffIdleMinutes => "staff_idle_minutes",
        }
    }

    /// The least and the greatest value, and the value where none was set.
    pub fn bounds(self) -> Bounds {
        let (least, greatest, default) = match self {
            Self::MaxFailedSignIns => (1, 100, 10),
            Self::LockoutMinutes => (1, 24 * 60, 15),
            Self::LinkLifetimeHours => (1, 24, 24),
            Self::ActivationLifetimeHours => (1, 168, 24),
            Self::MinPasswordLength => (8, 64, 15),
            Self::EmailsPerHour => (1, 60, 3),
            Self::EmailsPerDay => (1, 100, 10),
            Self::LinksPerMinute => (1, 60_000, 600),
            Self::FailuresPerNetwork => (1, 10_000, 100),
            Self::LogRetentionDays => (1, 400, 90),
            Self::StaffIdleMinutes => (5, 12 * 60, 30),
        };
        Bounds { least, greatest, default }
    }
}

/// The bounds of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The least value.
    pub least: i64,
    /// The greatest.
    pub greatest: i64,
    /// The value where none was set.
    pub default: i64,
}

/// A value beyond its bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{} must be from {} to {}", .0.name(), .0.bounds().least, .0.bounds().greatest)]
pub struct OutOfBounds(pub Setting);

impl Default for SecuritySettings {
    fn default() -> Self {
        Self { version: 0, slowest_import_ms: 0, values: Setting::ALL.map(|setting| setting.bounds().default) }
    }
}

impl SecuritySettings {
    /// The value of a setting.
    pub fn get(&self, setting: Setting) -> i64 {
        self.values[setting as usize]
    }

    /// The settings with another value for one of them.
    ///
    /// # Errors
    ///
    /// [`OutOfBounds`].
    pub fn with(mut self, setting: Setting, value: i64) -> Result<Self, OutOfBounds> {
        let Bounds { least, greatest, .. } = setting.bounds();
        if !(least..=greatest).contains(&value) {
            return Err(OutOfBounds(setting));
        }
        self.values[setting as usize] = value;
        Ok(self)
    }

    /// The same settings as of another version.
    #[must_use]
    pub fn at_version(self, version: i64) -> Self {
        Self { version, ..self }
    }

    /// The work of the slowest password hash that was imported, in milliseconds; 0 if none was. It isn't a setting, but
    /// every sign-in needs it and reads the settings anyway.
    pub fn slowest_import_ms(&self) -> i64 {
        self.slowest_import_ms
    }

    /// The same settings after the import of a hash that takes this long.
    #[must_use]
    pub fn with_slowest_import(self, slowest_import_ms: i64) -> Self {
        Self { slowest_import_ms, ..self }
    }

    /// When sign-in locks, and for how long.
    pub fn lockout(&self) -> LockoutPolicy {
        let duration = SignedDuration::from_mins(self.get(Setting::LockoutMinutes));
        LockoutPolicy { max_failures: self.get(Setting::MaxFailedSignIns), duration }
    }

    /// How many links an address may be mailed.
    pub fn email_limits(&self) -> EmailLimits {
        let count = |setting| usize::try_from(self.get(setting)).unwrap_or(1);
        EmailLimits { per_hour: count(Setting::EmailsPerHour), per_day: count(Setting::EmailsPerDay) }
    }

    /// How many lock notices may be mailed in any minute, to all addresses together: a tenth of the links, so whoever
    /// locks many accounts uses up neither SES's quota nor the links of others.
    pub fn lock_notices_per_minute(&self) -> i64 {
        (self.get(Setting::LinksPerMinute) / 10).max(1)
    }

    /// How long a link of this purpose lasts.
    pub fn lifetime(&self, purpose: Purpose) -> SignedDuration {
        SignedDuration::from_hours(match purpose {
            Purpose::PasswordReset => self.get(Setting::LinkLifetimeHours),
            Purpose::Activation => self.get(Setting::ActivationLifetimeHours),
        })
    }

    /// The least length of a password, in code points.
    pub fn min_password_length(&self) -> usize {
        usize::try_from(self.get(Setting::MinPasswordLength)).unwrap_or(usize::MAX)
    }

    /// How long the email log is kept.
    pub fn log_retention(&self) -> SignedDuration {
        SignedDuration::from_hours(24 * self.get(Setting::LogRetentionDays))
    }

    /// The names of the settings in which `other` differs, with both values.
    pub fn changes(&self, other: &Self) -> Vec<String> {
        let changed = Setting::ALL.into_iter().filter(|setting| self.get(*setting) != other.get(*setting));
        changed.map(|setting| format!("{}: {} -> {}", setting.name(), self.get(setting), other.get(setting))).collect()
    }

    /// The settings as the API shows them.
    pub fn to_json(&self) -> Value {
        let mut json = json!({ "version": self.version });
        for setting in Setting::ALL {
            json[setting.name()] = self.get(setting).into();
        }
        json
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_has_bounds_that_hold() {
        for setting in Setting::ALL {
            let Bounds { least, greatest, default } = setting.bounds();
            let settings = SecuritySettings::default();
            assert_eq!(settings.get(setting), default);
            for (value, good) in
                [(least, true), (greatest, true), (default, true), (least - 1, false), (greatest + 1, false)]
            {
                let changed = settings.with(setting, value);
                assert_eq!(changed.is_ok(), good, "{} = {value}", setting.name());
                if let Ok(changed) = changed {
                    assert_eq!(changed.get(setting), value);
                }
            }
        }
    }

    #[test]
    fn a_change_is_told_by_name_and_values() {
        let before = SecuritySettings::default();
        let after = before.with(Setting::EmailsPerHour, 5).unwrap();
        assert_eq!(before.changes(&after), ["emails_per_hour: 3 -> 5"]);
        insta::assert_snapshot!(after.to_json());
    }
}
