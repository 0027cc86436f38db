//! What the command takes from its environment, besides `MAILKEY_URL`, which is an option too.

use std::{env, path::PathBuf};

/// The API key to use instead of the session of `mailkey sign-in`. There is no option for it: other people on the
/// machine can read the arguments of a process.
pub(crate) fn api_key() -> Option<String> {
    let key = env::var_os("MAILKEY_API_KEY")?.into_string().ok()?;
    Some(key.trim().to_owned()).filter(|key| !key.is_empty())
}

/// Where this command keeps its files: `$XDG_CONFIG_HOME/mailkey`, or `~/.config/mailkey`.
pub(crate) fn config_dir() -> Option<PathBuf> {
    let named = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = named("XDG_CONFIG_HOME").or_else(|| Some(named("HOME").or_else(env::home_dir)?.join(".config")))?;
    Some(base.join("mailkey"))
}
