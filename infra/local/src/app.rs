//! Assembles the functions' routers on one port, as the template does behind one API.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use aws_sdk_sesv2::config::{BehaviorVersion, Region, retry::RetryConfig, timeout::TimeoutConfig};
use axum::{
    Router,
    extract::{ConnectInfo, Request},
    middleware::{self, Next},
};
use jiff::SignedDuration;
use mailkey::{
    config::{EmailConfig, KeyRing, PortalConfig},
    device::DeviceKeys,
    erasure::Pseudonyms,
    paging::CursorKey,
    recovery::RequestKeyring,
    watched::Watch,
};
use mailkey_admin_reset::AdminReset;
use mailkey_api::{
    App, SecondFactorKey,
    http::{ClientIp, EdgeConfig, method_not_allowed, with_edge},
    password::{BreachedPasswords, Hasher, PasswordPolicy},
};
use mailkey_bounce_consumer::{BounceConsumer, Route, WatchedEvents};
use mailkey_diagnose::Diagnose;
use mailkey_docs_site::Site;
use mailkey_email_log::EmailLog;
use mailkey_erasures::Erasures;
use mailkey_forgot_password::ForgotPassword;
use mailkey_mailer::{Mailer, emails::Portal};
use mailkey_redeem_token::RedeemToken;
use mailkey_ses::{SEND_TIMEOUT, Sender, SesAccount, SesSuppressionList};
use mailkey_sessions::Sessions;
use mailkey_settings::Settings;
use mailkey_sign_in::SignIn;
use mailkey_suppressions::Suppressions;
use mailkey_unlock::Unlock;
use mailkey_users::Users;

use crate::{
    calls::{self, CallBook},
    canary,
    dns::{self, LocalDns},
    domain_events::{self, LocalEventBus},
    event_queue::{self, EventQueue},
    gallery,
    local_routes::{self, Inside},
    operator,
    overload::{self, Overload},
    sender_check,
    ses::{self, LocalSes},
    site,
};

/// Release the memory for hashing after it was idle for this long.
const UNUSED: Duration = Duration::from_millis(500);

/// What the functions share in this process.
pub struct Parts {
    /// The tables, the clock and the random source.
    pub app: App,
    /// SES.
    pub ses: LocalSes,
    /// Holds SES events until the consumer accepts them.
    pub events: EventQueue,
    /// The domain events that AWS would publish.
    pub event_bus: LocalEventBus,
    /// Answers DNS lookups from a fixed zone.
    pub dns: LocalDns,
    /// Name, address and support contact of the portal.
    pub portal: PortalConfig,
    /// The sender address and configuration sets.
    pub mail: EmailConfig,
    /// Whose email is logged although Mailkey doesn't send it.
    pub watch: Watch,
    /// The pages of the support site, in memory.
    pub site: Site,
    /// Hides addresses in the keys of email requests.
    pub request_key: KeyRing,
    /// The list of stolen passwords, if it's used.
    pub breached: Option<BreachedPasswords>,
    /// Signs the cursors of lists.
    pub cursor_key: KeyRing,
    /// Signs device tokens.
    pub device_key: KeyRing,
    /// Encrypts second factors.
    pub second_factor_key: KeyRing,
    /// Computes the pseudonyms of addresses.
    pub erasure_key: KeyRing,
    /// Repeated requests for one address within this time collapse into one.
    pub request_bucket: SignedDuration,
    /// Overrides the link lifetime of the security settings.
    pub link_lifetime: Option<SignedDuration>,
    /// Sheds requests above the limit.
    pub overload: Overload,
    /// State that the `/_local/` routes read and change.
    pub inside: Inside,
}

/// Builds the mailer from the shared parts.
pub fn mailer(parts: &Parts) -> Mailer {
    Mailer {
        app: parts.app.clone(),
        site_wide_limit: parts.app.db.site_wide_limit(),
        lock_notice_limit: parts.app.db.lock_notice_limit(),
        sender: Sender::new(ses_client(&parts.ses), &parts.mail, &parts.portal),
        portal: Portal::from(parts.portal.clone()),
        link_lifetime: parts.link_lifetime,
    }
}

/// Builds the consumer of SES events from the shared parts.
pub fn bounce_consumer(parts: &Parts) -> BounceConsumer {
    let ses_list = SesSuppressionList::new(ses_client(&parts.ses));
    let watched = WatchedEvents::new(parts.watch.clone(), Route::BySender);
    BounceConsumer { app: parts.app.clone(), ses_list, mail: parts.mail.clone(), watched }
}

/// Builds the function that erases and exports what is stored about a person.
pub fn erasures(parts: &Parts) -> Erasures {
    Erasures { app: parts.app.clone(), pseudonyms: Pseudonyms::new(parts.erasure_key.clone()) }
}

/// Combines the functions' routers, the support site and the local routes behind the same edge checks.
pub fn router(mut parts: Parts, mailer: Arc<Mailer>, consumer: Arc<BounceConsumer>, origins: Vec<String>) -> Router {
    let policy = Arc::new(PasswordPolicy::new(&parts.portal.name, parts.breached.take()));
    let app = &parts.app;
    let hasher = Arc::new(Hasher::new(Arc::clone(&app.entropy)));
    tokio::spawn(give_memory_back(Arc::clone(&hasher)));
    let edge = EdgeConfig {
        site_url: parts.portal.site_url.clone(),
        origins,
        clock: Arc::clone(&app.clock),
        entropy: Arc::clone(&app.entropy),
    };
    let keyring = RequestKeyring::new(parts.request_key.clone(), parts.request_bucket);
    let forgot_password = ForgotPassword { app: app.clone(), keyring };
    let device_keys = DeviceKeys::new(parts.device_key.clone());
    let redeem_token = RedeemToken {
        app: app.clone(),
        hasher: Arc::clone(&hasher),
        policy: Arc::clone(&policy),
        device_keys: device_keys.clone(),
    };
    let sign_in = SignIn {
        app: app.clone(),
        hasher,
        policy,
        second_factor_key: SecondFactorKey::new(parts.second_factor_key.clone()),
        device_keys,
    };
    let diagnose = Arc::new(diagnose(&parts));
    let watched = parts.watch.senders.clone();
    let users = Arc::new(Users { app: app.clone(), cursors: CursorKey::new(parts.cursor_key.clone()), watched });
    let admin = admin_routes(&parts, Arc::clone(&users), Arc::clone(&diagnose));
    let inside = ses::local_routes(parts.ses.clone())
        .merge(ses::portal_routes(&parts.ses))
        .merge(local_routes::routes(parts.inside.clone()))
        .merge(event_queue::routes(consumer, parts.events.clone()))
        .merge(canary::routes(mailer))
        .merge(sender_check::routes(diagnose))
        .merge(dns::routes(parts.dns.clone()))
        .merge(domain_events::routes(parts.event_bus.clone()))
        .merge(operator::routes(users))
        .merge(gallery::routes(Portal::from(parts.portal.clone())));
    let routes = mailkey_forgot_password::routes(Arc::new(forgot_password))
        .merge(mailkey_redeem_token::routes(Arc::new(redeem_token)))
        .merge(mailkey_sign_in::routes(Arc::new(sign_in)))
        .merge(mailkey_sessions::routes(Arc::new(Sessions { app: app.clone() })))
        .merge(admin)
        .method_not_allowed_fallback(method_not_allowed)
        .merge(local_routes::for_this_machine_only(inside))
        .fallback_service(axum::routing::any(site::serve).with_state(Arc::new(parts.site)));
    let book = parts.inside.calls.clone();
    let routes = routes.layer(middleware::from_fn_with_state(parts.overload, overload::shed));
    with_edge(routes, edge).layer(middleware::from_fn(move |request, next| count(book.clone(), request, next)))
}

/// The routers of the functions behind `/api/admin/`.
fn admin_routes(parts: &Parts, users: Arc<Users>, diagnose: Arc<Diagnose>) -> Router {
    let app = || parts.app.clone();
    let cursors = || CursorKey::new(parts.cursor_key.clone());
    let pseudonyms = || Pseudonyms::new(parts.erasure_key.clone());
    let ses_list = || SesSuppressionList::new(ses_client(&parts.ses));
    let watched = || parts.watch.senders.clone();
    mailkey_users::routes(users)
        .merge(mailkey_admin_reset::routes(Arc::new(AdminReset { app: app() })))
        .merge(mailkey_unlock::routes(Arc::new(Unlock { app: app() })))
        .merge(mailkey_erasures::routes(Arc::new(erasures(parts))))
        .merge(mailkey_email_log::routes(Arc::new(EmailLog { app: app(), cursors: cursors(), watched: watched() })))
        .merge(mailkey_settings::routes(Arc::new(Settings {
            app: app(),
            cursors: cursors(),
            pseudonyms: pseudonyms(),
        })))
        .merge(mailkey_suppressions::routes(Arc::new(Suppressions {
            app: app(),
            cursors: cursors(),
            pseudonyms: pseudonyms(),
            ses_list: ses_list(),
        })))
        .merge(mailkey_diagnose::routes(diagnose))
}

fn diagnose(parts: &Parts) -> Diagnose {
    Diagnose {
        app: parts.app.clone(),
        ses_list: SesSuppressionList::new(ses_client(&parts.ses)),
        sender: SesAccount::new(ses_client(&parts.ses), &parts.mail),
        resolver: Arc::new(parts.dns.clone()),
        site_url: parts.portal.site_url.clone(),
        watched_topic: None,
        watched: parts.watch.senders.clone(),
    }
}

async fn give_memory_back(hasher: Arc<Hasher>) {
    loop {
        tokio::time::sleep(UNUSED).await;
        hasher.give_back_unused();
    }
}

/// Passes the caller's address to the functions and records the calls a request made under its request id.
async fn count(book: CallBook, mut request: Request, next: Next) -> axum::response::Response {
    if let Some(ConnectInfo(from)) = request.extensions().get::<ConnectInfo<SocketAddr>>().copied() {
        request.extensions_mut().insert(ClientIp(from.ip()));
    }
    let (answer, calls) = calls::counting(next.run(request)).await;
    let request_id = answer.headers().get("x-request-id").and_then(|id| id.to_str().ok());
    if let Some(request_id) = request_id.filter(|_| !calls.is_empty()) {
        book.keep(request_id.to_owned(), calls);
    }
    answer
}

/// An SDK client of the local SES, configured as on AWS: without retries, with time for a slow answer.
pub fn ses_client(ses: &LocalSes) -> aws_sdk_sesv2::Client {
    let config = aws_sdk_sesv2::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(ses::REGION))
        .endpoint_url("http://ses.local")
        .allow_no_auth()
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::builder().operation_timeout(SEND_TIMEOUT).build())
        .http_client(ses::connector(ses::endpoint(ses.clone())));
    aws_sdk_sesv2::Client::from_conf(config.build())
}
