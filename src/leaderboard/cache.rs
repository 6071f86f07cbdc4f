use std::collections::HashSet;
use std::sync::Arc;

use super::assemble::{Key, KnownScores, assemble, read_improving};
use super::single_flight::SingleFlight;
use super::view::View;
use crate::domain::{Error, EvaluationId, PhaseId};
use crate::store::{Phase, Store};

/// Leaderboards as they were last read, each with the revision of the ranking it is of.
///
/// Every request asks the database for the revision, which every change counts up in its own transaction: so
/// what has been changed, by whatever process, is in the next answer. The revision is read before the rows are: what
/// is kept under it is at least as new, so no answer is older than the one before.
#[derive(Debug)]
pub struct Cache {
    present: SingleFlight<Key, i64, View>,
    /// Earlier moments are kept and wait apart, so that nobody keeps the present from the others by asking for
    /// many of them.
    past: SingleFlight<Key, i64, View>,
    /// Which submissions of a phase were better than what their team had been shown.
    improving: SingleFlight<PhaseId, i64, HashSet<EvaluationId>>,
    known: KnownScores,
}

/// The phases of a challenge, for organisers and everybody else.
const CAPACITY: usize = 16;

impl Default for Cache {
    fn default() -> Self {
        Self {
            present: SingleFlight::new(CAPACITY),
            past: SingleFlight::new(CAPACITY),
            improving: SingleFlight::new(CAPACITY),
            known: KnownScores::default(),
        }
    }
}

impl Cache {
    pub async fn view(&self, store: &Store, key: Key) -> Result<Arc<View>, Error> {
        let views = if key.at.is_none() { &self.present } else { &self.past };
        let revision = || async { Ok(store.ranking_revision().await?) };
        let read = async { Ok(View::new(assemble(store, key, &self.known).await?)) };
        views.get(key, revision, read).await
    }

    /// Which of a phase's submissions were better than what their team had been shown.
    pub async fn improving(
        &self,
        store: &Store,
        phase: &Phase,
    ) -> Result<Arc<HashSet<EvaluationId>>, Error> {
        let revision = || async { Ok(store.ranking_revision().await?) };
        let read = read_improving(store, phase, &self.known);
        self.improving.get(phase.id, revision, read).await
    }
}
