//! The keys of the local service: generated once and stored in the data folder.

use std::{fs, io::Write, os::unix::fs::OpenOptionsExt, path::Path};

use base64::{Engine, prelude::BASE64_STANDARD};
use mailkey::{Entropy, config::KeyRing};
use serde::{Deserialize, Serialize};

/// One key for each purpose.
#[derive(Deserialize, Serialize)]
pub struct Secrets {
    request_key: String,
    cursor_key: String,
    device_key: String,
    /// Empty in data of version 0.1.0, like the next one.
    #[serde(default)]
    second_factor_key: String,
    #[serde(default)]
    erasure_key: String,
}

fn new_key(entropy: &dyn Entropy) -> Result<String, SecretsError> {
    let mut bytes = [0; 32];
    entropy.fill(&mut bytes)?;
    Ok(BASE64_STANDARD.encode(bytes))
}

/// The keys can't be read or generated.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// Reading or writing the file failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The file's content isn't valid.
    #[error("the content isn't valid; restore the file, or delete the data folder to start over")]
    Damaged,
    /// There were no random bytes.
    #[error(transparent)]
    NoEntropy(#[from] mailkey::entropy::NoEntropy),
}

impl Secrets {
    /// Generates keys without storing them.
    pub fn make(entropy: &dyn Entropy) -> Result<Self, SecretsError> {
        let key = || new_key(entropy);
        Ok(Self {
            request_key: key()?,
            cursor_key: key()?,
            device_key: key()?,
            second_factor_key: key()?,
            erasure_key: key()?,
        })
    }

    /// Reads the keys from the file. If it doesn't exist, generates keys and writes them, readable by the owner only.
    pub fn open(path: &Path, entropy: &dyn Entropy) -> Result<Self, SecretsError> {
        match fs::read(path) {
            Ok(bytes) => {
                let mut read: Self = serde_json::from_slice(&bytes).map_err(|_| SecretsError::Damaged)?;
                let missing =
                    [&mut read.second_factor_key, &mut read.erasure_key].into_iter().filter(|key| key.is_empty());
                let mut added = 0;
                for key in missing {
                    *key = new_key(entropy)?;
                    added += 1;
                }
                if added == 0 { Ok(read) } else { read.write(path) }
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Self::make(entropy)?.write(path),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes and renames, so that a crash leaves the whole file or the former one.
    fn write(self, path: &Path) -> Result<Self, SecretsError> {
        let text = serde_json::to_vec_pretty(&self).map_err(|_| SecretsError::Damaged)?;
        let beside = path.with_extension("new");
        let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(beside, path)?;
        Ok(self)
    }

    /// Parses the key that computes the pseudonyms of addresses.
    pub fn erasure_key(&self) -> Result<KeyRing, SecretsError> {
        KeyRing::parse(&self.erasure_key).map_err(|_| SecretsError::Damaged)
    }

    /// Parses the key that signs cursors.
    pub fn cursor_key(&self) -> Result<KeyRing, SecretsError> {
        KeyRing::parse(&self.cursor_key).map_err(|_| SecretsError::Damaged)
    }

    /// Parses the key that signs device tokens.
    pub fn device_key(&self) -> Result<KeyRing, SecretsError> {
        KeyRing::parse(&self.device_key).map_err(|_| SecretsError::Damaged)
    }

    /// Parses the key that encrypts second factors.
    pub fn second_factor_key(&self) -> Result<KeyRing, SecretsError> {
        KeyRing::parse(&self.second_factor_key).map_err(|_| SecretsError::Damaged)
    }

    /// Parses the key that hides addresses in the keys of email requests.
    pub fn request_key(&self) -> Result<KeyRing, SecretsError> {
        KeyRing::parse(&self.request_key).map_err(|_| SecretsError::Damaged)
    }
}

#[cfg(test)]
mod tests {
    use mailkey::OsEntropy;

    use super::*;

    #[test]
    fn a_file_of_the_former_version_gets_the_keys_that_it_lacks_once() {
        let folder = std::env::temp_dir().join(format!("mailkey-secrets-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("secrets.json");
        let key = BASE64_STANDARD.encode([7; 32]);
        fs::write(&path, format!(r#"{{"request_key":"{key}","cursor_key":"{key}","device_key":"{key}"}}"#)).unwrap();
        let opened = Secrets::open(&path, &OsEntropy).unwrap();
        assert!(opened.second_factor_key().is_ok() && opened.erasure_key().is_ok());
        let again = Secrets::open(&path, &OsEntropy).unwrap();
        assert_eq!(again.second_factor_key, opened.second_factor_key);
        assert_eq!(again.erasure_key, opened.erasure_key);
        assert!(again.request_key().unwrap().current().1.is(&key));
        fs::write(&path, "{}").unwrap();
        assert!(matches!(Secrets::open(&path, &OsEntropy), Err(SecretsError::Damaged)));
        fs::remove_dir_all(&folder).unwrap();
    }
}
