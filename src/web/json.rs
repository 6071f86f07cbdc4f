//! JSON in requests: one extractor for all handlers, so that each refuses the same things in the same words.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;

use super::multipart::{MultipartError, Parts};
use crate::domain::{Code, Error, Problem};
use crate::json::{self, JsonError};

/// A description of 20 000 characters fits, written with escapes alone.
const MAX_BYTES: usize = 256 * 1024;

/// What a handler takes as JSON.
pub trait Expected: DeserializeOwned {
    /// What the body looks like, for who has sent another one.
    const EXPECTED: &'static str;
}

/// The body of a request, read strictly: 415 for another content type, 413 for too much, 400 for what is no
/// JSON, 422 for what doesn't fit, unknown members among that.
pub struct Input<T>(pub T);

impl<T: Expected, S: Send + Sync> FromRequest<S> for Input<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        let (parts, body) = request.into_parts();
        let document = document(&parts.headers, body, MAX_BYTES).await?;
        json::object(&document).map(Self).map_err(|error| refused(T::EXPECTED, error))
    }
}

/// The bytes of a body that says it is JSON, no more than so many.
pub async fn document(headers: &HeaderMap, body: Body, max_bytes: usize) -> Result<Vec<u8>, Error> {
    if !is_json(headers) {
        return Err(Error::new(
            Code::RequestMediaType,
            "JSON, with the header 'Content-Type: application/json'",
            "another content type, or none",
            "curl's --json sends it; with -d and --data-binary add -H 'Content-Type: application/json'.",
        ));
    }
    let announced =
        headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let mut chunks = body.into_data_stream();
    if announced.is_none_or(|length: u64| length <= max_bytes as u64) {
        let mut document = Vec::new();
        loop {
            let Some(chunk) = chunks.next().await else { return Ok(document) };
            let chunk: Bytes = chunk.map_err(MultipartError::Broken)?;
            if document.len() + chunk.len() > max_bytes {
                break;
            }
            document.extend_from_slice(&chunk);
        }
    }
    Err(Error::new(
        Code::RequestTooLarge,
        format!("at most {max_bytes} bytes of JSON"),
        "more",
        "Send less, for instance in several requests.",
    ))
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
    let kind = kind.to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// What is wrong with a document, as the problems of an answer.
fn refused(expected: &str, error: JsonError) -> Error {
    let found = error.to_string();
    match error {
        JsonError::Empty | JsonError::Encoding { .. } | JsonError::Syntax { .. } => Error::new(
            Code::RequestMalformed,
            expected,
            found,
            "Send JSON, preferably as printed by a JSON library.",
        ),
        JsonError::Unfit { .. } => Error::from(Problem::new(
            Code::FieldInvalid,
            expected,
            found,
            "Change the body and send it again.",
        )),
        JsonError::Unknown(members) => {
            let problem = |member: String| {
                let hint = "Remove it, or check its spelling.";
                let found = JsonError::Unknown(vec![member]).to_string();
                Problem::new(Code::FieldInvalid, expected, found, hint)
            };
            let problems = members.into_iter().map(problem).collect();
            Error::of(problems)
        }
    }
}

/// What the headers of a form's parts may add to the document.
const FORM_OVERHEAD: u64 = 64 * 1024;

/// A document that is the first file of a form, as far as `limit` bytes and no further.
pub async fn document_of_form(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
) -> Result<Vec<u8>, Error> {
    let mut parts = Parts::new(headers, body, limit as u64 + FORM_OVERHEAD)?;
    let mut document = Vec::new();
    while let Some(mut part) = parts.next().await? {
        if part.name() != "file" {
            continue;
        }
        while let Some(chunk) = part.chunk().await? {
            document.extend_from_slice(&chunk);
            if document.len() > limit {
                return Ok(document);
            }
        }
        return Ok(document);
    }
    Ok(document)
}
