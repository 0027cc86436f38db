//! Runs the function on AWS Lambda.

use std::sync::Arc;

use mailkey_diagnose::{Diagnose, dns::SystemResolver, routes};
use mailkey_lambda::{Api, Error, env, start};
use mailkey_ses::{SesAccount, SesSuppressionList};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let start = start()?;
    let (portal, mail, ses) = (env::portal()?, env::mail()?, start.ses());
    let function = Arc::new(Diagnose {
        app: start.app()?,
        ses_list: SesSuppressionList::new(ses.clone()),
        sender: SesAccount::new(ses, &mail),
        resolver: Arc::new(SystemResolver::new()?),
        site_url: portal.site_url.clone(),
        watched_topic: env::optional("MAILKEY_WATCHED_TOPIC"),
        watched: env::watch()?.senders,
    });
    let api = Api::new(routes(Arc::clone(&function)), &start, &portal).await?;
    // Whatever the event is, it only looks and stores what it saw: usually it is the schedule's.
    api.serve_with(move |_| {
        let function = Arc::clone(&function);
        async move { Ok(function.watch().await.map(|()| Value::Null)?) }
    })
    .await
}
