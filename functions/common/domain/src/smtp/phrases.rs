//! How receiving hosts put it. Phrases are in lower case and without accents; the first row that fits decides, so rows
//! stand from the telling to the vague: what is about us comes before what is about the address, because "domain not
//! found" may well be about the sender's.

use super::{SmtpCause, lexicon::Lexicon};
use SmtpCause::*;

/// To which replies a row applies.
#[derive(Debug, Clone, Copy)]
pub(super) enum When {
    Always,
    /// To those with a code of class 4.
    Temporary,
    /// To all others.
    Lasting,
}

/// Phrases that mean the same.
pub(super) struct Phrases {
    pub(super) when: When,
    pub(super) cause: SmtpCause,
    pub(super) words: Lexicon,
}

const fn always(cause: SmtpCause, words: &'static [&'static str]) -> Phrases {
    Phrases { when: When::Always, cause, words: Lexicon::new(words) }
}

const fn temporary(cause: SmtpCause, words: &'static [&'static str]) -> Phrases {
    Phrases { when: When::Temporary, cause, words: Lexicon::new(words) }
}

const fn lasting(cause: SmtpCause, words: &'static [&'static str]) -> Phrases {
    Phrases { when: When::Lasting, cause, words: Lexicon::new(words) }
}

/// Clear enough to overrule a code.
#[rustfmt::skip] // Many short phrases to a line.
pub(super) static CLEAR: [Phrases; 26] = [
    // SES itself: it never asked the host.
    always(Undetermined, &["on the suppression list", "amazon ses has suppressed sending"]),
    temporary(Greylisted, &["greylist", "graylist", "grey list", "gray list", "grey-list", "gray-list", "postgrey"]),
    // cPanel, which goes on with "they may be blacklisted".
    lasting(MailboxDoesNotExist, &["the account or domain may not exist", "not a member of domain"]),
    // Exim ends with what it could not verify, whatever it quotes before that.
    lasting(MailboxDoesNotExist, &["recipient verify fail"]),
    temporary(HostTrouble, &["unverified address"]),
    // SimpleLogin: the number of an email that it forwarded.
    always(Undetermined, &["no such email log"]),
    // QQ says this for several reasons, and so may others.
    always(Undetermined, &["or access denied", "posta non certificata", "by recipient server", "by the recipient server"]),
    always(BlockedByRecipient, &[
        "blocked by the recipient", "recipient's block", "rejected by this user", "rejected by recipient",
        "blocked by recipient",
        "blacklisted by recipient", "refused by recipient", "user refused", "user rejected", "does not want your",
        "doesn't want your", "has blocked your",
        "recipient has blocked", "user has blocked", "user in blacklist", "by the fakemail user",
        "mailbox owner does not", "owner does not accept", "personal block",
        "personal allow", "recipient only accepts", "blocked senders", "user's block", "in recipient's",
        "on the recipient's", "not accepting mail from this sender",
        "empfaenger hat ihre", "vom empfaenger abgelehnt", "vom empfaenger blockiert", "par le destinataire",
        "por el destinatario", "dal destinatario", "pelo destinatario",
        "recipient rejected this message", "user reject", "user refuses", "recipient refuses", "recipient preferences", "user's reject",
        "user rules", "recipient is only accepting",
        "refuse to receive", "recipient has refused", "user has refused", "user blocklist", "destinatario ha bloqueado",
        "destinatario ha bloccato", "destinataire a bloque", "destinataire a refuse",
        "destinatario bloqueou", "empfaenger hat ihren", "recipient does not accept messages from",
        "want to receive", "wants to receive", "receive mail from you ", "receive mails from you ", "receive email from you ", "receive emails from you ",
        "receive messages from you ", "accept mail from you ", "accept mails from you ", "accept email from you ",
        "recipient does not wish", "mail from strangers", "from people they know",
    ]),
    always(ReceivingLimit, &[
        "receiving mail too quickly", "receiving mail at a rate", "receivingrate", "message receive limit",
        "recipient thread limit", "recipientthreadlimit",
        "recipient has exceeded", "limit of messages for this recipient",
    ]),
    always(SpamContent, &["human verification"]),
    always(HostTrouble, &["resolver.adr.badprimary"]),
    always(ModeratedGroup, &["rejected by the moderator", "message held", "awaiting moderator", "moderated group", "approvalrequired", "moderation"]),
    always(RestrictedToMembers, &[
        // Exchange and Microsoft 365; Google Groups; mailing lists.
        "not authenticated for group", "sendernotauthenticatedfor", "authenticated for mailbox",
        "authenticated for public folder",
        "not authenticated by organization", "authenticationrequired; delivery not authorized", "resolver.rst.auth",
        "resolver.rst.notauthorized", "resolver.rst.restricted", "allowed-senders list", "permission to post messages",
        "not allowed to post", "posting to this list", "restricted to members", "only members", "non-members",
        "list of senders to accept mail from", "only accepts mail from people in its organization",
        "interne absender", "internal senders", "internal use only", "not a member of", "nur fuer mitglieder",
        "reserve aux membres", "members-only", "members only", "private list", "from members", "subscribers only",
        "closed mailing list", "not subscribed to this",
        "google groups permission",
    ]),
    always(SenderUnauthenticated, &[
        "unauthenticated", "authentication required", "authentification requise", "auth error", "authentication check",
        "authentication information", "required authentication level",
        "spf check", "spf validation", "spf record", "spf policy", "spf fail", "fails spf", "failed spf",
        "spf sender invalid",
        "rejected by spf", "spf:", "spf/", "sender policy framework", "openspf", "spf authentication",
        "senders to authenticate",
        "dkim sender invalid", "dkim fail", "dkim check", "dkim does not pass", "dkim authentication",
        "dkim validation",
        "aligned with either the authenticated", "dmarc", "batv", "spoof", "anti-spoof",
        "ptr record", "ptr resource record", "bad dns ptr", "reverse dns", "reverse hostname",
        "cannot find your hostname",
        "cannot find your reverse", "no reverse", "ipv6 sending guidelines", "rdns",
    ]),
    always(Protocol, &["starttls", "encryption needed", "encryption required", "8-bit data", "8bit", "must be encrypted", "tls required", "lone cr"]),
    always(SenderReputation, &[
        // Yahoo, Microsoft, Apple, T-Online, GMX and web.de, Orange and La Poste, Charter, NetEase.
        "hl:i", "hl:rep", "hl:mep", "dt:rbl", "wm:bli", "wm:blu", "[tss", "[bl2", "ou-00", "sc-00", "dy-00", "rp-00", "black ip", "in prison", "ip is hangup", "rbl deny",
        "invalid ip", "permanently deferred", "unexpected volume or user complaints", "user complaints",
        "part of their network is on our block list", "(s3140)", "(s3150)", "banned send", "spam abuse detected",
        "not accepting connections", "none/bad reputation", "dialup/transient ip",
        "a problem occurred. ask your postmaster",
        "a problem occurred. (ask your postmaster", "nemesis esmtp service not available", "ofr006_103", "lpn007_102",
        "service refuse.", "service refuse /", "(con:b", "bloquee pour incident de spam", "abus detecte", "dynamic ip",
        "dynamic/zombied",
        // Blocklists and filters by name.
        "spamhaus", "spamcop", "sorbs.net", "barracudacentral", "barracudanetworks.com/reputation", "abuseat.org",
        "uceprotect",
        "psbl.", "ivmsip", "invaluement", "mailspike", "manitu.net", "cloudmark", "senderscore", "dnsbl", "rblhost",
        "ipcheck.proofpoint", "support.proofpoint.com/dnsbl", "proofpoint dynamic reputation",
        "trend micro email reputation",
        "junkemailfilter", "abusix", "hostkarma", "surbl", "uribl", "rbl ", "#rbl", "rbl restriction", "by rbl",
        // In general.
        "reputation", "blocklist", "blacklist", "block list", "black list", "block-list", "black-list", "blocked using",
        "denylist", "client host blocked", "ip address is block", "your ip has been", "bad sender ip",
        "suspicious due to the very low",
        "is listed on", "too many spams from your ip", "accepting mail from your ip", "sending spam",
    ]),
    lasting(SenderReputation, &["unusual rate of unsolicited mail"]),
    always(SenderAddressRefused, &[
        "sender address rejected", "sender rejected", "sender denied", "sender was rejected", "sender verify failed",
        "sender verification failed", "domain of sender", "sender domain", "envelope sender", "invalid sender",
        "bad sender",
        "unknown sender", "unroutable sender", "emetteur invalide", "unresolvable rfc.5321", "rfc.5321 domain",
        "mailfrom domain",
        "mail from domain", "from: domain is invalid", "sender address must", "mail from invalid",
        "mail from not owned", "mail address invalid", "black mail address", "fake sender", "null sender",
        "verification failed for", "missing a valid address in the from",
        "ungueltiger absender", "absender unbekannt", "absenderadresse abgelehnt", "remitente rechazado",
        "remitente no valido",
    ]),
    always(MailboxFull, &["too many messages on the server", "too many messages on this mailbox", "too many messages in this mailbox",
        "messages in the mailbox", "zuviele mails auf dem server", "overquotaperm", "overquotatemp"]),
    always(RateLimited, &[
        // NetEase.
        "mi:sfq", "mi:qmc", "mi:dmc", "rp:qrc", "rp:trc", "rp:rcl", "rp:drc",
        "recipients per ", "maximum allowed recipients", "maximum number of recipients",
        "too quickly", "too fast", "slow down", "try again slower", "too many messages", "too many connections",
        "frequency limited", "too many same size", "too many invalid", "too many unknown", "too many nonexistent",
        "harvest", "unknown recipients from", "number of messages", "too many concurrent", "too many recipients",
        "too many sessions", "excessive volume", "unusual rate", "rate limit", "ratelimit", "rate-limit",
        "limiting rate",
        "throttl", "sending limit", "sending quota", "submission quota",
        "daily limit", "policy rejection- quota", "exceeded their limit for", "maximum number of connections", 
        "exceeded permitted limits", "max message per connection", "trop de connexions", "zu viele verbindungen",
        "demasiadas conexiones",
    ]),
    always(SpamContent, &[
        "likely unsolicited", "unsolicitedmessage", "considered as spam", "considered spam", "as spam", "be spam",
        "is spam",
        "spam detected", "spam content", "spam url", "spam link", "spam message", "spam or virus", "spam pattern", "spam score", "spamtext",
        "looks like spam",
        "probable spam", "high probability of spam", "spam probability", "junk mail", "junkmail", "bulk mail",
        "malware",
        "phish", "banned content", "mail content denied", "content rejected", "content denied", "content filter",
        "content examination",
        "suspicious content", "nature of the content", "illegal attachment", "blocked attachment", "anti-spam engine",
        "antispam", "suspicion of spam", "suspected spam", "infected", "banned:", "judged to be spam", "virus",
        "dt:spm", "[299]", "potential security issue",
        "message denied", "als spam", "comme spam", "como spam", "contenu indesirable",
    ]),
    always(LoopOrRouting, &[
        "mail loop", "mailloop", "looping message", "mail forwarding loop", "routing loop", "loop detected",
        "loops back", "hop count", "too many hops",
        "exceeded 50 hops", "relay access denied", "relaying denied", "relay denied", "unable to relay",
        "relay not permitted",
        "relaying not permitted", "relaying not allowed", "relay not allowed", "relaying prohibited",
        "isn't allowed to relay",
        "not permitted to relay", "not allowed to relay", "open relay", "relay is not allowed", "we do not relay",
        "rcpthosts", "domain is not hosted", "domain isn't hosted", "domain not hosted", "not host this domain",
        "not host the domain",
        "authentication when attempting to send to a non-local",
    ]),
    always(Policy, &[
        // Yahoo, Apple, Mimecast, Microsoft, Charter.
        "[ph01]", "[cs01]", "[cs02]", "[hm07]", "[hm08]", "local policy", "policy reasons", "policy violation",
        "policy restriction",
        "policy that prohibited", "security policies", "content policy", "organization policy",
        "administrative prohibition",
        "envelope blocked", "envelope rejected", "transport.rules", "rejectmessage",
        "mail flow rule", "host network not allowed", "not accept mail from", "sender not pre-approved", "main account", "elnk001",
    ]),
    always(MailboxFull, &[
        "over quota", "overquota", "over-quota", "over storage quota", "over its quota", "quota exceed",
        "quota is exceeded",
        "quota full", "exceeded quota", "exceeds quota", "disk quota", "mailbox quota", "storage quota",
        "quota violation", "mailbox full", "mailbox is full",
        "mail box full", "mailbox for user is full", "inbox is full", "mailbox has reached", "full mailbox",
        "folder is full",
        "out of storage", "storage allocation", "storage space", "storage full", "mailbox size", "mailbox exceed",
        "mailbox limit", "allowed storage", "too much mail data", "quota limit exceeded", "space has been used up",
        "boite pleine", "boite du destinataire pleine",
        "boite aux lettres pleine", "est pleine", "postfach voll", "postfach ist voll",
        "postfach des empfaengers ist voll", "postfach ueberfuellt",
        "speichervolumen", "speicherplatz", "kontingent", "buzon lleno", "buzon esta lleno",
        "buzon del usuario esta lleno",
        "cuota excedida", "cuota de disco", "casella piena", "caixa cheia", "caixa postal cheia", "mailbox vol",
    ]),
    always(MessageTooLarge, &[
        "message too large", "message too big", "message is too long", "attachment is too long", "message is too large",
        "message is too big", "too large for this recipient",
        "size limit", "sizelimit", "message size exceeds", "message length exceeds", "exceeds fixed",
        "maximum message size",
        "maximum email size", "size exceeded", "size violation", "header size", "taille limite",
        "nachricht ist zu gross", "mensaje demasiado grande",
    ]),
    always(Protocol, &["bad address syntax", "invalid domain name", "bare lf", "bare line feed", "rfc compliant", "syntax error", "line parse error", "improper use of"]),
];

/// As clear as [`CLEAR`], but about the recipient: anything that is certainly about the sender comes first.
#[rustfmt::skip]
pub(super) static ABOUT_RECIPIENTS: [Phrases; 5] = [
    always(MailboxDoesNotExist, &["resolver.adr", "recipientnotfound", "recipnotfound", "recipient notfound", "nosuchuser"]),
    // Before "does not accept mail" of a domain.
    lasting(MailboxDoesNotExist, &[
        "email does not exist", "email doesn't exist", "email not exist", "email dosn't exist",
        "no such list", "no such group", "no such mailing list",
        "address not in use", "address is not in use", "mailbox not in use", "mailbox is not in use",
        "account not in use", "account is not in use", "address does not accept mail", "mailbox does not accept mail",
        "account does not accept mail", "user does not accept mail", "recipient does not accept mail",
    ]),
    lasting(DomainInvalid, &[
        "invalid domain", "nonexistent domain", "non-existent domain", "domain not found", "null mx",
        "domain does not exist",
        "no such domain", "domain unknown", "unknown domain", "tenant or domain not found", "infodomainnonexistent",
        "no mx for",
        "does not accept mail", "accepts no mail", "unknown mail server", "could not find a mail server",
        "host unknown",
        "unknown host", "host not found", "name service error", "unrouteable mail domain", "unroutable mail domain",
        "domaine inconnu", "domaine inexistant", "domain unbekannt", "dominio inexistente", "dominio no existe",
    ]),
    lasting(MailboxDisabled, &[
        "accountdisabled", "disableduser", "suspend the service",
    ]),
    always(MailboxDoesNotExist, &[
        // Also of a temporary refusal: SES gave up, and the words leave no doubt.
        "user unknown", "userunknown", "unknown user", "no such user", "no such recipient", "no such mailbox",
        "user not found", "recipient not found", "mailbox not found", "recipient unknown", "unknown recipient",
        "user does not exist", "recipient does not exist", "mailbox does not exist", "account does not exist",
        "tried to reach does not exist",
        // Lists and directories of recipients, and sentences that name no recipient.
        "local recipient table", "relay recipient table", "in virtual mailbox table", "in virtual alias table",
        "not in recipient list", "not in the recipient list", "domino directory", "in name directory",
        "found in directory", "found in the directory", "present in directory", "in ldap", "badrcptto",
        "badrecipientto", "validrcptto", "no longer on server", "no one with that email", "destin sconosciuto",
        "nie ma takiego",
    ]),
];

/// For replies whose code tells nothing.
pub(super) static VAGUE: [Phrases; 9] = [
    always(SpamContent, &["spam", "unsolicited"]),
    always(
        SenderReputation,
        &[
            "client host rejected",
            "refused by",
            "blocked by",
            "listed in",
            "listed at",
            "listed by",
            "invalid ip",
            "your ip",
            "ip address",
        ],
    ),
    always(TimedOut, &["message expired", "delivery expired", "delivery time expired", "retry timeout", "too old"]),
    temporary(RateLimited, &["volume", "deferred due to"]),
    temporary(
        HostTrouble,
        &[
            "try again",
            "try later",
            "essayer plus tard",
            "temporar",
            "voruebergehend",
            "unavailable",
            "busy",
            "timed out",
        ],
    ),
    lasting(HostTrouble, &["try again later", "try later", "currently unavailable", "temporarily", "mailer error"]),
    always(
        HostTrouble,
        &[
            "connection refused",
            "connection dropped",
            "connection reset",
            "connection timed out",
            "service unavailable",
            "internal error",
            "local error",
            "server error",
            "insufficient system",
            "system full",
            "not reachable",
            "out of memory",
        ],
    ),
    always(
        Protocol,
        &[
            "bad sequence of commands",
            "syntax error",
            "protocol violation",
            "duplicate header",
            "rfc compliant",
            "unrecognized command",
            "command not implemented",
        ],
    ),
    lasting(
        Policy,
        &[
            "policy",
            "not authorized",
            "not permitted",
            "prohibited",
            "message refused",
            "mail refused",
            "(@:blocked)",
            "blocked",
            "aup#",
        ],
    ),
];

/// As [`VAGUE`], but never for a 5.7.x.
pub(super) static VAGUE_ABOUT_ADDRESSES: [Phrases; 1] = [lasting(
    MailboxDoesNotExist,
    &[
        "mailbox unavailable",
        "mailbox is unavailable",
        "mailbox name not allowed",
        "mailbox not available",
        "account is unavailable",
        "account unavailable",
        "user unavailable",
        "recipient unavailable",
        "unavailable mail user",
        "unavailable user",
        "unavailable mailbox",
        "mailbox unavaiable",
        "recipient has been denied",
        "rejected recipients",
        "recipient rejected",
        "recipient denied",
        "no such id",
        "address not available",
        "address is not available",
        "address unavailable",
        "address is unavailable",
        "user not available",
        "user is unavailable",
        "user is not available",
        "recipient not available",
        "recipient is unavailable",
        "mailbox cannot be delivered",
        "mailbox currently unavailable",
    ],
)];
