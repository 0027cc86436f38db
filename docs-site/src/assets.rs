//! Styles, scripts and generated files, named after their content, so that browsers can cache them forever.

use sha2::{Digest, Sha256};

use crate::{Asset, BuildError, Fault, files, stylesheet};

/// How many bytes of the SHA-256 of a file go into its name. Six make a collision of two versions implausible.
const HASH_BYTES: usize = 6;

/// The assets under their final names.
pub(crate) struct Assets(Vec<Hashed>);

struct Hashed {
    name: String,
    path: String,
    text: String,
}

impl Assets {
    /// The files of `assets/`. `colours` are rules that replace those of the style sheets.
    pub(crate) fn of_site(colours: &str) -> Result<Self, BuildError> {
        Self::hashed("assets", files::ASSETS, colours)
    }

    /// Hashes each file after those that it imports, because their names become part of its content.
    pub(crate) fn hashed(folder: &str, files: &[(&str, &str)], colours: &str) -> Result<Self, BuildError> {
        let mut assets = Self(Vec::new());
        let mut waiting = files.to_vec();
        while !waiting.is_empty() {
            let mut missing = None;
            let before = waiting.len();
            waiting.retain(|(name, text)| match assets.with_final_imports(name, text, colours) {
                Ok(text) => {
                    assets.add((*name).to_owned(), text);
                    false
                }
                Err((line, fault)) => {
                    missing = Some(BuildError { file: format!("{folder}/{name}"), line, fault });
                    true
                }
            });
            if let Some(error) = missing.filter(|_| waiting.len() == before) {
                return Err(error);
            }
        }
        Ok(assets)
    }

    /// Adds a file that was generated during the build.
    pub(crate) fn add(&mut self, name: String, text: String) {
        let path = format!("/assets/{}", hashed_name(&name, text.as_bytes()));
        self.0.push(Hashed { name, path, text });
    }

    /// The final path of a file.
    pub(crate) fn path(&self, name: &str) -> Result<&str, Fault> {
        let found = self.0.iter().find(|asset| asset.name == name);
        found.map(|asset| asset.path.as_str()).ok_or_else(|| Fault::NoSuchAsset(name.to_owned()))
    }

    pub(crate) fn into_site(self) -> impl Iterator<Item = (String, Asset)> {
        self.0.into_iter().map(|Hashed { name, path, text }| {
            (path, Asset { bytes: text.into_bytes(), content_type: content_type(&name), language: None })
        })
    }

    /// The file as it is served: a style sheet without its comments, a script with the final names of its imports.
    fn with_final_imports(&self, name: &str, text: &str, colours: &str) -> Result<String, (usize, Fault)> {
        if name.ends_with(".css") {
            // Only the sheet that every page has defines colours.
            let colours = if text.contains(":root {") { colours } else { "" };
            return Ok(stylesheet::compact(text) + colours);
        }
        let mut out = String::with_capacity(text.len());
        for (index, line) in text.split_inclusive('\n').enumerate() {
            let import = line.split_once("from \"./").and_then(|(before, rest)| Some((before, rest.split_once('"')?)));
            match import {
                Some((before, (imported, after))) => {
                    let path = self.path(imported).map_err(|fault| (index + 1, fault))?;
                    out.push_str(&format!("{before}from \"{path}\"{after}"));
                }
                None => out.push_str(line),
            }
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
