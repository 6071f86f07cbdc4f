//! Each annotator's files by case, and whether those of a case lie in the same place.

use super::{Annotated, Annotations, ConsensusError, ConsensusProblems, Place, wrong_place};
use crate::domain::{Code, Problem, explain};
use crate::scoring::folder::{DATASET, ListedCase, is_case_id, listed_cases, sort_cases, unlisted};
use crate::scoring::list::{take_list, wrong_list};
use crate::scoring::truth::new_spacing;
use crate::scoring::warnings::{is_elsewhere, other_spacing};
use segmentation::archive::{ArchiveError, CaseFile, Contents, ExpectedCase, Limits, Location};
use segmentation::{Format, Geometry, VolumeIssue};

impl Annotations {
    /// Finds every annotator's file of every case, by their names, and reads the headers.
    ///
    /// The cases are those of the list; without one, those that an annotator's `cases.json` lists, the first
    /// annotator's who has one; without any, every file stands for a case, in the group that its name says.
    pub fn gather(
        annotators: &[(String, Location<'_>)],
        listed: Option<Vec<ListedCase>>,
    ) -> Result<Self, ConsensusError> {
        let mut wrong = ConsensusProblems::default();
        let mut contents = Vec::with_capacity(annotators.len());
        for (at, (_, location)) in annotators.iter().enumerate() {
            let (found, problems) = match Contents::list(*location, Limits::default()) {
                Ok(found) => (Some(found.arranged(&DATASET)), Vec::new()),
                Err(ArchiveError::Invalid(problems)) => {
                    (None, problems.iter().map(explain::archive).collect())
                }
                Err(ArchiveError::Io(error)) => return Err(ConsensusError::Unreadable(at, error)),
            };
            contents.push(found);
            wrong.annotators.push(problems);
        }
        let cases = cases(&mut contents, listed, &mut wrong)?;
        if cases.is_empty() {
            return match wrong.is_empty() {
                true => Err(ConsensusError::NoCases),
                false => Err(ConsensusError::Invalid(wrong)),
            };
        }
        let expected: Vec<ExpectedCase<'_>> =
            cases.iter().map(|case| ExpectedCase { id: &case.id, shape: case.shape }).collect();
        let mut files: Vec<std::vec::IntoIter<Option<CaseFile>>> = Vec::new();
        for ((at, found), problems) in contents.into_iter().enumerate().zip(&mut wrong.annotators) {
            let (of_annotator, more) = match found {
                Some(found) => found
                    .preflight(&expected, Limits::default())
                    .map_err(|error| ConsensusError::Unreadable(at, error))?,
                None => (vec![None; cases.len()], Vec::new()),
            };
            problems.extend(more.iter().map(explain::archive));
            files.push(of_annotator.into_iter());
        }
        let cases = cases.into_iter().map(|listed| {
            // What has no geometry by now could not be read.
            let next = |files: &mut std::vec::IntoIter<Option<CaseFile>>| {
                files.next().flatten().filter(|file| file.geometry.is_some())
            };
            let files = files.iter_mut().map(next).collect();
            let mut case = Annotated { listed, files, place: None };
            case.hold_together(&mut wrong);
            case
        });
        let cases = cases.collect();
        let names = annotators.iter().map(|(name, _)| name.clone()).collect();
        Ok(Self { names, cases, wrong })
    }
}

/// The cases in their order, and every list taken out of the files.
fn cases(
    contents: &mut [Option<Contents>],
    mut listed: Option<Vec<ListedCase>>,
    wrong: &mut ConsensusProblems,
) -> Result<Vec<ListedCase>, ConsensusError> {
    for ((at, found), problems) in contents.iter_mut().enumerate().zip(&mut wrong.annotators) {
        let Some(found) = found else { continue };
        let list = take_list(found).map_err(|error| ConsensusError::Unreadable(at, error))?;
        if listed.is_some() {
            continue;
        }
        let read = |document: Vec<u8>| {
            let expected = "a list of cases, each once, with an id that is fit for a file's name";
            listed_cases(&document).map_err(|error| wrong_list(expected, error.to_string()))
        };
        match list.map(|list| list.and_then(read)) {
            Some(Ok(cases)) => listed = Some(cases),
            Some(Err(problem)) => problems.push(problem),
            None => {}
        }
    }
    Ok(listed.unwrap_or_else(|| {
        let formats = [Format::Nrrd, Format::Npz];
        let found = contents.iter().flatten().flat_map(|found| unlisted(found, &formats));
        let mut cases: Vec<ListedCase> = found.filter(|case| is_case_id(&case.id)).collect();
        sort_cases(&mut cases);
        cases.dedup();
        cases
    }))
}

impl Annotated {
    /// Finds out where the case lies, by the first file that says it, and tells of each file that lies elsewhere.
    fn hold_together(&mut self, wrong: &mut ConsensusProblems) {
        let files = self.files.iter().enumerate();
        let mut files = files.filter_map(|(at, file)| Some((at, file.as_ref()?)));
        let Some(first) = files.next() else { return };
        let has_spacing = |(_, file): &(usize, &CaseFile)| {
            file.geometry.as_ref().is_some_and(|geometry| geometry.spacing.is_some())
        };
        let (said_by, placed) = [first].into_iter().chain(files).find(has_spacing).unwrap_or(first);
        let (Some(shape), Some(place)) = (shape_of(first.1), placed.geometry.clone()) else {
            return;
        };
        let shape = self.listed.shape.unwrap_or(shape);
        let spacing = match new_spacing(&place) {
            Ok(spacing) => Some(spacing),
            Err(issue) => {
                wrong.annotators[said_by].extend(wrong_place(placed, issue));
                None
            }
        };
        for (file, problems) in self.files.iter_mut().zip(&mut wrong.annotators) {
            let Some(one) = file else { continue };
            let Some(geometry) = &one.geometry else { continue };
            if geometry.shape != shape {
                let (expected, found) = (shape, geometry.shape);
                let issue = VolumeIssue::WrongShape { expected, found, cropped: false };
                problems.push(explain::volume(&one.name, one.format, &issue));
                // What else may be wrong with it comes up when it has been fixed.
                *file = None;
            } else if spacing.is_some_and(|spacing| differ(&place, geometry, spacing)) {
                problems.push(elsewhere(&one.name, &place, geometry));
            }
        }
        self.listed.shape = Some(shape);
        let geometry = Geometry { shape, ..place };
        self.place = spacing.map(|spacing| Place { geometry, spacing, said_by });
    }
}

fn shape_of(file: &CaseFile) -> Option<[usize; 3]> {
    file.geometry.as_ref().map(|geometry| geometry.shape)
}

fn differ(place: &Geometry, other: &Geometry, spacing: [f64; 3]) -> bool {
    other_spacing(other, spacing).is_some() || is_elsewhere(place, other, spacing)
}

fn elsewhere(file: &str, place: &Geometry, found: &Geometry) -> Problem {
    let problem = Problem::new(
        Code::ConsensusGeometry,
        format!("a mask that lies where another annotator's does: {}", described(place)),
        described(found),
        "Save all masks of a case with the geometry of its CT.",
    );
    Problem { file: Some(file.to_owned()), ..problem }
}

/// Where a volume lies, as its header says it.
fn described(geometry: &Geometry) -> String {
    let vector = |[x, y, z]: [f64; 3]| format!("({x}, {y}, {z})");
    let directions =
        geometry.directions.map(|all| format!("directions {}", all.map(vector).join(" ")));
    let spacing = geometry.spacing.map(|[x, y, z]| format!("spacing {x} × {y} × {z} mm"));
    let origin = geometry.origin.map(|origin| format!("origin {}", vector(origin)));
    // A header may say a lot.
    let space = geometry.space.as_ref().map(|space| space.chars().take(80).collect());
    let said: Vec<String> = [directions.or(spacing), origin, space].into_iter().flatten().collect();
    said.join(", ")
}
