//! Answers to what never becomes a request.

use axum::response::IntoResponse;

use super::connection::MAX_HEADERS;
use crate::domain::{Code, Error};
use crate::web::error::document;

/// Explains what hyper answered without a word: 400, or 431 for a first line that is too long as well.
pub fn unreadable(answer: &[u8], first_line: usize) -> Option<Vec<u8>> {
    let most = MAX_HEADERS / 1024;
    let (code, expected, found, hint) = match answer.get(9..12)? {
        b"431" if first_line <= MAX_HEADERS / 2 => (
            Code::RequestHeadersTooLarge,
            format!("headers of at most {most} KiB in at most 100 lines"),
            "more",
            "Send fewer or shorter headers; in a browser, delete the cookies of this site.",
        ),
        b"431" | b"414" => (
            Code::RequestUrlTooLong,
            format!("an address of at most {} KiB", most / 2),
            "a longer one",
            "Send long values in the body of the request.",
        ),
        _ => (
            Code::RequestMalformed,
            "a valid HTTP/1.1 request".to_owned(),
            "something else",
            "Check that the client speaks HTTP, and not HTTPS to a port for HTTP.",
        ),
    };
    Some(on_its_own(Error::new(code, expected, found, hint)))
}

/// There is no place for another connection.
pub fn full() -> Vec<u8> {
    on_its_own(Error::busy(5))
}

/// The whole answer as it goes over the line, for when there is no request that hyper could answer.
fn on_its_own(error: Error) -> Vec<u8> {
    let body = serde_json::to_vec(&document(&error)).unwrap_or_default();
    let response = error.into_response();
    let status = response.status();
    let mut bytes = format!("HTTP/1.1 {status}\r\n").into_bytes();
    for (name, value) in response.headers() {
        bytes.extend_from_slice(name.as_str().as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("content-length: {}", body.len()).as_bytes());
    bytes.extend_from_slice(b"\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n");
    bytes.extend_from_slice(&body);
    bytes
}
