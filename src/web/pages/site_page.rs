use askama::Template;
use axum::extract::{Path, State};
use axum::response::Html;

use super::{Page, html};
use crate::domain::Error;
use crate::service::Caller;
use crate::service::site_pages;
use crate::store::SitePage;
use crate::web::App;
use crate::web::markdown;

#[derive(Template)]
#[template(path = "site_page.html")]
struct Shown {
    page: Page,
    shown: SitePage,
    /// Its text.
    html: String,
}

/// A page that organisers wrote.
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(slug): Path<String>,
) -> Result<Html<String>, Error> {
    let shown = site_pages::published(&app.services, &slug).await?;
    let text = markdown::page(&shown.says.body);
    html(&Shown { page: Page::new(&app, &caller, "about").await, shown, html: text })
}
