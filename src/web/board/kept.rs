use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use super::read::{Key, KnownScores, read, read_improving};
use super::shown::Shown;
use crate::domain::Error;
use crate::store::{Phase, ScoresId, Store};

/// Leaderboards as they were last read, each with the revision of the ranking it is of.
///
/// Every request asks the database for the revision, which every change counts up in its own transaction: so
/// what has been changed, by whatever process, is in the next answer, and no answer is older than the one before.
#[derive(Clone, Debug, Default)]
pub struct Boards(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    present: Line,
    /// Earlier moments are kept and wait apart, so that nobody keeps the present from the others by asking for
    /// many of them.
    past: Line,
    known: KnownScores,
    improving: Mutex<HashMap<Uuid, Improving>>,
}

/// Which submissions of a phase were better than what their team had been shown, and the revision it is of.
type Improving = (i64, Arc<HashSet<ScoresId>>);

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
    shown: Arc<Shown>,
}

/// The phases of a challenge, for organisers and everybody else.
const MOST_KEPT: usize = 16;

impl Boards {
    pub(super) async fn get(&self, store: &Store, key: Key) -> Result<Arc<Shown>, Error> {
        let line = if key.at.is_none() { &self.0.present } else { &self.0.past };
        if let Some(shown) = line.find(key, store.ranking_revision().await?) {
            return Ok(shown);
        }
        let _turn = line.turn.lock().await;
        // Read before anything else is: what is kept under it is at least as new.
        let revision = store.ranking_revision().await?;
        if let Some(shown) = line.find(key, revision) {
            return Ok(shown);
        }
        let board = read(store, key, &self.0.known).await?;
        let shown = Arc::new(Shown::new(board));
        line.keep(Kept { key, revision, shown: Arc::clone(&shown) });
        Ok(shown)
    }
}

impl Boards {
    /// Which of a phase's submissions were better than what their team had been shown.
    pub async fn improving(
        &self,
        store: &Store,
        phase: &Phase,
    ) -> Result<Arc<HashSet<ScoresId>>, Error> {
        let kept = || self.0.improving.lock().unwrap_or_else(PoisonError::into_inner);
        let revision = store.ranking_revision().await?;
        if let Some((of, improving)) = kept().get(&phase.id)
            && *of >= revision
        {
            return Ok(Arc::clone(improving));
        }
        let improving = Arc::new(read_improving(store, phase, &self.0.known).await?);
        kept().insert(phase.id, (revision, Arc::clone(&improving)));
        Ok(improving)
    }
}

impl Line {
    fn kept(&self) -> MutexGuard<'_, VecDeque<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, key: Key, revision: i64) -> Option<Arc<Shown>> {
        let kept = self.kept();
        let found = kept.iter().find(|one| one.key == key && one.revision >= revision);
        found.map(|one| Arc::clone(&one.shown))
    }

    fn keep(&self, new: Kept) {
        let mut kept = self.kept();
        kept.retain(|one| one.key != new.key);
        kept.push_front(new);
        kept.truncate(MOST_KEPT);
    }
}
