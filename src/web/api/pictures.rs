//! Pictures and meshes of a submission's cases.

use axum::extract::{Path, Query, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::domain::Error;
use crate::service::Caller;
use crate::service::pictures::{self, Drawing};
use crate::web::App;

/// `GET /submissions/{id}/cases/{case}/preview.png`: three views of the prediction.
pub async fn preview(
    State(app): State<App>,
    caller: Caller,
    Path((id, case)): Path<(String, String)>,
) -> Result<Response, Error> {
    Ok(kept(png(pictures::preview(&app.services, &caller, &id, case).await?)))
}

/// `GET /admin/submissions/{id}/cases/{case}/agreement.png`: the same with the truth.
pub async fn agreement(
    State(app): State<App>,
    caller: Caller,
    Path((id, case)): Path<(String, String)>,
) -> Result<Response, Error> {
    Ok(png(pictures::draw(&app.services, &caller, &id, case, Drawing::AgreementPicture).await?))
}

/// `GET /submissions/{id}/cases/{case}/mesh`: the surface of the prediction, for the view in 3-D.
pub async fn mesh(
    State(app): State<App>,
    caller: Caller,
    Path((id, case)): Path<(String, String)>,
) -> Result<Response, Error> {
    Ok(kept(gzipped(pictures::draw(&app.services, &caller, &id, case, Drawing::Mesh).await?)))
}

/// `GET /admin/submissions/{id}/cases/{case}/mesh`: the surfaces of what the prediction and the truth share and what only one has.
pub async fn agreement_mesh(
    State(app): State<App>,
    caller: Caller,
    Path((id, case)): Path<(String, String)>,
) -> Result<Response, Error> {
    Ok(gzipped(pictures::draw(&app.services, &caller, &id, case, Drawing::AgreementMesh).await?))
}

/// How a slice is drawn.
#[derive(Debug, serde::Deserialize)]
pub struct Drawn {
    /// `off`: the image alone.
    #[serde(default)]
    outlines: String,
}

/// `GET /admin/submissions/{id}/cases/{case}/slices/{z}`: a slice of the CT with the outlines of the prediction and the truth.
pub async fn slice(
    State(app): State<App>,
    caller: Caller,
    Path((id, case, z)): Path<(String, String, String)>,
    Query(Drawn { outlines }): Query<Drawn>,
) -> Result<Response, Error> {
    let outlined = outlines != "off";
    Ok(png(pictures::slice(&app.services, &caller, &id, case, &z, outlined).await?))
}

/// Whoever draws it can unpack it.
fn gzipped(mesh: Vec<u8>) -> Response {
    ([(CONTENT_TYPE, "application/octet-stream"), (CONTENT_ENCODING, "gzip")], mesh).into_response()
}

fn png(picture: Vec<u8>) -> Response {
    ([(CONTENT_TYPE, "image/png")], picture).into_response()
}

/// Kept for an hour by the browser that may see it, and by nothing on the way: a new score may draw it anew. Only of the
/// prediction alone: what the truth has a part in leaves nothing behind in a browser.
fn kept(picture: Response) -> Response {
    ([(CACHE_CONTROL, "private, max-age=3600")], picture).into_response()
}
