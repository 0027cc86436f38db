//! Monitoring: each alarm links to its page, and CloudFront's headers match the service's.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use mailkey_tests::Mailkey;
use serde_yaml_ng::Value;

use crate::template::{plain, root, template};

#[test]
fn alarms_and_their_pages_match() {
    let template = template();
    let composite = of_type(&template, "AWS::CloudWatch::CompositeAlarm");
    let parts: String = composite.iter().map(|(_, properties)| plain(&properties["AlarmRule"])).collect();
    let mut alarms = of_type(&template, "AWS::CloudWatch::Alarm");
    alarms.retain(|(name, _)| !parts.contains(&format!("ALARM(\"${{{name}}}\")")));
    alarms.extend(composite);
    let mut linked = BTreeSet::new();
    for (name, properties) in &alarms {
        let description = plain(&properties["AlarmDescription"]);
        let (_, page) = description.split_once("https://${SiteHost}/operators/alarms/").expect(name);
        linked.insert(page.trim_end_matches('/').to_owned());
        assert!(properties["AlarmActions"].is_sequence(), "{name} notifies no one");
        let own_name = format!("${{AWS::StackName}}-{}", page.trim_end_matches('/'));
        assert_eq!(plain(&properties["AlarmName"]), own_name, "{name}");
    }
    assert_eq!(linked.len(), alarms.len(), "two alarms share a page");
    let pages = fs::read_dir(root().join("docs-site/content/operators/alarms")).unwrap();
    let pages = pages.map(|page| page.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned());
    assert_eq!(linked, pages.filter(|page| page != "index").collect());
}

/// An alarm on one of our metrics uses a metric that exists, with the dimensions that it is published in.
#[test]
fn every_alarm_watches_an_existing_metric() {
    for (name, properties) in of_type(&template(), "AWS::CloudWatch::Alarm") {
        if properties["Namespace"] == "Mailkey" {
            let metric = mailkey::metrics::metric(plain(&properties["MetricName"])).expect(&name);
            let dimensions = properties["Dimensions"].as_sequence().expect(&name);
            let dimensions: Vec<_> = dimensions.iter().map(|one| plain(&one["Name"]).to_lowercase()).collect();
            let published: Vec<_> = ["stack"].iter().chain(metric.by).map(|one| (*one).to_owned()).collect();
            assert_eq!(dimensions, published, "{name}");
        }
    }
}

/// CloudFront adds the same headers to pages that the service adds to responses.
#[tokio::test]
async fn pages_carry_the_headers_of_the_edge() {
    let template = template();
    let config = &template["Resources"]["SiteHeaders"]["Properties"]["ResponseHeadersPolicyConfig"];
    let security = &config["SecurityHeadersConfig"];
    let transport = &security["StrictTransportSecurity"];
    assert_eq!(transport["IncludeSubdomains"], true);
    assert_eq!(security["ContentTypeOptions"]["Override"], true);
    let max_age = transport["AccessControlMaxAgeSec"].as_u64().unwrap();
    let mut added = BTreeMap::from([
        ("strict-transport-security".to_owned(), format!("max-age={max_age}; includeSubDomains")),
        ("x-content-type-options".to_owned(), "nosniff".to_owned()),
    ]);
    for (name, value) in [
        ("referrer-policy", &security["ReferrerPolicy"]["ReferrerPolicy"]),
        ("x-frame-options", &security["FrameOptions"]["FrameOption"]),
        ("content-security-policy", &security["ContentSecurityPolicy"]["ContentSecurityPolicy"]),
    ] {
        added.insert(name.to_owned(), plain(value).to_owned());
    }
    for header in config["CustomHeadersConfig"]["Items"].as_sequence().unwrap() {
        added.insert(plain(&header["Header"]).to_owned(), plain(&header["Value"]).to_owned());
    }
    let mailkey = Mailkey::start().await;
    let page = mailkey.get("/forgot-password/").await.expect_status(200);
    // These depend on the page or the request.
    let of_pages =
        ["content-type", "content-length", "content-language", "vary", "cache-control", "date", "etag", "x-request-id"];
    let served = page.headers.iter().filter(|(name, _)| !of_pages.contains(&name.as_str()));
    let served = served.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    assert_eq!(added, served);
}

/// Failed records go to a queue, and every queue keeps its messages for 14 days.
#[test]
fn failed_records_are_kept_for_fourteen_days() {
    let template = template();
    for (name, properties) in of_type(&template, "AWS::Lambda::EventSourceMapping") {
        assert_eq!(plain(&properties["FunctionResponseTypes"][0]), "ReportBatchItemFailures", "{name}");
        if properties["StartingPosition"].is_string() {
            assert_eq!(properties["BisectBatchOnFunctionError"], true, "{name}");
            // Records are retried until they are too old, however many attempts that takes.
            assert_eq!(properties["MaximumRetryAttempts"], -1, "{name}");
            assert!(properties["MaximumRecordAgeInSeconds"].is_u64(), "{name}");
            let queue = plain(&properties["DestinationConfig"]["OnFailure"]["Destination"]);
            assert!(queue.starts_with("Unhandled"), "{name}: {queue}");
        }
    }
    for (name, properties) in of_type(&template, "AWS::SQS::Queue") {
        assert_eq!(properties["MessageRetentionPeriod"], 14 * 24 * 3600, "{name}");
        assert!(name.starts_with("Unhandled") || properties["RedrivePolicy"].is_mapping(), "{name}");
    }
}

fn of_type<'a>(template: &'a Value, kind: &str) -> Vec<(String, &'a Value)> {
    let resources = template["Resources"].as_mapping().unwrap().iter();
    let wanted = resources.filter(|(_, resource)| resource["Type"] == kind);
    let named: Vec<_> = wanted.map(|(name, resource)| (plain(name).to_owned(), &resource["Properties"])).collect();
    assert!(!named.is_empty(), "there is no {kind}");
    named
}
