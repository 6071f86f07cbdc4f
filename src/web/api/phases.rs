use axum::Json;
use axum::extract::State;
use serde::Serialize;
use serde_json::{Value, json};

use crate::domain::{Counting, Error, Feedback, PhaseId};
use crate::store::{Rules, Timestamp};
use crate::web::App;

#[derive(Serialize)]
struct PublicPhase {
    /// Never changes; the slug may.
    id: PhaseId,
    slug: String,
    title: String,
    open: bool,
    opens_at: Timestamp,
    closes_at: Option<Timestamp>,
    quota: i64,
    quota_period_hours: i64,
    feedback: Feedback,
    counting: Counting,
    /// Since when the results are final.
    final_at: Option<Timestamp>,
    #[serde(flatten)]
    rules: Rules,
}

/// `GET /phases`
pub async fn list(State(app): State<App>) -> Result<Json<Value>, Error> {
    let now = Timestamp::now();
    let phases: Vec<PublicPhase> = app
        .store()
        .phases()
        .await?
        .into_iter()
        .map(|phase| PublicPhase {
            id: phase.id,
            open: phase.is_open(now),
            slug: phase.slug,
            title: phase.title,
            opens_at: phase.opens_at,
            closes_at: phase.closes_at,
            quota: phase.quota,
            quota_period_hours: phase.quota_period_hours,
            feedback: phase.feedback,
            counting: phase.counting,
            final_at: phase.final_at,
            rules: phase.rules,
        })
        .collect();
    Ok(Json(json!({ "phases": phases })))
}
