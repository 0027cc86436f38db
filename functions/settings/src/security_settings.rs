//! `GET` and `PUT /api/admin/security-settings`.

use std::sync::Arc;

use axum::extract::State;
use mailkey::{
    audit::{Action, AuditDetail, Target},
    settings::{OutOfBounds, SecuritySettings, Setting},
};
use mailkey_api::{
    http::{AdminCaller, Caller, JsonBody, StrictJson},
    problem::{Problem, ProblemType},
};
use mailkey_dynamodb::client::Committed;
use serde::Deserialize;

use crate::Settings;

/// All settings, and the version that they are based on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeSettingsRequest {
    version: i64,
    max_failed_sign_ins: i64,
    lockout_minutes: i64,
    link_lifetime_hours: i64,
    activation_lifetime_hours: i64,
    min_password_length: i64,
    emails_per_hour: i64,
    emails_per_day: i64,
    links_per_minute: i64,
    failures_per_network: i64,
    log_retention_days: i64,
    staff_idle_minutes: i64,
}

impl ChangeSettingsRequest {
    fn settings(&self) -> Result<SecuritySettings, OutOfBounds> {
        let begun = SecuritySettings::default().at_version(self.version);
        Setting::ALL.into_iter().try_fold(begun, |settings, setting| {
            let value = match setting {
                Setting::MaxFailedSignIns => self.max_failed_sign_ins,
                Setting::LockoutMinutes => self.lockout_minutes,
                Setting::LinkLifetimeHours => self.link_lifetime_hours,
                Setting::ActivationLifetimeHours => self.activation_lifetime_hours,
                Setting::MinPasswordLength => self.min_password_length,
                Setting::EmailsPerHour => self.emails_per_hour,
                Setting::EmailsPerDay => self.emails_per_day,
                Setting::LinksPerMinute => self.links_per_minute,
                Setting::FailuresPerNetwork => self.failures_per_network,
                Setting::LogRetentionDays => self.log_retention_days,
                Setting::StaffIdleMinutes => self.staff_idle_minutes,
            };
            settings.with(setting, value)
        })
    }
}

pub(crate) async fn show(
    State(function): State<Arc<Settings>>,
    AdminCaller(_): AdminCaller,
) -> Result<JsonBody, Problem> {
    Ok(JsonBody(function.app.db.settings().get().await?.to_json()))
}

pub(crate) async fn change(
    State(function): State<Arc<Settings>>,
    AdminCaller(caller): AdminCaller,
    StrictJson(body): StrictJson<ChangeSettingsRequest>,
) -> Result<JsonBody, Problem> {
    let wanted = body.settings().map_err(|e| {
        Problem::new(ProblemType::MalformedRequest)
            .with_detail(format!("Out of bounds: {e}."))
            .with_pointer(&format!("/{}", e.0.name()))
    })?;
    Ok(JsonBody(function.change(&caller, wanted).await?.to_json()))
}

impl Settings {
    async fn change(&self, caller: &Caller, wanted: SecuritySettings) -> Result<SecuritySettings, Problem> {
        let attempt = self.app.attempt(caller, Action::ChangeSettings, &Target::Settings)?;
        let before = self.app.db.settings().get().await?;
        let stale = || Problem::new(ProblemType::StaleVersion);
        if before.version != wanted.version {
            return Err(attempt.refuse(stale()).await);
        }
        let changes = before.changes(&wanted);
        if changes.is_empty() {
            return Ok(before);
        }
        match self.app.db.settings().save(&wanted, vec![attempt.done(AuditDetail::note(changes.join(", ")))]).await? {
            Committed::Done => Ok(wanted.at_version(wanted.version + 1)),
            Committed::ConditionFailed(_) => Err(attempt.refuse(stale()).await),
        }
    }
}
