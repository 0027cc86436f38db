//! What follows from every sample event.

use serde_json::Value;

use super::{at, told};
use crate::{
    feedback::{Effect, Interpretation, interpret},
    ses_event::{Affected, Content, unwrap},
};

macro_rules! samples {
    ($($name:literal)+) => {
        &[$(($name, include_str!(concat!("../../../../../../tests/ses-events/", $name, ".json")))),+]
    };
}

const README: &str = include_str!("../../../../../../tests/ses-events/README.md");

const SAMPLES: &[(&str, &str)] = samples!(
    "ale-lambda-sns-nonses"
    "ale-lambda-sns-pascal-case"
    "ale-lambda-sqs-nonjson-body"
    "ale-sns-subscription-confirmation"
    "ale-sns-unsubscribe-confirmation"
    "anymail-sns-bounce-xtags"
    "anymail-sns-click"
    "anymail-sns-complaint"
    "anymail-sns-rendering-failure"
    "anymail-sns-send-customtags"
    "anymail-sns-unsubscribe-confirmation"
    "aws-eb-sending-status-disabled"
    "aws-ep-bounce"
    "aws-ep-click"
    "aws-ep-complaint"
    "aws-ep-delivery"
    "aws-ep-delivery-delay"
    "aws-ep-open"
    "aws-ep-reject"
    "aws-ep-rendering-failure"
    "aws-ep-send"
    "aws-ep-subscription"
    "aws-fn-bounce-dsn-3rcpt"
    "aws-fn-complaint-fbl"
    "aws-fn-complaint-nofbl"
    "aws-fn-delivery"
    "aws-inbound-received"
    "aws-obj-complaint-offset-arrivaldate"
    "djangoses-sns-bounce-signed-nosubject"
    "djangoses-sns-complaint-signed"
    "gcnotify-complaint-bad-messageid-key"
    "gcnotify-complaint-no-feedbacktype"
    "gmcl-sns-transient-mailboxfull"
    "keila-sns-bounce-signed"
    "nuntius-sns-bounce-contentrejected-spam"
    "panmail-renderingfailure-as-notificationtype"
    "spatie-sns-click-linktags-null"
    "spatie-sns-open"
    "spatie-sns-subscription-confirmation"
    "wraps-eb-bounce"
    "wraps-eb-delivery"
    "wraps-eb-delivery-delay"
    "wraps-eb-send"
    "wraps-eb-subscription"
);

/// What each thing in a sample says: the recipient, and what follows.
fn told_by(json: &str) -> Vec<(Option<Interpretation>, String)> {
    let payload: Value = serde_json::from_str(json).unwrap();
    let told_of = |content: &Content| match content {
        Content::Event(event) => {
            let when = event.at.unwrap_or(at("2026-11-22T10:00:00Z"));
            let about = |recipient: &Affected| {
                let interpretation = interpret(event, when, recipient, "key");
                let line = format!("{}: {}", recipient.address, told(&interpretation));
                (Some(interpretation), line)
            };
            event.recipients.iter().map(about).collect()
        }
        Content::NonDelivery(ignored) => {
            let alarm = if ignored.is_alarming() { ", an alarm" } else { "" };
            vec![(None, format!("no email ({}{alarm})", ignored.kind()))]
        }
        Content::NotUnderstood(_) => vec![(None, "not understood".to_owned())],
    };
    unwrap(&payload).iter().flat_map(|record| told_of(&record.content)).collect()
}

#[test]
fn the_samples_say_what_they_are_meant_to_say() {
    let lines = SAMPLES
        .iter()
        .flat_map(|(name, json)| told_by(json).into_iter().map(move |(_, line)| format!("{name}: {line}")));
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @r"
    ale-lambda-sns-nonses: not understood
    ale-lambda-sns-pascal-case: not understood
    ale-lambda-sqs-nonjson-body: not understood
    ale-sns-subscription-confirmation: no email (subscription_confirmation)
    ale-sns-unsubscribe-confirmation: no email (unsubscribe_confirmation, an alarm)
    anymail-sns-bounce-xtags: jane@example.com: bounced | mailbox_does_not_exist | suppress hard_bounce
    anymail-sns-click: recipient@example.com: (tracked_click) | ALARM click_tracking_on
    anymail-sns-complaint: richard@example.com: complained | marked_as_spam | suppress complaint
    anymail-sns-rendering-failure: recipient@example.com: rejected | template_broken | ALARM template_broken
    anymail-sns-send-customtags: recipient@example.com: sent
    anymail-sns-unsubscribe-confirmation: no email (unsubscribe_confirmation, an alarm)
    aws-eb-sending-status-disabled: no email (sending_disabled, an alarm)
    aws-ep-bounce: recipient@example.com: bounced | mailbox_does_not_exist | suppress hard_bounce
    aws-ep-click: recipient@example.com: (tracked_click) | ALARM click_tracking_on
    aws-ep-complaint: recipient@example.com: complained | marked_as_spam | suppress complaint
    aws-ep-delivery: recipient@example.com: delivered | is alive
    aws-ep-delivery-delay: recipient@example.com: delayed | host_trouble
    aws-ep-open: recipient@example.com: (tracked_open)
    aws-ep-reject: sender@example.com: rejected | virus
    aws-ep-rendering-failure: recipient@example.com: rejected | template_broken | ALARM template_broken
    aws-ep-send: recipient@example.com: sent
    aws-ep-subscription: recipient@example.com: (subscription_changed) | ALARM list_management_on
    aws-fn-bounce-dsn-3rcpt: jane@example.com: bounced | mailbox_does_not_exist | suppress hard_bounce
    aws-fn-complaint-fbl: richard@example.com: complained | marked_as_spam | suppress complaint
    aws-fn-complaint-nofbl: richard@example.com: complained | marked_as_spam | suppress complaint
    aws-fn-delivery: jane@example.com: delivered | is alive
    aws-inbound-received: no email (inbound_mail)
    aws-obj-complaint-offset-arrivaldate: not understood
    djangoses-sns-bounce-signed-nosubject: bounce@simulator.amazonses.com: bounced | mailbox_does_not_exist | suppress hard_bounce
    djangoses-sns-complaint-signed: complaint@simulator.amazonses.com: complained | marked_as_spam | suppress complaint
    gcnotify-complaint-bad-messageid-key: recipient1@example.com: complained | marked_as_spam | suppress complaint
    gcnotify-complaint-no-feedbacktype: recipient1@example.com: complained | marked_as_spam | suppress complaint
    gmcl-sns-transient-mailboxfull: captain@example.com: soft_bounced | mailbox_full | fails softly
    keila-sns-bounce-signed: bounce@simulator.amazonses.com: bounced | mailbox_does_not_exist | suppress hard_bounce
    nuntius-sns-bounce-contentrejected-spam: a@example.com: blocked | refused_as_spam
    panmail-renderingfailure-as-notificationtype: no email (unknown_type)
    spatie-sns-click-linktags-null: hello@rias.be: (tracked_click) | ALARM click_tracking_on
    spatie-sns-open: rias@spatie.be: (tracked_open)
    spatie-sns-subscription-confirmation: no email (subscription_confirmation)
    wraps-eb-bounce: invalid@example.com: bounced | mailbox_does_not_exist | suppress hard_bounce
    wraps-eb-delivery: user@example.com: delivered | is alive
    wraps-eb-delivery-delay: user@example.com: delayed | host_trouble
    wraps-eb-send: user@example.com: sent
    wraps-eb-subscription: user@example.com: (subscription_changed) | ALARM list_management_on
    ");
}

#[test]
fn the_samples_agree_with_each_row_of_their_table() {
    let rows: Vec<Vec<&str>> = README
        .lines()
        .filter_map(|line| line.strip_prefix("| "))
        .map(|line| line.split('|').map(|cell| cell.trim_matches([' ', '`'])).collect::<Vec<_>>())
        .filter(|row| row[0].ends_with(".json"))
        .collect();
    assert_eq!(rows.len(), SAMPLES.len(), "each sample has a row, and each row a sample");
    for row in rows {
        let [file, _, status, suppression, ..] = row[..] else { panic!("{row:?}") };
        let (_, json) = SAMPLES.iter().find(|(name, _)| file.strip_suffix(".json") == Some(*name)).unwrap();
        let told = told_by(json);
        let [(interpretation, line)] = &told[..] else { panic!("{file} is about one recipient: {told:?}") };
        let Some(interpretation) = interpretation else {
            let silent = ["no row", "no log row", "ignore", "nothing alone", "no status change", "record goes"];
            assert!(silent.iter().any(|start| status.starts_with(start)), "{file}: {status}, but {line}");
            assert_eq!(line.contains("alarm"), status.contains("ALARM") || status.contains("alert"), "{file}: {line}");
            continue;
        };
        match interpretation.event.status() {
            Some(found) => {
                let orphan = status.starts_with("orphan event");
                assert!(orphan || status.contains(found.as_str()), "{file}: {status}, but {line}");
            }
            None => assert!(status.starts_with("no status change"), "{file}: {status}, but {line}"),
        }
        // That the simulator's addresses are exempt is decided where consequences are.
        let expected = |effect: Effect| match effect {
            Effect::Suppress(_) | Effect::SuppressUnexplained => {
                suppression.starts_with("ADD") || suppression.starts_with("exempt simulator")
            }
            Effect::FailSoftly => suppression.contains("soft count +1"),
            Effect::Deliver => suppression.contains("RESET"),
            Effect::None => suppression.starts_with("none"),
        };
        assert!(expected(interpretation.effect), "{file}: {suppression}, but {line}");
    }
}
