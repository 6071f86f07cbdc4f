use std::future::Future;

use tokio::sync::Notify;

/// Carries word between the web and a worker of the same process: something was queued,
/// something has ended. Word may be missed across processes; who waits looks again by itself.
#[derive(Debug, Default)]
pub struct Bell {
    queued: Notify,
    ended: Notify,
}

impl Bell {
    /// Something was queued.
    pub fn ring(&self) {
        self.queued.notify_one();
    }

    /// Resolves once something is queued, or was since it last resolved.
    pub async fn rung(&self) {
        self.queued.notified().await;
    }

    /// A submission has reached its end, or may be tried again.
    pub(super) fn announce_end(&self) {
        self.ended.notify_waiters();
    }

    /// Resolves at the next end after this call, even if that comes before the first poll.
    pub fn ended(&self) -> impl Future<Output = ()> + '_ {
        self.ended.notified()
    }
}
