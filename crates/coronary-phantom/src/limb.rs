//! The vessels one heart has, before they have a size.

use super::course::{COURSES, Course, Side};
use super::heart::Heart;
use super::path::Path;
use super::vector::Vec3;
use reproducible::Rng;

/// Points of a centreline from one waypoint to the next.
const SAMPLES: usize = 48;

#[derive(Clone, Debug)]
pub struct Limb {
    pub side: Side,
    /// Limb it springs from, which stands before it, and the parent's parameter there.
    pub parent: Option<(usize, f64)>,
    /// Diameter at the start: in mm from the aorta, else as a part of the parent's.
    pub calibre: f64,
    pub path: Path,
}

/// The limbs of both trees, parents before their branches.
pub fn plan(rng: &mut Rng) -> Vec<Limb> {
    let mut limbs: Vec<Limb> = Vec::new();
    let mut place_of = [None; COURSES.len()];
    for (at, course) in COURSES.iter().enumerate() {
        // Drawn for an absent artery, too, so that leaving it out bends no other.
        let (present, wander) = (rng.chance(course.chance), rng.between(-0.15, 0.15));
        let calibre = rng.between(course.calibre[0], course.calibre[1]);
        let parent = match course.parent {
            None => None,
            Some((parent, u)) => match place_of[parent] {
                Some(parent) => Some((parent, u + wander)),
                None => continue,
            },
        };
        let first = parent.map(|(parent, u): (usize, f64)| limbs[parent].path.at(u));
        let path = Path::new(first, course.waypoints, course.side, rng);
        if present {
            place_of[at] = Some(limbs.len());
            limbs.push(Limb { side: course.side, parent, calibre, path });
        }
    }
    for (course, parent) in COURSES.iter().zip(place_of) {
        if let Some(parent) = parent {
            add_twigs(&mut limbs, course, parent, rng);
        }
    }
    limbs
}

/// Short side branches, to alternating sides.
fn add_twigs(limbs: &mut Vec<Limb>, course: &Course, parent: usize, rng: &mut Rng) {
    let mut side = rng.sign();
    for twig in 0..course.twigs {
        if rng.chance(0.25) {
            continue;
        }
        let path = &limbs[parent].path;
        let part = (twig as f64 + rng.between(0.2, 0.8)) / course.twigs as f64;
        // The first quarter of a vessel gives off no twigs.
        let u = path.end() * (0.25 + 0.65 * part);
        let start = path.at(u);
        let ahead = path.at(u + 0.2);
        // A degree of longitude is shorter towards the apex.
        let narrowing = start[0].to_radians().sin().max(0.2);
        let (north, east) = (ahead[0] - start[0], (ahead[1] - start[1]) * narrowing);
        let bearing = east.atan2(north) + side * rng.between(0.5, 0.9);
        let length = rng.between(14.0, 26.0);
        let bend = side * rng.between(-0.5, 0.1);
        let waypoint = |part: f64| {
            let (east, north) = (bearing + bend * part).sin_cos();
            [start[0] + length * part * north, start[1] + length * part * east / narrowing]
        };
        let way = [waypoint(0.5), waypoint(1.0)];
        let path = Path::new(Some(start), &way, course.side, rng);
        let calibre = rng.between(0.42, 0.58);
        limbs.push(Limb { side: course.side, parent: Some((parent, u)), calibre, path });
        side = -side;
    }
}

impl Limb {
    /// The centreline in mm from the heart's centre, as points with their parameter.
    pub fn line(&self, heart: &Heart) -> Vec<(f64, Vec3)> {
        let points = self.path.end() as usize * SAMPLES;
        (0..=points)
            .map(|i| {
                let u = i as f64 / SAMPLES as f64;
                (u, heart.point(self.path.at(u)))
            })
            .collect()
    }
}
