use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::answer::{Accepted, Created};
use crate::domain::{Action, Code, Error, State as SubmissionState, may};
use crate::leaderboard::withheld;
use crate::scoring::published_metrics;
use crate::service::Caller;
use crate::service::decide;
use crate::service::methods::{self, MethodChange};
use crate::service::report::{Report, not_scored, readable, report, reports};
use crate::service::submit::{self, Key};
use crate::store::Timestamp;
use crate::web::App;
use crate::web::gate;
use crate::web::json::{Expected, Input};
use crate::web::query::Asked;
use crate::web::throttle::count_edit;

const MAX_LISTED: i64 = 500;
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const MAX_KEY: usize = 200;

#[derive(Deserialize)]
pub struct Sending {
    /// Seconds to wait for the score.
    #[serde(default)]
    wait: u64,
    /// The phase that is meant, so that it is known before the body.
    #[serde(default)]
    phase: String,
}

/// `POST /submissions`: 201 with the score, 202 while it is not there yet, 422 with every
/// problem when there will be none.
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    asked: Result<Asked<Sending>, Error>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    let arrived = Timestamp::now();
    let team = caller.submitter()?.1.id;
    let Asked(Sending { wait, phase }) = asked.map_err(|_| bad_wait())?;
    let key = idempotency_key(&headers)?;
    let request =
        gate::Request { headers: &headers, phase: phase.trim(), key: key.as_deref(), arrived };
    let upload = gate::receive(&app, &caller, request, body).await?;
    let (id, replayed) =
        submit::accept(&app.services, &caller, upload, key.as_deref().map(Key::OfScript), arrived)
            .await?;

    let wait = Duration::from_secs(wait);
    let submission = submit::wait_for(&app.services, team, id, wait).await?;
    if replayed {
        // Who sent it may be in another team by now.
        caller.authorize(Action::ReadSubmission { team: submission.team_id })?;
    }
    let mut response = match submit::ended_badly(&submission) {
        Some(error) => error.into_response(),
        None => {
            let ended = submission.state.is_final();
            let location = format!("/api/v1/submissions/{id}");
            // On the heap: an upload that waits for its turn needs no room for its report.
            let report = Box::pin(report(&app.services, &caller, submission)).await?;
            let answer = ([(header::LOCATION, location)], Json(report));
            if ended { Created(answer).into_response() } else { Accepted(answer).into_response() }
        }
    };
    if replayed {
        let yes = header::HeaderValue::from_static("true");
        response.headers_mut().insert(IDEMPOTENCY_REPLAYED, yes);
    }
    Ok(response)
}

fn bad_wait() -> Error {
    Error::new(
        Code::RequestMalformed,
        "wait=SECONDS, a whole number",
        "something else",
        "For instance ?wait=60.",
    )
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Error> {
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    match value.to_str() {
        Ok(key) if !key.is_empty() && key.len() <= MAX_KEY => Ok(Some(key.to_owned())),
        _ => Err(Error::new(
            Code::RequestHeaderInvalid,
            format!("an Idempotency-Key of 1 to {MAX_KEY} visible letters"),
            "another one",
            "For instance a new UUID for each submission.",
        )),
    }
}

/// `GET /submissions`: the team's own, newest first.
pub async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Value>, Error> {
    let found = match caller.team() {
        Some(team) => app.store().submissions_of(team.id, MAX_LISTED).await?,
        None => Vec::new(),
    };
    let reports = reports(&app.services, &caller, found).await?;
    Ok(Json(json!({ "submissions": reports })))
}

/// `GET /submissions/{id}`
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Report>, Error> {
    let submission = readable(&app.services, &caller, &id).await?;
    Ok(Json(report(&app.services, &caller, submission).await?))
}

impl Expected for MethodChange {
    const EXPECTED: &'static str = "{\"method\": TEXT, \"description\": TEXT, \"url\": URL, \"code_url\": URL, \"data_url\": URL, \"answers\": {KEY: ANSWER, …}, \"revision\": NUMBER}, what is to be different of it";
}

/// `POST /submissions/{id}`: changes what is said of its method, and leaves what is not said.
pub async fn change(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    said: Result<Input<MethodChange>, Error>,
) -> Result<Json<Report>, Error> {
    let submission = readable(&app.services, &caller, &id).await?;
    methods::may_change(&caller, &submission)?;
    let Input(to) = said?;
    if may(&caller.actor, Action::Organise).is_err() {
        count_edit(&app, submission.team_id, Timestamp::now()).await?;
    }
    let changed = methods::change(&app.services, &caller, submission.id, to).await?;
    Ok(Json(report(&app.services, &caller, changed).await?))
}

/// `GET /submissions/{id}/history`: all that was said of its method, the latest first.
pub async fn history(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, Error> {
    let submission = readable(&app.services, &caller, &id).await?;
    let versions = methods::versions(&app.services, &submission).await?;
    Ok(Json(json!({ "history": versions })))
}

/// `POST /submissions/{id}/cancel`: stops a submission of one's own team that has no score yet.
pub async fn cancel(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Report>, Error> {
    let submission = readable(&app.services, &caller, &id).await?;
    decide::cancel_own(&app.services, &caller, &submission).await?;
    let submission = readable(&app.services, &caller, &id).await?;
    Ok(Json(report(&app.services, &caller, submission).await?))
}

/// `GET /submissions/{id}/metrics.json`: the layout of the published evaluator, and what it
/// does not have under keys of their own.
pub async fn metrics(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, Error> {
    let submission = readable(&app.services, &caller, &id).await?;
    let report = report(&app.services, &caller, submission).await?;
    if report.state != SubmissionState::Scored {
        return Err(not_scored(report.id, report.state));
    }
    let all = report.aggregates.as_ref().and_then(|aggregates| aggregates.of_group(None));
    let all = all.ok_or_else(|| withheld("the metrics of a submission").about(report.id))?;
    let secondary = report.secondary.and_then(|groups| groups.all);
    Ok(Json(published_metrics(all, secondary.as_ref(), report.cases.as_ref())))
}
