use std::hash::Hash;
use std::sync::Arc;

use quick_cache::sync::Cache;
use tokio::sync::Mutex;

/// The latest result for each key, with the revision of what it was computed of: a later one takes its place.
///
/// One at a time computes: those who wait find the same result, and nobody takes all cores by asking for many
/// different ones.
#[derive(Debug)]
pub struct SingleFlight<K, R, V> {
    results: Cache<K, (R, Arc<V>)>,
    computing: Mutex<()>,
}

impl<K: Eq + Hash, R: PartialOrd + Clone, V> SingleFlight<K, R, V> {
    /// One that keeps the results of about `capacity` keys.
    pub fn new(capacity: usize) -> Self {
        Self { results: Cache::new(capacity), computing: Mutex::default() }
    }

    /// The result for a key that is of the revision that `revision` gives, or of a later one. It is asked once more after
    /// a wait, and before anything is computed: what is kept under it is at least as new.
    ///
    /// # Errors
    /// What `revision` and `compute` fail with; a failure is not kept.
    pub async fn get<E, Revision: Future<Output = Result<R, E>>>(
        &self,
        key: K,
        revision: impl Fn() -> Revision,
        compute: impl Future<Output = Result<V, E>>,
    ) -> Result<Arc<V>, E> {
        if let Some(found) = self.find(&key, revision().await?) {
            return Ok(found);
        }
        let _computing = self.computing.lock().await;
        let revision = revision().await?;
        if let Some(found) = self.find(&key, revision.clone()) {
            return Ok(found);
        }
        let result = Arc::new(compute.await?);
        self.results.insert(key, (revision, Arc::clone(&result)));
        Ok(result)
    }

    fn find(&self, key: &K, revision: R) -> Option<Arc<V>> {
        let (of, result) = self.results.get(key)?;
        (of >= revision).then_some(result)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::convert::Infallible;
    use std::future::ready;

    use super::*;

    type Results = SingleFlight<&'static str, u8, u8>;

    #[tokio::test]
    async fn those_who_ask_at_once_share_one_computation() {
        let results = Results::new(4);
        let computed = Cell::new(0);
        let ask = async || {
            let compute = async {
                tokio::task::yield_now().await;
                computed.set(computed.get() + 1);
                Ok(7)
            };
            results.get("a", || ready(Ok::<_, Infallible>(1)), compute).await.unwrap()
        };
        let (first, second) = tokio::join!(ask(), ask());
        assert!(Arc::ptr_eq(&first, &second));
        assert_eq!(computed.get(), 1);
    }

    #[tokio::test]
    async fn who_has_waited_asks_for_the_revision_that_is_current_by_then() {
        let results = Results::new(4);
        let current = Cell::new(1);
        let compute = async {
            tokio::task::yield_now().await;
            current.set(2);
            Ok(2)
        };
        let revision = || ready(Ok::<_, Infallible>(current.get()));
        let waits = results.get("a", revision, async { Ok(20) });
        let (first, second) = tokio::join!(results.get("a", revision, compute), waits);
        assert_eq!((*first.unwrap(), *second.unwrap()), (2, 20));
    }

    #[tokio::test]
    async fn a_later_revision_takes_the_place_of_an_earlier_one() {
        let results = Results::new(4);
        let of = async |revision: u8, computed: u8| {
            let revision = || ready(Ok::<_, Infallible>(revision));
            *results.get("a", revision, async { Ok(computed) }).await.unwrap()
        };
        assert_eq!([of(1, 10).await, of(2, 20).await], [10, 20]);
        // What is newer than was asked for is good enough.
        assert_eq!([of(2, 0).await, of(1, 0).await], [20, 20]);
        assert_eq!(results.results.len(), 1);
    }

    #[tokio::test]
    async fn a_failure_is_computed_again() {
        let results = Results::new(4);
        let failed = results.get("a", || ready(Ok(1)), async { Err("away") }).await;
        assert_eq!(failed, Err("away"));
        let computed = results.get("a", || ready(Ok::<_, &str>(1)), async { Ok(5) }).await;
        assert_eq!(computed, Ok(Arc::new(5)));
    }
}
