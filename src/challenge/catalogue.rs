//! The closed catalogue of everything that can be wrong with an upload or a request.
//!
//! Lower rooms return typed errors of their own; here they become a stable code
//! and words for the person who has to mend it. A code never changes its meaning.

use serde::Serialize;

/// One thing that is wrong, where, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Problem {
    /// The file inside the upload, as its author named it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    pub code: Code,
    /// What would have been right.
    pub expected: String,
    /// What came instead.
    pub found: String,
    /// How to mend it.
    pub hint: String,
}

macro_rules! catalogue {
    ($($variant:ident $code:literal $title:literal)*) => {
        /// A stable code: `area.what`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $($variant),* }

        impl Code {
            pub const ALL: &[Code] = &[$(Code::$variant),*];

            /// The code as it is written in answers, logs and rows.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $code),* }
            }

            /// What it means, in one sentence.
            pub fn title(self) -> &'static str {
                match self { $(Code::$variant => $title),* }
            }
        }
    };
}

catalogue! {
    ArchiveNotAZip "archive.not_a_zip" "The file is not a zip archive."
    ArchiveTooLarge "archive.too_large" "The upload is larger than this server accepts."
    CaseMissing "case.missing" "A case has no file."
    CaseUnexpected "case.unexpected" "A file belongs to no case."
    CaseEmpty "case.empty" "A segmentation has no foreground."
    VolumeWrongShape "volume.wrong_shape" "A segmentation has another shape than its case."
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for Code {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Code::ALL
            .iter()
            .copied()
            .find(|code| code.as_str() == text)
            .ok_or_else(|| serde::de::Error::custom("a code that is not in the catalogue"))
    }
}
