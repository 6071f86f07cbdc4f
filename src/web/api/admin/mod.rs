//! `/api/v1/admin`: everything an organiser can do.

pub mod announcements;
pub mod audit;
pub mod exports;
pub mod phases;
pub mod submissions;
pub mod teams;
pub mod trials;
pub mod truth_sets;
pub mod users;

use axum::http::StatusCode;

use crate::challenge::Code;
use crate::web::failure::Failure;

/// What a body that can't be read should have been.
fn not_json(expected: &str) -> Failure {
    Failure::of(
        StatusCode::UNPROCESSABLE_ENTITY,
        Code::FieldInvalid,
        expected,
        "another body",
        "Send JSON with the header 'Content-Type: application/json'.",
    )
}
