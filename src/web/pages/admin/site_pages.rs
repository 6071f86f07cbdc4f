use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;

use crate::domain::{Code, Error, Problem};
use crate::service::Caller;
use crate::service::site_pages::{self, MAX_BODY, NewSitePage, SitePageChange};
use crate::store::{ListedPage, ListedRevision, PageText, SitePage};
use crate::web::App;
use crate::web::error::ErrorPage;
use crate::web::markdown;
use crate::web::pages::notice::{Notice, Told};
use crate::web::pages::{Page, html};

#[derive(Template)]
#[template(path = "admin/pages.html")]
struct List {
    page: Page,
    pages: Vec<ListedPage>,
    form: PageForm,
}

#[derive(Template)]
#[template(path = "admin/page.html")]
struct Edited {
    page: Page,
    slug: String,
    revisions: Vec<ListedRevision>,
    form: PageForm,
    /// Whether what the form said was saved just now.
    saved: bool,
}

impl Edited {
    fn is_published(&self) -> bool {
        self.revisions.first().is_some_and(|latest| latest.published)
    }
}

#[derive(Template)]
#[template(path = "admin/page_earlier.html")]
struct Earlier {
    page: Page,
    shown: SitePage,
    /// Its text.
    html: String,
    /// Whether it is what the page says now.
    current: bool,
}

/// What the fields of a form hold, and what is shown above it.
struct PageForm {
    said: Said,
    problems: Vec<Problem>,
    /// The text as it will look, where that was asked for.
    preview: Option<String>,
}

impl PageForm {
    fn of(said: Said) -> Self {
        Self { said, problems: Vec::new(), preview: None }
    }

    fn refused(said: Said, problems: Vec<Problem>) -> Self {
        Self { said, problems, preview: None }
    }

    /// With what would be wrong, too.
    fn previewed(said: Said) -> Self {
        let preview = Some(markdown::html(&said.body));
        Self { problems: site_pages::problems(&said.text()), said, preview }
    }

    fn max_body(&self) -> usize {
        MAX_BODY
    }
}

/// What a form says.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Said {
    slug: String,
    title: String,
    order: String,
    body: String,
    published: Option<String>,
    revision: String,
    /// Of the button that asks for a preview.
    preview: Option<String>,
}

impl Said {
    fn of(page: SitePage) -> Self {
        let PageText { title, place, body, published } = page.says;
        Self {
            slug: page.slug,
            title,
            order: place.to_string(),
            body,
            published: published.then(String::new),
            revision: page.revision.to_string(),
            preview: None,
        }
    }

    fn text(&self) -> PageText {
        PageText {
            title: self.title.trim().to_owned(),
            place: self.place(),
            // As browsers send line breaks.
            body: self.body.replace("\r\n", "\n"),
            published: self.published.is_some(),
        }
    }

    /// Out of bounds where it is no number.
    fn place(&self) -> i64 {
        match self.order.trim() {
            "" => 0,
            order => order.parse().unwrap_or(-1),
        }
    }
}

pub async fn list(State(app): State<App>, caller: Caller) -> Result<Html<String>, Error> {
    list_with(&app, &caller, PageForm::of(Said::default())).await
}

async fn list_with(app: &App, caller: &Caller, form: PageForm) -> Result<Html<String>, Error> {
    let pages = app.store().site_pages(true).await?;
    html(&List { page: Page::new(app, caller, "admin").await, pages, form })
}

pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Form(said): Form<Said>,
) -> Result<Response, Error> {
    if said.preview.is_some() {
        return Ok(list_with(&app, &caller, PageForm::previewed(said)).await?.into_response());
    }
    let PageText { title, place, body, published } = said.text();
    let new = NewSitePage { slug: said.slug.trim().to_owned(), title, place, body, published };
    match site_pages::create(&app.services, &caller, new).await {
        Ok(made) => Ok(Notice::Saved.at(&app, &format!("/admin/pages/{}", made.slug))),
        Err(error) => {
            let (answer, problems) = ErrorPage::of(error)?;
            Ok(answer.with(list_with(&app, &caller, PageForm::refused(said, problems)).await?))
        }
    }
}

pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(slug): Path<String>,
    Told(notice): Told,
) -> Result<Html<String>, Error> {
    let there = site_pages::page(&app.services, &slug).await?;
    let form = PageForm::of(Said::of(there));
    edited(&app, &caller, slug, form, notice == Some(Notice::Saved)).await
}

async fn edited(
    app: &App,
    caller: &Caller,
    slug: String,
    form: PageForm,
    saved: bool,
) -> Result<Html<String>, Error> {
    let revisions = site_pages::revisions(&app.services, &slug).await?;
    html(&Edited { page: Page::new(app, caller, "admin").await, slug, revisions, form, saved })
}

pub async fn change(
    State(app): State<App>,
    caller: Caller,
    Path(slug): Path<String>,
    Form(mut said): Form<Said>,
) -> Result<Response, Error> {
    if said.preview.is_some() {
        let form = PageForm::previewed(said);
        return Ok(edited(&app, &caller, slug, form, false).await?.into_response());
    }
    let PageText { title, place, body, published } = said.text();
    let change = SitePageChange {
        title: Some(title),
        place: Some(place),
        body: Some(body),
        published: Some(published),
        revision: said.revision.parse().ok(),
    };
    match site_pages::change(&app.services, &caller, &slug, change).await {
        Ok(_) => Ok(Notice::Saved.at(&app, &format!("/admin/pages/{slug}"))),
        Err(error) => {
            if error.code() == Some(Code::Stale) {
                // Both were shown: who saves again means it.
                let there = site_pages::page(&app.services, &slug).await?;
                said.revision = there.revision.to_string();
            }
            let (answer, problems) = ErrorPage::of(error)?;
            let form = PageForm::refused(said, problems);
            Ok(answer.with(edited(&app, &caller, slug, form, false).await?))
        }
    }
}

pub async fn earlier(
    State(app): State<App>,
    caller: Caller,
    Path((slug, revision)): Path<(String, String)>,
) -> Result<Html<String>, Error> {
    let shown = site_pages::page_at(&app.services, &slug, &revision).await?;
    let current = site_pages::page(&app.services, &slug).await?.revision == shown.revision;
    let text = markdown::html(&shown.says.body);
    html(&Earlier { page: Page::new(&app, &caller, "admin").await, shown, html: text, current })
}

pub async fn restore(
    State(app): State<App>,
    caller: Caller,
    Path((slug, revision)): Path<(String, String)>,
) -> Result<Response, Error> {
    site_pages::restore(&app.services, &caller, &slug, &revision).await?;
    Ok(Notice::Saved.at(&app, &format!("/admin/pages/{slug}")))
}
