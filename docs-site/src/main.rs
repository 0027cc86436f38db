//! Writes the support site to a folder, once or each time that its content changes.

mod watch;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use mailkey_docs_site::{Content, Site, SiteVariables, build_content};

const USAGE: &str = "\
usage: mailkey-docs-site --out DIR --site-url URL --portal-name NAME --support-email ADDRESS --sending-domain DOMAIN
                         [--sending-ips ADDRESS,ADDRESS] [--min-password-length CHARACTERS] [--content DIR]
                         [--watch [--port PORT]]

--content DIR  the pages of that folder instead of those that are compiled in
--watch        goes on: writes again what changes in --content, and serves it with live reload on 127.0.0.1";

/// Where `--watch` serves the pages, unless told otherwise.
const PORT: u16 = 8788;

fn main() -> ExitCode {
    let done = Arguments::parse(std::env::args().skip(1))
        .and_then(|arguments| if arguments.watch { watch::run(&arguments) } else { arguments.build_and_write() });
    match done {
        Ok(summary) => {
            say(&summary);
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// What a program tells goes to its standard output.
#[allow(clippy::print_stdout, reason = "the only place that prints")]
fn say(text: &str) {
    println!("{text}");
}

struct Arguments {
    out: PathBuf,
    content: Option<PathBuf>,
    watch: bool,
    port: u16,
    site: SiteVariables,
}

impl Arguments {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut given = std::collections::BTreeMap::new();
        let mut watch = false;
        while let Some(flag) = arguments.next() {
            if flag == "--watch" {
                watch = true;
                continue;
            }
            let value = arguments.next().ok_or_else(|| format!("{flag} needs a value\n{USAGE}"))?;
            given.insert(flag, value);
        }
        let mut required = |flag: &str| given.remove(flag).ok_or_else(|| format!("{flag} is missing\n{USAGE}"));
        let out = required("--out")?.into();
        let site_url = required("--site-url")?;
        let portal_name = required("--portal-name")?;
        let support_email = required("--support-email")?;
        let sending_domain = required("--sending-domain")?;
        let sending_ips = given.remove("--sending-ips").unwrap_or_default();
        let min_password_length = match given.remove("--min-password-length") {
            Some(value) => value.parse().map_err(|_| format!("--min-password-length {value} is no number\n{USAGE}"))?,
            None => SiteVariables::DEFAULT_MIN_PASSWORD_LENGTH,
        };
        let content = given.remove("--content").map(PathBuf::from);
        let port = match given.remove("--port") {
            Some(value) => value.parse().map_err(|_| format!("--port {value} is no port\n{USAGE}"))?,
            None => PORT,
        };
        if watch && content.is_none() {
            return Err(format!("--watch needs --content\n{USAGE}"));
        }
        if let Some(flag) = given.keys().next() {
            return Err(format!("{flag} is unknown\n{USAGE}"));
        }
        let sending_ips = sending_ips.split(',').filter(|ip| !ip.is_empty()).map(str::to_owned).collect();
        let site =
            SiteVariables { site_url, portal_name, support_email, sending_domain, sending_ips, min_password_length };
        Ok(Self { out, content, watch, port, site })
    }

    fn read_content(&self) -> Result<Content, String> {
        match &self.content {
            Some(folder) => Content::read(folder).map_err(|error| format!("{}: {error}", folder.display())),
            None => Ok(Content::compiled_in()),
        }
    }

    fn build(&self, content: Content) -> Result<Site, String> {
        build_content(content, &self.site).map_err(|errors| errors.to_string())
    }

    fn build_and_write(&self) -> Result<String, String> {
        let built = self.build(self.read_content()?)?;
        for (path, asset) in &built {
            self.write(path, &asset.bytes)?;
        }
        Ok(format!("{} files written to {}", built.len(), self.out.display()))
    }

    fn write(&self, path: &str, bytes: &[u8]) -> Result<(), String> {
        let file = self.file_of(path);
        write_file(&file, bytes).map_err(|error| format!("{}: {error}", file.display()))
    }

    /// A path that ends in a slash is answered by the `index.html` of a folder, as static hosts do.
    fn file_of(&self, path: &str) -> PathBuf {
        let file = path.trim_start_matches('/');
        let file = if file.is_empty() || file.ends_with('/') { format!("{file}index.html") } else { file.to_owned() };
        self.out.join(file)
    }
}

fn write_file(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(file, bytes)
}
