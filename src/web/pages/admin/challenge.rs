use askama::Template;
use axum::Form;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{Html, Response};

use crate::domain::{Code, Error, Hero, Problem};
use crate::service::Caller;
use crate::service::challenge::{self, MAX_LINKS, ProfileChange};
use crate::service::images;
use crate::store::{Link, Profile};
use crate::web::App;
use crate::web::error::ErrorPage;
use crate::web::pages::notice::{Notice, Told};
use crate::web::pages::{Page, html};
use crate::web::picture::picture;

const ADDRESS: &str = "/admin/challenge";

#[derive(Template)]
#[template(path = "admin/challenge.html")]
struct Shown {
    page: Page,
    /// What the form's fields hold.
    profile: Profile,
    revision: i64,
    /// The names of the pictures that the overview can show.
    pictures: Vec<String>,
    problems: Vec<Problem>,
    /// Whether what a form said was saved just now.
    saved: bool,
}

/// What the overview can show, in words.
const HEROES: [(Hero, &str); 3] = [
    (Hero::Example, "a synthetic example, which turns"),
    (Hero::Picture, "a picture"),
    (Hero::Nothing, "nothing"),
];

impl Shown {
    fn is_hero(&self, of: &Hero) -> bool {
        self.profile.hero == *of
    }

    /// Whether the picture that was chosen is gone.
    fn lacks_picture(&self) -> bool {
        self.is_hero(&Hero::Picture) && !self.pictures.contains(&self.profile.hero_picture)
    }

    /// The links with room for another two.
    fn links(&self) -> Vec<Link> {
        let empty = || Link { label: String::new(), url: String::new() };
        let rows = (self.profile.links.len() + 2).min(MAX_LINKS.max(self.profile.links.len()));
        let links = self.profile.links.iter().cloned().chain(std::iter::repeat_with(empty));
        links.take(rows).collect()
    }
}

/// What a form says, as the API would be told.
fn said(fields: Vec<(String, String)>) -> ProfileChange {
    let mut said = ProfileChange::default();
    let (mut labels, mut urls) = (Vec::new(), Vec::new());
    for (name, text) in fields {
        match name.as_str() {
            "name" => said.name = Some(text),
            "tagline" => said.tagline = Some(text),
            "description" => said.description = Some(text),
            "contact" => said.contact = Some(text),
            "organisers" => said.organisers = Some(text),
            "licence" => said.licence = Some(text),
            "hero" => said.hero = text.parse().ok(),
            "hero_picture" => said.hero_picture = Some(text),
            "hero_alt" => said.hero_alt = Some(text),
            "label" => labels.push(text),
            "url" => urls.push(text),
            "revision" => said.revision = text.parse().ok(),
            _ => {}
        }
    }
    let links = labels.into_iter().zip(urls).map(|(label, url)| Link { label, url });
    said.links = Some(
        links
            .filter(|link| !(link.label.trim().is_empty() && link.url.trim().is_empty()))
            .collect(),
    );
    said
}

pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Told(notice): Told,
) -> Result<Html<String>, Error> {
    unchanged(&app, &caller, Vec::new(), notice == Some(Notice::Saved)).await
}

/// The form with what there is.
async fn unchanged(
    app: &App,
    caller: &Caller,
    problems: Vec<Problem>,
    saved: bool,
) -> Result<Html<String>, Error> {
    let there = app.store().challenge().await?;
    let page = Page::new(app, caller, "admin").await;
    let (pictures, revision) = (pictures(app).await?, there.revision);
    html(&Shown { page, profile: there.profile, revision, pictures, problems, saved })
}

async fn pictures(app: &App) -> Result<Vec<String>, Error> {
    Ok(images::list(&app.services).await?.into_iter().map(|image| image.name).collect())
}

pub async fn change(
    State(app): State<App>,
    caller: Caller,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    let said = said(fields);
    match challenge::change(&app.services, &caller, said.clone()).await {
        Ok(_) => Ok(Notice::Saved.at(&app, ADDRESS)),
        Err(error) => {
            let there = app.store().challenge().await?;
            // Both were shown: who saves again means it.
            let stale = error.code() == Some(Code::Stale);
            let revision =
                if stale { there.revision } else { said.revision.unwrap_or(there.revision) };
            let (answer, problems) = ErrorPage::of(error)?;
            let page = Page::new(&app, &caller, "admin").await;
            let profile = said.over(there.profile);
            let pictures = pictures(&app).await?;
            let shown = Shown { page, profile, revision, pictures, problems, saved: false };
            Ok(answer.with(html(&shown)?))
        }
    }
}

pub async fn set_logo(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    let set = async {
        let sent = picture(&headers, body, images::LOGO_BOUNDS.bytes).await?;
        images::set_logo(&app.services, &caller, &sent.bytes).await
    };
    match set.await {
        Ok(()) => Ok(Notice::Saved.at(&app, ADDRESS)),
        Err(error) => {
            let (answer, problems) = ErrorPage::of(error)?;
            Ok(answer.with(unchanged(&app, &caller, problems, false).await?))
        }
    }
}

pub async fn remove_logo(State(app): State<App>, caller: Caller) -> Result<Response, Error> {
    images::remove_logo(&app.services, &caller).await?;
    Ok(Notice::Saved.at(&app, ADDRESS))
}
