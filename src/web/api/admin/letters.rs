//! What organisers write to many, and which mails are sent at all.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::domain::{Audience, Error, LetterId, MailKind};
use crate::service::Caller;
use crate::service::letters::{self, Entered, MAX_LISTED, Reach};
use crate::store::{Letter, Timestamp};
use crate::web::App;
use crate::web::answer::Created;
use crate::web::json::{Expected, Input};

/// A letter in an answer.
#[derive(Serialize)]
pub struct Listed {
    id: LetterId,
    at: Timestamp,
    author: String,
    to: Audience,
    phase: Option<String>,
    subject: String,
    text: String,
    receivers: i64,
    waiting: i64,
    sent: i64,
    failed: i64,
}

impl From<Letter> for Listed {
    fn from(letter: Letter) -> Self {
        let Letter { id, at, author, audience, phase, subject, text, .. } = letter;
        let Letter { receivers, waiting, sent, failed, .. } = letter;
        let to = audience;
        Self { id, at, author, to, phase, subject, text, receivers, waiting, sent, failed }
    }
}

impl Expected for Entered {
    const EXPECTED: &'static str = "{\"subject\": TEXT, \"text\": TEXT, \"to\": \"everybody, phase or without_submission\", \
         \"phase\": NAME, \"key\": TEXT that only this letter has}";
}

/// `GET /admin/letters`: the latest, with what became of their mails.
pub async fn list(State(app): State<App>) -> Result<Json<Value>, Error> {
    let letters = app.store().letters(MAX_LISTED).await?;
    let letters: Vec<Listed> = letters.into_iter().map(Listed::from).collect();
    Ok(Json(json!({ "letters": letters })))
}

/// `POST /admin/letters`: writes to many.
pub async fn send(
    State(app): State<App>,
    caller: Caller,
    Input(entered): Input<Entered>,
) -> Result<Created<Json<Listed>>, Error> {
    Ok(Created(Json(letters::send(&app.services, &caller, &entered).await?.into())))
}

/// `POST /admin/letters/preview`: whom it would reach; nothing is sent.
pub async fn preview(
    State(app): State<App>,
    caller: Caller,
    Input(entered): Input<Entered>,
) -> Result<Json<Reach>, Error> {
    Ok(Json(letters::reach(&app.services, &caller, &entered).await?))
}

/// The kinds of mail that are sent to nobody.
#[derive(Deserialize)]
pub struct Kinds {
    off: Vec<MailKind>,
}

impl Expected for Kinds {
    const EXPECTED: &'static str = "{\"off\": [kinds of mail that are sent to nobody]}";
}

/// `GET /admin/mails`: which kinds are sent to nobody, and what could not be sent yet.
pub async fn mails(State(app): State<App>) -> Result<Json<Value>, Error> {
    let unsent = app.store().unsent_mail().await?;
    Ok(Json(json!({
        "sends": app.services.mailer.is_some(),
        "off": app.store().mail_kinds_off().await?,
        "unsent": unsent.waiting,
        "because": unsent.failure,
    })))
}

/// `POST /admin/mails`: switches kinds of mail off for the whole challenge, and all others on.
pub async fn change_mails(
    State(app): State<App>,
    caller: Caller,
    Input(Kinds { off }): Input<Kinds>,
) -> Result<Json<Value>, Error> {
    letters::set_off(&app.services, &caller, &off).await?;
    mails(State(app)).await
}
