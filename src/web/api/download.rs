use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, TryStreamExt};

use crate::domain::Error;
use crate::web::error::log;

/// A file to keep, sent piece by piece as it is made. What goes wrong midway breaks the connection off,
/// so that nobody takes half a file for a whole one.
pub fn download(
    kind: &'static str,
    name: &str,
    pieces: impl Stream<Item = Result<String, Error>> + Send + 'static,
) -> Response {
    let pieces = pieces.map_err(|error| {
        log(&error);
        std::io::Error::other(error.title())
    });
    file(kind, name, Body::from_stream(pieces))
}

/// A file to keep, made already.
pub fn file(kind: &'static str, name: &str, body: impl Into<Body>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    (headers, body.into()).into_response()
}

pub const CSV: &str = "text/csv; charset=utf-8";
