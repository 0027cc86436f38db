//! Every administrator route, called with every role. OWASP ASVS 5.0, 8.2 and 8.3.

use mailkey_tests::{Answer, Mailkey, Setup};
use reqwest::Method;
use serde_json::json;

use crate::{
    admin::{ADMIN, ADMIN_PASSWORD, an_administrator, staff},
    template::routes,
};

/// The role that each administrator route requires. A route that isn't listed fails the test.
const ROUTES: [(&str, &str, &str); 33] = [
    ("GET", "/api/admin/users", "support"),
    ("POST", "/api/admin/users", "admin"),
    ("POST", "/api/admin/users/import", "admin"),
    ("GET", "/api/admin/users/{id}", "support"),
    ("PATCH", "/api/admin/users/{id}", "admin"),
    ("POST", "/api/admin/users/{id}/reset-password", "support"),
    ("POST", "/api/admin/users/{id}/require-new-password", "support"),
    ("POST", "/api/admin/users/{id}/resend-activation", "support"),
    ("POST", "/api/admin/users/{id}/unlock", "support"),
    ("DELETE", "/api/admin/users/{id}/sessions", "admin"),
    ("DELETE", "/api/admin/users/{id}/second-factor", "admin"),
    ("GET", "/api/admin/email-log", "support"),
    ("GET", "/api/admin/email-log/export", "admin"),
    ("GET", "/api/admin/audit-log/export", "admin"),
    ("GET", "/api/admin/email-statistics", "support"),
    ("GET", "/api/admin/email-log/{id}", "support"),
    ("POST", "/api/admin/email-log/{id}/resend", "support"),
    ("GET", "/api/admin/security-settings", "admin"),
    ("PUT", "/api/admin/security-settings", "admin"),
    ("GET", "/api/admin/audit-log", "admin"),
    ("GET", "/api/admin/api-keys", "admin"),
    ("POST", "/api/admin/api-keys", "admin"),
    ("DELETE", "/api/admin/api-keys/{id}", "admin"),
    ("POST", "/api/admin/erasures", "admin"),
    ("GET", "/api/admin/erasures/{id}", "admin"),
    ("POST", "/api/admin/exports", "admin"),
    ("GET", "/api/admin/diagnosis", "support"),
    ("GET", "/api/admin/sender", "support"),
    ("GET", "/api/admin/suppressions", "support"),
    ("GET", "/api/admin/suppressions/{address}", "support"),
    ("PUT", "/api/admin/suppressions/{address}", "admin"),
    ("DELETE", "/api/admin/suppressions/{address}", "admin"),
    ("POST", "/api/admin/suppressions/{address}/remove-and-resend", "admin"),
];

async fn call(mailkey: &Mailkey, method: &str, path: &str, session: Option<&str>) -> Answer {
    let path = path.replace("{id}", "01ARZ3NDEKTSV4RRFFQ69G5FAV").replace("{address}", "nobody@example.com");
    let mut request = mailkey.request(method.parse::<Method>().unwrap(), &path);
    if matches!(method, "POST" | "PUT" | "PATCH") {
        request = request.json(&json!({}));
    }
    if let Some(session) = session {
        request = request.bearer_auth(session);
    }
    mailkey.send(request).await
}

#[tokio::test]
async fn every_administrator_route_requires_its_role() {
    let mailkey = Setup::new().env("MAILKEY_ADMIN_PASSWORD", ADMIN_PASSWORD).start().await;
    let admin = mailkey.signed_in(ADMIN, ADMIN_PASSWORD).await;
    let support = staff(&mailkey, &admin, "sue@example.com", "support").await;
    let member = staff(&mailkey, &admin, "max@example.com", "member").await;
    let ended = mailkey.signed_in(ADMIN, ADMIN_PASSWORD).await;
    mailkey.sign_out(&ended).await.expect_status(204);

    let of_template: Vec<_> = routes().into_iter().filter(|(_, path)| path.starts_with("/api/admin/")).collect();
    eprintln!("{:<7} {:<45} {:>6} {:>6} {:>7} {:>8} {:>6}", "", "", "nobody", "ended", "member", "support", "admin");
    for (method, path) in of_template {
        let known = ROUTES.iter().find(|(m, p, _)| *m == method && *p == path);
        let (.., least) = known.unwrap_or_else(|| {
            panic!("{method} {path} is missing in this test's table: add the role that it requires")
        });
        let mut row = Vec::new();
        for session in [None, Some(&ended), Some(&member), Some(&support), Some(&admin)] {
            row.push(call(&mailkey, &method, &path, session.map(String::as_str)).await.status);
        }
        eprintln!("{method:<7} {path:<45} {:>6} {:>6} {:>7} {:>8} {:>6}", row[0], row[1], row[2], row[3], row[4]);
        assert_eq!(row[..3], [401, 401, 403], "{method} {path}");
        assert_eq!(row[3] == 403, *least == "admin", "{method} {path} as support: {}", row[3]);
        assert!(![401, 403].contains(&row[4]), "{method} {path} as admin: {}", row[4]);
    }
}

#[tokio::test]
async fn a_removed_role_and_a_deactivated_user_take_effect_at_the_next_request() {
    let (mailkey, admin) = an_administrator().await;
    let support = staff(&mailkey, &admin, "sue@example.com", "support").await;
    let sue = crate::admin::id_of(&mailkey, &admin, "sue@example.com").await;
    call(&mailkey, "GET", "/api/admin/users", Some(&support)).await.expect_status(200);
    crate::admin::patch(&mailkey, &admin, &sue, json!({ "role": "member" })).await.expect_status(200);
    call(&mailkey, "GET", "/api/admin/users", Some(&support)).await.expect_problem("admin-required");
    crate::admin::patch(&mailkey, &admin, &sue, json!({ "status": "inactive" })).await.expect_status(200);
    call(&mailkey, "GET", "/api/admin/users", Some(&support)).await.expect_problem("sign-in-required");
    mailkey.session(&support).await.expect_problem("sign-in-required");
}

#[tokio::test]
async fn no_one_can_act_on_a_higher_role_or_deactivate_themselves() {
    let (mailkey, admin) = an_administrator().await;
    let support = staff(&mailkey, &admin, "sue@example.com", "support").await;
    let own = crate::admin::id_of(&mailkey, &admin, ADMIN).await;
    for action in ["reset-password", "unlock"] {
        let path = format!("/api/admin/users/{own}/{action}");
        call(&mailkey, "POST", &path, Some(&support)).await.expect_problem("not-allowed");
    }
    call(&mailkey, "POST", &format!("/api/admin/users/{own}/unlock"), Some(&admin)).await.expect_problem("not-allowed");
    for change in [json!({ "status": "inactive" }), json!({ "role": "member" })] {
        crate::admin::patch(&mailkey, &admin, &own, change).await.expect_problem("not-allowed");
    }
}
