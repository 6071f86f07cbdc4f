//! A truth out of what several annotators drew, as the published data set was made: a voxel stays where more
//! than half of them have it.

mod agreement;
mod gather;
mod thin;
mod tolerance;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::atomic::Ordering;

use rayon::prelude::*;

use super::evaluate::{Progress, beside};
use super::folder::{CASES_FILE, ListedCase, list_of};
use super::import::{GZIP_LEVEL, Wrong, wrong_truth};
use super::observers::{AnnotatedCase, ObserverTable};
use super::scores::ScoredCase;
use super::truth::{CaseTruth, Metrics, TruthIssue, VesselLabels};
use super::warnings::warnings;
use crate::domain::{Code, Problem, explain};
use crate::store::AnnotatorValues;
use segmentation::archive::CaseFile;
use segmentation::nrrd::{Encoding, write_mask};
use segmentation::{Geometry, LoadedMask, Mask, VolumeIssue};
use segmentation_metrics::secondary::SurfaceAgreement;
use segmentation_metrics::{ScoreError, Truth, TruthError, score};

pub use agreement::{Agreement, in_json as agreements_in_json};
use agreement::{Pairs, agreements};
pub use thin::{ThinBranches, ThinVessels};
pub use tolerance::SurfaceTolerance;
use tolerance::surfaces;

/// Annotators' files by case, held against each other as far as their headers go.
pub struct Annotations {
    names: Vec<String>,
    cases: Vec<Annotated>,
    wrong: ConsensusProblems,
}

/// A case with the file of each annotator, where that can be used so far.
struct Annotated {
    listed: ListedCase,
    files: Vec<Option<CaseFile>>,
    place: Option<Place>,
}

/// Where a case's truth is to lie.
struct Place {
    geometry: Geometry,
    /// (x, y, z) in mm
    spacing: [f64; 3],
    /// The annotator, by place, whose file says so.
    said_by: usize,
}

/// All that is wrong.
#[derive(Debug, Default)]
pub struct ConsensusProblems {
    /// With the files of each annotator.
    pub annotators: Vec<Vec<Problem>>,
    /// With what they agree on.
    pub majority: Vec<Problem>,
}

/// The truth that was written, and how far each annotator agrees with it.
#[derive(Debug)]
pub struct Consensus {
    pub table: ObserverTable,
    /// How far each annotator agrees with it and with each other one, by all metrics.
    pub agreements: Vec<Agreement>,
    /// How precisely they draw a surface, if any two of them drew the same vessels and the voxels are not too fine.
    pub tolerance: Option<SurfaceTolerance>,
    /// What is thinner than was asked for, of each case that has some.
    pub thin: Vec<ThinBranches>,
    /// Place of the annotator, id of the case, what is odd about the mask.
    pub warnings: Vec<(usize, String, String)>,
}

#[derive(Debug, thiserror::Error)]
pub enum ConsensusError {
    #[error("the annotators' masks can't be used")]
    Invalid(ConsensusProblems),
    /// An annotator's files are out of reach; the annotator's place.
    #[error("annotator {0}: {1}")]
    Unreadable(usize, io::Error),
    #[error("there is no case: expected a .nrrd or .npz for each, named by the case's id")]
    NoCases,
    #[error("{0}")]
    NotWritten(io::Error),
}

/// What came of a case.
#[derive(Default)]
struct Done {
    wrong: Vec<(usize, Problem)>,
    nothing: Option<Problem>,
    made: Option<Made>,
}

struct Made {
    listed: ListedCase,
    foreground: usize,
    /// Of each annotator against the truth, then against each other one: in the order of [`Pairs`].
    scored: Vec<ScoredCase>,
    /// How much of their surfaces is near, in the same order.
    surfaces: Vec<Option<SurfaceAgreement>>,
    thin: Option<ThinBranches>,
    warnings: Vec<(usize, String)>,
}

impl ConsensusProblems {
    fn is_empty(&self) -> bool {
        self.majority.is_empty() && self.annotators.iter().all(Vec::is_empty)
    }
}

impl Annotations {
    /// How many files there are to read.
    pub fn files(&self) -> usize {
        self.cases.iter().flat_map(|case| &case.files).flatten().count()
    }

    /// Writes `<case id>.nrrd` for each case and the list of cases into a folder, on the rayon pool this is called
    /// in, and scores each annotator against what is written. Holds the masks of one case for each thread.
    ///
    /// Where anything is wrong, the folder's content is of no use. With `thin`, branches that are too thin are looked for.
    pub fn consensus(
        self,
        folder: &Path,
        labels: &VesselLabels,
        thin: Option<ThinVessels>,
        progress: &Progress,
    ) -> Result<Consensus, ConsensusError> {
        let done: Vec<Done> = self
            .cases
            .par_iter()
            .map(|case| case.consensus(folder, labels, thin, progress))
            .collect::<Result<_, _>>()?;
        let Self { names, mut wrong, .. } = self;
        let (mut listed, mut cases, mut warnings) = (Vec::new(), Vec::new(), Vec::new());
        let mut scored: Vec<Vec<ScoredCase>> = Vec::new();
        let (mut surfaces, mut too_thin) = (Vec::new(), Vec::new());
        for done in done {
            for (at, problem) in done.wrong {
                wrong.annotators[at].push(problem);
            }
            wrong.majority.extend(done.nothing);
            let Some(made) = done.made else { continue };
            let id = &made.listed.id;
            warnings.extend(made.warnings.into_iter().map(|(at, words)| (at, id.clone(), words)));
            too_thin.extend(made.thin);
            scored.resize(made.scored.len(), Vec::new());
            scored.iter_mut().zip(made.scored).for_each(|(all, case)| all.push(case));
            surfaces.push(made.surfaces);
            let foreground = Some(made.foreground as i64);
            cases.push(AnnotatedCase { id: id.clone(), group: made.listed.group, foreground });
            listed.push(made.listed);
        }
        if !wrong.is_empty() {
            return Err(ConsensusError::Invalid(wrong));
        }
        let list = list_of(&listed).map_err(io::Error::from);
        list.and_then(|list| std::fs::write(folder.join(CASES_FILE), list))
            .map_err(ConsensusError::NotWritten)?;
        warnings.sort_by_key(|(at, ..)| *at);
        let tolerance = SurfaceTolerance::of(names.len(), &surfaces);
        if let Some(tolerance) = tolerance {
            for (at, case) in surfaces.iter().enumerate() {
                for (scored, surfaces) in scored.iter_mut().zip(case) {
                    let (Some(case), Some(surfaces)) = (scored.get_mut(at), surfaces) else {
                        continue;
                    };
                    case.vessels =
                        case.vessels.take().map(|of| of.with(tolerance.values(surfaces)));
                }
            }
        }
        let annotators = names.into_iter().zip(&scored).map(|(name, scored)| AnnotatorValues {
            name,
            values: scored.iter().map(ScoredCase::ranked).collect(),
        });
        let tolerance_mm = tolerance.map(|tolerance| tolerance.mm);
        let table = ObserverTable { cases, annotators: annotators.collect(), tolerance_mm };
        let agreements = agreements(table.annotators.len(), scored);
        Ok(Consensus { table, agreements, tolerance, thin: too_thin, warnings })
    }
}

impl Annotated {
    fn consensus(
        &self,
        folder: &Path,
        labels: &VesselLabels,
        thin: Option<ThinVessels>,
        progress: &Progress,
    ) -> Result<Done, ConsensusError> {
        let mut done = Done::default();
        let mut drawn: Vec<(&CaseFile, LoadedMask)> = Vec::with_capacity(self.files.len());
        for (at, file) in self.files.iter().enumerate() {
            let Some(file) = file else { continue };
            let read = labels.read(file.source.as_ref(), file.format, self.listed.shape);
            progress.done.fetch_add(1, Ordering::Relaxed);
            match read {
                Ok(labelled) if labelled.mask.count() == 0 => {
                    done.wrong.push((at, explain::empty(&file.name, &labelled.values)));
                }
                Ok(labelled) => drawn.push((file, labelled)),
                Err(issue) => match wrong_truth(&file.name, file.format, issue) {
                    Wrong::Problem(problem) => done.wrong.push((at, problem)),
                    Wrong::Io(error) => return Err(ConsensusError::Unreadable(at, error)),
                },
            }
        }
        let Some(Place { geometry, spacing, said_by }) = &self.place else { return Ok(done) };
        if drawn.len() < self.files.len() {
            return Ok(done);
        }
        let masks: Vec<&Mask> = drawn.iter().map(|(_, labelled)| &labelled.mask).collect();
        let Some(mut majority) = Mask::majority(&masks) else { return Ok(done) };
        let mut too_thin = None;
        if let Some(thin) = thin.filter(|_| majority.count() > 0) {
            match thin.of(&self.listed.id, &mut majority, *spacing) {
                Ok(found) => too_thin = found,
                Err(problem) => {
                    done.nothing = Some(problem);
                    return Ok(done);
                }
            }
        }
        let truth = match Truth::new(majority, *spacing) {
            Ok(truth) => truth,
            Err(TruthError::Empty) => {
                done.nothing = Some(self.nothing());
                return Ok(done);
            }
            Err(error) => {
                let placed = drawn.get(*said_by);
                let problem = placed.and_then(|(file, _)| wrong_place(file, error.into()));
                done.wrong.extend(problem.map(|problem| (*said_by, problem)));
                return Ok(done);
            }
        };
        let path = folder.join(format!("{}.nrrd", self.listed.id));
        File::create(path)
            .and_then(|file| {
                let mut file = BufWriter::new(file);
                write_mask(&mut file, truth.mask(), geometry, Encoding::Gzip(GZIP_LEVEL))?;
                file.flush()
            })
            .map_err(ConsensusError::NotWritten)?;
        self.score(truth, geometry.clone(), &drawn, &mut done);
        if let Some(made) = &mut done.made {
            made.thin = too_thin;
        }
        Ok(done)
    }

    /// Scores each annotator's mask against the truth, and against each other one's.
    fn score(
        &self,
        truth: Truth,
        geometry: Geometry,
        drawn: &[(&CaseFile, LoadedMask)],
        done: &mut Done,
    ) {
        let (shape, spacing) = (truth.mask().shape(), truth.spacing());
        let listed =
            ListedCase { shape: Some(shape), spacing: Some(spacing), ..self.listed.clone() };
        let all = Metrics::All { tolerance_mm: None };
        let truth = CaseTruth::prepared(truth, geometry, all);
        let mut scored = Vec::with_capacity(drawn.len() * drawn.len());
        let mut near = Vec::with_capacity(drawn.len() * drawn.len());
        let mut odd = Vec::new();
        for (at, (file, labelled)) in drawn.iter().enumerate() {
            match self.scored(&truth, &labelled.mask) {
                Ok(case) => {
                    let found = warnings(&truth, labelled, case.dice);
                    odd.extend(found.iter().map(|words| (at, words.to_string())));
                    scored.push(case);
                    near.push(surfaces(truth.truth.mask(), &labelled.mask, spacing));
                }
                Err(ScoreError::Empty) => {
                    done.wrong.push((at, explain::empty(&file.name, &labelled.values)));
                }
                Err(ScoreError::Shape { expected, found }) => {
                    let issue = VolumeIssue::WrongShape { expected, found, cropped: false };
                    done.wrong.push((at, explain::volume(&file.name, file.format, &issue)));
                }
            }
        }
        if scored.len() < drawn.len() {
            return;
        }
        for reference in 0..drawn.len() {
            let mask = drawn.get(reference).map(|(_, labelled)| labelled.mask.clone());
            // It was scored, so that it has some foreground.
            let Some(other) = mask.and_then(|mask| Truth::new(mask, spacing).ok()) else { return };
            let other = CaseTruth::prepared(other, truth.geometry.clone(), all);
            let pairs = Pairs::of(drawn.len()).filter(|&(_, against)| against == reference);
            for (annotator, _) in pairs {
                let Some((_, labelled)) = drawn.get(annotator) else { continue };
                scored.extend(self.scored(&other, &labelled.mask));
                near.push(surfaces(other.truth.mask(), &labelled.mask, spacing));
            }
        }
        let foreground = truth.truth.count();
        done.made =
            Some(Made { listed, foreground, scored, surfaces: near, thin: None, warnings: odd });
    }

    /// A mask against a truth, by all metrics that can be computed.
    fn scored(&self, truth: &CaseTruth, mask: &Mask) -> Result<ScoredCase, ScoreError> {
        let official = score(&truth.truth, mask)?;
        // Why some can't be computed is not told for each pair.
        let (secondary, vessels) = beside(truth, mask, &mut Vec::new()).unzip();
        Ok(ScoredCase {
            id: self.listed.id.clone(),
            group: self.listed.group,
            dice: official.dice,
            hd95: official.hd95,
            secondary,
            vessels: vessels.flatten(),
            warnings: Vec::new(),
            mask: None,
        })
    }

    fn nothing(&self) -> Problem {
        let expected = "a voxel that more than half of the annotators marked";
        let found = format!("none in case {}", self.listed.id);
        let hint = "Check that their files are of the same case and have the same orientation.";
        Problem::new(Code::ConsensusEmpty, expected, found, hint)
    }
}

/// Why the truth can't lie where this file does.
fn wrong_place(file: &CaseFile, issue: TruthIssue) -> Option<Problem> {
    match wrong_truth(&file.name, file.format, issue) {
        Wrong::Problem(problem) => Some(problem),
        // There is nothing to read here.
        Wrong::Io(_) => None,
    }
}
