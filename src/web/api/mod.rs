//! `/api/v1`. One file a noun.

pub mod admin;
pub mod analysis;
pub mod announcements;
pub mod cases;
pub mod challenge;
pub mod compare;
pub mod download;
pub mod entries;
pub mod leaderboard;
pub mod members;
pub mod pages;
pub mod phases;
pub mod pictures;
pub mod submissions;
pub mod teams;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::error::of_framework;

/// Which phase is meant; by default the current one.
#[derive(serde::Deserialize)]
pub struct OfPhase {
    #[serde(default)]
    phase: String,
}

/// What the framework itself refuses becomes a problem of the catalogue as well.
pub async fn as_problems(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    match of_framework(&response) {
        Some(error) => error.into_response(),
        None => response,
    }
}
