//! Three attackers at once for ten minutes of service time. Cases 33 to 35 together; ASVS 5.0, 6.1.1 and 6.3.8.

use std::{collections::BTreeMap, sync::Arc};

use mailkey_tests::{ALICE, Answer, GWEN, IVAN, MINUTE, Mailkey, NEW_PASSWORD, PASSWORD, PETRA, STRANGER};
use reqwest::Method;
use serde_json::json;
use tokio::task::JoinSet;

use crate::admin::{an_administrator, post};

const WRONG: &str = "this is not the password";

/// In these minutes the owner recovers the account in a browser that was never used before.
const RECOVERIES: [i64; 2] = [5, 8];

/// What the attackers have.
struct Attackers {
    mailkey: Arc<Mailkey>,
    /// The token of a device that is known to an account of their own.
    own_device: String,
    /// The key of a portal's back end that passes on the addresses of its clients.
    key: String,
}

impl Attackers {
    /// A minute of guesses: from new devices, from a device of their own, and through the portal. Every guess at the
    /// owner has its counterpart at an address without an account.
    async fn guess(&self, minute: i64) -> BTreeMap<&'static str, Vec<Answer>> {
        let mut guesses = JoinSet::new();
        for target in [ALICE, STRANGER] {
            for number in 0..12 {
                let mailkey = Arc::clone(&self.mailkey);
                guesses.spawn(async move { (target, mailkey.sign_in(target, WRONG).await) });
                if number % 3 == 0 {
                    let (mailkey, device) = (Arc::clone(&self.mailkey), self.own_device.clone());
                    guesses.spawn(async move { (target, mailkey.sign_in_on(Some(&device), target, WRONG).await) });
                    let (mailkey, key) = (Arc::clone(&self.mailkey), self.key.clone());
                    let ip = format!("203.0.113.{}", 20 + number + minute);
                    guesses.spawn(async move { (target, through_portal(&mailkey, &key, &ip, target, WRONG).await) });
                }
            }
        }
        let mut answers: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (target, answer) in guesses.join_all().await {
            answers.entry(target).or_default().push(answer);
        }
        answers
    }

    /// They also ask for links in everybody's name, and spray one password.
    async fn disturb(&self) {
        for address in [ALICE, STRANGER] {
            self.mailkey.forgot_password(address).await.expect_status(202);
        }
        for address in [IVAN, PETRA] {
            self.mailkey.sign_in(address, WRONG).await;
        }
    }
}

async fn through_portal(mailkey: &Mailkey, key: &str, ip: &str, address: &str, password: &str) -> Answer {
    let request = mailkey.request(Method::POST, "/api/sign-in").header("mailkey-viewer-ip", ip).bearer_auth(key);
    mailkey.send(request.json(&json!({ "email": address, "password": password }))).await
}

/// How often each response came: its status and its problem.
fn seen(answers: &[Answer]) -> BTreeMap<(u16, Option<String>), usize> {
    answers.iter().fold(BTreeMap::new(), |mut counts, answer| {
        *counts.entry((answer.status, answer.problem_code())).or_default() += 1;
        counts
    })
}

#[tokio::test]
async fn case_33_three_attackers_at_once_for_ten_minutes_cost_the_owner_a_recovery_per_new_browser_and_nothing_else() {
    let (mailkey, admin) = an_administrator().await;
    let body = json!({ "name": "portal", "role": "support", "routes": ["POST /api/sign-in"], "expires_in_days": 1 });
    let made = post(&mailkey, &admin, "/api/admin/api-keys", body).await.expect_status(201).json();
    let key = made["api_key"].as_str().unwrap().to_owned();
    let device_of = async |address: &str| mailkey.sign_in(address, PASSWORD).await.expect_status(200).device().unwrap();
    let (own_device, mut device) = (device_of(GWEN).await, device_of(ALICE).await);
    let mailkey = Arc::new(mailkey);
    let attackers = Attackers { mailkey: Arc::clone(&mailkey), own_device, key: key.clone() };
    let mut password = PASSWORD;
    for minute in 0..10 {
        let owner = async {
            // Case 33: a known device is never locked out, and neither is someone else behind the same portal.
            let answer = mailkey.sign_in_on(Some(&device), ALICE, password).await;
            assert_eq!(answer.status, 200, "minute {minute}: {}", answer.text());
            let answer = through_portal(&mailkey, &key, "198.51.100.7", GWEN, PASSWORD).await;
            assert_eq!(answer.status, 200, "minute {minute}: {}", answer.text());
        };
        let (answers, (), ()) = tokio::join!(attackers.guess(minute), attackers.disturb(), owner);
        let locked = answers[ALICE].iter().filter(|answer| answer.status == 423).count();
        assert!(answers[ALICE].iter().all(|answer| matches!(answer.status, 401 | 423)), "{:?}", seen(&answers[ALICE]));
        assert!(locked >= answers[ALICE].len() - 10, "at most ten guesses a minute are checked");
        // Case 35: the owner's sign-ins change nothing that the attackers see. A recovery clears the lock, so from then
        // on the two differ.
        if minute < RECOVERIES[0] {
            assert_eq!(seen(&answers[ALICE]), seen(&answers[STRANGER]), "minute {minute}");
        }
        if RECOVERIES.contains(&minute) {
            // Case 34: the attackers used up the limit of links, so a link that was sent still works.
            mailkey.sign_in(ALICE, password).await.expect_problem("account-locked");
            mailkey.forgot_password(ALICE).await.expect_status(202);
            mailkey.settled().await;
            let token = mailkey.outbox(ALICE).await.iter().find_map(mailkey_tests::Mail::token).unwrap();
            password = if password == PASSWORD { NEW_PASSWORD } else { PASSWORD };
            device = mailkey.redeem_token(&token, password).await.expect_status(204).device().unwrap();
            attackers.guess(minute).await;
            mailkey.sign_in_on(Some(&device), ALICE, password).await.expect_status(200);
        }
        mailkey.advance_clock(MINUTE).await;
    }
    mailkey.settled().await;
    let emails = mailkey.outbox(ALICE).await;
    let about = |text: &str| emails.iter().filter(|mail| mail.subject.contains(text)).count();
    assert_eq!(about("locked"), 1, "one lock notice a day");
    assert!(emails.len() <= 12, "{:?}", emails.iter().map(|mail| &mail.subject).collect::<Vec<_>>());
}
