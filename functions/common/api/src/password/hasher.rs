//! Hashing off the threads that serve requests.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{sync::Semaphore, time::Instant};

use mailkey::{
    SharedEntropy,
    account::{PasswordHash, password::Password},
    settings::SecuritySettings,
};

use super::{HashError, Memory, Verdict, hash, verify};

/// So many hashes may wait at once; what comes on top is turned away, so that a flood costs neither memory nor the
/// answers to those who wait already.
const MAX_WAITING: usize = 512;

/// The shortest time in which a password is refused. It covers our own hash and what is written after it.
const SHORTEST_REFUSAL: Duration = Duration::from_millis(100);

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

    /// See [`verify`]. The verdict comes with the time at which a refusal may be answered.
    ///
    /// # Errors
    ///
    /// [`HashError`], of which [`HashError::Overloaded`] passes by itself.
    pub async fn verify(
        &self,
        password: Password,
        stored: Option<PasswordHash>,
        settings: &SecuritySettings,
    ) -> Result<(Verdict, RefusalTime), HashError> {
        let shortest = shortest_refusal(&password, settings);
        self.run(move |memory| {
            let refusal_time = RefusalTime(Instant::now() + shortest);
            Ok((verify(&password, stored.as_ref(), memory)?, refusal_time))
        })
        .await
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

/// The time at which a refusal may be answered. It comes after everything that a refusal writes, so that the response
/// time tells neither which addresses have an imported hash nor which are recorded in the audit log.
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct RefusalTime(Instant);

impl RefusalTime {
    /// Waits until the time is reached.
    pub async fn reached(self) {
        tokio::time::sleep_until(self.0).await;
    }
}

/// Twice the estimated work of the slowest hash that was ever imported, because the processor may be shared, for each
/// spelling.
fn shortest_refusal(password: &Password, settings: &SecuritySettings) -> Duration {
    let spellings = u64::try_from(password.spellings().count()).unwrap_or(1);
    let slowest_import = u64::try_from(settings.slowest_import_ms()).unwrap_or(0);
    SHORTEST_REFUSAL.max(Duration::from_millis(slowest_import * 2 * spellings))
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
        let (verdict, _) = hasher
            .verify(Password::new("seven lamps on a quiet pier"), Some(hash), &SecuritySettings::default())
            .await
            .unwrap();
        assert_eq!((verdict, kept()), (Verdict::Right, 1));
    }

    #[tokio::test]
    async fn a_refusal_takes_as_long_as_the_slowest_imported_hash_and_never_less_than_our_own() {
        let hasher = Hasher::new(Arc::new(OsEntropy));
        let fast = bcrypt::hash_with_salt("seven lamps on a quiet pier", 4, *b"sixteen bytes of").unwrap().to_string();
        let fast = Some(PasswordHash::from_phc(fast));
        let slow = SecuritySettings::default().with_slowest_import(300);
        for (typed, stored, settings, shortest) in [
            ("wrong", &fast, slow, 600),
            ("wrong", &None, slow, 600),
            ("wrong ½", &fast, slow, 1200),
            ("wrong ½", &None, slow, 1200),
            ("wrong", &fast, SecuritySettings::default(), 100),
            ("wrong", &None, SecuritySettings::default(), 100),
        ] {
            let started = std::time::Instant::now();
            let (verdict, time) = hasher.verify(Password::new(typed), stored.clone(), &settings).await.unwrap();
            assert_eq!(verdict, Verdict::Wrong);
            time.reached().await;
            let took = started.elapsed().as_millis();
            assert!((shortest..shortest + 500).contains(&took), "{typed} took {took} ms instead of {shortest}");
        }
        let (started, right) = (std::time::Instant::now(), Password::new("seven lamps on a quiet pier"));
        let (verdict, _) = hasher.verify(right, fast, &slow).await.unwrap();
        assert_ne!(verdict, Verdict::Wrong);
        assert!(started.elapsed().as_millis() < 500, "a right password doesn't wait");
    }
}
