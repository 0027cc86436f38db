//! The words of the note, in each language. Names of products and of their pages stay as their makers write them.

use super::MailProduct;
use crate::locale::Locale;

pub(super) struct Words {
    pub(super) greeting: &'static str,
    /// For an email that the server accepted: nothing shows that it blocked it.
    pub(super) greeting_accepted: &'static str,
    pub(super) time: &'static str,
    pub(super) recipient: &'static str,
    pub(super) from: &'static str,
    pub(super) envelope_sender: &'static str,
    pub(super) message_id: &'static str,
    pub(super) server: &'static str,
    pub(super) queue_id: &'static str,
    pub(super) dkim_domain: &'static str,
    pub(super) reply: &'static str,
    /// Before the place to look, and behind it.
    look: (&'static str, &'static str),
    /// Where to look if the product is unknown.
    log: &'static str,
    quarantine: &'static str,
}

impl Words {
    pub(super) fn where_to_look(&self, product: MailProduct) -> String {
        let (place, hold) = match product {
            MailProduct::Microsoft365 => (
                "Exchange admin center > Mail flow > Message trace",
                "Microsoft Defender > Email & collaboration > Review > Quarantine",
            ),
            MailProduct::GoogleWorkspace => (
                "Google Admin console > Reporting > Email Log Search",
                "Google Admin console > Apps > Google Workspace > Gmail > Manage quarantines",
            ),
            MailProduct::Proofpoint => ("Proofpoint > Smart Search", "Proofpoint > Quarantine"),
            MailProduct::Mimecast => (
                "Mimecast Administration Console > Message Center > Message Tracking",
                "Message Center > Held Messages, Rejected and Deferred Messages",
            ),
            MailProduct::Barracuda => (
                "Barracuda Email Gateway Defense > Message Log",
                "Message Log > Action: Quarantined, Blocked, Deferred",
            ),
            MailProduct::Other => (self.log, self.quarantine),
        };
        format!("{} {place}; {hold}. {}", self.look.0, self.look.1)
    }
}

pub(super) fn of(locale: Locale) -> &'static Words {
    match locale {
        Locale::En => &EN,
        Locale::De => &DE,
        Locale::Fr => &FR,
        Locale::Es => &ES,
        Locale::Ar => &AR,
    }
}

const EN: Words = Words {
    greeting: "Hello, your mail system blocked, quarantined or delayed an email from us. Please find it with these details and \
               allow our sender.",
    greeting_accepted: "Hello, your mail system accepted an email from us, but the recipient can’t find it. Please look for it with these \
                        details and allow our sender.",
    time: "Time",
    recipient: "Recipient",
    from: "From",
    envelope_sender: "Envelope sender (Return-Path)",
    message_id: "Message-ID",
    server: "Receiving server",
    queue_id: "ID on that server",
    dkim_domain: "DKIM domain",
    reply: "Server's reply",
    look: ("Where to look:", "To let our email through, allow the DKIM domain rather than an IP address."),
    log: "the log of the receiving server",
    quarantine: "the quarantine of the mail filter",
};

const DE: Words = Words {
    greeting: "Guten Tag, Ihr Mailsystem hat eine E-Mail von uns abgewiesen, in Quarantäne gestellt oder verzögert. Bitte suchen \
               Sie sie mit diesen Angaben und lassen Sie unseren Absender zu.",
    greeting_accepted: "Guten Tag, Ihr Mailsystem hat eine E-Mail von uns angenommen, aber sie ist beim Empfänger nicht zu finden. Bitte \
                        suchen Sie sie mit diesen Angaben und lassen Sie unseren Absender zu.",
    time: "Zeit",
    recipient: "Empfänger",
    from: "Von",
    envelope_sender: "Envelope-Absender (Return-Path)",
    message_id: "Message-ID",
    server: "Empfangender Server",
    queue_id: "ID auf diesem Server",
    dkim_domain: "DKIM-Domain",
    reply: "Antwort des Servers",
    look: ("Wo Sie suchen:", "Lassen Sie die DKIM-Domain zu, nicht eine IP-Adresse."),
    log: "Protokoll des empfangenden Servers",
    quarantine: "Quarantäne des Mailfilters",
};

const FR: Words = Words {
    greeting: "Bonjour, votre messagerie a bloqué, mis en quarantaine ou retardé un e-mail de notre part. Merci de le rechercher \
               avec ces informations et d’autoriser notre expéditeur.",
    greeting_accepted: "Bonjour, votre messagerie a accepté un e-mail de notre part, mais le destinataire ne le trouve pas. Merci de le \
                        rechercher avec ces informations et d’autoriser notre expéditeur.",
    time: "Heure",
    recipient: "Destinataire",
    from: "De",
    envelope_sender: "Expéditeur d’enveloppe (Return-Path)",
    message_id: "Message-ID",
    server: "Serveur de réception",
    queue_id: "Identifiant sur ce serveur",
    dkim_domain: "Domaine DKIM",
    reply: "Réponse du serveur",
    look: ("Où chercher :", "Autorisez le domaine DKIM plutôt qu’une adresse IP."),
    log: "journal du serveur de réception",
    quarantine: "quarantaine du filtre de messagerie",
};

const ES: Words = Words {
    greeting: "Hola: su sistema de correo ha bloqueado, puesto en cuarentena o retrasado un correo nuestro. Búsquelo con estos \
               datos y permita nuestro remitente.",
    greeting_accepted: "Hola: su sistema de correo ha aceptado un correo nuestro, pero el destinatario no lo encuentra. Búsquelo con estos \
                        datos y permita nuestro remitente.",
    time: "Hora",
    recipient: "Destinatario",
    from: "De",
    envelope_sender: "Remitente del sobre (Return-Path)",
    message_id: "Message-ID",
    server: "Servidor receptor",
    queue_id: "ID en ese servidor",
    dkim_domain: "Dominio DKIM",
    reply: "Respuesta del servidor",
    look: ("Dónde buscar:", "Permita el dominio DKIM en lugar de una dirección IP."),
    log: "registro del servidor receptor",
    quarantine: "cuarentena del filtro de correo",
};

const AR: Words = Words {
    greeting: "مرحبًا، حظر نظام بريدكم رسالة منا أو وضعها في الحجر أو أخّرها. نرجو البحث عنها بهذه البيانات والسماح لمرسلنا.",
    greeting_accepted: "مرحبًا، قبل نظام بريدكم رسالة منا، لكن المستلم لا يجدها. نرجو البحث عنها بهذه البيانات والسماح لمرسلنا.",
    time: "الوقت",
    recipient: "المستلم",
    from: "من",
    envelope_sender: "مرسل الغلاف (Return-Path)",
    message_id: "Message-ID",
    server: "الخادم المستقبل",
    queue_id: "المعرّف على ذلك الخادم",
    dkim_domain: "نطاق DKIM",
    reply: "رد الخادم",
    look: ("أين تبحثون:", "اسمحوا بنطاق DKIM بدلًا من عنوان IP."),
    log: "سجل الخادم المستقبل",
    quarantine: "الحجر في مرشح البريد",
};
