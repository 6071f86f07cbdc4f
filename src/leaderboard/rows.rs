use std::collections::{HashMap, HashSet};

use challenge_ranking::ScoreTable;
use ndarray::{Array2, Array3};

use super::baselines::by_dice;
use super::{Counts, Placed, Row, Scored};
use crate::domain::{
    Counting, Disclosure, EvaluationId, Group, PerMetric, RankedMetric, Scheme, TeamId,
};
use crate::scoring::{ShownAggregates, improvements, means_of, shown_means};
use crate::store::{Phase, RankedSubmission, ScoredSubmission, Scores};

/// A submission that may be ranked, with its scores.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub submission: RankedSubmission,
    pub values: Scores,
    /// What is shown of the means over all cases; nothing where none are.
    pub shown: Option<PerMetric<f64>>,
    /// Whether it is its team's entry, or was.
    pub counts: Counts,
}

impl Candidate {
    /// The submissions with their scores, as a level shows them. Complete ones only: each case of the truth set, once.
    pub fn all(
        ranked: Vec<RankedSubmission>,
        scores: &HashMap<EvaluationId, Scores>,
        groups: &[(String, Group)],
        level: Disclosure,
    ) -> Vec<Self> {
        let candidate = |submission: RankedSubmission| {
            let values = scores.get(&submission.evaluation)?.clone();
            if values.cases() != groups.len() {
                return None;
            }
            let shown = shown_means(&values, groups, level, None);
            Some(Self { submission, values, shown, counts: Counts::Never })
        };
        ranked.into_iter().filter_map(candidate).collect()
    }
}

/// Those submissions that were better than what their team had been shown, all of them in the order in which they
/// were scored.
pub fn improving(
    scored: &[ScoredSubmission],
    scores: &HashMap<EvaluationId, Scores>,
    cases: usize,
) -> HashSet<EvaluationId> {
    let mut of_team: HashMap<TeamId, Vec<(EvaluationId, &Scores)>> = HashMap::new();
    for one in scored {
        if let Some(values) = scores.get(&one.evaluation).filter(|values| values.cases() == cases) {
            of_team.entry(one.team_id).or_default().push((one.evaluation, values));
        }
    }
    let improving = |of: Vec<(EvaluationId, &Scores)>| {
        let better = improvements(of.iter().map(|(_, values)| means_of(values)), cases);
        let ids = of.into_iter().map(|(id, _)| id);
        ids.zip(better).filter(|(_, better)| *better).map(|(id, _)| id).collect::<Vec<_>>()
    };
    of_team.into_values().flat_map(improving).collect()
}

/// The scheme that positions are by where a level's numbers are all there is: one that looks at single cases would tell
/// about them.
pub fn scheme_at(level: Disclosure, scheme: Scheme) -> Scheme {
    match scheme {
        Scheme::DiceOnly => Scheme::DiceOnly,
        _ if level.exact().is_none() => Scheme::MeanOfPositions,
        scheme => scheme,
    }
}

/// The table of what may be ranked, by the phase's rules and by the numbers that a level shows.
pub fn rows(
    candidates: &[Candidate],
    groups: &[(String, Group)],
    phase: &Phase,
    level: Disclosure,
) -> Vec<Row> {
    if level == Disclosure::Hidden {
        return unplaced(candidates, phase.counting);
    }
    let shown: Vec<(&Candidate, PerMetric<f64>)> =
        candidates.iter().filter_map(|one| Some((one, one.shown?))).collect();
    let teams: Vec<TeamId> = shown.iter().map(|(one, _)| one.submission.team_id).collect();
    let Some(table) = table(&shown, level) else { return Vec::new() };
    table
        .rank(&teams, phase.counting.into(), scheme_at(level, phase.rules.scheme).into())
        .into_iter()
        .filter_map(|ranked| {
            let &(candidate, _) = shown.get(ranked.entry)?;
            let [dice_position, hd95_position] = ranked.metric_positions.try_into().ok()?;
            let [dice_rank_score, hd95_rank_score] = ranked.metric_scores.try_into().ok()?;
            let placed = Placed {
                position: ranked.position,
                rank_score: ranked.score,
                dice_position,
                hd95_position,
                dice_rank_score,
                hd95_rank_score,
            };
            let scored = Scored::of(candidate, groups, level)?;
            Some(row(candidate, Some(placed), Some(scored)))
        })
        .collect()
}

/// The candidates with the means that are shown, and the values of single cases where numbers are shown as they are:
/// a ranking can't tell what it doesn't know.
fn table(shown: &[(&Candidate, PerMetric<f64>)], level: Disclosure) -> Option<ScoreTable> {
    let values: Vec<&[PerMetric<f64>]> = match level.exact() {
        Some(exact) => shown.iter().map(|(one, _)| one.values.open(exact).as_ref()).collect(),
        None => vec![&[]; shown.len()],
    };
    let means = Array2::from_shape_fn((RankedMetric::ALL.len(), shown.len()), |(metric, entry)| {
        *shown[entry].1.of(RankedMetric::ALL[metric])
    });
    score_table(&values)?.with_means(means).ok()
}

/// The values of entries in the same cases as metrics × cases × entries.
pub fn score_table(entries: &[&[PerMetric<f64>]]) -> Option<ScoreTable> {
    let cases = entries.iter().map(|values| values.len()).min().unwrap_or(0);
    let scores = Array3::from_shape_fn(
        (RankedMetric::ALL.len(), cases, entries.len()),
        |(metric, case, entry)| *entries[entry][case].of(RankedMetric::ALL[metric]),
    );
    ScoreTable::new(scores, &RankedMetric::ALL.map(RankedMetric::ranking)).ok()
}

/// Who takes part, in the order in which they came: of each team the latest submission, unless all count.
fn unplaced(candidates: &[Candidate], counting: Counting) -> Vec<Row> {
    let mut seen = HashSet::new();
    let counts =
        |one: &&Candidate| counting == Counting::All || seen.insert(one.submission.team_id);
    let mut latest: Vec<&Candidate> = candidates.iter().rev().filter(counts).collect();
    latest.reverse();
    latest.into_iter().map(|one| row(one, None, None)).collect()
}

/// The table of baselines, each submission for itself: the best mean Dice first where scores are shown, and otherwise in the
/// order in which they came.
pub fn baselines(
    candidates: &[Candidate],
    groups: &[(String, Group)],
    level: Disclosure,
) -> Vec<Row> {
    let shown = candidates.iter().map(|one| row(one, None, Scored::of(one, groups, level)));
    let mut rows: Vec<Row> =
        shown.filter(|row| row.scored.is_some() || level == Disclosure::Hidden).collect();
    rows.sort_by(|a, b| by_dice(a, b, None));
    rows
}

impl Scored {
    /// As a level shows it; nothing where it shows none.
    fn of(candidate: &Candidate, groups: &[(String, Group)], level: Disclosure) -> Option<Self> {
        let PerMetric { dice, hd95 } = candidate.shown?;
        let aggregates = ShownAggregates::of(&candidate.values, groups, level)?;
        Some(Self { dice, hd95, aggregates })
    }
}

fn row(of: &Candidate, placed: Option<Placed>, scored: Option<Scored>) -> Row {
    let Candidate { submission, values, .. } = of;
    Row {
        placed,
        scored,
        submission: submission.id,
        evaluation: submission.evaluation,
        team: submission.team_name.clone(),
        team_id: submission.team_id,
        method: submission.method.clone(),
        url: submission.url.clone(),
        created_at: submission.created_at,
        baseline: submission.baseline,
        values: values.clone(),
    }
}
