use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{Html, Redirect, Response};
use serde_json::Value;

use super::notice::{Notice, Told};
use super::questions::AskedQuestion;
use super::{Page, html, period};
use crate::domain::{
    self, Action, Decision, Disclosure, Error, OF_VESSELS, PerMetric, PhaseId, Problem,
    RankedMetric, SubmissionId, TeamId, may,
};
use crate::leaderboard::{Place, Secondary, View, Wanted, cases_among};
use crate::plots::Plot;
use crate::scoring::{
    Aggregates, CaseScores, Grouped, ScoredCase, SecondarySummaries, VesselSummaries,
};
use crate::service::Caller;
use crate::service::again::Again;
use crate::service::decide;
use crate::service::entries;
use crate::service::methods::{self, MethodChange};
use crate::service::report::{Picture, Report, readable, report, reports};
use crate::service::upload::ANSWER;
use crate::store::{MethodText, MethodVersion, Phase, Submission, Timestamp};
use crate::web::App;
use crate::web::error::ErrorPage;
use crate::web::throttle::count_edit;
use segmentation_metrics::Summary;

const MAX_LISTED: i64 = 500;

#[derive(Template)]
#[template(path = "submission/list.html")]
struct Submissions {
    page: Page,
    /// Whether the reader is in a team.
    in_team: bool,
    rows: Vec<Listed>,
}

impl Submissions {
    /// The words of the list that do not speak for themselves, each once, with what they mean.
    fn words(&self) -> Vec<(&'static str, &'static str)> {
        let mut words = Vec::new();
        for row in &self.rows {
            let report = &row.report;
            let state = report.state.meaning().map(|meaning| (report.state.as_str(), meaning));
            let not_ranked = report.not_ranked().map(|of| (of.word, of.why));
            for word in [state, not_ranked].into_iter().flatten() {
                if !words.contains(&word) {
                    words.push(word);
                }
            }
        }
        words
    }
}

/// A submission among those of its team.
struct Listed {
    report: Report,
    /// The title of its phase.
    phase: String,
    /// Whether it is the team's entry on the leaderboard, as far as that shows positions.
    counts: bool,
}

impl Listed {
    fn dice(&self) -> String {
        self.report.mean(RankedMetric::Dice)
    }

    fn hd95(&self) -> String {
        self.report.mean(RankedMetric::Hd95)
    }
}

pub async fn list(State(app): State<App>, caller: Caller) -> Result<Html<String>, Error> {
    let rows = match caller.team() {
        Some(team) => listed(&app, &caller, team.id).await?,
        None => Vec::new(),
    };
    let in_team = caller.team().is_some();
    html(&Submissions { page: Page::new(&app, &caller, "submissions").await, in_team, rows })
}

async fn listed(app: &App, caller: &Caller, team: TeamId) -> Result<Vec<Listed>, Error> {
    let found = app.store().submissions_of(team, MAX_LISTED).await?;
    let of: HashSet<PhaseId> = found.iter().map(|one| one.phase_id).collect();
    let phases = app.store().phases().await?;
    let mut counting = HashSet::new();
    for phase in phases.iter().filter(|phase| of.contains(&phase.id)) {
        let leaderboard = app.services.leaderboards.view(&caller.actor, phase, None).await?;
        counting.extend(counted(&leaderboard, team));
    }
    let titles: HashMap<String, String> =
        phases.into_iter().map(|phase| (phase.slug, phase.title)).collect();
    let listed = |report: Report| Listed {
        phase: titles.get(&report.phase).cloned().unwrap_or_default(),
        counts: counting.contains(&report.id),
        report,
    };
    Ok(reports(&app.services, caller, found).await?.into_iter().map(listed).collect())
}

/// The entries of a team whose positions are shown.
fn counted(leaderboard: &View, team: TeamId) -> impl Iterator<Item = SubmissionId> {
    let own = leaderboard.entries.iter().filter(move |row| row.team_id == team);
    own.filter(|row| row.placed.is_some()).map(|row| row.submission)
}

#[derive(Template)]
#[template(path = "submission/page.html")]
struct Shown {
    page: Page,
    /// Where it has brought its team; `None` where no position is shown.
    place: Option<Place>,
    /// The leaderboard's address, at the team's entry if the reader is in the team.
    leaderboard: String,
    /// Until when a submission is on the frozen leaderboard that the reader is shown.
    frozen_at: Option<Timestamp>,
    /// When the reader's team can submit again, if it is the submission's.
    again: Option<Again>,
    /// The phase's quota and its period in words.
    quota: (i64, String),
    /// Whether it is of the reader's team.
    own: bool,
    /// Whether its team is a baseline.
    baseline: bool,
    /// Its cases among those of all entries, as far as the reader may see these.
    plot: Option<Plot>,
    groups: Vec<(&'static str, PerMetric<Summary>)>,
    secondary: Vec<(&'static str, SecondarySummaries)>,
    vessels: Vec<(&'static str, VesselSummaries)>,
    report: Report,
    /// The pictures with the scores of their cases, the worst first; without scores in the order of the cases.
    pictures: Vec<(Picture, Option<PerMetric<f64>>)>,
    /// What an organiser can decide, where the viewer is one.
    decisions: &'static [Decision],
    organises: bool,
    /// Whether the viewer's own team can still stop it.
    cancellable: bool,
    /// Whether the viewer's own team can correct it and send it anew.
    correctable: bool,
    /// Whether it has a page as an entry.
    is_entry: bool,
    /// For who may change what is said of the method.
    form: Option<MethodForm>,
    /// All that was said of it, the latest first.
    versions: Vec<MethodVersion>,
    /// What was wrong with what the form said.
    wrong: Vec<Problem>,
    saved: bool,
}

/// What the form about a method holds.
struct MethodForm {
    method: String,
    description: String,
    url: String,
    code_url: String,
    data_url: String,
    revision: i64,
    questions: Vec<AskedQuestion>,
}

impl MethodForm {
    fn of(says: &MethodText, revision: i64, phase: &Phase) -> Self {
        let MethodText { method, description, url, code_url, data_url, answers } = says.clone();
        let questions = AskedQuestion::answered(&phase.rules.questions, &answers);
        Self { method, description, url, code_url, data_url, revision, questions }
    }

    /// With what was sent in place of what there is.
    fn with(mut self, sent: &[(String, String)]) -> Self {
        let texts = [
            ("method", &mut self.method),
            ("description", &mut self.description),
            ("url", &mut self.url),
            ("code_url", &mut self.code_url),
            ("data_url", &mut self.data_url),
        ];
        for (name, text) in texts {
            if let Some(sent) = value(sent, name) {
                *text = sent.to_owned();
            }
        }
        for one in &mut self.questions {
            if let Some(sent) = value(sent, &format!("{ANSWER}{}", one.question.key)) {
                one.value = sent.to_owned();
            }
        }
        self
    }
}

fn value<'a>(sent: &'a [(String, String)], name: &str) -> Option<&'a str> {
    sent.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
}

/// What a form says of a method, as the API would be told.
fn change_of(sent: &[(String, String)]) -> MethodChange {
    let text = |name: &str| value(sent, name).map(str::to_owned);
    let answers = sent.iter().filter_map(|(name, value)| {
        Some((name.strip_prefix(ANSWER)?.to_owned(), Value::from(value.as_str())))
    });
    MethodChange {
        method: text("method"),
        description: text("description"),
        url: text("url"),
        code_url: text("code_url"),
        data_url: text("data_url"),
        answers: Some(answers.collect()),
        revision: value(sent, "revision").and_then(|revision| revision.parse().ok()),
    }
}

/// A form that was refused: what it said, and what was wrong with it.
type Refused = (Vec<(String, String)>, Vec<Problem>);

/// Changes what is said of the method, or shows the page again.
pub async fn change_method(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    let submission = readable(&app.services, &caller, &id).await?;
    methods::may_change(&caller, &submission)?;
    let changed = async {
        if may(&caller.actor, Action::Organise).is_err() {
            count_edit(&app, submission.team_id, Timestamp::now()).await?;
        }
        methods::change(&app.services, &caller, submission.id, change_of(&sent)).await
    };
    match changed.await {
        Ok(_) => Ok(Notice::Saved.at(&app, &format!("/submissions/{}", submission.id))),
        Err(error) => {
            let (answer, wrong) = ErrorPage::of(error)?;
            let submission = readable(&app.services, &caller, &id).await?;
            Ok(answer.with(page(&app, &caller, submission, Some((sent, wrong)), false).await?))
        }
    }
}

impl Shown {
    fn position_sentence(&self, place: &Place) -> String {
        place.position_sentence(self.own)
    }
}

pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Told(notice): Told,
) -> Result<Html<String>, Error> {
    let submission = readable(&app.services, &caller, &id).await?;
    page(&app, &caller, submission, None, notice == Some(Notice::Saved)).await
}

async fn page(
    app: &App,
    caller: &Caller,
    submission: Submission,
    refused: Option<Refused>,
    saved: bool,
) -> Result<Html<String>, Error> {
    let (phase_id, team_id) = (submission.phase_id, submission.team_id);
    let phase = app.store().phase(phase_id).await?.ok_or_else(Error::not_found)?;
    let versions = methods::versions(&app.services, &submission).await?;
    let editable = methods::may_change(caller, &submission).is_ok();
    let mut form = editable.then(|| MethodForm::of(&submission.says, submission.revision, &phase));
    let mut wrong = Vec::new();
    let is_entry = entries::has_page(&app.services, caller, &phase, submission.id).await?;
    if let Some((sent, problems)) = refused {
        // Of the revision that there is: who saves again what was refused as stale means it.
        form = form.map(|form| form.with(&sent));
        wrong = problems;
    }
    let mut report = report(&app.services, caller, submission).await?;
    let pictures = worst_first(std::mem::take(&mut report.pictures), report.cases.as_ref());
    // With every case there are whole summaries; without, the page shows rounded means.
    let groups = report.cases.as_ref().map(|cases| Aggregates::of(cases).named());
    let groups = groups.unwrap_or_default();
    let secondary = report.secondary.map_or_else(Vec::new, Grouped::named);
    let vessels = report.vessels.clone().map_or_else(Vec::new, Grouped::named);
    let page = Page::new(app, caller, "submissions").await;
    let organiser = may(&caller.actor, Action::Organise).is_ok();
    let own = caller.team().is_some_and(|team| team.id == team_id);
    let again = match own {
        true => Some(Again::of(&app.services, &phase, team_id, Timestamp::now()).await?),
        false => None,
    };
    let first_scored = app.store().first_scored(report.id).await?;
    let (mut place, mut frozen_at, mut plot) = (None, None, None);
    let mut leaderboard = format!("/leaderboard?phase={}", phase.slug);
    if let (Some(at), true) = (first_scored, report.disclosure.is_some()) {
        let [before, now] = before_and_now(app, caller, &phase, at).await?;
        place = Place::of(&now, &before, team_id, report.id);
        frozen_at = now.frozen_at;
        // Entries that were scored against another truth are no comparison.
        if report.truth_set_digest.as_ref() == Some(&now.truth_set_digest) {
            plot = report.cases.as_ref().map(|own| cases_among(&now, own));
        }
        if own && place.is_some() {
            leaderboard += &own_entry(&now, team_id);
        }
    }
    html(&Shown {
        page,
        place,
        leaderboard,
        frozen_at,
        again,
        quota: (phase.quota, period(&phase)),
        own,
        baseline: app.store().baseline(team_id).await?.is_some(),
        plot,
        groups,
        secondary,
        vessels,
        organises: organiser,
        decisions: if organiser { Decision::ALL } else { &[] },
        pictures,
        cancellable: own && !report.state.is_final(),
        correctable: own && report.state == domain::State::Invalid,
        is_entry,
        form,
        versions,
        wrong,
        saved,
        report,
    })
}

/// The leaderboard just before a moment and now, as the caller may see it.
async fn before_and_now(
    app: &App,
    caller: &Caller,
    phase: &Phase,
    at: Timestamp,
) -> Result<[Arc<View>; 2], Error> {
    let before = at.minus(Duration::from_micros(1));
    let leaderboards = &app.services.leaderboards;
    Ok([
        leaderboards.view(&caller.actor, phase, Some(before)).await?,
        leaderboards.view(&caller.actor, phase, None).await?,
    ])
}

/// Where on a leaderboard a team's entry is: the end of the address.
fn own_entry(leaderboard: &View, team: TeamId) -> String {
    match Wanted::default().page_of(leaderboard, &Secondary::new(), team) {
        None | Some(1) => "#own".to_owned(),
        Some(page) => format!("&page={page}#own"),
    }
}

/// By Dice, as far as single cases are shown.
fn worst_first(
    pictures: Vec<Picture>,
    cases: Option<&CaseScores>,
) -> Vec<(Picture, Option<PerMetric<f64>>)> {
    let scored = |picture: Picture| {
        let mut cases = cases.into_iter().flat_map(CaseScores::iter);
        let values = cases.find(|case| case.id == picture.case).map(ScoredCase::ranked);
        (picture, values)
    };
    let mut scored: Vec<_> = pictures.into_iter().map(scored).collect();
    let dice = |values: &Option<PerMetric<f64>>| values.map_or(f64::NEG_INFINITY, |of| of.dice);
    scored.sort_by(|(_, a), (_, b)| dice(a).total_cmp(&dice(b)));
    scored
}

pub async fn cancel(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Redirect, Error> {
    let submission = readable(&app.services, &caller, &id).await?;
    decide::cancel_own(&app.services, &caller, &submission).await?;
    Ok(Redirect::to(&format!("/submissions/{}", submission.id)))
}
