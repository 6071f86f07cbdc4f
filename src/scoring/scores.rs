use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::challenge::Group;
use crate::metrics::Summary;
use crate::store::CaseResult;

/// The official metrics of one case.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct ScoredCase {
    #[serde(skip)]
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<Group>,
    pub dice: f64,
    /// mm
    pub hd95: f64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// All cases of a submission, in the order of the truth set; in JSON an object by case id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CaseScores(Vec<ScoredCase>);

/// Dice and HD95 over the same cases.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Pair {
    pub dice: Summary,
    /// mm
    pub hd95: Summary,
}

/// Over all cases and each half of them; nothing where a half has no case.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Aggregates {
    pub all: Option<Pair>,
    pub normal: Option<Pair>,
    pub diseased: Option<Pair>,
}

impl CaseScores {
    pub fn new(cases: Vec<ScoredCase>) -> Self {
        Self(cases)
    }

    /// Stored results with the groups of their cases, in the order of `groups`.
    pub fn of(results: &[CaseResult], groups: &[(String, Group)]) -> Self {
        let scored = |result: &CaseResult| ScoredCase {
            id: result.case_id.clone(),
            group: groups.iter().find(|(id, _)| *id == result.case_id).map(|(_, group)| *group),
            dice: result.dice,
            hd95: result.hd95,
            warnings: result.warnings.clone(),
        };
        Self(results.iter().map(scored).collect())
    }

    pub fn iter(&self) -> std::slice::Iter<'_, ScoredCase> {
        self.0.iter()
    }

    pub fn into_results(self) -> Vec<CaseResult> {
        let result = |case: ScoredCase| CaseResult {
            case_id: case.id,
            dice: case.dice,
            hd95: case.hd95,
            warnings: case.warnings,
        };
        self.0.into_iter().map(result).collect()
    }
}

impl Serialize for CaseScores {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for case in &self.0 {
            map.serialize_entry(&case.id, case)?;
        }
        map.end()
    }
}

impl Aggregates {
    pub fn of(scores: &CaseScores) -> Self {
        let pair = |group: Option<Group>| {
            let chosen = || scores.iter().filter(|case| group.is_none() || case.group == group);
            let dice: Vec<f64> = chosen().map(|case| case.dice).collect();
            let hd95: Vec<f64> = chosen().map(|case| case.hd95).collect();
            Some(Pair { dice: Summary::of(&dice)?, hd95: Summary::of(&hd95)? })
        };
        Self {
            all: pair(None),
            normal: pair(Some(Group::Normal)),
            diseased: pair(Some(Group::Diseased)),
        }
    }

    /// Of one group, or of all cases.
    pub fn of_group(&self, group: Option<Group>) -> Option<&Pair> {
        match group {
            None => self.all.as_ref(),
            Some(Group::Normal) => self.normal.as_ref(),
            Some(Group::Diseased) => self.diseased.as_ref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(id: &str, group: Group, dice: f64) -> ScoredCase {
        ScoredCase { id: id.into(), group: Some(group), dice, hd95: 2.0, warnings: Vec::new() }
    }

    #[test]
    fn groups_are_summed_up_apart() {
        let scores = CaseScores::new(vec![
            case("0", Group::Normal, 0.5),
            case("1", Group::Normal, 0.7),
            case("2", Group::Diseased, 0.9),
        ]);
        let aggregates = Aggregates::of(&scores);
        assert_eq!(aggregates.all.unwrap().dice.count, 3);
        assert_eq!(aggregates.normal.unwrap().dice.mean, 0.6);
        assert_eq!(aggregates.diseased.unwrap().dice.mean, 0.9);
    }

    #[test]
    fn a_group_without_cases_has_no_summary() {
        let scores = CaseScores::new(vec![case("0", Group::Normal, 0.5)]);
        assert_eq!(Aggregates::of(&scores).diseased, None);
    }

    #[test]
    fn cases_keep_their_order_in_json() {
        let scores =
            CaseScores::new(vec![case("10", Group::Normal, 0.5), case("9", Group::Normal, 0.5)]);
        let json = serde_json::to_string(&scores).unwrap();
        assert!(json.find("\"10\"") < json.find("\"9\""), "{json}");
    }
}
