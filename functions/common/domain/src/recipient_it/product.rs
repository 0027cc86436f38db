//! Which product filters or stores the recipient's email.

use crate::{dns::is_within, text_form::text_form};

/// The product whose administrator can find an email.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MailProduct {
    /// Exchange Online, with its message trace.
    Microsoft365,
    /// Google Workspace, with its email log search.
    GoogleWorkspace,
    /// Proofpoint, with its smart search.
    Proofpoint,
    /// Mimecast, with its message center.
    Mimecast,
    /// Barracuda, with its message log.
    Barracuda,
    /// Another one, or an unknown one.
    Other,
}

text_form!(MailProduct {
    Microsoft365 = "microsoft_365",
    GoogleWorkspace = "google_workspace",
    Proofpoint = "proofpoint",
    Mimecast = "mimecast",
    Barracuda = "barracuda",
    Other = "other",
});

/// The domains of each product's mail exchangers.
const EXCHANGERS: &[(&str, MailProduct)] = &[
    ("mail.protection.outlook.com", MailProduct::Microsoft365),
    ("mx.microsoft", MailProduct::Microsoft365),
    ("google.com", MailProduct::GoogleWorkspace),
    ("googlemail.com", MailProduct::GoogleWorkspace),
    ("pphosted.com", MailProduct::Proofpoint),
    ("ppe-hosted.com", MailProduct::Proofpoint),
    ("mimecast.com", MailProduct::Mimecast),
    ("mimecast.co.za", MailProduct::Mimecast),
    ("barracudanetworks.com", MailProduct::Barracuda),
];

/// Words in a reply that only one product writes. The filter in front answers with its own words; what a server behind
/// it said may be quoted, so the filters come first.
const WORDS: &[(&str, MailProduct)] = &[
    ("mimecast", MailProduct::Mimecast),
    ("proofpoint", MailProduct::Proofpoint),
    ("pphosted", MailProduct::Proofpoint),
    ("ppe-hosted", MailProduct::Proofpoint),
    ("barracuda", MailProduct::Barracuda),
    ("prod.outlook.com", MailProduct::Microsoft365),
    ("protection.outlook.com", MailProduct::Microsoft365),
    ("exchangelabs.com", MailProduct::Microsoft365),
    ("office 365", MailProduct::Microsoft365),
    ("as(", MailProduct::Microsoft365),
    ("- gsmtp", MailProduct::GoogleWorkspace),
    ("support.google.com", MailProduct::GoogleWorkspace),
];

impl MailProduct {
    /// The product that answered. Its own words count more than the exchangers, which may have changed since.
    pub fn of(exchangers: &[String], reply: &str) -> Self {
        let reply = reply.to_lowercase();
        let by_words = WORDS.iter().find(|(words, _)| reply.contains(words));
        let is_of = |domain: &str| exchangers.iter().any(|host| is_within(&host.to_lowercase(), domain));
        let by_exchanger = || EXCHANGERS.iter().find(|(domain, _)| is_of(domain));
        by_words.or_else(by_exchanger).map_or(Self::Other, |(_, product)| *product)
    }
}
