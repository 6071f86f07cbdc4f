//! What organisers ask about a method, and what teams answer.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Code, Problem};
use crate::string_enum::string_enum;
use crate::text::{has_hidden, is_visible};

mod lines;

pub use lines::{from_lines, to_lines};

/// The most questions of a phase.
pub const MAX_QUESTIONS: usize = 20;

const MAX_KEY: usize = 40;
const MAX_TEXT: usize = 200;
const MAX_OPTIONS: usize = 20;
const MAX_OPTION: usize = 100;
const MAX_UNIT: usize = 20;
/// Of a short text; a long one has ten times as many.
const MAX_SHORT: usize = 200;
const MAX_LONG: usize = 2000;

string_enum! {
    /// What kind of answer a question wants.
    QuestionKind {
        ShortText = "short_text",
        LongText = "long_text",
        YesNo = "yes_no",
        /// One of the question's options.
        Choice = "choice",
        /// In the question's unit, if it has one.
        Number = "number",
    }
}

/// A question about a method.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Names it in JSON and CSV.
    pub key: String,
    pub text: String,
    pub kind: QuestionKind,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
    #[serde(default)]
    pub required: bool,
    /// Whether everybody sees the answer, or only organisers and the team.
    #[serde(default)]
    pub public: bool,
}

/// What a team answered, with the words it was asked in: the question may be another one by now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    pub key: String,
    pub question: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// Whether everybody was to see it when it was given.
    pub public: bool,
    pub value: AnswerValue,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AnswerValue {
    YesNo(bool),
    Number(f64),
    Text(String),
}

impl Answer {
    /// As people read it.
    pub fn text(&self) -> String {
        match (&self.value, self.unit.as_str()) {
            (AnswerValue::Number(number), unit) if !unit.is_empty() => format!("{number} {unit}"),
            (value, _) => value.text(),
        }
    }

    /// Whether everybody may see it: the team was told so, and the phase says so still.
    pub fn is_public(&self, questions: &[Question]) -> bool {
        let now = questions.iter().find(|question| question.key == self.key);
        self.public && now.is_none_or(|question| question.public)
    }
}

impl AnswerValue {
    /// Without a unit.
    pub fn text(&self) -> String {
        match self {
            Self::YesNo(true) => "yes".to_owned(),
            Self::YesNo(false) => "no".to_owned(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

/// What is wrong with a list of questions; each problem says which one it is about.
pub fn problems(questions: &[Question]) -> Vec<Problem> {
    let mut problems = Vec::new();
    if questions.len() > MAX_QUESTIONS {
        let expected = format!("at most {MAX_QUESTIONS} questions");
        problems.push(wrong(expected, questions.len().to_string(), "Leave some out."));
        return problems;
    }
    for (at, question) in questions.iter().enumerate() {
        let which = format!("question {}", at + 1);
        problems.extend(problems_of(&which, question, questions.get(..at).unwrap_or_default()));
    }
    problems
}

fn wrong(
    expected: impl Into<String>,
    found: impl Into<String>,
    hint: impl Into<String>,
) -> Problem {
    Problem::new(Code::FieldInvalid, expected, found, hint)
}

/// `which` tells organisers which one it is; `before`: the questions that stand before it.
fn problems_of(which: &str, of: &Question, before: &[Question]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut must = |holds: bool, expected: String, found: String| {
        if !holds {
            let expected = format!("{which}: {expected}");
            problems.push(wrong(expected, shown(&found), "Correct it and save again."));
        }
    };
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let key = (1..=MAX_KEY).contains(&of.key.len())
        && of.key.starts_with(|c: char| c.is_ascii_lowercase())
        && of.key.chars().all(fits);
    must(
        key,
        format!("a key of 1 to {MAX_KEY} lower-case letters, digits and _, like training_data"),
        of.key.clone(),
    );
    let free = before.iter().all(|other| other.key != of.key);
    must(free, "a key that no question before it has".into(), of.key.clone());
    let line = |text: &str, most: usize| {
        is_visible(text)
            && !has_hidden(text)
            && text.chars().count() <= most
            && !text.contains(['|', '\n', '\r'])
    };
    must(
        line(&of.text, MAX_TEXT),
        format!("a question of 1 to {MAX_TEXT} characters, without |"),
        of.text.clone(),
    );
    match of.kind {
        QuestionKind::Choice => {
            let count = of.options.len();
            must(
                (2..=MAX_OPTIONS).contains(&count),
                format!("2 to {MAX_OPTIONS} options to choose from"),
                count.to_string(),
            );
            let distinct =
                of.options.iter().enumerate().all(|(at, one)| !of.options[..at].contains(one));
            must(distinct, "options that differ".into(), "the same one twice".into());
            for option in of.options.iter().take(MAX_OPTIONS) {
                must(
                    line(option, MAX_OPTION) && !option.contains(';') && option.trim() == option,
                    format!("options of 1 to {MAX_OPTION} characters, without | and ;"),
                    option.clone(),
                );
            }
        }
        _ => must(of.options.is_empty(), "options only for a choice".into(), "some".into()),
    }
    let unit = of.unit.is_empty()
        || (of.kind == QuestionKind::Number
            && line(&of.unit, MAX_UNIT)
            && of.unit.trim() == of.unit);
    must(unit, format!("a unit of at most {MAX_UNIT} characters, for a number"), of.unit.clone());
    problems
}

/// The beginning of what somebody wrote, for an error.
fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}

/// What a team says in answer to questions, over what it answered before. A key that is not said keeps its answer, `null` and
/// a blank text take it away.
///
/// # Errors
/// All that is wrong: answers that don't fit, to questions that nobody asks, and that a required answer is missing. One that was
/// required only after the team had answered is asked for in a new submission alone: `before` is then `None`.
pub fn answers(
    questions: &[Question],
    said: &Map<String, Value>,
    before: Option<&[Answer]>,
) -> Result<Vec<Answer>, Vec<Problem>> {
    let mut problems = Vec::new();
    for key in said.keys().filter(|key| questions.iter().all(|one| one.key != **key)) {
        let known: Vec<&str> = questions.iter().map(|one| one.key.as_str()).collect();
        let expected = match known.as_slice() {
            [] => "no answers, as this phase asks nothing".to_owned(),
            known => format!("answers to {}", known.join(", ")),
        };
        let hint = "Leave it out, or check its spelling.";
        problems.push(Problem::new(Code::AnswerInvalid, expected, shown(key), hint));
        if problems.len() > MAX_QUESTIONS {
            break;
        }
    }
    let mut all = Vec::new();
    for question in questions {
        let earlier = before.unwrap_or_default().iter().find(|one| one.key == question.key);
        let answer = match said.get(&question.key) {
            None => earlier.cloned(),
            Some(value) => match question.read(value) {
                Ok(value) => value.map(|value| question.answered(value)),
                Err(problem) => {
                    problems.push(problem);
                    continue;
                }
            },
        };
        let owed = question.required && (before.is_none() || earlier.is_some());
        if answer.is_none() && owed {
            let expected = format!("an answer to '{}' ({})", question.text, question.key);
            let hint = "Answer it and send it again.";
            problems.push(Problem::new(Code::AnswerMissing, expected, "none", hint));
        }
        all.extend(answer);
    }
    // What is not asked any more stays readable.
    let unasked = |one: &&Answer| questions.iter().all(|question| question.key != one.key);
    all.extend(before.unwrap_or_default().iter().filter(unasked).cloned());
    if problems.is_empty() { Ok(all) } else { Err(problems) }
}

impl Question {
    fn answered(&self, value: AnswerValue) -> Answer {
        Answer {
            key: self.key.clone(),
            question: self.text.clone(),
            unit: self.unit.clone(),
            public: self.public,
            value,
        }
    }

    /// The value that an answer has; none for one that says nothing. Forms send every value as a text.
    fn read(&self, said: &Value) -> Result<Option<AnswerValue>, Problem> {
        let text = match said {
            Value::Null => return Ok(None),
            Value::String(text) => text.trim(),
            _ => "",
        };
        if said.is_string() && text.is_empty() {
            return Ok(None);
        }
        let (value, expected) = match self.kind {
            QuestionKind::ShortText => {
                (short(said.is_string(), text), format!("a line of at most {MAX_SHORT} characters"))
            }
            QuestionKind::LongText => {
                (long(said.is_string(), text), format!("a text of at most {MAX_LONG} characters"))
            }
            QuestionKind::YesNo => (yes_no(said, text), "true or false".to_owned()),
            QuestionKind::Choice => (
                self.options.iter().find(|one| *one == text).cloned().map(AnswerValue::Text),
                format!("one of {}", self.options.join("; ")),
            ),
            QuestionKind::Number => (number(said, text), "a number".to_owned()),
        };
        value.map(Some).ok_or_else(|| {
            let expected = format!("{expected}, in answer to '{}' ({})", self.text, self.key);
            let found = shown(&said.to_string());
            Problem::new(Code::AnswerInvalid, expected, found, "Correct it and send it again.")
        })
    }
}

fn short(is_text: bool, text: &str) -> Option<AnswerValue> {
    let fits = is_text && text.chars().count() <= MAX_SHORT && is_visible(text);
    (fits && !has_hidden(text)).then(|| AnswerValue::Text(text.to_owned()))
}

fn long(is_text: bool, text: &str) -> Option<AnswerValue> {
    let text = text.replace("\r\n", "\n");
    let odd = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    let fits = is_text && text.chars().count() <= MAX_LONG && !text.contains(odd);
    fits.then_some(AnswerValue::Text(text))
}

fn yes_no(said: &Value, text: &str) -> Option<AnswerValue> {
    match (said, text) {
        (Value::Bool(yes), _) => Some(AnswerValue::YesNo(*yes)),
        (_, "yes") => Some(AnswerValue::YesNo(true)),
        (_, "no") => Some(AnswerValue::YesNo(false)),
        _ => None,
    }
}

fn number(said: &Value, text: &str) -> Option<AnswerValue> {
    // Written without an exponent it would fill the page.
    const LARGEST: f64 = 1e15;
    let number = match said {
        Value::Number(number) => number.as_f64(),
        _ => text.parse().ok(),
    };
    number.filter(|number| number.abs() <= LARGEST).map(AnswerValue::Number)
}

#[cfg(test)]
mod tests;
