//! The secondary metrics of all entries, to show and to sort by.

use std::collections::HashMap;

use segmentation_metrics::Summary;

use super::{Leaderboard, Leaderboards, View};
use crate::domain::metric::{CL_DICE, Metric, PRECISION, RECALL, SURFACE_DICE};
use crate::domain::{Error, EvaluationId};
use crate::store::Store;

/// Those that a table has room for.
pub static SECONDARY: [&Metric; 4] = [&CL_DICE, &SURFACE_DICE, &PRECISION, &RECALL];

/// Means over all cases of the metrics of [`SECONDARY`], in their order.
pub type SecondaryMeans = [f64; 4];

/// Of each entry and baseline that has them, where numbers are shown exactly: elsewhere of none.
pub type Secondary = HashMap<EvaluationId, SecondaryMeans>;

/// So many evaluations are read at a time.
const AT_ONCE: usize = 500;

impl Leaderboards {
    /// The secondary metrics of everything on a leaderboard, read when they are first asked for.
    pub async fn secondary<'a>(&self, view: &'a View) -> Result<&'a Secondary, Error> {
        view.secondary.get_or_try_init(|| read(&self.store, view)).await
    }
}

async fn read(store: &Store, of: &Leaderboard) -> Result<Secondary, Error> {
    let mut found = Secondary::new();
    let Some(exact) = of.disclosure.exact() else { return Ok(found) };
    let evaluations: Vec<EvaluationId> = of.all_rows().map(|row| row.evaluation).collect();
    for some in evaluations.chunks(AT_ONCE) {
        for (evaluation, cases) in store.secondary_of(some).await? {
            found.extend(means(cases.open(exact)).map(|means| (evaluation, means)));
        }
    }
    Ok(found)
}

/// Over the cases that have them; nothing where none has.
fn means(cases: &[SecondaryMeans]) -> Option<SecondaryMeans> {
    let mut means = SecondaryMeans::default();
    for (at, mean) in means.iter_mut().enumerate() {
        let values: Vec<f64> = cases.iter().filter_map(|case| case.get(at).copied()).collect();
        *mean = Summary::of(&values)?.mean;
    }
    Some(means)
}
