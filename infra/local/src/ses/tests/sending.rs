//! Tests `SendEmail`, `GetAccount` and `GetEmailIdentity`.

use aws_sdk_sesv2::error::ProvideErrorMetadata;
use aws_sdk_sesv2::primitives::Blob;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message, MessageHeader, MessageTag, RawMessage};
use serde_json::json;

use super::{LINK, TestSes, client, content, mail};
use crate::ses::FaultMode;

#[tokio::test]
async fn a_sent_email_is_in_the_outbox() {
    let test = TestSes::new();
    let sent = test.send("Zoë <zoe+x@example.com>").await.expect("sent");
    let emails = test.ses.outbox().to("ZOE+x@Example.com");
    let shown = emails[0].to_json();
    let message_id = sent.message_id().expect("a message id");
    assert!(message_id.starts_with("0100") && message_id.ends_with("-000000"), "{message_id}");
    let expected = json!({
        "id": emails[0].id,
        "message_id": message_id,
        "to": "Zoë <zoe+x@example.com>",
        "from": "Portal <no-reply@portal.example>",
        "subject": "Reset your password",
        "text": format!("Hello Zoë,\n\nreset it here: {LINK}.\n"),
        "html": format!("<p>Hello <a href=\"{LINK}\">Zoë</a></p>"),
        "headers": {
            "Auto-Submitted": "auto-generated",
            "Content-Type": format!("multipart/alternative; boundary=\"----=_Part_{message_id}\""),
            "Date": "Sun, 01 Mar 2026 10:00:00 +0000",
            "From": "Portal <no-reply@portal.example>",
            "MIME-Version": "1.0",
            "Message-ID": format!("<{message_id}@email.amazonses.com>"),
            "Reply-To": "help@portal.example",
            "Subject": "Reset your password",
            "To": "Zoë <zoe+x@example.com>",
            "X-Mailkey-Email-Id": "01J0LOG",
        },
        "links": [LINK],
        "sent_at": "2026-03-01T10:00:00.250Z",
    });
    assert_eq!(shown, expected);
}

#[tokio::test]
async fn text_without_a_character_set_is_reduced_to_ascii() {
    let test = TestSes::new();
    let content = |text: &str| Content::builder().data(text).build().expect("content");
    let body = Body::builder().text(content("Grüße")).build();
    let message = Message::builder().subject(content("Hallo")).body(body).build();
    mail(&test.client, "a@example.com")
        .content(EmailContent::builder().simple(message).build())
        .send()
        .await
        .expect("sent");
    assert_eq!(test.ses.outbox().newest_first()[0].text.as_deref(), Some("Gr??e"));
}

#[tokio::test]
async fn ses_rejects_what_its_documentation_rejects() {
    let test = TestSes::new();
    let good = || mail(&test.client, "a@example.com");
    let header = |name: &str, value: &str| {
        let header = MessageHeader::builder().name(name).value(value).build().expect("a header");
        let body = Body::builder().text(content("x")).build();
        let message = Message::builder().subject(content("x")).body(body).headers(header).build();
        good().content(EmailContent::builder().simple(message).build())
    };
    let tag = |name: &str, value: &str| {
        good().email_tags(MessageTag::builder().name(name).value(value).build().expect("a tag"))
    };
    let crowd = (0..51).map(|number| format!("a{number}@example.com")).collect();
    let refused = [
        ("a local part that is not ASCII", mail(&test.client, "zoë@example.com")),
        ("a domain that is not punycode", mail(&test.client, "a@bücher.example")),
        ("no recipient", good().destination(Destination::builder().build())),
        ("51 recipients", good().destination(Destination::builder().set_to_addresses(Some(crowd)).build())),
        ("no sender", good().set_from_email_address(None)),
        ("a header name with a colon", header("X:Y", "x")),
        ("a header name of 127 characters", header(&"X".repeat(127), "x")),
        ("a header value that breaks the line", header("X-A", "x\r\nBcc: b@example.com")),
        ("a header value of 996 characters", header("X", &"x".repeat(996))),
        ("a header that SES sets", header("Message-ID", "<x@example.com>")),
        ("an address as a tag", tag("to", "a@example.com")),
        ("an empty tag", tag("to", "")),
        ("a tag of 257 characters", tag("to", &"x".repeat(257))),
        ("no body", good().content(EmailContent::builder().build())),
    ];
    for (what, request) in refused {
        let error = request.send().await.expect_err(what).into_service_error();
        assert!(error.is_bad_request_exception(), "{what}: {error:?}");
        assert!(error.message().is_some(), "{what} is rejected without a message");
    }
    assert!(test.ses.outbox().newest_first().is_empty());
}

#[tokio::test]
async fn an_undeclared_configuration_set_is_not_found() {
    let test = TestSes::new();
    let ses = test.ses.clone().with_configuration_sets(["notices".to_owned()]);
    let error = mail(&client(&ses), "a@example.com").send().await.expect_err("refused").into_service_error();
    assert!(error.is_not_found_exception(), "{error:?}");
}

#[tokio::test]
async fn the_account_counts_the_emails_of_a_day() {
    let test = TestSes::new();
    for _ in 0..2 {
        test.send("a@example.com").await.expect("sent");
    }
    let sent =
        async || test.client.get_account().send().await.expect("an account").send_quota.map(|it| it.sent_last24_hours);
    assert_eq!(sent().await, Some(2.0));
    test.clock.forward(24 * 60 * 60 * 1000 + 1);
    assert_eq!(sent().await, Some(0.0));
}

#[tokio::test]
async fn the_account_shows_the_injected_fault() {
    let test = TestSes::new();
    let account = async || test.client.get_account().send().await.expect("an account");
    let healthy = account().await;
    assert!(healthy.sending_enabled() && healthy.production_access_enabled());
    test.ses.faults().set(FaultMode::Paused);
    assert!(!account().await.sending_enabled());
    test.ses.faults().set(FaultMode::Sandbox);
    assert!(!account().await.production_access_enabled());
    test.ses.faults().set(FaultMode::Quota);
    let quota = account().await.send_quota.expect("a quota");
    assert_eq!(quota.sent_last24_hours(), quota.max24_hour_send());
}

#[tokio::test]
async fn a_domain_is_an_identity_and_an_address_is_not() {
    let test = TestSes::new();
    let identity = |name: &str| test.client.get_email_identity().email_identity(name).send();
    let domain = identity("portal.example").await.expect("an identity");
    assert!(domain.verified_for_sending_status());
    assert_eq!(domain.dkim_attributes().map(|dkim| dkim.tokens().len()), Some(3));
    let error = identity("no-reply@portal.example").await.expect_err("no identity").into_service_error();
    assert!(error.is_not_found_exception(), "{error:?}");
}

/// Sends a raw message as a portal does, to `to` or to the addresses in the message.
async fn send_raw(test: &TestSes, message: &str, to: &[&str]) -> Result<(), String> {
    let raw = RawMessage::builder().data(Blob::new(message.replace('\n', "\r\n"))).build().expect("a message");
    let request = client(&test.ses.for_portals()).send_email().content(EmailContent::builder().raw(raw).build());
    let to = to.iter().map(|&to| to.to_owned()).collect();
    let request = request.destination(Destination::builder().set_to_addresses(Some(to)).build());
    let answer = request.send().await;
    answer.map(drop).map_err(|error| error.into_service_error().message().unwrap_or_default().to_owned())
}

const INVOICE: &str = "From: Shop <shop@portal.example>
To: Ada <ada@example.com>
Cc: bob@example.com
Bcc: bounce@simulator.amazonses.com
Subject: =?utf-8?q?Ihre_Rechnung_f=C3=BCr_M=C3=A4rz?=
X-SES-MESSAGE-TAGS: kind=invoice
Message-ID: <1@portal.example>

See https://portal.example/invoices/1
";

#[tokio::test]
async fn a_raw_message_goes_to_the_addresses_in_its_headers() {
    let mut test = TestSes::new();
    send_raw(&test, INVOICE, &[]).await.expect("sent");
    let email = test.ses.outbox().newest_first().remove(0);
    assert_eq!((email.from.as_str(), email.to.as_str()), ("Shop <shop@portal.example>", "Ada <ada@example.com>"));
    assert_eq!(email.subject, "Ihre Rechnung für März");
    assert_eq!(email.links, ["https://portal.example/invoices/1"]);
    assert_ne!(email.headers["Message-ID"], "<1@portal.example>");
    assert!(!email.headers.contains_key("Bcc"));
    let events = test.published();
    let kinds: Vec<_> = events.iter().map(|event| event["eventType"].as_str().unwrap_or_default()).collect();
    assert_eq!(kinds, ["Send", "Delivery", "Bounce"]);
    let mail = &events[0]["mail"];
    assert_eq!(mail["source"], "Shop <shop@portal.example>");
    assert_eq!(
        mail["destination"],
        json!(["Ada <ada@example.com>", "bob@example.com", "bounce@simulator.amazonses.com"])
    );
    assert_eq!(mail["commonHeaders"]["to"], json!(["Ada <ada@example.com>"]));
    assert_eq!(mail["commonHeaders"]["cc"], json!(["bob@example.com"]));
    assert_eq!(mail["commonHeaders"]["subject"], "=?utf-8?q?Ihre_Rechnung_f=C3=BCr_M=C3=A4rz?=");
    assert_eq!(mail["tags"]["kind"], json!(["invoice"]));
    assert_eq!(mail["tags"]["ses:configuration-set"], json!(["portal"]), "the identity's default");
}

#[tokio::test]
async fn the_destination_of_the_request_overrides_the_headers_of_a_raw_message() {
    let test = TestSes::new();
    send_raw(&test, INVOICE, &["dora@example.com"]).await.expect("sent");
    let email = test.ses.outbox().newest_first().remove(0);
    assert_eq!(email.recipients, ["dora@example.com"]);
    assert_eq!(email.to, "Ada <ada@example.com>");
}

#[tokio::test]
async fn a_raw_message_without_sender_or_recipient_is_rejected() {
    let test = TestSes::new();
    let without = |header: &str| -> String {
        INVOICE.lines().filter(|line| !line.starts_with(header)).map(|line| format!("{line}\n")).collect()
    };
    assert_eq!(send_raw(&test, &without("From:"), &[]).await, Err("From is missing.".to_owned()));
    let nobody = send_raw(&test, "From: shop@portal.example\n\nHello\n", &[]).await;
    assert_eq!(nobody, Err("Destination must contain at least one address.".to_owned()));
    assert!(test.ses.outbox().newest_first().is_empty());
}
