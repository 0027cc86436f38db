//! Builds again whenever the content changes, writes what became different, and has browsers load it.
//!
//! For writers, on their own machine: it serves one folder to 127.0.0.1 and is no web server.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use mailkey_docs_site::Site;

use crate::{Arguments, say};

/// How often the folder is looked at. Short enough that the page is there when the eyes have moved to the browser.
const PAUSE: Duration = Duration::from_millis(200);
/// So often a waiting browser hears that we are still there, and we whether it is.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// A request that takes longer is not one of a browser.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest head of a request that is read, in bytes.
const HEAD: u64 = 16 * 1024;

/// Loads the page again when it has changed, and shows what is wrong with the content. It is added to what is served,
/// and not to what is written.
const RELOAD: &str = "\
const events = new EventSource('/_watch/events');
let known;
events.addEventListener('built', ({ data }) => {
  if (known !== undefined && known !== data) location.reload();
  known = data;
});
events.addEventListener('faults', ({ data }) => {
  const box = document.querySelector('[data-faults]') ?? document.body.insertAdjacentElement('afterbegin', document.createElement('pre'));
  box.dataset.faults = '';
  box.textContent = JSON.parse(data);
});
";
const SCRIPT: &str = "<script type=\"module\" src=\"/_watch/reload.js\"></script></head>";

/// The policy of the pages in production, so that what would be refused there is refused here.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// What is served now.
#[derive(Default)]
struct Served {
    site: Site,
    /// Counts the builds that changed something.
    version: u64,
    faults: Option<String>,
}

#[derive(Default)]
struct Shared {
    served: Mutex<Served>,
    changed: Condvar,
}

impl Shared {
    /// A thread that panicked while it held the lock has left the site whole: it is only ever replaced.
    fn lock(&self) -> MutexGuard<'_, Served> {
        self.served.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Goes on until it is stopped, or until nothing can be written or served.
pub(crate) fn run(arguments: &Arguments) -> Result<String, String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, arguments.port)).map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let shared = Arc::new(Shared::default());
    let folder = arguments.content.clone().unwrap_or_default();
    let mut seen = look_at(&folder);
    rebuild(arguments, &shared)?;
    say(&format!("serving {} at http://{address}/", folder.display()));
    let for_requests = Arc::clone(&shared);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let shared = Arc::clone(&for_requests);
            // A browser that goes away in the middle of an answer is no fault.
            std::thread::spawn(move || answer(stream, &shared).unwrap_or_default());
        }
    });
    loop {
        std::thread::sleep(PAUSE);
        let now = look_at(&folder);
        if now != seen {
            seen = now;
            rebuild(arguments, &shared)?;
        }
    }
}

/// When each file was changed, and how long it is.
fn look_at(folder: &Path) -> BTreeMap<PathBuf, (Option<SystemTime>, u64)> {
    let mut seen = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(inner) = folders.pop() {
        for entry in std::fs::read_dir(&inner).into_iter().flatten().flatten() {
            let path = entry.path();
            match entry.metadata() {
                Ok(about) if about.is_dir() => folders.push(path),
                Ok(about) => {
                    seen.insert(path, (about.modified().ok(), about.len()));
                }
                Err(_) => {}
            }
        }
    }
    seen
}

/// Writes what became different. Content with faults changes nothing but what is said.
fn rebuild(arguments: &Arguments, shared: &Shared) -> Result<(), String> {
    let built = arguments.read_content().and_then(|content| arguments.build(content));
    let mut served = shared.lock();
    match built {
        Err(faults) => {
            eprintln!("{faults}");
            served.faults = Some(faults);
        }
        Ok(site) => {
            let mut written = 0;
            for (path, asset) in site.iter().filter(|(path, asset)| served.site.get(*path) != Some(asset)) {
                arguments.write(path, &asset.bytes)?;
                written += 1;
            }
            for path in served.site.keys().filter(|path| !site.contains_key(*path)) {
                // It may have been removed already.
                std::fs::remove_file(arguments.file_of(path)).unwrap_or_default();
            }
            say(&format!("{written} of {} files written to {}", site.len(), arguments.out.display()));
            *served = Served { site, version: served.version + 1, faults: None };
        }
    }
    shared.changed.notify_all();
    Ok(())
}

fn answer(stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut lines = BufReader::new(stream.try_clone()?.take(HEAD)).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    // The rest of the head does not matter, but has to be read before the answer.
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let target = first.split(' ').nth(1).unwrap_or("/");
    let path = target.split(['?', '#']).next().unwrap_or_default();
    match path {
        "/_watch/events" => tell(stream, shared),
        "/_watch/reload.js" => send(stream, "200 OK", "text/javascript; charset=utf-8", RELOAD.as_bytes()),
        _ => {
            let (status, content_type, bytes) = find(path, &shared.lock().site);
            send(stream, status, content_type, &bytes)
        }
    }
}

fn find(path: &str, site: &Site) -> (&'static str, &'static str, Vec<u8>) {
    let folder = format!("{path}/");
    let found = site.get(path).or_else(|| site.get(&folder));
    let Some(asset) = found.or_else(|| site.get("/404.html")) else {
        return ("404 Not Found", "text/plain", Vec::new());
    };
    let bytes = if asset.content_type.starts_with("text/html") {
        String::from_utf8_lossy(&asset.bytes).replacen("</head>", SCRIPT, 1).into_bytes()
    } else {
        asset.bytes.clone()
    };
    (if found.is_some() { "200 OK" } else { "404 Not Found" }, asset.content_type, bytes)
}

fn send(mut stream: TcpStream, status: &str, content_type: &str, bytes: &[u8]) -> std::io::Result<()> {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\
         Content-Security-Policy: {POLICY}\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
        bytes.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(bytes)
}

/// Tells a browser of each build, for as long as it listens.
fn tell(mut stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n\r\n")?;
    let mut told = None;
    loop {
        let news = {
            let served = shared.lock();
            let now = (served.version, served.faults.clone());
            if told.as_ref() == Some(&now) {
                let (_served, _) =
                    shared.changed.wait_timeout(served, HEARTBEAT).unwrap_or_else(PoisonError::into_inner);
                ":\n\n".to_owned()
            } else {
                let news = match &now.1 {
                    Some(faults) => format!("event: faults\ndata: {}\n\n", serde_json::Value::from(faults.as_str())),
                    None => format!("event: built\ndata: {}\n\n", now.0),
                };
                told = Some(now);
                news
            }
        };
        stream.write_all(news.as_bytes())?;
    }
}
