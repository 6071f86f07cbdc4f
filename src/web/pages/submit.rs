use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{Html, Response};
use serde::Deserialize;

use super::error::redirect;
use super::questions::{AskedQuestion, given};
use super::{Page, html, period};
use crate::domain::{Error, Feedback, Problem};
use crate::service::Caller;
use crate::service::credentials::secret;
use crate::service::phases::{current_phase, must_be_open, phase_named, several_open};
use crate::service::report::readable;
use crate::service::submit::{Key, accept, must_have_quota, must_take_team};
use crate::service::upload::Fields;
use crate::store::{MethodText, Phase, Timestamp};
use crate::web::App;
use crate::web::error::ErrorPage;
use crate::web::gate;
use crate::web::query::Asked;

#[derive(Template)]
#[template(path = "submission/form.html")]
struct Submit {
    page: Page,
    state: FormState,
    /// What was wrong with what was sent.
    problems: Vec<Problem>,
    values: Fields,
    title: String,
    slug: String,
    /// Tells the form, sent twice, from two forms.
    key: String,
    /// The phase is over: what is sent now is never ranked.
    late: bool,
    /// All phases that take something now, where there is a choice.
    open: Vec<Phase>,
    cases: usize,
    used: i64,
    /// How many the team can still send in the whole phase, if that is limited.
    left: Option<i64>,
    /// What will be shown of the scores.
    feedback: Feedback,
    quota: i64,
    /// Uploads in the period, invalid ones included, and how many there may be.
    sent: i64,
    attempts: i64,
    period: String,
    /// Whether the method, a description and a link have to be named.
    needs: (bool, bool, bool),
    /// What the phase asks about the method.
    questions: Vec<AskedQuestion>,
    limit: String,
    limit_bytes: u64,
}

enum FormState {
    Open,
    NoPhase,
    /// Several are open, and none is chosen.
    Choose,
    /// Nothing more can be sent, for the reason that the answer gives.
    Closed,
    /// Nobody, or not this team, can submit at this moment.
    Refused(Vec<Problem>),
}

#[derive(Deserialize)]
pub struct Which {
    #[serde(default)]
    phase: String,
    /// The submission that the form is filled in from.
    #[serde(default)]
    from: String,
    /// That of the form that is sent.
    #[serde(default)]
    key: String,
}

/// Most characters of a form's key.
const MAX_KEY: usize = 64;

pub async fn form(
    State(app): State<App>,
    caller: Caller,
    Asked(which): Asked<Which>,
) -> Result<Html<String>, Error> {
    if !which.phase.is_empty() {
        phase_named(app.store(), &which.phase, Timestamp::now()).await?;
    }
    let values = match which.from.as_str() {
        "" => Fields { phase: which.phase, ..Fields::default() },
        from => filled_from(&app, &caller, from, which.phase).await?,
    };
    page(&app, &caller, Vec::new(), values).await
}

/// What the caller's own team said of a submission, for the phase that is asked for or else the submission's.
///
/// # Errors
/// `not_found` if it is no submission of the team.
async fn filled_from(app: &App, caller: &Caller, id: &str, phase: String) -> Result<Fields, Error> {
    let submission = readable(&app.services, caller, id).await?;
    if caller.team().is_none_or(|team| team.id != submission.team_id) {
        return Err(Error::not_found());
    }
    let phase = match app.store().phase(submission.phase_id).await? {
        Some(own) if phase.is_empty() => own.slug,
        _ => phase,
    };
    let MethodText { method, description, url, code_url, data_url, answers } = submission.says;
    let given = given(&answers);
    Ok(Fields { phase, method, description, url, code_url, data_url, given, ..Fields::default() })
}

async fn page(
    app: &App,
    caller: &Caller,
    problems: Vec<Problem>,
    values: Fields,
) -> Result<Html<String>, Error> {
    caller.authenticated_user()?;
    let now = Timestamp::now();
    let mut page = Submit {
        page: Page::new(app, caller, "submit").await,
        state: FormState::NoPhase,
        problems,
        values,
        title: String::new(),
        slug: String::new(),
        key: secret::<16>()?,
        late: false,
        open: Vec::new(),
        cases: 0,
        used: 0,
        left: None,
        feedback: Feedback::Rounded,
        quota: 0,
        sent: 0,
        attempts: 0,
        period: String::new(),
        needs: (false, false, false),
        questions: Vec::new(),
        limit: format!("{} MiB", app.settings.max_upload >> 20),
        limit_bytes: app.settings.max_upload,
    };
    let phases = app.store().phases().await?;
    let phase = match page.values.phase.as_str() {
        "" if several_open(&phases, now).is_some() => {
            page.state = FormState::Choose;
            None
        }
        "" => current_phase(app.store(), now).await?,
        named => match phase_named(app.store(), named, now).await {
            Err(error) if error.is_of_the_server() => return Err(error),
            found => found.ok(),
        },
    };
    page.open = phases;
    page.open.retain(|other| {
        let chosen = phase.as_ref().is_some_and(|phase| phase.id == other.id);
        other.is_open(now) || other.takes_late(now) || chosen
    });
    if let Some(phase) = phase {
        page.cases = app.store().cases(phase.truth_set_id).await?.len();
        page.period = period(&phase);
        page.late = phase.takes_late(now);
        page.feedback = phase.feedback;
        let rules = &phase.rules;
        page.needs = (rules.needs_method, rules.needs_description, rules.needs_url);
        page.questions = AskedQuestion::new(&rules.questions, &page.values.given);
        let may = must_take_team(&app.services, caller, &phase).await;
        let mut may = may.and_then(|()| must_be_open(&phase, now));
        if let (Ok(()), Some(team)) = (&may, caller.team()) {
            may = must_have_quota(&app.services, &phase, team.id, now).await;
        }
        page.state = match may {
            Ok(()) => FormState::Open,
            // Said once, where it answers what was sent.
            Err(error) if error.problems == page.problems => FormState::Closed,
            Err(error) if error.is_of_the_server() => return Err(error),
            Err(error) => FormState::Refused(error.problems),
        };
        if let Some(team) = caller.team() {
            let quota = app.store().quota(&phase, team.id, now).await?;
            (page.used, page.sent, page.left) = (quota.used, quota.sent, quota.left);
        }
        page.attempts = phase.max_attempts();
        (page.title, page.slug, page.quota) = (phase.title, phase.slug, phase.quota);
    }
    html(&page)
}

/// Sends the browser to the submission's page, or shows the form again with all that is wrong.
pub async fn send(
    State(app): State<App>,
    caller: Caller,
    Asked(which): Asked<Which>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    let arrived = Timestamp::now();
    caller.submitter()?;
    let mut values = Fields { phase: which.phase.clone(), ..Fields::default() };
    let sent = async {
        let form = format!("form {}", which.key.chars().take(MAX_KEY).collect::<String>());
        let key = (!which.key.is_empty()).then_some(form.as_str());
        let request = gate::Request { headers: &headers, phase: which.phase.trim(), key, arrived };
        let upload = gate::receive(&app, &caller, request, body).await?;
        values = upload.fields.clone();
        accept(&app.services, &caller, upload, key.map(Key::OfForm), arrived).await
    }
    .await;
    match sent {
        Ok((id, _)) => Ok(redirect(&headers, format!("/submissions/{id}"))),
        Err(error) => {
            let (answer, problems) = ErrorPage::of(error)?;
            Ok(answer.with(page(&app, &caller, problems, values).await?))
        }
    }
}
