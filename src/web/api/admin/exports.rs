use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use crate::domain::Error;
use crate::service::{Caller, exports, phases::phase_named};
use crate::store::{SubmissionFilter, Timestamp};
use crate::web::App;
use crate::web::api::download::{CSV, download};

#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    phase: String,
    /// `true`: everything that has a score, rather than what stands on the leaderboard.
    #[serde(default)]
    all: bool,
}

/// `GET /admin/exports/results.csv`: every value of every case, one a line, as challengeR reads it.
pub async fn results(
    State(app): State<App>,
    caller: Caller,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Error> {
    let phase = phase_named(app.store(), &wanted.phase, Timestamp::now()).await?;
    let lines = exports::results(&app.services, &caller, &phase, wanted.all).await?;
    Ok(download(CSV, &format!("asoca-{}-results.csv", phase.slug), lines))
}

/// `GET /admin/exports/submissions.json`: everything about every submission, newest first.
pub async fn submissions(
    State(app): State<App>,
    caller: Caller,
    Query(filter): Query<SubmissionFilter>,
) -> Result<Response, Error> {
    let pieces = exports::submissions(&app.services, &caller, filter)?;
    Ok(download("application/json", "asoca-submissions.json", pieces))
}
