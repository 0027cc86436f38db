//! Compares the template with the running service: the same routes, and no unused permissions. Forbidden permissions
//! are listed here.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use mailkey_api::problem::ProblemType;
use mailkey_tests::{ALICE, IVAN, Mailkey, NEW_PASSWORD, PASSWORD, PETRA, PROBLEMS, STRANGER};
use reqwest::Method;
use serde_yaml_ng::Value;

#[tokio::test]
async fn the_running_service_serves_exactly_the_routes_of_the_template() {
    let mailkey = Mailkey::start().await;
    let routes = routes();
    assert!(routes.len() >= 6, "{routes:?}");
    for (method, path) in &routes {
        let answer = mailkey.send(mailkey.request(method.parse().unwrap(), path)).await;
        assert!(!matches!(answer.status, 404 | 405), "{method} {path}: {}", answer.status);
        for other in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            if !routes.contains(&(other.to_string(), path.clone())) {
                let answer = mailkey.send(mailkey.request(other.clone(), path)).await;
                assert_eq!(answer.status, 405, "{other} {path}");
            }
        }
    }
}

#[test]
fn the_template_and_the_routers_have_the_same_routes() {
    let mut of_routers = BTreeSet::new();
    for function in functions().values() {
        let source =
            std::fs::read_to_string(root().join("functions").join(&function.binary).join("src/lib.rs")).unwrap();
        for route in source.split(".route(\"").skip(1) {
            let (path, behind) = route.split_once('"').unwrap();
            let handlers = behind.split(".route(").next().unwrap().split('\n').next().unwrap();
            for method in ["get", "post", "put", "patch", "delete"] {
                if handlers.contains(&format!("{method}(")) {
                    of_routers.insert((method.to_uppercase(), path.to_owned()));
                }
            }
        }
    }
    assert_eq!(of_routers, routes());
}

#[test]
fn every_function_of_the_template_is_a_binary_and_every_binary_is_deployed() {
    for (name, function) in functions() {
        let folder = root().join("functions").join(&function.binary);
        let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
        assert!(manifest.contains(&format!("name = \"{}\"", function.binary)), "{name}: {}", folder.display());
        assert!(folder.join("src/main.rs").is_file(), "{name}");
    }
    let folders = std::fs::read_dir(root().join("functions")).unwrap().map(|entry| entry.unwrap());
    let folders = folders.filter(|entry| entry.path().join("src/main.rs").is_file());
    let folders: BTreeSet<_> = folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
    let binaries = functions().into_values().map(|function| function.binary).collect();
    assert_eq!(folders, binaries, "functions in the workspace and in the template");
}

/// The endpoint that is open to strangers can only store their requests.
#[test]
fn forgot_password_may_only_put_email_requests() {
    let function = &functions()["ForgotPasswordFunction"];
    let keys = ["EdgeKey", "RequestKey"].map(|key| grant("secretsmanager:GetSecretValue", key));
    let stores = grant("dynamodb:PutItem", "EmailRequests");
    assert_eq!(function.grants, keys.into_iter().chain([stores]).collect());
}

#[test]
fn the_mailer_cannot_write_users_or_read_password_hashes() {
    let mailer = &functions()["MailerFunction"];
    let on_users: Vec<_> = mailer.grants.iter().filter(|(_, resource)| resource == "Users").collect();
    assert_eq!(on_users, [&grant("dynamodb:GetItem", "Users")]);
    assert!(mailer.condition_on("Users").contains("dynamodb:Attributes"));
    assert!(!mailer.condition_on("Users").contains("password_hash"));
    assert!(mailer.condition_on("Users").contains("SPECIFIC_ATTRIBUTES"));
}

/// SES's events change emails and addresses, but never users.
#[test]
fn the_bounce_consumer_has_no_access_to_users_or_tokens() {
    let consumer = &functions()["BounceConsumerFunction"];
    let reached: BTreeSet<_> = consumer.grants.iter().map(|(_, resource)| resource.as_str()).collect();
    let indexes = ["${EmailLog.Arn}/index/by_recipient"];
    let queues = ["SesEventsQueue", "WatchedEventsQueue"];
    let tables = ["*", "EmailCounts", "EmailLog", "SecuritySettings", "SenderState", "SesEvents", "Suppressions"];
    assert_eq!(reached, indexes.into_iter().chain(queues).chain(tables).collect());
}

/// A diagnosis writes only what authentication records.
#[test]
fn a_diagnosis_only_reads() {
    for (action, resource) in &functions()["DiagnoseFunction"].grants {
        let verb = action.split(':').next_back().unwrap();
        let reads = ["Get", "BatchGet", "List", "Query"].iter().any(|read| verb.starts_with(read));
        // The scheduled check stores what SES says about the sender.
        assert!(
            reads || matches!(resource.as_str(), "ApiKeys" | "AuditLog" | "SenderState" | "Sessions"),
            "{action} on {resource}"
        );
    }
}

/// Actions that can't be limited to a resource smaller than the account.
const OF_THE_ACCOUNT: [&str; 5] = [
    "dynamodb:ListStreams",
    "ses:DeleteSuppressedDestination",
    "ses:GetAccount",
    "ses:GetSuppressedDestination",
    "ses:ListSuppressedDestinations",
];

#[test]
fn only_the_mailer_may_send_email_and_no_permission_is_broader_than_a_table() {
    for (name, function) in functions() {
        for (action, resource) in &function.grants {
            assert!(!action.contains('*'), "{name}: {action}");
            assert!(resource != "*" || OF_THE_ACCOUNT.contains(&action.as_str()), "{name}: {action}");
            assert!(action != "ses:SendEmail" || name == "MailerFunction", "{name}: {action}");
            for broad in ["Scan", "BatchWriteItem", "CreateTable", "DeleteTable", "UpdateTable"] {
                // Erasures find what is stored about a person in tables without an index by address.
                let is_erasure = broad == "Scan" && name == "ErasuresFunction";
                assert!(is_erasure || *action != format!("dynamodb:{broad}"), "{name}: {action}");
            }
        }
    }
}

/// Every call that a route makes is allowed by its function's policy, so each function can do the same on AWS.
#[tokio::test]
async fn every_policy_allows_the_calls_of_its_routes() {
    let mailkey = Mailkey::start().await;
    let token = mailkey.new_token(ALICE).await;
    let session = mailkey.signed_in(ALICE, PASSWORD).await;
    let mut seen = Vec::new();
    for address in [ALICE, STRANGER, IVAN, PETRA] {
        seen.push(("ForgotPasswordFunction", mailkey.forgot_password(address).await));
        seen.push(("SignInFunction", mailkey.sign_in(address, PASSWORD).await));
        seen.push(("SignInFunction", mailkey.sign_in(address, "a wrong password").await));
    }
    seen.push(("SignInFunction", mailkey.session(&session).await));
    seen.push(("SignInFunction", mailkey.sign_out(&session).await));
    seen.push(("RedeemTokenFunction", mailkey.redeem_token(&token, "weak").await));
    seen.push(("RedeemTokenFunction", mailkey.redeem_token(&token, NEW_PASSWORD).await));
    seen.push(("RedeemTokenFunction", mailkey.redeem_token(&token, NEW_PASSWORD).await));
    let functions = functions();
    for (function, answer) in seen {
        for call in mailkey.calls(answer.request_id()).await {
            // A transaction needs the permissions of all its parts, but only the first is recorded here.
            if call.operation != "TransactWriteItems" {
                let needed = grant(&format!("dynamodb:{}", call.operation), &call.table);
                assert!(functions[function].grants.contains(&needed), "{function} needs {needed:?}");
            }
        }
    }
}

/// A problem's `type` is the address of a page, and every page explains a problem that exists.
#[tokio::test]
async fn every_problem_has_its_page_and_every_page_its_problem() {
    let of_code: BTreeSet<_> = ProblemType::ALL.iter().map(|kind| kind.as_str()).collect();
    let of_contract: BTreeSet<_> = PROBLEMS.iter().map(|(code, ..)| *code).collect();
    assert_eq!(of_code, of_contract);

    let mailkey = Mailkey::start().await;
    let index = mailkey.get("/problems/").await.expect_status(200).text();
    let listed = index.split("href=\"/problems/").skip(1);
    let listed = listed.filter_map(|link| link.split('"').next()?.strip_suffix('/'));
    let listed: BTreeSet<_> = listed.collect();
    assert_eq!(listed, of_contract);
    for (code, _, title) in PROBLEMS {
        let page = mailkey.get(&format!("/problems/{code}/")).await.expect_status(200);
        assert!(page.text().contains(title), "{code}");
    }
}

/// The edge function that `docs-site/edge/cases.json` tests is the one that is deployed.
#[test]
fn the_distribution_calls_the_edge_function_for_pages() {
    let source = std::fs::read_to_string(root().join("docs-site/edge/choose-language.js")).unwrap();
    let template = template();
    let resources = &template["Resources"];
    assert_eq!(plain(&resources["SitePages"]["Properties"]["FunctionCode"]), source);
    let pages = &resources["Site"]["Properties"]["DistributionConfig"]["DefaultCacheBehavior"];
    let calls = list(&pages["FunctionAssociations"]).into_iter().map(|call| {
        assert_eq!(plain(&call["FunctionARN"]), "SitePages.FunctionMetadata.FunctionARN");
        plain(&call["EventType"])
    });
    assert_eq!(calls.collect::<BTreeSet<_>>(), BTreeSet::from(["viewer-request", "viewer-response"]));
}

/// In front of the routes' throttles, which all clients share, each address has its own limit.
#[test]
fn case_50_one_address_gets_less_than_the_throttle_of_each_public_route_and_by_default() {
    let parameters = &template()["Parameters"];
    let default = |name: &str| parameters[name]["Default"].as_f64().unwrap_or_else(|| panic!("{name} has no default"));
    let of_one_address = default("RequestsPerAddress") / 300.0;
    assert!(of_one_address > 0.0, "the rule must be on by default");
    for throttle in ["EmailRequestsPerSecond", "SignInsPerSecond"] {
        assert!(of_one_address * 10.0 < default(throttle), "{throttle}: ten addresses use it up");
    }
}

/// Lambda publishes a new version of a function only if its configuration changes, so every parameter that it uses must
/// be listed.
#[test]
fn a_changed_parameter_publishes_new_versions() {
    let template = template();
    assert_eq!(
        list(&template["Transform"])[0],
        "AWS::LanguageExtensions",
        "it resolves the parameters before SAM reads them"
    );
    let text = |value: &Value| serde_yaml_ng::to_string(value).unwrap();
    let named = |text: &str, name: &str| {
        text.contains(&format!("${{{name}}}")) || text.lines().any(|line| line.ends_with(&format!("!Ref {name}")))
    };
    let globals = text(&template["Globals"]["Function"]);
    let resources = template["Resources"].as_mapping().unwrap().values();
    let mut functions = resources.filter(|resource| resource["Type"] == "AWS::Serverless::Function").peekable();
    assert!(functions.peek().is_some());
    for function in functions {
        let mut variables = function["Properties"]["Environment"]["Variables"].clone();
        let listed = variables.as_mapping_mut().unwrap().remove("MAILKEY_PARAMETERS").expect("each function has it");
        let listed: Vec<_> = list(&listed["Fn::ToJsonString"]).into_iter().map(plain).collect();
        let read = format!("{globals}{}", text(&variables));
        for name in template["Parameters"].as_mapping().unwrap().keys().map(plain) {
            // These parameters only affect the alias and the role.
            if named(&read, name) && !["GradualDeployments", "PermissionsBoundary"].contains(&name) {
                assert!(listed.contains(&name), "{name} is not in MAILKEY_PARAMETERS");
            }
        }
    }
}

pub(crate) struct Function {
    pub(crate) binary: String,
    /// Each action with the table or other resource that it is allowed on.
    pub(crate) grants: BTreeSet<(String, String)>,
    statements: Vec<Value>,
}

impl Function {
    /// The conditions of all statements on a resource, as text.
    pub(crate) fn condition_on(&self, resource: &str) -> String {
        let about = |statement: &&Value| resources(statement).contains(&resource.to_owned());
        let conditions = self.statements.iter().filter(about).map(|statement| &statement["Condition"]);
        conditions.map(|condition| serde_yaml_ng::to_string(condition).unwrap()).collect()
    }
}

pub(crate) fn functions() -> BTreeMap<String, Function> {
    let template = template();
    let all = template["Resources"].as_mapping().unwrap().iter();
    all.filter(|(_, resource)| resource["Type"] == "AWS::Serverless::Function")
        .map(|(name, resource)| {
            let mut statements = Vec::new();
            for policy in list(&resource["Properties"]["Policies"]) {
                statements.extend(list(&policy["Statement"]).into_iter().cloned());
            }
            // SAM allows every role to write every log, so each policy denies all logs except its own.
            let logs = plain(&resource["Properties"]["LoggingConfig"]["LogGroup"]);
            let (denied, statements): (Vec<_>, Vec<_>) =
                statements.into_iter().partition(|statement| statement["Effect"] == "Deny");
            assert_eq!(denied.len(), 1, "{name:?}");
            assert_eq!(denied[0]["Action"], "logs:*", "{name:?}");
            let group =
                format!("arn:${{AWS::Partition}}:logs:${{AWS::Region}}:${{AWS::AccountId}}:log-group:${{{logs}}}");
            let own = list(&denied[0]["NotResource"]).into_iter().map(plain).collect::<Vec<_>>();
            assert_eq!(own, [group, format!("{logs}.Arn")], "{name:?}");
            assert!(statements.iter().all(|statement| statement["Effect"] == "Allow"));
            let grants = statements.iter().flat_map(|statement| {
                let actions = list(&statement["Action"]).into_iter().map(|action| plain(action).to_owned());
                let resources = resources(statement);
                actions.flat_map(move |action| {
                    let pairs: Vec<_> = resources.iter().map(|resource| (action.clone(), resource.clone())).collect();
                    pairs
                })
            });
            let function = Function {
                binary: plain(&resource["Metadata"]["BuildProperties"]["Binary"]).to_owned(),
                grants: grants.collect(),
                statements: statements.clone(),
            };
            (plain(name).to_owned(), function)
        })
        .collect()
}

/// Method and path of each route, except the catch-all route.
pub(crate) fn routes() -> BTreeSet<(String, String)> {
    let template = template();
    let resources = template["Resources"].as_mapping().unwrap().values();
    let events = resources.filter_map(|resource| resource["Properties"]["Events"].as_mapping());
    let events = events.flat_map(|events| events.values());
    events
        .filter(|event| event["Type"] == "HttpApi" && event["Properties"]["Path"].is_string())
        .map(|event| {
            let property = |name: &str| plain(&event["Properties"][name]).to_owned();
            (property("Method").to_uppercase(), property("Path"))
        })
        .collect()
}

/// A statement's resources: table names or patterns.
fn resources(statement: &Value) -> Vec<String> {
    let named = list(&statement["Resource"]).into_iter().flat_map(either).map(plain);
    named.map(|name| name.strip_suffix(".Arn").unwrap_or(name).to_owned()).collect()
}

/// The values of a conditional, or the value itself.
fn either(value: &Value) -> Vec<&Value> {
    match value {
        Value::Tagged(tagged) if tagged.tag == "If" => {
            let values = tagged.value.as_sequence().unwrap()[1..].iter();
            values.filter(|value| !matches!(value, Value::Tagged(one) if one.value == "AWS::NoValue")).collect()
        }
        one => vec![one],
    }
}

fn grant(action: &str, resource: &str) -> (String, String) {
    (action.to_owned(), resource.to_owned())
}

/// A value that may be a single item or a list.
fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Sequence(many) => many.iter().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    }
}

/// The text of a value, without CloudFormation's tag.
pub(crate) fn plain(value: &Value) -> &str {
    match value {
        Value::Tagged(tagged) => plain(&tagged.value),
        other => other.as_str().unwrap_or_else(|| panic!("not a text: {other:?}")),
    }
}

pub(crate) fn template() -> Value {
    serde_yaml_ng::from_str(&std::fs::read_to_string(root().join("infra/template.yaml")).unwrap()).unwrap()
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
