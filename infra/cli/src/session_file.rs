//! The session of `mailkey sign-in`, in a file that only its owner can read.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{environment, error::Error};

/// The token is only ever sent to `url`.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct SavedSession {
    pub(crate) url: String,
    pub(crate) email: String,
    pub(crate) session_token: String,
    pub(crate) expires_at: String,
}

pub(crate) fn read() -> Result<Option<SavedSession>, Error> {
    let Ok(path) = path() else { return Ok(None) };
    match fs::read(&path) {
        // The next sign-in replaces a damaged file.
        Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::File { path, source }),
    }
}

pub(crate) fn write(session: &SavedSession) -> Result<(), Error> {
    let path = path()?;
    let json = serde_json::to_vec_pretty(session).map_err(io::Error::from);
    json.and_then(|json| replace(&path, &json)).map_err(|source| Error::File { path, source })
}

pub(crate) fn remove() -> Result<(), Error> {
    let path = path()?;
    match fs::remove_file(&path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(Error::File { path, source }),
        _ => Ok(()),
    }
}

fn path() -> Result<PathBuf, Error> {
    let no_home = || Error::Usage("There is no folder for the session file. Set HOME or XDG_CONFIG_HOME.".to_owned());
    Ok(environment::config_dir().ok_or_else(no_home)?.join("session.json"))
}

/// Writes a temporary file and renames it, so that the file is always complete and private.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir)?;
    }
    let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&temporary)?;
    let written = file.write_all(bytes).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written
}
