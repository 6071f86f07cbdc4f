//! What lets people in: secrets from the operating system, of which only digests are kept.

use std::time::Duration;

use rand::TryRng;

use super::passwords::RETRY_AFTER;
use crate::domain::{Error, Scope, UserId};
use crate::store::{LinkKind, NewToken, Store, StoreError, Timestamp};

#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a password can't be hashed: {0}")]
    Hash(String),
    #[error("too many passwords wait to be hashed")]
    Busy,
    #[error("hashing was interrupted")]
    Interrupted,
    #[error("the operating system gives no random bytes")]
    Randomness,
}

/// How many letters of a token tell it apart: the prefix and six more.
const HINT: usize = 12;

impl From<AuthError> for Error {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Busy => Self::busy(RETRY_AFTER.as_secs()),
            AuthError::Store(error) => error.into(),
            error => Self::internal(error),
        }
    }
}

/// So many random bytes from the operating system, as hexadecimal.
pub fn secret<const BYTES: usize>() -> Result<String, AuthError> {
    let mut bytes = [0; BYTES];
    rand::rngs::SysRng.try_fill_bytes(&mut bytes).map_err(|_| AuthError::Randomness)?;
    Ok(crate::digest::hex(&bytes))
}

/// Makes a key for scripts. It is given out this once; what is kept is its digest. The prefix
/// lets secret scanners find it where it does not belong.
pub async fn make_token(
    store: &Store,
    user: UserId,
    name: &str,
    scope: Scope,
    lifetime: Duration,
    now: Timestamp,
) -> Result<String, AuthError> {
    let token = format!("asoca_{}", secret::<32>()?);
    let new = NewToken {
        user_id: user,
        name,
        digest: &crate::digest::sha256(token.as_bytes()),
        hint: token.get(..HINT).unwrap_or_default(),
        scope,
        expires_at: now.plus(lifetime),
    };
    store.add_token(&new, now).await?;
    Ok(token)
}

/// Makes a link that works once, as its path, because `actor` asked for it (nobody: the program itself).
/// It is given out this once; what is kept is a digest.
pub async fn make_link(
    store: &Store,
    kind: LinkKind,
    user: Option<UserId>,
    actor: Option<UserId>,
    now: Timestamp,
) -> Result<String, AuthError> {
    let secret = secret::<32>()?;
    let digest = crate::digest::sha256(secret.as_bytes());
    store.add_link(kind, user, &digest, actor, now).await?;
    Ok(match kind {
        LinkKind::Reset => format!("/reset/{secret}"),
        LinkKind::Welcome => format!("/welcome/{secret}"),
    })
}

/// A new link that lets people in, as its path, and the digest that is kept of it.
pub fn invitation_link() -> Result<(String, String), AuthError> {
    let secret = secret::<32>()?;
    let digest = crate::digest::sha256(secret.as_bytes());
    Ok((format!("/join/{secret}"), digest))
}
