use axum::Json;
use axum::extract::State;

use crate::domain::{Code, Error, Problem};
use crate::leaderboard::Comparison;
use crate::service::Caller;
use crate::web::App;
use crate::web::query::{Asked, EntriesQuery, RankingQuery};

/// `GET /compare`: some entries of a leaderboard beside each other.
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<RankingQuery>,
    entries: EntriesQuery,
) -> Result<Json<Comparison>, Error> {
    let phase = match entries.phase(&query, app.store()).await? {
        Some(phase) => phase,
        None => query.phase(app.store()).await?,
    };
    let (group, at) = (query.group()?, query.at()?);
    let view = app.services.leaderboards.view(&caller.actor, &phase, at).await?;
    let compared = tokio::task::spawn_blocking(move || {
        let rows = view.chosen(&entries.0)?;
        if rows.len() < 2 {
            let hint = "They are the submission members of the leaderboard's entries.";
            let problem =
                Problem::new(Code::FieldInvalid, "entries=ID,ID", rows.len().to_string(), hint);
            return Err(Error::of(vec![problem]));
        }
        view.compare(&rows, group)
    });
    Ok(Json(compared.await??))
}
