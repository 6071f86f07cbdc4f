use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::{Placed, Row};
use crate::domain::{Disclosure, Group};
use crate::ranking::{Counting, Entry, Scheme, rank};
use crate::scoring::{ShownAggregates, ShownMeans, improvements, means_of};
use crate::store::{EvaluationId, Phase, RankedSubmission, ScoredSubmission, Scores};

/// A submission that may be ranked, with its scores.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub submission: RankedSubmission,
    pub values: Scores,
    /// What is shown of the means over all cases; nothing where none are.
    pub shown: Option<ShownMeans>,
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
            let shown = ShownMeans::of(&values, groups, level, None);
            Some(Self { submission, values, shown })
        };
        ranked.into_iter().filter_map(candidate).collect()
    }

    /// Mean Dice over all cases, as it is shown.
    pub fn dice(&self) -> Option<f64> {
        self.shown.map(|means| means.dice)
    }

    /// Mean HD95 over all cases, mm, as it is shown.
    pub fn hd95(&self) -> Option<f64> {
        self.shown.map(|means| means.hd95)
    }
}

/// Those submissions that were better than what their team had been shown, all of them in the order in which they
/// were scored.
pub fn improving(
    scored: &[ScoredSubmission],
    scores: &HashMap<EvaluationId, Scores>,
    cases: usize,
) -> HashSet<EvaluationId> {
    let mut of_team: HashMap<Uuid, Vec<(EvaluationId, &Scores)>> = HashMap::new();
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
    let shown: Vec<(&Candidate, &ShownMeans)> =
        candidates.iter().filter_map(|one| one.shown.as_ref().map(|means| (one, means))).collect();
    let entries: Vec<Entry<Uuid>> = shown
        .iter()
        .map(|(one, means)| Entry {
            team: one.submission.team_id,
            dice: means.dice,
            hd95: means.hd95,
            cases: level.exact().map_or(&[], |exact| one.values.open(exact).as_ref()),
        })
        .collect();
    rank(&entries, phase.counting, scheme_at(level, phase.rules.scheme))
        .into_iter()
        .filter_map(|at| {
            let &(candidate, means) = shown.get(at.entry)?;
            let aggregates = ShownAggregates::of(&candidate.values, groups, level)?;
            let placed = Placed {
                position: at.position,
                rank_score: at.score,
                dice_position: at.dice_position,
                hd95_position: at.hd95_position,
                dice: means.dice,
                hd95: means.hd95,
                aggregates,
            };
            Some(row(candidate, Some(placed)))
        })
        .collect()
}

/// Who takes part, in the order in which they came: of each team the latest submission, unless all count.
fn unplaced(candidates: &[Candidate], counting: Counting) -> Vec<Row> {
    let mut seen = HashSet::new();
    let counts =
        |one: &&Candidate| counting == Counting::All || seen.insert(one.submission.team_id);
    let mut latest: Vec<&Candidate> = candidates.iter().rev().filter(counts).collect();
    latest.reverse();
    latest.into_iter().map(|one| row(one, None)).collect()
}

fn row(of: &Candidate, placed: Option<Placed>) -> Row {
    let Candidate { submission, values, .. } = of;
    Row {
        placed,
        submission: submission.id,
        team: submission.team_name.clone(),
        team_id: submission.team_id,
        method: submission.method.clone(),
        url: submission.url.clone(),
        created_at: submission.created_at,
        values: values.clone(),
    }
}
