use serde_json::json;

use super::*;

const LINES: &str = "training_data | What else was it trained on? | long text | required | public\n\
    gpu | How long did it train? | number: GPU hours | organisers only\n\
    dims | Patches of | choice: 2-D; 3-D, isotropic | public\n\
    pre | Pretrained? | yes/no | organisers only\n\
    net | Network | short text | organisers only\n\
    cases | Cases | number | organisers only\n";

fn questions() -> Vec<Question> {
    from_lines(LINES).unwrap()
}

fn said(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

#[test]
fn questions_are_written_as_they_are_read() {
    assert_eq!(to_lines(&questions()), LINES);
    assert!(problems(&questions()).is_empty());
    let commas = from_lines("\n a | B? |Choice: x, y|Required|| \n").unwrap();
    assert_eq!(commas[0].options, ["x", "y"]);
    assert!(commas[0].required && !commas[0].public);
}

#[test]
fn what_is_wrong_with_a_question_names_its_line() {
    for (line, word) in [
        ("only a question", "between them"),
        ("a | b", "between them"),
        ("a | b | essay", "a kind"),
        ("a | b | yes/no: x", "a kind"),
        ("a | b | number | mandatory", "after the kind"),
        ("A | b | number", "a key"),
        ("1 | b | number", "a key"),
        ("a | | number", "a question"),
        ("a | b | choice: one", "options to choose from"),
        ("a | b | choice: x; x", "options that differ"),
        ("a | b | number: a unit that is far too long", "a unit"),
        ("first | again | number", "no question before it"),
        ("a | \u{202e}b | number", "a question"),
    ] {
        let problems = from_lines(&format!("first | x | number\n\n{line}\n")).unwrap_err();
        assert_eq!(problems.len(), 1, "{line}: {problems:?}");
        let expected = &problems[0].expected;
        assert!(expected.starts_with("line 3: ") && expected.contains(word), "{line}: {expected}");
    }
    let many: String = (0..=MAX_QUESTIONS).map(|at| format!("k{at} | x | number\n")).collect();
    assert_eq!(from_lines(&many).unwrap_err().len(), 1);
    assert!(from_lines(&"|".repeat(60_000)).is_err());
}

#[test]
fn an_answer_fits_its_question_and_has_its_words() {
    let all = said(json!({
        "training_data": "MM-WHS\r\nand more", "gpu": 12.5, "dims": "3-D, isotropic", "pre": true, "net": " U ",
        "cases": "40",
    }));
    let given = answers(&questions(), &all, None).unwrap();
    let texts: Vec<String> = given.iter().map(Answer::text).collect();
    assert_eq!(texts, ["MM-WHS\nand more", "12.5 GPU hours", "3-D, isotropic", "yes", "U", "40"]);
    assert_eq!(given[0].question, "What else was it trained on?");
    let base = |key: &str, value: Value| {
        let mut all = said(json!({ "training_data": "x" }));
        all.insert(key.to_owned(), value);
        all
    };
    for (key, value) in [
        ("training_data", json!(5)),
        ("training_data", json!("a\u{7}")),
        ("training_data", json!("x".repeat(2001))),
        ("gpu", json!("many")),
        ("gpu", json!("inf")),
        ("gpu", json!("nan")),
        ("gpu", json!(1e300)),
        ("dims", json!("4-D")),
        ("pre", json!("perhaps")),
        ("net", json!("a\nb")),
        ("net", json!(["U"])),
        ("unasked", json!("x")),
    ] {
        let problems = answers(&questions(), &base(key, value.clone()), None).unwrap_err();
        assert_eq!(problems.len(), 1, "{key} {value}");
        assert_eq!(problems[0].code, Code::AnswerInvalid, "{key} {value}");
    }
    for blank in [json!(null), json!(" ")] {
        let problems = answers(&questions(), &base("training_data", blank), None).unwrap_err();
        assert_eq!(problems[0].code, Code::AnswerMissing);
    }
}

#[test]
fn an_answer_outlives_its_question_and_is_public_only_if_it_was_given_as_such() {
    let given =
        answers(&questions(), &said(json!({ "training_data": "x", "net": "U" })), None).unwrap();
    let others = from_lines("net | Which? | short text | public\nnew | New? | yes/no | required\n");
    let others = others.unwrap();
    // What was asked later is owed by later submissions.
    let now = answers(&others, &said(json!({})), Some(&given)).unwrap();
    let shown: Vec<(&str, bool)> =
        now.iter().map(|one| (one.question.as_str(), one.is_public(&others))).collect();
    assert_eq!(shown, [("Network", false), ("What else was it trained on?", true)]);
    let now = answers(&others, &said(json!({ "net": "V", "new": false })), Some(&now)).unwrap();
    let shown: Vec<(&str, bool)> =
        now.iter().map(|one| (one.question.as_str(), one.is_public(&others))).collect();
    assert_eq!(shown, [("Which?", true), ("New?", false), ("What else was it trained on?", true)]);
    // One that is owed and there is not taken away.
    assert!(answers(&others, &said(json!({ "new": null })), Some(&now)).is_err());
}
