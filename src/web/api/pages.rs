use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use crate::domain::Error;
use crate::service::site_pages;
use crate::store::SitePage;
use crate::web::App;

/// `GET /pages`: the published pages, in their order.
pub async fn list(State(app): State<App>) -> Result<Json<Value>, Error> {
    Ok(Json(json!({ "pages": app.store().site_pages(false).await? })))
}

/// `GET /pages/{slug}`: one of them, with its text.
pub async fn show(
    State(app): State<App>,
    Path(slug): Path<String>,
) -> Result<Json<SitePage>, Error> {
    Ok(Json(site_pages::published(&app.services, &slug).await?))
}
