use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::NoContent;
use serde_json::{Value, json};

use crate::domain::Error;
use crate::service::Caller;
use crate::service::images;
use crate::store::ListedImage;
use crate::web::App;
use crate::web::answer::Created;
use crate::web::picture::picture;

/// `GET /admin/images`: the pictures of pages, by name.
pub async fn list(State(app): State<App>) -> Result<Json<Value>, Error> {
    Ok(Json(json!({ "images": images::list(&app.services).await? })))
}

/// `POST /admin/images`: a picture in the field `file`, named by its file or by the field `name` before it.
pub async fn add(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Created<Json<ListedImage>>, Error> {
    let sent = picture(&headers, body, images::BOUNDS.bytes).await?;
    Ok(Created(Json(images::add(&app.services, &caller, &sent.name, &sent.bytes).await?)))
}

/// `POST /admin/images/{name}/delete`.
pub async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<NoContent, Error> {
    images::delete(&app.services, &caller, &name).await?;
    Ok(NoContent)
}
