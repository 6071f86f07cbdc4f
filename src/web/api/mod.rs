//! `/api/v1`. One file a noun.

pub mod admin;
pub mod analysis;
pub mod announcements;
pub mod cases;
pub mod download;
pub mod leaderboard;
pub mod phases;
pub mod submissions;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::failure::Failure;
use crate::domain::Code;

/// Which phase is meant; by default the current one.
#[derive(serde::Deserialize)]
pub struct OfPhase {
    #[serde(default)]
    phase: String,
}

/// What the framework itself refuses becomes a problem of the catalogue as well.
pub async fn as_problems(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    match plain_failure(&response) {
        Some(failure) => failure.into_response(),
        None => response,
    }
}

/// The failure behind an answer that no handler of ours made.
pub fn plain_failure(response: &Response) -> Option<Failure> {
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    // A form that is shown again with what was wrong is a page already.
    let page = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if !failed || page || response.extensions().get::<Failure>().is_some() {
        return None;
    }
    Some(match status {
        StatusCode::NOT_FOUND => Failure::not_found(),
        StatusCode::METHOD_NOT_ALLOWED => Failure::of(
            status,
            Code::MethodNotAllowed,
            "a method this address has",
            "another one",
            "The API's page lists every address and its methods.",
        ),
        StatusCode::PAYLOAD_TOO_LARGE => Failure::of(
            status,
            Code::RequestTooLarge,
            "a smaller body",
            "one over the limit",
            "Send less.",
        ),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Failure::of(
            status,
            Code::RequestMediaType,
            "the content type the API's page names",
            "another one",
            "curl's -F sends multipart/form-data.",
        ),
        status if status.is_server_error() => Failure::internal(status),
        _ => Failure::of(
            StatusCode::BAD_REQUEST,
            Code::RequestMalformed,
            "a request as the API's page shows it",
            "one that can't be read",
            "Compare your request with the examples.",
        ),
    })
}
