//! Whom a sentence is about, in the languages of servers: a word for the recipient or the sender, near a word for what
//! is wrong with it. This understands replies that no phrase lists.

use super::{
    SmtpCause,
    words::{Words, any, position},
};

/// Words for the recipient. `@` is an address.
#[rustfmt::skip] // Many short words to a line.
const RECIPIENT: &[&str] = &[
    "@", "address", "user", "recipient", "receipient", "mailbox", "mail box", "account", "addressee", "rcpt", "alias",
    "email address", "e mail address", "person", "customer", "local part", "maildrop", "employee", "e mail you",
    "e mail address you", "benutzer", "empfaenger", "postfach", "konto", "adresse", "emailadresse", "nutzer",
    "utilisateur", "correspondant", "destinataire", "compte", "boite", "usuario", "destinatario", "correo", "cuenta",
    "buzon", "casilla", "direccion", "utilizador", "conta", "caixa", "endereco", "utente", "destin", "casella",
    "indirizzo", "uzytkownik", "odbiorc", "skrzynk", "adres", "uzivatel", "prijemc", "schrank", "ucet", "gebruiker",
    "mailadres", "e mailadres", "ontvanger", "postbus", "geadresseerde", "mottagare", "anvaendare", "brevlada",
    "modtager", "bruger", "postkasse", "mottaker", "bruker", "postboks", "vastaanottaja", "kaeyttaejae", "kayttaja",
    "cimzett", "felhasznalo", "postafiok", "kullanici", "alici", "utilizator", "destinatar", "пользовател", "получател",
    "ящик", "адрес", "аккаунт", "учетн", "користувач", "скриньк", "одержувач", "отримувач", "用户", "用戶", "使用者", "收件人",
    "邮箱", "郵箱", "信箱", "帐号", "账号", "帳號", "地址", "ユーザ", "宛先", "アドレス", "メールボックス", "アカウント", "受信者", "사용자", "수신자", "메일함", "계정",
    "주소", "παραλήπτης", "χρήστης", "λογαριασμός", "משתמש", "נמען", "תיבה", "המשתמש", "הנמען", "المستخدم", "المستلم",
    "البريد", "الحساب",
];

/// Words for the sender, its host or its domain. A sentence that has one isn't about the recipient.
#[rustfmt::skip]
pub(super) const SENDER: &[&str] = &[
    "sender", "mail from", "mailfrom", "from address", "from header", "in from", "envelope from", "return path", "helo",
    "ehlo", "helohost", "client host", "your address", "your email", "your e mail", "your ip", "your host",
    "your domain", "your server", "your network", "your country", "your system", "source ip", "remote ip", "ip address",
    "ip ", "ips ", "rdns", "reverse dns", "ptr ", "spf", "dkim", "dmarc", "dns mx", "reputation", "black mail",
    "sending", "your account", "callout", "be verified", "authentication", "relaying", "harvest", "too many",
    "reply to address", "accepted from you", "backscatter", "batv", "prvs", "open proxy", "open relay", "votre adresse",
    "votre serveur", "votre message", "votre domaine", "votre ip", "ihre ", "su direccion", "su mensaje", "emetteur",
    "expediteur", "absender", "ip adresse", "remitente", "remetente", "mittente", "nadawc", "odesilatel", "odosielatel",
    "afzender", "avsaendare", "afsender", "avsender", "laehettaejae", "felado", "gonderen", "goenderen", "expeditor",
    "отправител", "відправник", "发件人", "發件人", "寄件", "发信", "送信者", "送信元", "差出人", "발신자", "보낸", "αποστολέας", "השולח",
    "المرسل",
];

/// Words for the email and the connection. Near these, a word such as "blocked" need not be about the mailbox.
#[rustfmt::skip]
const EMAIL: &[&str] = &[
    "your message", "your mail ", "this message", "this mail ", "this email was", "this email has", "this email is",
    "this email contains", "message was", "connecting", "connection", "relay", "url", "link", "attachment", "content",
    "header", "subject", "character", "session", "size", "command", "recipients from",
];

/// There is no such recipient.
#[rustfmt::skip]
const GONE: &[&str] = &[
    "unknown", "not known", "not found", "not exist", "doesn't exist", "doesnt exist", "don't exist", "not exists",
    "no longer exist", "nonexistent", "non existent", "nonexisting", "no such", "no longer valid", "not valid",
    "invalid", "unrecognized", "not recognized", "be found", "couldn't find", "unable to find", "cannot find",
    "can't find", "misspelled", "no longer in use", "no longer here", "left the company", "is wrong", "not local",
    "not a local", "not listed", "cannot deliver mail for", "can't be found", "isn't a valid", "can't accept user",
    "not an active", "not present", "is not active at", "not ok ", "undeliverable", "does not have a", "doesn't have a",
    "not user of", "not our user", "not in our", "not in directory", "address error", "not a user", "missing home",
    "not email address", "were unknown", "no mailbox", "no mail box", "in name directory", "no one at", "bad recipient",
    "bad address", "bad destination", "no such contact", "unrouteable", "unroutable", "unbekannt", "nicht bekannt",
    "existiert nicht", "nicht vorhanden", "nicht gefunden", "gibt es nicht", "nicht mehr gueltig", "ungueltig",
    "inconnu", "inexistant", "n'existe", "introuvable", "invalide", "non trouve", "desconocid", "inexistente",
    "no existe", "no encontrad", "no valido", "no valida", "no es valid", "desconhecid", "nao existe", "nao encontrad",
    "nao foi encontrad", "sconosciut", "inesistente", "non esiste", "non trovat", "non risulta", "errat",
    "nie istnieje", "nieznan", "nie znaleziono", "nie ma ", "brak takiego", "neexist", "neznam", "nenalezen",
    "onbekend", "bestaat niet", "niet gevonden", "okaend", "okand", "finns inte", "finns ej", "hittades inte", "ukendt",
    "findes ikke", "ukjent", "finnes ikke", "tuntematon", "ei loeydy", "ei loydy", "ismeretlen", "nincs ilyen",
    "nem letezik", "bulunamadi", "mevcut degil", "gecersiz", "inexistent", "necunoscut", "не найден", "не существует",
    "неизвест", "нет такого", "не зарегистрирован", "несуществующ", "не знайден", "не існує", "невідом", "不存在", "未找到",
    "找不到", "无此", "無此", "查无", "无效", "無效", "不明", "存在しま", "いません", "見つかりません", "존재하지", "찾을 수 없", "δεν υπάρχει",
    "δεν βρέθηκε", "άγνωστος", "לא קיים", "לא נמצא", "غير موجود", "غير معروف",
];

/// There is one, but it is closed.
#[rustfmt::skip]
const CLOSED: &[&str] = &[
    "inactive", "not active", "disabled", "deactivated", "suspended", "locked", "closed", "expired", "terminated",
    "cancelled", "canceled", "discontinued", "frozen", "not used", "not been used", "unused", "not poped",
    "no longer active", "has expired", "no longer accept", "dormant", "archived", "is blocked", "isblocked",
    "been blocked", "deleted", "inactivity", "no longer with", "no longer works", "no longer employed", "been removed",
    "aufgeloest", "deaktiviert", "gesperrt", "geschlossen", "inaktiv", "abgeschaltet", "geloescht", "desactive",
    "ferme", "plus active", "suspendu", "inactif", "archive", "cloture", "bloque", "desactivad", "deshabilitad",
    "suspendid", "cancelad", "inactiv", "expirad", "bloquead", "cerrad", "desativad", "suspens", "encerrad",
    "disattivat", "disabilitat", "sospes", "bloccat", "cessat", "scadut", "inutilizzo", "zablokowan", "nieaktywn",
    "wylaczon", "usuniet", "zawieszon", "zablokovan", "zrusen", "deaktivovan", "geblokkeerd", "opgeheven",
    "gedeactiveerd", "uitgeschakeld", "avstaengd", "avstaengt", "avstangd", "devre disi", "kapatil", "letiltott",
    "megszuent", "заблокирован", "отключ", "удален", "деактивирован", "неактив", "停用", "禁用", "冻结", "锁定", "注销",
];

/// It has no room.
#[rustfmt::skip]
const FULL: &[&str] = &[
    "full ", "quota", "overquota", "limit exeeded", "disk space", "free space", "enough space", "erschoepft", "voll",
    "ueberfuellt", "pleine", "llen", "cheia", "piena", "przepelnion", "pelna", "plna", "preplnena", "dolu", "megtelt",
    "переполнен", "заполнен", "переповнен", "已满", "已滿", "容量", "いっぱい", "가득",
];

/// Refused.
#[rustfmt::skip]
const REFUSED: &[&str] = &[
    "reject", "refus", "deny", "denied", "denies", "block", "ban", "invalid", "not allowed", "not authorized",
    "unauthorized", "unauthorised", "not permitted", "prohibit", "fail", "error", "unknown", "not exist", "does not",
    "limit", "not accept", "cannot accept", "can't accept", "unvalidated", "fake", "black", "prison", "no valid",
    "not listed", "listed", "bad ", "poor", "low", "missing", "match", "abgelehnt", "verweigert", "gesperrt",
    "ungueltig", "unbekannt", "rechaz", "bloque", "invalide", "rifiut", "bloccat", "non autorizzat", "odrzuc", "zablok",
    "odmit", "geweigerd", "afgewezen", "avvis", "заблок", "отклон", "отказ", "拒", "禁", "黑", "reddedil", "engellen",
];

/// Words for a list or group.
#[rustfmt::skip]
const GROUP: &[&str] = &[
    "group", "gruppe", "grupo", "gruppo", "groep", "grupp", "grupa", "grupe", "grupu", "skupin", "ryhm", "csoport",
    "grup", "mailing list", "this list", "list ", "distribution list", "verteiler", "liste de diffusion", "групп",
    "груп", "グループ", "群组", "群組", "그룹",
];

/// Who may write to it.
#[rustfmt::skip]
const MEMBERS: &[&str] = &[
    "post", "permission", "member", "subscriber", "publish", "publi", "berechtig", "mitglied", "autoris", "membre",
    "permis", "miembro", "membro", "autorizz", "lid ", "leden", "uprawnien", "opravnen", "behoerighet", "tilladelse",
    "tillatelse", "oikeut", "jogosult", "izn", "разреш", "прав", "дозвол", "投稿", "権限", "权限", "許可", "权", "권한",
];

/// It passes, or it is the server's own trouble.
#[rustfmt::skip]
pub(super) const PASSING: &[&str] = &[
    "temporar", "try again later", "try later", "retry", "right now", "timeout", "timed out", "maintenance",
    "migration", "lookup failed", "look up", "database", "unknown error", "server error", "internal error", "plus tard",
    "voruebergehend", "tymczasow", "временно",
];

/// A recipient word and a predicate further apart than this don't belong together.
const NEAR: usize = 60;

/// What a reply says about a group: only members may write, or a moderator decides.
pub(super) fn of_group(words: &Words) -> Option<SmtpCause> {
    let clauses: Vec<String> = words.clauses().filter(|clause| any(clause, GROUP)).collect();
    if clauses.iter().any(|clause| any(clause, &["moderat", "moderier", "moder"])) {
        return Some(SmtpCause::ModeratedGroup);
    }
    clauses.iter().any(|clause| any(clause, MEMBERS)).then_some(SmtpCause::RestrictedToMembers)
}

/// What a reply says about the sender, or about the email.
pub(super) fn of_sender(words: &Words) -> Option<SmtpCause> {
    const HOST: &[&str] = &[
        "ip ",
        "ip adresse",
        "client host",
        "host",
        "helo",
        "ehlo",
        "network",
        "country",
        "server",
        "reputation",
        "remote",
        "connecting",
    ];
    const CLEARLY_REFUSED: &[&str] =
        &["reject", "refus", "denied", "block", "not allowed", "not accept", "can't accept", "cannot accept"];
    let of_sender = words.clauses().find(|clause| any(clause, SENDER) && any(clause, REFUSED));
    if let Some(clause) = of_sender {
        return Some(if any(&clause, HOST) { SmtpCause::SenderReputation } else { SmtpCause::SenderAddressRefused });
    }
    words.clauses().any(|clause| any(&clause, EMAIL) && any(&clause, CLEARLY_REFUSED)).then_some(SmtpCause::Policy)
}

/// What a reply says about the recipient, in a sentence without the sender.
pub(super) fn of_recipient(words: &Words) -> Option<SmtpCause> {
    let clauses: Vec<String> =
        words.clauses().filter(|clause| !any(clause, SENDER) && !any(clause, EMAIL) && !any(clause, PASSING)).collect();
    let said = |nouns: &[&str], predicates: &[&str]| clauses.iter().any(|clause| is_near(clause, nouns, predicates));
    // That an address is blocked may well be said of the sender's.
    let (mailbox, any_word) = (RECIPIENT.get(2..).unwrap_or_default(), RECIPIENT);
    if said(mailbox, FULL) {
        Some(SmtpCause::MailboxFull)
    } else if said(mailbox, CLOSED) {
        Some(SmtpCause::MailboxDisabled)
    } else {
        said(any_word, GONE).then_some(SmtpCause::MailboxDoesNotExist)
    }
}

fn is_near(clause: &str, nouns: &[&str], predicates: &[&str]) -> bool {
    let places = |words: &[&str]| words.iter().filter_map(|word| position(clause, word)).collect::<Vec<_>>();
    let nouns = places(nouns);
    !nouns.is_empty() && places(predicates).iter().any(|at| nouns.iter().any(|noun| at.abs_diff(*noun) <= NEAR))
}
