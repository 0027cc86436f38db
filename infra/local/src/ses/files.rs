//! Files that only the owner can read, because emails contain links that give access to accounts.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Opens a file for reading, appending and truncating; creates it if it doesn't exist.
pub(super) fn open_private(path: &Path) -> io::Result<File> {
    private(OpenOptions::new().read(true).append(true).create(true)).open(path)
}

/// Replaces a file atomically: readers see either the old content or the new.
pub(super) fn replace_private(path: &Path, content: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let mut file = private(OpenOptions::new().write(true).truncate(true).create(true)).open(&beside)?;
    content(&mut file)?;
    file.flush()?;
    std::fs::rename(&beside, path)
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}
