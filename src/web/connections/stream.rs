use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::registry::{Doing, Entry};

/// A stream that notes what its client does, and keeps back what hyper itself answers to a request that it can't
/// parse: that has no body, and ours explains.
pub struct Stream {
    pub inner: TcpStream,
    entry: Arc<Entry>,
    /// The length of the latest request's first line, as far as it has come.
    pub first_line: usize,
    line_ended: bool,
    pub kept_back: Option<Vec<u8>>,
}

impl Stream {
    pub fn new(inner: TcpStream, entry: Arc<Entry>) -> Self {
        Self { inner, entry, first_line: 0, line_ended: false, kept_back: None }
    }
}

/// An answer without a body, in one piece, while no request is being answered. No answer of ours is so short.
fn is_hypers_own(doing: Doing, bytes: &[u8]) -> bool {
    let has = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    matches!(doing, Doing::Arrived | Doing::Idle | Doing::SendingHeaders)
        && bytes.len() < 200
        && bytes.starts_with(b"HTTP/1.1 4")
        && bytes.ends_with(b"\r\n\r\n")
        && has(b"content-length: 0\r\n")
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.inner).poll_read(cx, buf);
        let new = buf.filled().get(before..).unwrap_or_default();
        if !new.is_empty() {
            if self.entry.sent() {
                (self.first_line, self.line_ended) = (0, false);
            }
            if !self.line_ended {
                let end = new.iter().position(|byte| *byte == b'\n');
                self.first_line += end.unwrap_or(new.len());
                self.line_ended = end.is_some();
            }
        }
        read
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.kept_back.is_none() && is_hypers_own(self.entry.doing(), bytes) {
            self.kept_back = Some(bytes.to_vec());
            return Poll::Ready(Ok(bytes.len()));
        }
        let written = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.entry.takes(written.is_ready());
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    /// Left to whoever has the stream in the end, who may have something to say before.
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
