use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::NoContent;

use crate::domain::Error;
use crate::service::Caller;
use crate::service::challenge::{self, ProfileChange};
use crate::service::images;
use crate::web::App;
use crate::web::api::challenge::Shown;
use crate::web::json::{Expected, Input};
use crate::web::picture::picture;

impl Expected for ProfileChange {
    const EXPECTED: &'static str = "an object with name, tagline, description, contact, organisers, licence, links, hero (example, picture or nothing), hero_picture, hero_alt or revision";
}

/// `POST /admin/challenge`: changes what is said, and leaves the rest.
pub async fn change(
    State(app): State<App>,
    caller: Caller,
    Input(said): Input<ProfileChange>,
) -> Result<Json<Shown>, Error> {
    let changed = challenge::change(&app.services, &caller, said).await?;
    Ok(Json(Shown::of(changed, &app)))
}

/// `POST /admin/challenge/logo`: a picture in the field `file`.
pub async fn set_logo(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Shown>, Error> {
    let sent = picture(&headers, body, images::LOGO_BOUNDS.bytes).await?;
    images::set_logo(&app.services, &caller, &sent.bytes).await?;
    Ok(Json(Shown::of(app.store().challenge().await?, &app)))
}

/// `POST /admin/challenge/logo/remove`: takes the logo away.
pub async fn remove_logo(State(app): State<App>, caller: Caller) -> Result<NoContent, Error> {
    images::remove_logo(&app.services, &caller).await?;
    Ok(NoContent)
}
