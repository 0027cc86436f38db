//! The pictures of the content: their final names, and their sizes, so that the layout doesn't shift while they load.

use std::collections::BTreeMap;

use askama::Template;

use crate::content::PictureFile;
use crate::{Asset, BuildError, BuildErrors, Fault, assets};

/// All pictures, by file name.
pub(crate) struct Pictures(BTreeMap<String, Picture>);

struct Picture {
    /// Its path in the finished site.
    path: String,
    width: usize,
    height: usize,
    bytes: Vec<u8>,
}

#[derive(Template)]
#[template(
    source = r#"{% if let Some(dark) = dark %}<picture><source media="(prefers-color-scheme: dark)" srcset="{{ dark.path }}" width="{{ dark.width }}" height="{{ dark.height }}">{% endif %}<img src="{{ light.path }}" width="{{ light.width }}" height="{{ light.height }}" loading="lazy" decoding="async" alt="{{ alt }}">{% if dark.is_some() %}</picture>{% endif %}"#,
    ext = "html"
)]
struct Html<'a> {
    light: &'a Picture,
    /// The variant for dark mode.
    dark: Option<&'a Picture>,
    alt: &'a str,
}

impl Pictures {
    pub(crate) fn read(files: Vec<PictureFile>) -> Result<Self, BuildErrors> {
        let mut errors = Vec::new();
        let mut pictures = BTreeMap::new();
        for PictureFile { name, bytes } in files {
            let Ok(size) = imagesize::blob_size(&bytes) else {
                let file = format!("content/pictures/{name}");
                errors.push(BuildError { file, line: 1, fault: Fault::NotAPicture });
                continue;
            };
            let path = format!("/assets/{}", assets::hashed_name(&name, &bytes));
            pictures.insert(name, Picture { path, width: size.width, height: size.height, bytes });
        }
        BuildErrors::unless_empty(errors)?;
        Ok(Self(pictures))
    }

    /// The HTML of a picture, with its variant for dark mode if there is one.
    pub(crate) fn html(&self, target: &str, alt: &str) -> Result<String, Fault> {
        let found = target.strip_prefix("/pictures/").and_then(|name| Some((name, self.0.get(name)?)));
        let (name, light) = found.ok_or_else(|| Fault::NoSuchPicture(target.to_owned()))?;
        if alt.trim().is_empty() {
            return Err(Fault::NoAltText(target.to_owned()));
        }
        let dark = name.rsplit_once('.').and_then(|(stem, extension)| self.0.get(&format!("{stem}-dark.{extension}")));
        Ok(Html { light, dark, alt }.render()?)
    }

    pub(crate) fn into_site(self) -> impl Iterator<Item = (String, Asset)> {
        self.0.into_iter().map(|(name, Picture { path, bytes, .. })| {
            (path, Asset { bytes, content_type: assets::content_type(&name), language: None })
        })
    }
}
