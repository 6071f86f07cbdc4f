//! Answers of success that are not 200 OK.

#![expect(clippy::disallowed_types, reason = "the status of every answer is decided here")]

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// 201: what was asked for is made, and this is it.
pub struct Created<T>(pub T);

/// 202: what was asked for will be done.
pub struct Accepted<T>(pub T);

impl<T: IntoResponse> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, self.0).into_response()
    }
}

impl<T: IntoResponse> IntoResponse for Accepted<T> {
    fn into_response(self) -> Response {
        (StatusCode::ACCEPTED, self.0).into_response()
    }
}
