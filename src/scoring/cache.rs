use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::truth::CaseTruth;

/// Truths as scoring needs them, within a bound of bytes; those used least go first.
#[derive(Debug)]
pub struct TruthCache(Cache<String, Arc<CaseTruth>, ByBytes>);

#[derive(Clone, Debug)]
struct ByBytes;

impl Weighter<String, Arc<CaseTruth>> for ByBytes {
    fn weight(&self, _: &String, truth: &Arc<CaseTruth>) -> u64 {
        truth.heap_bytes() as u64
    }
}

/// Two truth sets' cases, as an estimate. With more the crate would divide the bytes among several shards, in which
/// a large truth finds no room.
const CASES: usize = 40;

impl TruthCache {
    pub fn new(max_bytes: usize) -> Self {
        Self(Cache::with_weighter(CASES, max_bytes as u64, ByBytes))
    }

    /// The truth under this key, made by `read` if it is not there. Of those who miss it at once one reads, and the
    /// others wait: `read` must not wait for anything else that is being scored.
    pub fn get<E>(
        &self,
        key: &str,
        read: impl FnOnce() -> Result<CaseTruth, E>,
    ) -> Result<Arc<CaseTruth>, E> {
        self.0.get_or_insert_with(key, || read().map(Arc::new))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::scoring::truth::Detail;
    use segmentation::{Geometry, Mask};
    use segmentation_metrics::Truth;
    use segmentation_metrics::secondary::PreparedTruth;

    fn truth() -> CaseTruth {
        let mut mask = Mask::empty([64, 64, 64]).unwrap();
        mask.set(0);
        CaseTruth {
            truth: Truth::new(mask, [1.0; 3]).unwrap(),
            geometry: Geometry::of_shape([64, 64, 64]),
            detail: None,
        }
    }

    /// Whether the cache had to read the truth.
    fn read(cache: &TruthCache, key: &str) -> bool {
        let mut read = false;
        let made: Result<_, ()> = cache.get(key, || {
            read = true;
            Ok(truth())
        });
        made.unwrap();
        read
    }

    #[test]
    fn what_was_read_once_is_kept() {
        let cache = TruthCache::new(1 << 30);
        assert!(read(&cache, "0"));
        assert!(!read(&cache, "0"));
    }

    #[test]
    fn no_more_is_kept_than_the_bound_and_what_is_used_stays() {
        let cache = TruthCache::new(2 * truth().heap_bytes());
        for key in ["0", "1", "0", "2"] {
            read(&cache, key);
        }
        assert_eq!(cache.0.len(), 2);
        assert!(!read(&cache, "0"));
    }

    #[test]
    fn who_misses_the_same_truth_at_once_waits_for_one_reading() {
        let cache = TruthCache::new(1 << 30);
        let (reads, both) = (AtomicUsize::new(0), Barrier::new(2));
        let ask = || {
            both.wait();
            let read = || {
                reads.fetch_add(1, Ordering::Relaxed);
                Ok::<_, ()>(truth())
            };
            cache.get("0", read).unwrap();
        };
        std::thread::scope(|scope| {
            scope.spawn(ask);
            scope.spawn(ask);
        });
        assert_eq!(reads.into_inner(), 1);
    }

    #[test]
    fn what_secondary_metrics_need_counts_towards_the_bound() {
        let plain = truth();
        let detail = PreparedTruth::new(plain.truth.mask(), [1.0; 3]).ok();
        // Between both; the crate keeps nothing that is more than 97 % of the whole.
        let more = detail.as_ref().map_or(0, PreparedTruth::heap_bytes);
        let cache = TruthCache::new((plain.heap_bytes() + more / 2) * 100 / 97);
        let get = |detail: Option<PreparedTruth>| {
            let detail = detail.map(|detail| Detail::Secondary(detail.into()));
            cache.get("0", || Ok::<_, ()>(CaseTruth { detail, ..truth() })).unwrap();
            cache.0.len()
        };
        assert_eq!([get(detail), get(None)], [0, 1]);
    }

    #[test]
    fn a_truth_larger_than_the_bound_is_not_kept() {
        let cache = TruthCache::new(1);
        assert!(read(&cache, "0"));
        assert!(read(&cache, "0"));
    }
}
