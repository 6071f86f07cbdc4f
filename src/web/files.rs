//! The few files the pages need, inside the binary.

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::error::plain;
use crate::domain::Code;

const FILES: &[(&str, &str, &[u8])] = &[
    ("asoca.css", "text/css; charset=utf-8", include_bytes!("../../static/asoca.css")),
    ("asoca.js", "text/javascript; charset=utf-8", include_bytes!("../../static/asoca.js")),
    ("chosen.js", "text/javascript; charset=utf-8", include_bytes!("../../static/chosen.js")),
    ("check.js", "text/javascript; charset=utf-8", include_bytes!("../../static/check.js")),
    ("sending.js", "text/javascript; charset=utf-8", include_bytes!("../../static/sending.js")),
    (
        "htmx-2.0.11.min.js",
        "text/javascript; charset=utf-8",
        include_bytes!("../../static/htmx-2.0.11.min.js"),
    ),
    ("slices.js", "text/javascript; charset=utf-8", include_bytes!("../../static/slices.js")),
    ("viewer.js", "text/javascript; charset=utf-8", include_bytes!("../../static/viewer.js")),
    (
        "viewer-mesh.js",
        "text/javascript; charset=utf-8",
        include_bytes!("../../static/viewer-mesh.js"),
    ),
    ("icon.svg", "image/svg+xml", include_bytes!("../../static/icon.svg")),
];

/// Pages name files with the program's version behind a question mark, so they may be kept.
pub async fn file(Path(name): Path<String>) -> Response {
    let Some((_, kind, bytes)) = FILES.iter().find(|(known, ..)| *known == name) else {
        return plain(Code::NotFound, "There is no such file.\n");
    };
    let headers = [(header::CONTENT_TYPE, *kind), (header::CACHE_CONTROL, "public, max-age=86400")];
    (headers, *bytes).into_response()
}
