//! The parts of a multipart body, read without ever holding much of it.
//!
//! `multer` takes all it can get and keeps it until it finds an end: of what stands before
//! the first part, of a part's headers. So it gets one piece at a time, only when it makes
//! nothing of what it has, and no more pieces once it has made nothing of too many bytes.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll, ready};

use axum::body::{Body, BodyDataStream, Bytes};
use axum::http::{HeaderMap, header};
use futures_util::{Stream, StreamExt};

/// No part's headers are longer. It is searched anew with every piece, so it is small.
const MAX_HEADER_BYTES: u64 = 64 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum MultipartError {
    #[error("the body is no multipart/form-data")]
    NotMultipart,
    #[error("the body has more bytes than an upload can have")]
    TooLong,
    #[error("there is no end of a part's headers within {MAX_HEADER_BYTES} bytes")]
    Endless,
    #[error("the body breaks off")]
    Broken(#[from] axum::Error),
    #[error("the body is not made of parts")]
    Malformed(#[source] multer::Error),
}

impl From<multer::Error> for MultipartError {
    fn from(error: multer::Error) -> Self {
        match error {
            multer::Error::StreamReadFailed(cause) => match cause.downcast::<Self>() {
                Ok(own) => *own,
                Err(cause) => Self::Malformed(multer::Error::StreamReadFailed(cause)),
            },
            multer::Error::NoMultipart | multer::Error::NoBoundary => Self::NotMultipart,
            error => Self::Malformed(error),
        }
    }
}

/// The parts of a request's body, one after the other.
pub struct Parts {
    multipart: multer::Multipart<'static>,
    backpressure: Arc<Backpressure>,
}

/// One part; ask for the next one only after this one.
pub struct Part {
    field: multer::Field<'static>,
    backpressure: Arc<Backpressure>,
}

/// What is between the parts.
fn boundary(headers: &HeaderMap) -> Result<String, MultipartError> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    multer::parse_boundary(kind.ok_or(MultipartError::NotMultipart)?)
        .map_err(|_| MultipartError::NotMultipart)
}

impl Parts {
    /// Fails with `NotMultipart` if the headers announce something else.
    pub fn check(headers: &HeaderMap) -> Result<(), MultipartError> {
        boundary(headers).map(drop)
    }

    /// Fails with `NotMultipart` if the headers announce something else; a body of more than
    /// `max_bytes` fails while it is read.
    pub fn new(headers: &HeaderMap, body: Body, max_bytes: u64) -> Result<Self, MultipartError> {
        let boundary = boundary(headers)?;
        let backpressure = Arc::new(Backpressure::default());
        let pieces = BodyChunks {
            body: body.into_data_stream(),
            left: max_bytes,
            backpressure: Arc::clone(&backpressure),
        };
        Ok(Self { multipart: multer::Multipart::new(pieces, boundary), backpressure })
    }

    pub async fn next(&mut self) -> Result<Option<Part>, MultipartError> {
        let field = self.multipart.next_field().await?;
        self.backpressure.consumed();
        Ok(field.map(|field| Part { field, backpressure: Arc::clone(&self.backpressure) }))
    }
}

impl Part {
    pub fn name(&self) -> &str {
        self.field.name().unwrap_or_default()
    }

    pub fn file_name(&self) -> Option<&str> {
        self.field.file_name()
    }

    pub async fn chunk(&mut self) -> Result<Option<Bytes>, MultipartError> {
        let chunk = self.field.chunk().await?;
        self.backpressure.consumed();
        Ok(chunk)
    }
}

/// What the reader has been given since it last made something of it.
#[derive(Default)]
struct Backpressure {
    unended: AtomicU64,
    /// There is something new; it is to be looked at before there is more.
    pending: AtomicBool,
}

impl Backpressure {
    fn consumed(&self) {
        self.unended.store(0, Relaxed);
        self.pending.store(true, Relaxed);
    }
}

struct BodyChunks {
    body: BodyDataStream,
    left: u64,
    backpressure: Arc<Backpressure>,
}

impl Stream for BodyChunks {
    type Item = Result<Bytes, MultipartError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.backpressure.pending.swap(false, Relaxed) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.backpressure.unended.load(Relaxed) > MAX_HEADER_BYTES {
            return Poll::Ready(Some(Err(MultipartError::Endless)));
        }
        let Some(piece) = ready!(self.body.poll_next_unpin(cx)) else { return Poll::Ready(None) };
        let piece = piece?;
        let bytes = piece.len() as u64;
        let Some(left) = self.left.checked_sub(bytes) else {
            return Poll::Ready(Some(Err(MultipartError::TooLong)));
        };
        self.left = left;
        self.backpressure.unended.fetch_add(bytes, Relaxed);
        self.backpressure.pending.store(true, Relaxed);
        Poll::Ready(Some(Ok(piece)))
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    /// Reads pieces of a body that never ends, and gives what is said of them and how many
    /// bytes were taken.
    async fn read(
        start: &'static str,
        piece: &'static [u8],
        max_bytes: u64,
    ) -> (MultipartError, u64) {
        let taken = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&taken);
        let start = futures_util::stream::iter([Bytes::from_static(start.as_bytes())]);
        let rest = futures_util::stream::repeat(Bytes::from_static(piece));
        let pieces = start.chain(rest).map(move |piece| {
            count.fetch_add(piece.len() as u64, Relaxed);
            Ok::<_, io::Error>(piece)
        });
        let mut headers = HeaderMap::new();
        let kind = header::HeaderValue::from_static("multipart/form-data; boundary=edge");
        headers.insert(header::CONTENT_TYPE, kind);
        let mut parts = Parts::new(&headers, Body::from_stream(pieces), max_bytes).unwrap();
        let outcome = async {
            while let Some(mut part) = parts.next().await? {
                while part.chunk().await?.is_some() {}
            }
            Ok(())
        };
        (outcome.await.unwrap_err(), taken.load(Relaxed))
    }

    const HEAD: &str = "--edge\r\ncontent-disposition: form-data; name=\"file\"\r\n\r\n";

    #[tokio::test]
    async fn a_body_in_which_no_part_begins_is_read_no_further_than_headers_reach() {
        for start in ["", "--edge\r\ncontent-disposition: "] {
            let (error, taken) = read(start, &[b'a'; 1000], u64::MAX).await;
            assert!(matches!(error, MultipartError::Endless), "{error}");
            assert!(taken <= MAX_HEADER_BYTES + 1000, "{taken}");
        }
    }

    #[tokio::test]
    async fn a_part_may_be_far_longer_than_its_headers_but_not_than_the_body_may_be() {
        let (error, taken) = read(HEAD, &[b'a'; 1000], 10 << 20).await;
        assert!(matches!(error, MultipartError::TooLong), "{error}");
        assert!(taken.abs_diff(10 << 20) <= 1000, "{taken}");
    }

    #[tokio::test]
    async fn many_small_parts_in_one_piece_are_taken_before_the_next_piece() {
        let part = "--edge\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\nx\r\n";
        let (first, pieces) = (part.repeat(500), Arc::new(AtomicU64::new(0)));
        let count = Arc::clone(&pieces);
        let body = futures_util::stream::repeat(Bytes::from(first)).map(move |piece| {
            count.fetch_add(1, Relaxed);
            Ok::<_, io::Error>(piece)
        });
        let mut headers = HeaderMap::new();
        let kind = header::HeaderValue::from_static("multipart/form-data; boundary=edge");
        headers.insert(header::CONTENT_TYPE, kind);
        let mut parts = Parts::new(&headers, Body::from_stream(body), u64::MAX).unwrap();
        for _ in 0..400 {
            let mut part = parts.next().await.unwrap().unwrap();
            while part.chunk().await.unwrap().is_some() {}
        }
        assert_eq!(pieces.load(Relaxed), 1);
    }
}
