use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

/// A number of places, of which nobody can have all.
#[derive(Clone, Debug)]
pub struct Places {
    all: Arc<Semaphore>,
    /// Of those who have or want one.
    each: Arc<Mutex<HashMap<Uuid, Arc<Semaphore>>>>,
    max_each: usize,
}

/// Given back when dropped.
#[derive(Debug)]
pub struct Place {
    _own: OwnedSemaphorePermit,
    _common: OwnedSemaphorePermit,
}

impl Places {
    /// So many places, of which one team, or one person, has an eighth at most.
    pub fn new(all: usize) -> Self {
        Self {
            all: Arc::new(Semaphore::new(all)),
            each: Arc::default(),
            max_each: (all / 8).max(1),
        }
    }

    /// A place, if there is one within this time.
    pub async fn take(&self, whose: Uuid, within: Duration) -> Option<Place> {
        let own = self.of(whose);
        let taking = async {
            let own = own.acquire_owned().await.ok()?;
            let common = Arc::clone(&self.all).acquire_owned().await.ok()?;
            Some(Place { _own: own, _common: common })
        };
        tokio::time::timeout(within, taking).await.ok()?
    }

    /// A place, if there is one now.
    pub fn try_take(&self, whose: Uuid) -> Option<Place> {
        let own = self.of(whose).try_acquire_owned().ok()?;
        let common = Arc::clone(&self.all).try_acquire_owned().ok()?;
        Some(Place { _own: own, _common: common })
    }

    fn of(&self, whose: Uuid) -> Arc<Semaphore> {
        let mut each = self.each.lock().unwrap_or_else(PoisonError::into_inner);
        // Those of who has no place and waits for none.
        each.retain(|_, places| Arc::strong_count(places) > 1);
        let new = || Arc::new(Semaphore::new(self.max_each));
        Arc::clone(each.entry(whose).or_insert_with(new))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Uuid = Uuid::from_u128(1);
    const B: Uuid = Uuid::from_u128(2);
    const C: Uuid = Uuid::from_u128(3);

    #[tokio::test]
    async fn one_team_has_an_eighth_of_the_places_and_all_teams_together_all() {
        let places = Places::new(16);
        let mut of_a: Vec<Place> = (0..2).map(|_| places.try_take(A).unwrap()).collect();
        assert!(places.try_take(A).is_none());
        assert!(places.take(A, Duration::from_millis(20)).await.is_none());
        let others: Vec<Place> = (10..17)
            .flat_map(|n| [Uuid::from_u128(n); 2])
            .map(|n| places.try_take(n).unwrap())
            .collect();
        assert!(places.try_take(B).is_none());
        let waits = tokio::spawn({
            let places = places.clone();
            async move { places.take(C, Duration::from_secs(20)).await }
        });
        tokio::task::yield_now().await;
        of_a.pop();
        assert!(waits.await.unwrap().is_some());
        drop((of_a, others));
        assert!(places.try_take(B).is_some());
        assert_eq!(places.each.lock().unwrap().len(), 1);
    }
}
