//! One connection, from its first byte until nothing more can be said.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderValue, Response, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use super::Server;
use super::body::{Answer, Received};
use super::refusal::unreadable;
use super::registry::{Doing, Entry, Listed};
use super::stream::Stream;

/// What is read at a time, and so the most that the first line and the headers of a request may have.
pub(super) const MAX_HEADERS: usize = 16 * 1024;

impl Server {
    /// Answers the requests of a connection until it ends, or until it has to.
    pub(super) async fn converse(
        self: Arc<Self>,
        stream: TcpStream,
        peer: SocketAddr,
        listed: Listed,
        last_words: CancellationToken,
    ) {
        let entry = &listed.entry;
        tokio::select! {
            () = entry.closed() => {}
            () = self.conversation(stream, peer, entry, last_words) => {}
        }
    }

    async fn conversation(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        entry: &Arc<Entry>,
        last_words: CancellationToken,
    ) {
        let router = TowerToHyperService::new(self.router.clone());
        let service = service_fn(|request| self.answer(&router, request, peer, entry));
        let stream = TokioIo::new(Stream::new(stream, Arc::clone(entry)));
        let mut connection = http1::Builder::new()
            .max_buf_size(MAX_HEADERS)
            .max_header_size(MAX_HEADERS)
            .serve_connection(stream, service);
        let ended = tokio::select! {
            ended = &mut connection => ended,
            () = last_words.cancelled() => {
                let was_idle = matches!(entry.doing(), Doing::Arrived | Doing::Idle);
                Pin::new(&mut connection).graceful_shutdown();
                let ended = (&mut connection).await;
                if was_idle {
                    return;
                }
                ended
            }
        };
        if let Err(error) = &ended {
            tracing::debug!(%error, "a connection failed");
        }
        let stream = connection.into_parts().io.into_inner();
        entry.now(Doing::Lingering);
        let last_words = stream.kept_back.and_then(|answer| unreadable(&answer, stream.first_line));
        self.linger(stream.inner, last_words).await;
    }

    async fn answer(
        &self,
        router: &TowerToHyperService<Router>,
        request: Request<Incoming>,
        peer: SocketAddr,
        entry: &Arc<Entry>,
    ) -> Result<Response<Answer>, Infallible> {
        let (mut head, body) = request.into_parts();
        let (body, ended) = Received::new(body, Arc::clone(entry));
        head.extensions.insert(ConnectInfo(peer));
        let mut answer = router.call(Request::from_parts(head, Body::new(body))).await?;
        if !ended.load(Relaxed) || self.stop.is_asked() {
            // What was not read can't be told from a next request.
            answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        entry.now(Doing::Answered);
        Ok(answer.map(|body| Answer::new(body, Arc::clone(entry))))
    }

    /// Says the last words, then reads and throws away what the client still sends: closing with something unread
    /// resets the connection, and takes the answer from a client that has not read it yet.
    pub(super) async fn linger(&self, mut stream: TcpStream, last_words: Option<Vec<u8>>) {
        let limits = &self.registry.limits;
        let Ok(_place) = self.lingerers.try_acquire() else { return };
        let lingering = async {
            if let Some(words) = last_words {
                stream.write_all(&words).await?;
            }
            stream.shutdown().await?;
            let mut unwanted = vec![0; 16 * 1024];
            loop {
                let read = stream.read(&mut unwanted);
                match tokio::time::timeout(limits.lingering_silence, read).await {
                    Ok(Ok(1..)) => {}
                    Ok(ended) => return ended.map(drop),
                    Err(_) => return Ok(()),
                }
            }
        };
        let _: Result<std::io::Result<()>, _> =
            tokio::time::timeout(limits.lingering, lingering).await;
    }
}
