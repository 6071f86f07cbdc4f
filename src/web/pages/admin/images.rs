use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{Html, Response};

use crate::domain::{Error, Problem};
use crate::service::Caller;
use crate::service::images;
use crate::store::ListedImage;
use crate::web::App;
use crate::web::error::ErrorPage;
use crate::web::pages::notice::{Notice, Told};
use crate::web::pages::{Page, html};
use crate::web::picture::picture;

const ADDRESS: &str = "/admin/images";

#[derive(Template)]
#[template(path = "admin/images.html")]
struct Images {
    page: Page,
    images: Vec<ListedImage>,
    problems: Vec<Problem>,
    /// Whether what a form said was done just now.
    saved: bool,
}

async fn page(
    app: &App,
    caller: &Caller,
    problems: Vec<Problem>,
    saved: bool,
) -> Result<Html<String>, Error> {
    let images = images::list(&app.services).await?;
    html(&Images { page: Page::new(app, caller, "admin").await, images, problems, saved })
}

pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Told(notice): Told,
) -> Result<Html<String>, Error> {
    page(&app, &caller, Vec::new(), notice == Some(Notice::Saved)).await
}

pub async fn add(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    let added = async {
        let sent = picture(&headers, body, images::BOUNDS.bytes).await?;
        images::add(&app.services, &caller, &sent.name, &sent.bytes).await
    };
    match added.await {
        Ok(_) => Ok(Notice::Saved.at(&app, ADDRESS)),
        Err(error) => {
            let (answer, problems) = ErrorPage::of(error)?;
            Ok(answer.with(page(&app, &caller, problems, false).await?))
        }
    }
}

pub async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<Response, Error> {
    images::delete(&app.services, &caller, &name).await?;
    Ok(Notice::Saved.at(&app, ADDRESS))
}
