//! All that is known of the sender, as administrators see it.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::{AccountHealth, AlarmKind, IdentityHealth, SenderAlarm, SenderCheck, SenderHealth, SenderState, checks};
use crate::{
    EmailAddress,
    dns::{CheckState, DnsCheck},
    json::Rfc3339,
};

/// All that is known of the sender.
#[derive(Debug, Clone, PartialEq)]
pub struct SenderReport {
    /// Our From address.
    pub from: EmailAddress,
    /// What SES says.
    pub health: SenderHealth,
    /// What was found, check by check.
    pub checks: Vec<SenderCheck>,
    /// Alarms that still stand, and the canary.
    pub state: SenderState,
}

impl SenderReport {
    /// Puts together what SES says, what the DNS says and what is remembered.
    pub fn new(
        from: EmailAddress,
        health: SenderHealth,
        mut state: SenderState,
        dns: &[DnsCheck],
        now: Timestamp,
    ) -> Self {
        let checks = checks(&health, &state, dns, now);
        state.alarms.retain(|alarm| alarm.is_current(now) && !alarm.is_unproven());
        state.alarms.sort_by_key(|alarm| std::cmp::Reverse(alarm.last_at));
        Self { from, health, checks, state }
    }

    /// Whether nothing is wrong and no alarm stands. What is unknown is no fault, and neither is a recipient's gateway.
    pub fn is_ok(&self) -> bool {
        self.state.alarms.iter().all(|alarm| alarm.kind == AlarmKind::LinksDamaged)
            && self.checks.iter().all(|check| check.state != CheckState::Wrong)
    }

    /// The report as the API shows it.
    pub fn shown(&self) -> ShownReport<'_> {
        let canary = self.state.canary.as_ref();
        ShownReport {
            from: self.from.for_delivery(),
            domain: self.from.key().domain(),
            ok: self.is_ok(),
            account: self.health.account.as_ref(),
            identity: self.health.identity.as_ref(),
            checks: &self.checks,
            alarms: &self.state.alarms,
            canary: ShownCanary {
                sent_at: canary.map(|canary| canary.sent_at),
                proven_at: canary.and_then(|canary| canary.proven_at),
            },
        }
    }
}

/// The report on our side of sending.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ShownReport<'a> {
    /// Our From address.
    from: String,
    /// Its domain.
    domain: &'a str,
    /// Whether no check found a problem.
    ok: bool,
    /// The SES account.
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a AccountHealth>,
    /// The sending domain or address at SES.
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<&'a IdentityHealth>,
    /// Everything that was checked.
    checks: &'a [SenderCheck],
    /// Problems of the sender that are still open.
    alarms: &'a [SenderAlarm],
    /// The test email that is sent every hour.
    canary: ShownCanary,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
struct ShownCanary {
    /// When it was last sent.
    #[serde(with = "Rfc3339", skip_serializing_if = "Option::is_none")]
    sent_at: Option<Timestamp>,
    /// When its delivery was last reported.
    #[serde(with = "Rfc3339", skip_serializing_if = "Option::is_none")]
    proven_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sender::Canary;

    fn at(time: &str) -> Timestamp {
        time.parse().unwrap()
    }

    fn alarm(kind: AlarmKind, last_at: &str) -> SenderAlarm {
        let subject = (kind == AlarmKind::DomainBurst).then(|| "example.org".to_owned());
        SenderAlarm { kind, subject, first_at: at(last_at), last_at: at(last_at), count: 1, detail: None }
    }

    #[test]
    fn alarms_that_are_history_are_left_out_and_the_newest_come_first() {
        let now = at("2026-11-22T14:10:00Z");
        let canary = Canary {
            email_id: "01JDB2M6W8Z3X4Y5V6T7S8R9QA".parse().unwrap(),
            sent_at: at("2026-11-22T14:00:00Z"),
            proven_at: Some(at("2026-11-22T14:00:02Z")),
        };
        let alarms = vec![
            alarm(AlarmKind::TemplateBroken, "2026-11-01T00:00:00Z"),
            alarm(AlarmKind::WrongTopic, "2026-11-20T00:00:00Z"),
            alarm(AlarmKind::DomainBurst, "2026-11-21T00:00:00Z"),
        ];
        let health = SenderHealth {
            account: Some(AccountHealth {
                production_access: true,
                sending_enabled: true,
                enforcement_status: "HEALTHY".to_owned(),
                daily_quota: 50_000,
                sent_last_24_hours: 12,
                max_send_rate: 14.0,
            }),
            identity: Some(IdentityHealth {
                exists: true,
                verified: true,
                dkim_status: "SUCCESS".to_owned(),
                dkim_enabled: true,
                mail_from_domain: Some("bounce.example.com".to_owned()),
                mail_from_status: Some("SUCCESS".to_owned()),
                ..IdentityHealth::missing("example.com")
            }),
        };
        let from = EmailAddress::parse("no-reply@example.com").unwrap();
        let state = SenderState { health: None, alarms, canary: Some(canary), ..SenderState::default() };
        let report = SenderReport::new(from.clone(), health.clone(), state, &[], now);
        insta::assert_snapshot!(serde_json::to_string_pretty(&json!(report.shown())).unwrap());
        let quiet = SenderReport::new(from, health, SenderState::default(), &[], now);
        assert!(!report.is_ok() && quiet.is_ok());
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let from = EmailAddress::parse("no-reply@example.com").unwrap();
        let (health, state) = (SenderHealth::default(), SenderState::default());
        let json = json!(SenderReport::new(from, health, state, &[], at("2026-11-22T14:10:00Z")).shown());
        assert_eq!((json.get("account"), json.get("identity")), (None, None));
        assert_eq!((&json["canary"], &json["alarms"], &json["ok"]), (&json!({}), &json!([]), &json!(true)));
    }
}
