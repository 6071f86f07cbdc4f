//! Which submissions are their teams' entries, and which once were: everybody may look at these. The others are tries, for
//! the team and the organisers.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use super::{Candidate, Row};
use crate::domain::{Counting, PerMetric, RankedMetric, Scheme, SubmissionId, TeamId};

/// Whether a submission is an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Counts {
    /// It is on the leaderboard.
    Now,
    /// It was its team's entry when it came.
    Earlier,
    Never,
}

impl Counts {
    /// Whether everybody may look at it.
    pub fn is_public(self) -> bool {
        self != Self::Never
    }

    /// As people read it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Now => "counts",
            Self::Earlier => "counted earlier",
            Self::Never => "",
        }
    }
}

/// Finds out, for candidates that come oldest first, which of them count by what is shown of them: the entries that there are,
/// and what was its team's entry when it came. Where a team's best counts, that is what was no worse in any mean that
/// the scheme compares and better in one than the team's entry before; who else stood on the leaderboard then is not looked at.
pub(super) fn mark(
    candidates: &mut [Candidate],
    entries: &[Row],
    counting: Counting,
    scheme: Scheme,
) {
    let entries: HashSet<SubmissionId> = entries.iter().map(|row| row.submission).collect();
    let mut best: HashMap<TeamId, PerMetric<f64>> = HashMap::new();
    for one in candidates {
        let team = one.submission.team_id;
        let counted = match (counting, one.shown) {
            (Counting::Best, Some(means)) => {
                let counted = best.get(&team).is_none_or(|best| beats(&means, best, scheme));
                if counted {
                    best.insert(team, means);
                }
                counted
            }
            // The latest counts, and of a board without scores no more is known.
            _ => true,
        };
        one.counts = match (entries.contains(&one.submission.id), counted) {
            (true, _) => Counts::Now,
            (false, true) => Counts::Earlier,
            (false, false) => Counts::Never,
        };
    }
}

fn beats(means: &PerMetric<f64>, best: &PerMetric<f64>, scheme: Scheme) -> bool {
    let better = |a: &PerMetric<f64>, b: &PerMetric<f64>, metric: RankedMetric| {
        metric.direction.is_better(*a.of(metric), *b.of(metric))
    };
    let mut compared = RankedMetric::ALL
        .into_iter()
        .filter(|metric| scheme != Scheme::DiceOnly || *metric == RankedMetric::Dice);
    let worse = compared.clone().any(|metric| better(best, means, metric));
    !worse && compared.any(|metric| better(means, best, metric))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_better_in_one_metric_and_worse_in_none_takes_the_place() {
        let best = PerMetric { dice: 0.8, hd95: 5.0 };
        for (dice, hd95, overall, by_dice) in [
            (0.8, 5.0, false, false),
            (0.9, 5.0, true, true),
            (0.9, 6.0, false, true),
            (0.8, 4.0, true, false),
            (0.7, 4.0, false, false),
        ] {
            let means = PerMetric { dice, hd95 };
            assert_eq!(beats(&means, &best, Scheme::MeanOfPositions), overall, "{means:?}");
            assert_eq!(beats(&means, &best, Scheme::DiceOnly), by_dice, "{means:?}");
        }
    }
}
