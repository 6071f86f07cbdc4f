use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;

use crate::domain::{Disclosure, Error, SubmissionId, TeamId};
use crate::leaderboard::{Candidate, Counts, Leaderboard};
use crate::scoring::ShownAggregates;
use crate::service::{Caller, entries};
use crate::store::{TeamProfile, Timestamp};
use crate::web::App;
use crate::web::query::{Asked, RankingQuery};

/// A team on the leaderboard of a phase.
#[derive(Serialize)]
pub struct Shown {
    id: TeamId,
    name: String,
    #[serde(flatten)]
    profile: TeamProfile,
    phase: String,
    disclosure: Disclosure,
    /// Newest first.
    entries: Vec<Listed>,
}

#[derive(Serialize)]
struct Listed {
    submission: SubmissionId,
    method: String,
    created_at: Timestamp,
    counts: Counts,
    #[serde(skip_serializing_if = "Option::is_none")]
    aggregates: Option<ShownAggregates>,
}

impl Listed {
    fn of(one: &Candidate, board: &Leaderboard) -> Self {
        Self {
            submission: one.submission.id,
            method: one.submission.method.clone(),
            created_at: one.submission.created_at,
            counts: one.counts,
            aggregates: ShownAggregates::of(&one.values, &board.groups, board.disclosure),
        }
    }
}

/// `GET /teams/{id}`: what a team says of itself, and its entries on the leaderboard of a phase.
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Asked(query): Asked<RankingQuery>,
) -> Result<Json<Shown>, Error> {
    let (phase, at) = (query.phase(app.store()).await?, query.at()?);
    let team = entries::team(&app.services, &caller, &id, &phase, at).await?;
    let board = &team.leaderboard;
    let mut entries: Vec<Listed> = team.submissions().map(|one| Listed::of(one, board)).collect();
    entries.reverse();
    Ok(Json(Shown {
        id: team.id,
        name: team.name.clone(),
        profile: team.profile.clone(),
        phase: board.phase.clone(),
        disclosure: board.disclosure,
        entries,
    }))
}
