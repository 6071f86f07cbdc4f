use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use super::read::{Key, KnownScores, read};
use super::shown::Shown;
use crate::store::Store;
use crate::web::failure::Failure;

/// Leaderboards as they were last read, each with the revision of the ranking it is of.
///
/// Every request asks the database for the revision, which every change counts up in its own transaction: so
/// what has been changed, by whatever process, is in the next answer, and no answer is older than the one before.
#[derive(Clone, Debug, Default)]
pub struct Boards(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    kept: Mutex<VecDeque<Kept>>,
    known: KnownScores,
    /// One at a time reads: the others would find the same. Earlier moments wait in a line of their own, so
    /// that nobody keeps the present from the others by asking for many of them.
    present: tokio::sync::Mutex<()>,
    past: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct Kept {
    key: Key,
    revision: i64,
    shown: Arc<Shown>,
}

/// The phases of a challenge, for organisers and everybody else, and some earlier moments.
const MOST_KEPT: usize = 16;

impl Boards {
    pub(super) async fn get(&self, store: &Store, key: Key) -> Result<Arc<Shown>, Failure> {
        if let Some(shown) = self.kept(key, store.ranking_revision().await?) {
            return Ok(shown);
        }
        let line = if key.at.is_none() { &self.0.present } else { &self.0.past };
        let _turn = line.lock().await;
        // Read before anything else is: what is kept under it is at least as new.
        let revision = store.ranking_revision().await?;
        if let Some(shown) = self.kept(key, revision) {
            return Ok(shown);
        }
        let board = read(store, key, &self.0.known).await?;
        let shown = Arc::new(Shown::new(board));
        let mut kept = self.0.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|one| one.key != key);
        kept.push_front(Kept { key, revision, shown: Arc::clone(&shown) });
        kept.truncate(MOST_KEPT);
        Ok(shown)
    }

    fn kept(&self, key: Key, revision: i64) -> Option<Arc<Shown>> {
        let kept = self.0.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().find(|one| one.key == key && one.revision >= revision);
        found.map(|one| Arc::clone(&one.shown))
    }
}
