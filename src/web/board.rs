//! The leaderboard of a phase, for the API and the page alike.

use serde::Serialize;
use uuid::Uuid;

use super::App;
use super::caller::Caller;
use super::failure::Failure;
use crate::challenge::{Action, Group, Visibility, may};
use crate::metrics::Summary;
use crate::ranking::{Counting, Entry, Scheme, rank};
use crate::scoring::{Aggregates, CaseScores, SCORER_VERSION};
use crate::store::{Phase, RankedSubmission, Timestamp};

#[derive(Debug, Serialize)]
pub struct Board {
    pub phase: String,
    pub title: String,
    /// Which of a team's submissions counts.
    pub counting: Counting,
    /// What the positions are by.
    pub scheme: Scheme,
    pub scorer_version: &'static str,
    pub truth_set_digest: String,
    pub cases: usize,
    /// How much of the leaderboard this is; an organiser sees all of it.
    pub visibility: Visibility,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frozen_at: Option<Timestamp>,
    pub entries: Vec<Row>,
}

#[derive(Debug, Serialize)]
pub struct Row {
    pub position: usize,
    /// What the position is by, as the scheme has it; smaller is better.
    pub rank_score: f64,
    pub dice_position: usize,
    pub hd95_position: usize,
    pub submission: Uuid,
    pub team: String,
    pub method: String,
    pub url: String,
    pub created_at: Timestamp,
    /// Mean over all cases.
    pub dice: f64,
    /// mm, mean over all cases.
    pub hd95: f64,
    pub aggregates: Aggregates,
    /// Dice and HD95 (mm) of every case, in the order of the truth set: for computing, never shown.
    #[serde(skip)]
    pub values: Vec<[f64; 2]>,
}

/// What a row shows for one group of cases.
pub struct Cell<'a> {
    pub dice: &'a Summary,
    pub hd95: &'a Summary,
}

impl Row {
    /// The summaries of one group, or of all cases.
    pub fn of(&self, group: Option<Group>) -> Option<Cell<'_>> {
        let summaries = self.aggregates.of_group(group)?;
        Some(Cell { dice: &summaries.dice, hd95: &summaries.hd95 })
    }
}

/// The leaderboard as `caller` may see it: to all but organisers nothing of a hidden one, and of a frozen one
/// what was sent before it was frozen.
pub async fn board(app: &App, caller: &Caller, phase: &Phase) -> Result<Board, Failure> {
    let mut phase = phase.clone();
    loop {
        let board = board_of(app, caller, &phase).await?;
        let now = app.store.phase(phase.id).await?.ok_or_else(Failure::not_found)?;
        // Another truth set was activated while this was read: results may be those of neither.
        if now.truth_set_id == phase.truth_set_id {
            return Ok(board);
        }
        phase = now;
    }
}

async fn board_of(app: &App, caller: &Caller, phase: &Phase) -> Result<Board, Failure> {
    let organiser = may(&caller.actor, Action::Organise).is_ok();
    let (visibility, frozen_at) = match phase.rules.leaderboard {
        _ if organiser => (Visibility::Public, None),
        Visibility::Frozen => (Visibility::Frozen, phase.rules.frozen_at),
        other => (other, None),
    };
    let truth = app.store.truth_set(phase.truth_set_id).await?.ok_or_else(Failure::not_found)?;
    let groups = groups(app, phase.truth_set_id).await?;
    let ranked = match visibility {
        Visibility::Hidden => Vec::new(),
        _ => app.store.ranked(phase, SCORER_VERSION, frozen_at).await?,
    };
    Ok(Board {
        phase: phase.slug.clone(),
        title: phase.title.clone(),
        counting: phase.counting,
        scheme: phase.rules.scheme,
        scorer_version: SCORER_VERSION,
        truth_set_digest: truth.digest,
        cases: groups.len(),
        visibility,
        frozen_at,
        entries: rows(ranked, &groups, phase),
    })
}

/// The cases of a truth set, each with its group.
pub async fn groups(app: &App, truth_set: Uuid) -> Result<Vec<(String, Group)>, Failure> {
    let cases = app.store.cases(truth_set).await?;
    Ok(cases.into_iter().map(|case| (case.case_id, case.case_group)).collect())
}

/// The table of what may be ranked, by the phase's rules. Complete results only take part: each case of the truth set, once.
pub fn rows(
    mut ranked: Vec<RankedSubmission>,
    groups: &[(String, Group)],
    phase: &Phase,
) -> Vec<Row> {
    ranked.retain(|submission| submission.cases.len() == groups.len());
    let aggregates: Vec<Aggregates> = ranked
        .iter()
        .map(|submission| {
            Aggregates::of(&CaseScores::of(&submission.cases, groups)).without_single_cases(groups)
        })
        .collect();
    let mean = |aggregates: &Aggregates| {
        let all = aggregates.all.as_ref();
        all.map_or((f64::NAN, f64::NAN), |all| (all.dice.mean, all.hd95.mean))
    };
    let cases: Vec<Vec<[f64; 2]>> = ranked
        .iter()
        .map(|submission| submission.cases.iter().map(|case| [case.dice, case.hd95]).collect())
        .collect();
    let entries: Vec<Entry<Uuid>> = ranked
        .iter()
        .zip(aggregates.iter().zip(&cases))
        .map(|(submission, (aggregates, cases))| {
            let (dice, hd95) = mean(aggregates);
            Entry { team: submission.team_id, dice, hd95, cases }
        })
        .collect();

    rank(&entries, phase.counting, phase.rules.scheme)
        .into_iter()
        .map(|placed| {
            let submission = &ranked[placed.entry];
            Row {
                position: placed.position,
                rank_score: placed.score,
                dice_position: placed.dice_position,
                hd95_position: placed.hd95_position,
                submission: submission.id,
                team: submission.team_name.clone(),
                method: submission.method.clone(),
                url: submission.url.clone(),
                created_at: submission.created_at,
                dice: entries[placed.entry].dice,
                hd95: entries[placed.entry].hd95,
                aggregates: aggregates[placed.entry],
                values: cases[placed.entry].clone(),
            }
        })
        .collect()
}
