//! Ending one's sessions; they are listed on the account page.

use axum::extract::{Path, State};
use axum::response::Redirect;

use crate::domain::Error;
use crate::service::Caller;
use crate::store::{Session, Timestamp};
use crate::web::App;
use crate::web::auth::AuthSession;

/// What the session of this request is known by.
pub fn this_one(session: &AuthSession) -> String {
    session.session.id().map(Session::digest).unwrap_or_default()
}

pub async fn end(
    State(app): State<App>,
    caller: Caller,
    Path(digest): Path<String>,
) -> Result<Redirect, Error> {
    let user = caller.authenticated_user()?.id;
    if !app.store().end_session(user, &digest, Timestamp::now()).await? {
        return Err(Error::not_found());
    }
    Ok(Redirect::to("/account"))
}

pub async fn end_others(
    State(app): State<App>,
    caller: Caller,
    session: AuthSession,
) -> Result<Redirect, Error> {
    let user = caller.authenticated_user()?.id;
    app.store().end_other_sessions(user, &this_one(&session), Timestamp::now()).await?;
    Ok(Redirect::to("/account"))
}
