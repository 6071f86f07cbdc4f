use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::domain::questions::{from_lines, to_lines};
use crate::domain::{
    Approval, Code, Counting, Error, Feedback, Late, Problem, Publication, Scheme, Visibility,
};
use crate::service::Caller;
use crate::service::phases::{REVISION, current, delete as delete_phase, phase_named, save};
use crate::service::releases;
use crate::store::{MAX_TOTAL, Phase, Snapshot, Timestamp};
use crate::web::App;
use crate::web::error::ErrorPage;
use crate::web::markdown;
use crate::web::pages::notice::{Notice, Told};
use crate::web::pages::{Page, html};
use crate::web::query::Asked;

#[derive(Template)]
#[template(path = "admin/phases.html")]
struct Phases {
    page: Page,
    phases: Vec<Phase>,
    truth_sets: Vec<String>,
    /// The one that is changed; without one the form is for a new one.
    chosen: Option<String>,
    /// What the form's fields hold.
    values: Map<String, Value>,
    problems: Vec<Problem>,
    /// Whether what the form said was saved just now.
    saved: bool,
    /// Of the chosen one.
    results: Option<Results>,
    /// The description as it will be shown, where a preview was asked for.
    preview: Option<String>,
}

/// What is shown of a phase's results, for the forms that decide it.
struct Results {
    feedback: Feedback,
    final_at: Option<Timestamp>,
    /// The phases because of which they can't be final yet.
    in_the_way: Vec<String>,
    snapshots: Vec<Snapshot>,
}

impl Phases {
    fn text(&self, name: &str) -> String {
        match self.values.get(name) {
            // As a form's field for a moment has it, to the second; the form says that it is UTC.
            Some(Value::String(text)) if name.ends_with("_at") => {
                text.get(..19).unwrap_or(text).to_owned()
            }
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        }
    }

    /// The questions as their field holds them.
    fn questions(&self) -> String {
        match (self.values.get(QUESTION_LINES), self.values.get(QUESTIONS)) {
            (Some(Value::String(lines)), _) => lines.clone(),
            (_, Some(said)) => to_lines(&Vec::deserialize(said).unwrap_or_default()),
            _ => String::new(),
        }
    }

    /// A term as people read it.
    fn words(&self, term: &str) -> String {
        if term == Approval::None.as_str() {
            return "not required".into();
        }
        term.replace('_', " ")
    }

    fn feedback(&self) -> Option<Feedback> {
        self.text("feedback").parse().ok()
    }

    fn ticked(&self, name: &str) -> bool {
        self.values.get(name) == Some(&Value::Bool(true))
    }

    /// The fields with a choice: name, words, help, and the terms to choose from.
    fn choices(&self) -> [(&'static str, &'static str, &'static str, Vec<&'static str>); 7] {
        fn terms<T: Copy>(all: &[T], text: fn(T) -> &'static str) -> Vec<&'static str> {
            all.iter().map(|&term| text(term)).collect()
        }
        [
            (
                "feedback",
                "Feedback until the results are final",
                "what scores tell: hidden says only whether it is valid, improved only what is better by a step, rounded gives \
                 rounded means, per case everything",
                terms(Feedback::ALL, Feedback::as_str),
            ),
            (
                "counting",
                "Counting submissions",
                "which of a team’s submissions are ranked",
                terms(Counting::ALL, Counting::as_str),
            ),
            (
                "scheme",
                "Ranking scheme",
                "how Dice and HD95 make one position; the page How it is scored explains each",
                terms(Scheme::ALL, Scheme::as_str),
            ),
            (
                "leaderboard",
                "Leaderboard",
                "hidden: organisers only; frozen: what was sent before a moment",
                terms(Visibility::ALL, Visibility::as_str),
            ),
            (
                "publication",
                "Publication of results",
                "after review: an organiser publishes each result before it is ranked",
                terms(Publication::ALL, Publication::as_str),
            ),
            (
                "late",
                "Late submissions are",
                "those that come after the phase has closed",
                terms(Late::ALL, Late::as_str),
            ),
            (
                "approval",
                "Approval of teams by an organiser is",
                "not required: every team that is not suspended can submit",
                terms(Approval::ALL, Approval::as_str),
            ),
        ]
    }
}

/// The fields that are a moment, a number or a tick; all others are texts.
const MOMENTS: [&str; 3] = ["opens_at", "closes_at", "frozen_at"];
const NUMBERS: [&str; 4] = ["quota", "quota_period_hours", "attempts", "total"];
const TICKS: [&str; 4] = ["cases_public", "needs_method", "needs_description", "needs_url"];

const QUESTIONS: &str = "questions";

/// The questions as somebody wrote them, where they can't be read.
const QUESTION_LINES: &str = "question_lines";

/// What a form says, as the API would be told.
fn said(fields: Vec<(String, String)>) -> Map<String, Value> {
    let mut said: Map<String, Value> =
        TICKS.iter().map(|name| ((*name).to_owned(), Value::Bool(false))).collect();
    for (name, text) in fields {
        let text = text.trim();
        let value = match name.as_str() {
            tick if TICKS.contains(&tick) => Value::Bool(true),
            other if text.is_empty() && (MOMENTS.contains(&other) || NUMBERS.contains(&other)) => {
                Value::Null
            }
            moment if MOMENTS.contains(&moment) => match text.len() {
                // Browsers leave out seconds that are 0.
                16 => format!("{text}:00Z").into(),
                _ => format!("{text}Z").into(),
            },
            number if NUMBERS.contains(&number) => {
                text.parse::<i64>().map_or_else(|_| text.into(), Value::from)
            }
            _ => text.into(),
        };
        said.insert(name, value);
    }
    said
}

/// A form shows moments to the second: one that it sends back as it was shown was not changed.
fn keep_fractions(said: &mut Map<String, Value>, there: &Value) {
    for name in MOMENTS {
        let text =
            |value: &Value| value.as_str().and_then(|text| text.get(..19)).map(str::to_owned);
        if let (Some(said), Some(there)) = (said.get_mut(name), there.get(name))
            && text(said).is_some()
            && text(said) == text(there)
        {
            *said = there.clone();
        }
    }
}

/// The form again, with what participants will read.
async fn previewed(
    app: &App,
    caller: &Caller,
    chosen: Option<String>,
    values: Map<String, Value>,
) -> Result<Html<String>, Error> {
    let mut page = filled(app, caller, chosen, values, Vec::new(), None).await?;
    page.preview = Some(markdown::html(&page.text("description")));
    html(&page)
}

async fn page(
    app: &App,
    caller: &Caller,
    chosen: Option<String>,
    values: Map<String, Value>,
    problems: Vec<Problem>,
    notice: Option<Notice>,
) -> Result<Html<String>, Error> {
    html(&filled(app, caller, chosen, values, problems, notice).await?)
}

async fn filled(
    app: &App,
    caller: &Caller,
    chosen: Option<String>,
    mut values: Map<String, Value>,
    problems: Vec<Problem>,
    notice: Option<Notice>,
) -> Result<Phases, Error> {
    let now = Timestamp::now();
    let results = match &chosen {
        Some(slug) => {
            let phase = phase_named(app.store(), slug, now).await?;
            values.entry(REVISION).or_insert_with(|| phase.revision.into());
            Some(Results {
                feedback: phase.feedback,
                final_at: phase.final_at,
                in_the_way: app.store().phases_in_the_way(&phase, now).await?,
                snapshots: app.store().snapshots(phase.id).await?,
            })
        }
        None => None,
    };
    Ok(Phases {
        page: Page::new(app, caller, "admin").await,
        results,
        phases: app.store().phases().await?,
        truth_sets: app.store().truth_sets().await?.into_iter().map(|set| set.name).collect(),
        chosen,
        values,
        problems,
        saved: notice == Some(Notice::Saved),
        preview: None,
    })
}

/// Whose rules a new phase begins with.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Copied {
    copy: String,
}

pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Asked(Copied { copy }): Asked<Copied>,
    Told(notice): Told,
) -> Result<Html<String>, Error> {
    if !copy.is_empty() {
        let phase = phase_named(app.store(), &copy, Timestamp::now()).await?;
        let spec = current(app.store(), &phase).await?;
        let spec = serde_json::to_value(spec).map_err(Error::internal)?;
        let mut values = spec.as_object().cloned().unwrap_or_default();
        // A name of its own, which the form asks for.
        values.remove("slug");
        values.insert("title".to_owned(), format!("{} (copy)", phase.title).into());
        return page(&app, &caller, None, values, Vec::new(), None).await;
    }
    let approval = Approval::usual(app.services.mailer.is_some());
    let usual = serde_json::json!({
        "quota": 3, "quota_period_hours": 24, "total": MAX_TOTAL, "feedback": Feedback::Rounded,
        "approval": approval,
    });
    let usual = usual.as_object().cloned().unwrap_or_default();
    page(&app, &caller, None, usual, Vec::new(), notice).await
}

pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(slug): Path<String>,
    Told(notice): Told,
) -> Result<Html<String>, Error> {
    unchanged(&app, &caller, slug, Vec::new(), notice).await
}

/// The form with what the phase has.
async fn unchanged(
    app: &App,
    caller: &Caller,
    slug: String,
    problems: Vec<Problem>,
    notice: Option<Notice>,
) -> Result<Html<String>, Error> {
    let phase = phase_named(app.store(), &slug, Timestamp::now()).await?;
    let spec =
        serde_json::to_value(current(app.store(), &phase).await?).map_err(Error::internal)?;
    let values = spec.as_object().cloned().unwrap_or_default();
    page(app, caller, Some(slug), values, problems, notice).await
}

#[derive(Deserialize)]
pub struct Final {
    r#final: bool,
    reason: String,
}

pub async fn set_final(
    State(app): State<App>,
    caller: Caller,
    Path(slug): Path<String>,
    Form(said): Form<Final>,
) -> Result<Response, Error> {
    let phase = phase_named(app.store(), &slug, Timestamp::now()).await?;
    let done =
        releases::set_final(&app.services, &caller, &phase, said.r#final, &said.reason).await;
    back(&app, &caller, slug, done).await
}

#[derive(Deserialize)]
pub struct Deletion {
    reason: String,
}

/// Deletes a phase that nobody has used.
pub async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(slug): Path<String>,
    Form(Deletion { reason }): Form<Deletion>,
) -> Result<Response, Error> {
    let phase = phase_named(app.store(), &slug, Timestamp::now()).await?;
    match delete_phase(&app.services, &caller, &phase, &reason).await {
        Ok(()) => Ok(Notice::Saved.at(&app, "/admin/phases")),
        refused => back(&app, &caller, slug, refused).await,
    }
}

#[derive(Deserialize)]
pub struct NewSnapshot {
    reason: String,
}

pub async fn publish_snapshot(
    State(app): State<App>,
    caller: Caller,
    Path(slug): Path<String>,
    Form(new): Form<NewSnapshot>,
) -> Result<Response, Error> {
    let phase = phase_named(app.store(), &slug, Timestamp::now()).await?;
    let done = releases::publish_snapshot(&app.services, &caller, &phase, &new.reason).await;
    back(&app, &caller, slug, done.map(|_| ())).await
}

/// To the phase's page, or that page with what is wrong.
async fn back(
    app: &App,
    caller: &Caller,
    slug: String,
    done: Result<(), Error>,
) -> Result<Response, Error> {
    match done {
        Ok(()) => Ok(Notice::Saved.at(app, &format!("/admin/phases/{slug}"))),
        Err(error) => {
            let (answer, problems) = ErrorPage::of(error)?;
            Ok(answer.with(unchanged(app, caller, slug, problems, None).await?))
        }
    }
}

pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    send(&app, &caller, None, fields).await
}

pub async fn change(
    State(app): State<App>,
    caller: Caller,
    Path(slug): Path<String>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    send(&app, &caller, Some(slug), fields).await
}

async fn send(
    app: &App,
    caller: &Caller,
    slug: Option<String>,
    mut fields: Vec<(String, String)>,
) -> Result<Response, Error> {
    let asks_for_preview = fields.iter().any(|(name, _)| name == "preview");
    let lines = fields.iter().position(|(name, _)| name == QUESTIONS);
    let lines = lines.map(|at| fields.remove(at).1);
    let mut said = said(fields);
    let mut unread = Vec::new();
    match lines.as_deref().map(from_lines) {
        None => {}
        Some(Ok(questions)) => {
            let questions = serde_json::to_value(questions).map_err(Error::internal)?;
            said.insert(QUESTIONS.to_owned(), questions);
        }
        Some(Err(problems)) => unread = problems,
    }
    if asks_for_preview {
        said.remove("preview");
        if unread.is_empty() {
            return Ok(previewed(app, caller, slug, said).await?.into_response());
        }
    }
    let phase = match &slug {
        Some(slug) => Some(phase_named(app.store(), slug, Timestamp::now()).await?),
        // An empty field of a new phase is one about which nothing is said.
        None => {
            said.retain(|name, value| !value.is_null() || name == "closes_at" || name == "total");
            None
        }
    };
    if let Some(phase) = &phase {
        let spec =
            serde_json::to_value(current(app.store(), phase).await?).map_err(Error::internal)?;
        keep_fractions(&mut said, &spec);
    }
    if !unread.is_empty() {
        said.insert(QUESTION_LINES.to_owned(), lines.unwrap_or_default().into());
        let (answer, problems) = ErrorPage::of(Error::of(unread))?;
        return Ok(answer.with(page(app, caller, slug, said, problems, None).await?));
    }
    let actor = Some(caller.authenticated_user()?.id);
    let mail = app.services.mailer.is_some();
    match save(app.store(), mail, actor, phase.as_ref(), said.clone()).await {
        Ok(spec) => Ok(Notice::Saved.at(app, &format!("/admin/phases/{}", spec.slug))),
        Err(error) => {
            if error.code() == Some(Code::Stale) {
                // Both were shown: who saves again means it.
                said.remove(REVISION);
            }
            let (answer, problems) = ErrorPage::of(error)?;
            Ok(answer.with(page(app, caller, slug, said, problems, None).await?))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_that_was_not_changed_keeps_its_fraction_of_a_second() {
        let there =
            serde_json::json!({ "opens_at": "2026-12-01T08:30:00.123456Z", "closes_at": null });
        let mut said = said(vec![
            ("opens_at".to_owned(), "2026-12-01T08:30".to_owned()),
            ("closes_at".to_owned(), "2026-12-02T08:30".to_owned()),
        ]);
        keep_fractions(&mut said, &there);
        assert_eq!(said["opens_at"], "2026-12-01T08:30:00.123456Z");
        assert_eq!(said["closes_at"], "2026-12-02T08:30:00Z");
    }

    #[test]
    fn a_form_says_what_the_api_is_told() {
        let fields = [
            ("title", " Final "),
            ("opens_at", "2026-12-01T08:30"),
            ("closes_at", ""),
            ("frozen_at", "2026-12-01T08:30:59"),
            ("quota", "3"),
            ("attempts", "many"),
            ("needs_url", "on"),
        ];
        let fields = fields.map(|(name, text)| (name.to_owned(), text.to_owned()));
        assert_eq!(
            Value::Object(said(fields.to_vec())),
            serde_json::json!({
                "title": "Final", "opens_at": "2026-12-01T08:30:00Z", "closes_at": null,
                "frozen_at": "2026-12-01T08:30:59Z", "quota": 3,
                "attempts": "many", "cases_public": false, "needs_method": false, "needs_description": false,
                "needs_url": true,
            })
        );
    }
}
