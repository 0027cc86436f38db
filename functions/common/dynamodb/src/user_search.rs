//! The table `UserSearch`: finding users, and keeping what they are found by.

use std::collections::{BTreeSet, HashSet};

use futures_util::future::try_join_all;

use crate::client::{Item, Query, StoreError, Write, item, n, s};
use crate::users::UserStore;
use mailkey::account::{Role, User, UserId, UserStatus, search};
use mailkey::paging::Page;

const TABLE: &str = "UserSearch";

/// How many administrators are told of a security event. A transaction with the emails to all of them has room for 100
/// writes.
const MAX_ADMINISTRATORS: usize = 50;

/// So many times a search looks further when what it found does not match all words.
const MAX_ROUNDS: usize = 20;

impl UserStore {
    /// A page of the users that `query` finds; of all users, the newest first, where there is nothing to search for.
    /// `after` is the position where the page before ended.
    pub async fn search(&self, query: &str, after: Option<&str>, limit: usize) -> Result<Page<User>, StoreError> {
        let terms = search::folded_query(query);
        let (partition, prefix) = match &terms {
            None => (search::EVERYBODY.to_owned(), String::new()),
            Some(terms) => {
                // The longest word is the rarest; the others are looked for in what it finds.
                let longest = terms.iter().max_by_key(|term| term.chars().count()).cloned().unwrap_or_default();
                (search::partition(&longest), longest)
            }
        };
        let mut rows = Vec::new();
        let mut seen = HashSet::new();
        let mut position = after.map(ToOwned::to_owned);
        for _ in 0..MAX_ROUNDS {
            let found = self.found(&partition, &prefix, position.as_deref(), limit, terms.is_none()).await?;
            let exhausted = found.len() < limit;
            let ids: Vec<_> = found.iter().filter_map(|place| id_of(place)).filter(|id| seen.insert(*id)).collect();
            let users = self.get_all(&ids).await?;
            for place in found {
                position = Some(place.clone());
                let user = id_of(&place).and_then(|id| users.get(&id)).filter(|user| matches(user, terms.as_deref()));
                if let Some(user) = user
                    && !rows.iter().any(|row: &User| row.id == user.id)
                {
                    rows.push(user.clone());
                    if rows.len() == limit {
                        return Ok(Page { rows, next: position });
                    }
                }
            }
            if exhausted {
                return Ok(Page { rows, next: None });
            }
        }
        Ok(Page { rows, next: position })
    }

    /// The active administrators, or the newest fifty of them. One who became an administrator a moment ago may be
    /// missing.
    pub async fn administrators(&self) -> Result<Vec<User>, StoreError> {
        let ids = self.found(search::ADMINISTRATORS, "", None, MAX_ADMINISTRATORS, true).await?;
        let ids: Vec<_> = ids.iter().filter_map(|id| id_of(id)).collect();
        let is_active = |user: &User| user.role == Role::Admin && user.status == UserStatus::Active;
        Ok(self.get_all(&ids).await?.into_values().filter(is_active).collect())
    }

    /// Users of whom something begins like one of `beginnings`, so many for each at most: a query for each, at once,
    /// and one call for the records.
    pub async fn beginning_like(&self, beginnings: &[String], limit: usize) -> Result<Vec<User>, StoreError> {
        let partitions: Vec<_> = beginnings.iter().map(|beginning| search::partition(beginning)).collect();
        let queries = beginnings.iter().zip(&partitions);
        let queries = queries.map(|(beginning, partition)| self.found(partition, beginning, None, limit, false));
        let places = try_join_all(queries).await?;
        let ids: HashSet<_> = places.iter().flatten().filter_map(|place| id_of(place)).collect();
        Ok(self.get_all(&ids.into_iter().collect::<Vec<_>>()).await?.into_values().collect())
    }

    /// The places in a partition that begin with `prefix`, behind `after`.
    async fn found(
        &self,
        partition: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
        newest_first: bool,
    ) -> Result<Vec<String>, StoreError> {
        let mut query = Query::new(TABLE, "search_partition", partition).limit(limit);
        if newest_first {
            query = query.newest_first();
        }
        if !prefix.is_empty() {
            query = query.begins_with("place", prefix);
        }
        if let Some(after) = after {
            query = query.behind([("place", s(after))]);
        }
        let found = self.database().query(query).await?;
        Ok(found.items.iter().filter_map(|item| item.get("place")?.as_s().ok().cloned()).collect())
    }
}

/// Whether every word of a search is the beginning of something by which the user can be found.
fn matches(user: &User, terms: Option<&[String]>) -> bool {
    let findable = search::terms(user);
    terms.unwrap_or_default().iter().all(|term| findable.iter().any(|word| word.starts_with(term.as_str())))
}

fn id_of(place: &str) -> Option<UserId> {
    place.rsplit('#').next()?.parse().ok()
}

fn with_schema(mut item: Item) -> Item {
    item.insert("schema".to_owned(), n(1));
    item
}

/// The writes that keep the index up to date when a user changes.
pub(super) fn search_writes(before: Option<&User>, after: Option<&User>) -> Vec<Write> {
    let places = |user: Option<&User>| -> BTreeSet<(String, String)> {
        let terms = user.map(search::terms).unwrap_or_default();
        let found_by = |user: &User| {
            let words = terms.iter().map(|term| (search::partition(term), search::place(term, user.id)));
            let lists = [(search::EVERYBODY, true), (search::ADMINISTRATORS, user.role == Role::Admin)];
            let lists = lists.into_iter().filter(|(_, is_listed)| *is_listed);
            words.chain(lists.map(|(list, _)| (list.to_owned(), user.id.to_string()))).collect()
        };
        user.map(found_by).unwrap_or_default()
    };
    let (old, new) = (places(before), places(after));
    let key = |(partition, place): &(String, String)| [("search_partition", s(partition)), ("place", s(place))];
    let gone = old.difference(&new).map(|gone| Write::delete(TABLE, key(gone)));
    let added = new.difference(&old).map(|added| Write::put(TABLE, with_schema(item(key(added)))));
    gone.chain(added).collect()
}
