//! The secrets of this machine: made once, kept beside the data.

use std::{fs, io::Write, os::unix::fs::OpenOptionsExt, path::Path};

use base64::{Engine, prelude::BASE64_STANDARD};
use mailkey::{Entropy, config::KeyRing};
use serde::{Deserialize, Serialize};

/// One secret for each purpose.
#[derive(Deserialize, Serialize)]
pub struct Secrets {
    request_key: String,
    cursor_key: String,
}

/// The secrets can't be read or made.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// The file can't be read or written.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The file is not as it was written.
    #[error("it does not hold the secrets that were written there")]
    Damaged,
    /// No random bytes.
    #[error(transparent)]
    NoEntropy(#[from] mailkey::entropy::NoEntropy),
}

impl Secrets {
    /// New ones, kept nowhere.
    ///
    /// # Errors
    ///
    /// [`SecretsError::NoEntropy`].
    pub fn make(entropy: &dyn Entropy) -> Result<Self, SecretsError> {
        let key = || -> Result<String, SecretsError> {
            let mut bytes = [0; 32];
            entropy.fill(&mut bytes)?;
            Ok(BASE64_STANDARD.encode(bytes))
        };
        Ok(Self { request_key: key()?, cursor_key: key()? })
    }

    /// Those in the file; where there is none, new ones, which are written there for the owner alone.
    ///
    /// # Errors
    ///
    /// [`SecretsError`].
    pub fn open(path: &Path, entropy: &dyn Entropy) -> Result<Self, SecretsError> {
        match fs::read(path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|_| SecretsError::Damaged),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let secrets = Self::make(entropy)?;
                let text = serde_json::to_vec_pretty(&secrets).map_err(|_| SecretsError::Damaged)?;
                // Complete or not there at all, also if the machine stops in between.
                let beside = path.with_extension("new");
                let mut file =
                    fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
                file.write_all(&text)?;
                file.sync_all()?;
                fs::rename(beside, path)?;
                Ok(secrets)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The key that signs cursors.
    ///
    /// # Errors
    ///
    /// [`SecretsError::Damaged`] where it is none.
    pub fn cursor_key(&self) -> Result<KeyRing, SecretsError> {
        KeyRing::parse(&self.cursor_key).map_err(|_| SecretsError::Damaged)
    }

    /// The key of recovery requests.
    ///
    /// # Errors
    ///
    /// [`SecretsError::Damaged`] where it is none.
    pub fn request_key(&self) -> Result<KeyRing, SecretsError> {
        KeyRing::parse(&self.request_key).map_err(|_| SecretsError::Damaged)
    }
}
