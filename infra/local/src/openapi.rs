//! Builds the API description from the functions' operations and compares it with the template's routes and the file
//! that is served.

mod fields;

use std::{collections::BTreeSet, fs, path::Path};

use mailkey_api::{
    openapi::{Operation, document},
    problem::ProblemType,
};
use serde_json::Value;
use serde_yaml_ng as yaml;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../functions/common/api/openapi.json");

fn operations() -> Vec<Operation> {
    [
        mailkey_admin_reset::operations(),
        mailkey_diagnose::operations(),
        mailkey_email_log::operations(),
        mailkey_erasures::operations(),
        mailkey_forgot_password::operations(),
        mailkey_redeem_token::operations(),
        mailkey_sessions::operations(),
        mailkey_settings::operations(),
        mailkey_sign_in::operations(),
        mailkey_suppressions::operations(),
        mailkey_unlock::operations(),
        mailkey_users::operations(),
    ]
    .concat()
}

/// Run `UPDATE_OPENAPI=1 cargo test -p mailkey-local openapi` to update the file.
#[test]
fn the_served_file_matches_the_functions_operations() {
    let mut made = document(&operations());
    assert_eq!(fields::complete(&mut made), [""; 0], "these need a row in fields.tsv, or no longer need theirs");
    if crate::environment("UPDATE_OPENAPI").is_some() {
        fs::write(FILE, format!("{made:#}\n")).unwrap();
    }
    let served: Value = serde_json::from_str(&fs::read_to_string(Path::new(FILE)).unwrap()).unwrap();
    assert!(made == served, "openapi.json is out of date; run UPDATE_OPENAPI=1 cargo test -p mailkey-local openapi");
}

#[test]
fn the_operations_are_the_routes_of_the_template() {
    let operations = operations();
    let described: BTreeSet<_> =
        operations.iter().map(|operation| (operation.method.to_string(), operation.path.to_owned())).collect();
    assert_eq!(described.len(), operations.len(), "an operation is described twice");
    let template: yaml::Value = yaml::from_str(include_str!("../../template.yaml")).unwrap();
    let resources = template["Resources"].as_mapping().unwrap().values();
    let events = resources.filter_map(|resource| resource["Properties"]["Events"].as_mapping());
    let routes = events.flat_map(|events| events.values()).filter(|event| event["Type"] == "HttpApi");
    let deployed: BTreeSet<_> = routes
        .filter(|event| event["Properties"]["Path"].is_string())
        .map(|event| {
            let property = |name: &str| event["Properties"][name].as_str().unwrap().to_owned();
            (property("Method"), property("Path"))
        })
        .collect();
    assert_eq!(described, deployed);
}

#[test]
fn operation_names_are_unique() {
    let names: BTreeSet<_> = operations().iter().map(|operation| operation.name).collect();
    assert_eq!(names.len(), operations().len());
}

/// `method-not-allowed` is the exception: it answers methods that no operation has.
#[test]
fn every_problem_is_documented_by_an_operation() {
    let operations = operations();
    let told = |kind: &&ProblemType| operations.iter().any(|operation| operation.problems().contains(*kind));
    let untold: Vec<_> = ProblemType::ALL.iter().filter(|kind| !told(kind)).collect();
    assert_eq!(untold, [&ProblemType::MethodNotAllowed]);
}
