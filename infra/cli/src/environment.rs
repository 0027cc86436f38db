//! What the command reads from its environment, apart from `MAILKEY_URL`, which clap reads.

use std::{env, path::PathBuf};

/// There is no option for the API key: other people on the machine can read a process's arguments.
pub(crate) fn api_key() -> Option<String> {
    let key = env::var_os("MAILKEY_API_KEY")?.into_string().ok()?;
    Some(key.trim().to_owned()).filter(|key| !key.is_empty())
}

/// `$XDG_CONFIG_HOME/mailkey`, or `~/.config/mailkey`.
pub(crate) fn config_dir() -> Option<PathBuf> {
    let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base =
        absolute("XDG_CONFIG_HOME").or_else(|| Some(absolute("HOME").or_else(env::home_dir)?.join(".config")))?;
    Some(base.join("mailkey"))
}
