//! The loop that takes submissions from the queue and brings each to its end.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::cache::TruthCache;
use super::evaluate::{EvaluateError, Outcome, Progress, TruthCase, evaluate};
use super::preflight::{PreflightError, preflight};
use super::truth::read_truth;
use super::{Bell, SCORER_VERSION};
use crate::blobs::{BlobError, Blobs, LocalCopy};
use crate::store::{Case, Job, Store, StoreError, Timestamp, Verdict};
use crate::volume::archive::Location;
use crate::volume::{FileSource, Format};

/// How long a worker may be silent before its submission is taken over, unless it is told otherwise.
const LEASE: Duration = Duration::from_secs(30);

/// How often a lease is renewed and progress written down.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// How often the queue is looked at when nobody rings.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Wait before what failed by our fault is tried again; longer each time.
const RETRY: Duration = Duration::from_secs(5);

/// Scores submissions, one at a time, its cases beside each other on a rayon pool.
pub struct Worker {
    store: Store,
    blobs: Blobs,
    bell: Arc<Bell>,
    truths: Arc<TruthCache>,
    pool: Arc<rayon::ThreadPool>,
    name: String,
    lease: Duration,
}

/// Why an attempt has no verdict of its own. Not the upload's fault.
#[derive(Debug, thiserror::Error)]
enum WorkError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Blob(#[from] BlobError),
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
    #[error("the scoring thread ended without an answer")]
    Lost,
}

impl Worker {
    /// A worker with `threads` threads that keeps at most `truth_bytes` of ground truth in memory.
    pub fn new(
        store: Store,
        blobs: Blobs,
        bell: Arc<Bell>,
        threads: usize,
        truth_bytes: usize,
    ) -> Result<Self, rayon::ThreadPoolBuildError> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|at| format!("scoring-{at}"))
            // Without a handler a panic outside a case would end the process.
            .panic_handler(|_| tracing::error!("a scoring thread panicked"))
            .build()?;
        Ok(Self {
            store,
            blobs,
            bell,
            truths: Arc::new(TruthCache::new(truth_bytes)),
            pool: Arc::new(pool),
            name: format!("{}-{}", std::process::id(), crate::store::new_id().simple()),
            lease: LEASE,
        })
    }

    /// The same worker, which may be silent for this long before its submission is taken over.
    /// It has to be well above a second, the time between two signs of life.
    pub fn with_lease(self, lease: Duration) -> Self {
        Self { lease, ..self }
    }

    /// Works until told to stop; a submission that is being scored then goes back to the queue.
    pub async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            match self.store.claim(&self.name, self.lease, Timestamp::now()).await {
                Ok(Some(job)) => {
                    let work = job.work.word();
                    let span =
                        tracing::info_span!("scoring", work, id = %job.id, attempt = job.attempt);
                    self.work(job, &stop).instrument(span).await;
                }
                Ok(None) => self.pause(&stop).await,
                Err(error) => {
                    tracing::error!(%error, "the queue can't be read");
                    self.pause(&stop).await;
                }
            }
        }
    }

    async fn pause(&self, stop: &CancellationToken) {
        tokio::select! {
            () = self.bell.rung() => {}
            () = tokio::time::sleep(LOOK_AGAIN) => {}
            () = stop.cancelled() => {}
        }
    }

    /// Brings one claimed job to an end and writes it down.
    async fn work(&self, job: Job, stop: &CancellationToken) {
        let progress = Arc::new(Progress::default());
        let verdict = tokio::select! {
            verdict = self.judge(&job, &progress) => verdict,
            () = self.keep_lease(&job, &progress) => {
                tracing::warn!("the attempt is no longer ours");
                progress.stop.store(true, Ordering::Relaxed);
                return;
            }
            () = stop.cancelled() => {
                progress.stop.store(true, Ordering::Relaxed);
                if let Err(error) = self.store.release(&job).await {
                    tracing::warn!(%error, "the submission waits for its lease to run out");
                }
                return;
            }
        };
        let verdict = verdict.unwrap_or_else(|error| {
            tracing::error!(%error, "scoring failed");
            let tries = job.tries.clamp(1, 10) as u32;
            Verdict::Failed { reason: error.to_string(), retry_after: RETRY * tries }
        });
        match self.store.finish(&job, &verdict, Timestamp::now()).await {
            Ok(true) => tracing::info!(verdict = verdict.word(), "done"),
            Ok(false) => tracing::warn!("the result came too late and was dropped"),
            Err(error) => {
                tracing::error!(%error, "the result can't be written");
                // If not even this can be written, the lease runs out.
                let reason = "the result could not be written".to_owned();
                let failed = Verdict::Failed { reason, retry_after: RETRY };
                let _ = self.store.finish(&job, &failed, Timestamp::now()).await;
            }
        }
        self.bell.announce_end();
    }

    /// Renews the lease for as long as the attempt is ours.
    async fn keep_lease(&self, job: &Job, progress: &Progress) {
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            let done = progress.done.load(Ordering::Relaxed);
            match self.store.renew(job, done, self.lease, Timestamp::now()).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => tracing::warn!(%error, "the lease can't be renewed just now"),
            }
        }
    }

    async fn judge(&self, job: &Job, progress: &Arc<Progress>) -> Result<Verdict, WorkError> {
        let cases = self.store.cases(job.truth_set_id).await?;
        let upload = self.blobs.fetch(&job.blob_key).await?;
        let mut truths = HashMap::new();
        for case in &cases {
            let copy = self.blobs.fetch(&case.blob_key).await?;
            truths.insert(case.case_id.clone(), (case.blob_key.clone(), copy));
        }

        let (send, receive) = oneshot::channel();
        let (pool, cache) = (Arc::clone(&self.pool), Arc::clone(&self.truths));
        let (progress, span) = (Arc::clone(progress), tracing::Span::current());
        self.pool.spawn(move || {
            let _entered = span.enter();
            // Nobody may be waiting any more; then the outcome is not needed.
            let _ =
                send.send(pool.install(|| outcome(&upload, &cases, &truths, &cache, &progress)));
        });
        let outcome = receive.await.map_err(|_| WorkError::Lost)??;
        Ok(match outcome {
            Outcome::Scored(scores) => {
                Verdict::Scored { scorer_version: SCORER_VERSION, cases: scores.into_results() }
            }
            Outcome::Invalid(problems) => Verdict::Invalid(problems),
        })
    }
}

fn outcome(
    upload: &LocalCopy,
    cases: &[Case],
    truths: &HashMap<String, (String, LocalCopy)>,
    cache: &TruthCache,
    progress: &Progress,
) -> Result<Outcome, WorkError> {
    let opened = match preflight(Location::Zip(upload.path()), cases) {
        Ok(opened) => opened,
        Err(PreflightError::Invalid(problems)) => return Ok(Outcome::Invalid(problems)),
        Err(PreflightError::Io(error)) => return Err(error.into()),
    };
    let wanted: Vec<TruthCase<'_>> = cases
        .iter()
        .map(|case| TruthCase {
            id: &case.case_id,
            group: Some(case.case_group),
            shape: case.shape(),
        })
        .collect();
    let truth = |id: &str| {
        let (key, copy) = truths.get(id).ok_or_else(|| "there is none".to_owned())?;
        cache.get(key, || {
            read_truth(&FileSource(copy.path().to_owned()), Format::Nrrd)
                .map_err(|fault| fault.to_string())
        })
    };
    Ok(evaluate(&opened, &wanted, truth, progress)?)
}
