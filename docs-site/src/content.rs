//! The pages and pictures of `content/`, either compiled in or read from a folder.

use std::io;
use std::path::Path;

use crate::files;

/// A page as it was written.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// Its file in `content/`, which determines its path.
    pub(crate) file: String,
    pub(crate) text: String,
    /// The file that the page was generated from, if it wasn't written by hand.
    pub(crate) generated_from: Option<&'static str>,
}

impl Source {
    pub(crate) fn written(file: &str, text: &str) -> Self {
        Self { file: file.to_owned(), text: text.to_owned(), generated_from: None }
    }

    pub(crate) fn generated(file: String, text: String, from: &'static str) -> Self {
        Self { file, text, generated_from: Some(from) }
    }

    /// Its name in error messages.
    pub(crate) fn name(&self) -> String {
        match self.generated_from {
            Some(from) => format!("{} ({from})", self.file),
            None => format!("content/{}", self.file),
        }
    }
}

/// A file of `content/pictures/`.
#[derive(Clone, Debug)]
pub(crate) struct PictureFile {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// The pages and their pictures.
#[derive(Clone, Debug, Default)]
pub struct Content {
    pub(crate) sources: Vec<Source>,
    pub(crate) pictures: Vec<PictureFile>,
}

impl Content {
    /// The content of `content/` at compile time.
    pub fn compiled_in() -> Self {
        let picture = |(name, bytes): &(&str, &[u8])| PictureFile { name: (*name).to_owned(), bytes: bytes.to_vec() };
        Self {
            sources: files::PAGES.iter().map(|(file, text)| Source::written(file, text)).collect(),
            pictures: files::PICTURES.iter().map(picture).collect(),
        }
    }

    /// Reads the `.md` files in and below a folder, and all files of its subfolder `pictures`.
    pub fn read(folder: &Path) -> io::Result<Self> {
        let mut content = Self::default();
        let mut folders = vec![folder.to_path_buf()];
        while let Some(inner) = folders.pop() {
            for entry in std::fs::read_dir(&inner)? {
                let path = entry?.path();
                let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().replace('\\', "/");
                if path.is_dir() {
                    folders.push(path);
                } else if let Some(name) = name.strip_prefix("pictures/") {
                    content.pictures.push(PictureFile { name: name.to_owned(), bytes: std::fs::read(&path)? });
                } else if name.ends_with(".md") {
                    content.sources.push(Source::written(&name, &std::fs::read_to_string(&path)?));
                }
            }
        }
        content.sources.sort_by(|a, b| a.file.cmp(&b.file));
        Ok(content)
    }
}
