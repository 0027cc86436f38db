//! Runs the function on AWS Lambda.

use std::sync::Arc;

use lambda_runtime::{LambdaEvent, service_fn};
use mailkey::{
    OsEntropy, SystemClock,
    account::UserStore,
    config::{MailConfig, PortalConfig},
    email_log::EmailLogStore,
    lambda,
    recovery::{AllowanceStore, Pace},
    sender::{Sender, SenderStateStore},
    settings::SettingsStore,
    suppression::SuppressionStore,
    token::TokenStore,
};
use mailkey_mailer::{Mailer, emails::Portal, is_schedule};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda::log_as_json();
    let portal = PortalConfig::from_env()?;
    let mail = MailConfig::from_env()?;
    let config = lambda::sdk_config()?;
    let database = lambda::database(&config)?;
    let mailer = Arc::new(Mailer {
        users: UserStore::new(database.clone()),
        suppressions: SuppressionStore::new(database.clone()),
        allowances: AllowanceStore::new(database.clone()),
        pace: Pace::new(database.clone()),
        tokens: TokenStore::new(database.clone()),
        log: EmailLogStore::new(database.clone()),
        settings: SettingsStore::new(database.clone()),
        sender_state: SenderStateStore::new(database),
        sender: Sender::new(lambda::ses(&config), &mail, &portal),
        portal: Portal { name: portal.name, site_url: portal.site_url, support_email: portal.support_email },
        link_lifetime: None,
        clock: Arc::new(SystemClock),
        entropy: Arc::new(OsEntropy),
    });
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| {
        let mailer = Arc::clone(&mailer);
        async move {
            if is_schedule(&event.payload) {
                let log_id = mailer.send_canary().await?;
                return Ok::<_, lambda_runtime::Error>(json!({ "email_log_id": log_id.to_string() }));
            }
            Ok(mailer.handle_event(&event.payload).await)
        }
    }))
    .await
}
