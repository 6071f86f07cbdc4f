//! Pictures that organisers have uploaded.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::domain::{Error, ImageKind};
use crate::store::LOGO;
use crate::web::App;

/// As what its bytes were when it was uploaded, and as nothing else: no browser guesses (`nosniff`), and no document
/// is made of it.
pub async fn file(State(app): State<App>, Path(name): Path<String>) -> Result<Response, Error> {
    let image = app.store().image(&name).await?.ok_or_else(Error::not_found)?;
    let kind = match image.kind {
        ImageKind::Png => "image/png",
        ImageKind::Jpeg => "image/jpeg",
        ImageKind::Webp => "image/webp",
    };
    let file = if name == LOGO { format!("{name}.{}", image.kind) } else { name };
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, format!("inline; filename=\"{file}\"")),
        // Another picture may get the name one day.
        (header::CACHE_CONTROL, "public, max-age=300".to_owned()),
    ];
    Ok((headers, image.bytes).into_response())
}
