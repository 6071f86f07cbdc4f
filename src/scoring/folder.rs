use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::truth::{CaseTruth, TruthIssue, read_truth};
use crate::domain::Group;
use crate::json::{self, JsonError};
use segmentation::{FileSource, Format, inspect};

/// The list of cases in a folder of ground truths.
pub const CASES_FILE: &str = "cases.json";

/// A line of `cases.json`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListedCase {
    pub id: String,
    pub group: Option<Group>,
    /// (x, y, z) in voxels. A truth beside the list has the last word on both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shape: Option<[usize; 3]>,
    /// (x, y, z) in mm
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spacing: Option<[f64; 3]>,
}

/// A ground truth that lies in a folder under its case's id.
#[derive(Clone, Debug)]
pub struct TruthFile {
    pub id: String,
    pub group: Option<Group>,
    pub path: PathBuf,
}

/// Why a folder is no set of ground truths.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    #[error("{0}: {1}")]
    Io(PathBuf, std::io::Error),
    #[error("{CASES_FILE} has to be a list like [{{\"id\": \"0\", \"group\": \"normal\"}}]: {0}")]
    Cases(JsonError),
    #[error("{CASES_FILE} lists case {0} twice")]
    Twice(String),
    #[error("case '{0}': an id has 1 to 64 letters, digits, dashes and underscores")]
    Id(String),
    #[error("it holds no case: expected one .nrrd file for each, named by the case's id")]
    NoCases,
    #[error("case {0}: its truth {1}")]
    Truth(String, TruthIssue),
}

/// Finds the ground truths in a folder: those `cases.json` lists, in its order, or, without
/// one, every `.nrrd` file, by number and then by name, in no group.
pub fn truth_folder(folder: &Path) -> Result<Vec<TruthFile>, FolderError> {
    let io = |path: &Path, error| FolderError::Io(path.to_owned(), error);
    let list = folder.join(CASES_FILE);
    let listed: Vec<ListedCase> = match std::fs::read(&list) {
        Ok(document) => listed_cases(&document)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => distinct(unlisted(folder)?)?,
        Err(error) => return Err(io(&list, error)),
    };
    if listed.is_empty() {
        return Err(FolderError::NoCases);
    }
    let mut files = Vec::with_capacity(listed.len());
    for ListedCase { id, group, .. } in listed {
        let path = folder.join(format!("{id}.nrrd"));
        path.metadata().map_err(|error| io(&path, error))?;
        files.push(TruthFile { id, group, path });
    }
    Ok(files)
}

/// Reads the list of cases that lies beside ground truths, or the one that `GET /api/v1/cases` answers.
pub fn listed_cases(document: &[u8]) -> Result<Vec<ListedCase>, FolderError> {
    distinct(parse_cases(document).map_err(FolderError::Cases)?)
}

/// The list of cases as it lies beside ground truths, a case a line.
pub fn list_of(cases: &[ListedCase]) -> Result<String, serde_json::Error> {
    let lines: Vec<String> = cases.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
    Ok(format!("[\n{}\n]\n", lines.join(",\n")))
}

/// The cases that the list beside imported truths names, whatever their ids are. What the list says and nobody
/// knows is refused: an organiser meant something by it.
pub(super) fn parse_cases_strictly(document: &[u8]) -> Result<Vec<ListedCase>, JsonError> {
    #[derive(Deserialize)]
    struct Answer {
        #[serde(rename = "phase")]
        _phase: Option<String>,
        cases: Vec<ListedCase>,
    }
    let text = json::text(document)?;
    if text.trim_start().starts_with('{') {
        json::strict(&text).map(|Answer { cases, .. }| cases)
    } else {
        json::strict(&text)
    }
}

/// The cases a document lists, whatever their ids are. A newer server's answer may say more of them.
fn parse_cases(document: &[u8]) -> Result<Vec<ListedCase>, JsonError> {
    #[derive(Deserialize)]
    struct Answer {
        cases: Vec<ListedCase>,
    }
    let text = json::text(document)?;
    if text.trim_start().starts_with('{') {
        json::lenient(&text).map(|Answer { cases }| cases)
    } else {
        json::lenient(&text)
    }
}

/// Whether it is fit for a file's name.
pub(super) fn is_case_id(id: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (1..=64).contains(&id.len()) && id.chars().all(fits)
}

/// The cases, if each has an id of its own that is fit for a file's name.
fn distinct(cases: Vec<ListedCase>) -> Result<Vec<ListedCase>, FolderError> {
    let mut seen = std::collections::HashSet::new();
    for ListedCase { id, .. } in &cases {
        if !is_case_id(id) {
            return Err(FolderError::Id(id.chars().take(80).collect()));
        }
        if !seen.insert(id) {
            return Err(FolderError::Twice(id.clone()));
        }
    }
    Ok(cases)
}

/// By number and then by name.
pub(super) fn sort_ids(cases: &mut [ListedCase]) {
    cases.sort_by_cached_key(|case| (case.id.parse::<u64>().unwrap_or(u64::MAX), case.id.clone()));
}

fn unlisted(folder: &Path) -> Result<Vec<ListedCase>, FolderError> {
    let io = |error| FolderError::Io(folder.to_owned(), error);
    let mut cases = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(io)? {
        let path = entry.map_err(io)?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        if let (Some(stem), true) = (stem, path.extension().is_some_and(|is| is == "nrrd")) {
            cases.push(ListedCase { id: stem.to_owned(), ..ListedCase::default() });
        }
    }
    sort_ids(&mut cases);
    Ok(cases)
}

impl TruthFile {
    /// Shape (x, y, z) in voxels, from the header alone.
    pub fn shape(&self) -> Result<[usize; 3], FolderError> {
        let source = FileSource(self.path.clone());
        match inspect(&source, Format::Nrrd, None) {
            Ok(geometry) => Ok(geometry.shape),
            Err(error) => Err(FolderError::Truth(self.id.clone(), error.into())),
        }
    }

    pub fn read(&self) -> Result<CaseTruth, TruthIssue> {
        read_truth(&FileSource(self.path.clone()), Format::Nrrd)
    }
}
