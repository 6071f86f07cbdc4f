//! Passwords and tokens; axum-login asks here who somebody is.

use std::time::Duration;

use axum::http::{HeaderMap, header};
use axum_login::{AuthUser, AuthnBackend, UserId};
use rand::TryRng;
use uuid::Uuid;

use super::account_fields::{MAX_PASSWORD_BYTES, email};
use super::passwords::{Passwords, RETRY_AFTER};
use crate::domain::{Error, Scope};
use crate::store::{LinkKind, NewToken, Session, Store, StoreError, Timestamp, User};

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

impl From<axum_login::Error<Backend>> for Error {
    fn from(error: axum_login::Error<Backend>) -> Self {
        match error {
            axum_login::Error::Backend(error) => error.into(),
            error => Self::unavailable(error),
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
    user: Uuid,
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
    user: Option<Uuid>,
    actor: Option<Uuid>,
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

/// Who logs in.
#[derive(Clone)]
pub struct Credentials {
    pub email: String,
    pub password: String,
}

#[derive(Clone, Debug)]
pub struct Backend {
    pub store: Store,
    pub passwords: Passwords,
}

impl AuthUser for User {
    type Id = Uuid;

    fn id(&self) -> Uuid {
        self.id
    }

    /// A changed password ends all sessions.
    fn session_auth_hash(&self) -> &[u8] {
        self.password_hash.as_bytes()
    }
}

impl AuthnBackend for Backend {
    type User = User;
    type Credentials = Credentials;
    type Error = AuthError;

    async fn authenticate(&self, who: Credentials) -> Result<Option<User>, AuthError> {
        // Nobody has such an address; a database may not even take it.
        if email(&who.email).is_err() || who.password.len() > MAX_PASSWORD_BYTES {
            return Ok(None);
        }
        let user = self.store.user_by_email(&who.email).await?;
        let hash = user.as_ref().map(|user| user.password_hash.clone());
        let right = self.passwords.verify(who.password, hash).await?;
        Ok(user.filter(|_| right))
    }

    async fn get_user(&self, id: &UserId<Self>) -> Result<Option<User>, AuthError> {
        Ok(self.store.user(*id).await?)
    }
}

pub type AuthSession = axum_login::AuthSession<Backend>;

/// Logs a person in, and writes down when and with which browser.
///
/// The session is a new one, whoever was logged in before: axum-login gives a new id only where nobody was, so a
/// cookie that somebody planted while logged in would become this person's. The old session is deleted with all it held.
pub async fn begin_session(
    session: &mut AuthSession,
    user: &User,
    headers: &HeaderMap,
    now: Timestamp,
) -> Result<(), axum_login::Error<Backend>> {
    session.session.clear().await;
    session.session.cycle_id().await?;
    session.login(user).await?;
    session.session.insert(Session::BEGUN, now).await?;
    session.session.insert(Session::BROWSER, browser(headers)).await?;
    // Before the answer is made: a page may list it.
    session.session.save().await?;
    Ok(())
}

/// What the browser calls itself, in words of ours; others that look like a known one name it, too,
/// so the more particular ones come first.
fn browser(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let agent = agent.unwrap_or_default();
    let first = |names: &[(&str, &'static str)]| {
        names.iter().find(|(mark, _)| agent.contains(mark)).map(|&(_, name)| name)
    };
    let browser = first(&[
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("CriOS/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ]);
    let system = first(&[
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ]);
    let browser = browser.unwrap_or("Another browser");
    system.map_or_else(|| browser.to_owned(), |system| format!("{browser} on {system}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_told_in_words_of_ours() {
        let of = |agent: &str| {
            browser(&HeaderMap::from_iter([(header::USER_AGENT, agent.parse().unwrap())]))
        };
        let windows =
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)";
        assert_eq!(of(&format!("{windows} Chrome/140.0 Safari/537.36")), "Chrome on Windows");
        assert_eq!(
            of(&format!("{windows} Chrome/140.0 Safari/537.36 Edg/140.0")),
            "Edge on Windows"
        );
        assert_eq!(
            of("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
            "Firefox on Linux"
        );
        assert_eq!(of("<b>anything</b>"), "Another browser");
        assert_eq!(browser(&HeaderMap::new()), "Another browser");
    }
}
