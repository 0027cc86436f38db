//! Writes the support site to a folder.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use mailkey_docs_site::{SiteVariables, build};

const USAGE: &str = "\
usage: mailkey-docs-site --out DIR --site-url URL --portal-name NAME --support-email ADDRESS --sending-domain DOMAIN
                         [--sending-ips ADDRESS,ADDRESS] [--min-password-length CHARACTERS]";

fn main() -> ExitCode {
    let result = Arguments::parse(std::env::args().skip(1)).and_then(|arguments| write(&arguments));
    match result {
        Ok(summary) => {
            #[allow(clippy::print_stdout, reason = "a program's result goes to its standard output")]
            {
                println!("{summary}");
            }
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

struct Arguments {
    out: PathBuf,
    site: SiteVariables,
}

impl Arguments {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut given = std::collections::BTreeMap::new();
        while let Some(flag) = arguments.next() {
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
        if let Some(flag) = given.keys().next() {
            return Err(format!("{flag} is unknown\n{USAGE}"));
        }
        let sending_ips = sending_ips.split(',').filter(|ip| !ip.is_empty()).map(str::to_owned).collect();
        let site =
            SiteVariables { site_url, portal_name, support_email, sending_domain, sending_ips, min_password_length };
        Ok(Self { out, site })
    }
}

fn write(Arguments { out, site }: &Arguments) -> Result<String, String> {
    let built = build(site).map_err(|errors| errors.to_string())?;
    for (path, asset) in &built {
        let file = out.join(file_of(path));
        write_file(&file, &asset.bytes).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    Ok(format!("{} files written to {}", built.len(), out.display()))
}

/// A path that ends in a slash is answered by the `index.html` of a folder, as static hosts do.
fn file_of(path: &str) -> String {
    let file = path.trim_start_matches('/');
    if file.is_empty() || file.ends_with('/') { format!("{file}index.html") } else { file.to_owned() }
}

fn write_file(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(file, bytes)
}
