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
use super::pictures::Pictures;
use super::preflight::{PreflightError, preflight_accepted};
use super::truth::{CaseTruth, Metrics, read_truth};
use super::{Notifier, SCORER_VERSION};
use crate::blobs::{BlobError, Blobs, LocalCopy};
use crate::store::{Case, Job, JobOutcome, Store, StoreError, Timestamp};
use segmentation::archive::Location;
use segmentation::{FileSource, Format, Mask};

/// How long a worker may be silent before its submission is taken over, unless it is told otherwise.
const LEASE: Duration = Duration::from_secs(30);

/// How often a lease is renewed and progress written down.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// How often the queue is looked at when nobody rings.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// So many submissions are looked at for flags between two others that are scored.
const MAX_INSPECTED: i64 = 20;

/// Wait before what failed by our fault is tried again; longer each time.
const RETRY: Duration = Duration::from_secs(5);

/// Wait before what could not be written is written again; twice as long each time, up to a bound.
const REWRITE: Duration = Duration::from_millis(250);
const MAX_REWRITE: Duration = Duration::from_secs(5);

impl WorkError {
    /// Whether it tells of the machine or the database as a whole, and will pass for all submissions at once.
    fn is_outage(&self) -> bool {
        match self {
            Self::Store(error) => error.is_unavailable(),
            Self::Blob(error) => error.is_full(),
            Self::Io(error) => crate::disk::is_full(error),
            Self::Evaluate(_) | Self::Lost => false,
        }
    }
}

/// Scores submissions, one at a time, its cases beside each other on a rayon pool.
pub struct Worker {
    store: Store,
    blobs: Blobs,
    notifier: Arc<Notifier>,
    truths: Arc<TruthCache>,
    pool: Arc<rayon::ThreadPool>,
    name: String,
    lease: Duration,
}

/// Why an attempt has no outcome of its own. Not the upload's fault.
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
        notifier: Arc<Notifier>,
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
            notifier,
            truths: Arc::new(TruthCache::new(truth_bytes)),
            pool: Arc::new(pool),
            name: format!("{}-{}", std::process::id(), uuid::Uuid::now_v7().simple()),
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
            match self.store.claim(&self.name, self.lease).await {
                Ok(Some(job)) => {
                    let span = tracing::info_span!(
                        "scoring",
                        evaluation = %job.id,
                        submission = %job.submission_id,
                        trial = !job.official,
                        attempt = job.attempt,
                    );
                    self.work(job, &stop).instrument(span).await;
                }
                Ok(None) => {
                    // What another worker was ended before, and what an activated truth set changed.
                    self.inspect().await;
                    self.pause(&stop).await;
                }
                Err(error) => {
                    tracing::error!(%error, "the queue can't be read");
                    self.pause(&stop).await;
                }
            }
        }
    }

    /// Looks for what organisers should see in what was scored.
    async fn inspect(&self) {
        if let Err(error) = self.store.inspect_submissions(MAX_INSPECTED, Timestamp::now()).await {
            tracing::warn!(%error, "flags will be looked for later");
        }
    }

    async fn pause(&self, stop: &CancellationToken) {
        tokio::select! {
            () = self.notifier.queued() => {}
            () = tokio::time::sleep(LOOK_AGAIN) => {}
            () = stop.cancelled() => {}
        }
    }

    /// Brings one claimed job to an end and writes it down.
    async fn work(&self, job: Job, stop: &CancellationToken) {
        let progress = Arc::new(Progress::default());
        let outcome = tokio::select! {
            outcome = self.evaluate_job(&job, &progress) => outcome,
            () = self.keep_lease(&job, &progress) => {
                tracing::warn!("the attempt is no longer ours");
                progress.stop.store(true, Ordering::Relaxed);
                return;
            }
            () = stop.cancelled() => {
                progress.stop.store(true, Ordering::Relaxed);
                self.put_back(&job, stop).await;
                return;
            }
        };
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(error) if error.is_outage() => {
                tracing::warn!(%error, "scoring has to wait");
                self.put_back(&job, stop).await;
                if !matches!(error, WorkError::Store(_)) {
                    // The database was asked until it answered; a disk is not.
                    let _ = tokio::time::timeout(RETRY, stop.cancelled()).await;
                }
                return;
            }
            Err(error) => {
                tracing::error!(%error, "scoring failed");
                let tries = (job.tries + 1).clamp(1, 10) as u32;
                JobOutcome::Failed { reason: error.to_string(), retry_after: RETRY * tries }
            }
        };
        self.write_down(&job, &outcome, &progress, stop).await;
        self.notifier.notify_finished();
        self.inspect().await;
    }

    /// Gives the job back as if it had not been claimed, as soon as the database takes it.
    async fn put_back(&self, job: &Job, stop: &CancellationToken) {
        let mut pause = REWRITE;
        while let Err(error) = self.store.release(job).await {
            if stop.is_cancelled() || !error.is_unavailable() {
                return tracing::warn!(%error, "the submission waits for its lease to run out");
            }
            let _ = tokio::time::timeout(pause, stop.cancelled()).await;
            pause = (pause * 2).min(MAX_REWRITE);
        }
    }

    /// Writes how the attempt ended. While that can't be written (a full disk, a database that is away) the outcome
    /// is kept and the lease renewed: it is nobody's fault and costs nothing but time.
    async fn write_down(
        &self,
        job: &Job,
        outcome: &JobOutcome,
        progress: &Progress,
        stop: &CancellationToken,
    ) {
        let mut pause = REWRITE;
        loop {
            match self.store.finish(job, outcome).await {
                Ok(true) => return tracing::info!(outcome = outcome.as_str(), "done"),
                Ok(false) => return tracing::warn!("the result came too late and was dropped"),
                Err(error) if error.is_unavailable() => {
                    tracing::warn!(%error, "the result can't be written just now");
                }
                Err(error) => {
                    tracing::error!(%error, "the result can't be written");
                    let reason = "the result could not be written".to_owned();
                    let failed = JobOutcome::Failed { reason, retry_after: RETRY };
                    // If not even this can be written, the lease runs out.
                    let _ = self.store.finish(job, &failed).await;
                    return;
                }
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => return self.put_back(job, stop).await,
            }
            pause = (pause * 2).min(MAX_REWRITE).min(self.lease / 3);
            let done = progress.done.load(Ordering::Relaxed);
            match self.store.renew(job, done, self.lease).await {
                Ok(true) | Err(_) => {}
                Ok(false) => return tracing::warn!("the attempt is no longer ours"),
            }
        }
    }

    /// Renews the lease for as long as the attempt is ours.
    async fn keep_lease(&self, job: &Job, progress: &Progress) {
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            let done = progress.done.load(Ordering::Relaxed);
            match self.store.renew(job, done, self.lease).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => tracing::warn!(%error, "the lease can't be renewed just now"),
            }
        }
    }

    /// Stores the pictures of an attempt under a name of its own, and gives that name. A score does without them.
    async fn store_pictures(&self, job: &Job, pictures: Pictures) -> Option<String> {
        let name = format!("{}-{}", job.id, job.attempt);
        match pictures.store(&self.blobs, &name).await {
            Ok(stored) => stored.then_some(name),
            Err(error) => {
                tracing::warn!(%error, "the pictures can't be stored");
                None
            }
        }
    }

    async fn evaluate_job(
        &self,
        job: &Job,
        progress: &Arc<Progress>,
    ) -> Result<JobOutcome, WorkError> {
        let cases = self.store.cases(job.truth_set_id).await?;
        let accepted = match job.accepted_truth_set_id == job.truth_set_id {
            true => Vec::new(),
            false => self.store.cases(job.accepted_truth_set_id).await?,
        };
        let observers = self.store.observer_summary(job.truth_set_id).await?;
        let tolerance_mm = observers.and_then(|observers| observers.tolerance_mm);
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
            let truth = |id: &str| {
                let (key, copy) = truths.get(id).ok_or_else(|| "there is none".to_owned())?;
                // A truth is prepared for a tolerance.
                let key = tolerance_mm.map_or(key.clone(), |mm| format!("{key} {mm}"));
                cache.get(&key, || {
                    let source = FileSource(copy.path().to_owned());
                    let metrics = Metrics::All { tolerance_mm };
                    read_truth(&source, Format::Nrrd, metrics).map_err(|issue| issue.to_string())
                })
            };
            let pictures = Pictures::default();
            let seen =
                |case: &str, mask: &Mask, truth: &CaseTruth| pictures.draw(case, mask, truth);
            let score = || evaluate_upload(&upload, &accepted, &cases, truth, seen, &progress);
            let outcome = pool.install(score);
            let _ = send.send(outcome.map(|outcome| (outcome, pictures)));
        });
        let (outcome, pictures) = receive.await.map_err(|_| WorkError::Lost)??;
        Ok(match outcome {
            Outcome::Scored(scores) => JobOutcome::Scored {
                scorer_version: SCORER_VERSION,
                cases: scores.into_results(),
                pictures: self.store_pictures(job, pictures).await,
            },
            Outcome::Invalid(problems) => JobOutcome::Invalid(problems),
        })
    }
}

fn evaluate_upload(
    upload: &LocalCopy,
    accepted: &[Case],
    cases: &[Case],
    truth: impl Fn(&str) -> Result<Arc<CaseTruth>, String> + Sync,
    seen: impl Fn(&str, &Mask, &CaseTruth) + Sync,
    progress: &Progress,
) -> Result<Outcome, WorkError> {
    let opened = match preflight_accepted(Location::Zip(upload.path()), cases, accepted) {
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
    Ok(evaluate(&opened, &wanted, truth, seen, progress)?)
}
