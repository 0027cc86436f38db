//! All that is known of the sender, as administrators see it.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{AlarmKind, SenderCheck, SenderHealth, SenderState, checks};
use crate::{
    EmailAddress,
    clock::rfc3339,
    dns::{CheckState, DnsCheck},
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
    pub fn to_json(&self) -> Value {
        let mut json = json!({
            "from": self.from.for_delivery(),
            "domain": self.from.key().domain(),
            "ok": self.is_ok(),
            "checks": self.checks.iter().map(SenderCheck::to_json).collect::<Value>(),
            "alarms": self.state.alarms.iter().map(super::SenderAlarm::to_json).collect::<Value>(),
            "canary": self.canary(),
        });
        if let Some(account) = &self.health.account {
            json["account"] = json!({
                "production_access": account.production_access,
                "sending_enabled": account.sending_enabled,
                "enforcement_status": account.enforcement_status,
                "daily_quota": account.daily_quota,
                "sent_last_24_hours": account.sent_last_24_hours,
                "max_send_rate": account.max_send_rate,
            });
        }
        if let Some(identity) = &self.health.identity {
            json["identity"] = json!({ "verified": identity.verified, "dkim_status": identity.dkim_status });
            let optional =
                [("mail_from_domain", &identity.mail_from_domain), ("mail_from_status", &identity.mail_from_status)];
            for (name, value) in optional {
                if let Some(value) = value {
                    json["identity"][name] = value.as_str().into();
                }
            }
        }
        json
    }

    fn canary(&self) -> Value {
        let mut json = Map::new();
        if let Some(canary) = &self.state.canary {
            json.insert("sent_at".to_owned(), rfc3339(canary.sent_at).into());
            if let Some(proven_at) = canary.proven_at {
                json.insert("proven_at".to_owned(), rfc3339(proven_at).into());
            }
        }
        json.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sender::{AccountHealth, Canary, IdentityHealth, SenderAlarm};

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
        insta::assert_snapshot!(serde_json::to_string_pretty(&report.to_json()).unwrap());
        let quiet = SenderReport::new(from, health, SenderState::default(), &[], now);
        assert!(!report.is_ok() && quiet.is_ok());
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let from = EmailAddress::parse("no-reply@example.com").unwrap();
        let (health, state) = (SenderHealth::default(), SenderState::default());
        let json = SenderReport::new(from, health, state, &[], at("2026-11-22T14:10:00Z")).to_json();
        assert_eq!((json.get("account"), json.get("identity")), (None, None));
        assert_eq!((&json["canary"], &json["alarms"], &json["ok"]), (&json!({}), &json!([]), &json!(true)));
    }
}
