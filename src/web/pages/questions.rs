//! A phase's questions as fields of a form.

use crate::domain::{Answer, Question};
use crate::service::upload::ANSWER;

/// A question with what was answered so far.
pub struct AskedQuestion {
    pub question: Question,
    /// As the field holds it.
    pub value: String,
    /// Whether the form is not sent without an answer.
    pub required: bool,
}

impl AskedQuestion {
    /// The questions of a new submission; `given`: what the form said, by their keys.
    pub fn new(questions: &[Question], given: &[(String, String)]) -> Vec<Self> {
        let asked = |question: &Question| {
            let given = given.iter().find(|(key, _)| *key == question.key);
            Self {
                question: question.clone(),
                value: given.map(|(_, value)| value.clone()).unwrap_or_default(),
                required: question.required,
            }
        };
        questions.iter().map(asked).collect()
    }

    /// The questions of a submission that was sent.
    pub fn answered(questions: &[Question], answers: &[Answer]) -> Vec<Self> {
        let asked = |question: &Question| {
            let answer = answers.iter().find(|answer| answer.key == question.key);
            Self {
                question: question.clone(),
                value: answer.map(|answer| answer.value.text()).unwrap_or_default(),
                required: question.required && answer.is_some(),
            }
        };
        questions.iter().map(asked).collect()
    }

    pub fn name(&self) -> String {
        format!("{ANSWER}{}", self.question.key)
    }

    /// Whether it is the one that is answered.
    pub fn is_chosen(&self, choice: &str) -> bool {
        self.value == choice
    }

    /// What there is to choose from.
    pub fn choices(&self) -> Vec<&str> {
        match self.question.options.as_slice() {
            [] => vec!["yes", "no"],
            options => options.iter().map(String::as_str).collect(),
        }
    }
}

/// Answers as a form would give them.
pub fn given(answers: &[Answer]) -> Vec<(String, String)> {
    answers.iter().map(|one| (one.key.clone(), one.value.text())).collect()
}
