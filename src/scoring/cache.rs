use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::truth::CaseTruth;

/// Truths as scoring needs them, within a bound of bytes; the one not used for longest goes first.
#[derive(Debug)]
pub struct TruthCache {
    most_bytes: usize,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    bytes: usize,
    clock: u64,
    kept: HashMap<String, Kept>,
}

#[derive(Debug)]
struct Kept {
    truth: Arc<CaseTruth>,
    bytes: usize,
    used: u64,
}

impl TruthCache {
    pub fn new(most_bytes: usize) -> Self {
        Self { most_bytes, inner: Mutex::default() }
    }

    /// The truth under this key, made by `read` if it is not there. Two that miss at once
    /// both read; holding the lock while reading would make all others wait.
    pub fn get<E>(
        &self,
        key: &str,
        read: impl FnOnce() -> Result<CaseTruth, E>,
    ) -> Result<Arc<CaseTruth>, E> {
        if let Some(truth) = self.lock().touch(key) {
            return Ok(truth);
        }
        let truth = Arc::new(read()?);
        self.lock().keep(key, Arc::clone(&truth), self.most_bytes);
        Ok(truth)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        // Nothing inside can be left half done by a panic.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn touch(&mut self, key: &str) -> Option<Arc<CaseTruth>> {
        self.clock += 1;
        let kept = self.kept.get_mut(key)?;
        kept.used = self.clock;
        Some(Arc::clone(&kept.truth))
    }

    fn keep(&mut self, key: &str, truth: Arc<CaseTruth>, most_bytes: usize) {
        let bytes = truth.heap_bytes();
        if bytes > most_bytes {
            return;
        }
        let kept = Kept { truth, bytes, used: self.clock };
        if let Some(before) = self.kept.insert(key.to_owned(), kept) {
            self.bytes -= before.bytes;
        }
        self.bytes += bytes;
        while self.bytes > most_bytes {
            let oldest = self
                .kept
                .iter()
                .filter(|(other, _)| other.as_str() != key)
                .min_by_key(|(_, kept)| kept.used)
                .map(|(other, _)| other.clone());
            let Some(gone) = oldest.and_then(|oldest| self.kept.remove(&oldest)) else { break };
            self.bytes -= gone.bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
    fn the_one_not_used_for_longest_goes_first() {
        let cache = TruthCache::new(2 * truth().heap_bytes());
        for key in ["0", "1", "0", "2"] {
            read(&cache, key);
        }
        assert!(!read(&cache, "0"));
        assert!(read(&cache, "1"));
    }

    #[test]
    fn what_secondary_metrics_need_counts_towards_the_bound() {
        let plain = truth();
        let detail = PreparedTruth::new(plain.truth.mask(), [1.0; 3]).ok();
        let cache = TruthCache::new(plain.heap_bytes());
        let get = |detail: Option<PreparedTruth>| {
            cache.get("0", || Ok::<_, ()>(CaseTruth { detail, ..truth() })).unwrap();
            cache.lock().kept.len()
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
