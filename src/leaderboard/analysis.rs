//! How far a leaderboard can be trusted, for the API and the page alike.

use std::future::ready;
use std::sync::Arc;

use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

use super::disclosure::withheld;
use super::rows::score_table;
use super::single_flight::SingleFlight;
use super::{Leaderboards, Row};
use crate::domain::{Actor, Error, Group, PerMetric, RankedMetric, Scheme, SubmissionId};
use crate::store::{Phase, Timestamp};
use crate::string_enum::string_enum;
use challenge_ranking::{
    DRAWS, Interval, LEVEL, ScoreTable, Significance, Stability, Uncertainty, Untestable, Verdict,
    Welch,
};

/// Of how many entries every pair is tested; a larger map nobody can read.
pub const MAX_TESTED: usize = 30;

/// With fewer cases a map says little: after Holm, ten cases can tell seven entries apart at most.
const FEW_CASES: usize = 20;

#[derive(Debug, Serialize)]
pub struct Analysis {
    pub phase: String,
    pub title: String,
    /// The moment whose ranking it is about; none for the current one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    pub scheme: Scheme,
    /// The cases it is about; none for all of them.
    pub group: Option<Group>,
    /// How many cases it is about.
    pub case_count: usize,
    /// How many of the draws of cases were ranked.
    pub draws: usize,
    /// How many draws the intervals of means are made of: more than were ranked where tests are slow.
    pub draws_of_means: usize,
    /// What the draws come from, made of the data; hexadecimal.
    pub seed: String,
    /// Kendall's tau-b between the ranking and those of the draws.
    pub tau: Option<Interval>,
    /// The largest adjusted p-value that counts.
    pub level: f64,
    /// With so few cases the tests are descriptive only.
    pub descriptive: bool,
    /// In the order of the ranking by these cases.
    pub entries: Vec<Entry>,
    /// Adjusted p-values of the row's entry being better than the column's, for the first entries: at most
    /// [`MAX_TESTED`], and of those that share a position all or none.
    pub better_in_dice: Vec<Vec<f64>>,
    pub better_in_hd95: Vec<Vec<f64>>,
}

#[derive(Debug, Serialize)]
pub struct Entry {
    pub submission: SubmissionId,
    pub team: String,
    pub method: String,
    #[serde(flatten)]
    pub spread: Spread,
    /// How it does against the first, in the metrics that count; none where it was not tested.
    pub against_first: Option<AgainstFirst>,
    /// Whether `against_first` is behind.
    pub separable_from_first: Option<bool>,
    /// Whether it is better in the normal than in the diseased cases, as the dataset paper asks: Welch's two-sided
    /// t-test in each metric, `t` being positive where the normal cases have the larger values. In JSON `null` where a
    /// group has fewer than two cases or the values hardly vary.
    #[serde(rename = "welch", serialize_with = "found_or_null")]
    pub groups: PerMetric<Result<Welch, Untestable>>,
}

string_enum! {
    /// How an entry does against the first one.
    AgainstFirst {
        /// Worse beyond chance in a metric, and better in none.
        Behind = "behind",
        /// Worse beyond chance in a metric, and better in another one.
        Mixed = "mixed",
        /// Better beyond chance in a metric, and worse in none, though the means say otherwise.
        Ahead = "ahead",
        /// It has the same position, though the tests speak for one of them.
        Level = "level",
        /// No metric tells them apart.
        NotSeparable = "not_separable",
    }
}

impl AgainstFirst {
    fn of(verdict: Verdict, same_position: bool) -> Self {
        match verdict {
            Verdict::Mixed => Self::Mixed,
            Verdict::NotSeparable => Self::NotSeparable,
            Verdict::Behind | Verdict::Ahead if same_position => Self::Level,
            Verdict::Behind => Self::Behind,
            Verdict::Ahead => Self::Ahead,
        }
    }
}

fn found_or_null<S: Serializer>(
    groups: &PerMetric<Result<Welch, Untestable>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    groups.map(Result::ok).serialize(serializer)
}

/// What the draws of the bootstrap say of an entry.
#[derive(Debug, Serialize)]
pub struct Spread {
    /// Where it stands with every case counted once.
    pub ranked: usize,
    /// Where the mean of each metric would be with other cases, with a confidence of 95 %; none where the values vary too
    /// little to tell, or a group has a single case.
    #[serde(flatten)]
    pub means: PerMetric<Option<Interval>>,
    /// The middle 95 % of the draws.
    pub position: Interval,
    /// In what share of the draws it comes first.
    pub wins: f64,
    /// Positions it comes to, ascending.
    pub positions: Vec<Reached>,
}

/// A position that an entry comes to.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Reached {
    pub position: usize,
    /// Of the draws.
    pub share: f64,
}

impl Spread {
    fn of(drawn: &Uncertainty) -> Option<Self> {
        let &[dice, hd95] = drawn.means.as_slice() else { return None };
        Some(Self {
            ranked: drawn.ranked,
            means: PerMetric { dice, hd95 },
            position: drawn.position,
            wins: drawn.wins,
            positions: drawn
                .positions
                .iter()
                .map(|&(position, share)| Reached { position, share })
                .collect(),
        })
    }
}

/// What was computed of some numbers.
#[derive(Debug)]
struct Computed {
    stability: Stability,
    better: PerMetric<Significance>,
}

/// The latest results by the digest of the numbers they were computed of: as long as these stay the same, so do they.
#[derive(Debug)]
pub struct Analyses(SingleFlight<[u8; 32], (), Option<Computed>>);

/// For every phase some groups of cases, for organisers and everybody else.
const CAPACITY: usize = 32;

impl Default for Analyses {
    fn default() -> Self {
        Self(SingleFlight::new(CAPACITY))
    }
}

impl Analyses {
    /// None where there is nothing to compute of the numbers.
    async fn of(&self, numbers: Numbers) -> Result<Arc<Option<Computed>>, Error> {
        let digest = numbers.digest();
        let compute = async { Ok(tokio::task::spawn_blocking(move || numbers.compute()).await?) };
        self.0.get(digest, || ready(Ok(())), compute).await
    }
}

/// How many entries are tested, whose positions these are, ascending: at most [`MAX_TESTED`], and of those that share a
/// position all or none.
fn tested(positions: &[usize]) -> usize {
    match positions.get(MAX_TESTED) {
        None => positions.len(),
        Some(left_out) => positions.partition_point(|position| position < left_out),
    }
}

struct Numbers {
    table: ScoreTable,
    /// The group of every case.
    strata: Vec<usize>,
    scheme: Scheme,
}

impl Numbers {
    fn digest(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        digest.update(self.scheme.as_str());
        self.strata.iter().for_each(|&stratum| digest.update([stratum as u8]));
        self.table.scores().iter().for_each(|score| digest.update(score.to_le_bytes()));
        digest.finalize().into()
    }

    fn compute(self) -> Option<Computed> {
        let stability = self.table.bootstrap(&self.strata, self.scheme.into())?;
        let ranked = |at: usize| stability.entries[at].ranked;
        let mut order: Vec<usize> = (0..self.table.entries()).collect();
        order.sort_by_key(|&at| ranked(at));
        let sorted: Vec<usize> = order.iter().map(|&at| ranked(at)).collect();
        order.truncate(tested(&sorted));
        let tested = self.table.select(&order);
        let better = PerMetric { dice: tested.significance(0), hd95: tested.significance(1) };
        Some(Computed { stability, better })
    }
}

impl Analysis {
    /// How sure the first position is, in a sentence or two; `None` where there is nobody to be before.
    pub fn headline(&self) -> Option<String> {
        let [first, others @ ..] = self.entries.as_slice() else { return None };
        if others.is_empty() {
            return None;
        }
        let same = others.iter().filter(|entry| entry.spread.ranked == first.spread.ranked).count();
        if same > 0 {
            return Some(format!("{} entries share the first position.", same + 1));
        }
        let wins = (100.0 * first.spread.wins).round();
        let mut headline =
            format!("{} comes first in {wins} % of the rankings of resampled cases.", first.team);
        let tested: Vec<bool> =
            others.iter().filter_map(|entry| entry.separable_from_first).collect();
        let alike = tested.iter().filter(|separable| !**separable).count();
        headline += &match (tested.len(), alike) {
            (0, _) => String::new(),
            (1, 0) => " The other entry that was tested is significantly behind.".to_owned(),
            (1, _) => " The other entry that was tested can’t be told apart from it.".to_owned(),
            (tested, 0) => {
                format!(
                    " Each of the {tested} other entries that were tested is significantly behind."
                )
            }
            (tested, alike) => format!(
                " Of the {tested} other entries that were tested, {alike} can’t be told apart from it."
            ),
        };
        Some(headline)
    }

    /// What each entry is called in a map: its position, with a letter where several entries share it.
    pub fn labels(&self) -> Vec<String> {
        labels(&self.entries.iter().map(|entry| entry.spread.ranked).collect::<Vec<_>>())
    }
}

fn labels(positions: &[usize]) -> Vec<String> {
    let label = |(at, position): (usize, &usize)| {
        let equal = |of: &[usize]| of.iter().filter(|other| *other == position).count();
        match (equal(positions), equal(&positions[..at])) {
            (1, _) => position.to_string(),
            (_, before) => format!("{position}{}", letters(before)),
        }
    };
    positions.iter().enumerate().map(label).collect()
}

/// `a` to `z`, then `aa`.
fn letters(number: usize) -> String {
    let last = char::from(b'a' + (number % 26) as u8);
    match number / 26 {
        0 => last.to_string(),
        rest => letters(rest - 1) + &last.to_string(),
    }
}

impl Leaderboards {
    /// The analysis of what `actor` may see of a leaderboard, over all cases or those of a group, as it is or as it
    /// stood at a moment. Refused where scores are not shown exactly: all of it comes from values of single cases.
    pub async fn analysis(
        &self,
        actor: &Actor,
        phase: &Phase,
        group: Option<Group>,
        at: Option<Timestamp>,
    ) -> Result<Analysis, Error> {
        let leaderboard = self.view(actor, phase, at).await?;
        let exact = leaderboard.disclosure.exact().ok_or_else(|| withheld("the analysis"))?;
        let (rows, groups, scheme) =
            (&leaderboard.entries, &leaderboard.groups, leaderboard.scheme);
        let chosen = leaderboard.cases_that_show(group);
        let of_row = |row: &Row| -> Vec<PerMetric<f64>> {
            let values = row.values.open(exact);
            chosen.iter().filter_map(|&at| values.get(at).copied()).collect()
        };
        let values: Vec<Vec<PerMetric<f64>>> = rows.iter().map(of_row).collect();
        let values: Vec<&[PerMetric<f64>]> = values.iter().map(Vec::as_slice).collect();
        let numbers = Numbers {
            table: score_table(&values).ok_or_else(|| Error::internal("no table of scores"))?,
            strata: chosen.iter().map(|&at| usize::from(groups[at].1 == Group::Diseased)).collect(),
            scheme,
        };
        let computed = self.analyses.of(numbers).await?;
        let mut analysis = Analysis {
            phase: phase.slug.clone(),
            title: leaderboard.title.clone(),
            at,
            scheme,
            group,
            case_count: chosen.len(),
            draws: 0,
            draws_of_means: 0,
            seed: String::new(),
            tau: None,
            level: LEVEL,
            descriptive: chosen.len() < FEW_CASES,
            entries: Vec::new(),
            better_in_dice: Vec::new(),
            better_in_hd95: Vec::new(),
        };
        let Some(computed) = computed.as_ref() else { return Ok(analysis) };
        analysis.draws = computed.stability.draws;
        analysis.draws_of_means = DRAWS;
        analysis.seed = format!("{:016x}", computed.stability.seed);
        analysis.tau = computed.stability.tau;

        let spreads = computed.stability.entries.iter().filter_map(Spread::of);
        let mut entries: Vec<(&Row, Spread)> = rows.iter().zip(spreads).collect();
        // The tests were made in this order.
        entries.sort_by_key(|(_, spread)| spread.ranked);
        let sorted: Vec<usize> = entries.iter().map(|(_, spread)| spread.ranked).collect();
        let tested = tested(&sorted);
        let map = |of: &Significance| -> Vec<Vec<f64>> {
            (0..tested).map(|row| (0..tested).map(|column| of.p(row, column)).collect()).collect()
        };
        analysis.better_in_dice = map(&computed.better.dice);
        analysis.better_in_hd95 = map(&computed.better.hd95);
        let PerMetric { dice, hd95 } = &computed.better;
        let counted: &[&Significance] = match scheme {
            Scheme::DiceOnly => &[dice],
            _ => &[dice, hd95],
        };
        let first = entries.first().map(|(_, spread)| spread.ranked);
        let against = |at: usize, ranked: usize| {
            let verdict = Verdict::on(at, 0, counted);
            (0 < at && at < tested).then(|| AgainstFirst::of(verdict, first == Some(ranked)))
        };
        let welch = |row: &Row, metric: RankedMetric| {
            let of = |group: Group| -> Vec<f64> {
                let values = groups.iter().zip(row.values.open(exact).iter());
                let of_group = values.filter(|((_, of), _)| *of == group);
                of_group.map(|(_, case)| *case.of(metric)).collect()
            };
            Welch::of(&of(Group::Normal), &of(Group::Diseased))
        };
        analysis.entries = entries
            .into_iter()
            .enumerate()
            .map(|(at, (row, spread))| {
                let against_first = against(at, spread.ranked);
                Entry {
                    submission: row.submission,
                    team: row.team.clone(),
                    method: row.method.clone(),
                    spread,
                    against_first,
                    separable_from_first: against_first.map(|it| it == AgainstFirst::Behind),
                    groups: PerMetric::from_fn(|metric| welch(row, metric)),
                }
            })
            .collect();
        Ok(analysis)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_entries_that_share_a_position_all_are_tested_or_none() {
        let positions = |tied_from: usize, count: usize| -> Vec<usize> {
            (1..=count).map(|at| if at < tied_from { at } else { tied_from }).collect()
        };
        assert_eq!(tested(&positions(30, 30)), 30);
        assert_eq!(tested(&positions(31, 57)), 30);
        assert_eq!(tested(&positions(30, 57)), 29);
        assert_eq!(tested(&positions(28, 30)), 30, "nobody is left out");
        assert_eq!(tested(&positions(28, 31)), 27);
        assert_eq!((tested(&positions(1, 31)), tested(&[])), (0, 0));
    }

    #[test]
    fn a_label_is_the_position_with_a_letter_where_it_is_shared() {
        assert_eq!(labels(&[1, 2, 2, 4, 5, 5, 5]), ["1", "2a", "2b", "4", "5a", "5b", "5c"]);
        let many = labels(&[1; 30]);
        assert_eq!((many[25].as_str(), many[26].as_str()), ("1z", "1aa"));
    }
}
