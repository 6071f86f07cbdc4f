//! A document about annotators, hostile until it is checked.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;

use super::{
    AnnotatedCase, MOST_OBSERVERS_BYTES, OBSERVERS_KIND, OBSERVERS_VERSION, SCORER_VERSION,
};
use crate::challenge::{Code, Problem};
use crate::store::{AnnotatorValues, Case};
use crate::text::is_odd;

/// Nobody has more; a table of more could not be read.
const MOST_ANNOTATORS: usize = 50;

/// Most characters of an annotator's name, which may be that of a file with its folders.
const LONGEST_NAME: usize = 300;

/// So many cases are named in a sentence.
const NAMED: usize = 10;

const AGAIN: &str = "Take what `asoca consensus --json` printed for exactly this truth.";

#[derive(Deserialize)]
struct Head {
    kind: String,
    version: u64,
}

#[derive(Deserialize)]
struct Document {
    scorer_version: String,
    #[serde(default)]
    truth: Vec<AnnotatedCase>,
    annotators: Vec<Annotator>,
}

#[derive(Deserialize)]
struct Annotator {
    name: String,
    cases: Vec<Value>,
}

#[derive(Deserialize)]
struct Value {
    id: String,
    dice: f64,
    hd95: f64,
}

fn wrong(expected: impl Into<String>, found: impl Into<String>, hint: &str) -> Problem {
    Problem::new(Code::ObserversInvalid, expected, found, hint)
}

/// There is no value to sum up.
pub fn nothing() -> Problem {
    wrong("at least one case", "none", AGAIN)
}

/// The annotators of a document, each with a value for each of the cases, in their order.
pub fn read(document: &[u8], cases: &[Case]) -> Result<Vec<AnnotatorValues>, Vec<Problem>> {
    let kind = || format!("a document of the kind '{OBSERVERS_KIND}', version {OBSERVERS_VERSION}");
    let one = |found: String| vec![wrong(kind(), found, AGAIN)];
    if document.len() > MOST_OBSERVERS_BYTES {
        return Err(one(format!("more than {MOST_OBSERVERS_BYTES} bytes")));
    }
    let not_json = |error: serde_json::Error| one(shown(&error.to_string()));
    let head: Head = serde_json::from_slice(document).map_err(not_json)?;
    if head.kind != OBSERVERS_KIND || head.version != OBSERVERS_VERSION {
        return Err(one(format!("the kind '{}', version {}", shown(&head.kind), head.version)));
    }
    let document: Document = serde_json::from_slice(document).map_err(not_json)?;
    let mut problems = of_document(&document);
    if document.annotators.len() > MOST_ANNOTATORS {
        return Err(problems);
    }
    problems.extend(of_truth(&document.truth, cases));
    let mut annotators = Vec::with_capacity(document.annotators.len());
    for annotator in document.annotators {
        match values(&annotator, cases) {
            Ok(values) => annotators.push(AnnotatorValues { name: annotator.name, values }),
            Err(more) => problems.extend(more),
        }
    }
    if problems.is_empty() { Ok(annotators) } else { Err(problems) }
}

fn of_document(document: &Document) -> Vec<Problem> {
    let mut problems = Vec::new();
    if document.scorer_version != SCORER_VERSION {
        let expected = format!("values of the scorer {SCORER_VERSION}");
        let found = format!("values of {}", shown(&document.scorer_version));
        problems.push(wrong(expected, found, AGAIN));
    }
    let count = document.annotators.len();
    if !(2..=MOST_ANNOTATORS).contains(&count) {
        let expected = format!("2 to {MOST_ANNOTATORS} annotators");
        problems.push(wrong(expected, count.to_string(), AGAIN));
    }
    let mut seen = HashSet::new();
    for Annotator { name, .. } in document.annotators.iter().take(MOST_ANNOTATORS) {
        let fits = (1..=LONGEST_NAME).contains(&name.chars().count()) && !name.contains(is_odd);
        if !fits || !seen.insert(name) {
            let expected = format!("a name of its own of 1 to {LONGEST_NAME} characters for each");
            let hint = "Rename the annotators' folders or zips.";
            problems.push(wrong(expected, format!("the name '{}'", shown(name)), hint));
        }
    }
    problems
}

/// What tells that it is about another truth, as far as the document says what it is about.
fn of_truth(truth: &[AnnotatedCase], cases: &[Case]) -> Option<Problem> {
    let told: HashMap<&str, &AnnotatedCase> =
        truth.iter().map(|told| (told.id.as_str(), told)).collect();
    let other = |case: &Case| {
        told.get(case.case_id.as_str()).is_some_and(|told| {
            let group = told.group.is_some_and(|group| group != case.case_group);
            let voxels = told.foreground.zip(case.foreground).is_some_and(|(a, b)| a != b);
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
fn values(annotator: &Annotator, cases: &[Case]) -> Result<Vec<[f64; 2]>, Vec<Problem>> {
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
        values.push([value.dice, value.hd95]);
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
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::challenge::Group;

    /// Two cases of 30 x 30 x 20 mm, of 100 voxels of vessel each.
    fn cases() -> Vec<Case> {
        let case = |id: &str, group| {
            let mut case = Case::new(id.into(), group, [60, 60, 40], [0.5; 3], String::new());
            case.foreground = Some(100);
            case
        };
        vec![case("0", Group::Normal), case("1", Group::Diseased)]
    }

    fn document() -> Value {
        let annotator = |name: &str, dice: f64| {
            let case = |id: &str| json!({ "id": id, "dice": dice, "hd95": 1.5 });
            json!({ "name": name, "cases": [case("1"), case("0")] })
        };
        json!({
            "kind": "asoca observers", "version": 1, "scorer_version": SCORER_VERSION,
            "truth": [{ "id": "0", "group": "normal", "foreground": 100 }],
            "annotators": [annotator("a", 0.8), annotator("b", 0.9)],
        })
    }

    /// What is found wrong with a document that `spoil` changed.
    #[track_caller]
    fn refused(spoil: impl FnOnce(&mut Value)) -> Vec<String> {
        let mut document = document();
        spoil(&mut document);
        let problems = read(document.to_string().as_bytes(), &cases()).unwrap_err();
        assert!(problems.iter().all(|problem| problem.code == Code::ObserversInvalid));
        problems.into_iter().map(|problem| problem.found).collect()
    }

    #[test]
    fn values_come_out_in_the_order_of_the_truth_set() {
        let mut document = document();
        document["annotators"][0]["cases"][0]["dice"] = json!(0.25);
        let read = read(document.to_string().as_bytes(), &cases()).unwrap();
        let first = AnnotatorValues { name: "a".into(), values: vec![[0.8, 1.5], [0.25, 1.5]] };
        assert_eq!((read.len(), &read[0]), (2, &first));
    }

    #[test]
    fn what_is_no_such_document_is_refused_as_a_whole() {
        for text in ["", "[]", "{", "null", "{\"kind\": 1}", &"[".repeat(100_000)] {
            assert_eq!(read(text.as_bytes(), &cases()).unwrap_err().len(), 1, "{text:.20}");
        }
        let long = document().to_string() + &" ".repeat(MOST_OBSERVERS_BYTES);
        assert_eq!(read(long.as_bytes(), &cases()).unwrap_err().len(), 1);
        assert_eq!(
            refused(|it| it["version"] = json!(2)),
            ["the kind 'asoca observers', version 2"]
        );
        assert_eq!(refused(|it| it["kind"] = json!("scores")), ["the kind 'scores', version 1"]);
        assert_eq!(refused(|it| it["annotators"] = json!("a")).len(), 1);
        assert_eq!(refused(|it| it["annotators"][1]["cases"][0]["dice"] = json!(null)).len(), 1);
    }

    #[test]
    fn cases_have_to_be_those_of_the_truth_set_each_once() {
        let id = |it: &mut Value, id: &str| it["annotators"][0]["cases"][0]["id"] = json!(id);
        assert_eq!(refused(|it| id(it, "7")), ["none for case 1", "some for case 7"]);
        assert_eq!(refused(|it| id(it, "0")), ["none for case 1", "a case again"]);
        let empty = |it: &mut Value| it["annotators"][1]["cases"] = json!([]);
        assert_eq!(refused(empty), ["none for cases 0, 1"]);
        assert_eq!(read(document().to_string().as_bytes(), &[]).unwrap_err().len(), 2);
    }

    #[test]
    fn values_have_to_be_possible() {
        let value = |metric: &'static str, value: f64| {
            refused(move |it| it["annotators"][0]["cases"][1][metric] = json!(value))
        };
        for dice in [-0.1, 1.000_001, 85.6] {
            assert_eq!(value("dice", dice), ["others for case 0"]);
        }
        // The volume's diagonal is 46.9 mm.
        for hd95 in [-1.0, 47.0, 1e300] {
            assert_eq!(value("hd95", hd95), ["others for case 0"]);
        }
        let infinite = document().to_string().replace("1.5", "1e999");
        assert_eq!(read(infinite.as_bytes(), &cases()).unwrap_err().len(), 1);
    }

    #[test]
    fn a_table_of_another_truth_or_another_scorer_is_refused() {
        let other = "others in case 0";
        assert_eq!(refused(|it| it["truth"][0]["foreground"] = json!(101)), [other]);
        assert_eq!(refused(|it| it["truth"][0]["group"] = json!("diseased")), [other]);
        assert_eq!(refused(|it| it["scorer_version"] = json!("v0")), ["values of v0"]);
    }

    #[test]
    fn annotators_are_two_at_least_and_have_names_of_their_own() {
        let alone = |it: &mut Value| it["annotators"].as_array_mut().unwrap().truncate(1);
        assert_eq!(refused(alone), ["1"]);
        let many = |it: &mut Value| {
            let name = |at: usize| json!({ "name": at.to_string(), "cases": [] });
            it["annotators"] = (0..51).map(name).collect();
        };
        assert_eq!(refused(many), ["51"]);
        for name in ["b", "", "a\u{202e}b", &"x".repeat(301)] {
            let found = refused(|it| it["annotators"][0]["name"] = json!(name));
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].starts_with("the name '"), "{found:?}");
        }
    }

    #[test]
    fn everything_wrong_is_told_at_once_and_not_all_cases_by_name() {
        let cases: Vec<Case> = (0..40)
            .map(|id: usize| {
                Case::new(id.to_string(), Group::Normal, [9; 3], [1.0; 3], String::new())
            })
            .collect();
        let problems = read(document().to_string().as_bytes(), &cases).unwrap_err();
        let found: Vec<&str> = problems.iter().map(|problem| problem.found.as_str()).collect();
        let missing = "none for cases 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 28 more";
        // Its case 1 is diseased there; the document does not say so.
        assert_eq!(found, [missing, missing]);
    }
}
