//! Reads. Those of one item are strongly consistent: they see every write that was done before. Those of many items cost
//! half as much and may miss the writes of the last moment.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};

use super::{Database, Item, item, s, unavailable};
use mailkey::unavailable::Unavailable;

/// Reads a range of a partition of a table or an index.
#[derive(Debug, Clone)]
pub struct Query {
    table: &'static str,
    index: Option<&'static str>,
    hash: &'static str,
    condition: String,
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
    newest_first: bool,
    limit: Option<usize>,
    after: Option<Item>,
}

impl Query {
    /// The items whose partition key `hash` is `value`, in the order of their sort key.
    pub fn new(table: &'static str, hash: &'static str, value: impl Into<String>) -> Self {
        Self {
            table,
            index: None,
            hash,
            condition: "#hash = :hash".to_owned(),
            names: HashMap::from([("#hash".to_owned(), hash.to_owned())]),
            values: HashMap::from([(":hash".to_owned(), s(value))]),
            newest_first: false,
            limit: None,
            after: None,
        }
    }

    /// Reads an index.
    #[must_use]
    pub fn index(self, index: &'static str) -> Self {
        Self { index: Some(index), ..self }
    }

    /// Only those whose sort key `range` is between two texts, both inclusive.
    #[must_use]
    pub fn between(mut self, range: &'static str, low: impl ToString, high: impl ToString) -> Self {
        self.condition.push_str(" AND #range BETWEEN :low AND :high");
        self.names.insert("#range".to_owned(), range.to_owned());
        self.values.extend([(":low".to_owned(), s(low.to_string())), (":high".to_owned(), s(high.to_string()))]);
        self
    }

    /// Only those whose sort key `range` begins with `prefix`.
    #[must_use]
    pub fn begins_with(mut self, range: &'static str, prefix: &str) -> Self {
        self.condition.push_str(" AND begins_with(#range, :prefix)");
        self.names.insert("#range".to_owned(), range.to_owned());
        self.values.insert(":prefix".to_owned(), s(prefix));
        self
    }

    /// The greatest sort key first, which is the newest where it is an id or a time.
    #[must_use]
    pub fn newest_first(self) -> Self {
        Self { newest_first: true, ..self }
    }

    /// At most this many.
    #[must_use]
    pub fn limit(self, limit: usize) -> Self {
        Self { limit: Some(limit), ..self }
    }

    /// Only those behind the item with this key: for an index, its attributes and the table's.
    #[must_use]
    pub fn after(self, key: Option<Item>) -> Self {
        Self { after: key, ..self }
    }

    /// Only those behind the item whose other key attributes are these.
    #[must_use]
    pub fn behind<const N: usize>(self, key: [(&str, AttributeValue); N]) -> Self {
        let hash = (self.hash.to_owned(), self.values[":hash"].clone());
        let after = item(key).into_iter().chain([hash]).collect();
        Self { after: Some(after), ..self }
    }
}

/// What a query found.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// The items.
    pub items: Vec<Item>,
    /// The key to go on behind, unless nothing is left.
    pub more: Option<Item>,
}

impl Database {
    /// The item with a key.
    pub async fn get<const N: usize>(
        &self,
        table: &'static str,
        key: [(&str, AttributeValue); N],
    ) -> Result<Option<Item>, Unavailable> {
        self.get_attributes(table, item(key), &[]).await
    }

    /// These attributes of the item with a key.
    pub async fn get_attributes(
        &self,
        table: &'static str,
        key: Item,
        attributes: &[&str],
    ) -> Result<Option<Item>, Unavailable> {
        let (projection, names) = projection(attributes);
        let request = self.client.get_item().table_name(self.table(table)).set_key(Some(key));
        let request =
            request.consistent_read(true).set_projection_expression(projection).set_expression_attribute_names(names);
        let answer = request.send().await.map_err(|e| unavailable(format!("GetItem on {table}"), e))?;
        Ok(answer.item)
    }

    /// One page of a query: at most its limit, or 1 MB.
    pub async fn query(&self, query: Query) -> Result<Found, Unavailable> {
        let request = self.client.query().table_name(self.table(query.table));
        let request = request
            .set_index_name(query.index.map(ToOwned::to_owned))
            .key_condition_expression(query.condition)
            .set_expression_attribute_names(Some(query.names))
            .set_expression_attribute_values(Some(query.values))
            .scan_index_forward(!query.newest_first)
            .set_limit(query.limit.map(|limit| i32::try_from(limit).unwrap_or(i32::MAX)))
            .set_exclusive_start_key(query.after);
        let answer = request.send().await.map_err(|e| unavailable(format!("Query on {}", query.table), e))?;
        Ok(Found { items: answer.items.unwrap_or_default(), more: answer.last_evaluated_key })
    }

    /// All that a query finds, page after page.
    pub async fn query_all(&self, query: Query) -> Result<Vec<Item>, Unavailable> {
        let mut items = Vec::new();
        let mut after = query.after.clone();
        loop {
            let found = self.query(query.clone().after(after)).await?;
            items.extend(found.items);
            after = found.more;
            if after.is_none() {
                return Ok(items);
            }
        }
    }

    /// One page of a whole table: at most 1 MB, behind the item with the key `after`. With `attributes`, these only.
    pub async fn scan(
        &self,
        table: &'static str,
        after: Option<Item>,
        attributes: &[&str],
    ) -> Result<Found, Unavailable> {
        let (projection, names) = projection(attributes);
        let request = self.client.scan().table_name(self.table(table)).set_exclusive_start_key(after);
        let request = request.set_projection_expression(projection).set_expression_attribute_names(names);
        let answer = request.send().await.map_err(|e| unavailable(format!("Scan of {table}"), e))?;
        Ok(Found { items: answer.items.unwrap_or_default(), more: answer.last_evaluated_key })
    }

    /// The items with these keys, in no order; those that don't exist are left out.
    pub async fn batch_get(
        &self,
        table: &'static str,
        keys: Vec<Item>,
        attributes: &[&str],
    ) -> Result<Vec<Item>, Unavailable> {
        let operation = || format!("BatchGetItem on {table}");
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let (projection, names) = projection(attributes);
        let wanted = KeysAndAttributes::builder()
            .set_keys(Some(keys))
            .set_projection_expression(projection)
            .set_expression_attribute_names(names);
        let mut wanted = Some(wanted.build().map_err(|e| unavailable(operation(), e))?);
        let full_name = self.table(table);
        let mut items = Vec::new();
        // What does not fit into one answer comes with the next.
        while let Some(keys) = wanted {
            let request = self.client.batch_get_item().request_items(&full_name, keys);
            let answer = request.send().await.map_err(|e| unavailable(operation(), e))?;
            items.extend(answer.responses.unwrap_or_default().remove(&full_name).unwrap_or_default());
            wanted = answer.unprocessed_keys.unwrap_or_default().remove(&full_name);
        }
        Ok(items)
    }
}

/// The expression that asks for these attributes only, and the names in it.
fn projection(attributes: &[&str]) -> (Option<String>, Option<HashMap<String, String>>) {
    if attributes.is_empty() {
        return (None, None);
    }
    let names = || (0..attributes.len()).map(|number| format!("#a{number}"));
    let attributes = attributes.iter().map(|attribute| (*attribute).to_owned());
    (Some(names().collect::<Vec<_>>().join(", ")), Some(names().zip(attributes).collect()))
}
