//! Tests the suppression list.

use aws_sdk_sesv2::types::SuppressionListReason::{Bounce, Complaint};

use super::TestSes;
use crate::ses::{SuppressionList, SuppressionReason};

impl TestSes {
    async fn suppress(&self, address: &str) {
        let put = self.client.put_suppressed_destination().email_address(address).reason(Bounce);
        put.send().await.expect("put");
    }
}

#[tokio::test]
async fn an_entry_is_found_and_deleted_by_its_exact_spelling_only() {
    let test = TestSes::new();
    test.suppress("Ada+x@Example.com").await;
    let get = |address: &str| test.client.get_suppressed_destination().email_address(address).send();
    let found = get("Ada+x@Example.com").await.expect("found").suppressed_destination.expect("an entry");
    assert_eq!((found.email_address(), found.reason()), ("Ada+x@Example.com", &Bounce));
    assert_eq!(found.last_update_time().to_millis().expect("a time"), 1_772_359_200_250);
    let error = get("ada+x@example.com").await.expect_err("not found").into_service_error();
    assert!(error.is_not_found_exception(), "{error:?}");

    let delete = |address: &str| test.client.delete_suppressed_destination().email_address(address).send();
    let error = delete("ada+x@example.com").await.expect_err("not found").into_service_error();
    assert!(error.is_not_found_exception(), "{error:?}");
    delete("Ada+x@Example.com").await.expect("deleted");
    assert!(test.ses.suppressions().entries().is_empty());
}

#[tokio::test]
async fn an_email_to_any_spelling_of_a_suppressed_address_is_accepted_and_bounces() {
    let mut test = TestSes::new();
    test.suppress("Ada@Example.com").await;
    test.send("ada@example.COM").await.expect("accepted");
    let events = test.published();
    assert_eq!(events.len(), 2);
    assert_eq!(events[1]["bounce"]["bounceSubType"], "OnAccountSuppressionList");
}

#[tokio::test]
async fn simulator_addresses_cannot_be_suppressed() {
    let test = TestSes::new();
    let put = test.client.put_suppressed_destination().email_address("bounce@simulator.amazonses.com").reason(Bounce);
    let error = put.send().await.expect_err("refused").into_service_error();
    assert!(error.is_bad_request_exception(), "{error:?}");
}

#[tokio::test]
async fn the_list_is_paged_and_filtered_by_reason() {
    let test = TestSes::new();
    for address in ["c@example.com", "a@example.com", "b@example.com"] {
        test.suppress(address).await;
    }
    let mut pages = test.client.list_suppressed_destinations().into_paginator().page_size(2).send();
    let mut seen: Vec<Vec<String>> = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.expect("a page");
        seen.push(page.suppressed_destination_summaries().iter().map(|it| it.email_address().to_owned()).collect());
    }
    assert_eq!(seen, [vec!["a@example.com".to_owned(), "b@example.com".to_owned()], vec!["c@example.com".to_owned()]]);
    let complaints = test.client.list_suppressed_destinations().reasons(Complaint).send().await.expect("a list");
    assert!(complaints.suppressed_destination_summaries().is_empty());
}

#[tokio::test]
async fn the_list_survives_a_restart() {
    let folder = super::outbox::folder("suppressions");
    let file = folder.join("suppressions.json");
    let entry = || {
        let test = TestSes::new();
        crate::ses::SuppressedAddress {
            email_address: "a@example.com".to_owned(),
            reason: SuppressionReason::Complaint,
            last_update_time: test.clock.clock()(),
        }
    };
    SuppressionList::open(&file).expect("a list").put(entry()).expect("put");
    let again = SuppressionList::open(&file).expect("a list");
    assert!(again.get("a@example.com") == Some(entry()));
    assert!(again.delete("a@example.com").expect("deleted"));
    assert!(SuppressionList::open(&file).expect("a list").entries().is_empty());
    std::fs::remove_dir_all(folder).expect("removed");
}
