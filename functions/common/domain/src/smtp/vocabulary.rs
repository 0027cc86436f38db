//! The words by which a sentence tells whom it is about and what is wrong, in the languages of servers: in lower case and
//! without accents.

use super::lexicon::Lexicon;

/// Words for the recipient's address. `@` is an address.
pub(super) static ADDRESS: Lexicon = Lexicon::new(&["@", "address"]);

/// Words for the recipient or the mailbox.
#[rustfmt::skip] // Many short words to a line.
pub(super) static MAILBOX: Lexicon = Lexicon::new(&[
    "user", "recipient", "receipient", "mailbox", "mail box", "account", "email account", "addressee", "rcpt", "alias",
    "email address", "person", "customer", "local part", "maildrop", "employee", "email you",
    "email address you", "benutzer", "empfaenger", "postfach", "konto", "adresse", "emailadresse", "nutzer",
    "utilisateur", "correspondant", "destinataire", "compte", "boite", "usuario", "destinatario", "correo", "cuenta",
    "buzon", "casilla", "direccion", "utilizador", "conta", "caixa", "endereco", "utente", "destin", "casella",
    "indirizzo", "uzytkownik", "odbiorc", "skrzynk", "adres", "uzivatel", "prijemc", "schrank", "ucet", "gebruiker",
    "mailadres", "emailadres", "ontvanger", "postbus", "geadresseerde", "mottagare", "anvaendare", "brevlada",
    "modtager", "bruger", "postkasse", "mottaker", "bruker", "postboks", "vastaanottaja", "kaeyttaejae", "kayttaja",
    "cimzett", "felhasznalo", "postafiok", "kullanici", "alici", "utilizator", "destinatar", "пользовател", "получател",
    "ящик", "адрес", "аккаунт", "учетн", "користувач", "скриньк", "одержувач", "отримувач", "用户", "用戶", "使用者", "收件人",
    "邮箱", "郵箱", "信箱", "帐号", "账号", "帳號", "地址", "ユーザ", "宛先", "アドレス", "メールボックス", "アカウント", "受信者", "사용자", "수신자", "메일함", "계정",
    "주소", "receiver", "mailaddress", "emailaddress", "adress", "postbox", "mailaccount", "localpart", "student", "staff",
    "colleague", "ricevente", "receptor", "mail drop", "mailfolder", "mail folder", "maildir", "contact", "subscriber", "directory entry", "inbox", "email id", "mail id", "mailid", "username", "userid", "mbox", "local user",
    "destination", "teilnehmer", "anwender", "abonne", "adresat", "kontakt", "абонент", "клиент", "логин", "会员", "帐户", "账户",
    "帳戶", "メール", "회원", "아이디", "이메일", "pengguna", "alamat", "korisnik", "akun", "hesap", "hesab", "posta kutusu",
    "usuari", "bustia", "παραλήπτης", "χρήστης", "λογαριασμός", "משתמש", "נמען", "תיבה", "המשתמש", "הנמען", "المستخدم", "المستلم",
    "البريد", "الحساب",
    "email inbox", "mailuser", "mail user", "rcptto", "받는사람", "받는 사람", "수취인", "受取人", "收件者", "收信人", "login name",
    "virtual user",
    "потребител", "uporabnik", "vartotoj", "lietotaj", "kasutaja", "casut", "sanducic", "此人", "收件",
]);

/// Words for the sender, its host or its domain. A sentence that has one isn't about the recipient.
#[rustfmt::skip]
pub(super) static SENDER: Lexicon = Lexicon::new(&[
    "sender", "mail from", "mailfrom", "from address", "from header", "in from", "envelope from", "return path", "helo",
    "ehlo", "helohost", "client host", "your address", "your email", "your ip", "your host",
    "your domain", "your mail server", "your mailserver", "your mta", "your server", "your network", "your country", "your system", "source ip", "remote ip", "ip address",
    "ip ", "ips ", "rdns", "reverse dns", "ptr ", "spf", "dkim", "dmarc", "dns mx", "reputation", "black mail",
    "sending", "your account", "callout", "be verified", "authentication", "relaying", "harvest", "too many",
    "reply to address", "accepted from you", "backscatter", "batv", "prvs", "open proxy", "open relay", "votre adresse",
    "votre serveur", "votre message", "votre domaine", "votre ip", "ihre ", "su direccion", "su mensaje", "emetteur",
    "expediteur", "absender", "ip adresse", "remitente", "remetente", "mittente", "nadawc", "odesilatel", "odosielatel",
    "afzender", "avsaendare", "afsender", "avsender", "laehettaejae", "felado", "gonderen", "goenderen", "expeditor",
    "отправител", "відправник", "发件人", "發件人", "寄件", "发信", "送信者", "送信元", "差出人", "발신자", "보낸", "αποστολέας", "השולח",
    "المرسل",
    "main account", "from you ",
    "credential", "password",
    "return address", "reply address", "from field", "originat", "source address", "your from",
]);

/// Words for the email and the connection. Near these, a word such as "blocked" need not be about the mailbox.
#[rustfmt::skip]
pub(super) static EMAIL: Lexicon = Lexicon::new(&[
    "your message", "your mail ", "this message", "this mail ", "this email was", "this email has", "this email is",
    "this email contains", "message was", "connecting", "connection", "relay", "url", "link", "attachment", "content",
    "header", "subject", "character", "session", "size", "command not", "command unrec", "command re", "command seq",
    "unknown command", "invalid command", "bad command", "recipients from",
]);

/// There is no such recipient.
#[rustfmt::skip]
pub(super) static GONE: Lexicon = Lexicon::new(&[
    "unknown", "not known", "not found", "not exist", "doesn't exist", "doesnt exist", "don't exist", "not exists",
    "no longer exist", "nonexistent", "non existent", "nonexisting", "no such", "no longer valid", "not valid",
    "invalid", "unrecognized", "not recognized", "be found", "couldn't find", "unable to find", "cannot find",
    "can't find", "misspelled", "no longer in use", "no longer here", "left the company", "is wrong", "not local",
    "not a local", "not listed", "cannot deliver mail for", "can't be found", "isn't a valid", "can't accept user",
    "not an active", "not present", "is not active at", "not ok ", "undeliverable", "does not have a", "doesn't have a",
    "not user of", "not our user", "not in our", "not in directory", "address error", "not a user", "missing home",
    "not email address", "were unknown", "no mailbox", "no mail box", "in name directory", "no one at",
    "not a known", "isn't a known", "don't recogni", "not recogni",
    "not in use", "not in service", "unassigned", "unallocated", "not set up", "not setup", "no mail service",
    "not configured to receive", "not a mail user", "not an email user", "unresolvable", "no matching", "bogus", "fictitious",
    "no redirect", "no forward", "no entry", "has no mail", "have no mail", "cannot be matched", "unable to resolve",
    "cannot resolve", "nadie con", "niemand mit", "nessuno con", "personne a ce nom", "not an existing", "not existing", "nonexistant", "non existant", "not exsit",
    "dont exist", "dose not exist", "isn't known", "is not known", "don't know", "do not know", "never heard of",
    "not belong", "not a customer", "no customer", "not in our system", "did not find", "could not find", "not locate",
    "unable to locate", "cannot locate", "can't locate", "couldn't locate", "not handle mail for", "doesn't handle mail for",
    "has no mailbox", "has no account", "no longer has", "no mail account", "not mail enabled", "not enabled",
    "isn't enabled", "has moved", "is gone", "cannot route to", "not routable", "mistyped",
    "incorrect", "not registered", "not on file",
    "not on this server", "not on this system", "not on our", "not here", "isn't here", "not hosted", "not served",
    "not recognised", "isn't recognized", "unrecognised", "not defined", "not configured", "not provisioned",
    "not exit", "no exist", "does no exist", "no longer used", "not deliverable", "nondeliverable", "not assigned",
    "not allocated", "no account", "no user", "no inbox", "no record", "nobody", "no one here", "no match",
    "does not match any", "not match any", "didn't match any", "has left", "left our", "misaddressed", "no such contact", "unrouteable", "unroutable", "unbekannt", "nicht bekannt",
    "existiert nicht", "nicht existent", "existieren nicht", "existiert auf", "existiert bei", "existiert in", "nicht vergeben", "kein postfach", "keine mailbox",
    "kein benutzer", "kein empfaenger", "kein solch", "keinen benutzer", "keine email adresse", "nicht in gebrauch",
    "nicht mehr in", "nicht mehr aktiv", "nicht mehr verfuegbar", "nicht mehr erreichbar", "nicht mehr vorhanden",
    "nicht mehr existent", "nicht mehr verwendet", "nicht mehr genutzt", "nicht mehr bei", "nicht zustellbar",
    "unzustellbar", "nicht eingerichtet", "nicht registriert", "falsch", "nicht vorhanden", "nicht gefunden", "gibt es nicht", "nicht mehr gueltig", "ungueltig",
    "pas valide", "plus valide", "n'est plus", "plus utilise", "pas trouve", "pas ete trouve", "pas reconnu", "errone",
    "aucun utilisateur", "aucune boite", "aucun compte", "aucun destinataire", "hors service", "pas d'utilisateur",
    "pas de compte", "inconnu", "inexistant", "n'existe", "introuvable", "invalide", "non trouve", "desconocid", "inexistente",
    "no se encuentra", "no se encontro", "no se ha encontrado", "no es correct", "no registrad", "no esta registrad",
    "no corresponde", "no pertenece", "ningun usuario", "erronea", "erroneo", "no existe", "no encontrad", "no valido", "no valida", "no es valid", "desconhecid", "nao existe", "nao encontrad",
    "nao foi encontrad", "nao foi localizad", "nao localizad", "nao cadastrad", "incorret", "non valid",
    "non e' valid", "non e valid", "non riconosciut", "non presente", "nessun utente", "non corrispond", "sconosciut", "inesistente", "non esiste", "non trovat", "non risulta", "errat",
    "niepoprawn", "nieprawidlow", "nie odnaleziono", "nie zostal znalez", "nie zostala znalez", "brak uzytkownika",
    "brak konta", "brak skrzynki", "nie rozpoznano", "nebyl nalez", "nebyla nalez", "neni platn", "neplatn", "neevid",
    "nenajden", "nie istnieje", "nieznan", "nie znaleziono", "nie ma ", "brak takiego", "neexist", "neznam", "nenalezen",
    "niet bekend", "niet geldig", "niet meer geldig", "ongeldig", "niet meer in gebruik", "niet meer actief",
    "onjuist", "geen gebruiker", "geen postbus", "onbekend", "bestaat niet", "niet gevonden", "okaend", "okand", "finns inte", "finns ej", "hittades inte", "ukendt",
    "findes ikke", "ukjent", "finnes ikke", "tuntematon", "ei loeydy", "ei loydy", "ismeretlen", "nincs ilyen",
    "ogiltig", "ugyldig", "ikke fundet", "ikke funnet", "ikke kendt", "ikke kjent", "saknas", "virheelli",
    "ei tunneta", "ei ole olemassa", "nem talalhato", "ervenytelen", "nu exista", "nu a fost gasit", "bilinmeyen", "kullanici yok", "hesap yok", "adres yok",
    "bilinmiyor", "tanimli degil", "hatali", "ne postoji", "nepoznat", "tidak ditemukan", "tidak dikenal",
    "tidak terdaftar", "no existeix", "desconegut", "nem letezik", "bulunamadi", "mevcut degil", "gecersiz", "inexistent", "necunoscut", "не найден", "не существует",
    "не числится", "не значится", "не обнаружен", "отсутств", "недействит", "неверн", "неправильн", "нет на сервере",
    "непознат", "не съществува", "відсутн", "недійсн", "неизвест", "нет такого", "не зарегистрирован", "несуществующ", "не знайден", "не існує", "невідом", "不存在", "未找到",
    "没有此", "没有该", "沒有此", "沒有這", "不正确", "不正確", "地址错误", "地址錯誤", "查找不到", "没有找到", "未注册", "未註冊",
    "尚未開通", "不是本", "登録されて", "該当する", "無効な", "有効では", "存在しな", "見つから", "등록되지", "유효하지", "잘못된", "없는 사용자",
    "없는 수신", "사용자가 없", "수신자가 없", "계정이 없", "주소가 없", "알 수 없는", "找不到", "无此", "無此", "查无", "无效", "無效", "不明", "存在しま", "いません", "見つかりません", "존재하지", "찾을 수 없", "δεν υπάρχει",
    "δεν βρέθηκε", "άγνωστος", "לא קיים", "לא נמצא", "غير موجود", "غير معروف",
    "not a valid", "isn't valid", "isn't in my", "not in my", "isn't in our", "isn't in the", "must exist",
    "'t exist", "not existed", "so such", "does not live", "not handled here", "not serviced", "not one of our",
    "isn't one of our", "not accepted here", "not valid here", "recipient validation", "unable to validate",
    "not mapped", "hasn't got", "has not got", "without a mailbox", "delivery point", "absent", "no valid mailbox",
    "unknwon", "unkown", "unknow", "uknown", "invaild", "not recognize", "not known by", "does not resolve",
    "nie rozpozn", "konnte nicht gefunden", "nicht ermittelt",
    "don't handle mail for", "do not handle mail for", "not available here", "not available on this",
    "not available at this", "not handled by", "not handled on", "isn't handled", "no longer handled",
    "not managed by", "not protect", "not accepting mail for", "not accept mail for", "not accepting email for",
    "not accepting messages for", "undefined", "not accepted for",
    "no tiene una cuenta", "no tiene cuenta", "no tiene un buzon", "no tiene buzon", "n'a pas de compte",
    "n'a pas de boite", "ne possede pas", "non ha un account", "non ha una casella", "nao tem conta",
    "nao tem uma conta", "nao possui", "heeft geen", "nie ma konta", "nema ucet", "nie posiada", "eksisterer ikke",
    "existerar inte", "ei eksisteeri", "neeksiste", "neegzistuoja", "ne obstaja", "ne sushtestvuva", "nuk ekziston",
    "ไม่พบ", "ไม่มี", "tidak ada", "no s'ha trobat", "nao consta", "no figura", "non figura",
    "ne figure pas", "使用されておりません", "使われておりません", "使用されていません", "ございません", "使われていません", "存在いたしません", "利用されていません",
    "사용하지 않는", "확인되지", "사용자는 없", "없습니다",
    "be located", "not resolve", "bulunmamakta", "bulunmuyor", "brak tak", "brak odbiorcy", "няма так", "ei leitud",
    "없음", "查無", "nije pronaden", "nije pronad", "ni najden", "nerastas", "nav atrasts", "ei leita",
    "never existed", "unregistered",
    "not a recogni", "isn't a recogni", "nie zostalo znalez", "nie zostalo odnalez",
]);

/// There is one, but it is closed.
#[rustfmt::skip]
pub(super) static CLOSED: Lexicon = Lexicon::new(&[
    "inactive", "not active", "disabled", "deactivated", "closed", "expired", "terminated",
    "cancelled", "canceled", "discontinued", "not used", "not been used", "unused", "not poped",
    "no longer active", "has expired", "no longer accept", "dormant", "archived",
    "deleted", "inactivity", "no longer with", "no longer works", "no longer employed", "been removed",
    "no longer", "no recipient activity", "no activity", "enable receiving", "re activate", "reactivate", "not yet active",
    "not been activated", "not activated", "isn't active", "never logged in", "not logged in", "not currently being accepted", "not accept incoming", "graduated", "no activ", "no esta activ",
    "nao ativ", "nao esta ativ", "non e attiv", "nicht aktiv", "pas actif", "pas active", "non actif", "ya no",
    "n'existe plus", "niet meer", "juz nie", "больше не", "deprovisioned",
    "unprovisioned", "purged", "erased", "shut down", "out of service", "defunct", "vacated", "resigned", "departed",
    "former employee", "retired", "obsolete", "abandoned", "de activated", "inactivated", "decommissioned", "turned off",
    "switched off", "withdrawn", "revoked", "receiving disabled", "vacant", "stillgelegt",
    "erloschen", "gekuendigt", "aufgeloest", "deaktiviert", "geschlossen", "inaktiv", "abgeschaltet", "geloescht", "desactive",
    "supprime", "resilie", "ferme", "plus active", "inactif", "archive", "cloture", "desactivad", "deshabilitad",
    "dada de baja", "dado de baja", "eliminad", "borrad", "inhabilitad", "caducad", "cancelad", "inativ", "removid", "excluid", "expirou", "inactiv", "expirad", "cerrad", "desativad", "encerrad",
    "inattiv", "non attiv", "rimoss", "eliminat", "chius", "disattivat", "disabilitat", "cessat", "scadut", "inutilizzo", "nieaktywn",
    "skasowan", "zamkniet", "smazan", "neaktivn", "wylaczon", "usuniet", "zrusen", "deaktivovan", "opgeheven",
    "verwijderd", "gesloten", "afgesloten", "niet actief", "lukket", "stengt", "deaktivere", "deaktivert",
    "slettet", "avslutad", "inaktiver", "suljettu", "poistettu", "toeroelt", "zarolt", "dezactivat",
    "aktif degil", "pasif", "silinmis", "gedeactiveerd", "uitgeschakeld", "avstaengd", "avstaengt", "avstangd", "devre disi", "kapatil", "letiltott",
    "megszuent", "отключ", "удален", "деактивирован", "неактив", "закрыт", "уволен", "не актив", "видален", "вимкнен", "削除", "停止", "삭제", "정지", "중지", "휴면", "해지", "탈퇴",
    "删除", "刪除", "关闭", "關閉", "失效", "停用", "禁用", "注销",
    "hasn't entered", "has not entered", "hasn't logged", "has not logged", "hasn't signed", "has not signed",
    "never signed in", "never accessed", "never used", "not accessed", "not receive mail", "not receive email",
    "not receive messages", "doesn't receive", "cannot receive", "can not receive",
    "can't receive", "unable to receive", "been retired", "ceased", "not monitored", "unattended", "no more in use",
    "any more", "удалил",
    "removed", "was deleted", "退会", "kullanilmiyor", "kullanilmamakta",
]);

/// It is blocked. Of an address without another word, this may well be said of the sender's.
#[rustfmt::skip]
pub(super) static BLOCKED: Lexicon = Lexicon::new(&[
    "locked", "frozen", "is blocked", "isblocked", "been blocked", "barred", "hangup", "gesperrt", "bloque", "bloquead",
    "bloccat", "zablokowan", "zablokovan", "geblokkeerd", "spaerret", "askiya",
    "suspended", "suspens", "suspendu", "suspendid", "sospes", "zawieszon", "suspendat", "felfueggeszt", "заблокирован", "заблоков", "冻结", "锁定",
]);

/// It has no room.
#[rustfmt::skip]
pub(super) static FULL: Lexicon = Lexicon::new(&[
    "full ", "quota", "overquota", "over quote", "overdrawn", "diskspace", "space has used", "space has been used", "out of space",
    "space left", "dropfile", "exceeded its", "no room", "is vol ", "no space", "storage limit", "space not enough", "limit exeeded", "disk space", "free space", "enough space", "erschoepft", "voll",
    "ueberfuellt", "pleine", "llen", "cheia", "piena", "przepelnion", "pelna", "plna", "preplnena", "dolu", "megtelt",
    "переполнен", "заполнен", "переповнен", "已满", "已滿", "空间不足", "空間不足", "容量", "いっぱい", "가득",
    "용량이 초과", "용량을 초과", "용량 초과",
    "exceeded the limit", "exceeds the limit", "over the limit",
]);

/// Refused.
#[rustfmt::skip]
pub(super) static REFUSED: Lexicon = Lexicon::new(&[
    "reject", "refus", "deny", "denied", "denies", "block", "ban", "invalid", "not allowed", "not authorized",
    "unauthorized", "unauthorised", "not permitted", "prohibit", "fail", "error", "unknown", "not exist", "does not",
    "limit", "not accept", "cannot accept", "can't accept", "unvalidated", "fake", "black", "prison", "no valid",
    "not listed", "listed", "bad ", "poor", "low", "missing", "match", "abgelehnt", "verweigert", "gesperrt",
    "ungueltig", "unbekannt", "rechaz", "bloque", "invalide", "rifiut", "bloccat", "non autorizzat", "odrzuc", "zablok",
    "odmit", "geweigerd", "afgewezen", "avvis", "заблок", "отклон", "отказ", "拒", "禁", "黑", "reddedil", "engellen",
]);

/// Words for a list or group.
#[rustfmt::skip]
pub(super) static GROUP: Lexicon = Lexicon::new(&[
    "group", "gruppe", "grupo", "gruppo", "groep", "grupp", "grupa", "grupe", "grupu", "skupin", "ryhm", "csoport",
    "grup", "mailing list", "this list", "list ", "distribution list", "verteiler", "liste de diffusion", "групп",
    "груп", "グループ", "群组", "群組", "그룹",
]);

/// Who may write to it.
#[rustfmt::skip]
pub(super) static MEMBERS: Lexicon = Lexicon::new(&[
    "post", "permission", "member", "subscriber", "publish", "publi", "berechtig", "mitglied", "autoris", "membre",
    "permis", "miembro", "membro", "autorizz", "lid ", "leden", "uprawnien", "opravnen", "behoerighet", "tilladelse",
    "tillatelse", "oikeut", "jogosult", "izn", "разреш", "прав", "дозвол", "投稿", "権限", "权限", "許可", "权", "권한",
]);

/// It passes, or it is the server's own trouble.
#[rustfmt::skip]
pub(super) static PASSING: Lexicon = Lexicon::new(&[
    "temporar", "try again later", "try later", "retry", "right now", "timeout", "timed out", "maintenance",
    "migration", "lookup failed", "look up", "database error", "database is", "database un", "database down",
    "database fail", "database access", "database conn", "access the database", "reach the database", "unknown error", "server error", "internal error", "plus tard",
    "voruebergehend", "tymczasow", "временно",
    "at this time", "at the moment", "momentarily",
    "disabled try again", "locked try again", "inactive try again", "unavailable try again", "busy try again",
]);

/// That the email was not delivered, which leads to what is wrong. It makes no sentence one about the email.
#[rustfmt::skip]
pub(super) static NOT_DELIVERED: Lexicon = Lexicon::new(&[
    "your message to", "your mail to", "your email to", "your message could not be delivered",
    "your message couldn't be delivered", "your message can't be delivered", "your message cannot be delivered",
    "your message was not delivered", "your message wasn't delivered", "your message has not been delivered",
    "your mail could not be delivered", "your email could not be delivered", "your email cannot be delivered",
    "your message was rejected because", "message was rejected because", "message rejected because",
    "message was not accepted", "message was undeliverable", "message is undeliverable", "unable to deliver your message",
    "your emails has been returned", "your email has been returned", "your message has been returned",
    "your message was returned", "your mail was returned", "this message could not be delivered", "message you sent to", "email you sent to",
    "ihre nachricht an", "ihre nachricht konnte nicht", "ihre email an", "ihre email konnte nicht", "ihre mail an",
    "votre message n'a pas", "votre message a ", "votre message adresse a", "su mensaje a ", "su mensaje no",
]);

/// A predicate that stands alone, or after a name: `550 jo does not exist`.
#[rustfmt::skip]
pub(super) static MISSING: Lexicon = Lexicon::new(&[
    "is unknown", "unknown at", "does not exist", "doesn't exist", "not exist", "not found", "nonexistent",
    "nobody here", "no one here", "existiert nicht", "unbekannt", "inconnu", "n'existe pas", "no existe", "nao existe",
    "non esiste", "nie istnieje", "bestaat niet", "onbekend", "не существует", "не найден", "不存在", "存在しません", "존재하지",
    "not known at", "not known here", "not known to", "no longer works", "no longer employed", "no longer here",
    "no longer at", "left the company", "'t exist", "so such",
    "by that name", "of that name", "with that name", "by this name", "of this name",
    "no longer exist", "no longer valid",
]);

/// What else may be missing.
#[rustfmt::skip]
pub(super) static OTHER_THINGS: Lexicon = Lexicon::new(&[
    "domain", "server", "mx ", "dns", "lookup", "reverse", "file", "directory", "command", "policy", "rule", "mail ", "message", "service",
    "certificate", "key ", "record", "route", "network", "zone", "object", "class", "option", "method", "list ", "url",
    "page", "reason", "error", "host ", "nachricht", "mensaje", "dominio", "domaine", "domein", "домен", "域", "ドメイン",
]);

/// Who decides what reaches a group.
pub(super) static MODERATED: Lexicon = Lexicon::new(&["moderat", "moderier", "moder"]);

/// Words for the sender's host, not its address.
pub(super) static HOST: Lexicon = Lexicon::new(&[
    "ip ",
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
]);

/// Refused without doubt.
pub(super) static CLEARLY_REFUSED: Lexicon =
    Lexicon::new(&["reject", "refus", "denied", "block", "not allowed", "not accept", "can't accept", "cannot accept"]);

/// A sentence that says where somebody is unknown, although it names a host or a domain.
pub(super) static UNKNOWN_AT: Lexicon = Lexicon::new(&["unknown at "]);

/// Unavailable, perhaps permanently.
#[rustfmt::skip]
pub(super) static UNAVAILABLE: Lexicon = Lexicon::new(&[
    "unavailable", "unavaiable", "not available", "isn't available", "no longer available", "not reachable",
    "unreachable", "nicht verfuegbar", "nicht erreichbar", "indisponible", "pas disponible", "no disponible",
    "no esta disponible", "indisponivel", "nao disponivel", "non disponibile", "niedostepn", "niet beschikbaar",
    "nedostupn", "недоступ", "不可用", "利用できません",
]);

/// What else may be unavailable.
pub(super) static NO_MAILBOX: Lexicon = Lexicon::new(&["access", "permission", "server", "service", "host ", "ipv6"]);

/// Counts only directly before the recipient: `bad recipient`, not `bad command: recipient`.
pub(super) static BAD: Lexicon = Lexicon::new(&["bad ", "illegal ", "wrong "]);
