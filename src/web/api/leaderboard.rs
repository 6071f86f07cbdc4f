use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Deserialize;

use super::download::{CSV, download};
use crate::domain::{Code, Error, Problem};
use crate::web::App;
use crate::web::board::{Which, board, csv, tex};
use crate::web::caller::Caller;

#[derive(Deserialize)]
pub struct Form {
    /// `json`, `csv` or `tex`; the group of cases is for the last of them.
    #[serde(default)]
    format: String,
}

/// `GET /leaderboard`: the ranking of a phase, by default the open one, as it is or as it stood.
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Query(which): Query<Which>,
    Query(of): Query<Form>,
) -> Result<Response, Error> {
    let phase = which.phase(&app).await?;
    let board = board(&app, &caller, &phase, which.at()?).await?;
    let (kind, text) = match of.format.as_str() {
        "" | "json" => {
            let json = [(header::CONTENT_TYPE, "application/json")];
            return Ok((json, board.json()?).into_response());
        }
        "csv" => (CSV, csv(&board)),
        "tex" => ("application/x-tex; charset=utf-8", tex(&board, which.group())),
        other => {
            let hint = "Leave it out for JSON.";
            let problem = Problem::new(Code::FieldInvalid, "json, csv or tex", other, hint);
            return Err(Error::of(vec![problem]));
        }
    };
    let format = of.format;
    let name = format!("asoca-{}-leaderboard.{format}", board.phase);
    Ok(download(kind, &name, stream::iter([Ok(text)])))
}
