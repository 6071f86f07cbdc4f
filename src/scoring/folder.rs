use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::list::take_list;
use super::truth::{CaseTruth, Metrics, TruthIssue, VesselLabels, read_new_truth};
use crate::domain::{Group, Problem, explain};
use crate::json::{self, JsonError};
use crate::text::natural;
use segmentation::archive::{
    ArchiveError, ArchiveIssue, ArchiveProblem, Contents, ExpectedCase, Layout, Limits, Location,
};
use segmentation::{Format, Source, inspect};

/// How the published dataset lies in folders: `Normal/Annotations/Normal_1.nrrd` beside the images, meshes, centrelines
/// and reports of the same case.
pub const DATASET: Layout<'_> = Layout {
    masks: "Annotations",
    others: &["CTCA", "SurfaceMeshes", "Centrelines", "DiseaseReports"],
};

/// More files than these are no set of ground truths: somebody named a folder with all they have.
const MAX_FILES: usize = 100_000;

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

/// A ground truth under its case's id.
#[derive(Clone)]
pub struct TruthFile {
    pub id: String,
    pub group: Option<Group>,
    source: Arc<dyn Source>,
}

/// Why a folder or a zip is no set of ground truths.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error("{} problems", .0.len())]
    Invalid(Vec<Problem>),
    #[error("{CASES_FILE} has to be a list like [{{\"id\": \"0\", \"group\": \"normal\"}}]: {0}")]
    Cases(JsonError),
    #[error("{CASES_FILE} lists case {0} twice")]
    Twice(String),
    #[error("case '{0}': an id has 1 to 64 letters, digits, dashes and underscores")]
    Id(String),
    #[error(
        "it holds no case: expected one .nrrd file for each, named by the case's id, all in one folder or in folders \
         named Annotations, as in the dataset"
    )]
    NoCases,
    #[error("case {0}: its truth {1}")]
    Truth(String, TruthIssue),
}

/// Finds the ground truths in a folder or a zip: those `cases.json` lists, in its order, or, without one, every
/// `.nrrd` file, by group, number and name, in the group that its name says. Other files are left alone.
pub fn truth_files(location: Location<'_>) -> Result<Vec<TruthFile>, FolderError> {
    let limits = Limits { entries: MAX_FILES, ..Limits::default() };
    let contents = Contents::list(location, limits)?.arranged(&DATASET);
    let mut contents = contents.of_format(Format::Nrrd);
    let listed = match take_list(&mut contents)? {
        Some(list) => listed_cases(&list.map_err(|problem| FolderError::Invalid(vec![problem]))?)?,
        None => distinct(unlisted(&contents, &[Format::Nrrd]))?,
    };
    if listed.is_empty() {
        return Err(FolderError::NoCases);
    }
    let expected: Vec<ExpectedCase<'_>> =
        listed.iter().map(|case| ExpectedCase { id: &case.id, shape: None }).collect();
    let (files, mut problems) = contents.by_case(&expected, limits);
    problems.retain(|problem| !is_of_no_case(&problem.issue));
    if !problems.is_empty() {
        return Err(problems.into());
    }
    let found = listed.into_iter().zip(files);
    Ok(found
        .filter_map(|(ListedCase { id, group, .. }, file)| {
            Some(TruthFile { id, group, source: file?.source })
        })
        .collect())
}

fn is_of_no_case(issue: &ArchiveIssue) -> bool {
    matches!(issue, ArchiveIssue::Unexpected(_) | ArchiveIssue::UnsafePath)
}

impl From<Vec<ArchiveProblem>> for FolderError {
    fn from(problems: Vec<ArchiveProblem>) -> Self {
        Self::Invalid(problems.iter().map(explain::archive).collect())
    }
}

impl From<ArchiveError> for FolderError {
    fn from(error: ArchiveError) -> Self {
        match error {
            ArchiveError::Io(error) => error.into(),
            ArchiveError::Invalid(problems) => problems.into(),
        }
    }
}

/// The cases that files stand for where nobody lists them, by group, number and name.
pub(super) fn unlisted(contents: &Contents, formats: &[Format]) -> Vec<ListedCase> {
    let case = |id| ListedCase { id, ..ListedCase::default() }.grouped();
    let mut cases: Vec<ListedCase> = contents.stems(formats).into_iter().map(case).collect();
    sort_cases(&mut cases);
    cases
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
    let cases = if text.trim_start().starts_with('{') {
        json::strict(&text).map(|Answer { cases, .. }| cases)
    } else {
        json::strict(&text)
    };
    cases.map(grouped)
}

fn grouped(cases: Vec<ListedCase>) -> Vec<ListedCase> {
    cases.into_iter().map(ListedCase::grouped).collect()
}

/// The cases a document lists, whatever their ids are. A newer server's answer may say more of them.
fn parse_cases(document: &[u8]) -> Result<Vec<ListedCase>, JsonError> {
    #[derive(Deserialize)]
    struct Answer {
        cases: Vec<ListedCase>,
    }
    let text = json::text(document)?;
    let cases = if text.trim_start().starts_with('{') {
        json::lenient(&text).map(|Answer { cases }| cases)
    } else {
        json::lenient(&text)
    };
    cases.map(grouped)
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

impl ListedCase {
    /// In the group that its id says, as ids of the published dataset do, where the list says none.
    fn grouped(mut self) -> Self {
        let starts = |group: Group| {
            let word = self.id.split(|c: char| !c.is_ascii_alphabetic()).next();
            word.is_some_and(|word| word.eq_ignore_ascii_case(group.as_str()))
        };
        self.group = self.group.or_else(|| Group::ALL.iter().copied().find(|&group| starts(group)));
        self
    }
}

/// By group, those in none last, then by name, with numbers in it as numbers.
pub(super) fn sort_cases(cases: &mut [ListedCase]) {
    cases.sort_by(|one, other| {
        let key = |case: &ListedCase| (case.group.is_none(), case.group);
        key(one)
            .cmp(&key(other))
            .then_with(|| natural(&one.id).cmp(&natural(&other.id)))
            .then_with(|| one.id.cmp(&other.id))
    });
}

impl TruthFile {
    /// Shape (x, y, z) in voxels, from the header alone.
    pub fn shape(&self) -> Result<[usize; 3], FolderError> {
        match inspect(self.source.as_ref(), Format::Nrrd, None) {
            Ok(geometry) => Ok(geometry.shape),
            Err(error) => Err(FolderError::Truth(self.id.clone(), error.into())),
        }
    }

    /// Reads it, with these labels as vessel, and prepares it for these metrics.
    pub fn read(&self, labels: &VesselLabels, metrics: Metrics) -> Result<CaseTruth, TruthIssue> {
        read_new_truth(self.source.as_ref(), Format::Nrrd, labels, metrics)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_come_by_group_and_number_in_the_groups_their_names_say() {
        let mut ids = Vec::new();
        for group in ["Diseased", "Normal"] {
            ids.extend((1..=10).rev().map(|number| format!("{group}_{number}")));
        }
        ids.extend(["10", "9", "x", "normality_1", "normal-3", "DISEASED3"].map(String::from));
        let case = |id| ListedCase { id, ..ListedCase::default() }.grouped();
        let mut cases: Vec<ListedCase> = ids.into_iter().map(case).collect();
        sort_cases(&mut cases);

        let of = |group| {
            let of_group = cases.iter().filter(|case| case.group == group);
            of_group.map(|case| case.id.as_str()).collect::<Vec<_>>().join(" ")
        };
        let ten = |name: &str| (1..=10).map(|n| format!("{name}_{n} ")).collect::<String>();
        assert_eq!(of(Some(Group::Normal)), format!("{}normal-3", ten("Normal")));
        assert_eq!(of(Some(Group::Diseased)), format!("DISEASED3 {}", ten("Diseased").trim_end()));
        assert_eq!(of(None), "9 10 normality_1 x");
        assert_eq!(cases[0].id, "Normal_1");
        assert_eq!(cases.last().unwrap().id, "x");
    }

    #[test]
    fn numbers_in_names_count_as_numbers_however_long() {
        let long = "9".repeat(30);
        let mut ids: Vec<ListedCase> = ["a10b2", "a10b10", "a9", "a", &long, "07", "7", "a10"]
            .map(|id| ListedCase { id: id.into(), ..ListedCase::default() })
            .to_vec();
        sort_cases(&mut ids);
        let ids: Vec<&str> = ids.iter().map(|case| case.id.as_str()).collect();
        assert_eq!(ids, ["07", "7", &long, "a", "a9", "a10", "a10b2", "a10b10"]);
    }

    #[test]
    fn a_group_in_the_list_outweighs_the_name() {
        let document = br#"[{"id": "Normal_1", "group": "diseased"}, {"id": "Normal_2"}]"#;
        let groups: Vec<_> =
            listed_cases(document).unwrap().iter().map(|case| case.group).collect();
        assert_eq!(groups, [Some(Group::Diseased), Some(Group::Normal)]);
    }
}
