//! Starts the local service from its options and stops it.

use std::{
    fs::{self, File, Permissions},
    future::Future,
    net::SocketAddr,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
    sync::Arc,
    time::Duration,
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use mailkey::{
    Clock, EmailAddress, Entropy, OsEntropy, SharedClock,
    config::{Directory, EmailConfig, PortalConfig},
    diagnosis::Cause,
    watched::{InvalidWatch, Watch},
};
use mailkey_api::{App, password::BreachedPasswords};
use mailkey_docs_site::{LogoFile, SiteVariables};
use mailkey_dynamodb::Database;
use tokio::net::TcpListener;

use crate::{
    app::{self, Parts},
    branding::Branding,
    calls::CallBook,
    canary,
    clock::ShiftedClock,
    dns::LocalDns,
    domain_events::LocalEventBus,
    dynamodb::LocalDynamoDb,
    erasures,
    event_queue::EventQueue,
    local_routes::Inside,
    options::{Options, Switch},
    overload::Overload,
    people::{self, Person},
    pump,
    scenarios::{self, Stage},
    secrets::Secrets,
    ses::{LocalSes, Outbox, SuppressionList},
    tables,
};

/// How long requests in progress may take at shutdown.
const PATIENCE: Duration = Duration::from_secs(5);

/// The domain of the sender address.
const SENDING_DOMAIN: &str = "mail.example.com";

/// The name of the local portal.
pub(crate) const PORTAL_NAME: &str = "Example Portal";

/// The configuration set of all emails.
const CONFIGURATION_SET: &str = "recovery";

/// How often to delete expired items.
const SWEEP: Duration = Duration::from_secs(3600);

/// Why the service can't start, in one line.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StartError(String);

impl StartError {
    fn new(what: impl std::fmt::Display, why: impl std::fmt::Display) -> Self {
        Self(format!("{what}: {why}").replace(['\n', '\r'], " "))
    }
}

/// A service that is ready to accept requests.
pub struct Service {
    listener: TcpListener,
    router: axum::Router,
    /// The service's base URL.
    pub url: String,
    /// The start message for the terminal.
    pub greeting: String,
    /// Keeps a second process from using the same data.
    _lock: Option<File>,
}

/// Prepares the data folder, tables, first users, site and mailer.
pub async fn prepare(options: Options, progress: impl Fn(&str)) -> Result<Service, StartError> {
    let listener = TcpListener::bind(("127.0.0.1", options.port))
        .await
        .map_err(|e| StartError::new(format!("can't use port {}", options.port), format!("{e}; try --port")))?;
    // Before anything is written: a start that fails creates nobody.
    let admin_email =
        EmailAddress::parse(&options.admin_email).map_err(|e| StartError::new("MAILKEY_ADMIN_EMAIL", e))?;
    if let Some(password) = &options.admin_password {
        people::refuse_weak(password, &admin_email, PORTAL_NAME)
            .map_err(|e| StartError::new("MAILKEY_ADMIN_PASSWORD is not accepted", e))?;
    }
    let branding = match options.branding.as_deref().filter(|file| !file.as_os_str().is_empty()) {
        Some(file) => Branding::read(file).map_err(|e| StartError::new(format!("--branding {}", file.display()), e))?,
        None => Branding::default(),
    };
    let port = listener.local_addr().map_err(|e| StartError::new("the port", e))?.port();
    let url = format!("http://127.0.0.1:{port}");
    let watch = watch(&options)?;
    let breached = match options.breached_passwords {
        Switch::On => Some(
            BreachedPasswords::new(&options.breached_passwords_url)
                .map_err(|e| StartError::new("MAILKEY_BREACHED_PASSWORDS_URL", e))?,
        ),
        Switch::Off => None,
    };
    progress("Building the support site");
    let portal_url = options.portal_url.clone().filter(|url| !url.is_empty());
    let portal = branding.portal(&url, portal_url).map_err(|e| StartError::new("the branding", e))?;
    let site = mailkey_docs_site::build(&site_variables(&portal, branding.logo_file))
        .map_err(|e| StartError::new("the support site", e))?;

    let clock = Arc::new(ShiftedClock::default());
    let kept = options.in_memory.then_some(()).map_or(Some(options.data_dir.as_path()), |()| None);
    progress(&kept.map_or("Opening tables in memory".to_owned(), |dir| format!("Opening tables in {}", dir.display())));
    let lock = kept.map(lock).transpose()?;
    let (inlet, pump) = pump::pump();
    let overload = Overload::new(inlet.clone());
    let requests = inlet.clone();
    let (erasing, erasures) = erasures::pump();
    let dynamodb = open_dynamodb(kept)?.watching(pump::FED_BY, Arc::new(move |image| inlet.take(image))).streaming(
        erasures::FED_BY,
        &["id"],
        Arc::new(move |record| erasing.take(record)),
    );
    let event_bus = LocalEventBus::default();
    let dynamodb = event_bus.fed_by(dynamodb);
    let tables = tables::create(&dynamodb).map_err(|e| StartError::new("the tables", e))?;
    let database = Database::new(dynamodb.client(), "");
    let shared_clock = Arc::clone(&clock) as SharedClock;
    let (events, event_pump) = EventQueue::open(dynamodb.clone(), Arc::clone(&shared_clock))
        .map_err(|e| StartError::new("the queue of SES events", e))?;

    let secrets = match kept {
        Some(dir) => Secrets::open(&dir.join("secrets.json"), &OsEntropy),
        None => Secrets::make(&OsEntropy),
    };
    let broken = |e| StartError::new("secrets.json", e);
    let secrets = secrets.map_err(broken)?;
    let (request_key, cursor_key) = (secrets.request_key().map_err(broken)?, secrets.cursor_key().map_err(broken)?);
    let device_key = secrets.device_key().map_err(broken)?;
    let second_factor_key = secrets.second_factor_key().map_err(broken)?;
    let erasure_key = secrets.erasure_key().map_err(broken)?;

    // After everything that a wrong option or file prevents, because the generated password is shown only once.
    progress("Creating the first users");
    let first_users = settle(&options, &database, &*clock).await?;

    let parts = Parts {
        app: App {
            db: database,
            clock: Arc::clone(&shared_clock),
            entropy: Arc::new(OsEntropy),
            directory: options.directory,
        },
        ses: open_ses(kept, &clock, (options.local_ses_events == Switch::On).then_some(&events))?,
        events,
        event_bus,
        dns: LocalDns::new(SENDING_DOMAIN),
        mail: mail()?,
        watch,
        portal,
        site,
        request_key,
        cursor_key,
        breached,
        device_key,
        second_factor_key,
        erasure_key,
        request_bucket: options.request_bucket,
        link_lifetime: options.link_lifetime,
        overload,
        inside: Inside { clock, calls: CallBook::default(), dynamodb: dynamodb.clone(), requests, tables },
    };
    let (mailer, consumer) = (Arc::new(app::mailer(&parts)), Arc::new(app::bounce_consumer(&parts)));
    let played = match &options.scenario {
        Some(wanted) => {
            progress("Creating the scenarios");
            let stage = Stage { app: &parts.app, consumer: &consumer, ses: &parts.ses, now: shared_clock.now() };
            scenarios::play(&stage, wanted).await.map_err(|e| StartError::new("the scenarios", e))?
        }
        None => Vec::new(),
    };
    let mailing = pump.run(Arc::clone(&mailer), parts.app.db.clone(), parts.inside.calls.clone());
    tokio::spawn(mailing);
    tokio::spawn(event_pump.run(Arc::clone(&consumer)));
    tokio::spawn(canary::run(Arc::clone(&mailer), shared_clock));
    tokio::spawn(erasures.run(app::erasures(&parts), parts.ses.outbox().clone(), dynamodb.clone()));
    tokio::spawn(sweep(dynamodb));
    let origins = vec![url.clone(), format!("http://localhost:{port}")];
    let greeting = greeting(&url, &options, &first_users, &played);
    Ok(Service { listener, router: app::router(parts, mailer, consumer, origins), url, greeting, _lock: lock })
}

impl Service {
    /// Serves until `end` resolves, then lets requests in progress finish.
    pub async fn serve(self, end: impl Future<Output = ()> + Send + 'static) -> std::io::Result<()> {
        use axum::serve::ListenerExt;
        let (ended, mut asked) = tokio::sync::watch::channel(false);
        // Small responses must not wait for more data.
        let listener = self.listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        let server = axum::serve(listener, self.router.into_make_service_with_connect_info::<SocketAddr>())
            .with_graceful_shutdown(async move {
                end.await;
                ended.send_replace(true);
            });
        tokio::select! {
            served = server => served,
            () = async {
                let _ = asked.wait_for(|asked| *asked).await;
                tokio::time::sleep(PATIENCE).await;
            } => Ok(()),
        }
    }
}

/// Creates the data folder and locks it. Only its owner can read it and the files in it.
fn lock(dir: &Path) -> Result<File, StartError> {
    let broken = |e: std::io::Error| StartError::new(format!("can't use the data folder {}", dir.display()), e);
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(broken)?;
    // A folder with other files in it isn't ours to close.
    let is_ours = dir.join("lock").exists() || fs::read_dir(dir).map_err(broken)?.next().is_none();
    if is_ours {
        let mode = fs::metadata(dir).map_err(broken)?.permissions().mode() & 0o700;
        fs::set_permissions(dir, Permissions::from_mode(mode)).map_err(broken)?;
    }
    let file = private_file(&dir.join("lock")).map_err(broken)?;
    file.try_lock().map_err(|_| {
        StartError::new(
            format!("the data folder {} is in use", dir.display()),
            "stop the other process, or choose another folder with --data-dir",
        )
    })?;
    Ok(file)
}

/// Opens a file that only its owner can read, or creates it.
fn private_file(path: &Path) -> std::io::Result<File> {
    let file = File::options().read(true).append(true).create(true).mode(0o600).open(path)?;
    let mode = file.metadata()?.permissions().mode() & 0o600;
    file.set_permissions(Permissions::from_mode(mode))?;
    Ok(file)
}

fn open_dynamodb(kept: Option<&Path>) -> Result<LocalDynamoDb, StartError> {
    match kept {
        Some(dir) => {
            let file = dir.join("tables.sqlite");
            let broken = format!("can't open the tables in {}", file.display());
            // The engine opens a read-only file and fails at the first write, so check here. Its other files get the same
            // permissions.
            private_file(&file).map_err(|e| StartError::new(&broken, e))?;
            LocalDynamoDb::open(&file).map_err(|e| StartError::new(broken, e))
        }
        None => LocalDynamoDb::in_memory().map_err(|e| StartError::new("the tables", e)),
    }
}

/// The users that the tables begin with.
enum FirstUsers {
    /// They were created now, with the administrator's password if it was generated.
    Created { generated: Option<String> },
    /// There were users already.
    Kept,
}

/// Creates the first users in empty tables.
async fn settle(options: &Options, database: &Database, clock: &dyn Clock) -> Result<FirstUsers, StartError> {
    let failed = |e: people::SeedError| StartError::new("the first users", e);
    let users = database.client().scan().table_name(database.table("Users")).limit(1).send().await;
    let users = users.map_err(|e| StartError::new("the users", e))?;
    if users.count() > 0 {
        return Ok(FirstUsers::Kept);
    }
    let mut people = people::read(options.seed.as_deref()).map_err(failed)?;
    people.retain(|person| options.directory == Directory::Own || person.is_staff());
    let (password, generated) = match &options.admin_password {
        Some(given) => (given.clone(), None),
        None => {
            let made = make_up_password().map_err(|e| StartError::new("the administrator's password", e))?;
            (made.clone(), Some(made))
        }
    };
    let administrator = Person::administrator(&options.admin_email, &password);
    people::settle(&administrator, &people, PORTAL_NAME, database, &OsEntropy, clock.now()).await.map_err(failed)?;
    Ok(FirstUsers::Created { generated })
}

fn make_up_password() -> Result<String, mailkey::entropy::NoEntropy> {
    let mut bytes = [0; 15];
    OsEntropy.fill(&mut bytes)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

fn mail() -> Result<EmailConfig, StartError> {
    let from =
        EmailAddress::parse(&format!("no-reply@{SENDING_DOMAIN}")).map_err(|e| StartError::new("the sender", e))?;
    Ok(EmailConfig { from, configuration_set: Some(CONFIGURATION_SET.to_owned()), notice_configuration_set: None })
}

fn watch(options: &Options) -> Result<Watch, StartError> {
    let Options { watch, watched_subjects, watch_failures_only, .. } = options;
    Watch::parse(watch, watched_subjects, watch_failures_only).map_err(|invalid| {
        let flag = match invalid {
            InvalidWatch::Senders(_) => "--watch",
            InvalidWatch::Subjects => "--watched-subjects",
            InvalidWatch::FailuresOnly(_) => "--watch-failures-only",
        };
        StartError::new(flag, invalid)
    })
}

fn site_variables(portal: &PortalConfig, logo: Option<LogoFile>) -> SiteVariables {
    SiteVariables {
        site_url: portal.site_url.clone(),
        portal_url: portal.portal_url.clone(),
        portal_name: portal.name.clone(),
        support_email: portal.support_email.clone(),
        sending_domain: SENDING_DOMAIN.to_owned(),
        sending_ips: Vec::new(),
        min_password_length: SiteVariables::DEFAULT_MIN_PASSWORD_LENGTH,
        brand_colour: portal.brand_colour,
        logo,
    }
}

fn open_ses(
    kept: Option<&Path>,
    clock: &Arc<ShiftedClock>,
    events: Option<&EventQueue>,
) -> Result<LocalSes, StartError> {
    let shared = Arc::clone(clock);
    let now: crate::ses::Clock = Arc::new(move || shared.now());
    let (outbox, suppressed) = match kept {
        Some(dir) => {
            let outbox = Outbox::open(&dir.join("outbox.jsonl"), Arc::clone(&now))
                .map_err(|e| StartError::new("outbox.jsonl", e))?;
            let list = SuppressionList::open(&dir.join("ses-suppressed.json"));
            (outbox, list.map_err(|e| StartError::new("ses-suppressed.json", e))?)
        }
        None => (Outbox::in_memory(Arc::clone(&now)), SuppressionList::in_memory()),
    };
    let ses = LocalSes::new(outbox, suppressed, now).with_configuration_sets([CONFIGURATION_SET.to_owned()]);
    Ok(match events.cloned() {
        Some(events) => ses.with_events(Arc::new(move |of_a_mail| events.publish(&of_a_mail))),
        None => ses,
    })
}

/// Deletes expired items some time after they expire, as DynamoDB's TTL does.
async fn sweep(dynamodb: LocalDynamoDb) {
    loop {
        tokio::time::sleep(SWEEP).await;
        let engine = dynamodb.engine().clone();
        if let Ok(Err(error)) = tokio::task::spawn_blocking(move || engine.sweep_ttl()).await {
            tracing::warn!(%error, "can't delete expired items");
        }
    }
}

fn greeting(url: &str, options: &Options, first_users: &FirstUsers, played: &[(Cause, String)]) -> String {
    let email = &options.admin_email;
    let admin = match first_users {
        FirstUsers::Created { generated: Some(password) } => format!("{email}, password {password} (shown only now)"),
        FirstUsers::Created { generated: None } => format!("{email}, with the password from MAILKEY_ADMIN_PASSWORD"),
        FirstUsers::Kept => "the one of the first start; its password doesn't change at later starts".to_owned(),
    };
    let data = if options.in_memory {
        "Your data is in memory and is lost when you stop.".to_owned()
    } else {
        format!("Your data is in {}. Delete that folder to start over.", options.data_dir.display())
    };
    let people = match first_users {
        FirstUsers::Created { .. } if options.seed.is_none() && options.directory == Directory::Own => {
            "  People to try    alice@example.com (active), petra@example.com (pending), ivan@example.com (inactive),
                   lena@example.com (locked), sam@example.com (suppressed), gwen@gmial.com (typo);
                   their password, if they have one: violet canoe under nine bridges\n"
        }
        FirstUsers::Created { .. } => "",
        FirstUsers::Kept => {
            "  Users            those in your data, as you left them; a seed is only read at the first start\n"
        }
    };
    let troubles: String =
        played.iter().map(|(cause, address)| format!("  To diagnose      {address} ({cause})\n")).collect();
    format!(
        "\nMailkey is ready at {url}/

  Forgot password  {url}/forgot-password/
  Outbox           {url}/_local/outbox/
  Sign in          {url}/sign-in/
  Administrator    {admin}
{people}{troubles}
{data} Press Ctrl-C to stop.\n"
    )
}
