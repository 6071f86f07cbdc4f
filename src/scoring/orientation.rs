use segmentation::Mask;
use segmentation_metrics::Truth;

/// What was done to the array of a prediction that would fit as it should be: its axes are in another order, or
/// reversed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Which axis of the truth (0 is x) each axis of the prediction is.
    order: [usize; 3],
    /// Which of the prediction's axes are reversed.
    reversed: [bool; 3],
}

impl Turn {
    /// All 48 there are, the one that changes nothing first.
    fn all() -> impl Iterator<Item = Self> {
        const ORDERS: [[usize; 3]; 6] =
            [[0, 1, 2], [1, 0, 2], [2, 1, 0], [0, 2, 1], [1, 2, 0], [2, 0, 1]];
        let reversed = |bits: u8| [0, 1, 2].map(|axis| bits & (1 << axis) != 0);
        ORDERS
            .into_iter()
            .flat_map(move |order| (0..8).map(move |bits| Self { order, reversed: reversed(bits) }))
    }

    /// Whether it keeps the shape.
    fn fits(self, shape: [usize; 3]) -> bool {
        let turned = self.order.map(|axis| shape.get(axis).copied());
        turned == shape.map(Some)
    }

    /// Where a voxel (x, y, z) of the truth is in the prediction.
    fn place(self, voxel: [usize; 3], shape: [usize; 3]) -> [usize; 3] {
        [0, 1, 2].map(|axis| {
            let at = voxel[self.order[axis]];
            if self.reversed[axis] { shape[axis] - 1 - at } else { at }
        })
    }

    /// The axes that stay where they are.
    fn in_place(self) -> impl Iterator<Item = usize> {
        (0..3).filter(move |&axis| self.order[axis] == axis)
    }
}

impl std::fmt::Display for Turn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let of = |axes: &[usize]| -> Vec<&'static str> {
            axes.iter().filter_map(|&axis| ["x", "y", "z"].get(axis).copied()).collect()
        };
        let reversed: Vec<usize> = (0..3).filter(|&axis| self.reversed[axis]).collect();
        let flips = |f: &mut std::fmt::Formatter<'_>, axes: &[usize], before: &str| match of(axes)
            .as_slice()
        {
            [] => Ok(()),
            [one] => write!(f, "{before}is flipped along {one}"),
            [one, two] => write!(f, "{before}is flipped along {one} and {two}"),
            all => write!(f, "{before}is flipped along {}", all.join(", ")),
        };
        let in_place: Vec<usize> = self.in_place().collect();
        match in_place.as_slice() {
            &[axis] => {
                let plane: Vec<usize> = (0..3).filter(|&other| other != axis).collect();
                let names = of(&plane).join(" and ");
                // One axis of the plane reversed beside the swap is a rotation in it.
                let rotated = plane.iter().filter(|axis| reversed.contains(axis)).count() == 1;
                if rotated {
                    write!(f, "is rotated by 90° in the plane of {names}")?;
                    let rest: Vec<usize> =
                        reversed.into_iter().filter(|&other| other == axis).collect();
                    flips(f, &rest, " and ")
                } else {
                    write!(f, "has {names} swapped")?;
                    flips(f, &reversed, " and ")
                }
            }
            [] => {
                write!(f, "has its axes in the order {}", of(&self.order).join(", "))?;
                flips(f, &reversed, " and ")
            }
            _ => flips(f, &reversed, ""),
        }
    }
}

/// Above this Dice nobody has mixed up axes.
const FITS: f64 = 0.3;

/// A turn must raise Dice by this much to be worth a word.
const MUCH: f64 = 0.3;

/// Voxels of the truth that are looked at to choose among the turns, about.
const SAMPLE: usize = 10_000;

/// The turn of the array under which a badly fitting prediction would fit much better.
pub fn better_turned(truth: &Truth, prediction: &Mask, dice: f64) -> Option<Turn> {
    if dice > FITS {
        return None;
    }
    let shape = prediction.shape();
    let turns = Turn::all().skip(1).filter(|turn| turn.fits(shape));
    let every = truth.count().div_ceil(SAMPLE).max(1);
    let (turn, _) = turns
        .map(|turn| (turn, overlap(truth, prediction, turn, every)))
        // The first of the best: the simplest.
        .reduce(|best, other| if other.1 > best.1 { other } else { best })?;
    let shared = overlap(truth, prediction, turn, 1);
    let turned = 2.0 * shared as f64 / (truth.count() + prediction.count()) as f64;
    (turned >= dice + MUCH).then_some(turn)
}

/// How many of every so many voxels of the truth are in the prediction as well, once turned.
fn overlap(truth: &Truth, prediction: &Mask, turn: Turn, every: usize) -> usize {
    let shape = prediction.shape();
    let [nx, ny, _] = shape;
    let voxel = |index: usize| [index % nx, index / nx % ny, index / (nx * ny)];
    let hits = |&index: &usize| prediction.get(prediction.index(turn.place(voxel(index), shape)));
    truth.mask().ones().step_by(every).filter(hits).count()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const SHAPE: [usize; 3] = [9, 9, 9];

    fn mask(shape: [usize; 3], voxels: impl IntoIterator<Item = [usize; 3]>) -> Mask {
        let mut mask = Mask::empty(shape).unwrap();
        for voxel in voxels {
            mask.set(mask.index(voxel));
        }
        mask
    }

    /// Alike under no turn.
    fn vessel() -> Vec<[usize; 3]> {
        let along = |x| [x, 1, 1];
        let (up, out) = ((2..6).map(|y| [5, y, 1]), (2..4).map(|z| [5, 5, z]));
        (0..6).map(along).chain(up).chain(out).collect()
    }

    fn hint(shape: [usize; 3], turned: impl Fn([usize; 3]) -> [usize; 3]) -> Option<String> {
        let truth = Truth::new(mask(shape, vessel()), [1.0; 3]).unwrap();
        let prediction = mask(shape, vessel().into_iter().map(turned));
        better_turned(&truth, &prediction, 0.0).map(|turn| turn.to_string())
    }

    #[test]
    fn flips_swaps_and_rotations_are_named() {
        for (turned, words) in [
            ((|[x, y, z]| [x, 8 - y, z]) as fn([usize; 3]) -> [usize; 3], "is flipped along y"),
            (|[x, y, z]| [x, y, 8 - z], "is flipped along z"),
            (|[x, y, z]| [8 - x, 8 - y, z], "is flipped along x and y"),
            (|[x, y, z]| [8 - x, 8 - y, 8 - z], "is flipped along x, y, z"),
            (|[x, y, z]| [y, x, z], "has x and y swapped"),
            (|[x, y, z]| [z, y, x], "has x and z swapped"),
            (|[x, y, z]| [8 - y, x, z], "is rotated by 90° in the plane of x and y"),
            (
                |[x, y, z]| [y, 8 - x, 8 - z],
                "is rotated by 90° in the plane of x and y and is flipped along z",
            ),
            (|[x, y, z]| [8 - y, 8 - x, z], "has x and y swapped and is flipped along x and y"),
            (|[x, y, z]| [z, x, y], "has its axes in the order z, x, y"),
        ] {
            assert_eq!(hint(SHAPE, turned).as_deref(), Some(words));
        }
    }

    #[test]
    fn each_of_the_48_is_recognised_and_named_differently() {
        let mut names = HashSet::new();
        for turn in Turn::all().skip(1) {
            let truth = Truth::new(mask(SHAPE, vessel()), [1.0; 3]).unwrap();
            let voxels = vessel().into_iter().map(|voxel| turn.place(voxel, SHAPE));
            let found = better_turned(&truth, &mask(SHAPE, voxels), 0.0);
            assert_eq!(found, Some(turn), "{turn}");
            names.insert(turn.to_string());
        }
        // The two rotations in a plane, by a quarter to either side, have one name.
        assert_eq!(names.len(), 47 - 6);
    }

    #[test]
    fn only_turns_that_keep_the_shape_are_tried() {
        assert_eq!(Turn::all().filter(|turn| turn.fits([9, 9, 5])).count(), 16);
        assert_eq!(Turn::all().filter(|turn| turn.fits([9, 8, 7])).count(), 8);
        let flipped = hint([9, 9, 5], |[x, y, z]| [x, y, 4 - z]);
        assert_eq!(flipped.as_deref(), Some("is flipped along z"));
    }

    #[test]
    fn something_elsewhere_gets_no_hint() {
        assert_eq!(hint(SHAPE, |[x, y, z]| [(x + 3) % 9, (y + 4) % 9, (z + 2) % 9]), None);
    }
}
