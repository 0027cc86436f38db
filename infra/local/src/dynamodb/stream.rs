//! Stream records of the embedded tables, with the images before and after a write.

use std::sync::Arc;

use serde_json::{Value, json};

/// Called with each stream record of a table.
pub type OnChange = Arc<dyn Fn(&Value) + Send + Sync>;

/// A table whose changes are published.
#[derive(Clone)]
pub(super) struct Stream {
    pub(super) table: String,
    pub(super) key: Vec<&'static str>,
    pub(super) on_change: OnChange,
}

/// An item that a request changes, unless it fails.
pub(super) struct ChangedItem<'a> {
    stream: &'a Stream,
    key: Value,
    /// The item itself, if the request succeeds only if it is new. Its images needn't be read then.
    new: Option<Value>,
}

impl ChangedItem<'_> {
    /// The item, if the request creates it.
    pub(super) fn new_image(&self) -> Option<&Value> {
        self.new.as_ref()
    }

    /// The request that reads the item.
    pub(super) fn get(&self) -> Value {
        json!({ "TableName": self.stream.table, "Key": self.key, "ConsistentRead": true })
    }

    /// Publishes the change if there was one.
    pub(super) fn publish(&self, before: Value, after: Value) {
        let name = match (before.is_null(), after.is_null()) {
            (true, true) => return,
            (true, false) => "INSERT",
            (false, true) => "REMOVE",
            (false, false) if before == after => return,
            (false, false) => "MODIFY",
        };
        let mut images = json!({});
        for (image, item) in [("OldImage", before), ("NewImage", after)] {
            if !item.is_null() {
                images[image] = item;
            }
        }
        (self.stream.on_change)(&json!({ "eventName": name, "dynamodb": images }));
    }
}

/// The items of tables with streams that a request changes.
pub(super) fn items_changed<'a>(streams: &'a [Stream], operation: &str, body: &[u8]) -> Vec<ChangedItem<'a>> {
    if !matches!(operation, "PutItem" | "UpdateItem" | "TransactWriteItems") {
        return Vec::new();
    }
    // Most requests don't name such a table, and parsing costs more than this search.
    let text = std::str::from_utf8(body).unwrap_or_default();
    if !streams.iter().any(|stream| text.contains(&stream.table)) {
        return Vec::new();
    }
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    let actions = request["TransactItems"].as_array().into_iter().flatten().filter_map(Value::as_object);
    let actions = actions.flat_map(|action| action.iter().filter(|(kind, _)| *kind != "ConditionCheck"));
    let all = actions.map(|(_, action)| action).chain([&request]);
    all.filter_map(|action| changed(streams, action)).collect()
}

/// The item of one action.
fn changed<'a>(streams: &'a [Stream], action: &Value) -> Option<ChangedItem<'a>> {
    let stream = streams.iter().find(|stream| action["TableName"] == stream.table.as_str())?;
    let key = match (&action["Item"], &action["UpdateExpression"]) {
        (Value::Object(item), _) => {
            stream.key.iter().map(|name| ((*name).to_owned(), item.get(*name).cloned().unwrap_or_default())).collect()
        }
        (_, Value::String(_)) => action["Key"].clone(),
        _ => return None,
    };
    let is_new = action["ConditionExpression"].as_str().is_some_and(|condition| only_if_new(condition, &stream.key));
    let new = action.get("Item").filter(|_| is_new).cloned();
    Some(ChangedItem { stream, key, new })
}

/// Whether a condition says only that there is no such item yet.
fn only_if_new(condition: &str, key: &[&str]) -> bool {
    key.iter().any(|attribute| condition == format!("attribute_not_exists({attribute})"))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::super::LocalDynamoDb;
    use super::*;

    #[tokio::test]
    async fn each_change_of_an_item_is_published_once_with_both_images() {
        let records = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&records);
        let database = LocalDynamoDb::in_memory().unwrap().streaming(
            "Things",
            &["id"],
            Arc::new(move |record| seen.lock().unwrap().push(record.clone())),
        );
        let table = json!({
            "TableName": "Things",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
            "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
        });
        database.run("CreateTable", &table).unwrap();
        let item = |n: &str| json!({ "id": { "S": "a" }, "n": { "N": n } });
        let update = |n: &str| {
            json!({
                "TableName": "Things", "Key": { "id": { "S": "a" } },
                "UpdateExpression": "SET n = :n", "ExpressionAttributeValues": { ":n": { "N": n } },
            })
        };
        for (operation, request) in [
            ("PutItem", json!({ "TableName": "Things", "Item": item("1") })),
            ("UpdateItem", update("2")),
            ("UpdateItem", update("2")),
            ("GetItem", json!({ "TableName": "Things", "Key": { "id": { "S": "a" } } })),
            ("TransactWriteItems", json!({ "TransactItems": [{ "Update": update("3") }] })),
        ] {
            database.perform(operation, request.to_string().into(), false).await.map(drop).unwrap();
        }
        let new = |item: Value| {
            let condition = "attribute_not_exists(id)";
            json!({ "TableName": "Things", "Item": item, "ConditionExpression": condition }).to_string()
        };
        assert!(database.perform("PutItem", new(item("9")).into(), false).await.is_err());
        let second = json!({ "id": { "S": "b" } });
        database.perform("PutItem", new(second.clone()).into(), false).await.map(drop).unwrap();
        let expected = [
            json!({ "eventName": "INSERT", "dynamodb": { "NewImage": item("1") } }),
            json!({ "eventName": "MODIFY", "dynamodb": { "OldImage": item("1"), "NewImage": item("2") } }),
            json!({ "eventName": "MODIFY", "dynamodb": { "OldImage": item("2"), "NewImage": item("3") } }),
            json!({ "eventName": "INSERT", "dynamodb": { "NewImage": second } }),
        ];
        assert_eq!(*records.lock().unwrap(), expected);
    }
}
