//! Pictures of a submission's cases.

use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::domain::Error;
use crate::service::{Caller, pictures};
use crate::web::App;

/// `GET /submissions/{id}/cases/{case}/preview.png`: three views of the prediction.
pub async fn preview(
    State(app): State<App>,
    caller: Caller,
    Path((id, case)): Path<(String, String)>,
) -> Result<Response, Error> {
    Ok(png(pictures::of_prediction(&app.services, &caller, &id, case).await?))
}

/// `GET /admin/submissions/{id}/cases/{case}/agreement.png`: the same with the truth.
pub async fn agreement(
    State(app): State<App>,
    caller: Caller,
    Path((id, case)): Path<(String, String)>,
) -> Result<Response, Error> {
    Ok(png(pictures::of_agreement(&app.services, &caller, &id, case).await?))
}

/// Kept by the browser that may see it and by nothing on the way; a new score may draw it anew.
fn png(picture: Vec<u8>) -> Response {
    let headers = [(CONTENT_TYPE, "image/png"), (CACHE_CONTROL, "private, max-age=3600")];
    (headers, picture).into_response()
}
