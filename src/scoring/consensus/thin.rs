//! Branches that are too thin to be counted on, which the published data set leaves out.

use serde::Serialize;

use crate::domain::{Code, Problem, explain};
use segmentation::Mask;
use vessel_centreline::{Centrelines, Options, centrelines};

/// Which branches are too thin, and what becomes of them.
#[derive(Clone, Copy, Debug)]
pub struct ThinVessels {
    /// Those whose median diameter stays below, mm.
    pub below_mm: f64,
    /// Whether they are taken out of the truth; otherwise they are only told.
    pub remove: bool,
}

/// The branches of a case that are too thin.
#[derive(Clone, Debug, Serialize)]
pub struct ThinBranches {
    pub case: String,
    pub removed: bool,
    /// Of their centrelines, mm.
    pub length_mm: f64,
    /// Of all of the case's, mm.
    pub of_mm: f64,
    /// What was, or would be, taken out.
    pub voxels: usize,
    pub branches: Vec<ThinBranch>,
}

#[derive(Clone, Debug, Serialize)]
pub struct ThinBranch {
    pub length_mm: f64,
    pub median_diameter_mm: f64,
    /// The voxel (x, y, z) where it ends: where to look for it.
    pub end: [i64; 3],
}

impl ThinVessels {
    /// Looks for them in a case's truth with this spacing (x, y, z) in mm, and takes them out of it if that is wanted.
    pub fn of(
        self,
        case: &str,
        truth: &mut Mask,
        spacing: [f64; 3],
    ) -> Result<Option<ThinBranches>, Problem> {
        let lines = centrelines(truth, spacing, &Options::default())
            .map_err(|error| explain::no_tree(case, error))?;
        let thin = lines.thin(self.below_mm);
        if !thin.contains(&true) {
            return Ok(None);
        }
        let rest = lines.without(truth, spacing, &thin);
        let voxels = truth.count() - rest.count();
        if self.remove {
            if rest.count() == 0 {
                return Err(self.nothing(case));
            }
            *truth = rest;
        }
        let branches = branches(&lines, &thin, spacing);
        let length = |at: usize| lines.branches[at].distances().last().copied().unwrap_or_default();
        Ok(Some(ThinBranches {
            case: case.to_owned(),
            removed: self.remove,
            length_mm: branches.iter().map(|branch| branch.length_mm).sum(),
            of_mm: (0..lines.branches.len()).map(length).sum(),
            voxels,
            branches,
        }))
    }

    fn nothing(self, case: &str) -> Problem {
        Problem::new(
            Code::ConsensusEmpty,
            format!("a vessel with a median diameter of {} mm", self.below_mm),
            format!("thinner ones only in case {case}"),
            "Choose a smaller diameter, or leave thin branches where they are.",
        )
    }
}

fn branches(lines: &Centrelines, thin: &[bool], spacing: [f64; 3]) -> Vec<ThinBranch> {
    let thin = lines.branches.iter().zip(thin).filter(|&(_, thin)| *thin);
    let branch = |(branch, _): (&vessel_centreline::Branch, _)| {
        let end = branch.points.last().map_or([0.0; 3], |point| point.position);
        ThinBranch {
            length_mm: branch.distances().last().copied().unwrap_or_default(),
            median_diameter_mm: branch.median_diameter(),
            end: [0, 1, 2].map(|axis| (end[axis] / spacing[axis]).round() as i64),
        }
    };
    thin.map(branch).collect()
}
