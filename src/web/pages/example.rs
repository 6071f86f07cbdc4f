//! Synthetic coronary trees on the overview, in a picture and in 3-D. Made once, when they are first asked for.

use axum::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use tokio::sync::OnceCell;

use crate::domain::Error;
use crate::scoring::Example;

/// The same for everybody and for as long as the program runs.
static EXAMPLE: OnceCell<Example> = OnceCell::const_new();

const KEPT: &str = "public, max-age=86400";

async fn example() -> Result<&'static Example, Error> {
    let make = || async {
        let made = tokio::task::spawn_blocking(Example::new).await;
        made.map_err(Error::internal)?.map_err(Error::internal)
    };
    EXAMPLE.get_or_try_init(make).await
}

/// `GET /example.png`
pub async fn picture() -> Result<Response, Error> {
    let headers = [(CONTENT_TYPE, "image/png"), (CACHE_CONTROL, KEPT)];
    Ok((headers, example().await?.picture.as_slice()).into_response())
}

/// `GET /example.mesh`
pub async fn mesh() -> Result<Response, Error> {
    let headers = [
        (CONTENT_TYPE, "application/octet-stream"),
        (CONTENT_ENCODING, "gzip"),
        (CACHE_CONTROL, KEPT),
    ];
    Ok((headers, example().await?.mesh.as_slice()).into_response())
}
