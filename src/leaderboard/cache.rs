use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use super::assemble::{Key, KnownScores, assemble, read_improving};
use super::view::View;
use crate::domain::Error;
use crate::store::{EvaluationId, Phase, Store};

/// Leaderboards as they were last read, each with the revision of the ranking it is of.
///
/// Every request asks the database for the revision, which every change counts up in its own transaction: so
/// what has been changed, by whatever process, is in the next answer, and no answer is older than the one before.
#[derive(Debug, Default)]
pub struct Cache {
    present: Line,
    /// Earlier moments are kept and wait apart, so that nobody keeps the present from the others by asking for
    /// many of them.
    past: Line,
    known: KnownScores,
    improving: Mutex<HashMap<Uuid, Improving>>,
}

/// Which submissions of a phase were better than what their team had been shown, and the revision it is of.
type Improving = (i64, Arc<HashSet<EvaluationId>>);

#[derive(Debug, Default)]
struct Line {
    kept: Mutex<VecDeque<Kept>>,
    /// One at a time reads: the others would find the same.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct Kept {
    key: Key,
    revision: i64,
    view: Arc<View>,
}

/// The phases of a challenge, for organisers and everybody else.
const MAX_KEPT: usize = 16;

impl Cache {
    pub async fn view(&self, store: &Store, key: Key) -> Result<Arc<View>, Error> {
        let line = if key.at.is_none() { &self.present } else { &self.past };
        if let Some(view) = line.find(key, store.ranking_revision().await?) {
            return Ok(view);
        }
        let _turn = line.turn.lock().await;
        // Read before anything else is: what is kept under it is at least as new.
        let revision = store.ranking_revision().await?;
        if let Some(view) = line.find(key, revision) {
            return Ok(view);
        }
        let leaderboard = assemble(store, key, &self.known).await?;
        let view = Arc::new(View::new(leaderboard));
        line.keep(Kept { key, revision, view: Arc::clone(&view) });
        Ok(view)
    }

    /// Which of a phase's submissions were better than what their team had been shown.
    pub async fn improving(
        &self,
        store: &Store,
        phase: &Phase,
    ) -> Result<Arc<HashSet<EvaluationId>>, Error> {
        let kept = || self.improving.lock().unwrap_or_else(PoisonError::into_inner);
        let revision = store.ranking_revision().await?;
        if let Some((of, improving)) = kept().get(&phase.id)
            && *of >= revision
        {
            return Ok(Arc::clone(improving));
        }
        let improving = Arc::new(read_improving(store, phase, &self.known).await?);
        kept().insert(phase.id, (revision, Arc::clone(&improving)));
        Ok(improving)
    }
}

impl Line {
    fn kept(&self) -> MutexGuard<'_, VecDeque<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, key: Key, revision: i64) -> Option<Arc<View>> {
        let kept = self.kept();
        let found = kept.iter().find(|one| one.key == key && one.revision >= revision);
        found.map(|one| Arc::clone(&one.view))
    }

    fn keep(&self, new: Kept) {
        let mut kept = self.kept();
        kept.retain(|one| one.key != new.key);
        kept.push_front(new);
        kept.truncate(MAX_KEPT);
    }
}
