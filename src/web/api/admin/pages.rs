use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use crate::domain::Error;
use crate::service::Caller;
use crate::service::site_pages::{self, NewSitePage, SitePageChange};
use crate::store::SitePage;
use crate::web::App;
use crate::web::answer::Created;
use crate::web::json::{Expected, Input};

impl Expected for NewSitePage {
    const EXPECTED: &'static str = "{\"slug\": TEXT, \"title\": TEXT, \"order\": NUMBER, \"body\": TEXT in Markdown, \"published\": true or false}";
}

impl Expected for SitePageChange {
    const EXPECTED: &'static str = "an object with title, order, body, published or revision";
}

/// `GET /admin/pages`: all pages, drafts among them, in their order.
pub async fn list(State(app): State<App>) -> Result<Json<Value>, Error> {
    Ok(Json(json!({ "pages": app.store().site_pages(true).await? })))
}

/// `POST /admin/pages`: a new one; `slug` and `title` have to be said.
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Input(new): Input<NewSitePage>,
) -> Result<Created<Json<SitePage>>, Error> {
    Ok(Created(Json(site_pages::create(&app.services, &caller, new).await?)))
}

/// `GET /admin/pages/{slug}`: one of them, with its text.
pub async fn show(
    State(app): State<App>,
    Path(slug): Path<String>,
) -> Result<Json<SitePage>, Error> {
    Ok(Json(site_pages::page(&app.services, &slug).await?))
}

/// `POST /admin/pages/{slug}`: changes what is said, and leaves the rest.
pub async fn change(
    State(app): State<App>,
    caller: Caller,
    Path(slug): Path<String>,
    Input(said): Input<SitePageChange>,
) -> Result<Json<SitePage>, Error> {
    Ok(Json(site_pages::change(&app.services, &caller, &slug, said).await?))
}

/// `GET /admin/pages/{slug}/revisions`: who wrote what the page says and said, and when.
pub async fn revisions(
    State(app): State<App>,
    Path(slug): Path<String>,
) -> Result<Json<Value>, Error> {
    Ok(Json(json!({ "revisions": site_pages::revisions(&app.services, &slug).await? })))
}

/// `GET /admin/pages/{slug}/revisions/{revision}`: the page as it was then.
pub async fn earlier(
    State(app): State<App>,
    Path((slug, revision)): Path<(String, String)>,
) -> Result<Json<SitePage>, Error> {
    Ok(Json(site_pages::page_at(&app.services, &slug, &revision).await?))
}

/// `POST /admin/pages/{slug}/revisions/{revision}/restore`: makes the page say that again, in a new revision.
pub async fn restore(
    State(app): State<App>,
    caller: Caller,
    Path((slug, revision)): Path<(String, String)>,
) -> Result<Json<SitePage>, Error> {
    Ok(Json(site_pages::restore(&app.services, &caller, &slug, &revision).await?))
}
