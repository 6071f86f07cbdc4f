//! Bodies that say how far they have come.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes};
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};

use super::registry::{Doing, Entry};

/// The body of a request.
pub struct Received {
    inner: Incoming,
    entry: Arc<Entry>,
    /// Whether nothing of it is left to be read.
    ended: Arc<AtomicBool>,
}

impl Received {
    pub fn new(inner: Incoming, entry: Arc<Entry>) -> (Self, Arc<AtomicBool>) {
        let ended = Arc::new(AtomicBool::new(inner.is_end_stream()));
        entry.now(if inner.is_end_stream() { Doing::Answered } else { Doing::SendingBody });
        (Self { inner, entry, ended: Arc::clone(&ended) }, ended)
    }
}

impl HttpBody for Received {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(cx));
        // That a body has ended is not always asked for: who knows its length does not ask once more.
        if (frame.is_none() || self.inner.is_end_stream()) && !self.ended.swap(true, Relaxed) {
            self.entry.now(Doing::Answered);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// The body of an answer.
pub struct Answer {
    inner: Body,
    entry: Arc<Entry>,
}

impl Answer {
    pub fn new(inner: Body, entry: Arc<Entry>) -> Self {
        Self { inner, entry }
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.inner).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.entry.now(Doing::Idle);
    }
}
