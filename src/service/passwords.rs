//! Hashing passwords, in a fixed amount of memory.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::password_hash::{self, try_generate_salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use tokio::sync::Semaphore;

use super::credentials::AuthError;

/// How many passwords are hashed at a time. Each takes 19 MiB and tens of milliseconds, by design.
const PLACES: usize = 2;

/// How many wait for a place. What comes beyond these would wait for seconds, and is better told so at once.
const MAX_WAITING: usize = 256;

/// How long a password waits for its place.
const PATIENCE: Duration = Duration::from_secs(10);

/// When who was turned away may come back: by then most of those that waited are done.
pub const RETRY_AFTER: Duration = Duration::from_secs(5);

/// Hashes and checks passwords, a few at a time, away from the threads that answer requests.
#[derive(Clone, Debug)]
pub struct Passwords {
    queue: Arc<Semaphore>,
    places: Arc<Semaphore>,
    buffers: Arc<Buffers>,
}

/// The memory that hashing fills, one piece for a place. It is kept: blocks of this size that come and go from
/// thread to thread make an allocator hold far more than is ever in use.
#[derive(Default)]
struct Buffers(Mutex<Vec<Vec<Block>>>);

/// What was hashed stays out of logs.
impl std::fmt::Debug for Buffers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Buffers").finish_non_exhaustive()
    }
}

impl Buffers {
    fn with<T>(&self, blocks: usize, work: impl FnOnce(&mut [Block]) -> T) -> T {
        let idle = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = idle().pop();
        let mut buffer = kept.unwrap_or_default();
        if buffer.len() < blocks {
            buffer.resize(blocks, Block::new());
        }
        let done = work(&mut buffer);
        idle().push(buffer);
        done
    }

    fn hash(&self, password: &str) -> password_hash::Result<String> {
        let salt: &[u8] = &try_generate_salt().map_err(|_| password_hash::Error::Internal)?;
        let (algorithm, version, params): (Algorithm, Version, Params) = Default::default();
        let output = self.output(password, salt, algorithm, version, &params)?;
        let hash = PasswordHash {
            algorithm: algorithm.ident(),
            version: Some(version.into()),
            params: ParamsString::try_from(&params)?,
            salt: Some(Salt::new(salt)?),
            hash: Some(output),
        };
        Ok(hash.to_string())
    }

    fn is_behind(&self, password: &str, hash: &str) -> password_hash::Result<bool> {
        let hash = PasswordHash::new(hash)?;
        let (Some(salt), Some(expected)) = (&hash.salt, &hash.hash) else { return Ok(false) };
        let algorithm = Algorithm::try_from(hash.algorithm.as_str())?;
        let version = hash.version.map_or(Ok(Version::default()), Version::try_from)?;
        let params = Params::try_from(&hash)?;
        // `Output` compares in constant time.
        Ok(self.output(password, salt, algorithm, version, &params)? == *expected)
    }

    fn output(
        &self,
        password: &str,
        salt: &[u8],
        algorithm: Algorithm,
        version: Version,
        params: &Params,
    ) -> password_hash::Result<Output> {
        let argon2 = Argon2::new(algorithm, version, params.clone());
        let mut buffer = [0; Output::MAX_LENGTH];
        let output = buffer
            .get_mut(..params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN))
            .ok_or(password_hash::Error::OutputSize)?;
        self.with(params.block_count(), |blocks| {
            argon2.hash_password_into_with_memory(password.as_bytes(), salt, output, blocks)
        })?;
        Ok(Output::new(output)?)
    }
}

impl Passwords {
    #[expect(clippy::new_without_default, reason = "there is one for a process, made on purpose")]
    pub fn new() -> Self {
        Self {
            queue: Arc::new(Semaphore::new(PLACES + MAX_WAITING)),
            places: Arc::new(Semaphore::new(PLACES)),
            buffers: Arc::default(),
        }
    }

    async fn in_place<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Buffers) -> T + Send + 'static,
    ) -> Result<T, AuthError> {
        let _queued = self.queue.try_acquire().map_err(|_| AuthError::Busy)?;
        let place = tokio::time::timeout(PATIENCE, Arc::clone(&self.places).acquire_owned())
            .await
            .map_err(|_| AuthError::Busy)?
            .map_err(|_| AuthError::Interrupted)?;
        let buffers = Arc::clone(&self.buffers);
        // The place goes with the work: who hangs up meanwhile makes no room for another.
        tokio::task::spawn_blocking(move || {
            let done = work(&buffers);
            drop(place);
            done
        })
        .await
        .map_err(|_| AuthError::Interrupted)
    }

    /// Argon2id with a salt of its own, as a PHC string.
    pub async fn hash(&self, password: String) -> Result<String, AuthError> {
        self.in_place(move |buffers| {
            let hashed = buffers.hash(&password);
            hashed.map_err(|error| AuthError::Hash(error.to_string()))
        })
        .await?
    }

    /// Whether the password is the one behind the hash. With no hash (nobody has that
    /// address) the same work is done, so that the time doesn't tell.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, AuthError> {
        self.in_place(move |buffers| match hash {
            Some(hash) => buffers.is_behind(&password, &hash).unwrap_or(false),
            None => {
                let _ = buffers.hash(&password);
                false
            }
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::task::{Context, Waker};

    use argon2::password_hash::{PasswordHasher, PasswordVerifier};

    use super::*;

    #[test]
    fn a_used_buffer_hashes_as_the_library_does_with_memory_of_its_own() {
        let buffers = Buffers::default();
        for password in ["correct horse battery", "", "pässword", &"x".repeat(1024)] {
            let ours = buffers.hash(password).unwrap();
            assert!(ours.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{ours}");
            Argon2::default().verify_password(password.as_bytes(), ours.as_str()).unwrap();
            let theirs = Argon2::default().hash_password(password.as_bytes()).unwrap().to_string();
            assert_eq!(theirs.len(), ours.len());
            assert_eq!(buffers.is_behind(password, &theirs), Ok(true));
            assert_eq!(buffers.is_behind("another", &theirs), Ok(false));
            assert_ne!(buffers.hash(password).unwrap(), ours, "the salt is the same");
        }
        assert_eq!(buffers.0.lock().unwrap().len(), 1);
        assert!(buffers.is_behind("", "deleted").is_err());
    }

    #[test]
    fn a_hash_with_other_parameters_is_checked_by_these() {
        let (small, large) = (Params::new(64, 1, 2, Some(16)), Params::new(32_768, 1, 1, None));
        let buffers = Buffers::default();
        for (algorithm, params) in [(Algorithm::Argon2i, small), (Algorithm::Argon2id, large)] {
            let argon2 = Argon2::new(algorithm, Version::default(), params.unwrap());
            let hash = argon2.hash_password(b"right").unwrap().to_string();
            assert_eq!(buffers.is_behind("right", &hash), Ok(true));
            assert_eq!(buffers.is_behind("wrong", &hash), Ok(false));
        }
    }

    #[tokio::test]
    async fn who_hangs_up_while_a_password_is_hashed_makes_no_room_for_another() {
        let passwords = Passwords::new();
        let free = || passwords.places.available_permits();
        let before = free();
        let (go_on, wait) = mpsc::channel::<()>();
        {
            let mut work = std::pin::pin!(passwords.in_place(move |_| wait.recv()));
            let mut context = Context::from_waker(Waker::noop());
            assert!(work.as_mut().poll(&mut context).is_pending());
        }
        assert_eq!(free(), before - 1);
        drop(go_on);
        // The work ends now, and the place is given back.
        let all = passwords.places.acquire_many(before as u32).await.unwrap();
        assert_eq!(all.num_permits(), before);
    }

    #[tokio::test]
    async fn what_would_wait_too_long_is_refused_at_once() {
        let passwords = Passwords::new();
        let (go_on, wait) = mpsc::channel::<()>();
        let wait = Arc::new(Mutex::new(wait));
        let mut waiting: Vec<_> = (0..PLACES + MAX_WAITING)
            .map(|_| {
                let wait = Arc::clone(&wait);
                Box::pin(passwords.in_place(move |_| {
                    let _ = wait.lock().unwrap().recv();
                }))
            })
            .collect();
        let mut context = Context::from_waker(Waker::noop());
        for work in &mut waiting {
            assert!(work.as_mut().poll(&mut context).is_pending());
        }
        assert!(matches!(passwords.in_place(|_| ()).await, Err(AuthError::Busy)));
        // Who goes away leaves the queue.
        drop(waiting.pop());
        let mut next = Box::pin(passwords.in_place(|_| ()));
        assert!(next.as_mut().poll(&mut context).is_pending());
        drop(go_on);
        for work in waiting {
            work.await.unwrap();
        }
        next.await.unwrap();
    }
}
