//! Leaderboards for tests.

use std::sync::Arc;

use super::{Leaderboard, Placed, Row};
use crate::domain::{
    Counting, Disclosure, EvaluationId, Group, Observers, PerMetric, Scheme, SubmissionId, TeamId,
    Visibility, Withheld,
};
use crate::scoring::ShownAggregates;
use crate::store::Timestamp;

/// An entry with the same values in each of these cases, at a position in everything.
pub fn row(
    team: &str,
    id: TeamId,
    position: usize,
    [dice, hd95]: [f64; 2],
    cases: &[Group],
    at: Disclosure,
) -> Row {
    let values: Withheld<Arc<[PerMetric<f64>]>> =
        Withheld::new(vec![PerMetric { dice, hd95 }; cases.len()].into());
    let groups: Vec<_> =
        cases.iter().enumerate().map(|(at, group)| (at.to_string(), *group)).collect();
    let placed = |aggregates: ShownAggregates| {
        let means = aggregates.means().unwrap();
        Placed {
            position,
            rank_score: position as f64,
            dice_position: position,
            hd95_position: position,
            dice_rank_score: position as f64,
            hd95_rank_score: position as f64,
            dice: means.dice,
            hd95: means.hd95,
            aggregates,
        }
    };
    Row {
        placed: ShownAggregates::of(&values, &groups, at).map(placed),
        submission: SubmissionId::new(),
        evaluation: EvaluationId::new(),
        team: team.into(),
        team_id: id,
        method: String::new(),
        url: String::new(),
        created_at: Timestamp::now(),
        values,
    }
}

/// Of these entries, with the annotators of the dataset paper.
pub fn leaderboard(entries: Vec<Row>, disclosure: Disclosure) -> Leaderboard {
    Leaderboard {
        phase: "main".into(),
        title: "Main".into(),
        at: None,
        counting: Counting::Best,
        scheme: Scheme::MeanOfPositions,
        disclosure,
        scorer_version: "",
        truth_set_digest: String::new(),
        case_count: entries.first().map_or(0, |row| row.values.cases()),
        visibility: Visibility::Public,
        frozen_at: None,
        entries,
        observers: Observers::PAPER,
        groups: Vec::new(),
        candidates: Vec::new(),
    }
}
