use askama::Template;
use axum::extract::State;
use axum::response::Html;

use super::choose::choose;
use super::leaderboard::{TABS, and_at};
use super::{Page, html};
use crate::domain::{Disclosure, Error, Group, PerMetric, RankedMetric, SubmissionId};
use crate::leaderboard::{Comparison, Difference, Leaderboard, MAX_COMPARED, Row};
use crate::plots::Plot;
use crate::scoring::ShownSummary;
use crate::service::Caller;
use crate::web::App;
use crate::web::query::{Asked, EntriesQuery, RankingQuery};

/// Of more entries none can be added on this page: they are found on the leaderboard.
const MAX_OFFERED: usize = 200;

#[derive(Template)]
#[template(path = "leaderboard/compare.html")]
struct Shown<'a> {
    page: Page,
    leaderboard: &'a Leaderboard,
    rows: Vec<&'a Row>,
    /// Where scores are shown exactly, and there are two entries.
    comparison: Option<Comparison>,
    /// Where single cases are shown.
    plot: Option<Plot>,
    /// The address's word for each choice of cases, and the tab's.
    tabs: [(&'static str, &'static str); 3],
    group: Option<Group>,
    /// Goes on with an address about the same moment.
    and_at: String,
    /// What can be compared besides.
    others: Vec<&'a Row>,
}

impl Shown<'_> {
    fn group_word(&self) -> &'static str {
        self.group.map_or("all", Group::as_str)
    }

    fn address(&self, group: &str, left_out: Option<&SubmissionId>) -> String {
        let rows = self.rows.iter().filter(|row| Some(&row.submission) != left_out);
        let entries: Vec<String> = rows.map(|row| row.submission.to_string()).collect();
        let (phase, entries) = (&self.leaderboard.phase, entries.join(","));
        format!("/compare?phase={phase}&group={group}{}&entries={entries}", self.and_at)
    }

    /// The same without an entry.
    fn without(&self, row: &Row) -> String {
        self.address(self.group_word(), Some(&row.submission))
    }

    /// The same over other cases.
    fn over(&self, group: &str) -> String {
        self.address(group, None)
    }

    fn means(&self, row: &Row) -> Option<PerMetric<ShownSummary>> {
        row.of(self.group).copied()
    }

    /// What an entry is called here: its team, and its number among those compared.
    fn name(&self, number: &usize) -> String {
        let Some(row) = self.rows.get(*number) else { return String::new() };
        let alone = self.rows.iter().filter(|other| other.team == row.team).count() == 1;
        if alone { row.team.clone() } else { format!("{} ({})", row.team, number + 1) }
    }

    /// The metrics with the differences in them.
    fn by_metric<'a>(
        &self,
        comparison: &'a Comparison,
    ) -> Vec<(RankedMetric, Vec<&'a Difference>)> {
        let of = |metric: RankedMetric| {
            let differences = comparison.differences.iter();
            (metric, differences.filter(|of| of.metric == metric.key).collect())
        };
        RankedMetric::ALL.map(of).into()
    }

    /// With its sign, and one digit more than a mean has.
    fn signed(&self, value: &f64, metric: &RankedMetric) -> String {
        format!("{value:+.0$}", metric.digits + 1).replace('-', "−")
    }

    fn interval(&self, of: &Difference, metric: &RankedMetric) -> String {
        let Some(interval) = of.paired.interval else { return "–".to_owned() };
        format!("{} to {}", self.signed(&interval.low, metric), self.signed(&interval.high, metric))
    }

    fn p(&self, p: &f64) -> String {
        if *p < 0.001 { "< 0.001".to_owned() } else { format!("{p:.3}") }
    }

    fn verdict(&self, of: &Difference) -> String {
        match of.better() {
            Some(number) => format!("{} is better", self.name(&number)),
            None => "no significant difference".to_owned(),
        }
    }

    fn max(&self) -> usize {
        MAX_COMPARED
    }
}

pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<RankingQuery>,
    entries: EntriesQuery,
) -> Result<Html<String>, Error> {
    let phase = match entries.phase(&query, app.store()).await? {
        Some(phase) => phase,
        None => match choose(&app, &caller, "/leaderboard", &query).await? {
            Some(page) => return Ok(page),
            None => query.phase(app.store()).await?,
        },
    };
    let (group, at) = (query.group()?, query.at()?);
    let view = app.services.leaderboards.view(&caller.actor, &phase, at).await?;
    let page = Page::new(&app, &caller, "leaderboard").await;
    // Some milliseconds a pair.
    tokio::task::spawn_blocking(move || {
        let leaderboard: &Leaderboard = &view;
        let rows = leaderboard.chosen(&entries.0)?;
        let exact = leaderboard.disclosure.exact().is_some() && rows.len() > 1;
        let comparison = match exact {
            true => Some(leaderboard.compare(&rows, group)?),
            false => None,
        };
        let plot = match exact {
            true => leaderboard.drawn_beside(&rows, group),
            false => None,
        };
        let is_chosen = |row: &&Row| rows.iter().any(|of| of.submission == row.submission);
        let few = leaderboard.all_rows().count() <= MAX_OFFERED && rows.len() < MAX_COMPARED;
        let others = leaderboard.all_rows().filter(|row| few && !is_chosen(row)).collect();
        html(&Shown {
            page,
            leaderboard,
            comparison,
            plot,
            tabs: TABS,
            group,
            and_at: and_at(at),
            others,
            rows,
        })
    })
    .await?
}
