//! How an [`Error`] is answered: the one place that knows its HTTP status. The API shows it as problem+json
//! (RFC 9457), the pages show the same as a page, or show their form again with it.

#![expect(clippy::disallowed_types, reason = "the status of every answer is decided here")]

use axum::Json;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::domain::{Cause, Code, Error, Problem, SubmissionId};

/// RFC 9457, with the catalogue's problems as `errors`, and those of an upload by cause as `summary`.
#[derive(Serialize)]
struct ProblemJson<'a> {
    r#type: &'static str,
    title: &'a str,
    status: u16,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    submission: Option<SubmissionId>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    summary: Vec<Cause>,
    errors: &'a [Problem],
}

/// The status of an error is that of its first problem; all of them have the same.
fn status(error: &Error) -> StatusCode {
    debug_assert!(
        error.problems.iter().all(|problem| problem.code.status() == error.status()),
        "problems of several statuses: {:?}",
        error.problems
    );
    StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The status as it stands above the page of an error: `404 Not Found`.
pub fn status_line(error: &Error) -> String {
    status(error).to_string()
}

/// The problem document of an error.
pub fn document(error: &Error) -> impl Serialize {
    ProblemJson {
        r#type: "about:blank",
        title: error.title(),
        status: error.status(),
        detail: error.detail(),
        submission: error.submission(),
        summary: error.summary(),
        errors: &error.problems,
    }
}

/// Writes down what went wrong on our side.
pub fn log(error: &Error) {
    match (error.cause(), error.code()) {
        (None, _) => {}
        (Some(cause), Some(Code::ServerError) | None) => tracing::error!(cause, "a request failed"),
        (Some(cause), Some(code)) => tracing::warn!(cause, %code, "a request failed"),
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        log(&self);
        let mut response = (status(&self), Json(document(&self))).into_response();
        let headers = response.headers_mut();
        let kind = HeaderValue::from_static("application/problem+json; charset=utf-8");
        headers.insert(CONTENT_TYPE, kind);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status() == Code::AuthRequired.status() {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        wait(&mut response, self.retry_after_s());
        response.extensions_mut().insert(self);
        response
    }
}

fn wait(response: &mut Response, seconds: Option<u64>) {
    if let Some(seconds) = seconds {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
}

/// An answer in one line of text, with a code's status.
pub fn plain(code: Code, text: &'static str) -> Response {
    let status = StatusCode::from_u16(code.status());
    (status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), text).into_response()
}

/// A page that says what was wrong, mostly a form that is shown again: with the error's status.
pub struct ErrorPage {
    status: StatusCode,
    retry_after_s: Option<u64>,
}

impl ErrorPage {
    /// The status of the page, and the problems to show on it. An error of the server is given back: a form that is
    /// shown again would not help.
    pub fn of(error: Error) -> Result<(Self, Vec<Problem>), Error> {
        if error.is_of_the_server() { Err(error) } else { Ok(Self::of_any(error)) }
    }

    /// The same for a page that shows any error.
    pub fn of_any(error: Error) -> (Self, Vec<Problem>) {
        let page = Self { status: status(&error), retry_after_s: error.retry_after_s() };
        (page, error.problems)
    }

    pub fn with(self, page: impl IntoResponse) -> Response {
        let mut response = (self.status, page).into_response();
        wait(&mut response, self.retry_after_s);
        response
    }
}

/// The error behind an answer that no handler of ours made: what the framework refuses by itself.
pub fn of_framework(response: &Response) -> Option<Error> {
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    // A form that is shown again with what was wrong is a page already.
    let page = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if !failed || page || response.extensions().get::<Error>().is_some() {
        return None;
    }
    Some(match status {
        StatusCode::NOT_FOUND => Error::not_found(),
        StatusCode::METHOD_NOT_ALLOWED => Error::new(
            Code::MethodNotAllowed,
            "a method of this address",
            "another one",
            "The API page lists every address and its methods.",
        ),
        StatusCode::PAYLOAD_TOO_LARGE => Error::new(
            Code::RequestTooLarge,
            "a smaller body",
            "a body over the limit",
            "Send less.",
        ),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Error::new(
            Code::RequestMediaType,
            "the content type that the API page names",
            "another one",
            "curl's -F sends multipart/form-data.",
        ),
        status if status.is_server_error() => Error::internal(status),
        _ => Error::new(
            Code::RequestMalformed,
            "a request as described on the API page",
            "one that can't be read",
            "Compare your request with the examples.",
        ),
    })
}
