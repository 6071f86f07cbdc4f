use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use crate::domain::{Code, Error, Metric, OF_CASES, OF_VESSELS};
use crate::service::phases::{phase_named, slug_of};
use crate::service::{Caller, exports};
use crate::store::{SubmissionFilter, Timestamp};
use crate::web::App;
use crate::web::api::OfPhase;
use crate::web::api::download::{CSV, download};
use crate::web::query::{Asked, group, moment};

#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    phase: String,
    /// `true`: everything that has a score, rather than what stands on the leaderboard.
    #[serde(default)]
    all: bool,
    /// The moment whose leaderboard is meant; by default now.
    #[serde(default)]
    at: String,
    /// `normal`, `diseased` or `all`.
    #[serde(default)]
    group: String,
    /// The key of a metric; by default all of them.
    #[serde(default)]
    metric: String,
}

impl Wanted {
    fn values(&self) -> Result<exports::Wanted, Error> {
        let at = moment(&self.at)?;
        if self.all && at.is_some() {
            let hint = "What is on no leaderboard has no past: leave out one of the two.";
            return Err(Error::new(Code::FieldInvalid, "all=true or a moment", "both", hint));
        }
        let metric = match self.metric.as_str() {
            "" => None,
            key => Some(metric(key)?),
        };
        Ok(exports::Wanted { all: self.all, group: group(&self.group)?, metric, at })
    }
}

fn metric(key: &str) -> Result<&'static Metric, Error> {
    let all = || OF_CASES.into_iter().chain(OF_VESSELS);
    all().find(|metric| metric.key == key).ok_or_else(|| {
        let known = all().map(|metric| metric.key).collect::<Vec<_>>().join(", ");
        let found: String = key.chars().take(80).collect();
        Error::new(Code::FieldInvalid, known, found, "Leave it out for all metrics.")
    })
}

/// `GET /admin/exports/results.csv`: every value of every case, one a line, as challengeR reads it.
pub async fn results(
    State(app): State<App>,
    caller: Caller,
    Asked(wanted): Asked<Wanted>,
) -> Result<Response, Error> {
    let phase = phase_named(app.store(), &wanted.phase, Timestamp::now()).await?;
    let lines = exports::results(&app.services, &caller, &phase, wanted.values()?).await?;
    Ok(download(CSV, &format!("asoca-{}-results.csv", phase.slug), lines))
}

/// `GET /admin/exports/methods.csv`: what is said of the methods of the leaderboard's entries, one a line.
pub async fn methods(
    State(app): State<App>,
    caller: Caller,
    Asked(of): Asked<OfPhase>,
) -> Result<Response, Error> {
    let phase = phase_named(app.store(), &of.phase, Timestamp::now()).await?;
    let lines = exports::methods(&app.services, &caller, &phase).await?;
    Ok(download(CSV, &format!("asoca-{}-methods.csv", phase.slug), lines))
}

/// `GET /admin/exports/submissions.json`: everything about every submission, newest first.
pub async fn submissions(
    State(app): State<App>,
    caller: Caller,
    Asked(filter): Asked<SubmissionFilter>,
) -> Result<Response, Error> {
    let phase = slug_of(app.store(), &filter.phase).await?;
    let filter = SubmissionFilter { phase, ..filter };
    let pieces = exports::submissions(&app.services, &caller, filter)?;
    Ok(download("application/json", "asoca-submissions.json", pieces))
}
