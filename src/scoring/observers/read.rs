//! A document about annotators, hostile until it is checked.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;

use super::{
    AnnotatedCase, MAX_OBSERVERS_BYTES, OBSERVERS_KIND, OBSERVERS_VERSION, SCORER_VERSION,
};
use crate::domain::{Code, Group, MAX_TOLERANCE_MM, PerMetric, Problem};
use crate::json::{self, JsonError, Members};
use crate::store::{AnnotatorValues, Case};
use crate::text::is_odd;

/// Nobody has more; a table of more could not be read.
const MAX_ANNOTATORS: usize = 50;

/// Most characters of an annotator's name, which may be that of a file with its folders.
const MAX_NAME: usize = 300;

/// So many cases are named in a sentence.
const NAMED: usize = 10;

const AGAIN: &str = "Take what `asoca consensus --json` printed for exactly this truth.";

#[derive(Deserialize)]
struct Document {
    scorer_version: String,
    #[serde(default)]
    truth: Vec<AnnotatedCase>,
    annotators: Vec<Annotator>,
    tolerance_mm: Option<f64>,
    // What a document may say besides, and is not believed.
    #[serde(rename = "kind")]
    _kind: String,
    #[serde(rename = "version")]
    _version: u64,
    #[serde(rename = "aggregates")]
    _aggregates: Option<serde_json::Value>,
    #[serde(rename = "welch")]
    _welch: Option<serde_json::Value>,
    #[serde(rename = "agreements")]
    _agreements: Option<serde_json::Value>,
    #[serde(rename = "thin")]
    _thin: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Annotator {
    name: String,
    cases: Vec<Value>,
    #[serde(rename = "aggregates")]
    _aggregates: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Value {
    id: String,
    dice: f64,
    hd95: f64,
    #[serde(rename = "group")]
    _group: Option<Group>,
}

fn wrong(expected: impl Into<String>, found: impl Into<String>, hint: &str) -> Problem {
    Problem::new(Code::ObserversInvalid, expected, found, hint)
}

/// There is no value to sum up.
pub fn nothing() -> Problem {
    wrong("at least one case", "none", AGAIN)
}

/// The annotators of a document, each with a value for each of the cases, in their order, and their tolerance in mm.
pub fn read(
    document: &[u8],
    cases: &[Case],
) -> Result<(Vec<AnnotatorValues>, Option<f64>), Vec<Problem>> {
    let wanted =
        || format!("a document of the kind '{OBSERVERS_KIND}', version {OBSERVERS_VERSION}");
    let one = |found: String| vec![wrong(wanted(), found, AGAIN)];
    if document.len() > MAX_OBSERVERS_BYTES {
        return Err(one(format!("more than {MAX_OBSERVERS_BYTES} bytes")));
    }
    let unreadable = |error: JsonError| one(error.to_string());
    // Another kind or version has other members: what it is comes first.
    let Members(head) = json::object(document).map_err(unreadable)?;
    let kind = head.get("kind").and_then(|kind| kind.as_str()).unwrap_or_default();
    let version = head.get("version").and_then(|version| version.as_u64()).unwrap_or_default();
    if kind != OBSERVERS_KIND || version != OBSERVERS_VERSION {
        return Err(one(format!("the kind '{}', version {version}", shown(kind))));
    }
    let document: Document = json::object(document).map_err(unreadable)?;
    let mut problems = of_document(&document);
    if document.annotators.len() > MAX_ANNOTATORS {
        return Err(problems);
    }
    problems.extend(of_truth(&document.truth, cases));
    let tolerance_mm = document.tolerance_mm;
    if let Some(mm) = tolerance_mm.filter(|mm| !(*mm > 0.0 && *mm <= MAX_TOLERANCE_MM)) {
        let expected = format!("a tolerance_mm above 0 and up to {MAX_TOLERANCE_MM}");
        problems.push(wrong(expected, mm.to_string(), AGAIN));
    }
    let mut annotators = Vec::with_capacity(document.annotators.len());
    for annotator in document.annotators {
        match values(&annotator, cases) {
            Ok(values) => annotators.push(AnnotatorValues { name: annotator.name, values }),
            Err(more) => problems.extend(more),
        }
    }
    if problems.is_empty() { Ok((annotators, tolerance_mm)) } else { Err(problems) }
}

fn of_document(document: &Document) -> Vec<Problem> {
    let mut problems = Vec::new();
    if document.scorer_version != SCORER_VERSION {
        let expected = format!("values of the scorer {SCORER_VERSION}");
        let found = format!("values of {}", shown(&document.scorer_version));
        problems.push(wrong(expected, found, AGAIN));
    }
    let count = document.annotators.len();
    if !(2..=MAX_ANNOTATORS).contains(&count) {
        let expected = format!("2 to {MAX_ANNOTATORS} annotators");
        problems.push(wrong(expected, count.to_string(), AGAIN));
    }
    let mut seen = HashSet::new();
    for Annotator { name, .. } in document.annotators.iter().take(MAX_ANNOTATORS) {
        let fits = (1..=MAX_NAME).contains(&name.chars().count()) && !name.contains(is_odd);
        if !fits || !seen.insert(name) {
            let expected = format!("a name of its own of 1 to {MAX_NAME} characters for each");
            let hint = "Rename the annotators' folders or zips.";
            problems.push(wrong(expected, format!("the name '{}'", shown(name)), hint));
        }
    }
    problems
}

/// What tells that it is about another truth, as far as the document says what it is about.
fn of_truth(truth: &[AnnotatedCase], cases: &[Case]) -> Option<Problem> {
    let annotated: HashMap<&str, &AnnotatedCase> =
        truth.iter().map(|annotated| (annotated.id.as_str(), annotated)).collect();
    let other = |case: &Case| {
        annotated.get(case.case_id.as_str()).is_some_and(|annotated| {
            let group = annotated.group.is_some_and(|group| group != case.case_group);
            let voxels = annotated.foreground.zip(case.foreground).is_some_and(|(a, b)| a != b);
            group || voxels
        })
    };
    let others: Vec<&str> =
        cases.iter().filter(|case| other(case)).map(|case| case.case_id.as_str()).collect();
    (!others.is_empty()).then(|| {
        wrong(
            "groups and numbers of foreground voxels as in this truth set",
            format!("others in {}", listed(&others)),
            AGAIN,
        )
    })
}

/// An annotator's values in the order of the cases.
fn values(annotator: &Annotator, cases: &[Case]) -> Result<Vec<PerMetric<f64>>, Vec<Problem>> {
    let name = shown(&annotator.name);
    let given: HashMap<&str, &Value> =
        annotator.cases.iter().map(|value| (value.id.as_str(), value)).collect();
    let known: HashSet<&str> = cases.iter().map(|case| case.case_id.as_str()).collect();
    let (mut missing, mut impossible) = (Vec::new(), Vec::new());
    let mut values = Vec::with_capacity(cases.len());
    for case in cases {
        let id = case.case_id.as_str();
        let Some(value) = given.get(id) else {
            missing.push(id);
            continue;
        };
        // No two voxels are farther apart than two corners.
        let farthest = case.size().iter().map(|mm| mm * mm).sum::<f64>().sqrt();
        if !(0.0..=1.0).contains(&value.dice) || !(0.0..=farthest).contains(&value.hd95) {
            impossible.push(id);
        }
        values.push(PerMetric { dice: value.dice, hd95: value.hd95 });
    }
    let strangers: Vec<&str> = given.keys().copied().filter(|id| !known.contains(id)).collect();
    let mut problems = Vec::new();
    let mut add = |of: &[&str], expected: &str, found: &str| {
        if !of.is_empty() {
            let found = format!("{found} {}", listed(of));
            problems.push(wrong(format!("{expected} of {name}"), found, AGAIN));
        }
    };
    add(&missing, "a value for every case", "none for");
    add(&strangers, "values for the cases of this truth set alone", "some for");
    add(
        &impossible,
        "a Dice of 0 to 1 and an HD95 in mm within the volume for each case",
        "others for",
    );
    if given.len() != annotator.cases.len() {
        let expected = format!("every case of {name} once");
        problems.push(wrong(expected, "a case again", AGAIN));
    }
    if problems.is_empty() { Ok(values) } else { Err(problems) }
}

/// Cases in a sentence, in order, and no more than can be read.
fn listed(ids: &[&str]) -> String {
    let mut ids: Vec<String> = ids.iter().map(|id| shown(id)).collect();
    ids.sort_by_cached_key(|id| (id.parse::<u64>().unwrap_or(u64::MAX), id.clone()));
    let noun = if ids.len() == 1 { "case" } else { "cases" };
    let more = ids.len().saturating_sub(NAMED);
    ids.truncate(NAMED);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{noun} {}{rest}", ids.join(", "))
}

/// What a document says, as far as a sentence has room for it.
fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}

#[cfg(test)]
mod tests;
