//! Leaderboards for tests.

use std::sync::Arc;

use super::{Leaderboard, Placed, Row, Scored};
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
    let scored = ShownAggregates::of(&values, &groups, at).map(|aggregates| {
        let PerMetric { dice, hd95 } = aggregates.means().unwrap();
        Scored { dice, hd95, aggregates }
    });
    let placed = Placed {
        position,
        rank_score: position as f64,
        dice_position: position,
        hd95_position: position,
        dice_rank_score: position as f64,
        hd95_rank_score: position as f64,
    };
    Row {
        placed: scored.is_some().then_some(placed),
        scored,
        submission: SubmissionId::new(),
        evaluation: EvaluationId::new(),
        team: team.into(),
        team_id: id,
        method: String::new(),
        url: String::new(),
        created_at: Timestamp::now(),
        baseline: false,
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
        baselines: Vec::new(),
        observers: Observers::PAPER,
        groups: Vec::new(),
        candidates: Vec::new(),
        unranked: Vec::new(),
    }
}
