//! What was uploaded, as it lies in the scratch folder.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use tempfile::{NamedTempFile, TempPath};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::places::Place;
use crate::disk::Share;
use crate::domain::{Code, Error};
use crate::json;
use segmentation::Format;
use segmentation::archive::{self, Location};

/// Files, and what was sent with them.
#[derive(Debug)]
pub struct Upload {
    pub body: Body,
    pub bytes: u64,
    pub sha256: String,
    pub fields: Fields,
    /// Of the disk, for what is still to be written of it.
    pub room: Share,
    /// Its place among the uploads under way.
    pub place: Option<Place>,
}

/// The files, on disk as they came.
#[derive(Debug)]
pub enum Body {
    Zip(TempPath),
    Files {
        named: Vec<(String, PathBuf)>,
        /// Removes them in the end.
        files: Vec<TempPath>,
    },
}

impl Body {
    pub fn location(&self) -> Location<'_> {
        match self {
            Self::Zip(path) => Location::Zip(path),
            Self::Files { named, .. } => Location::Files(named),
        }
    }

    /// One zip to keep: the one that came, or the cases' files under the cases' ids.
    /// They hardly shrink any more, so they are packed as they are.
    pub fn into_zip(self, checked: &archive::Upload, scratch: &Path) -> std::io::Result<TempPath> {
        if let Self::Zip(path) = self {
            return Ok(path);
        }
        let (file, path) = NamedTempFile::new_in(scratch)?.into_parts();
        let mut zip = ZipWriter::new(BufWriter::with_capacity(1 << 20, file));
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .large_file(true)
            .last_modified_time(zip::DateTime::default());
        for file in &checked.files {
            let extension = match file.format {
                Format::Nrrd => "nrrd",
                Format::Npz => "npz",
            };
            zip.start_file(format!("{}.{extension}", file.case), options)?;
            std::io::copy(&mut file.source.open()?, &mut zip)?;
        }
        zip.finish()?.flush()?;
        Ok(path)
    }
}

#[derive(Clone, Debug, Default)]
pub struct Fields {
    pub name: String,
    /// The values that are vessel in a truth set's masks.
    pub vessel_labels: String,
    pub phase: String,
    pub method: String,
    pub description: String,
    pub url: String,
    pub code_url: String,
    pub data_url: String,
    /// To the phase's questions, as a JSON object.
    pub answers: String,
    /// The same from a form: keys and texts.
    pub given: Vec<(String, String)>,
}

/// What the names of a form's fields with answers begin with; the question's key follows.
pub const ANSWER: &str = "answer.";

impl Fields {
    /// Whether anything is answered.
    pub fn has_answers(&self) -> bool {
        !self.answers.is_empty() || !self.given.is_empty()
    }

    /// What is said in answer to questions, by their keys.
    ///
    /// # Errors
    /// The field is no JSON object.
    pub fn said(&self) -> Result<Map<String, Value>, Error> {
        let mut said = match self.answers.as_str() {
            "" => Map::new(),
            text => {
                let read = json::object::<json::Members>(text.as_bytes());
                let refused = |error: json::JsonError| {
                    let expected = "the field 'answers' as a JSON object, {KEY: ANSWER, …}";
                    let hint = "The phase says its questions with their keys, at /api/v1/phases.";
                    Error::new(Code::AnswerInvalid, expected, error.to_string(), hint)
                };
                read.map_err(refused)?.0
            }
        };
        let given = self.given.iter().cloned().map(|(key, text)| (key, Value::from(text)));
        said.extend(given);
        Ok(said)
    }
}
