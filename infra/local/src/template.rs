//! Reads the tables from `infra/template.yaml`, so that they are declared only once.

use serde_json::{Value, json};
use serde_yaml_ng as yaml;

const TEMPLATE: &str = include_str!("../../template.yaml");

/// The template can't be read.
#[derive(Debug, thiserror::Error)]
#[error("infra/template.yaml: {0}")]
pub struct TemplateError(String);

/// A table in the template.
#[derive(Debug, Clone, PartialEq)]
pub struct TableDefinition {
    /// The table's name without the stack's prefix.
    pub name: String,
    /// The `CreateTable` request, without the stream, which the pump replaces.
    pub create: Value,
    /// The TTL attribute.
    pub ttl_attribute: Option<String>,
}

/// Returns the tables of the template.
pub fn tables() -> Result<Vec<TableDefinition>, TemplateError> {
    let template: yaml::Value = yaml::from_str(TEMPLATE).map_err(|e| TemplateError(e.to_string()))?;
    let resources = template["Resources"].as_mapping().ok_or(TemplateError("has no Resources".to_owned()))?;
    let tables = resources.iter().filter(|(_, resource)| resource["Type"] == "AWS::DynamoDB::Table");
    tables.map(|(word, resource)| table(word, &resource["Properties"])).collect()
}

fn table(word: &yaml::Value, properties: &yaml::Value) -> Result<TableDefinition, TemplateError> {
    let name = word.as_str().unwrap_or_default().to_owned();
    let fault = |what: &str| TemplateError(format!("{name} {what}"));
    let copy = |property: &str| {
        serde_json::to_value(&properties[property]).map_err(|_| fault(&format!("needs a plain {property}")))
    };
    let named = match &properties["TableName"] {
        yaml::Value::Tagged(tagged) => tagged.value.as_str().unwrap_or_default(),
        other => other.as_str().unwrap_or_default(),
    };
    if named != format!("${{AWS::StackName}}-{name}") {
        return Err(fault("must be named after the stack and its logical id"));
    }
    let mut create = json!({
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": copy("AttributeDefinitions")?,
        "KeySchema": copy("KeySchema")?,
    });
    let indexes = copy("GlobalSecondaryIndexes")?;
    if !indexes.is_null() {
        create["GlobalSecondaryIndexes"] = indexes;
    }
    let ttl_attribute = properties["TimeToLiveSpecification"]["AttributeName"].as_str().map(ToOwned::to_owned);
    Ok(TableDefinition { name, create, ttl_attribute })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_of_the_template_has_a_key_and_what_ends_by_itself_has_a_ttl() {
        let tables = tables().unwrap();
        let shown: Vec<_> = tables
            .iter()
            .map(|table| {
                let key = &table.create["KeySchema"][0]["AttributeName"];
                format!("{}: key {key}, ttl {}", table.name, table.ttl_attribute.as_deref().unwrap_or("none"))
            })
            .collect();
        insta::assert_snapshot!(shown.join("\n"));
    }
}
