//! Two coronary trees, left and right.

use super::course::Side;
use super::heart::Heart;
use super::limb::{self, Limb};
use super::paint::Ball;
use super::profile::Profile;
use super::vector::{Vec3, add, between, norm, scale, sub};
use reproducible::Rng;

/// Distance between two nodes of a centreline, mm. Less than any voxel's edge, so that a chain of
/// nodes is a chain of touching voxels.
pub const STEP: f64 = 0.25;

/// A vessel from its start to its end, branches left out.
#[derive(Clone, Debug)]
pub struct Vessel {
    pub(crate) side: Side,
    /// Where it springs from; `None` for the two that spring from the aorta.
    pub parent: Option<Attachment>,
    /// Balls along the centreline, [`STEP`] apart, from start to end; never empty. A branch begins on its parent's
    /// axis, so its first nodes lie in the parent's lumen.
    pub nodes: Vec<Ball>,
}

/// A node of another vessel.
#[derive(Clone, Copy, Debug)]
pub struct Attachment {
    /// The vessel's index.
    pub vessel: usize,
    /// Index of the vessel's node.
    pub node: usize,
}

/// Both trees in the volume's millimetres (index × spacing).
#[derive(Clone, Debug)]
pub struct Tree {
    /// Parents stand before their branches.
    pub vessels: Vec<Vessel>,
    /// The middle of the heart.
    pub centre: Vec3,
    /// What all calibres are multiplied by: 1 in a life-size heart, less in a smaller one.
    pub calibre: f64,
}

impl Tree {
    /// Grows the trees of a heart that fits a volume of `extent` mm.
    pub fn grow(rng: &Rng, extent: Vec3) -> Self {
        let heart = Heart::new(&mut rng.stream(0));
        let limbs = limb::plan(&mut rng.stream(1));
        let lines: Vec<_> = limbs.iter().map(|limb| limb.line(&heart)).collect();
        let fit = Fit::new(&lines, extent, &mut rng.stream(2));
        let lines: Vec<_> = lines.iter().map(|line| evenly_spaced(&fit.placed(line))).collect();
        let profiles = profiles(&limbs, &mut rng.stream(3));

        // A small heart's vessels shrink less than its lengths, or voxels could not show them.
        let calibre = fit.size.min(1.0).sqrt();
        let parent = |(vessel, start): (usize, f64)| {
            let line: &Vec<(f64, Vec3)> = &lines[vessel];
            let node = line.partition_point(|&(u, _)| u < start).min(line.len() - 1);
            Attachment { vessel, node }
        };
        let node = |profile: &Profile, &(u, centre): &(f64, Vec3)| Ball {
            centre,
            radius: profile.radius(u) * calibre,
        };
        let vessels = limbs.iter().zip(&lines).zip(&profiles).map(|((limb, line), profile)| {
            let nodes = line.iter().map(|point| node(profile, point)).collect();
            Vessel { side: limb.side, parent: limb.parent.map(parent), nodes }
        });
        Self { vessels: vessels.collect(), centre: fit.shift, calibre }
    }

    /// About how many mm³ the vessels hold.
    pub fn volume(&self) -> f64 {
        self.vessels.iter().map(|vessel| tube_volume(&vessel.nodes)).sum()
    }
}

/// About how many mm³ a tube around nodes [`STEP`] apart holds.
pub fn tube_volume(nodes: &[Ball]) -> f64 {
    nodes.iter().map(|node| std::f64::consts::PI * node.radius * node.radius * STEP).sum()
}

fn profiles(limbs: &[Limb], rng: &mut Rng) -> Vec<Profile> {
    // A parent's radius at a branch depends on the branches before it, a branch's on its parent:
    // all calibres have to be known before the first radius is asked for.
    let mut profiles: Vec<Profile> = Vec::with_capacity(limbs.len());
    for limb in limbs {
        profiles.push(Profile::new(limb.calibre / 2.0, limb.path.end(), rng));
        if let Some((parent, u)) = limb.parent {
            profiles[parent].give_off(u, limb.calibre);
        }
    }
    for (at, limb) in limbs.iter().enumerate() {
        if let Some((parent, u)) = limb.parent {
            let start = profiles[parent].radius(u) * limb.calibre;
            profiles[at].begin_at(start);
        }
    }
    profiles
}

/// How the heart is scaled and laid into the volume.
struct Fit {
    size: f64,
    shift: Vec3,
}

impl Fit {
    fn new(lines: &[Vec<(f64, Vec3)>], extent: Vec3, rng: &mut Rng) -> Self {
        let points = || lines.iter().flatten().map(|&(_, point)| point);
        let low = points().fold([f64::INFINITY; 3], |a, b| [0, 1, 2].map(|i| a[i].min(b[i])));
        let high = points().fold([f64::NEG_INFINITY; 3], |a, b| [0, 1, 2].map(|i| a[i].max(b[i])));
        let box_size = sub(high, low);
        // A margin is left for radii, for shifted predictions, and as scans have it.
        let room = |axis: usize| 0.87 * extent[axis] / box_size[axis];
        let habitus = rng.between(1.12, 1.24);
        let size = room(0).min(room(1)).min(room(2)).min(habitus);

        let slack = sub(scale(extent, 0.92), scale(box_size, size));
        let aside = slack.map(|slack| slack * rng.between(-0.2, 0.2));
        let centre = add(scale(extent, 0.5), aside);
        let shift = sub(centre, scale(between(low, high, 0.5), size));
        Self { size, shift }
    }

    fn placed(&self, line: &[(f64, Vec3)]) -> Vec<(f64, Vec3)> {
        line.iter().map(|&(u, point)| (u, add(scale(point, self.size), self.shift))).collect()
    }
}

/// Points [`STEP`] apart along a line of points with their parameters, its first and last included.
fn evenly_spaced(line: &[(f64, Vec3)]) -> Vec<(f64, Vec3)> {
    let mut spaced: Vec<_> = line.first().copied().into_iter().collect();
    // How far along the current piece the next point lies.
    let mut ahead = STEP;
    for piece in line.windows(2) {
        let [(u, from), (v, to)] = [piece[0], piece[1]];
        let length = norm(sub(to, from));
        while ahead <= length {
            let t = ahead / length;
            spaced.push((u + (v - u) * t, between(from, to, t)));
            ahead += STEP;
        }
        ahead -= length;
    }
    spaced.extend(line.last());
    spaced
}
