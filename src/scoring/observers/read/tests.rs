use serde_json::{Value, json};

use super::*;
use crate::domain::Group;

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
    let first = AnnotatorValues {
        name: "a".into(),
        values: vec![PerMetric { dice: 0.8, hd95: 1.5 }, PerMetric { dice: 0.25, hd95: 1.5 }],
    };
    let (read, tolerance_mm) = read;
    assert_eq!((read.len(), &read[0]), (2, &first));
    assert_eq!(tolerance_mm, None);
}

#[test]
fn what_is_no_such_document_is_refused_as_a_whole() {
    for text in ["", "[]", "{", "null", "{\"kind\": 1}", &"[".repeat(100_000)] {
        assert_eq!(read(text.as_bytes(), &cases()).unwrap_err().len(), 1, "{text:.20}");
    }
    let long = document().to_string() + &" ".repeat(MAX_OBSERVERS_BYTES);
    assert_eq!(read(long.as_bytes(), &cases()).unwrap_err().len(), 1);
    assert_eq!(refused(|it| it["version"] = json!(2)), ["the kind 'asoca observers', version 2"]);
    assert_eq!(refused(|it| it["kind"] = json!("scores")), ["the kind 'scores', version 1"]);
    assert_eq!(refused(|it| it["annotators"] = json!("a")).len(), 1);
    assert_eq!(refused(|it| it["anotators"] = json!([])), ["the unknown member 'anotators'"]);
    let in_a_case = refused(|it| it["annotators"][1]["cases"][0]["score"] = json!(1));
    assert_eq!(in_a_case, ["the unknown member 'annotators.1.cases.0.score'"]);
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
        .map(|id: usize| Case::new(id.to_string(), Group::Normal, [9; 3], [1.0; 3], String::new()))
        .collect();
    let problems = read(document().to_string().as_bytes(), &cases).unwrap_err();
    let found: Vec<&str> = problems.iter().map(|problem| problem.found.as_str()).collect();
    let missing = "none for cases 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 28 more";
    // Its case 1 is diseased there; the document does not say so.
    assert_eq!(found, [missing, missing]);
}
