//! Writing to many people, and what became of it.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};

use crate::domain::{Audience, Error, MailKind, Problem};
use crate::service::Caller;
use crate::service::credentials::secret;
use crate::service::letters::{self, Entered, MAX_LISTED, Reach};
use crate::store::{Letter, Phase};
use crate::web::App;
use crate::web::error::ErrorPage;
use crate::web::pages::notice::{Notice, Told};
use crate::web::pages::{Page, html};

#[derive(Template)]
#[template(path = "admin/letters.html")]
struct Letters {
    page: Page,
    /// Whether mail is sent at all.
    sends: bool,
    letters: Vec<Letter>,
    phases: Vec<Phase>,
    kinds: Vec<(MailKind, bool)>,
    form: LetterForm,
    saved: bool,
}

/// The form, with what came of it.
#[derive(Default)]
struct LetterForm {
    said: Entered,
    problems: Vec<Problem>,
    /// Whom it would reach, to be confirmed.
    reach: Option<Reach>,
}

impl Letters {
    /// What the form's choice is called, and what it sends.
    fn audiences(&self) -> [(Audience, &'static str); 3] {
        [
            (Audience::Everybody, "everybody"),
            (Audience::Phase, "the teams that have submitted to the phase"),
            (Audience::WithoutSubmission, "everybody who has not submitted to the phase"),
        ]
    }
}

async fn page(
    app: &App,
    caller: &Caller,
    mut form: LetterForm,
    saved: bool,
) -> Result<Html<String>, Error> {
    if form.said.key.is_empty() {
        form.said.key = secret::<16>()?;
    }
    let off = app.store().mail_kinds_off().await?;
    html(&Letters {
        page: Page::new(app, caller, "admin").await,
        sends: app.services.mailer.is_some(),
        letters: app.store().letters(MAX_LISTED).await?,
        phases: app.store().phases().await?,
        kinds: MailKind::ALL.iter().map(|kind| (*kind, !off.contains(kind))).collect(),
        form,
        saved,
    })
}

pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Told(notice): Told,
) -> Result<Html<String>, Error> {
    page(&app, &caller, LetterForm::default(), notice == Some(Notice::Saved)).await
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub struct Said {
    subject: String,
    text: String,
    to: String,
    phase: String,
    key: String,
    /// Of the button that sends it; the other one asks whom it would reach.
    send: Option<String>,
}

/// Shows whom a letter would reach, or sends it.
pub async fn send(
    State(app): State<App>,
    caller: Caller,
    Form(said): Form<Said>,
) -> Result<Response, Error> {
    let Said { subject, text, to, phase, key, send } = said;
    // As browsers send line breaks.
    let said = Entered { subject, text: text.replace("\r\n", "\n"), to, phase, key };
    let done = match send {
        Some(_) => letters::send(&app.services, &caller, &said).await.map(|_| None),
        None => letters::reach(&app.services, &caller, &said).await.map(Some),
    };
    match done {
        Ok(None) => Ok(Notice::Saved.at(&app, "/admin/letters")),
        Ok(reach) => {
            let form = LetterForm { said, reach, ..LetterForm::default() };
            Ok(page(&app, &caller, form, false).await?.into_response())
        }
        Err(error) => {
            let (answer, problems) = ErrorPage::of(error)?;
            let form = LetterForm { said, problems, ..LetterForm::default() };
            Ok(answer.with(page(&app, &caller, form, false).await?))
        }
    }
}

/// Switches kinds of mail on and off for everybody: those that are ticked are on.
pub async fn set_kinds(
    State(app): State<App>,
    caller: Caller,
    Form(ticked): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    let is_off = |kind: &MailKind| !ticked.iter().any(|(name, _)| name == kind.as_str());
    let off: Vec<MailKind> = MailKind::ALL.iter().copied().filter(is_off).collect();
    letters::set_off(&app.services, &caller, &off).await?;
    Ok(Notice::Saved.at(&app, "/admin/letters"))
}
