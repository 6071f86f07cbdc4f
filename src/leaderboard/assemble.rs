//! From rows to a leaderboard.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Leaderboard;
use super::counted::{Counts, mark};
use super::reference::reference;
use super::rows::{Candidate, baselines, improving, rows, scheme_at};
use crate::domain::{Disclosure, Error, EvaluationId, Group, PhaseId, TruthSetId, Visibility};
use crate::scoring::SCORER_VERSION;
use crate::store::{Phase, Scores, Store, StoreError, Timestamp};

/// Which leaderboard is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    pub phase: PhaseId,
    pub visibility: Visibility,
    /// What was sent from then on is left out.
    pub frozen_at: Option<Timestamp>,
    /// The moment whose ranking it is; none for the current one.
    pub at: Option<Timestamp>,
    /// How much of the scores is shown.
    pub disclosure: Disclosure,
}

/// From so many submissions on whose scores are not known, those of the phase are read in their place: what was known
/// of evaluations that are past goes.
const MANY: usize = 50;

/// The scores of each phase that were read, so that a new result is read alone.
#[derive(Debug, Default)]
pub struct KnownScores(Mutex<HashMap<PhaseId, ByEvaluation>>);

type ByEvaluation = HashMap<EvaluationId, Scores>;

impl KnownScores {
    fn all(&self) -> MutexGuard<'_, HashMap<PhaseId, ByEvaluation>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The scores of official evaluations of a phase as it is now.
    async fn of(
        &self,
        store: &Store,
        phase: &Phase,
        wanted: impl Iterator<Item = EvaluationId>,
    ) -> Result<ByEvaluation, StoreError> {
        let mut known = self.all().get(&phase.id).cloned().unwrap_or_default();
        let wanted: Vec<EvaluationId> = wanted.collect();
        let unknown: Vec<EvaluationId> =
            wanted.iter().copied().filter(|id| !known.contains_key(id)).collect();
        if unknown.len() > MANY {
            known = store.scores_of_phase(phase).await?;
        } else if !unknown.is_empty() {
            known.extend(store.scores_of(&unknown).await?);
        }
        let taken = wanted.into_iter().filter_map(|id| Some((id, known.get(&id)?.clone())));
        let taken = taken.collect();
        self.all().insert(phase.id, known);
        Ok(taken)
    }

    /// The same for a phase as it stood at an earlier moment.
    async fn of_moment(
        &self,
        store: &Store,
        phase: &Phase,
        at: Timestamp,
        wanted: impl Iterator<Item = EvaluationId>,
    ) -> Result<ByEvaluation, StoreError> {
        let mut known = self.all().get(&phase.id).cloned().unwrap_or_default();
        let unknown: Vec<EvaluationId> = wanted.filter(|id| !known.contains_key(id)).collect();
        if unknown.len() > MANY {
            return store.scores_of_phase_at(phase, at).await;
        }
        if !unknown.is_empty() {
            known.extend(store.scores_of(&unknown).await?);
        }
        Ok(known)
    }
}

/// The cases of a truth set, each with its group.
pub async fn groups(
    store: &Store,
    truth_set: TruthSetId,
) -> Result<Vec<(String, Group)>, StoreError> {
    let cases = store.cases(truth_set).await?;
    Ok(cases.into_iter().map(|case| (case.case_id, case.case_group)).collect())
}

/// The leaderboard as the rows are now.
pub async fn assemble(store: &Store, key: Key, known: &KnownScores) -> Result<Leaderboard, Error> {
    loop {
        let phase = store.phase(key.phase).await?.ok_or_else(Error::not_found)?;
        let leaderboard = assemble_once(store, &phase, key, known).await?;
        let now = store.phase(key.phase).await?.ok_or_else(Error::not_found)?;
        // Another truth set was activated while this was read: results may be those of neither.
        if now.truth_set_id == phase.truth_set_id {
            return Ok(leaderboard);
        }
    }
}

/// Which of a phase's submissions were better than what their team had been shown.
pub async fn read_improving(
    store: &Store,
    phase: &Phase,
    known: &KnownScores,
) -> Result<HashSet<EvaluationId>, Error> {
    let cases = store.cases(phase.truth_set_id).await?.len();
    let scored = store.scored(phase, SCORER_VERSION).await?;
    let scores = known.of(store, phase, scored.iter().map(|one| one.evaluation)).await?;
    Ok(improving(&scored, &scores, cases))
}

async fn assemble_once(
    store: &Store,
    phase: &Phase,
    key: Key,
    known: &KnownScores,
) -> Result<Leaderboard, Error> {
    let phase = match key.at {
        Some(at) => store.phase_at(phase, at).await?,
        None => phase.clone(),
    };
    let truth = store.truth_set(phase.truth_set_id).await?.ok_or_else(Error::not_found)?;
    let groups = groups(store, phase.truth_set_id).await?;
    let observers = reference(store, phase.truth_set_id).await?;
    let mut ranked = match (key.visibility, key.at) {
        (Visibility::Hidden, _) => Vec::new(),
        (_, None) => store.ranked(&phase, SCORER_VERSION, key.frozen_at).await?,
        (_, Some(at)) => store.ranked_at(&phase, at, key.frozen_at).await?,
    };
    // What a team was shown of a submission depends on everything that it had sent before, ranked or not.
    let scored = match (key.disclosure, key.at) {
        _ if key.visibility == Visibility::Hidden => Vec::new(),
        (Disclosure::Improved, None) => store.scored(&phase, SCORER_VERSION).await?,
        (Disclosure::Improved, Some(at)) => store.scored_at(&phase, at).await?,
        _ => Vec::new(),
    };
    let wanted =
        ranked.iter().map(|one| one.evaluation).chain(scored.iter().map(|one| one.evaluation));
    let scores = match key.at {
        None => known.of(store, &phase, wanted).await?,
        Some(at) => known.of_moment(store, &phase, at, wanted).await?,
    };
    let made = move || {
        if key.disclosure == Disclosure::Improved {
            let improving = improving(&scored, &scores, groups.len());
            ranked.retain(|one| improving.contains(&one.evaluation));
        }
        let all = Candidate::all(ranked, &scores, &groups, key.disclosure);
        let (mut unranked, mut candidates): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|one| one.submission.baseline);
        let entries = rows(&candidates, &groups, &phase, key.disclosure);
        let scheme = scheme_at(key.disclosure, phase.rules.scheme);
        mark(&mut candidates, &entries, phase.counting, scheme);
        // Each is on the leaderboard.
        unranked.iter_mut().for_each(|one| one.counts = Counts::Now);
        Leaderboard {
            entries,
            baselines: baselines(&unranked, &groups, key.disclosure),
            phase: phase.slug,
            title: phase.title,
            at: key.at,
            counting: phase.counting,
            scheme,
            disclosure: key.disclosure,
            scorer_version: SCORER_VERSION,
            truth_set_digest: truth.digest,
            case_count: groups.len(),
            visibility: key.visibility,
            frozen_at: key.frozen_at,
            observers,
            groups,
            candidates,
            unranked,
        }
    };
    Ok(tokio::task::spawn_blocking(made).await?)
}
