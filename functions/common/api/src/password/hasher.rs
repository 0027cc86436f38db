//! Hashing off the threads that serve requests.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::Semaphore;

use mailkey::{
    SharedEntropy,
    account::{PasswordHash, password::Password},
};

use super::{HashError, Memory, Verdict, hash, verify};

/// So many hashes may wait at once; what comes on top is turned away, so that a flood costs neither memory nor the
/// answers to those who wait already.
const MAX_WAITING: usize = 512;

/// Computes hashes off the threads that serve requests, as many at a time as there are processors.
pub struct Hasher {
    entropy: SharedEntropy,
    running: Semaphore,
    waiting: Semaphore,
    memories: Arc<Mutex<Memories>>,
}

#[derive(Default)]
struct Memories {
    /// As many as were at work at once.
    free: Vec<Memory>,
    used: bool,
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hasher").field("running", &self.running).field("waiting", &self.waiting).finish_non_exhaustive()
    }
}

impl Hasher {
    /// A hasher whose salts come from `entropy`.
    pub fn new(entropy: SharedEntropy) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, Into::into);
        let (running, waiting) = (Semaphore::new(processors), Semaphore::new(MAX_WAITING));
        Self { entropy, running, waiting, memories: Arc::default() }
    }

    /// Gives memory back that was not used since this was last called. For a process that lives on while nobody signs
    /// in.
    pub fn give_back_unused(&self) {
        let mut memories = self.memories.lock().unwrap_or_else(PoisonError::into_inner);
        if !std::mem::take(&mut memories.used) {
            memories.free = Vec::new();
        }
    }

    /// See [`hash`].
    ///
    /// # Errors
    ///
    /// [`HashError`], of which [`HashError::Overloaded`] passes by itself.
    pub async fn hash(&self, password: Password) -> Result<PasswordHash, HashError> {
        let entropy = SharedEntropy::clone(&self.entropy);
        self.run(move |memory| hash(&password, &*entropy, memory)).await
    }

    /// See [`verify`].
    ///
    /// # Errors
    ///
    /// [`HashError`], of which [`HashError::Overloaded`] passes by itself.
    pub async fn verify(&self, password: Password, stored: Option<PasswordHash>) -> Result<Verdict, HashError> {
        self.run(move |memory| verify(&password, stored.as_ref(), memory)).await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let _waiting = self.waiting.try_acquire().map_err(|_| HashError::Overloaded)?;
        let _running = self.running.acquire().await.map_err(|_| HashError::Aborted)?;
        let memories = Arc::clone(&self.memories);
        let done = tokio::task::spawn_blocking(move || {
            let mut memory = memories.lock().unwrap_or_else(PoisonError::into_inner).free.pop().unwrap_or_default();
            let result = work(&mut memory);
            let mut memories = memories.lock().unwrap_or_else(PoisonError::into_inner);
            memories.free.push(memory);
            memories.used = true;
            result
        });
        done.await.map_err(|_| HashError::Aborted)?
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mailkey::OsEntropy;

    #[tokio::test]
    async fn memory_is_kept_while_passwords_come_and_given_back_when_none_does() {
        let hasher = Hasher::new(Arc::new(OsEntropy));
        let kept = || hasher.memories.lock().unwrap().free.len();
        let hash = hasher.hash(Password::new("seven lamps on a quiet pier")).await.unwrap();
        hasher.give_back_unused();
        assert_eq!(kept(), 1, "it was used a moment ago");
        hasher.give_back_unused();
        assert_eq!(kept(), 0);
        let verdict = hasher.verify(Password::new("seven lamps on a quiet pier"), Some(hash)).await.unwrap();
        assert_eq!((verdict, kept()), (Verdict::Right, 1));
    }
}
