//! Makes the description of the API of what every function says of its routes, and holds it against the routes of the
//! template and against the file that is served.

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
        mailkey_forgot_password::operations(),
        mailkey_redeem_token::operations(),
        mailkey_settings::operations(),
        mailkey_sign_in::operations(),
        mailkey_suppressions::operations(),
        mailkey_unlock::operations(),
        mailkey_users::operations(),
    ]
    .concat()
}

/// `UPDATE_OPENAPI=1 cargo test -p mailkey-local openapi` writes the file.
#[test]
fn the_file_that_is_served_is_what_the_functions_say() {
    let made = document(&operations());
    if crate::environment("UPDATE_OPENAPI").is_some() {
        fs::write(FILE, format!("{made:#}\n")).unwrap();
    }
    let served: Value = serde_json::from_str(&fs::read_to_string(Path::new(FILE)).unwrap()).unwrap();
    assert!(made == served, "openapi.json is not up to date: UPDATE_OPENAPI=1 cargo test -p mailkey-local openapi");
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
fn the_names_of_the_operations_differ() {
    let names: BTreeSet<_> = operations().iter().map(|operation| operation.name).collect();
    assert_eq!(names.len(), operations().len());
}

/// But for `method-not-allowed`, which answers what is no operation.
#[test]
fn every_problem_is_the_answer_of_some_operation() {
    let operations = operations();
    let told = |kind: &&ProblemType| operations.iter().any(|operation| operation.problems().contains(*kind));
    let untold: Vec<_> = ProblemType::ALL.iter().filter(|kind| !told(kind)).collect();
    assert_eq!(untold, [&ProblemType::MethodNotAllowed]);
}
