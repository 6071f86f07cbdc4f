//! What of a phase is drawn, and for whom.

use super::analysis::Analysis;
use super::{Candidate, Leaderboard, Row};
use crate::domain::{Exact, Group, ObserverSource, Observers, PerMetric, TeamId};
use crate::plots::{
    Among, Case, Comparison, Entry, Five, Level, Progress, Reference, Sent, Spread, progress_of,
};
use crate::scoring::{CaseScores, ScoredCase, shown_means};
use crate::{plots, plots::Plot};
use challenge_ranking::Interval;
use segmentation_metrics::Summary;

/// The plots of an analysis for one caller, over all cases or those of a group.
pub struct Plots {
    /// Whose lines stand beside the entries.
    pub observers: ObserverSource,
    pub values: Plot,
    /// None where the caller may not see single cases.
    pub podium: Option<Plot>,
    pub ranks: Plot,
    pub significance: Plot,
    pub metrics: Plot,
}

impl Plots {
    pub fn of(leaderboard: &Leaderboard, analysis: &Analysis) -> Self {
        let seen = leaderboard.disclosure.every_case();
        let of = comparison(leaderboard, analysis, seen);
        Self {
            observers: leaderboard.observers.source,
            values: plots::values(&of),
            podium: seen.map(|_| plots::podium(&of)),
            ranks: plots::ranks(&of),
            significance: plots::significance(&of),
            metrics: plots::metrics(&of),
        }
    }

    /// The one of this name, if the caller has it.
    pub fn named(self, name: &str) -> Option<Plot> {
        let Self { values, podium, ranks, significance, metrics, .. } = self;
        let always = [values, ranks, significance, metrics].map(Some);
        always.into_iter().chain([podium]).flatten().find(|plot| plot.name == name)
    }
}

/// How submissions have done over time, as far as their scores are shown.
pub struct ProgressPlots {
    pub everybody: Plot,
    /// None where the team, if there is one, has nothing that may be ranked.
    pub own: Option<Plot>,
}

impl ProgressPlots {
    /// `own` is the team whose own progress is drawn; `sees_all`: of which teams the caller sees all submissions, and not only
    /// those that count or counted.
    pub fn of(
        leaderboard: &Leaderboard,
        group: Option<Group>,
        own: Option<TeamId>,
        sees_all: impl Fn(TeamId) -> bool,
    ) -> Self {
        let history = history(leaderboard, group, own, sees_all);
        Self { everybody: plots::progress(&history), own: own_progress(&history) }
    }

    /// The one of this name, if the caller has it.
    pub fn named(self, name: &str) -> Option<Plot> {
        [Some(self.everybody), self.own].into_iter().flatten().find(|plot| plot.name == name)
    }
}

/// A submission's Dice in every case, among that of all entries where the leaderboard shows their single cases.
pub fn cases_among(leaderboard: &Leaderboard, own: &CaseScores) -> Plot {
    let of_entries = |case: &ScoredCase| {
        let every_case = leaderboard.disclosure.every_case()?;
        let at = leaderboard.groups.iter().position(|(id, _)| *id == case.id)?;
        let values = leaderboard.entries.iter().map(|row| row.values.open(every_case).get(at));
        let dice: Vec<f64> = values.flatten().map(|values| values.dice).collect();
        Summary::of(&dice)
    };
    let among = |case: &ScoredCase| Among {
        case: Case { id: case.id.clone(), diseased: case.group == Some(Group::Diseased) },
        own: case.dice,
        entries: of_entries(case).as_ref().map(five),
    };
    plots::among(&leaderboard.title, &own.iter().map(among).collect::<Vec<_>>())
}

/// The analysis with what it was made of; with single cases where these may be seen.
fn comparison(
    leaderboard: &Leaderboard,
    analysis: &Analysis,
    every_case: Option<Exact>,
) -> Comparison {
    let (rows, groups) = (&leaderboard.entries, &leaderboard.groups);
    let of_group = |at: &usize| analysis.group.is_none_or(|group| groups[*at].1 == group);
    let chosen: Vec<usize> = (0..groups.len()).filter(of_group).collect();
    let case =
        |&at: &usize| Case { id: groups[at].0.clone(), diseased: groups[at].1 == Group::Diseased };
    let entry = |(of, label): (&super::analysis::Entry, String)| {
        let row = rows.iter().find(|row| row.submission == of.submission)?;
        let means = *row.of(analysis.group)?;
        let values = every_case.map_or(&[][..], |every_case| row.values.open(every_case));
        let values = chosen.iter().filter_map(|&at| values.get(at));
        Some(Entry {
            name: name(row, rows),
            label,
            values: means.map(|summary| summary.exact().map(five)).whole()?,
            spread: spread(&of.spread),
            cases: values.copied().collect(),
        })
    };
    let better = |p_values: &[Vec<f64>]| -> Vec<Vec<bool>> {
        p_values.iter().map(|row| row.iter().map(|p| *p <= analysis.level).collect()).collect()
    };
    Comparison {
        about: about(leaderboard, analysis.group),
        entries: analysis.entries.iter().zip(analysis.labels()).filter_map(entry).collect(),
        cases: every_case.map_or_else(Vec::new, |_| chosen.iter().map(case).collect()),
        better: PerMetric {
            dice: better(&analysis.better_in_dice),
            hd95: better(&analysis.better_in_hd95),
        },
        draws: analysis.draws,
        reference: reference(&leaderboard.observers, analysis.group),
    }
}

pub(super) fn about(leaderboard: &Leaderboard, group: Option<Group>) -> String {
    let at = leaderboard.at.map_or_else(String::new, |at| format!(", as of {at}"));
    format!("{}, {} cases{at}", leaderboard.title, group.map_or("all", Group::as_str))
}

/// The team's, and the method's where the team has several entries.
pub(super) fn name(row: &Row, rows: &[Row]) -> String {
    let alone = rows.iter().filter(|other| other.team == row.team).count() == 1;
    if alone { row.team.clone() } else { format!("{} · {}", row.team, row.method) }
}

fn five(of: &Summary) -> Five {
    let Summary { mean, min, q25, median, q75, max, .. } = *of;
    Five { min, q25, median, q75, max, mean }
}

fn spread(of: &super::analysis::Spread) -> Spread {
    let ends = |interval: &Interval| [interval.low, interval.high];
    Spread {
        means: of.means.map(|interval| interval.as_ref().map(ends)),
        position: ends(&of.position),
        median_position: of.position.median,
        positions: of.positions.iter().map(|one| (one.position, one.share)).collect(),
    }
}

/// Of more submissions, earlier ones that were never the best are left out.
const MAX_MARKED: usize = 500;

/// The submissions that count or counted, the earliest first; of some teams all that may be ranked.
fn history(
    leaderboard: &Leaderboard,
    group: Option<Group>,
    own: Option<TeamId>,
    sees_all: impl Fn(TeamId) -> bool,
) -> Progress {
    // What the leaderboard doesn't show is not drawn either.
    let seen = |one: &&Candidate| one.counts.is_public() || sees_all(one.submission.team_id);
    let sent = leaderboard.candidates.iter().filter(seen).filter_map(|one| {
        let means = match group {
            None => one.shown?,
            Some(_) => {
                shown_means(&one.values, &leaderboard.groups, leaderboard.disclosure, group)?
            }
        };
        Some(Sent {
            at: seconds(one.submission.created_at),
            own: own == Some(one.submission.team_id),
            name: one.submission.team_name.clone(),
            means,
        })
    });
    let whole = Progress {
        about: about(leaderboard, group),
        sent: sent.collect(),
        left_out: 0,
        reference: reference(&leaderboard.observers, group),
    };
    whole.thinned(MAX_MARKED)
}

fn own_progress(history: &Progress) -> Option<Plot> {
    let own = history.sent.iter().find(|sent| sent.own)?;
    Some(progress_of(history, &own.name))
}

/// How a team's submissions have done over all cases, all of them or those that count or counted; none where none may be ranked.
pub fn team_progress(leaderboard: &Leaderboard, team: TeamId, all: bool) -> Option<Plot> {
    own_progress(&history(leaderboard, None, Some(team), |one| all && one == team))
}

fn seconds(at: crate::store::Timestamp) -> f64 {
    time::OffsetDateTime::from(at).unix_timestamp() as f64
}

/// Inter-observer agreement, with whose agreement it is.
fn reference(observers: &Observers, group: Option<Group>) -> Option<Reference> {
    let reached = observers.of_group(group)?;
    let name = match observers.source {
        ObserverSource::Paper => "human annotators (training set)",
        ObserverSource::Own => "human annotators (of this truth)",
    };
    let level = |of: crate::domain::MeanStd| Some(Level { mean: of.mean, std: of.std });
    let levels = PerMetric { dice: level(reached.dice), hd95: level(reached.hd95) };
    Some(Reference { name: name.to_owned(), levels })
}
