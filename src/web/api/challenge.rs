use axum::Json;
use axum::extract::State;
use serde::Serialize;

use crate::domain::Error;
use crate::store::{Challenge, Profile};
use crate::web::App;

/// The challenge as everybody sees it.
#[derive(Serialize)]
pub struct Shown {
    #[serde(flatten)]
    profile: Profile,
    /// Where the logo is, if there is one.
    logo: Option<String>,
    /// Sent with a change, it refuses the change where somebody else has changed the challenge meanwhile.
    revision: i64,
}

impl Shown {
    pub fn of(challenge: Challenge, app: &App) -> Self {
        let logo = challenge.logo_path().map(|path| format!("{}{path}", app.services.public_url));
        Self { logo, profile: challenge.profile, revision: challenge.revision }
    }
}

/// `GET /challenge`: what it is called and says of itself.
pub async fn show(State(app): State<App>) -> Result<Json<Shown>, Error> {
    Ok(Json(Shown::of(app.store().challenge().await?, &app)))
}
