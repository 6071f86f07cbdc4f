use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::{OriginalUri, State};
use axum::response::{Html, Response};

use crate::domain::{
    Decision, Error, Problem, RankedMetric, State as SubmissionState, SubmissionId,
};
use crate::service::Caller;
use crate::service::decide::{self, Subject};
use crate::service::phases::slug_of;
use crate::service::report::{Report, reports};
use crate::store::{Phase, Shown, Submission, SubmissionFilter, last_of};
use crate::web::App;
use crate::web::error::ErrorPage;
use crate::web::pages::notice::{Notice, Told};
use crate::web::pages::{Page, html};
use crate::web::query::Asked;

use super::bulk::Ticked;

const PAGE: i64 = 100;

#[derive(Template)]
#[template(path = "admin/submissions.html")]
struct Submissions {
    page: Page,
    filter: SubmissionFilter,
    phases: Vec<Phase>,
    states: &'static [SubmissionState],
    shown: &'static [Shown],
    decisions: &'static [Decision],
    rows: Vec<Submission>,
    /// Mean Dice and HD95 of each row.
    means: Vec<[String; 2]>,
    /// How many reasons there are to look at one.
    flags: HashMap<SubmissionId, usize>,
    /// Where the next page begins.
    next: Option<SubmissionId>,
    problems: Vec<Problem>,
    /// What became of the decisions just made.
    notice: Option<Notice>,
    /// Those of them that were not carried out and are about a submission that there is.
    failed: Vec<Submission>,
}

impl Submissions {
    /// Whose a submission is, by what and from when, as far as there is one.
    fn named(&self, subject: &Subject) -> String {
        let failed = self.failed.iter().find(|of| Subject::Submission(of.id) == *subject);
        let Some(Submission { team_name, says, created_at, .. }) = failed else {
            return subject.id().to_string();
        };
        let named =
            [team_name.as_str(), says.method.as_str()].into_iter().filter(|of| !of.is_empty());
        named.map(|of| format!("{of}, ")).collect::<String>() + &created_at.to_string()
    }

    /// What everybody sees of one: nothing of what has no score.
    fn shown(&self, of: &Submission) -> &'static str {
        match of.state {
            _ if of.disqualified => "disqualified",
            _ if of.discarded => "discarded",
            _ if !of.published => "hidden",
            SubmissionState::Scored if of.late => "not ranked, late",
            SubmissionState::Scored => "published",
            _ => "–",
        }
    }
}

pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Asked(filter): Asked<SubmissionFilter>,
    Told(notice): Told,
) -> Result<Html<String>, Error> {
    page(&app, &caller, filter, Vec::new(), notice).await
}

async fn page(
    app: &App,
    caller: &Caller,
    filter: SubmissionFilter,
    problems: Vec<Problem>,
    notice: Option<Notice>,
) -> Result<Html<String>, Error> {
    let phase = slug_of(app.store(), &filter.phase).await?;
    let filter = SubmissionFilter { phase, ..filter };
    let rows = app.store().submissions(&filter, PAGE).await?;
    let flags = match (rows.first(), rows.last()) {
        (Some(newest), Some(oldest)) => app.store().flags_among(newest.id, oldest.id).await?,
        _ => HashMap::new(),
    };
    let means = |report: Report| RankedMetric::ALL.map(|metric| report.mean(metric));
    let means = reports(&app.services, caller, rows.clone()).await?.into_iter().map(means);
    let means = means.collect();
    let mut failed = Vec::new();
    if let Some(Notice::Decided { failed: decided, .. }) = &notice {
        for decided in decided {
            if let Subject::Submission(id) = decided.subject {
                failed.extend(app.store().submission(id).await?);
            }
        }
    }
    html(&Submissions {
        page: Page::new(app, caller, "admin").await,
        failed,
        phases: app.store().phases().await?,
        states: SubmissionState::ALL,
        shown: Shown::ALL,
        decisions: Decision::ALL,
        next: last_of(&rows, PAGE, |row| row.id),
        filter,
        rows,
        means,
        flags,
        problems,
        notice,
    })
}

/// Decides about all submissions that were ticked, and shows the same list again.
pub async fn decide(
    State(app): State<App>,
    caller: Caller,
    OriginalUri(here): OriginalUri,
    Asked(filter): Asked<SubmissionFilter>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    let form = Ticked(fields);
    let decided = async {
        let (ids, decision) = (form.ids("submission"), form.decision()?);
        decide::submissions(&app.services, &caller, &ids, decision, form.value("reason")).await
    };
    match decided.await {
        Ok(results) => Ok(Notice::decided(results).at(&app, &here.to_string())),
        Err(error) => {
            let (answer, problems) = ErrorPage::of(error)?;
            Ok(answer.with(page(&app, &caller, filter, problems, None).await?))
        }
    }
}
