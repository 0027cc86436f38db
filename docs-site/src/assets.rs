//! Styles, scripts and pictures, named after their content, so that a browser may keep them for ever.

use sha2::{Digest, Sha256};

use crate::{Asset, BuildError, Fault, stylesheet};

/// Pairs each name with the text of its file.
macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../assets/", $name)))),*]
    };
}
/// The files of `assets/`, as they were written. A module comes after those that it imports, because its own hash
/// covers theirs.
pub(crate) static FILES: &[(&str, &str)] = files![
    "site.css",
    "cards.css",
    "code.css",
    "reference.css",
    "forms.css",
    "icon.svg",
    "api.js",
    "asked.js",
    "form.js",
    "strength.js",
    "landing.js",
    "forgot-password.js",
    "check-your-mail.js",
    "set-password.js",
    "sign-in.js",
    "search.js",
];

/// The assets under their final names.
pub(crate) struct Assets(Vec<Hashed>);

struct Hashed {
    name: String,
    path: String,
    text: String,
}

/// How much of a SHA-256 goes into a name, in bytes: enough that two versions never share one.
const HASH_BYTES: usize = 6;

impl Assets {
    pub(crate) fn hashed() -> Result<Self, BuildError> {
        Self::hashed_from(FILES)
    }

    pub(crate) fn hashed_from(files: &[(&'static str, &str)]) -> Result<Self, BuildError> {
        let mut assets = Self(Vec::new());
        for (name, text) in files {
            let text = match name.rsplit_once('.') {
                Some((_, "css")) => stylesheet::compact(text),
                _ => assets.with_final_imports(name, text)?,
            };
            assets.add((*name).to_owned(), text);
        }
        Ok(assets)
    }

    /// Adds what was made while the site was built.
    pub(crate) fn add(&mut self, name: String, text: String) {
        let path = format!("/assets/{}", hashed_name(&name, text.as_bytes()));
        self.0.push(Hashed { name, path, text });
    }

    /// The path of an asset, by the name of its file.
    pub(crate) fn path(&self, name: &str) -> Result<&str, Fault> {
        let found = self.0.iter().find(|asset| asset.name == name);
        found.map(|asset| asset.path.as_str()).ok_or_else(|| Fault::NoSuchAsset(name.to_owned()))
    }

    pub(crate) fn into_site(self) -> impl Iterator<Item = (String, Asset)> {
        self.0.into_iter().map(|Hashed { name, path, text }| {
            (path, Asset { bytes: text.into_bytes(), content_type: content_type(&name), language: None })
        })
    }

    /// Replaces `from "./api.js"` by the name that the browser will find. Only lines that begin or end an import are
    /// looked at.
    fn with_final_imports(&self, name: &str, text: &str) -> Result<String, BuildError> {
        let mut out = String::with_capacity(text.len());
        for (index, line) in text.split_inclusive('\n').enumerate() {
            let import = line.split_once("from \"./").and_then(|(before, rest)| Some((before, rest.split_once('"')?)));
            let Some((before, (imported, after))) = import else {
                out.push_str(line);
                continue;
            };
            let path = self.path(imported).map_err(|fault| BuildError {
                file: format!("assets/{name}"),
                line: index + 1,
                fault,
            })?;
            out.push_str(&format!("{before}from \"{path}\"{after}"));
        }
        Ok(out)
    }
}

/// `api.js` becomes `api.<hash>.js`.
pub(crate) fn hashed_name(name: &str, bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let hash = digest.iter().take(HASH_BYTES).map(|byte| format!("{byte:02x}")).collect::<String>();
    match name.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem}.{hash}.{extension}"),
        None => format!("{name}.{hash}"),
    }
}

pub(crate) fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("webp") => "image/webp",
        _ => "application/octet-stream",
    }
}
