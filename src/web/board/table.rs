use std::collections::HashMap;

use uuid::Uuid;

use super::Row;
use crate::challenge::Group;
use crate::metrics::mean;
use crate::ranking::{Entry, rank};
use crate::scoring::Aggregates;
use crate::store::{Phase, RankedSubmission, Scores, ScoresId};

/// A submission that may be ranked, with its scores.
#[derive(Clone, Debug)]
pub struct Contender {
    pub submission: RankedSubmission,
    pub values: Scores,
    /// Mean over all cases.
    pub dice: f64,
    /// mm, mean over all cases.
    pub hd95: f64,
}

impl Contender {
    /// The submissions with their scores. Complete ones only: each case of the truth set, once.
    pub fn all(
        ranked: Vec<RankedSubmission>,
        scores: &HashMap<ScoresId, Scores>,
        cases: usize,
    ) -> Vec<Self> {
        let contender = |submission: RankedSubmission| {
            let values = scores.get(&submission.scores)?.clone();
            let of = |metric: usize| mean(values.iter().map(|case| case[metric]));
            let (dice, hd95) = (of(0), of(1));
            (values.len() == cases).then_some(Self { submission, values, dice, hd95 })
        };
        ranked.into_iter().filter_map(contender).collect()
    }
}

/// The table of what may be ranked, by the phase's rules.
pub fn rows(contenders: &[Contender], groups: &[(String, Group)], phase: &Phase) -> Vec<Row> {
    let entries: Vec<Entry<Uuid>> = contenders
        .iter()
        .map(|one| Entry {
            team: one.submission.team_id,
            dice: one.dice,
            hd95: one.hd95,
            cases: &one.values,
        })
        .collect();
    rank(&entries, phase.counting, phase.rules.scheme)
        .into_iter()
        .map(|placed| {
            let Contender { submission, values, dice, hd95 } = &contenders[placed.entry];
            let in_groups =
                groups.iter().map(|(_, group)| Some(*group)).zip(values.iter().copied());
            Row {
                position: placed.position,
                rank_score: placed.score,
                dice_position: placed.dice_position,
                hd95_position: placed.hd95_position,
                submission: submission.id,
                team: submission.team_name.clone(),
                team_id: submission.team_id,
                method: submission.method.clone(),
                url: submission.url.clone(),
                created_at: submission.created_at,
                dice: *dice,
                hd95: *hd95,
                aggregates: Aggregates::of_values(in_groups).without_single_cases(groups),
                values: values.clone(),
            }
        })
        .collect()
}
