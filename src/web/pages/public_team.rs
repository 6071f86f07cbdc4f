//! A team as everybody sees it: what it has on the leaderboard of a phase, and how that has come about.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Html;

use super::choose::choose;
use super::leaderboard::and_at;
use super::plots::file_address;
use super::{Page, html};
use crate::domain::{Error, PerMetric, RankedMetric, TeamId};
use crate::leaderboard::{Candidate, Leaderboard, Row, team_progress};
use crate::plots::Plot;
use crate::scoring::ShownAggregates;
use crate::service::Caller;
use crate::service::entries::{self, RankedTeam};
use crate::store::Timestamp;
use crate::web::App;
use crate::web::query::{Asked, RankingQuery};

#[derive(Template)]
#[template(path = "leaderboard/team.html")]
struct Shown<'a> {
    page: Page,
    team: &'a RankedTeam,
    phase: &'a str,
    title: &'a str,
    at: Option<Timestamp>,
    and_at: String,
    plot: Option<Plot>,
    /// Its best-placed row of the leaderboard.
    row: Option<&'a Row>,
    /// Its submissions that the reader sees, newest first.
    steps: Vec<Step<'a>>,
    /// Whether the reader leads it.
    own: bool,
}

impl Shown<'_> {
    fn svg(&self, plot: &Plot) -> String {
        file_address(plot, self.phase, &format!("&team={}{}", self.team.id, self.and_at))
    }
}

/// A submission among those of its team.
struct Step<'a> {
    candidate: &'a Candidate,
    shown: Option<ShownAggregates>,
    /// Whether it was the best of the team in a metric when it came.
    is_best: PerMetric<bool>,
}

impl<'a> Step<'a> {
    /// Of submissions that come oldest first.
    fn all(leaderboard: &'a Leaderboard, own: impl Iterator<Item = &'a Candidate>) -> Vec<Self> {
        let mut best: PerMetric<Option<f64>> = PerMetric::default();
        let mut steps: Vec<Self> = own
            .map(|candidate| {
                let is_best = PerMetric::from_fn(|metric| {
                    let value = candidate.shown.map(|means| *means.of(metric));
                    value.is_some_and(|value| {
                        best.of(metric).is_none_or(|best| metric.direction.is_better(value, best))
                    })
                });
                best = PerMetric::from_fn(|metric| match candidate.shown {
                    Some(means) if *is_best.of(metric) => Some(*means.of(metric)),
                    _ => *best.of(metric),
                });
                let values = &candidate.values;
                let shown =
                    ShownAggregates::of(values, &leaderboard.groups, leaderboard.disclosure);
                Self { candidate, shown, is_best }
            })
            .collect();
        steps.reverse();
        steps
    }

    /// A mean over all cases as it is shown.
    fn text(&self, metric: RankedMetric) -> String {
        let shown = self.shown.as_ref().and_then(|shown| shown.of_group(None));
        shown.map_or_else(|| "–".to_owned(), |means| means.of(metric).text(metric.digits))
    }

    fn dice(&self) -> String {
        self.text(RankedMetric::Dice)
    }

    fn hd95(&self) -> String {
        self.text(RankedMetric::Hd95)
    }

    fn words(&self) -> &'static str {
        match (self.is_best.dice, self.is_best.hd95) {
            (true, true) => "its best in both then",
            (true, false) => "its best Dice then",
            (false, true) => "its best HD95 then",
            (false, false) => "",
        }
    }
}

/// A team that has nothing on this leaderboard is not there, whether it exists or not.
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Asked(query): Asked<RankingQuery>,
) -> Result<Html<String>, Error> {
    let at = query.at()?;
    if let Some(page) = choose(&app, &caller, &format!("/teams/{}", id_of(&id)?), &query).await? {
        return Ok(page);
    }
    let phase = query.phase(app.store()).await?;
    let team = entries::team(&app.services, &caller, &id, &phase, at).await?;
    let leaderboard = &team.leaderboard;
    html(&Shown {
        page: Page::new(&app, &caller, "leaderboard").await,
        phase: &leaderboard.phase,
        title: &leaderboard.title,
        at,
        and_at: and_at(at),
        plot: team_progress(leaderboard, team.id, team.sees_all),
        row: team.row(),
        steps: Step::all(leaderboard, team.submissions()),
        own: caller.team().is_some_and(|own| own.id == team.id && own.leader),
        team: &team,
    })
}

fn id_of(id: &str) -> Result<TeamId, Error> {
    id.parse().map_err(|_| Error::not_found())
}
