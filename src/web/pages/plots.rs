use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::domain::{Disclosure, Error, Group};
use crate::web::App;
use crate::web::analysis::analysis;
use crate::web::board::{Which, board};
use crate::web::caller::Caller;
use crate::web::plots::{Plots, ProgressPlots};

#[derive(Deserialize)]
pub struct Own {
    /// The id of the team whose own progress is drawn; by default one's own.
    #[serde(default)]
    team: String,
}

/// `GET /plots/{name}`: one of the plots, as a file.
pub async fn file(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
    Query(which): Query<Which>,
    Query(own): Query<Own>,
) -> Result<Response, Error> {
    let phase = which.phase(&app).await?;
    let group = which.group();
    let name = name.strip_suffix(".svg").ok_or_else(Error::not_found)?;
    let board = board(&app, &caller, &phase, which.at()?).await?;
    let own = own.team.parse().ok().or_else(|| caller.team().map(|team| team.id));
    let progress = if board.disclosure == Disclosure::Hidden {
        None
    } else {
        ProgressPlots::of(&board, group, own).named(name)
    };
    let plot = match progress {
        Some(plot) => plot,
        None => {
            let analysis = analysis(&app, &caller, &phase, group, which.at()?).await?;
            Plots::of(&board, &analysis).named(name).ok_or_else(Error::not_found)?
        }
    };
    let group = group.map_or("all", Group::as_str);
    let file = format!("asoca-{}-{}-{group}.svg", phase.slug, plot.name);
    let headers = [
        (header::CONTENT_TYPE, "image/svg+xml".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{file}\"")),
    ];
    Ok((headers, plot.file()).into_response())
}
