use axum::extract::{DefaultBodyLimit, FromRequestParts, Request, State};
use axum::http::header;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;

use super::App;
use super::auth::AuthSession;
use super::network::Network;
use super::query::check_names;
use super::routes::{LONG_FORM_BYTES, Route};
use super::throttle::too_many;
use crate::domain::{Action, Actor, AuthMethod, Code, Error, Membership, Scope};
use crate::service::Caller;
use crate::store::{Session, StoreError, Timestamp, User};

/// Lets a request through to its handler only if the route takes its parameters and the policy allows its action.
pub async fn guard(
    State((app, route)): State<(App, Route)>,
    request: Request,
    next: Next,
) -> Result<Response, Error> {
    let action = route.action;
    check_names(request.uri(), route.query, !route.path.starts_with("/api/"))?;
    if action == Action::ViewPublic {
        return Ok(next.run(request).await);
    }
    let (mut parts, body) = request.into_parts();
    let caller = Caller::from_request_parts(&mut parts, &app).await?;
    caller.authorize(action)?;
    parts.extensions.insert(caller);
    let mut request = Request::from_parts(parts, body);
    if route.takes_long_forms() {
        DefaultBodyLimit::max(LONG_FORM_BYTES).apply(&mut request);
    }
    Ok(next.run(request).await)
}

impl FromRequestParts<App> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        // On the heap, so that its memory is freed before the request is answered.
        Box::pin(identify(parts, app)).await
    }
}

async fn identify(parts: &mut Parts, app: &App) -> Result<Caller, Error> {
    // Other schemes are somebody else's: a proxy in front may ask for a password of its own.
    let token = parts.headers.get(header::AUTHORIZATION).and_then(|value| {
        let text = value.to_str().ok()?;
        let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
    });
    let (user, method) = match token {
        Some(token) => {
            let network = Network::from_request_parts(parts, app).await?;
            let (user, scope) = by_token(app, &token, &network).await?;
            (user, AuthMethod::Token(scope))
        }
        None => {
            let session = AuthSession::from_request_parts(parts, app)
                .await
                .map_err(|(_, reason)| Error::internal(reason))?;
            match session.user {
                Some(user) => {
                    if let Some(id) = session.session.id() {
                        let digest = Session::digest(id);
                        seen(app.store().touch_session(&digest, Timestamp::now()).await)?;
                    }
                    (user, AuthMethod::Session)
                }
                None => return Ok(Caller::nobody()),
            }
        }
    };
    let team = app.store().team_of(user.id).await?;
    let actor = Actor::Person {
        user: user.id,
        organiser: user.organiser,
        team: team.as_ref().map(|team| Membership {
            team: team.id,
            standing: team.standing,
            leader: team.leader,
        }),
        method,
    };
    Ok(Caller::person(actor, user, team))
}

/// When somebody was last seen is not worth refusing what only reads, should it not be possible to write it down.
fn seen(written: Result<(), StoreError>) -> Result<(), Error> {
    match written {
        Err(error) if error.is_unwritable() => {
            tracing::warn!(%error, "when somebody was last seen can't be written");
            Ok(())
        }
        written => Ok(written?),
    }
}

async fn by_token(app: &App, token: &str, network: &Network) -> Result<(User, Scope), Error> {
    let refused = |found: &str| {
        Error::new(
            Code::AuthBadToken,
            "a token of this site, as 'Authorization: Bearer asoca_…'",
            found,
            "Copy the whole token, or make a new one on the account page.",
        )
    };
    let now = Timestamp::now();
    let refused = |found: &str| match app.bad_tokens.count(network, now) {
        Some(seconds) => too_many(seconds),
        None => refused(found),
    };
    // Looked up before it is counted: a right one is taken from wherever wrong ones come.
    let digest = crate::digest::sha256(token.as_bytes());
    let found = app.store().token(&digest).await?;
    let token = found.ok_or_else(|| refused("one that was never made here"))?;
    if !token.is_valid(now) {
        return Err(refused("one that has expired or was revoked"));
    }
    seen(app.store().touch_token(&token, now).await)?;
    app.store().note_token_network(&token, &network.text, now).await?;
    let user = app.store().user(token.user_id).await?;
    let user = user.ok_or_else(|| refused("one of a person who is gone"))?;
    Ok((user, token.scope))
}
