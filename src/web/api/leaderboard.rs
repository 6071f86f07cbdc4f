use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Deserialize;

use super::download::{CSV, download};
use crate::challenge::{Code, Problem};
use crate::store::Timestamp;
use crate::web::App;
use crate::web::board::{board, csv, moment, tex};
use crate::web::caller::Caller;
use crate::web::failure::Failure;
use crate::web::submit::phase_named;

#[derive(Deserialize)]
pub struct Which {
    #[serde(default)]
    phase: String,
    /// `json`, `csv` or `tex`.
    #[serde(default)]
    format: String,
    /// For `tex`: `normal`, `diseased`, or anything else for all cases.
    #[serde(default)]
    group: String,
    /// The moment whose ranking is wanted.
    #[serde(default)]
    at: String,
}

/// `GET /leaderboard`: the ranking of a phase, by default the open one, as it is or as it stood.
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Query(of): Query<Which>,
) -> Result<Response, Failure> {
    let phase = phase_named(&app, &of.phase, Timestamp::now()).await?;
    let board = board(&app, &caller, &phase, moment(&of.at)?).await?;
    let (kind, text) = match of.format.as_str() {
        "" | "json" => {
            let json = [(header::CONTENT_TYPE, "application/json")];
            return Ok((json, board.json()?).into_response());
        }
        "csv" => (CSV, csv(&board)),
        "tex" => ("application/x-tex; charset=utf-8", tex(&board, of.group.parse().ok())),
        other => {
            let hint = "Leave it out for JSON.";
            let problem = Problem::new(Code::FieldInvalid, "json, csv or tex", other, hint);
            return Err(Failure::problems(StatusCode::UNPROCESSABLE_ENTITY, vec![problem]));
        }
    };
    let format = of.format;
    let name = format!("asoca-{}-leaderboard.{format}", board.phase);
    Ok(download(kind, &name, stream::iter([Ok(text)])))
}
