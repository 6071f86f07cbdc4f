//! From rows to a leaderboard.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use uuid::Uuid;

use super::Board;
use super::table::{Contender, rows};
use crate::challenge::{Group, Visibility};
use crate::scoring::SCORER_VERSION;
use crate::store::{Phase, RankedSubmission, Scores, ScoresId, Store, StoreError, Timestamp};
use crate::web::failure::Failure;
use crate::web::reference::reference;

/// Which leaderboard is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    pub phase: Uuid,
    pub visibility: Visibility,
    /// What was sent from then on is left out.
    pub frozen_at: Option<Timestamp>,
    /// The moment whose ranking it is; none for the present one.
    pub at: Option<Timestamp>,
}

/// From so many submissions on whose scores are not known, all of the phase are read at once.
const MANY: usize = 50;

/// The latest scores of each phase's submissions that were read, so that a new result is read alone.
#[derive(Debug, Default)]
pub struct KnownScores(Mutex<HashMap<Uuid, BySubmission>>);

type BySubmission = HashMap<Uuid, (ScoresId, Scores)>;

impl KnownScores {
    async fn of(
        &self,
        store: &Store,
        phase: &Phase,
        ranked: impl Iterator<Item = &RankedSubmission>,
    ) -> Result<HashMap<ScoresId, Scores>, StoreError> {
        let all = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut known = all().get(&phase.id).cloned().unwrap_or_default();
        let is_known = |known: &BySubmission, id: &ScoresId| {
            known.get(&id.submission).is_some_and(|(of, _)| of == id)
        };
        let ids: Vec<ScoresId> = ranked.map(|submission| submission.scores).collect();
        let unknown: Vec<ScoresId> =
            ids.iter().copied().filter(|id| !is_known(&known, id)).collect();
        if unknown.len() > MANY {
            let scores = store.scores_of_phase(phase).await?.into_iter();
            known.extend(scores.map(|(id, scores)| (id.submission, (id, scores))));
        } else {
            for id in unknown {
                let scores = store.scores(id).await?;
                known.extend(scores.map(|scores| (id.submission, (id, scores))));
            }
        }
        let taken = ids.into_iter().filter(|id| is_known(&known, id));
        let taken = taken.filter_map(|id| Some((id, known.get(&id.submission)?.1.clone())));
        let taken = taken.collect();
        all().insert(phase.id, known);
        Ok(taken)
    }
}

/// The cases of a truth set, each with its group.
pub async fn groups(store: &Store, truth_set: Uuid) -> Result<Vec<(String, Group)>, StoreError> {
    let cases = store.cases(truth_set).await?;
    Ok(cases.into_iter().map(|case| (case.case_id, case.case_group)).collect())
}

/// The leaderboard as the rows are now.
pub async fn read(store: &Store, key: Key, known: &KnownScores) -> Result<Board, Failure> {
    loop {
        let phase = store.phase(key.phase).await?.ok_or_else(Failure::not_found)?;
        let board = read_once(store, &phase, key, known).await?;
        let now = store.phase(key.phase).await?.ok_or_else(Failure::not_found)?;
        // Another truth set was activated while this was read: results may be those of neither.
        if now.truth_set_id == phase.truth_set_id {
            return Ok(board);
        }
    }
}

async fn read_once(
    store: &Store,
    phase: &Phase,
    key: Key,
    known: &KnownScores,
) -> Result<Board, Failure> {
    let present_truth = phase.truth_set_id;
    let phase = match key.at {
        Some(at) => store.phase_at(phase, at).await?,
        None => phase.clone(),
    };
    let truth = store.truth_set(phase.truth_set_id).await?.ok_or_else(Failure::not_found)?;
    let groups = groups(store, phase.truth_set_id).await?;
    let observers = reference(store, phase.truth_set_id).await?;
    let (ranked, scores) = match (key.visibility, key.at) {
        (Visibility::Hidden, _) => Default::default(),
        (_, None) => {
            let ranked = store.ranked(&phase, SCORER_VERSION, key.frozen_at).await?;
            let scores = known.of(store, &phase, ranked.iter()).await?;
            (ranked, scores)
        }
        (_, Some(at)) => {
            let ranked = store.ranked_at(&phase, at, key.frozen_at).await?;
            let mut scores = if phase.truth_set_id == present_truth {
                let of_now = ranked.iter().filter(|submission| submission.scores.until.is_none());
                known.of(store, &phase, of_now).await?
            } else {
                store.scores_of_phase(&phase).await?
            };
            scores.extend(store.past_scores_of_phase(&phase, at).await?);
            (ranked, scores)
        }
    };
    let made = move || {
        let contenders = Contender::all(ranked, &scores, groups.len());
        Board {
            entries: rows(&contenders, &groups, &phase),
            phase: phase.slug,
            title: phase.title,
            at: key.at,
            counting: phase.counting,
            scheme: phase.rules.scheme,
            scorer_version: SCORER_VERSION,
            truth_set_digest: truth.digest,
            cases: groups.len(),
            visibility: key.visibility,
            frozen_at: key.frozen_at,
            observers,
            groups,
            contenders,
        }
    };
    Ok(tokio::task::spawn_blocking(made).await?)
}
