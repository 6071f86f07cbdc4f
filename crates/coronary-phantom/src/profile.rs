//! How wide a vessel is along its way.

use super::wave::Wave;
use reproducible::Rng;

/// No vessel is finer than this radius, mm.
const FINEST: f64 = 0.3;

/// A vessel's radius over its path's parameter: a taper to a fine end, steepest there, a step
/// down at every branch, and a little unevenness.
///
/// The steps follow Murray's law (1926): at a bifurcation the cube of the parent's radius is the
/// sum of the cubes of its daughters'.
#[derive(Clone, Debug)]
pub struct Profile {
    start: f64,
    tip: f64,
    end: f64,
    /// Where a branch leaves, and its radius as a part of this vessel's.
    branches: Vec<(f64, f64)>,
    unevenness: Wave,
}

impl Profile {
    /// A vessel of `start` mm radius whose parameter runs to `end`.
    pub fn new(start: f64, end: f64, rng: &mut Rng) -> Self {
        let tip = rng.between(0.39, 0.47);
        Self { start, tip, end, branches: Vec::new(), unevenness: Wave::new(rng) }
    }

    /// Sets the radius at the start, mm.
    pub fn begin_at(&mut self, radius: f64) {
        self.start = radius;
    }

    /// Lets a branch of `part` of this vessel's calibre leave at `u`.
    pub fn give_off(&mut self, u: f64, part: f64) {
        self.branches.push((u, part));
    }

    /// Radius in mm at `u`, on a branch's parent the one just before the branch.
    pub fn radius(&self, u: f64) -> f64 {
        let taken = |before: f64| -> f64 {
            let lost = self.branches.iter().filter(|&&(at, _)| at < before);
            lost.map(|&(_, part)| (1.0 - part * part * part).cbrt()).product()
        };
        // What the branches do not take, the taper does.
        let tip = (self.tip / taken(f64::INFINITY)).min(self.start);
        let part = (u / self.end).min(1.0);
        let tapered = self.start + (tip - self.start) * part * part * part;
        let uneven = 1.0 + 0.05 * self.unevenness.at(1.3 * u);
        (tapered * taken(u) * uneven).max(FINEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bifurcation_keeps_the_sum_of_the_cubes() {
        let mut parent = Profile::new(1.8, 5.0, &mut Rng::new(1));
        parent.give_off(2.0, 0.7);
        let (before, after) = (parent.radius(2.0), parent.radius(2.0 + 1e-12));
        let branch = 0.7 * before;
        assert!((before.powi(3) - after.powi(3) - branch.powi(3)).abs() < 1e-9);
    }

    #[test]
    fn a_vessel_ends_below_half_a_millimetre_however_many_branches_it_has() {
        let mut vessel = Profile::new(1.9, 6.0, &mut Rng::new(2));
        assert!(vessel.radius(6.0) < 0.5);
        for at in 1..6 {
            vessel.give_off(f64::from(at), 0.6);
            assert!((FINEST..0.5).contains(&vessel.radius(6.0)));
        }
    }
}
