use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

/// What changes no score of a case but may not be meant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum CaseWarning {
    /// Found with the hidden truth: what is the matter with the prediction's axes. To be shown only as the phase's
    /// feedback allows.
    Turned { turned: String },
    /// Found in the upload and the public geometry of the case.
    Upload(String),
}

impl CaseWarning {
    /// The sentence about a prediction whose axes are turned.
    pub fn about_turn(turned: &str) -> String {
        format!(
            "The prediction seems to have a wrong orientation: it {turned}. Arrays are compared index by index."
        )
    }

    /// The sentence where most cases are turned alike, which names none of them.
    pub fn about_most(turned: &str) -> String {
        format!(
            "The predictions of most cases seem to have a wrong orientation: each {turned}. Arrays are compared index by index."
        )
    }

    /// Whether the truth has no part in it.
    pub fn is_of_upload(&self) -> bool {
        matches!(self, Self::Upload(_))
    }

    /// Writes the sentences alone.
    pub fn as_sentences<S: Serializer>(
        warnings: &[Self],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(warnings.iter().map(Self::to_string))
    }
}

impl fmt::Display for CaseWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Turned { turned } => f.write_str(&Self::about_turn(turned)),
            Self::Upload(sentence) => f.write_str(sentence),
        }
    }
}

impl From<String> for CaseWarning {
    fn from(sentence: String) -> Self {
        Self::Upload(sentence)
    }
}

/// Warnings that are the same but for numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alike {
    /// The cases they are about, in the order in which they came. None if they are about no single case.
    pub cases: Vec<String>,
    /// What they say, one for each case, or the one that is about none.
    messages: Vec<String>,
}

impl Alike {
    /// Brings together what is alike, in the order of the first of each.
    pub fn of<'a>(warnings: impl Iterator<Item = (Option<&'a str>, &'a str)>) -> Vec<Self> {
        let mut known: Vec<(String, Self)> = Vec::new();
        for (case, message) in warnings {
            let words = without_numbers(message);
            let same = known
                .iter_mut()
                .find(|(other, alike)| *other == words && alike.cases.is_empty() == case.is_none());
            let (case, message) = (case.map(str::to_owned), message.to_owned());
            match same {
                Some((_, alike)) => {
                    alike.cases.extend(case);
                    alike.messages.push(message);
                }
                None => {
                    let cases = case.into_iter().collect();
                    known.push((words, Self { cases, messages: vec![message] }));
                }
            }
        }
        known.into_iter().map(|(_, alike)| alike).collect()
    }

    /// What they say; of those that differ in numbers the first.
    pub fn message(&self) -> &str {
        self.messages.first().map_or("", String::as_str)
    }

    /// What each says of its case, where they differ.
    pub fn each(&self) -> Vec<String> {
        if self.messages.iter().all(|message| message == self.message()) {
            return Vec::new();
        }
        let each = self.cases.iter().zip(&self.messages);
        each.map(|(case, message)| format!("case {case}: {message}")).collect()
    }

    /// The cases in a line.
    pub fn runs(&self) -> String {
        super::runs(self.cases.iter().map(String::as_str))
    }
}

fn without_numbers(message: &str) -> String {
    let word = |word: &'_ str| match word.contains(|c: char| c.is_ascii_digit()) {
        true => "0".to_owned(),
        false => word.to_owned(),
    };
    message.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_that_differ_in_numbers_only_are_alike() {
        let warnings = [
            (Some("0"), "Values occur, for instance 2. Save 0 and 1."),
            (Some("0"), "The prediction lies elsewhere."),
            (Some("1"), "Values occur, for instance 0.25. Save 0 and 1."),
            (None, "The prediction lies elsewhere."),
            (Some("2"), "The prediction lies elsewhere."),
        ];
        let alike = Alike::of(warnings.into_iter());
        let shown: Vec<_> = alike.iter().map(|one| (one.runs(), one.message())).collect();
        let expected =
            [("0 and 1", warnings[0].1), ("0 and 2", warnings[1].1), ("", warnings[1].1)];
        assert_eq!(shown, expected.map(|(cases, message)| (cases.to_owned(), message)));
        let each = [
            "case 0: Values occur, for instance 2. Save 0 and 1.",
            "case 1: Values occur, for instance 0.25. Save 0 and 1.",
        ];
        assert_eq!(alike[0].each(), each);
        assert_eq!(alike[1].each(), Vec::<String>::new());
    }
}
