//! Baselines among the entries: shown for comparison, without a position, and taking none from anybody.

use std::cmp::Ordering;

use super::{Candidate, Leaderboard, Row};
use crate::domain::{Disclosure, Group};

/// The better mean Dice over these cases first, and what has none last.
pub fn by_dice(a: &Row, b: &Row, group: Option<Group>) -> Ordering {
    match (dice(a, group), dice(b, group)) {
        (Some(a), Some(b)) => b.total_cmp(&a),
        (a, b) => a.is_none().cmp(&b.is_none()),
    }
}

fn dice(row: &Row, group: Option<Group>) -> Option<f64> {
    row.of(group).map(|shown| shown.dice.mean())
}

impl Leaderboard {
    /// Entries and baselines, as many as are shown.
    pub fn all_rows(&self) -> impl Iterator<Item = &Row> {
        self.entries.iter().chain(&self.baselines)
    }

    /// What may be ranked and what is shown as a baseline.
    pub fn all_candidates(&self) -> impl Iterator<Item = &Candidate> {
        self.candidates.iter().chain(&self.unranked)
    }

    /// The entries in their order with the baselines among them: each before the first entry with a smaller mean Dice over
    /// these cases, as the row of the inter-observer agreement; in the order in which they came where no scores are shown.
    pub fn with_baselines(&self, group: Option<Group>) -> Vec<&Row> {
        let mut baselines: Vec<&Row> = self.baselines.iter().collect();
        baselines.sort_by(|a, b| by_dice(a, b, group));
        let stands_before = |baseline: &Row, entry: &Row| match self.disclosure {
            Disclosure::Hidden => baseline.created_at < entry.created_at,
            _ => by_dice(baseline, entry, group) == Ordering::Less,
        };
        let mut rows = Vec::with_capacity(self.entries.len() + baselines.len());
        let mut waiting = baselines.into_iter().peekable();
        for entry in &self.entries {
            while let Some(baseline) = waiting.next_if(|one| stands_before(one, entry)) {
                rows.push(baseline);
            }
            rows.push(entry);
        }
        rows.extend(waiting);
        rows
    }
}
