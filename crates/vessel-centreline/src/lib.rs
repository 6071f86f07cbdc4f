//! Centrelines of vessels in a binary segmentation, with radii.

#![cfg_attr(doctest, doc = include_str!("../README.md"))]
#![deny(missing_docs)]
#![warn(clippy::missing_errors_doc)]
#![warn(clippy::dbg_macro, clippy::expect_used, clippy::panic, clippy::todo, clippy::unwrap_used)]

mod cycles;
mod graph;
mod line;
mod lumen;
mod model;
mod nearest;
mod overlap;
mod prune;
mod route;
mod section;
mod thin;
mod vector;
mod vessel;
mod write;

pub use model::{Branch, Centrelines, Point};
pub use overlap::{NoReference, Overlap, RELEVANT_RADIUS_MM, overlap};

use graph::Graph;
use lumen::{Lumen, Voxels};
use segmentation::Mask;
use segmentation_metrics::secondary::{NotComputed, skeleton};
use vessel::Fitting;

/// The least and the largest edge a voxel may have, mm. CT of the heart has 0.2 to 3; the finer voxels are, the more of them a
/// cross-section has.
pub const SPACING_MM: [f64; 2] = [0.15, 10.0];

/// The most points centrelines may have. A coronary tree has 2000 to 5000.
pub const MAX_POINTS: usize = 1_000_000;

/// How centrelines are made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Distance between two points of a branch, mm: 0.05 to 10.
    pub step_mm: f64,
    /// The sigma of the Gaussian that a line is smoothed by before its points are moved to the middle of their
    /// cross-sections, mm: 0.05 to 10.
    pub smoothing_mm: f64,
    /// An end branch is a spur, and left out, if it is shorter than this many times the radius at its junction, and
    /// [`spur_mm`](Self::spur_mm) more: 0 to 10.
    pub spur_radii: f64,
    /// What is added to [`spur_radii`](Self::spur_radii) times the radius, mm: 0 to 100.
    pub spur_mm: f64,
}

impl Default for Options {
    /// 0.25 mm, 1 mm, and 1 radius and 2 mm.
    fn default() -> Self {
        Self { step_mm: 0.25, smoothing_mm: 1.0, spur_radii: 1.0, spur_mm: 2.0 }
    }
}

/// Why there are no centrelines.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum CentrelineError {
    /// The mask can't be thinned: it has no foreground, or too much.
    #[error(transparent)]
    Skeleton(#[from] NotComputed),
    /// An edge of a voxel that is outside of [`SPACING_MM`], or no number.
    #[error("a voxel's edge of {0} mm is not between {least} and {most} mm", least = SPACING_MM[0], most = SPACING_MM[1])]
    Spacing(f64),
    /// The name of an option whose value is outside of its range, or no number.
    #[error("the option {0} is outside of its range")]
    Option(&'static str),
    /// Lines so long that they would have more than [`MAX_POINTS`].
    #[error("the lines would have more than {MAX_POINTS} points")]
    TooLong,
}

/// The centrelines of the vessels in a mask of shape (x, y, z), whose voxels have these edges in mm.
///
/// The README says how they are made. Every 26-connected component of the mask has a line, be it a single point. A tree of full
/// size takes a tenth of a second on one core; a million voxels of noise took up to half a minute.
///
/// # Errors
/// See [`CentrelineError`].
pub fn centrelines(
    mask: &Mask,
    spacing_mm: [f64; 3],
    options: &Options,
) -> Result<Centrelines, CentrelineError> {
    check(spacing_mm, options)?;
    let thin = skeleton(mask)?;
    let lumen = Lumen::new(Voxels { mask, spacing: spacing_mm });
    let mut graph = Graph::new(Voxels { mask: &thin, spacing: spacing_mm }, &lumen);
    cycles::open(&mut graph, options);
    if graph.length() / options.step_mm > MAX_POINTS as f64 {
        return Err(CentrelineError::TooLong);
    }
    let mut fitting = Fitting::new(&graph, &lumen, options);
    let mut branches = Vec::new();
    let mut components = route::routes(&graph);
    components.sort_by(|a, b| graph.length_of(b).total_cmp(&graph.length_of(a)));
    for (component, routes) in components.iter().enumerate() {
        let (mut fitted, first) = (Vec::with_capacity(routes.len()), branches.len());
        for route in routes {
            fitted.push(fitting.fit(route, &fitted, first, component));
        }
        branches.extend(fitted.into_iter().map(|fitted| fitted.branch));
    }
    Ok(Centrelines { branches })
}

fn check(spacing_mm: [f64; 3], options: &Options) -> Result<(), CentrelineError> {
    let within = |value: f64, [least, most]: [f64; 2]| least <= value && value <= most;
    if let Some(&edge) = spacing_mm.iter().find(|&&edge| !within(edge, SPACING_MM)) {
        return Err(CentrelineError::Spacing(edge));
    }
    let ranges = [
        ("step_mm", options.step_mm, [0.05, 10.0]),
        ("smoothing_mm", options.smoothing_mm, [0.05, 10.0]),
        ("spur_radii", options.spur_radii, [0.0, 10.0]),
        ("spur_mm", options.spur_mm, [0.0, 100.0]),
    ];
    let outside = ranges.iter().find(|&&(_, value, range)| !within(value, range));
    outside.map_or(Ok(()), |&(name, ..)| Err(CentrelineError::Option(name)))
}
