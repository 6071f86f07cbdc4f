use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::challenge::Group;
use crate::store::Timestamp;
use crate::web::App;
use crate::web::analysis::analysis;
use crate::web::caller::Caller;
use crate::web::failure::Failure;
use crate::web::plots::Plots;
use crate::web::submit::phase_named;

#[derive(Deserialize)]
pub struct Which {
    #[serde(default)]
    phase: String,
    /// `normal`, `diseased`, or anything else for all cases.
    #[serde(default)]
    group: String,
}

/// `GET /plots/{name}`: one of the plots, as a file.
pub async fn file(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
    Query(which): Query<Which>,
) -> Result<Response, Failure> {
    let phase = phase_named(&app, &which.phase, Timestamp::now()).await?;
    let group: Option<Group> = which.group.parse().ok();
    let analysis = analysis(&app, &caller, &phase, group).await?;
    let plots = Plots::of(&app, &caller, &phase, &analysis).await?;
    let name = name.strip_suffix(".svg").ok_or_else(Failure::not_found)?;
    let plot = plots.named(name).ok_or_else(Failure::not_found)?;
    let group = group.map_or("all", Group::as_str);
    let file = format!("asoca-{}-{}-{group}.svg", phase.slug, plot.name);
    let headers = [
        (header::CONTENT_TYPE, "image/svg+xml".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{file}\"")),
    ];
    Ok((headers, plot.file()).into_response())
}
