//! Writes the support site to a folder.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use mailkey::brand::BrandColour;
use mailkey_docs_site::{Content, LogoFile, SiteVariables, build_content};

/// Writes the support site to a folder.
#[derive(Parser)]
struct Arguments {
    /// The folder to write to
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The URL of the site
    #[arg(long, value_name = "URL")]
    site_url: String,
    /// The URL of the portal, where people continue after they have signed in or chosen a password
    #[arg(long, value_name = "URL")]
    portal_url: Option<String>,
    /// The name of the portal
    #[arg(long, value_name = "NAME")]
    portal_name: String,
    /// The address to write to for help
    #[arg(long, value_name = "ADDRESS")]
    support_email: String,
    /// The domain that the portal sends from
    #[arg(long, value_name = "DOMAIN")]
    sending_domain: String,
    /// Dedicated IP addresses that the portal sends from, separated by commas
    #[arg(long, value_name = "IP,IP", value_delimiter = ',')]
    sending_ips: Vec<String>,
    /// The minimum length of a password, in characters
    #[arg(long, value_name = "NUMBER", default_value_t = SiteVariables::DEFAULT_MIN_PASSWORD_LENGTH)]
    min_password_length: u32,
    /// The colour of links and buttons, such as #0f6657
    #[arg(long, value_name = "COLOUR")]
    brand_colour: Option<String>,
    /// A PNG or SVG file of at most 100 KB
    #[arg(long, value_name = "FILE")]
    logo: Option<PathBuf>,
    /// Use the pages of this folder instead of the compiled-in ones
    #[arg(long, value_name = "DIR")]
    content: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(summary) => {
            print(&summary);
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<String, String> {
    let content = match &arguments.content {
        Some(folder) => Content::read(folder).map_err(|error| format!("{}: {error}", folder.display()))?,
        None => Content::compiled_in(),
    };
    let site = SiteVariables {
        site_url: arguments.site_url,
        portal_url: arguments.portal_url.filter(|url| !url.is_empty()),
        portal_name: arguments.portal_name,
        support_email: arguments.support_email,
        sending_domain: arguments.sending_domain,
        sending_ips: arguments.sending_ips,
        min_password_length: arguments.min_password_length,
        brand_colour: match arguments.brand_colour.filter(|colour| !colour.is_empty()) {
            Some(colour) => Some(BrandColour::parse(&colour).map_err(|error| format!("--brand-colour {error}"))?),
            None => None,
        },
        logo: match &arguments.logo {
            Some(file) => Some(LogoFile::read(file).map_err(|error| format!("--logo {}: {error}", file.display()))?),
            None => None,
        },
    };
    let built = build_content(content, &site).map_err(|errors| errors.to_string())?;
    for (path, asset) in &built {
        let file = arguments.out.join(file_of(path));
        write(&file, &asset.bytes).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    Ok(format!("{} files written to {}", built.len(), arguments.out.display()))
}

/// Static hosts answer a path that ends in a slash with the `index.html` of the folder.
fn file_of(path: &str) -> String {
    let file = path.trim_start_matches('/');
    if file.is_empty() || file.ends_with('/') { format!("{file}index.html") } else { file.to_owned() }
}

fn write(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(file, bytes)
}

#[allow(clippy::print_stdout, reason = "this is a command-line program")]
fn print(text: &str) {
    println!("{text}");
}
