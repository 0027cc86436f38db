//! Counts the units of one recovery. It runs the functions in `mailkey-local`, which counts the units that DynamoDB
//! would charge.

use mailkey::token::LinkToken;
use mailkey_tests::{ALICE, Call, Mailkey, NEW_PASSWORD};
use serde_json::json;

/// The cost of one step of a recovery.
pub(crate) struct Step {
    pub(crate) what: &'static str,
    pub(crate) write_units: f64,
    pub(crate) read_units: f64,
    /// Write units to the month's partition of the email log.
    pub(crate) log_units: f64,
    pub(crate) calls: usize,
}

/// Requests a link, receives it, redeems it and receives the notice: each step with its SES events.
pub(crate) async fn count() -> Vec<Step> {
    let mailkey = Mailkey::start().await;
    calls(&mailkey).await;
    let mut steps = Vec::new();

    let answer = mailkey.forgot_password(ALICE).await.expect_status(202);
    let asked = mailkey.calls(answer.request_id()).await;
    let mail = mailkey.mail_number(1, ALICE).await;
    mailkey.settled().await;
    let mailed = without(calls(&mailkey).await, &asked);
    steps.push(step("forgot-password", &asked));
    steps.push(step("mailer and events: the link", &mailed));

    let token = mail.token().unwrap();
    let digest = LinkToken::parse(&token).unwrap().digest();
    let landing = json!({ "token_digest": digest.as_str(), "how": "person" });
    let answer = mailkey.post("/api/link-landings", &landing).await.expect_status(204);
    steps.push(step("the link is opened", &mailkey.calls(answer.request_id()).await));
    calls(&mailkey).await;

    let answer = mailkey.redeem_token(&token, NEW_PASSWORD).await.expect_status(204);
    let redeemed = mailkey.calls(answer.request_id()).await;
    mailkey.mail_number(2, ALICE).await;
    mailkey.settled().await;
    let noticed = without(calls(&mailkey).await, &redeemed);
    steps.push(step("redeem-token", &redeemed));
    steps.push(step("mailer and events: the notice", &noticed));
    steps
}

pub(crate) fn sum(steps: &[Step]) -> Step {
    Step {
        what: "total",
        write_units: steps.iter().map(|step| step.write_units).sum(),
        read_units: steps.iter().map(|step| step.read_units).sum(),
        log_units: steps.iter().map(|step| step.log_units).sum(),
        calls: steps.iter().map(|step| step.calls).sum(),
    }
}

/// All calls since the previous query, without the calls that the pump, in place of the stream, makes to find missed
/// items.
async fn calls(mailkey: &Mailkey) -> Vec<Call> {
    let answer = mailkey.get("/_local/calls.json").await.expect_status(200);
    let calls: Vec<Call> = serde_json::from_value(answer.json()).unwrap();
    let of_the_pump = ["Scan EmailRequests", "BatchGetItem EmailLog"];
    calls.into_iter().filter(|call| !of_the_pump.contains(&call.kind().as_str())).collect()
}

fn without(mut calls: Vec<Call>, these: &[Call]) -> Vec<Call> {
    for this in these {
        if let Some(place) = calls.iter().position(|call| call == this) {
            calls.remove(place);
        }
    }
    calls
}

fn step(what: &'static str, calls: &[Call]) -> Step {
    Step {
        what,
        write_units: calls.iter().map(|call| call.write_units).sum(),
        read_units: calls.iter().map(|call| call.read_units).sum(),
        // An empty sum of floats is minus zero.
        log_units: calls.iter().filter_map(|call| call.written.get("EmailLog")).sum::<f64>() + 0.0,
        calls: calls.len(),
    }
}
