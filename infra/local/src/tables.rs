//! Creates the template's tables in the embedded DynamoDB.

use dynoxide::DynoxideError;
use serde_json::{Value, json};

use crate::{
    dynamodb::LocalDynamoDb,
    event_queue,
    template::{self, TableDefinition},
};

/// A table can't be created.
#[derive(Debug, thiserror::Error)]
pub enum TablesError {
    /// The template can't be read.
    #[error(transparent)]
    Template(#[from] template::TemplateError),
    /// The engine rejected a table.
    #[error("{0}: {1}")]
    Refused(String, String),
    /// The data folder has a table that this version doesn't have, or has with another key.
    #[error("{0} was created by an older version: delete the data folder, or move it away, and start over")]
    Older(String),
}

/// Creates the template's tables that don't exist yet and adds missing indexes; returns the names of all tables.
pub fn create(dynamodb: &LocalDynamoDb) -> Result<Vec<String>, TablesError> {
    let mut names = Vec::new();
    for table in template::tables()? {
        let refused = |e: DynoxideError| TablesError::Refused(table.name.clone(), e.to_string());
        // `DescribeTable` would count the items one by one.
        match dynamodb.engine().get_table_metadata(&table.name).map_err(refused)? {
            None => create_one(dynamodb, &table).map_err(refused)?,
            Some(there) if json_of(&there.key_schema) != table.create["KeySchema"] => {
                return Err(TablesError::Older(table.name));
            }
            Some(there) => {
                let indexes = json_of(there.gsi_definitions.as_deref().unwrap_or_default());
                add_indexes(dynamodb, &table, &indexes).map_err(refused)?;
            }
        }
        names.push(table.name);
    }
    match unknown(dynamodb, &names) {
        Some(table) => Err(TablesError::Older(table)),
        None => Ok(names),
    }
}

/// A table that neither the template nor the event queue has.
fn unknown(dynamodb: &LocalDynamoDb, names: &[String]) -> Option<String> {
    let listed = dynamodb.run("ListTables", &json!({})).ok()?;
    let listed = listed["TableNames"].as_array()?.iter().filter_map(Value::as_str);
    listed.map(ToOwned::to_owned).find(|name| name != event_queue::TABLE && !names.contains(name))
}

fn create_one(dynamodb: &LocalDynamoDb, table: &TableDefinition) -> Result<(), DynoxideError> {
    dynamodb.run("CreateTable", &table.create)?;
    if let Some(attribute) = &table.ttl_attribute {
        let ttl = json!({
            "TableName": table.name,
            "TimeToLiveSpecification": { "AttributeName": attribute, "Enabled": true },
        });
        dynamodb.run("UpdateTimeToLive", &ttl)?;
    }
    Ok(())
}

/// Parses JSON that the engine stores as text.
fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

fn add_indexes(dynamodb: &LocalDynamoDb, table: &TableDefinition, there: &Value) -> Result<(), DynoxideError> {
    let each = |indexes: &Value| indexes.as_array().cloned().unwrap_or_default();
    let known = each(there);
    for index in each(&table.create["GlobalSecondaryIndexes"]) {
        if !known.iter().any(|known| known["IndexName"] == index["IndexName"]) {
            let update = json!({
                "TableName": table.name,
                "AttributeDefinitions": table.create["AttributeDefinitions"],
                "GlobalSecondaryIndexUpdates": [{ "Create": index }],
            });
            dynamodb.run("UpdateTable", &update)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_an_older_version_gets_the_missing_indexes_with_its_items() {
        let dynamodb = LocalDynamoDb::in_memory().unwrap();
        let log = template::tables().unwrap().into_iter().find(|table| table.name == "EmailLog").unwrap();
        let older = json!({
            "TableName": log.name,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [
                { "AttributeName": "partition", "AttributeType": "S" },
                { "AttributeName": "id", "AttributeType": "S" },
            ],
            "KeySchema": log.create["KeySchema"],
        });
        dynamodb.run("CreateTable", &older).unwrap();
        let item = json!({
            "partition": { "S": "mailkey#1" },
            "id": { "S": "1" },
            "listed_kind": { "S": "k" },
            "address_key": { "S": "a@b.c" },
        });
        dynamodb.run("PutItem", &json!({ "TableName": log.name, "Item": item })).unwrap();
        create(&dynamodb).unwrap();
        create(&dynamodb).unwrap();
        for (index, attribute, value) in [("by_kind", "listed_kind", "k"), ("by_recipient", "address_key", "a@b.c")] {
            let query = json!({
                "TableName": log.name,
                "IndexName": index,
                "KeyConditionExpression": format!("{attribute} = :value"),
                "ExpressionAttributeValues": { ":value": { "S": value } },
            });
            assert_eq!(dynamodb.run("Query", &query).unwrap()["Count"], 1, "{index}");
        }
    }

    #[test]
    fn a_table_of_an_older_version_with_another_key_is_rejected_by_name() {
        let dynamodb = LocalDynamoDb::in_memory().unwrap();
        let former = json!({
            "TableName": "EmailLog",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
            "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
        });
        dynamodb.run("CreateTable", &former).unwrap();
        let refused = create(&dynamodb).unwrap_err().to_string();
        assert!(refused.starts_with("EmailLog was created by an older version"), "{refused}");
    }

    #[test]
    fn a_data_folder_with_a_table_of_an_older_version_is_rejected() {
        let dynamodb = LocalDynamoDb::in_memory().unwrap();
        create(&dynamodb).unwrap();
        let former = json!({
            "TableName": "RecoveryRequests",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
            "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
        });
        dynamodb.run("CreateTable", &former).unwrap();
        let refused = create(&dynamodb).unwrap_err().to_string();
        assert!(refused.starts_with("RecoveryRequests was created by an older version"), "{refused}");
    }
}
