//! What of a phase is drawn, and for whom.

use uuid::Uuid;

use super::App;
use super::analysis::Analysis;
use super::board::{Row, board, groups};
use super::caller::Caller;
use super::failure::Failure;
use crate::challenge::{Action, Group, Visibility, may};
use crate::metrics::Summary;
use crate::plots::{
    Both, Case, Comparison, Entry, Five, Level, Progress, Reference, Sent, Spread, progress_of,
};
use crate::ranking::Interval;
use crate::scoring::{Aggregates, CaseScores, SCORER_VERSION};
use crate::store::Phase;
use crate::{plots, plots::Plot};

/// The plots of a phase for one caller, over all cases or those of a group.
pub struct Plots {
    pub values: Plot,
    /// None where the caller may not see single cases.
    pub podium: Option<Plot>,
    pub ranks: Plot,
    pub significance: Plot,
    pub metrics: Plot,
    pub progress: Plot,
    /// None where the caller's team, if there is one, has nothing that may be ranked.
    pub own_progress: Option<Plot>,
}

impl Plots {
    pub async fn of(
        app: &App,
        caller: &Caller,
        phase: &Phase,
        analysis: &Analysis,
    ) -> Result<Self, Failure> {
        let of = comparison(app, caller, phase, analysis).await?;
        let history = Progress {
            about: of.about.clone(),
            sent: history(app, caller, phase, analysis.group).await?,
        };
        let seen = sees_cases(caller, phase);
        let own = caller.team().filter(|_| history.sent.iter().any(|sent| sent.own));
        Ok(Self {
            values: plots::values(&of),
            podium: seen.then(|| plots::podium(&of)),
            ranks: plots::ranks(&of),
            significance: plots::significance(&of),
            metrics: plots::metrics(&of),
            progress: plots::progress(&history),
            own_progress: own.map(|team| progress_of(&history, &team.name)),
        })
    }

    /// The one of this name, if the caller has it.
    pub fn named(self, name: &str) -> Option<Plot> {
        let Self { values, podium, ranks, significance, metrics, progress, own_progress } = self;
        let always = [values, ranks, significance, metrics, progress].map(Some);
        let mut all = always.into_iter().chain([podium, own_progress]).flatten();
        all.find(|plot| plot.name == name)
    }
}

fn sees_cases(caller: &Caller, phase: &Phase) -> bool {
    may(&caller.actor, Action::SeeCaseValues { feedback: phase.feedback }).is_ok()
}

/// The analysis with what it was made of.
async fn comparison(
    app: &App,
    caller: &Caller,
    phase: &Phase,
    analysis: &Analysis,
) -> Result<Comparison, Failure> {
    let rows = board(app, caller, phase).await?.entries;
    let groups = groups(app, phase.truth_set_id).await?;
    let of_group = |at: &usize| analysis.group.is_none_or(|group| groups[*at].1 == group);
    let mut chosen: Vec<usize> = (0..groups.len()).filter(of_group).collect();
    if !sees_cases(caller, phase) {
        chosen.clear();
    }
    let case =
        |&at: &usize| Case { id: groups[at].0.clone(), diseased: groups[at].1 == Group::Diseased };
    let entry = |of: &super::analysis::Entry| {
        let row = rows.iter().find(|row| row.submission == of.submission)?;
        let cell = row.of(analysis.group)?;
        let values = chosen.iter().filter_map(|&at| row.values.get(at));
        Some(Entry {
            name: name(row, &rows),
            values: Both { dice: five(cell.dice), hd95: five(cell.hd95) },
            spread: spread(&of.spread),
            cases: values.map(|&[dice, hd95]| Both { dice, hd95 }).collect(),
        })
    };
    let better = |p_values: &[Vec<f64>]| -> Vec<Vec<bool>> {
        p_values.iter().map(|row| row.iter().map(|p| *p <= analysis.level).collect()).collect()
    };
    Ok(Comparison {
        about: about(analysis),
        entries: analysis.entries.iter().filter_map(entry).collect(),
        cases: chosen.iter().map(case).collect(),
        better: Both {
            dice: better(&analysis.better_in_dice),
            hd95: better(&analysis.better_in_hd95),
        },
        draws: analysis.draws,
        reference: Some(annotators(analysis.group)),
    })
}

fn about(analysis: &Analysis) -> String {
    let group = analysis.group.map_or("all", Group::as_str);
    format!("{}, {group} cases", analysis.title)
}

/// The team's, and the method's where the team has several entries.
fn name(row: &Row, rows: &[Row]) -> String {
    let alone = rows.iter().filter(|other| other.team == row.team).count() == 1;
    if alone { row.team.clone() } else { format!("{} · {}", row.team, row.method) }
}

fn five(of: &Summary) -> Five {
    let Summary { mean, min, q25, median, q75, max, .. } = *of;
    Five { min, q25, median, q75, max, mean }
}

fn spread(of: &crate::ranking::Spread) -> Spread {
    let ends = |interval: &Interval| [interval.low, interval.high];
    Spread {
        means: Both { dice: ends(&of.dice), hd95: ends(&of.hd95) },
        position: ends(&of.position),
        median_position: of.position.median,
        positions: of.positions.clone(),
    }
}

/// All submissions that may be ranked, the earliest first, as far as the caller may see the leaderboard: all of a
/// team's, not only the one that counts.
async fn history(
    app: &App,
    caller: &Caller,
    phase: &Phase,
    group: Option<Group>,
) -> Result<Vec<Sent>, Failure> {
    let organiser = may(&caller.actor, Action::Organise).is_ok();
    let before = match phase.rules.leaderboard {
        _ if organiser => None,
        Visibility::Public => None,
        Visibility::Frozen => phase.rules.frozen_at,
        Visibility::Hidden => return Ok(Vec::new()),
    };
    let groups = groups(app, phase.truth_set_id).await?;
    let own: Option<Uuid> = caller.team().map(|team| team.id);
    let mut ranked = app.store.ranked(phase, SCORER_VERSION, before).await?;
    ranked.retain(|submission| submission.cases.len() == groups.len());
    let sent = |submission: crate::store::RankedSubmission| {
        let aggregates = Aggregates::of(&CaseScores::of(&submission.cases, &groups));
        let pair = aggregates.of_group(group)?;
        let means = Both { dice: pair.dice.mean, hd95: pair.hd95.mean };
        (means.dice.is_finite() && means.hd95.is_finite()).then(|| Sent {
            at: seconds(submission.created_at),
            own: own == Some(submission.team_id),
            name: submission.team_name,
            means,
        })
    };
    Ok(ranked.into_iter().filter_map(sent).collect())
}

fn seconds(at: crate::store::Timestamp) -> f64 {
    time::OffsetDateTime::from(at).unix_timestamp() as f64
}

/// Three annotators against their majority, in the cases of the training set (Gharleghi et al. 2023): a fact of those,
/// and not of the cases that are ranked on.
fn annotators(group: Option<Group>) -> Reference {
    let level = |mean, std| Some(Level { mean, std });
    let (dice, hd95) = match group {
        None => (level(0.856, Some(0.077)), level(5.92, Some(7.3))),
        Some(Group::Normal) => (level(0.874, None), level(4.45, None)),
        Some(Group::Diseased) => (level(0.839, None), level(7.38, None)),
    };
    Reference { name: "human annotators (training set)".to_owned(), levels: Both { dice, hd95 } }
}
