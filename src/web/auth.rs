//! Passwords and tokens; axum-login asks here who somebody is.

use axum::http::{HeaderMap, header};
use axum_login::{AuthUser, AuthnBackend};

use crate::domain::{Error, UserId};
use crate::service::credentials::AuthError;
use crate::service::fields::{MAX_PASSWORD_BYTES, email};
use crate::service::passwords::Passwords;
use crate::store::{Session, Store, Timestamp, User};

impl From<axum_login::Error<Backend>> for Error {
    fn from(error: axum_login::Error<Backend>) -> Self {
        match error {
            axum_login::Error::Backend(error) => error.into(),
            error => Self::unavailable(error),
        }
    }
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
    type Id = UserId;

    fn id(&self) -> UserId {
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

    async fn get_user(&self, id: &UserId) -> Result<Option<User>, AuthError> {
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
