use axum::Json;
use axum::extract::State;
use serde::Serialize;
use serde_json::{Value, json};

use super::OfPhase;
use crate::domain::{Error, Group};
use crate::service::phases::phase_named;
use crate::store::{Case, Timestamp};
use crate::web::App;
use crate::web::query::Asked;

/// All that is public about a case.
#[derive(Serialize)]
struct PublicCase {
    id: String,
    group: Group,
    /// (x, y, z) in voxels
    shape: [usize; 3],
    /// (x, y, z) in mm
    spacing: [f64; 3],
}

impl From<Case> for PublicCase {
    fn from(case: Case) -> Self {
        let (shape, spacing) = (case.shape(), case.spacing());
        Self { id: case.case_id, group: case.case_group, shape, spacing }
    }
}

/// `GET /cases`: the cases of a phase, by default the open one.
pub async fn list(State(app): State<App>, Asked(of): Asked<OfPhase>) -> Result<Json<Value>, Error> {
    let phase = phase_named(app.store(), &of.phase, Timestamp::now()).await?;
    let cases = app.store().cases(phase.truth_set_id).await?;
    let cases: Vec<PublicCase> = cases.into_iter().map(PublicCase::from).collect();
    Ok(Json(json!({ "phase": phase.slug, "cases": cases })))
}
