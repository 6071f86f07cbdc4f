use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::error::CliError;
use super::site::{Opened, Site};
use crate::scoring::{Notifier, Worker};

#[derive(Args)]
pub struct Work {
    #[command(flatten)]
    site: Site,
    #[command(flatten)]
    scoring: Scoring,
}

/// How much of the machine scoring may take.
#[derive(Args, Clone)]
pub struct Scoring {
    /// Threads that score cases [default: one per core].
    #[arg(long, env = "ASOCA_THREADS", value_name = "N")]
    threads: Option<usize>,

    /// Maximum of memory for decoded ground truth, in MiB.
    #[arg(long, env = "ASOCA_TRUTH_CACHE", default_value_t = 512, value_name = "MIB")]
    truth_cache: usize,

    /// Seconds a worker may be silent before another one takes over what it was scoring.
    #[arg(long, hide = true, default_value_t = 30, value_name = "SECONDS",
          value_parser = clap::value_parser!(u64).range(2..=3600))]
    lease: u64,
}

impl Scoring {
    /// A worker on an opened site.
    pub fn worker(&self, opened: &Opened, notifier: Arc<Notifier>) -> Result<Worker, CliError> {
        // 0: rayon takes one thread a core.
        let threads = self.threads.unwrap_or(0);
        let bytes = self.truth_cache.saturating_mul(1 << 20);
        Worker::new(opened.store.clone(), opened.blobs.clone(), notifier, threads, bytes)
            .map(|worker| worker.with_lease(Duration::from_secs(self.lease)))
            .map_err(|error| CliError::server("the scoring threads can't be started", error))
    }
}

impl Work {
    pub async fn run(self) -> Result<(), CliError> {
        if self.site.database_url.is_none() {
            return Err(CliError::input(
                "a separate worker needs PostgreSQL",
                "set DATABASE_URL; with SQLite the worker is part of 'asoca serve'",
            ));
        }
        let opened = self.site.open().await?;
        let worker = self.scoring.worker(&opened, Arc::default())?;
        let stop = CancellationToken::new();
        let working = tokio::spawn(worker.run(stop.clone()));
        tracing::info!("waiting for submissions");
        stop_signal().await;
        stop.cancel();
        working.await.map_err(|error| CliError::server("the worker", error))?;
        opened.close().await;
        Ok(())
    }
}

/// Resolves when the process is asked to end, from the moment of this call on: not only once it is awaited.
pub fn stop_signal() -> impl Future<Output = ()> {
    let interrupted = signal(SignalKind::interrupt()).ok();
    let terminated = signal(SignalKind::terminate()).ok();
    async move {
        tokio::select! {
            () = received(interrupted) => {}
            () = received(terminated) => {}
        }
    }
}

async fn received(signal: Option<Signal>) {
    match signal {
        Some(mut signal) => {
            signal.recv().await;
        }
        // It can't be listened for, and ends the process as usual.
        None => std::future::pending().await,
    }
}
