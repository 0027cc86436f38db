//! The tables of the template, in the embedded DynamoDB.

use serde_json::json;

use crate::{dynamodb::LocalDynamoDb, template};

/// A table can't be made.
#[derive(Debug, thiserror::Error)]
pub enum TablesError {
    /// The template is not as expected.
    #[error(transparent)]
    Template(#[from] template::TemplateError),
    /// The engine refuses.
    #[error("{0}: {1}")]
    Refused(String, String),
}

/// Creates the tables of the template that are not there yet; answers the names of all.
///
/// # Errors
///
/// [`TablesError`].
pub fn create(dynamodb: &LocalDynamoDb) -> Result<Vec<String>, TablesError> {
    let engine = dynamodb.engine();
    let mut names = Vec::new();
    for table in template::tables()? {
        let refused = |e: String| TablesError::Refused(table.name.clone(), e);
        let there = engine.get_table_metadata(&table.name).map_err(|e| refused(e.to_string()))?.is_some();
        if !there {
            let create = serde_json::from_value(table.create.clone()).map_err(|e| refused(e.to_string()))?;
            engine.create_table(create).map_err(|e| refused(e.to_string()))?;
            if let Some(attribute) = &table.ttl_attribute {
                let ttl = json!({
                    "TableName": table.name,
                    "TimeToLiveSpecification": { "AttributeName": attribute, "Enabled": true },
                });
                let ttl = serde_json::from_value(ttl).map_err(|e| refused(e.to_string()))?;
                engine.update_time_to_live(ttl).map_err(|e| refused(e.to_string()))?;
            }
        }
        names.push(table.name);
    }
    Ok(names)
}
