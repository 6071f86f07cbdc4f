use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::download::{CSV, file};
use crate::domain::{Code, Error, Problem};
use crate::leaderboard::{csv, latex};
use crate::service::Caller;
use crate::web::App;
use crate::web::query::{Asked, RankingQuery};
use crate::web::revalidate::{Tag, takes_gzip};

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
    headers: HeaderMap,
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
            let tag = Extension(Tag::of(leaderboard.json_digest()?));
            let json = (tag, [(header::CONTENT_TYPE, "application/json")]);
            if takes_gzip(&headers) {
                let gzip = [(header::CONTENT_ENCODING, "gzip"), (header::VARY, "accept-encoding")];
                return Ok((json, gzip, leaderboard.gzipped_json()?).into_response());
            }
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
    Ok(file(kind, &name, text))
}
