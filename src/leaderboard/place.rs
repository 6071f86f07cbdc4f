//! Where a team stands on a leaderboard after one of its submissions, and where it stood before, in sentences: no more than the
//! leaderboard itself shows.

use std::cmp::Ordering;

use super::{Leaderboard, Placed, Row};
use crate::domain::{PerMetric, RankedMetric, SubmissionId, TeamId, Visibility};
use crate::scoring::ShownSummary;

/// The place of a team with one of its submissions.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// That of the team's best-placed entry.
    pub position: usize,
    /// How many entries there are.
    pub entries: usize,
    /// Where the team stood before the submission had a result.
    pub before: Before,
    /// The submission that the entry is.
    pub counted: SubmissionId,
    /// The position of the submission itself, where it is an entry.
    pub itself: Option<usize>,
    /// Other entries at the same position.
    pub shared: Vec<String>,
    /// The next better position.
    pub ahead: Option<Neighbour>,
    /// The next worse position.
    pub behind: Option<Neighbour>,
}

/// An earlier place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Before {
    /// Positions were not shown then.
    NotShown,
    /// The team had no entry.
    None,
    At(usize),
}

/// An entry at a position beside the team's own.
#[derive(Clone, Debug, PartialEq)]
pub struct Neighbour {
    pub position: usize,
    pub team: String,
    /// How its means over all cases differ from the team's own, as they are shown.
    pub differs: String,
}

impl Place {
    /// The place of `team` after `submission`; `None` where the leaderboard shows no position of the team.
    ///
    /// `before` is the leaderboard as it was just before the submission had its first result.
    pub fn of(
        now: &Leaderboard,
        before: &Leaderboard,
        team: TeamId,
        submission: SubmissionId,
    ) -> Option<Self> {
        let (own, placed) = with_positions(now).find(|(row, _)| row.team_id == team)?;
        let here = |(row, of): &(&Row, &Placed)| {
            row.submission != own.submission && of.position == placed.position
        };
        let neighbour = |(row, of): (&Row, &Placed)| Neighbour {
            position: of.position,
            team: row.team.clone(),
            differs: differs(row, own).unwrap_or_default(),
        };
        let ahead = next_ahead(now, placed.position);
        let behind = with_positions(now).find(|(_, of)| of.position > placed.position);
        let itself = with_positions(now).find(|(row, _)| row.submission == submission);
        Some(Self {
            position: placed.position,
            entries: now.entries.len(),
            before: Before::of(before, team),
            counted: own.submission,
            itself: itself.map(|(_, of)| of.position),
            shared: with_positions(now).filter(here).map(|(row, _)| row.team.clone()).collect(),
            ahead: ahead.map(neighbour),
            behind: behind.map(neighbour),
        })
    }

    /// Whether the submission is the team's best-placed entry.
    pub fn is_of(&self, submission: &SubmissionId) -> bool {
        self.counted == *submission
    }

    /// Where the team stands and stood, for its members or for others.
    pub fn position_sentence(&self, own: bool) -> String {
        let whose = if own { "Your team" } else { "The team" };
        let Self { position, entries, .. } = self;
        let now = format!("{whose} is at position {position} of {entries}");
        match self.before {
            Before::NotShown => format!("{now}."),
            Before::None => format!("{now}. Before this submission it had no entry."),
            Before::At(before) if before == *position => {
                format!("{now}, the same as before this submission.")
            }
            Before::At(before) => {
                format!("{now}. Before this submission it was at position {before}.")
            }
        }
    }

    /// How far other entries are from the team's own. Empty where it is the only one.
    pub fn distance_sentence(&self) -> String {
        let mut sentences = Vec::new();
        match self.shared.as_slice() {
            [] => {}
            [one] => sentences.push(format!("{one} has the same position.")),
            [one, rest @ ..] => {
                sentences.push(format!("{one} and {} more have the same position.", rest.len()));
            }
        }
        for (which, of) in [("Next ahead", &self.ahead), ("Next behind", &self.behind)] {
            if let Some(Neighbour { position, team, differs }) = of {
                sentences.push(format!("{which} is {team} at position {position}: {differs}."));
            }
        }
        sentences.join(" ")
    }
}

impl Before {
    fn of(leaderboard: &Leaderboard, team: TeamId) -> Self {
        let shown = leaderboard.entries.iter().all(|row| row.placed.is_some());
        if leaderboard.visibility == Visibility::Hidden || !shown {
            return Self::NotShown;
        }
        let own = with_positions(leaderboard).find(|(row, _)| row.team_id == team);
        own.map_or(Self::None, |(_, placed)| Self::At(placed.position))
    }
}

/// The entries whose positions are shown, the best first.
fn with_positions(leaderboard: &Leaderboard) -> impl DoubleEndedIterator<Item = (&Row, &Placed)> {
    leaderboard.entries.iter().filter_map(|row| Some((row, row.placed.as_ref()?)))
}

/// The first entry of the position next to this one, on the better side.
fn next_ahead(leaderboard: &Leaderboard, position: usize) -> Option<(&Row, &Placed)> {
    let better =
        with_positions(leaderboard).rev().find(|(_, of)| of.position < position)?.1.position;
    with_positions(leaderboard).find(|(_, of)| of.position == better)
}

/// How the means of one entry differ from those of another, with the decimals that are shown.
fn differs(of: &Row, from: &Row) -> Option<String> {
    let (of, from) = (of.of(None)?, from.of(None)?);
    let [dice, hd95] = RankedMetric::ALL.map(|metric| difference(metric, of, from));
    Some(format!("{dice} and {hd95}"))
}

fn difference(
    metric: RankedMetric,
    of: &PerMetric<ShownSummary>,
    from: &PerMetric<ShownSummary>,
) -> String {
    let (of, from) = (of.of(metric), from.of(metric));
    let decimals = from.decimals(metric.digits);
    let unit = metric.unit.map(|unit| format!(" {unit}")).unwrap_or_default();
    let (title, by) = (metric.title, of.mean() - from.mean());
    // Equal means may differ by rounding.
    let word = match by.partial_cmp(&0.0) {
        _ if by.abs() < 1e-9 => return format!("the same {title}"),
        Some(Ordering::Less) => "lower",
        _ => "higher",
    };
    let least = 10f64.powi(-(decimals as i32));
    let by = match by.abs() {
        by if by < least / 2.0 => format!("less than {least:.decimals$}"),
        by => format!("{by:.decimals$}"),
    };
    format!("{title} {by}{unit} {word}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Disclosure, Group};
    use crate::leaderboard::made_up::{self, leaderboard as of};

    const EXACT: Disclosure = Disclosure::Exact;

    /// An entry with the same values in twenty cases, half of them normal.
    fn row(team: &str, id: TeamId, position: usize, values: [f64; 2], at: Disclosure) -> Row {
        let cases = [[Group::Normal; 10], [Group::Diseased; 10]].concat();
        made_up::row(team, id, position, values, &cases, at)
    }

    fn three(own: TeamId, at: Disclosure) -> Leaderboard {
        let entries = vec![
            row("Basel", TeamId::new(), 1, [0.91, 3.0], at),
            row("Own", own, 2, [0.9, 3.5], at),
            row("Zürich", TeamId::new(), 3, [0.87654, 3.52], at),
        ];
        of(entries, at)
    }

    #[test]
    fn a_place_is_told_with_the_one_before_and_the_entries_beside_it() {
        let own = TeamId::new();
        let now = three(own, EXACT);
        let sent = now.entries[1].submission;
        let none = Place::of(&now, &of(Vec::new(), EXACT), own, sent).unwrap();
        assert_eq!(
            none.position_sentence(true),
            "Your team is at position 2 of 3. Before this submission it had no entry."
        );
        assert_eq!(
            none.distance_sentence(),
            "Next ahead is Basel at position 1: Dice 0.0100 higher and HD95 0.50 mm lower. \
             Next behind is Zürich at position 3: Dice 0.0235 lower and HD95 0.02 mm higher."
        );
        assert!(none.is_of(&sent) && none.itself == Some(2));
        let worse = of(vec![row("Own", own, 5, [0.5, 9.0], EXACT)], EXACT);
        let climbed = Place::of(&now, &worse, own, sent).unwrap();
        assert_eq!(
            climbed.position_sentence(false),
            "The team is at position 2 of 3. Before this submission it was at position 5."
        );
        let same = Place::of(&now, &now, own, sent).unwrap();
        assert!(same.position_sentence(true).ends_with("the same as before this submission."));
    }

    #[test]
    fn distances_have_no_more_decimals_than_the_means_beside_them() {
        let own = TeamId::new();
        let now = three(own, Disclosure::Rounded);
        let place = Place::of(&now, &now, own, now.entries[1].submission).unwrap();
        assert_eq!(
            place.distance_sentence(),
            "Next ahead is Basel at position 1: Dice 0.010 higher and HD95 0.5 mm lower. \
             Next behind is Zürich at position 3: Dice 0.023 lower and the same HD95."
        );
    }

    #[test]
    fn a_difference_too_small_for_the_decimals_is_not_called_none() {
        let own = TeamId::new();
        let entries = vec![
            row("Own", own, 1, [0.9, 3.0], EXACT),
            row("Near", TeamId::new(), 2, [0.89999, 3.001], EXACT),
        ];
        let now = of(entries, EXACT);
        let place = Place::of(&now, &now, own, now.entries[0].submission).unwrap();
        assert_eq!(
            place.distance_sentence(),
            "Next behind is Near at position 2: Dice less than 0.0001 lower and HD95 less than 0.01 mm higher."
        );
    }

    #[test]
    fn who_shares_a_position_is_named_and_is_no_neighbour() {
        let own = TeamId::new();
        let at = |team: &str, id, position| row(team, id, position, [0.9, 3.0], EXACT);
        let mut entries = vec![at("Basel", TeamId::new(), 1), at("Own", own, 1)];
        let place = |entries: &[Row]| {
            let now = of(entries.iter().map(copied).collect(), EXACT);
            Place::of(&now, &now, own, SubmissionId::new()).unwrap()
        };
        assert_eq!(place(&entries).distance_sentence(), "Basel has the same position.");
        entries.push(at("Zürich", TeamId::new(), 1));
        let three = place(&entries);
        assert_eq!(three.distance_sentence(), "Basel and 1 more have the same position.");
        assert_eq!((three.itself, three.ahead, three.behind), (None, None, None));
    }

    /// The same entry, for another leaderboard.
    fn copied(of: &Row) -> Row {
        let means = of.of(None).unwrap();
        let values = [means.dice.mean(), means.hd95.mean()];
        let position = of.placed.as_ref().unwrap().position;
        Row { submission: of.submission, ..row(&of.team, of.team_id, position, values, EXACT) }
    }

    #[test]
    fn another_submission_may_be_the_one_that_counts() {
        let own = TeamId::new();
        let now = three(own, EXACT);
        let other = SubmissionId::new();
        let place = Place::of(&now, &now, own, other).unwrap();
        assert!(!place.is_of(&other) && place.itself.is_none());
        assert_eq!(place.counted, now.entries[1].submission);
    }

    #[test]
    fn where_positions_are_not_shown_there_is_no_place() {
        let own = TeamId::new();
        let hidden = three(own, Disclosure::Hidden);
        let shown = three(own, EXACT);
        let sent = shown.entries[1].submission;
        assert_eq!(Place::of(&hidden, &hidden, own, sent), None);
        assert_eq!(Place::of(&shown, &shown, TeamId::new(), sent), None);
        let place = Place::of(&shown, &hidden, own, sent).unwrap();
        assert_eq!(place.position_sentence(true), "Your team is at position 2 of 3.");
        let mut closed = of(Vec::new(), EXACT);
        closed.visibility = Visibility::Hidden;
        assert_eq!(Place::of(&shown, &closed, own, sent).unwrap().before, Before::NotShown);
    }
}
