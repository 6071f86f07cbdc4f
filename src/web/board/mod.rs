//! The leaderboard of a phase, for the API and the pages alike: as it is, or as it stood at an earlier moment.

mod csv;
mod kept;
mod read;
mod shown;
mod table;
mod tex;
mod which;

use serde::Serialize;
use uuid::Uuid;

use crate::domain::{Disclosure, Group, Observers, Visibility};
use crate::ranking::{Counting, Scheme};
use crate::scoring::{Pair, ShownAggregates, ShownSummary};
use crate::store::{Scores, Timestamp};

pub use csv::csv;
pub use kept::Boards;
pub use read::groups;
pub use shown::{Shown, board};
pub use table::{Contender, rows};
pub use tex::{citation, tex};
pub use which::Which;

#[derive(Debug, Serialize)]
pub struct Board {
    pub phase: String,
    pub title: String,
    /// The moment whose ranking this is; none for the present one.
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
    pub cases: usize,
    /// How much of the leaderboard this is; an organiser sees all of it.
    pub visibility: Visibility,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frozen_at: Option<Timestamp>,
    pub entries: Vec<Row>,
    /// What people reach, for comparison.
    pub observers: Observers,
    /// The cases with their groups, in the order of [`Row::values`].
    #[serde(skip)]
    pub groups: Vec<(String, Group)>,
    /// Everything that may be ranked, oldest first: a team's weaker submissions as well.
    #[serde(skip)]
    pub contenders: Vec<Contender>,
}

#[derive(Debug, Serialize)]
pub struct Row {
    /// Nothing where no score is shown.
    #[serde(flatten)]
    pub placed: Option<Placed>,
    pub submission: Uuid,
    pub team: String,
    pub team_id: Uuid,
    pub method: String,
    pub url: String,
    pub created_at: Timestamp,
    /// Dice and HD95 (mm) of every case, in the order of the truth set.
    #[serde(skip)]
    pub values: Scores,
}

/// Where an entry stands and what it has scored, as it is shown.
#[derive(Debug, Serialize)]
pub struct Placed {
    pub position: usize,
    /// What the position is by, as the scheme has it; smaller is better.
    pub rank_score: f64,
    pub dice_position: usize,
    pub hd95_position: usize,
    /// Mean over all cases.
    pub dice: f64,
    /// mm, mean over all cases.
    pub hd95: f64,
    pub aggregates: ShownAggregates,
}

impl Board {
    /// How many entries stand before the row of what people reach: all until the first whose mean Dice over these
    /// cases is smaller. None where that is not known of these cases, or no scores are shown.
    pub fn before_observers(&self, group: Option<Group>) -> Option<usize> {
        if self.disclosure == Disclosure::Hidden {
            return None;
        }
        let reached = self.observers.of_group(group)?.dice.mean;
        let smaller = |row: &Row| row.of(group).is_some_and(|cell| cell.dice.mean() < reached);
        Some(self.entries.iter().position(smaller).unwrap_or(self.entries.len()))
    }
}

impl Row {
    /// What is shown of one group, or of all cases.
    pub fn of(&self, group: Option<Group>) -> Option<&Pair<ShownSummary>> {
        self.placed.as_ref()?.aggregates.of_group(group)
    }
}
