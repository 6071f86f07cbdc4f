use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::domain::{Disclosure, Error, Group};
use crate::leaderboard::{Plots, ProgressPlots};
use crate::plots::Plot;
use crate::service::Caller;
use crate::web::App;
use crate::web::query::{Asked, RankingQuery};

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
    Asked(query): Asked<RankingQuery>,
    Asked(own): Asked<Own>,
) -> Result<Response, Error> {
    let phase = query.phase(app.store()).await?;
    let group = query.group()?;
    let name = name.strip_suffix(".svg").ok_or_else(Error::not_found)?;
    let leaderboard = app.services.leaderboards.view(&caller.actor, &phase, query.at()?).await?;
    let own = match own.team.as_str() {
        "" => caller.team().map(|team| team.id),
        team => Some(team.parse().map_err(|_| Error::not_found())?),
    };
    let progress = if leaderboard.disclosure == Disclosure::Hidden {
        None
    } else {
        ProgressPlots::of(&leaderboard, group, own, |team| caller.sees_all_of(team)).named(name)
    };
    let plot = match progress {
        Some(plot) => plot,
        None => {
            let analysis = app
                .services
                .leaderboards
                .analysis(&caller.actor, &phase, group, query.at()?)
                .await?;
            Plots::of(&leaderboard, &analysis).named(name).ok_or_else(Error::not_found)?
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

/// Where a plot is as a file.
pub fn file_address(plot: &Plot, phase: &str, rest: &str) -> String {
    format!("/plots/{}.svg?phase={phase}{rest}", plot.name)
}
