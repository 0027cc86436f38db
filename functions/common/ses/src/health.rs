//! Reads SES's responses about our account and identity.

use aws_sdk_sesv2::{
    operation::{get_account::GetAccountOutput, get_email_identity::GetEmailIdentityOutput},
    types::{BehaviorOnMxFailure, DkimSigningAttributesOrigin},
};
use mailkey::sender::{AccountHealth, IdentityHealth};

pub(super) fn account(answer: &GetAccountOutput) -> AccountHealth {
    let quota = answer.send_quota();
    AccountHealth {
        production_access: answer.production_access_enabled(),
        sending_enabled: answer.sending_enabled(),
        enforcement_status: answer.enforcement_status().unwrap_or("UNKNOWN").to_owned(),
        daily_quota: quota.map_or(0, |quota| quota.max24_hour_send() as i64),
        sent_last_24_hours: quota.map_or(0, |quota| quota.sent_last24_hours() as i64),
        max_send_rate: quota.map_or(0.0, |quota| quota.max_send_rate()),
    }
}

pub(super) fn identity(name: &str, answer: &GetEmailIdentityOutput) -> IdentityHealth {
    let mut health = IdentityHealth {
        exists: true,
        verified: answer.verified_for_sending_status(),
        ..IdentityHealth::missing(name)
    };
    if let Some(dkim) = answer.dkim_attributes() {
        health.dkim_enabled = dkim.signing_enabled();
        if let Some(status) = dkim.status() {
            health.dkim_status = status.as_str().to_owned();
        }
        // With BYODKIM, the "tokens" contain the selector, which has no record at SES.
        if dkim.signing_attributes_origin() != Some(&DkimSigningAttributesOrigin::External) {
            health.dkim_tokens = dkim.tokens().to_vec();
        }
        health.dkim_zone = dkim.signing_hosted_zone().filter(|zone| !zone.is_empty()).map(ToOwned::to_owned);
    }
    if let Some(mail_from) = answer.mail_from_attributes().filter(|mail_from| !mail_from.mail_from_domain().is_empty())
    {
        health.mail_from_domain = Some(mail_from.mail_from_domain().to_owned());
        health.mail_from_status = Some(mail_from.mail_from_domain_status().as_str().to_owned());
        health.mail_from_required = *mail_from.behavior_on_mx_failure() == BehaviorOnMxFailure::RejectMessage;
    }
    health
}

#[cfg(test)]
mod tests {
    use aws_sdk_sesv2::types::{DkimAttributes, DkimStatus, MailFromAttributes, MailFromDomainStatus, SendQuota};

    use super::*;

    #[test]
    fn the_account_is_read_from_what_ses_says() {
        let quota = SendQuota::builder().max24_hour_send(200.0).max_send_rate(1.0).sent_last24_hours(200.0).build();
        let answer = GetAccountOutput::builder()
            .production_access_enabled(false)
            .sending_enabled(true)
            .enforcement_status("PROBATION")
            .send_quota(quota);
        let health = account(&answer.build());
        assert_eq!(
            (health.production_access, health.is_paused(), health.is_over_quota(), health.daily_quota),
            (false, false, true, 200)
        );
        let health = account(&GetAccountOutput::builder().sending_enabled(true).enforcement_status("SHUTDOWN").build());
        assert_eq!((health.is_paused(), health.is_over_quota(), health.daily_quota), (true, false, 0));
    }

    #[test]
    fn the_identity_is_read_from_what_ses_says() {
        let mail_from = MailFromAttributes::builder()
            .mail_from_domain("bounce.example.com")
            .mail_from_domain_status(MailFromDomainStatus::Pending)
            .behavior_on_mx_failure(BehaviorOnMxFailure::RejectMessage)
            .build()
            .unwrap();
        let dkim = DkimAttributes::builder().signing_enabled(true).status(DkimStatus::Success).tokens("t1");
        let answer = |origin| {
            GetEmailIdentityOutput::builder()
                .verified_for_sending_status(true)
                .dkim_attributes(dkim.clone().signing_attributes_origin(origin).build())
                .mail_from_attributes(mail_from.clone())
                .build()
        };
        let health = identity("example.com", &answer(DkimSigningAttributesOrigin::AwsSes));
        let expected = IdentityHealth {
            exists: true,
            verified: true,
            dkim_status: "SUCCESS".to_owned(),
            dkim_enabled: true,
            dkim_tokens: vec!["t1".to_owned()],
            mail_from_domain: Some("bounce.example.com".to_owned()),
            mail_from_status: Some("PENDING".to_owned()),
            mail_from_required: true,
            ..IdentityHealth::missing("example.com")
        };
        assert_eq!(health, expected);
        let own_key = identity("example.com", &answer(DkimSigningAttributesOrigin::External));
        assert!(own_key.dkim_tokens.is_empty());
    }
}
