//! From a listening socket to requests and back: how many connections there are, how long each may take, and how
//! all of them come to an end.

mod body;
mod connection;
mod limits;
mod refusal;
mod registry;
mod stream;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use limits::Limits;

use registry::{Doing, Registry};

use crate::stop::Stop;

/// How often silent connections are looked for.
const LOOK: Duration = Duration::from_millis(500);

/// How long the last answers may take, once nothing is worked on any more.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// Connections that are told that there is no place for them, at a time.
const TURNED_AWAY: usize = 32;

struct Server {
    router: Router,
    stop: Stop,
    registry: Arc<Registry>,
    /// How many more connections may be read only to be thrown away.
    lingerers: Semaphore,
    turned_away: Arc<Semaphore>,
}

/// Answers requests until asked to stop. Then nobody can connect any more, and it returns when the requests that
/// were under way have their answers: a few seconds after [`Limits::finish`] at the latest.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, stop: Stop) {
    let server = Arc::new(Server {
        router,
        stop,
        lingerers: Semaphore::new(limits.lingerers),
        turned_away: Arc::new(Semaphore::new(TURNED_AWAY)),
        registry: Registry::new(limits),
    });
    let connections = TaskTracker::new();
    let last_words = CancellationToken::new();
    let looking = tokio::spawn({
        let registry = Arc::clone(&server.registry);
        async move {
            loop {
                tokio::time::sleep(LOOK).await;
                registry.close_overdue(Instant::now());
            }
        }
    });
    let accepting = server.accept(&listener, &connections, &last_words);
    tokio::select! {
        () = server.stop.asked() => {}
        () = accepting => {}
    }
    drop(listener);
    connections.close();

    let registry = &server.registry;
    let works = |doing| matches!(doing, Doing::SendingBody | Doing::Answered);
    let _ = tokio::time::timeout(registry.limits.finish, registry.none(works)).await;
    server.stop.end_uploads();
    let _ = tokio::time::timeout(LAST_WORDS, registry.none(works)).await;
    last_words.cancel();
    if tokio::time::timeout(LAST_WORDS, connections.wait()).await.is_err() {
        registry.close_all();
        connections.wait().await;
    }
    looking.abort();
}

impl Registry {
    /// Resolves as soon as no connection does what counts.
    async fn none(&self, counts: impl Fn(Doing) -> bool) {
        loop {
            let changed = self.changed();
            if self.count(&counts) == 0 {
                return;
            }
            changed.await;
        }
    }

    /// Resolves when there is room for another connection; false if nobody makes any.
    async fn has_room(&self) -> bool {
        for _ in 0..20 {
            let changed = self.changed();
            if self.len() < self.limits.connections {
                return true;
            }
            if !self.make_room(Instant::now()) {
                return false;
            }
            let _ = tokio::time::timeout(Duration::from_millis(50), changed).await;
        }
        false
    }
}

impl Server {
    /// Takes connections for ever.
    async fn accept(
        self: &Arc<Self>,
        listener: &TcpListener,
        connections: &TaskTracker,
        last_words: &CancellationToken,
    ) {
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => self.take(stream, peer, connections, last_words).await,
                Err(error) => {
                    // Out of descriptors, say, which other parts of the process use as well.
                    tracing::warn!(%error, "a connection can't be accepted");
                    self.registry.make_room(Instant::now());
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        }
    }

    async fn take(
        self: &Arc<Self>,
        stream: TcpStream,
        peer: SocketAddr,
        connections: &TaskTracker,
        last_words: &CancellationToken,
    ) {
        // An answer is written at once and not in pieces.
        let _ = stream.set_nodelay(true);
        if self.registry.has_room().await {
            let listed = self.registry.add(peer.ip());
            let server = Arc::clone(self);
            connections.spawn(server.converse(stream, peer, listed, last_words.clone()));
        } else if let Ok(place) = Arc::clone(&self.turned_away).try_acquire_owned() {
            let server = Arc::clone(self);
            tokio::spawn(async move {
                let _place = place;
                let answer = server.linger(stream, Some(refusal::full()));
                let _ = tokio::time::timeout(Duration::from_secs(1), answer).await;
            });
        }
    }
}
