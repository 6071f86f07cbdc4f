use axum::Json;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Deserialize;

use super::download::{CSV, download};
use crate::scoring::Pair;
use crate::store::Timestamp;
use crate::text::csv_line;
use crate::web::App;
use crate::web::board::{Board, Row, board};
use crate::web::caller::Caller;
use crate::web::failure::Failure;
use crate::web::submit::phase_named;

#[derive(Deserialize)]
pub struct Which {
    #[serde(default)]
    phase: String,
    /// `json` or `csv`.
    #[serde(default)]
    format: String,
}

/// `GET /leaderboard`: the ranking of a phase, by default the open one.
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Query(of): Query<Which>,
) -> Result<Response, Failure> {
    let phase = phase_named(&app, &of.phase, Timestamp::now()).await?;
    let board = board(&app, &caller, &phase).await?;
    if of.format != "csv" {
        return Ok(Json(board).into_response());
    }
    let name = format!("asoca-{}-leaderboard.csv", board.phase);
    Ok(download(CSV, &name, stream::iter([Ok(csv(&board))])))
}

fn csv(board: &Board) -> String {
    let mut head: Vec<String> = [
        "position",
        "rank_score",
        "dice_position",
        "hd95_position",
        "team",
        "method",
        "url",
        "submission",
        "created_at",
    ]
    .map(str::to_owned)
    .into();
    for group in ["all", "normal", "diseased"] {
        head.extend(
            ["dice_mean", "dice_std", "hd95_mean", "hd95_std"].map(|of| format!("{of}_{group}")),
        );
    }
    let mut text = line(&head);
    board.entries.iter().for_each(|row| text += &line(&fields(row)));
    text
}

fn line(fields: &[String]) -> String {
    csv_line(&fields.iter().map(String::as_str).collect::<Vec<_>>())
}

fn fields(row: &Row) -> Vec<String> {
    let mut fields = vec![
        row.position.to_string(),
        row.rank_score.to_string(),
        row.dice_position.to_string(),
        row.hd95_position.to_string(),
        row.team.clone(),
        row.method.clone(),
        row.url.clone(),
        row.submission.to_string(),
        row.created_at.rfc3339(),
    ];
    for pair in [&row.aggregates.all, &row.aggregates.normal, &row.aggregates.diseased] {
        let of = |value: fn(&Pair) -> f64| {
            pair.as_ref().map(value).map_or(String::new(), |x| x.to_string())
        };
        fields.extend([
            of(|pair| pair.dice.mean),
            of(|pair| pair.dice.std),
            of(|pair| pair.hd95.mean),
            of(|pair| pair.hd95.std),
        ]);
    }
    fields
}
