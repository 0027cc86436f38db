//! Finding users by part of a name or an address.
//!
//! The table `UserSearch` holds one small item for each word by which a user can be found, in a partition for each
//! first character; a search is a query for a prefix, and costs what it finds, however many users there are.

use std::collections::BTreeSet;

use super::{User, UserId};

/// So many words of a name are searchable.
const MAX_WORDS: usize = 12;

/// The longest word that is kept, in characters.
const MAX_WORD: usize = 64;

/// The partition in which every user stands, for lists without a search.
pub const EVERYBODY: &str = "*";

/// What a user can be found by: the address, its parts, and the words of the name; all in lower case.
pub fn terms(user: &User) -> BTreeSet<String> {
    let address = user.email.key().as_str();
    let parts = words(address).take(MAX_WORDS);
    let names = words(&user.display_name).take(MAX_WORDS);
    let whole = std::iter::once(clip(address));
    whole.chain(parts).chain(names).collect()
}

/// What somebody searches for, as the index has it; `None` where there is nothing to search for.
pub fn folded_query(query: &str) -> Option<Vec<String>> {
    let folded = query.trim().to_lowercase();
    let terms: Vec<_> = if folded.contains('@') { vec![clip(&folded)] } else { words(&folded).collect() };
    (!terms.is_empty()).then_some(terms)
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
    let lower = text.to_lowercase();
    let words: Vec<_> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(clip).collect();
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
        let user = User {
            id: UserId(ulid::Ulid(1)),
            email: EmailAddress::parse("Ali.Cooper+shop@Example.co.uk").unwrap(),
            display_name: "Alice  M. O'Cooper".to_owned(),
            role: Role::Member,
            status: UserStatus::Active,
            locale: Locale::En,
            created_at: Timestamp::UNIX_EPOCH,
            last_sign_in_at: None,
            token_generation: 0,
            session_generation: 0,
        };
        let found: Vec<_> = terms(&user).into_iter().collect();
        let expected =
            ["ali", "ali.cooper+shop@example.co.uk", "alice", "co", "cooper", "example", "m", "o", "shop", "uk"];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_query_is_an_address_or_words() {
        assert_eq!(folded_query(" ALI.Cooper@ex "), Some(vec!["ali.cooper@ex".to_owned()]));
        assert_eq!(folded_query("Alice Coop"), Some(vec!["alice".to_owned(), "coop".to_owned()]));
        assert_eq!(folded_query("  "), None);
        assert_eq!(folded_query("!?"), None);
    }
}
