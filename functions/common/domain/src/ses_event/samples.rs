//! What every sample event is.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use super::*;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/ses-events")
}

pub(super) fn sample(name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(folder().join(format!("{name}.json"))).unwrap()).unwrap()
}

pub(super) fn event(record: &Record) -> &SesEvent {
    match &record.content {
        Content::Event(event) => event,
        other => panic!("no event: {other:?}"),
    }
}

/// One line that says what a record is.
pub(super) fn told(record: &Record) -> String {
    let event = match &record.content {
        Content::Event(event) => event,
        Content::NonDelivery(NonDeliveryEvent::UnknownType(name)) => return format!("ignored unknown_type {name}"),
        Content::NonDelivery(ignored) => {
            return format!("ignored {}{}", ignored.kind(), if ignored.is_alarming() { ", alarm" } else { "" });
        }
        Content::NotUnderstood(why) => return format!("not understood: {why}"),
    };
    let detail = match &event.kind {
        EventKind::Bounce { kind, subtype } => format!(" {kind}/{subtype}"),
        EventKind::Complaint { feedback, .. } => format!(" {}", feedback.as_ref().map_or("?", FeedbackType::as_str)),
        EventKind::DeliveryDelay { delay, expires_at } => format!(" {delay} until {}", expires_at.unwrap()),
        EventKind::Delivery { processing_ms, .. } => format!(" {} ms", processing_ms.unwrap()),
        _ => String::new(),
    };
    let recipients: Vec<_> = event
        .recipients
        .iter()
        .map(|it| [Some(it.address.as_str()), it.status.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" "))
        .collect();
    let at = event.at.map_or("at no time".into(), |at| at.to_string());
    format!("{}{detail} | {} | {at}", event.kind.as_str(), recipients.join(", "))
}

/// The samples, and what they are.
const SAMPLES: &[(&str, &str)] = &[
    ("ale-lambda-sns-nonses", "not understood: it is no JSON"),
    ("ale-lambda-sns-pascal-case", "not understood: it is no JSON"),
    ("ale-lambda-sqs-nonjson-body", "not understood: it is no JSON"),
    ("ale-sns-subscription-confirmation", "ignored subscription_confirmation"),
    ("ale-sns-unsubscribe-confirmation", "ignored unsubscribe_confirmation, alarm"),
    ("anymail-sns-bounce-xtags", "bounce Permanent/General | jane@example.com 5.1.1 | 2016-01-27T14:59:44.101Z"),
    ("anymail-sns-click", "click | recipient@example.com | 2017-08-09T23:51:25.57Z"),
    ("anymail-sns-complaint", "complaint abuse | richard@example.com | at no time"),
    ("anymail-sns-rendering-failure", "rendering_failure | recipient@example.com | at no time"),
    ("anymail-sns-send-customtags", "send | recipient@example.com | 2016-10-14T05:02:16.645Z"),
    ("anymail-sns-unsubscribe-confirmation", "ignored unsubscribe_confirmation, alarm"),
    ("aws-eb-sending-status-disabled", "ignored sending_disabled, alarm"),
    ("aws-ep-bounce", "bounce Permanent/General | recipient@example.com 5.1.1 | 2017-08-05T00:41:02.669Z"),
    ("aws-ep-click", "click | recipient@example.com | 2017-08-09T23:51:25.57Z"),
    ("aws-ep-complaint", "complaint abuse | recipient@example.com | 2017-08-05T00:41:02.669Z"),
    ("aws-ep-delivery", "delivery 11893 ms | recipient@example.com | 2016-10-19T23:21:04.133Z"),
    (
        "aws-ep-delivery-delay",
        "delivery_delay TransientCommunicationFailure until 2020-06-16T00:25:40.914Z | recipient@example.com 4.4.1 | 2020-06-16T00:25:40.095Z",
    ),
    ("aws-ep-open", "open | recipient@example.com | 2017-08-09T22:00:19.652Z"),
    ("aws-ep-reject", "reject | sender@example.com | 2016-10-14T17:38:15.211Z"),
    ("aws-ep-rendering-failure", "rendering_failure | recipient@example.com | 2018-01-22T18:43:06.197Z"),
    ("aws-ep-send", "send | recipient@example.com | 2016-10-14T05:02:16.645Z"),
    ("aws-ep-subscription", "subscription | recipient@example.com | 2022-01-12T01:00:17.91Z"),
    ("aws-fn-bounce-dsn-3rcpt", "bounce Permanent/General | jane@example.com 5.1.1 | 2016-01-27T14:59:38.237Z"),
    ("aws-fn-complaint-fbl", "complaint abuse | richard@example.com | 2016-01-27T14:59:38.237Z"),
    ("aws-fn-complaint-nofbl", "complaint ? | richard@example.com | 2016-01-27T14:59:38.237Z"),
    ("aws-fn-delivery", "delivery 546 ms | jane@example.com | 2016-01-27T14:59:38.237Z"),
    ("aws-inbound-received", "ignored inbound_mail"),
    (
        "aws-obj-complaint-offset-arrivaldate",
        "not understood: it is no event of SES: neither an event type nor a known envelope",
    ),
    (
        "djangoses-sns-bounce-signed-nosubject",
        "bounce Permanent/General | bounce@simulator.amazonses.com 5.1.1 | 2022-04-01T21:24:49Z",
    ),
    (
        "djangoses-sns-complaint-signed",
        "complaint abuse | complaint@simulator.amazonses.com | 2022-03-28T23:59:33.564Z",
    ),
    ("gcnotify-complaint-bad-messageid-key", "complaint ? | recipient1@example.com | 2018-06-05T13:59:58Z"),
    ("gcnotify-complaint-no-feedbacktype", "complaint ? | recipient1@example.com | 2018-06-05T13:59:58Z"),
    ("gmcl-sns-transient-mailboxfull", "bounce Transient/MailboxFull | captain@example.com | at no time"),
    (
        "keila-sns-bounce-signed",
        "bounce Permanent/General | bounce@simulator.amazonses.com 5.1.1 | 2021-11-01T08:31:09.745Z",
    ),
    (
        "nuntius-sns-bounce-contentrejected-spam",
        "bounce Transient/ContentRejected | a@example.com 5.3.0 | 2019-06-05T14:56:13.363Z",
    ),
    ("panmail-renderingfailure-as-notificationtype", "ignored unknown_type RenderingFailure"),
    ("spatie-sns-click-linktags-null", "click | hello@rias.be | 2019-11-28T09:14:53.099Z"),
    ("spatie-sns-open", "open | rias@spatie.be | 2022-04-13T17:14:18.824Z"),
    ("spatie-sns-subscription-confirmation", "ignored subscription_confirmation"),
    ("wraps-eb-bounce", "bounce Permanent/General | invalid@example.com 5.1.1 | 2025-01-15T10:30:02Z"),
    ("wraps-eb-delivery", "delivery 1025 ms | user@example.com | 2025-01-15T10:30:01Z"),
    (
        "wraps-eb-delivery-delay",
        "delivery_delay TransientCommunicationFailure until 2025-01-15T22:30:00Z | user@example.com 4.4.1 | 2025-01-15T10:35:00Z",
    ),
    ("wraps-eb-send", "send | user@example.com | 2025-01-15T10:30:00Z"),
    ("wraps-eb-subscription", "subscription | user@example.com | 2025-01-15T11:10:00Z"),
];

#[test]
fn every_sample_is_what_the_table_says() {
    for (name, expected) in SAMPLES {
        let found: Vec<_> = unwrap(&sample(name)).iter().map(told).collect();
        assert_eq!(found, [*expected], "{name}");
    }
}

#[test]
fn no_sample_is_missing_in_the_table() {
    let names = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let names: BTreeSet<_> = names.filter_map(|name| name.strip_suffix(".json").map(ToOwned::to_owned)).collect();
    assert_eq!(SAMPLES.iter().map(|(name, _)| (*name).to_owned()).collect::<BTreeSet<_>>(), names);
}

#[test]
fn a_bounce_is_read_to_the_last_field() {
    let mut raw = sample("aws-ep-bounce");
    raw["mail"]["tags"]["email_id"] = json!(["01JD0000000000000000000000"]);
    raw["mail"]["tags"]["kind"] = json!("password_reset");
    raw["mail"]["headersTruncated"] = json!(true);
    raw["mail"]["headers"][0] = json!({"name": "x-mailkey-email-id", "value": "01JD0000000000000000000001"});
    let records = unwrap(&raw);
    let event = event(&records[0]);
    assert_eq!(event.system, System::EventPublishing);
    assert_eq!(event.feedback_id.as_deref(), Some("01000157c44f053b-61b59c11-9236-11e6-8f96-7be8aexample-000000"));
    assert_eq!(event.mail.message_id.as_deref(), Some("EXAMPLE7c191be45-e9aedb9a-02f9-4d12-a87d-dd0099a07f8a-000000"));
    assert_eq!(event.mail.sent_at, "2017-08-05T00:40:02.012Z".parse().ok());
    assert_eq!(event.mail.source.as_deref(), Some("sender@example.com"));
    assert_eq!(event.mail.destination, ["recipient@example.com"]);
    assert_eq!(event.mail.email_id.as_deref(), Some("01JD0000000000000000000000"));
    assert_eq!(event.mail.kind.as_deref(), Some("password_reset"));
    assert_eq!(event.mail.header_email_id.as_deref(), Some("01JD0000000000000000000001"));
    assert_eq!(event.mail.configuration_set.as_deref(), Some("ConfigSet"));
    assert_eq!(event.recipients[0].action.as_deref(), Some("failed"));
    assert_eq!(event.recipients[0].diagnostic.as_deref(), Some("smtp; 550 5.1.1 user unknown"));
    assert_eq!(records[0].raw, raw);
    let printed = format!("{records:?}");
    assert!(!printed.contains("recipient@") && !printed.contains("sender@"), "{printed}");
}

#[test]
fn words_that_no_sample_has_are_read_too() {
    let mut bounce = sample("aws-ep-bounce");
    for (kind, subtype) in [
        ("Permanent", "NoEmail"),
        ("Permanent", "Suppressed"),
        ("Permanent", "OnAccountSuppressionList"),
        ("Permanent", "OnTenantSuppressionList"),
        ("Permanent", "EmailValidationSuppressed"),
        ("Permanent", "UnsubscribedRecipient"),
        ("Transient", "CustomTimeoutExceeded"),
        ("Undetermined", "Undetermined"),
    ] {
        bounce["bounce"]["bounceType"] = json!(kind);
        bounce["bounce"]["bounceSubType"] = json!(subtype);
        let expected = EventKind::Bounce { kind: BounceKind::read(kind), subtype: BounceSubtype::read(subtype) };
        assert_eq!(event(&unwrap(&bounce)[0]).kind, expected);
        assert!(BounceSubtype::KNOWN.contains(&BounceSubtype::read(subtype)), "{subtype}");
    }
    bounce["bounce"] = json!({});
    let silent = EventKind::Bounce { kind: BounceKind::Undetermined, subtype: BounceSubtype::General };
    assert_eq!(event(&unwrap(&bounce)[0]).kind, silent);

    let mut complaint = sample("aws-fn-complaint-nofbl");
    for (word, feedback) in [
        ("auth-failure", FeedbackType::AuthFailure),
        ("not-spam", FeedbackType::NotSpam),
        ("virus", FeedbackType::Virus),
        ("fraud", FeedbackType::Fraud),
        ("other", FeedbackType::Other),
        ("boredom", FeedbackType::Unknown("boredom".into())),
    ] {
        complaint["complaint"]["complaintFeedbackType"] = json!(word);
        complaint["complaint"]["complaintSubType"] = json!("OnAccountSuppressionList");
        let subtype = Some(ComplaintSubtype::OnAccountSuppressionList);
        assert_eq!(event(&unwrap(&complaint)[0]).kind, EventKind::Complaint { subtype, feedback: Some(feedback) });
    }

    let mut open = sample("aws-ep-open");
    for (word, expected) in [("Likely", Some(true)), ("Unlikely", Some(false)), ("Perhaps", None)] {
        open["open"]["isBotEvent"] = json!(word);
        let EventKind::Open { bot, .. } = event(&unwrap(&open)[0]).kind else { panic!() };
        assert_eq!(bot, expected);
    }
}

#[test]
fn a_status_of_the_account_says_since_when_and_why() {
    let mut raw = sample("aws-eb-sending-status-disabled");
    let expected = NonDeliveryEvent::SendingStatus {
        enabled: false,
        at: "2025-07-24T12:44:28.995Z".parse().ok(),
        resource: Some("arn:aws:ses:us-east-1:012345678901:tenant/{tenant-name}/{tenant-id}".into()),
        cause: Some("Status manually updated.".into()),
    };
    assert_eq!(unwrap(&raw)[0].content, Content::NonDelivery(expected.clone()));
    raw["detail"]["data"] = json!(raw["detail"]["data"].to_string());
    assert_eq!(unwrap(&raw)[0].content, Content::NonDelivery(expected));

    raw["detail-type"] = json!("Advisor Recommendation Status Open");
    raw["detail"] = json!({"version": "1.0.0", "data": "The bounce rate exceeded 15 %.",
        "metadata": {"impact": "HIGH", "type": "BOUNCE"}});
    let about = Some("BOUNCE".to_owned());
    let text = Some("The bounce rate exceeded 15 %.".to_owned());
    let expected = NonDeliveryEvent::AdvisorRecommendation { open: true, about, text };
    assert!(expected.is_alarming());
    assert_eq!(unwrap(&raw)[0].content, Content::NonDelivery(expected));
    raw["detail-type"] = json!("Advisor Recommendation Status Resolved");
    let Content::NonDelivery(resolved) = &unwrap(&raw)[0].content else { panic!() };
    assert!(!resolved.is_alarming());
}
