use askama::Template;
use axum::extract::State;
use axum::response::Html;

use super::choose::choose;
use super::leaderboard::{TABS, and_at};
use super::plots::file_address;
use super::{Page, html};
use crate::domain::{Disclosure, Error, Group, ObserverSource, Visibility};
use crate::leaderboard::{AgainstFirst, Analysis, Leaderboard, MAX_TESTED, Plots, ProgressPlots};
use crate::plots::Plot;
use crate::service::Caller;
use crate::web::App;
use crate::web::query::{Asked, RankingQuery};
use challenge_ranking::{Interval, Untestable, Welch};

#[derive(Template)]
#[template(path = "leaderboard/analysis.html")]
struct Shown {
    page: Page,
    visibility: Visibility,
    analysis: Analysis,
    plots: Plots,
    progress: ProgressPlots,
    /// The address's word for each choice of cases, and the tab's.
    tabs: [(&'static str, &'static str); 3],
    group: &'static str,
    /// Goes on with an address about the same moment.
    and_at: String,
}

/// What there is of it where scores are not shown exactly.
#[derive(Template)]
#[template(path = "leaderboard/withheld.html")]
struct Withheld<'a> {
    page: Page,
    leaderboard: &'a Leaderboard,
    /// Nothing where no scores are shown.
    progress: Option<ProgressPlots>,
    group: &'static str,
    and_at: String,
}

impl Withheld<'_> {
    fn svg(&self, plot: &Plot) -> String {
        let rest = format!("&group={}{}", self.group, self.and_at);
        file_address(plot, &self.leaderboard.phase, &rest)
    }
}

/// An entry against every other one.
struct MapRow<'a> {
    label: String,
    team: &'a str,
    cells: Vec<&'static str>,
}

impl Shown {
    fn svg(&self, plot: &Plot) -> String {
        let rest = format!("&group={}{}", self.group, self.and_at);
        file_address(plot, &self.analysis.phase, &rest)
    }

    /// Whether a difference of the groups is more than chance, in short.
    fn welch(&self, of: &Result<Welch, Untestable>) -> String {
        match of {
            Ok(of) => format!("t = {:.2}, p = {:.3}", of.t, of.p),
            Err(Untestable::Constant) => "values hardly vary".to_owned(),
            Err(Untestable::TooFew) => "–".to_owned(),
        }
    }

    fn interval(&self, interval: &Interval, digits: usize) -> String {
        format!("{:.digits$} to {:.digits$}", interval.low, interval.high)
    }

    /// Of a mean, where it can be told.
    fn of_mean(&self, interval: &Option<Interval>, digits: usize) -> String {
        interval.as_ref().map_or_else(|| "–".to_owned(), |of| self.interval(of, digits))
    }

    fn against_first(&self, at: &usize, against: &Option<AgainstFirst>) -> &'static str {
        match against {
            None if *at == 0 => "–",
            None => "not tested",
            Some(AgainstFirst::Behind) => "significantly worse",
            Some(AgainstFirst::Mixed) => "mixed",
            Some(AgainstFirst::Ahead) => "significantly better",
            Some(AgainstFirst::Level) => "same position",
            Some(AgainstFirst::NotSeparable) => "no significant difference",
        }
    }

    fn percent(&self, share: &f64) -> String {
        format!("{:.1} %", 100.0 * share)
    }

    /// The maps of significance, by metric.
    fn maps(&self) -> [(&'static str, Vec<MapRow<'_>>); 2] {
        let analysis = &self.analysis;
        let map = |p_values: &[Vec<f64>]| {
            let cell = |row: usize, (column, p): (usize, &f64)| match p {
                _ if row == column => "·",
                p if *p <= analysis.level => "better",
                _ => "–",
            };
            let cells =
                |at: usize, row: &[f64]| row.iter().enumerate().map(|of| cell(at, of)).collect();
            let entries = analysis.entries.iter().zip(analysis.labels());
            let rows = entries.zip(p_values).enumerate();
            rows.map(|(at, ((entry, label), row))| MapRow {
                label,
                team: &entry.team,
                cells: cells(at, row),
            })
            .collect()
        };
        [("Dice", map(&analysis.better_in_dice)), ("HD95", map(&analysis.better_in_hd95))]
    }

    /// Of how many entries every pair was tested.
    fn tested(&self) -> usize {
        self.analysis.better_in_dice.len()
    }

    fn max_tested(&self) -> usize {
        MAX_TESTED
    }
}

pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<RankingQuery>,
) -> Result<Html<String>, Error> {
    if let Some(page) = choose(&app, &caller, "/analysis", &query).await? {
        return Ok(page);
    }
    let phase = query.phase(app.store()).await?;
    let (group, at) = (query.group()?, query.at()?);
    let leaderboard = app.services.leaderboards.view(&caller.actor, &phase, at).await?;
    let own = caller.team().map(|team| team.id);
    let page = Page::new(&app, &caller, "leaderboard").await;
    let group_word = group.map_or("all", Group::as_str);
    let progress = ProgressPlots::of(&leaderboard, group, own, |team| caller.sees_all_of(team));
    if leaderboard.disclosure.exact().is_none() {
        let shows_scores =
            leaderboard.disclosure != Disclosure::Hidden && !leaderboard.entries.is_empty();
        return html(&Withheld {
            page,
            leaderboard: &leaderboard,
            progress: shows_scores.then_some(progress),
            group: group_word,
            and_at: and_at(at),
        });
    }
    let analysis = app.services.leaderboards.analysis(&caller.actor, &phase, group, at).await?;
    html(&Shown {
        page,
        visibility: leaderboard.visibility,
        plots: Plots::of(&leaderboard, &analysis),
        progress,
        analysis,
        tabs: TABS,
        and_at: and_at(at),
        group: group_word,
    })
}
