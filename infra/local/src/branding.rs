//! The portal's name, addresses, colour and logo from a file, with the names that the parameters of the stack have.

use std::path::{Path, PathBuf};

use mailkey::config::PortalConfig;
use mailkey_docs_site::LogoFile;
use serde::Deserialize;

/// Why a file can't be used.
#[derive(Debug, thiserror::Error)]
pub enum BrandingError {
    /// The file can't be read.
    #[error("can't be read: {0}")]
    Unreadable(#[from] std::io::Error),
    /// It isn't TOML with these names.
    #[error("{0}")]
    Malformed(#[from] toml::de::Error),
    /// The logo can't be used.
    #[error("Logo {0}")]
    Logo(#[from] mailkey_docs_site::InvalidLogo),
}

/// The content of the file. What is missing has its default.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Branding {
    /// The portal's name.
    pub portal_name: Option<String>,
    /// Whom to ask.
    pub support_address: Option<String>,
    /// Where people continue once they are back in.
    pub portal_url: Option<String>,
    /// The colour of links and buttons.
    pub brand_colour: Option<String>,
    /// A PNG or SVG file; a relative path starts at the folder of this file.
    logo: Option<PathBuf>,
    /// The logo's content.
    #[serde(skip)]
    pub logo_file: Option<LogoFile>,
}

impl Branding {
    /// Reads and checks the file.
    pub fn read(file: &Path) -> Result<Self, BrandingError> {
        let mut branding: Self = toml::from_str(&std::fs::read_to_string(file)?)?;
        if let Some(logo) = &branding.logo {
            branding.logo_file = Some(LogoFile::read(&file.parent().unwrap_or(Path::new("")).join(logo))?);
        }
        Ok(branding)
    }

    /// The portal with these values. The error names the one that can't be used.
    pub fn portal(&self, site_url: &str, portal_url: Option<String>) -> Result<PortalConfig, String> {
        let name = self.portal_name.clone().unwrap_or_else(|| super::start::PORTAL_NAME.to_owned());
        let support = self.support_address.clone().unwrap_or_else(|| "support@example.com".to_owned());
        let portal = PortalConfig::new(name, site_url.to_owned(), support);
        let portal = portal.map_err(|e| format!("PortalName or SupportAddress {e}"))?;
        let portal = portal.with_portal_url(portal_url.or_else(|| self.portal_url.clone()));
        let portal = portal.map_err(|e| format!("the portal's URL {e}"))?;
        let logo = self.logo.as_deref().map(Path::to_string_lossy);
        portal.with_brand(self.brand_colour.as_deref(), logo.as_deref()).map_err(|e| format!("BrandColour {e}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn portal(text: &str) -> Result<PortalConfig, String> {
        let branding: Branding = toml::from_str(text).map_err(|e| e.message().to_owned())?;
        branding.portal("http://127.0.0.1:1", None)
    }

    #[test]
    fn a_file_names_the_portal_and_a_fault_in_it_is_named() {
        let named =
            portal("PortalName = \"Harbour\"\nSupportAddress = \"help@harbour.example\"\nBrandColour = \"#7a1fa2\"")
                .unwrap();
        assert_eq!((named.name.as_str(), named.support_email.as_str()), ("Harbour", "help@harbour.example"));
        assert_eq!(named.brand_colour.unwrap().light().accent.to_string(), "#7a1fa2");
        assert_eq!(portal("").unwrap().name, "Example Portal");
        for (text, part) in [
            ("BrandColour = \"yellow\"", "BrandColour must have the form"),
            ("BrandColour = \"#ffff00\"", "BrandColour has a contrast of"),
            ("SupportAddress = \"help\"", "SupportAddress"),
            ("PortalUrl = \"ftp://a.example\"", "the portal's URL must be"),
            ("Colour = \"#000000\"", "unknown field `Colour`"),
        ] {
            let error = portal(text).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }
}
