//! Monitoring: each alarm links to its page, and CloudFront's headers match the service's.

use std::{collections::BTreeSet, fs};

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
#[test]
fn pages_carry_the_headers_of_the_edge() {
    let edge = fs::read_to_string(root().join("functions/common/api/src/http/edge.rs")).unwrap();
    let (_, list) = edge.split_once("const HEADERS").unwrap();
    let list = list.split("];").next().unwrap();
    let quoted: Vec<_> = list.split('"').skip(1).step_by(2).collect();
    let template = template();
    let config = &template["Resources"]["SiteHeaders"]["Properties"]["ResponseHeadersPolicyConfig"];
    let security = &config["SecurityHeadersConfig"];
    let mut found = BTreeSet::new();
    let transport = &security["StrictTransportSecurity"];
    found.insert((
        "strict-transport-security".to_owned(),
        format!("max-age={}; includeSubDomains", transport["AccessControlMaxAgeSec"].as_u64().unwrap()),
    ));
    assert_eq!(transport["IncludeSubdomains"], true);
    assert_eq!(security["ContentTypeOptions"]["Override"], true);
    found.insert(("x-content-type-options".to_owned(), "nosniff".to_owned()));
    found.insert(("referrer-policy".to_owned(), plain(&security["ReferrerPolicy"]["ReferrerPolicy"]).to_owned()));
    found.insert(("x-frame-options".to_owned(), plain(&security["FrameOptions"]["FrameOption"]).to_owned()));
    for header in config["CustomHeadersConfig"]["Items"].as_sequence().unwrap() {
        found.insert((plain(&header["Header"]).to_owned(), plain(&header["Value"]).to_owned()));
    }
    let expected = quoted.chunks(2).map(|pair| (pair[0].to_owned(), pair[1].to_owned())).collect();
    assert_eq!(found, expected);
    let policy = plain(&security["ContentSecurityPolicy"]["ContentSecurityPolicy"]);
    let (_, page_policy) = edge.split_once("PAGE_POLICY: &str = \"").unwrap();
    let page_policy = page_policy.split("\";").next().unwrap();
    let words = |text: &str| text.replace("\\\n", " ").split_whitespace().map(ToOwned::to_owned).collect::<Vec<_>>();
    assert_eq!(words(policy), words(page_policy));
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
