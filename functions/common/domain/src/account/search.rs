//! Finding users by part of a name or an address.
//!
//! The table `UserSearch` holds one small item for each word by which a user can be found, in a partition for each
//! first character; a search is a query for a prefix, and costs what it finds, however many users there are.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

use super::{EmailAddress, User, UserId, email_address::is_invisible};

/// So many words of a name are searchable.
const MAX_WORDS: usize = 12;

/// The longest word that is kept, in characters.
const MAX_WORD: usize = 64;

/// The most terms of a user, so that replacing all of them fits into one transaction.
const MAX_TERMS: usize = 40;

/// Domains whose names stand for the same mailboxes, or are often confused by the owners of one.
const SAME_PROVIDER: &[&[&str]] = &[
    &["gmail.com", "googlemail.com"],
    &["icloud.com", "me.com", "mac.com"],
    &["proton.me", "protonmail.com", "protonmail.ch", "pm.me"],
    &["yandex.ru", "yandex.com", "ya.ru"],
];

/// Providers with the same name in many countries.
const MANY_ENDINGS: &[&str] = &["fastmail", "gmx", "hotmail", "live", "outlook", "yahoo"];

/// The partition in which every user stands, for lists without a search.
pub const EVERYBODY: &str = "*";

/// The partition of the administrators, who are told of security events. No word begins with its first character.
pub const ADMINISTRATORS: &str = "*admin";

/// What a user can be found by: the address as it is displayed and as it is compared, its mailbox, its parts, and the
/// words of the name and of the external id; all folded.
pub fn terms(user: &User) -> BTreeSet<String> {
    let (shown, key) = (fold(&user.email.shown()), fold(user.email.key().as_str()));
    let with_digraphs = |text: &str| fold(&digraphs(text));
    let parts = words(&shown).take(MAX_WORDS).chain(words(&key).take(MAX_WORDS));
    let names = words(&fold(&user.display_name)).take(MAX_WORDS).collect::<Vec<_>>();
    let other_names = words(&with_digraphs(&user.display_name)).take(MAX_WORDS).collect::<Vec<_>>();
    let external_id = fold(user.external_id.as_deref().unwrap_or_default());
    let external_id = words(&external_id).take(MAX_WORDS).collect::<Vec<_>>();
    let whole = [clip(&shown), clip(&key), clip(&mailbox(&user.email))];
    let mut terms = BTreeSet::new();
    for term in whole.into_iter().chain(names).chain(parts).chain(external_id).chain(other_names) {
        if terms.len() < MAX_TERMS {
            terms.insert(term);
        }
    }
    terms
}

/// What somebody searches for, as the index has it; `None` where there is nothing to search for. An address may contain
/// spaces or line breaks that were copied with it.
pub fn folded_query(query: &str) -> Option<Vec<String>> {
    let folded = fold(query);
    let folded = folded.trim();
    let terms: Vec<_> = if folded.contains('@') {
        vec![clip(&folded.split_whitespace().collect::<String>())]
    } else {
        words(folded).collect()
    };
    (!terms.is_empty()).then_some(terms)
}

/// Without case, accents, ligatures, width and invisible characters: `Şahin` becomes `sahin`, `Straße` `strasse`. Only for
/// searching: two addresses that fold to the same text can be two people's.
pub fn fold(text: &str) -> String {
    let is_accent = |c: &char| ('\u{300}'..='\u{36f}').contains(c);
    let plain = text.to_lowercase().nfkd().filter(|c| !is_accent(c) && !is_invisible(*c)).collect::<String>();
    let mut folded = String::new();
    for c in plain.to_lowercase().nfc() {
        match c {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            'ı' => folded.push('i'),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            '‘' | '’' | 'ʼ' | '′' => folded.push('\''),
            '‐' | '‑' | '–' | '—' | '−' => folded.push('-'),
            c => folded.push(c),
        }
    }
    folded
}

/// With the two letters by which German and Scandinavian names are written in ASCII.
pub(super) fn digraphs(text: &str) -> String {
    let mut out = String::new();
    for c in text.to_lowercase().nfc() {
        match c {
            'ä' => out.push_str("ae"),
            'ö' | 'ø' => out.push_str("oe"),
            'ü' => out.push_str("ue"),
            'å' => out.push_str("aa"),
            c => out.push(c),
        }
    }
    out
}

/// A text that is the same for different spellings of what is probably one mailbox: without tags, dots and other marks, and
/// with one domain for each provider. Only for showing similar addresses.
pub fn mailbox(address: &EmailAddress) -> String {
    let key = address.key();
    let local = key.as_str().rsplit_once('@').map_or("", |(local, _)| local);
    let name = local.split_once('+').map_or(local, |(name, _)| name);
    let name: String = fold(&digraphs(name)).chars().filter(|c| c.is_alphanumeric()).collect();
    let domain = key.domain();
    let provider = SAME_PROVIDER.iter().find(|domains| domains.contains(&domain)).and_then(|domains| domains.first());
    let many = MANY_ENDINGS.iter().find(|name| domain.split('.').next() == Some(**name));
    format!("{name}@{}", provider.or(many).copied().unwrap_or(domain))
}

/// The partition of a term.
pub fn partition(term: &str) -> String {
    term.chars().take(1).collect()
}

/// The sort key of a term of a user: sorted by term, then by user.
pub fn place(term: &str, id: UserId) -> String {
    format!("{term}#{id}")
}

fn words(text: &str) -> impl Iterator<Item = String> {
    let words: Vec<_> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(clip).collect();
    words.into_iter()
}

fn clip(text: &str) -> String {
    text.chars().take(MAX_WORD).collect()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::{
        EmailAddress, Locale,
        account::{Role, UserStatus},
    };

    #[test]
    fn a_user_is_found_by_words_of_the_name_and_parts_of_the_address() {
        let external_id = Some("CRM-4711".to_owned());
        let user = User { external_id, ..user("Ali.Cooper+shop@Example.co.uk", "Alice  M. O'Cooper") };
        let found: Vec<_> = terms(&user).into_iter().collect();
        let expected = [
            "4711",
            "ali",
            "ali.cooper+shop@example.co.uk",
            "alice",
            "alicooper@example.co.uk",
            "co",
            "cooper",
            "crm",
            "example",
            "m",
            "o",
            "shop",
            "uk",
        ];
        assert_eq!(found, expected);
    }

    fn user(email: &str, name: &str) -> User {
        User {
            id: UserId(ulid::Ulid(1)),
            email: EmailAddress::parse(email).unwrap(),
            external_id: None,
            display_name: name.to_owned(),
            role: Role::Member,
            status: UserStatus::Active,
            locale: Locale::En,
            created_at: Timestamp::UNIX_EPOCH,
            last_sign_in_at: None,
            token_generation: 0,
            session_generation: 0,
        }
    }

    #[test]
    fn a_user_is_found_by_the_address_as_displayed_and_without_special_letters() {
        for (email, name, query) in [
            ("a@x.example", "Ayşe Şahin", "sahin"),
            ("a@x.example", "Ayşe ŞAHİN", "Şahin"),
            ("a@x.example", "Anna Straße", "strasse"),
            ("a@x.example", "Anna STRASSE", "straße"),
            ("a@x.example", "Jo Müller", "muller"),
            ("a@x.example", "Jo Müller", "mueller"),
            ("a@x.example", "Jo Müller", "Mu\u{308}ller"),
            ("a@x.example", "Łukasz Ørsted", "lukasz orsted"),
            ("a@x.example", "Ｊｏ Ｄｏｅ", "jo doe"),
            ("a@x.example", "José", "jose"),
            ("jo@exämple.org", "Jo", "jo@exämple.org"),
            ("jo@exämple.org", "Jo", "jo@exa\u{308}mple.org"),
            ("jo@exämple.org", "Jo", "jo@xn--exmple-cua.org"),
            ("jo@xn--exmple-cua.org", "Jo", "JO@EXÄMPLE.org"),
            ("jo@exämple.org", "Jo", "exämple"),
            ("jörg@example.org", "J", "jo\u{308}rg@example.org"),
            ("jörg@example.org", "J", "jorg@exa"),
            ("jo@example.org", "Jo", " jo @ example.org\n"),
            ("jo@example.org", "Jo", "jo@\u{200b}example.org"),
            ("jo@example.org", "Jo", "\u{a0}jo@example.org"),
            ("tim.o’connor@example.org", "Tim", "tim.o'connor@example.org"),
            ("jo.doe@gmail.com", "Jo", "jodoe@gmail.com"),
        ] {
            let (terms, query) = (terms(&user(email, name)), folded_query(query).unwrap());
            let is_found = query.iter().all(|word| terms.iter().any(|term| term.starts_with(word)));
            assert!(is_found, "{email}, {name}: {query:?} in {terms:?}");
        }
    }

    #[test]
    fn a_user_with_many_words_has_a_limited_number_of_terms() {
        let name = "ä ö ü å ø é ñ ç š ž ý ł đ".split(' ').map(|letter| letter.repeat(5)).collect::<Vec<_>>().join(" ");
        assert!(terms(&user("ä.ö.ü.å.ø.é@ä.ö.ü.å.ø.é.example", &name)).len() <= MAX_TERMS);
    }

    #[test]
    fn folding_never_changes_whose_an_address_is() {
        for (one, other) in [("mıke@example.org", "mike@example.org"), ("mi\u{212A}e@example.org", "mike@example.org")]
        {
            let (one, other) = (EmailAddress::parse(one).unwrap(), EmailAddress::parse(other).unwrap());
            assert_eq!(fold(one.as_typed()), fold(other.as_typed()));
            assert_ne!(one.key(), other.key(), "CVE-2019-19844");
        }
    }

    #[test]
    fn a_query_is_an_address_or_words() {
        assert_eq!(folded_query(" ALI.Cooper@ex "), Some(vec!["ali.cooper@ex".to_owned()]));
        assert_eq!(folded_query("Alice Coop"), Some(vec!["alice".to_owned(), "coop".to_owned()]));
        assert_eq!(folded_query("  "), None);
        assert_eq!(folded_query("!?"), None);
    }
}
