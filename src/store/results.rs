use std::collections::HashMap;

use sqlx::FromRow;
use sqlx::types::Json;

use super::engine::{Result, Store, on};
use super::search::{among, grouped};
use crate::domain::{CaseWarning, EvaluationId, PerMetric, VesselValues, Withheld};
use segmentation_metrics::secondary::SecondaryMetrics;

/// The metrics of one case and what to tell about it.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseResult {
    pub case_id: String,
    pub dice: f64,
    /// mm
    pub hd95: f64,
    pub warnings: Vec<CaseWarning>,
    /// `None` where they were not computed.
    pub secondary: Option<SecondaryMetrics>,
    /// `None` where they were not computed.
    pub vessels: Option<VesselValues>,
    /// What was scored; `None` where that was not written down.
    pub mask: Option<SentMask>,
}

/// What tells a mask from every other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentMask {
    /// Foreground.
    pub voxels: i64,
    /// Of shape and bits, not of the file.
    pub sha256: String,
}

impl CaseResult {
    /// The official metrics of every case.
    pub fn values(results: &Withheld<Vec<Self>>) -> Withheld<Vec<PerMetric<f64>>> {
        let case = |case: &Self| PerMetric { dice: case.dice, hd95: case.hd95 };
        let values = results.to_round().iter().map(case);
        Withheld::new(values.collect())
    }

    /// What is warned of, each with the case it is about: all of it, or what the truth has no part in.
    pub fn warnings(
        results: &Withheld<Vec<Self>>,
        from_truth: bool,
    ) -> impl Iterator<Item = (String, CaseWarning)> {
        let of_case = |case: &Self| {
            let id = case.case_id.clone();
            case.warnings.clone().into_iter().map(move |warning| (id.clone(), warning))
        };
        let all: Vec<_> = results.to_round().iter().flat_map(of_case).collect();
        all.into_iter().filter(move |(_, warning)| from_truth || warning.is_of_upload())
    }

    /// How the predictions of more than half of the cases are turned alike, if they are.
    pub fn most_turned(results: &Withheld<Vec<Self>>) -> Option<String> {
        let cases = results.to_round();
        let turn = |case: &Self| {
            case.warnings.iter().find_map(|warning| match warning {
                CaseWarning::Turned { turned } => Some(turned.clone()),
                CaseWarning::Upload(_) => None,
            })
        };
        let turns: Vec<String> = cases.iter().filter_map(turn).collect();
        let alike = |turn: &&String| turns.iter().filter(|other| other == turn).count();
        let most = turns.iter().max_by_key(alike)?;
        (2 * alike(&most) > cases.len()).then(|| most.clone())
    }
}

#[derive(FromRow)]
struct ResultRow {
    evaluation_id: EvaluationId,
    case_id: String,
    dice: f64,
    hd95: f64,
    #[sqlx(json)]
    warnings: Vec<CaseWarning>,
    #[sqlx(flatten)]
    secondary: SecondaryRow,
    vessels: Option<Json<VesselValues>>,
    voxels: Option<i64>,
    sha256: Option<String>,
}

#[derive(FromRow)]
struct SecondaryRow {
    cl_dice: Option<f64>,
    surface_dice: Option<f64>,
    voxel_precision: Option<f64>,
    voxel_recall: Option<f64>,
    component_difference: Option<i64>,
}

impl SecondaryRow {
    /// All of them or nothing.
    fn whole(self) -> Option<SecondaryMetrics> {
        Some(SecondaryMetrics {
            cl_dice: self.cl_dice?,
            surface_dice: self.surface_dice?,
            precision: self.voxel_precision?,
            recall: self.voxel_recall?,
            component_difference: self.component_difference?,
        })
    }
}

impl From<ResultRow> for CaseResult {
    fn from(row: ResultRow) -> Self {
        Self {
            case_id: row.case_id,
            dice: row.dice,
            hd95: row.hd95,
            warnings: row.warnings,
            secondary: row.secondary.whole(),
            vessels: row.vessels.map(|Json(vessels)| vessels),
            mask: row.voxels.zip(row.sha256).map(|(voxels, sha256)| SentMask { voxels, sha256 }),
        }
    }
}

impl Store {
    /// The results of each of these official evaluations that has a score, in the order of its truth set.
    pub async fn results_of(
        &self,
        evaluations: &[EvaluationId],
    ) -> Result<HashMap<EvaluationId, Withheld<Vec<CaseResult>>>> {
        let text = among!(
            self,
            "select r.evaluation_id, r.case_id, r.dice, r.hd95, r.warnings, r.cl_dice, r.surface_dice,
                    r.voxel_precision, r.voxel_recall, r.component_difference, r.vessels, m.voxels, m.sha256
             from official_results r
             left join case_masks m on m.submission_id = r.submission_id and m.case_id = r.case_id
             where r.evaluation_id",
            "order by r.position"
        );
        let rows: Vec<ResultRow> = on!(self.read, db => sqlx::query_as(text)
            .bind(Json(evaluations))
            .fetch_all(db))?;
        let rows = rows.into_iter().map(|row| (row.evaluation_id, CaseResult::from(row)));
        Ok(grouped(rows).into_iter().map(|(id, cases)| (id, Withheld::new(cases))).collect())
    }

    /// clDice, Surface Dice, precision and recall of the cases of these official evaluations that have them.
    pub async fn secondary_of(
        &self,
        evaluations: &[EvaluationId],
    ) -> Result<HashMap<EvaluationId, Withheld<Vec<[f64; 4]>>>> {
        let text = among!(
            self,
            "select evaluation_id, cl_dice, surface_dice, voxel_precision, voxel_recall from official_results
             where cl_dice is not null and surface_dice is not null and voxel_precision is not null
               and voxel_recall is not null and evaluation_id",
            ""
        );
        let rows: Vec<(EvaluationId, f64, f64, f64, f64)> =
            on!(self.read, db => sqlx::query_as(text).bind(Json(evaluations)).fetch_all(db))?;
        let rows = rows.into_iter().map(|(id, a, b, c, d)| (id, [a, b, c, d]));
        Ok(grouped(rows).into_iter().map(|(id, cases)| (id, Withheld::new(cases))).collect())
    }

    /// The results of an official evaluation; none if it has no score.
    pub async fn case_results(&self, of: EvaluationId) -> Result<Withheld<Vec<CaseResult>>> {
        let none = || Withheld::new(Vec::new());
        Ok(self.results_of(&[of]).await?.remove(&of).unwrap_or_else(none))
    }
}
