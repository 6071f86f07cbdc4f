//! The leaderboard of a phase, as it is or as it stood at an earlier moment, and how far it can be trusted: assembled,
//! cached, and in all the forms that it is shown in but the page. Knows nothing of HTTP.

mod analysis;
mod assemble;
mod baselines;
mod cache;
mod comparison;
mod counted;
mod disclosure;
mod export_csv;
mod export_latex;
mod latex_text;
mod listing;
#[cfg(test)]
mod made_up;
mod place;
mod plots;
mod reference;
mod rows;
mod secondary;
mod single_flight;
mod view;

use std::collections::HashSet;
use std::sync::Arc;

use serde::Serialize;

use crate::domain::{
    Action, Actor, Agreement, Counting, Disclosure, Error, EvaluationId, Group, Observers,
    PerMetric, RankedMetric, Scheme, SubmissionId, TeamId, Visibility, may,
};
use crate::scoring::{ShownAggregates, ShownSummary};
use crate::store::{Phase, Scores, Store, Timestamp};

pub use analysis::{AgainstFirst, Analysis, MAX_TESTED};
pub use assemble::groups;
pub use comparison::{Comparison, Difference, MAX_COMPARED};
pub use counted::Counts;
pub use disclosure::withheld;
pub use export_csv::csv;
pub use export_latex::{citation, latex};
pub use latex_text::{ANY_CHARACTER, FONTS_WITH_CYRILLIC, escaped};
pub use listing::{Columns, Listing, Order, PAGE, Sort, Wanted};
pub use place::{Before, Neighbour, Place};
pub use plots::{Plots, ProgressPlots, cases_among, team_progress};
pub use reference::reference;
pub use rows::{Candidate, rows};
pub use secondary::{SECONDARY, Secondary, SecondaryMeans};
pub use view::View;

use analysis::Analyses;
use assemble::Key;
use cache::Cache;

/// The leaderboards of all phases, and what was computed of them.
#[derive(Clone, Debug)]
pub struct Leaderboards {
    store: Store,
    cache: Arc<Cache>,
    analyses: Arc<Analyses>,
}

impl Leaderboards {
    pub fn new(store: Store) -> Self {
        Self { store, cache: Arc::default(), analyses: Arc::default() }
    }

    /// The leaderboard as `actor` may see it: to all but organisers nothing of a hidden one, and of a frozen one
    /// what was sent before it was frozen; and as it stood at a moment, where one is given.
    pub async fn view(
        &self,
        actor: &Actor,
        phase: &Phase,
        at: Option<Timestamp>,
    ) -> Result<Arc<View>, Error> {
        let organiser = may(actor, Action::Organise).is_ok();
        let (visibility, frozen_at) = match phase.rules.leaderboard {
            _ if organiser => (Visibility::Public, None),
            Visibility::Frozen => (Visibility::Frozen, phase.rules.frozen_at),
            other => (other, None),
        };
        let disclosure = self.disclosure(actor, phase, at).await?;
        let key = Key { phase: phase.id, visibility, frozen_at, at, disclosure };
        self.cache.view(&self.store, key).await
    }

    /// Which of a phase's submissions were better than what their team had been shown.
    pub async fn improving(&self, phase: &Phase) -> Result<Arc<HashSet<EvaluationId>>, Error> {
        self.cache.improving(&self.store, phase).await
    }
}

#[derive(Debug, Serialize)]
pub struct Leaderboard {
    pub phase: String,
    pub title: String,
    /// The moment whose ranking this is; none for the current one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Which of a team's submissions counts.
    pub counting: Counting,
    /// What the positions are by.
    pub scheme: Scheme,
    /// How much of the scores this holds.
    pub disclosure: Disclosure,
    pub scorer_version: &'static str,
    pub truth_set_digest: String,
    /// How many cases there are.
    pub case_count: usize,
    /// How much of the leaderboard this is; an organiser sees all of it.
    pub visibility: Visibility,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frozen_at: Option<Timestamp>,
    pub entries: Vec<Row>,
    /// What is shown for comparison and has no position, the best mean Dice first.
    pub baselines: Vec<Row>,
    /// Inter-observer agreement, for comparison.
    pub observers: Observers,
    /// The cases with their groups, in the order of [`Row::values`].
    #[serde(skip)]
    pub groups: Vec<(String, Group)>,
    /// Everything that may be ranked, oldest first: a team's weaker submissions as well.
    #[serde(skip)]
    pub candidates: Vec<Candidate>,
    /// The submissions that [`Leaderboard::baselines`] shows, oldest first.
    #[serde(skip)]
    pub unranked: Vec<Candidate>,
}

#[derive(Debug, Serialize)]
pub struct Row {
    /// Nothing where no score is shown, and of a baseline.
    #[serde(flatten)]
    pub placed: Option<Placed>,
    /// Nothing where no score is shown.
    #[serde(flatten)]
    pub scored: Option<Scored>,
    pub submission: SubmissionId,
    /// Whose scores are meant.
    #[serde(skip)]
    pub evaluation: EvaluationId,
    pub team: String,
    pub team_id: TeamId,
    pub method: String,
    pub url: String,
    pub created_at: Timestamp,
    /// Whether it is shown for comparison, and not ranked.
    #[serde(skip)]
    pub baseline: bool,
    /// Dice and HD95 (mm) of every case, in the order of the truth set.
    #[serde(skip)]
    pub values: Scores,
}

/// Where an entry stands.
#[derive(Debug, Serialize)]
pub struct Placed {
    pub position: usize,
    /// What the position is by, smaller is better: the mean of the two rank scores below, or that in Dice alone where
    /// the scheme looks at nothing else.
    pub rank_score: f64,
    /// By mean Dice.
    pub dice_position: usize,
    /// By mean HD95.
    pub hd95_position: usize,
    /// What the scheme makes of Dice: the position, the mean position in the cases, or the position by wins in tests.
    pub dice_rank_score: f64,
    /// The same of HD95.
    pub hd95_rank_score: f64,
}

/// What an entry or a baseline has scored, as it is shown.
#[derive(Debug, Serialize)]
pub struct Scored {
    /// Mean over all cases.
    pub dice: f64,
    /// mm, mean over all cases.
    pub hd95: f64,
    pub aggregates: ShownAggregates,
}

impl Leaderboard {
    /// How many of some entries, the best first, stand before the row of the inter-observer agreement: all until the first that is
    /// worse in a metric's mean over these cases. None where that is not known of these cases, or no scores are shown.
    pub fn before_observers<'a>(
        &self,
        entries: impl IntoIterator<Item = &'a Row>,
        metric: RankedMetric,
        group: Option<Group>,
    ) -> Option<usize> {
        if self.disclosure == Disclosure::Hidden {
            return None;
        }
        let Agreement { dice, hd95, .. } = self.observers.of_group(group)?;
        let reached = PerMetric { dice: dice.mean, hd95: hd95.mean };
        let is_worse = |row: &Row| {
            let mean = row.of(group).map(|shown| shown.of(metric).mean());
            mean.is_some_and(|mean| metric.direction.is_better(*reached.of(metric), mean))
        };
        Some(entries.into_iter().take_while(|row| !is_worse(row)).count())
    }
}

impl Row {
    /// The team's name, and of a baseline that it is one.
    pub fn name(&self) -> String {
        if self.baseline { format!("{} (baseline)", self.team) } else { self.team.clone() }
    }

    /// What is shown of one group, or of all cases.
    pub fn of(&self, group: Option<Group>) -> Option<&PerMetric<ShownSummary>> {
        self.scored.as_ref()?.aggregates.of_group(group)
    }
}
