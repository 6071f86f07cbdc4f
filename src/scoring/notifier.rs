use std::future::Future;

use tokio::sync::Notify;

/// Carries word between the web and a worker of the same process: something was queued,
/// something has ended. Word may be missed across processes; who waits looks again by itself.
#[derive(Debug, Default)]
pub struct Notifier {
    queued: Notify,
    ended: Notify,
}

impl Notifier {
    /// Something was queued.
    pub fn notify_queued(&self) {
        self.queued.notify_one();
    }

    /// Resolves once something is queued, or was since it last resolved.
    pub async fn queued(&self) {
        self.queued.notified().await;
    }

    /// A submission has reached its end, or may be tried again.
    pub(super) fn notify_finished(&self) {
        self.ended.notify_waiters();
    }

    /// Resolves at the next end after this call, even if that comes before the first poll.
    pub fn finished(&self) -> impl Future<Output = ()> + '_ {
        self.ended.notified()
    }
}
