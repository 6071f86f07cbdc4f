use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::error::CliError;
use crate::scoring::Progress;

/// Does the work on so many threads, by default one a core, with a bar over so many files on a
/// terminal and with none in a pipe.
pub fn on_threads<T: Send>(
    threads: Option<usize>,
    files: usize,
    work: impl FnOnce(&Progress) -> T + Send,
) -> Result<T, CliError> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads.unwrap_or(0))
        .build()
        .map_err(|error| CliError::server("the threads can't be started", error))?;
    let progress = Progress::default();
    Ok(with_bar(&progress, files, || pool.install(|| work(&progress))))
}

fn with_bar<T>(progress: &Progress, files: usize, work: impl FnOnce() -> T) -> T {
    if !io::stderr().is_terminal() {
        return work();
    }
    let bar = ProgressBar::with_draw_target(Some(files as u64), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos} of {len} files, {elapsed}") {
        bar.set_style(style);
    }
    let finished = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !finished.load(Ordering::Acquire) {
                bar.set_position(progress.done.load(Ordering::Relaxed).unsigned_abs());
                std::thread::sleep(Duration::from_millis(50));
            }
            bar.finish_and_clear();
        });
        let done = work();
        finished.store(true, Ordering::Release);
        done
    })
}
