//! Against the scores of `tests/oracle`, which follows the published definition with
//! numpy and scipy. `make_expected.py` says how the volumes are painted and wrote the scores.

use serde::Deserialize;

use super::*;
use crate::Summary;

#[derive(Deserialize)]
struct Expected {
    cases: Vec<Case>,
    summaries: Summaries,
}

#[derive(Deserialize)]
struct Summaries {
    dice: Summary,
    hd95: Summary,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    shape: [usize; 3],
    spacing: [f64; 3],
    truth: Vec<Part>,
    prediction: Vec<Part>,
    voxels: [usize; 2],
    dice: f64,
    hd95: f64,
}

#[derive(Deserialize)]
struct Part(Operation, Rule, Vec<i64>);

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Operation {
    Add,
    Remove,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Rule {
    Box,
    Tube,
    Salt,
}

impl Part {
    fn holds(&self, at: [i64; 3], index: i64) -> bool {
        let n = &self.2;
        match self.1 {
            Rule::Box => (0..3).all(|axis| (n[axis]..n[axis + 3]).contains(&at[axis])),
            Rule::Tube => {
                let from_start = [0, 1, 2].map(|axis| at[axis] - n[axis]);
                let way = [0, 1, 2].map(|axis| n[axis + 3] - n[axis]);
                let dot = |a: [i64; 3], b: [i64; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
                let (along, length) = (dot(from_start, way), dot(way, way));
                let across = dot(from_start, from_start) * length - along * along;
                (0..=length).contains(&along) && across <= n[6] * length
            }
            Rule::Salt => {
                let mixed = (index * 40503 + n[0] * 7919) % 1_000_003;
                mixed * mixed % 1_000_003 % 1000 < n[1]
            }
        }
    }
}

fn paint(shape: [usize; 3], parts: &[Part]) -> Mask {
    let [nx, ny, _] = shape;
    mask(shape, |[x, y, z]| {
        let index = (x + nx * (y + ny * z)) as i64;
        parts.iter().fold(false, |painted, part| {
            match (&part.0, part.holds([x as i64, y as i64, z as i64], index)) {
                (_, false) => painted,
                (Operation::Add, true) => true,
                (Operation::Remove, true) => false,
            }
        })
    })
}

fn expected() -> Expected {
    serde_json::from_str(include_str!("../../../../tests/oracle/expected.json")).unwrap()
}

#[test]
fn every_case_scores_as_the_published_evaluator_does() {
    for case in expected().cases {
        let truth = paint(case.shape, &case.truth);
        let prediction = paint(case.shape, &case.prediction);
        assert_eq!([truth.count(), prediction.count()], case.voxels, "voxels of {}", case.name);
        let found = scored(&truth, &prediction, case.spacing);
        assert!((found.dice - case.dice).abs() <= 1e-12, "{}: {found:?}", case.name);
        assert!((found.hd95 - case.hd95).abs() <= 1e-9, "{}: {found:?}", case.name);
    }
}

#[test]
fn the_summaries_are_those_of_the_published_evaluator() {
    let Expected { cases, summaries } = expected();
    let dice: Vec<f64> = cases.iter().map(|case| case.dice).collect();
    let hd95: Vec<f64> = cases.iter().map(|case| case.hd95).collect();
    for (values, expected) in [(dice, summaries.dice), (hd95, summaries.hd95)] {
        let found = Summary::of(&values).unwrap();
        let numbers = |s: Summary| [s.mean, s.std, s.min, s.q25, s.median, s.q75, s.max];
        for (found, expected) in numbers(found).into_iter().zip(numbers(expected)) {
            assert!((found - expected).abs() <= 1e-12 * expected.max(1.0), "{found} {expected}");
        }
        assert_eq!(found.count, expected.count);
    }
}
