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
