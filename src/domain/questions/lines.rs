//! Questions as an organiser writes them: one a line, as
//! `training_data | What else was it trained on? | long text | required | public`.

use super::{MAX_QUESTIONS, Question, QuestionKind, problems_of, shown, wrong};
use crate::domain::Problem;

/// The kinds as they are written; those with a colon go on with options or a unit.
const KINDS: &str = "short text, long text, yes/no, choice: ONE; ANOTHER, number, or number: UNIT";

/// The questions of a text.
///
/// # Errors
/// All that is wrong, each with its line.
pub fn from_lines(text: &str) -> Result<Vec<Question>, Vec<Problem>> {
    let (mut questions, mut problems) = (Vec::new(), Vec::new());
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    for (at, line) in lines {
        if questions.len() + problems.len() >= MAX_QUESTIONS {
            let expected = format!("at most {MAX_QUESTIONS} questions");
            problems.push(wrong(expected, "more", "Leave some out."));
            break;
        }
        let which = format!("line {}", at + 1);
        match from_line(&which, line) {
            Ok(question) => {
                problems.extend(problems_of(&which, &question, &questions));
                questions.push(question);
            }
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(questions) } else { Err(problems) }
}

fn from_line(which: &str, line: &str) -> Result<Question, Problem> {
    let refused = |expected: &str, found: &str| {
        let hint =
            "For instance: training_data | What else was it trained on? | long text | required";
        wrong(format!("{which}: {expected}"), shown(found), hint)
    };
    let mut parts = line.split('|').map(str::trim);
    let (Some(key), Some(text), Some(kind)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(refused("a key, a question and a kind, with | between them", line));
    };
    let (name, rest) = kind.split_once(':').unwrap_or((kind, ""));
    let (kind, rest) = match (name.trim().to_lowercase().as_str(), rest.trim()) {
        ("short text" | "text", "") => (QuestionKind::ShortText, ""),
        ("long text", "") => (QuestionKind::LongText, ""),
        ("yes/no", "") => (QuestionKind::YesNo, ""),
        ("choice", options) => (QuestionKind::Choice, options),
        ("number", unit) => (QuestionKind::Number, unit),
        _ => return Err(refused(&format!("a kind, one of {KINDS}"), kind)),
    };
    let mut question = Question {
        key: key.to_owned(),
        text: text.to_owned(),
        kind,
        options: Vec::new(),
        unit: String::new(),
        required: false,
        public: false,
    };
    match kind {
        QuestionKind::Choice => {
            // Semicolons, so that an option can have a comma; without any, commas.
            let between = if rest.contains(';') { ';' } else { ',' };
            let options = rest.split(between).map(str::trim).filter(|one| !one.is_empty());
            question.options = options.map(str::to_owned).collect();
        }
        _ => question.unit = rest.to_owned(),
    }
    for word in parts.filter(|word| !word.is_empty()) {
        match word.to_lowercase().as_str() {
            "required" => question.required = true,
            "optional" => question.required = false,
            "public" => question.public = true,
            "organisers only" => question.public = false,
            _ => {
                let expected = "required, optional, public or organisers only after the kind";
                return Err(refused(expected, word));
            }
        }
    }
    Ok(question)
}

/// The text that [`from_lines`] reads these questions from.
pub fn to_lines(questions: &[Question]) -> String {
    questions.iter().map(to_line).collect()
}

fn to_line(of: &Question) -> String {
    let kind = match of.kind {
        QuestionKind::ShortText => "short text".to_owned(),
        QuestionKind::LongText => "long text".to_owned(),
        QuestionKind::YesNo => "yes/no".to_owned(),
        QuestionKind::Choice => format!("choice: {}", of.options.join("; ")),
        QuestionKind::Number if of.unit.is_empty() => "number".to_owned(),
        QuestionKind::Number => format!("number: {}", of.unit),
    };
    let required = if of.required { " | required" } else { "" };
    let public = if of.public { "public" } else { "organisers only" };
    format!("{} | {} | {kind}{required} | {public}\n", of.key, of.text)
}
