//! How a server comes to its end.

use std::future::Future;

use tokio_util::sync::CancellationToken;

/// How a server is asked to stop: first it finishes what is under way, then it ends uploads.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    asked: CancellationToken,
    uploads_end: CancellationToken,
}

impl Stop {
    /// Asked for by whoever cancels this token.
    pub fn when(asked: CancellationToken) -> Self {
        Self { asked, uploads_end: CancellationToken::new() }
    }

    pub fn is_asked(&self) -> bool {
        self.asked.is_cancelled()
    }

    /// Resolves once the server is asked to stop: nobody waits for anything any more.
    pub fn asked(&self) -> impl Future<Output = ()> + '_ {
        self.asked.cancelled()
    }

    /// Resolves once uploads that were under way when the server was asked to stop have had their time.
    pub fn uploads_end(&self) -> impl Future<Output = ()> + '_ {
        self.uploads_end.cancelled()
    }

    pub fn end_uploads(&self) {
        self.uploads_end.cancel();
    }
}
