//! How much two centrelines overlap.

use crate::nearest::Nearest;
use crate::{Centrelines, Point};

/// Edge of the cells in which nearest points are looked up, mm.
const CELL_MM: f64 = 2.0;

/// The radius from which a vessel is clinically relevant, mm (Schaap et al. 2009).
pub const RELEVANT_RADIUS_MM: f64 = 0.75;

/// How much of a reference was found, and how much of what was found is true.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Overlap {
    /// Overlap, from 0 to 1: the true points of both over all points of both.
    pub ov: f64,
    /// The overlap of what is clinically relevant: reference points of at least [`RELEVANT_RADIUS_MM`], and found ones
    /// whose nearest reference point is so. `None` if the reference has no such point.
    pub ot: Option<f64>,
    /// Accuracy inside: the mean distance, mm, of the true points of both to their nearest ones. `None` without any.
    pub ai_mm: Option<f64>,
    /// The part of the reference's points that is true.
    pub sensitivity: f64,
    /// The part of the found points that is true. `None` without any.
    pub precision: Option<f64>,
}

/// The reference has no points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the reference has no centreline")]
pub struct NoReference;

/// Compares centrelines with those of a reference, of the same mask's frame.
///
/// After Schaap et al. (2009), "Standardized evaluation methodology and reference database for evaluating coronary
/// artery centerline extraction algorithms": a point is true if it is at most the reference's radius away from its
/// partner. There, vessels are compared one by one, and partners follow each other along both. Here, the partner
/// of a point is the nearest point of the whole other tree, so that no vessel has to be matched with another; a line that
/// runs along a wrong vessel or back and forth is not punished as long as it stays in the reference's lumen. The first point of a branch,
/// which is one of its parent's, counts once. Points should be spaced as densely on both, because points are counted;
/// [`centrelines`](crate::centrelines) spaces all alike.
///
/// With nothing found, the overlap is 0 and its accuracy `None`.
///
/// # Errors
/// If the reference has no points.
pub fn overlap(reference: &Centrelines, found: &Centrelines) -> Result<Overlap, NoReference> {
    let points = |lines: &Centrelines| lines.points().copied().collect::<Vec<Point>>();
    let (reference, found) = (points(reference), points(found));
    if reference.is_empty() {
        return Err(NoReference);
    }
    let nearest = |points: &[Point]| {
        let positions: Vec<_> = points.iter().map(|point| point.position).collect();
        Nearest::new(&positions, CELL_MM)
    };
    let (mut of_reference, mut of_found) = (Counts::default(), Counts::default());
    let among = nearest(&found);
    for point in &reference {
        of_reference.add(point.radius, among.nearest(point.position).map(|(_, apart)| apart));
    }
    let among = nearest(&reference);
    for point in &found {
        if let Some((partner, apart)) = among.nearest(point.position) {
            of_found.add(reference[partner].radius, Some(apart));
        }
    }
    let share = |part: usize, of: usize| (of > 0).then(|| part as f64 / of as f64);
    let all = |pick: fn(&Counts) -> usize| pick(&of_reference) + pick(&of_found);
    let inside = all(|counts| counts.inside);
    Ok(Overlap {
        ov: inside as f64 / all(|counts| counts.all) as f64,
        ot: share(all(|counts| counts.relevant_inside), all(|counts| counts.relevant))
            .filter(|_| of_reference.relevant > 0),
        ai_mm: (inside > 0).then(|| (of_reference.apart + of_found.apart) / inside as f64),
        sensitivity: of_reference.inside as f64 / of_reference.all as f64,
        precision: share(of_found.inside, of_found.all),
    })
}

/// What is counted of the points of one side.
#[derive(Default)]
struct Counts {
    all: usize,
    inside: usize,
    relevant: usize,
    relevant_inside: usize,
    /// The sum of the distances of those inside, mm.
    apart: f64,
}

impl Counts {
    /// Counts a point, by the reference's radius there and the distance to its partner.
    fn add(&mut self, radius: f64, apart: Option<f64>) {
        let inside = apart.filter(|&apart| apart <= radius);
        let relevant = radius >= RELEVANT_RADIUS_MM;
        self.all += 1;
        self.inside += usize::from(inside.is_some());
        self.relevant += usize::from(relevant);
        self.relevant_inside += usize::from(relevant && inside.is_some());
        self.apart += inside.unwrap_or(0.0);
    }
}
