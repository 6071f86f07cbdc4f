//! Some entries of a leaderboard beside each other: by how much they differ, in which cases, and whether that is more than
//! chance. As far as the leaderboard shows it.

use serde::Serialize;

use super::disclosure::withheld;
use super::plots::{about, name};
use super::rows::score_table;
use super::{Leaderboard, Row};
use crate::domain::{
    Code, Disclosure, Error, Exact, Group, PerMetric, Problem, RankedMetric, SubmissionId,
};
use crate::plots::{Beside, Case, MAX_BESIDE, Plot, beside};
use crate::store::Timestamp;
use challenge_ranking::{LEVEL, Paired, ScoreTable};

/// So many entries can be compared at a time.
pub const MAX_COMPARED: usize = MAX_BESIDE;

/// Some entries beside each other.
#[derive(Debug, Serialize)]
pub struct Comparison {
    pub phase: String,
    pub title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// The cases it is about; none for all of them.
    pub group: Option<Group>,
    /// How many cases it is about.
    pub case_count: usize,
    /// The largest adjusted p-value that counts.
    pub level: f64,
    /// In the order in which they were asked for.
    pub entries: Vec<Compared>,
    /// Of every pair of entries, in each metric.
    pub differences: Vec<Difference>,
    /// Left out where values of single cases are not shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cases: Option<Vec<ComparedCase>>,
}

/// An entry that is compared.
#[derive(Clone, Debug, Serialize)]
pub struct Compared {
    pub submission: SubmissionId,
    pub team: String,
    pub method: String,
    /// On the leaderboard, by all cases; a baseline has none.
    pub position: Option<usize>,
}

/// By how much an entry differs from another one in a metric.
#[derive(Debug, Serialize)]
pub struct Difference {
    /// The metric's key.
    pub metric: &'static str,
    /// The number of the entry, from 0 on.
    pub first: usize,
    /// The number of the one that it is compared with.
    pub second: usize,
    #[serde(flatten)]
    pub paired: Paired,
    /// Wilcoxon's signed-rank test, one-sided and exact, of the first one being better; adjusted after Holm over all ordered pairs of
    /// these entries.
    pub p_first_better: f64,
    /// The same of the second one.
    pub p_second_better: f64,
}

impl Difference {
    /// The entry that is better beyond chance, by its number.
    pub fn better(&self) -> Option<usize> {
        match (self.p_first_better <= LEVEL, self.p_second_better <= LEVEL) {
            (true, _) => Some(self.first),
            (_, true) => Some(self.second),
            _ => None,
        }
    }
}

/// The values of all entries in a case.
#[derive(Debug, Serialize)]
pub struct ComparedCase {
    pub id: String,
    pub group: Group,
    /// In the order of the entries.
    pub values: Vec<PerMetric<f64>>,
}

impl Leaderboard {
    /// The rows of some entries and baselines, in the order in which they are asked for, each once.
    ///
    /// # Errors
    ///
    /// Where an entry is not on this leaderboard, or there are more than can be compared.
    pub fn chosen(&self, entries: &[SubmissionId]) -> Result<Vec<&Row>, Error> {
        let mut rows: Vec<&Row> = Vec::new();
        for id in entries {
            let row = self.all_rows().find(|row| row.submission == *id).ok_or_else(|| {
                let hint = "Choose entries on the leaderboard: they may have changed since.";
                refused("entries of this leaderboard", id.to_string(), hint)
            })?;
            if rows.iter().all(|other| other.submission != row.submission) {
                rows.push(row);
            }
        }
        if rows.len() > MAX_COMPARED {
            let expected = format!("at most {MAX_COMPARED} entries");
            return Err(refused(expected, format!("{} of them", rows.len()), "Leave some out."));
        }
        Ok(rows)
    }

    /// Some entries beside each other, over all cases or those of a group.
    ///
    /// # Errors
    ///
    /// Where scores are not shown exactly: all of it comes from values of single cases.
    pub fn compare(&self, rows: &[&Row], group: Option<Group>) -> Result<Comparison, Error> {
        let exact = self.disclosure.exact().ok_or_else(|| withheld("comparisons by case"))?;
        let cases = self.cases_that_show(group);
        let values = |row: &&Row| -> Vec<PerMetric<f64>> {
            let values = row.values.open(exact);
            cases.iter().filter_map(|&at| values.get(at).copied()).collect()
        };
        let values: Vec<Vec<PerMetric<f64>>> = rows.iter().map(values).collect();
        let strata: Vec<usize> = (cases.iter())
            .map(|&at| usize::from(self.groups.get(at).is_some_and(|of| of.1 == Group::Diseased)))
            .collect();
        let slices: Vec<&[PerMetric<f64>]> = values.iter().map(Vec::as_slice).collect();
        let table = score_table(&slices).ok_or_else(|| Error::internal("no table of scores"))?;
        let compared = |row: &&Row| Compared {
            submission: row.submission,
            team: row.team.clone(),
            method: row.method.clone(),
            position: row.placed.as_ref().map(|placed| placed.position),
        };
        let of_case = |(number, &at): (usize, &usize)| {
            let (id, group) = self.groups.get(at)?;
            let values = values.iter().filter_map(|of| of.get(number).copied()).collect();
            Some(ComparedCase { id: id.clone(), group: *group, values })
        };
        let seen = self.disclosure == Disclosure::EveryCase;
        Ok(Comparison {
            phase: self.phase.clone(),
            title: self.title.clone(),
            at: self.at,
            group,
            case_count: cases.len(),
            level: LEVEL,
            entries: rows.iter().map(compared).collect(),
            differences: differences(&table, &strata),
            cases: seen.then(|| cases.iter().enumerate().filter_map(of_case).collect()),
        })
    }

    /// The values of some entries in every case; none where single cases are not shown.
    pub fn drawn_beside(&self, rows: &[&Row], group: Option<Group>) -> Option<Plot> {
        let every_case: Exact = self.disclosure.every_case()?;
        let cases = self.cases_that_show(group);
        let values = |row: &&Row| {
            let values = row.values.open(every_case);
            let chosen = cases.iter().filter_map(|&at| values.get(at).copied()).collect();
            let among = if row.baseline { &self.baselines } else { &self.entries };
            (name(row, among), chosen)
        };
        let case = |&at: &usize| {
            let (id, group) = self.groups.get(at)?;
            Some(Case { id: id.clone(), diseased: *group == Group::Diseased })
        };
        Some(beside(&Beside {
            about: about(self, group),
            entries: rows.iter().map(values).collect(),
            cases: cases.iter().filter_map(case).collect(),
        }))
    }

    /// The indices of the cases of a group, or of all, of which something may be said: with one case in a half, what is said
    /// of either half tells that case's value.
    pub(super) fn cases_that_show(&self, group: Option<Group>) -> Vec<usize> {
        let groups = &self.groups;
        let size = |of: Group| groups.iter().filter(|(_, group)| *group == of).count();
        let shown = group.is_none() || !Group::ALL.iter().any(|&half| size(half) == 1);
        let of_group =
            |(at, (_, of)): (usize, &(String, Group))| group.is_none_or(|g| g == *of).then_some(at);
        if shown { groups.iter().enumerate().filter_map(of_group).collect() } else { Vec::new() }
    }
}

fn differences(table: &ScoreTable, strata: &[usize]) -> Vec<Difference> {
    let entries = table.entries();
    let tested: Vec<_> =
        (0..RankedMetric::ALL.len()).map(|metric| table.significance(metric)).collect();
    let pairs =
        (0..entries).flat_map(|first| (first + 1..entries).map(move |second| (first, second)));
    let of_pair = |(first, second): (usize, usize)| {
        let paired = table.paired(first, second, strata).unwrap_or_default();
        let of_metric = |((metric, tested), paired): (
            (RankedMetric, &challenge_ranking::Significance),
            Paired,
        )| Difference {
            metric: metric.key,
            first,
            second,
            paired,
            p_first_better: tested.p(first, second),
            p_second_better: tested.p(second, first),
        };
        RankedMetric::ALL.into_iter().zip(&tested).zip(paired).map(of_metric).collect::<Vec<_>>()
    };
    pairs.flat_map(of_pair).collect()
}

fn refused(expected: impl Into<String>, found: impl Into<String>, hint: &str) -> Error {
    Error::of(vec![Problem::new(Code::FieldInvalid, expected, found, hint)])
}
