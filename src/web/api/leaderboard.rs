use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Deserialize;

use super::download::{CSV, download};
use crate::domain::{Code, Error, Problem};
use crate::leaderboard::{csv, latex};
use crate::service::Caller;
use crate::web::App;
use crate::web::query::{Asked, RankingQuery};

#[derive(Deserialize)]
pub struct Form {
    /// `json`, `csv` or `tex`; a group of cases is for the last of them.
    #[serde(default)]
    format: String,
}

/// `GET /leaderboard`: the ranking of a phase, by default the open one, as it is or as it stood.
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<RankingQuery>,
    Asked(of): Asked<Form>,
) -> Result<Response, Error> {
    let group = query.group()?;
    if of.format != "tex" && group.is_some() {
        let hint = "Only LaTeX is of one group; JSON and CSV hold all of them.";
        let problem = Problem::new(Code::FieldInvalid, "group with format=tex", &query.group, hint);
        return Err(Error::of(vec![problem]));
    }
    let phase = query.phase(app.store()).await?;
    let leaderboard = app.services.leaderboards.view(&caller.actor, &phase, query.at()?).await?;
    let (kind, text) = match of.format.as_str() {
        "" | "json" => {
            let json = [(header::CONTENT_TYPE, "application/json")];
            return Ok((json, leaderboard.json()?).into_response());
        }
        "csv" => (CSV, csv(&leaderboard)),
        "tex" => ("application/x-tex; charset=utf-8", latex(&leaderboard, group)),
        other => {
            let hint = "Leave it out for JSON.";
            let problem = Problem::new(Code::FieldInvalid, "json, csv or tex", other, hint);
            return Err(Error::of(vec![problem]));
        }
    };
    let format = of.format;
    let name = format!("asoca-{}-leaderboard.{format}", leaderboard.phase);
    Ok(download(kind, &name, stream::iter([Ok(text)])))
}
