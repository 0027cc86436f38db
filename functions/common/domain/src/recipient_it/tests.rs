use super::*;

const M365: &str = "contoso-com.mail.protection.outlook.com";
const GOOGLE: &str = "aspmx.l.google.com";
const PROOFPOINT: &str = "mx0a-00123456.pphosted.com";
const MIMECAST: &str = "us-smtp-inbound-1.mimecast.com";
const BARRACUDA: &str = "d12345a.ess.barracudanetworks.com";
const OWN: &str = "mx1.contoso.example";

fn note(exchanger: &str, reply: &str) -> NoteForIt {
    NoteForIt::new(&EmailTrace {
        at: "2026-11-30T10:02:03Z".parse().unwrap(),
        recipient: "ada@contoso.example",
        from: "Portal <no-reply@mail.portal.example>",
        message_id: Some("0102018f2c3d4e5f-0a1b2c3d-000000"),
        mail_from_domain: Some("bounce.mail.portal.example"),
        reply: Some(reply),
        exchangers: &[exchanger.to_owned()],
    })
}

/// Mail exchanger, reply, and the expected product, server and queue id; without a server in the reply, the exchanger.
const REPLIES: [(&str, &str, MailProduct, &str, Option<&str>); 25] = {
    use MailProduct::{Barracuda, GoogleWorkspace, Microsoft365, Mimecast, Other, Proofpoint};
    [
        (
            M365,
            "250 2.6.0 <0102018f@eu-west-1.amazonses.com> [InternalId=12345678901234, Hostname=AM6PR01MB1234.eurprd01.prod.exchangelabs.com] 12345 bytes in 0.214, 56.3 KB/sec Queued mail for delivery",
            Microsoft365,
            "AM6PR01MB1234.eurprd01.prod.exchangelabs.com",
            Some("12345678901234"),
        ),
        (
            M365,
            "smtp; 550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3140). [VI1EUR05FT012.eop-eur05.prod.protection.outlook.com 2026-11-30T10:02:03.123Z 08DC1234ABCD5678]",
            Microsoft365,
            "VI1EUR05FT012.eop-eur05.prod.protection.outlook.com",
            Some("08DC1234ABCD5678"),
        ),
        (
            M365,
            "550 5.4.1 [ada@contoso.example]: Recipient address rejected: Access denied [BL2NAM02FT061.eop-nam02.prod.protection.outlook.com]",
            Microsoft365,
            "BL2NAM02FT061.eop-nam02.prod.protection.outlook.com",
            None,
        ),
        (
            M365,
            "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required [DB9PR04MB9999.eurprd04.prod.outlook.com 2026-11-30T10:02:03.123Z 08DC00000000AAAA]",
            Microsoft365,
            "DB9PR04MB9999.eurprd04.prod.outlook.com",
            Some("08DC00000000AAAA"),
        ),
        (
            M365,
            "451 4.7.500 Server busy. Please try again later from [192.0.2.1]. (AS77712343) [AM7EUR06FT004.eop-eur06.prod.protection.outlook.com]",
            Microsoft365,
            "AM7EUR06FT004.eop-eur06.prod.protection.outlook.com",
            None,
        ),
        (
            M365,
            "550 5.7.509 Access denied, sending domain mail.portal.example does not pass DMARC verification",
            Microsoft365,
            M365,
            None,
        ),
        (OWN, "550 5.1.8 Access denied, bad outbound sender AS(42003)", Microsoft365, OWN, None),
        (
            GOOGLE,
            "250 2.0.0 OK  1764496923 ffacd0b85a97d-42b2d1e4a5bsi1234567f8f.123 - gsmtp",
            GoogleWorkspace,
            GOOGLE,
            Some("ffacd0b85a97d-42b2d1e4a5bsi1234567f8f.123"),
        ),
        (
            GOOGLE,
            "550-5.7.26 This mail has been blocked because the sender is unauthenticated. https://support.google.com/mail/answer/81126#authentication a640c23a62f3a-b6d4si1234567966b.12 - gsmtp",
            GoogleWorkspace,
            GOOGLE,
            Some("a640c23a62f3a-b6d4si1234567966b.12"),
        ),
        (
            GOOGLE,
            "421-4.7.28 Gmail has detected an unusual rate of email https://support.google.com/mail/?p=UnsolicitedRateLimitError 5b1f17b1804b1-4775si99887766f8f.7 - gsmtp",
            GoogleWorkspace,
            GOOGLE,
            Some("5b1f17b1804b1-4775si99887766f8f.7"),
        ),
        (
            OWN,
            "452-4.2.2 The email account that you tried to reach is over quota. ffacd0b85a97d-3c1si444f8f.55 - gsmtp",
            GoogleWorkspace,
            OWN,
            Some("ffacd0b85a97d-3c1si444f8f.55"),
        ),
        (
            GOOGLE,
            "550 5.7.1 The user or domain that you are sending to (or from) has a policy that prohibited the mail",
            GoogleWorkspace,
            GOOGLE,
            None,
        ),
        (
            PROOFPOINT,
            "250 2.0.0 3t5k2x8q2f-1 Message accepted for delivery",
            Proofpoint,
            PROOFPOINT,
            Some("3t5k2x8q2f-1"),
        ),
        (
            PROOFPOINT,
            "554 5.7.0 Blocked - see https://ipcheck.proofpoint.com/?ip=192.0.2.1",
            Proofpoint,
            PROOFPOINT,
            None,
        ),
        (
            PROOFPOINT,
            "550 5.7.1 Message rejected due to local policy (4a2b3c9d8e-1)",
            Proofpoint,
            PROOFPOINT,
            Some("4a2b3c9d8e-1"),
        ),
        (
            OWN,
            "421 4.7.1 mx0b-00234567.pphosted.com Deferred, try again later",
            Proofpoint,
            "mx0b-00234567.pphosted.com",
            None,
        ),
        (
            MIMECAST,
            "250 SmtpThread-8812345-1764496923@us-mta-207.us.mimecast.lan Received OK [Yx3Dq0NvM5mFjw8b_JYVBA.us207]",
            Mimecast,
            MIMECAST,
            Some("Yx3Dq0NvM5mFjw8b_JYVBA.us207"),
        ),
        (
            MIMECAST,
            "550 Rejected by header based manually Blocked Senders: no-reply@mail.portal.example - https://community.mimecast.com/docs/DOC-1369#550 [k2Jd83hsN-qw9Zx1aBcDeF.uk12]",
            Mimecast,
            MIMECAST,
            Some("k2Jd83hsN-qw9Zx1aBcDeF.uk12"),
        ),
        (
            MIMECAST,
            "451 Internal resources are temporarily unavailable - https://community.mimecast.com/docs/DOC-1369#451 [pQ7LmN4xR2tYv8sKzWbHcA.de34]",
            Mimecast,
            MIMECAST,
            Some("pQ7LmN4xR2tYv8sKzWbHcA.de34"),
        ),
        (
            OWN,
            "554 Email rejected due to security policies - https://community.mimecast.com/docs/DOC-1369#554 [aB3dE5fG7hJ9kL1mN2pQ4r.us9]",
            Mimecast,
            OWN,
            Some("aB3dE5fG7hJ9kL1mN2pQ4r.us9"),
        ),
        (
            BARRACUDA,
            "250 Ok: queued as 1764496923-100812-5432-1234-1",
            Barracuda,
            BARRACUDA,
            Some("1764496923-100812-5432-1234-1"),
        ),
        (
            BARRACUDA,
            "550 permanent failure for one or more recipients (ada@contoso.example:blocked)",
            Barracuda,
            BARRACUDA,
            None,
        ),
        (
            OWN,
            "554 Service unavailable; Client host [192.0.2.1] blocked using Barracuda Reputation; http://www.barracudanetworks.com/reputation/?r=1&ip=192.0.2.1",
            Barracuda,
            OWN,
            None,
        ),
        (OWN, "250 2.0.0 Ok: queued as 4ABCDE1234", Other, OWN, Some("4ABCDE1234")),
        (
            OWN,
            "250 OK id=1rABcd-0004Xy-12 mail7.contoso.example",
            Other,
            "mail7.contoso.example",
            Some("1rABcd-0004Xy-12"),
        ),
    ]
};

#[test]
fn each_reply_leads_to_its_product_with_its_keys() {
    for (exchanger, reply, product, server, queue_id) in REPLIES {
        let note = note(exchanger, reply);
        assert_eq!(note.product, product, "{reply}");
        assert_eq!(note.keys.server.as_deref(), Some(server), "{reply}");
        assert_eq!(note.keys.queue_id.as_deref(), queue_id, "{reply}");
        let text = note.text(Locale::En);
        for key in [Some(server), queue_id].into_iter().flatten() {
            assert!(text.contains(key), "{text}");
        }
    }
}

#[test]
fn the_note_has_what_an_administrator_needs_in_every_language() {
    let (_, reply, ..) = REPLIES[1];
    let note = note(M365, reply);
    for &locale in Locale::ALL {
        let text = note.text(locale);
        for needed in [
            "2026-11-30 10:02:03 UTC",
            "ada@contoso.example",
            "no-reply@mail.portal.example",
            "0102018f2c3d4e5f-0a1b2c3d-000000@bounce.mail.portal.example",
            "<0102018f2c3d4e5f-0a1b2c3d-000000@eu-west-1.amazonses.com>",
            "VI1EUR05FT012.eop-eur05.prod.protection.outlook.com",
            "08DC1234ABCD5678",
            ": mail.portal.example",
            "Message trace",
        ] {
            assert!(text.contains(needed), "{locale:?} lacks {needed}:\n{text}");
        }
    }
    let texts: std::collections::BTreeSet<_> = Locale::ALL.iter().map(|&locale| note.text(locale)).collect();
    assert_eq!(texts.len(), Locale::ALL.len());
}

#[test]
fn what_is_unknown_is_left_out() {
    let note = NoteForIt::new(&EmailTrace {
        at: "2026-11-30T10:02:03Z".parse().unwrap(),
        recipient: "ada@contoso.example",
        from: "no-reply@portal.example",
        message_id: None,
        mail_from_domain: None,
        reply: None,
        exchangers: &[],
    });
    assert_eq!(note.product, MailProduct::Other);
    let text = note.text(Locale::En);
    assert!(!text.contains("Message-ID") && !text.contains("server:") && !text.contains("Server's reply"), "{text}");
}
