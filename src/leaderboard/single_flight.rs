use std::hash::Hash;
use std::sync::Arc;

use quick_cache::sync::Cache;
use tokio::sync::Mutex;

/// The latest results, each under the key that says all it was computed of, so that none goes stale.
///
/// One at a time computes: those who wait find the same result, and nobody takes all cores by asking for many
/// different ones.
#[derive(Debug)]
pub struct SingleFlight<K, V> {
    results: Cache<K, Arc<V>>,
    computing: Mutex<()>,
}

impl<K: Eq + Hash, V> SingleFlight<K, V> {
    /// One that keeps about `capacity` results.
    pub fn new(capacity: usize) -> Self {
        Self { results: Cache::new(capacity), computing: Mutex::default() }
    }

    /// The result under the key that `key` gives at this moment. It is asked once more after a wait, since another
    /// key may be the current one by then.
    ///
    /// # Errors
    /// What `key` and `compute` fail with; a failure is not kept.
    pub async fn get<E, Key: Future<Output = Result<K, E>>>(
        &self,
        key: impl Fn() -> Key,
        compute: impl Future<Output = Result<V, E>>,
    ) -> Result<Arc<V>, E> {
        if let Some(found) = self.results.get(&key().await?) {
            return Ok(found);
        }
        let _computing = self.computing.lock().await;
        let key = key().await?;
        if let Some(found) = self.results.get(&key) {
            return Ok(found);
        }
        let result = Arc::new(compute.await?);
        self.results.insert(key, Arc::clone(&result));
        Ok(result)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::convert::Infallible;
    use std::future::ready;

    use super::*;

    #[tokio::test]
    async fn those_who_ask_at_once_share_one_computation() {
        let results = SingleFlight::<u8, u8>::new(4);
        let computed = Cell::new(0);
        let ask = async || {
            let compute = async {
                tokio::task::yield_now().await;
                computed.set(computed.get() + 1);
                Ok(7)
            };
            results.get(|| ready(Ok::<_, Infallible>(1)), compute).await.unwrap()
        };
        let (first, second) = tokio::join!(ask(), ask());
        assert!(Arc::ptr_eq(&first, &second));
        assert_eq!(computed.get(), 1);
    }

    #[tokio::test]
    async fn who_has_waited_asks_for_the_key_that_is_current_by_then() {
        let results = SingleFlight::<u8, u8>::new(4);
        let revision = Cell::new(1);
        let compute = async {
            tokio::task::yield_now().await;
            revision.set(2);
            Ok(2)
        };
        let key = || ready(Ok::<_, Infallible>(revision.get()));
        let waits = results.get(key, async { Ok(20) });
        let (first, second) = tokio::join!(results.get(key, compute), waits);
        assert_eq!((*first.unwrap(), *second.unwrap()), (2, 20));
    }

    #[tokio::test]
    async fn a_failure_is_computed_again() {
        let results = SingleFlight::<u8, u8>::new(4);
        let failed = results.get(|| ready(Ok(1)), async { Err("away") }).await;
        assert_eq!(failed, Err("away"));
        let computed = results.get(|| ready(Ok::<_, &str>(1)), async { Ok(5) }).await;
        assert_eq!(computed, Ok(Arc::new(5)));
    }
}
