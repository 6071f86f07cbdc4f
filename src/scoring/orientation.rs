use segmentation::Mask;
use segmentation_metrics::Truth;

/// A turn of the array that would make a prediction fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    Flipped(&'static str),
    SwappedXy,
}

impl std::fmt::Display for Turn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Flipped(axes) => write!(f, "is flipped along {axes}"),
            Self::SwappedXy => f.write_str("has x and y swapped"),
        }
    }
}

/// Above this Dice nobody has mixed up axes.
const FITS: f64 = 0.3;

/// A turn must raise Dice by this much to be worth a word.
const MUCH: f64 = 0.3;

/// The flip or x/y transposition under which a badly fitting prediction would fit much better.
pub fn better_turned(truth: &Truth, prediction: &Mask, dice: f64) -> Option<Turn> {
    if dice > FITS {
        return None;
    }
    let [nx, ny, nz] = prediction.shape();
    let flips = [("x", [true, false, false]), ("y", [false, true, false])]
        .into_iter()
        .chain([("z", [false, false, true]), ("x and y", [true, true, false])]);
    let flipped = flips.map(|(name, flip)| {
        let turned = move |at: [usize; 3]| {
            let size = [nx, ny, nz];
            [0, 1, 2].map(|axis| if flip[axis] { size[axis] - 1 - at[axis] } else { at[axis] })
        };
        (Turn::Flipped(name), overlap(truth, prediction, turned))
    });
    let swapped =
        (nx == ny).then(|| (Turn::SwappedXy, overlap(truth, prediction, |[x, y, z]| [y, x, z])));
    let (turn, shared) = flipped.chain(swapped).max_by_key(|&(_, shared)| shared)?;
    let turned = 2.0 * shared as f64 / (truth.count() + prediction.count()) as f64;
    (turned >= dice + MUCH).then_some(turn)
}

fn overlap(truth: &Truth, prediction: &Mask, turned: impl Fn([usize; 3]) -> [usize; 3]) -> usize {
    let [nx, ny, _] = prediction.shape();
    let voxel = |index: usize| [index % nx, index / nx % ny, index / (nx * ny)];
    let hits = |&index: &usize| prediction.get(prediction.index(turned(voxel(index))));
    truth.mask().ones().filter(hits).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: [usize; 3] = [9, 9, 5];

    fn mask(voxels: impl IntoIterator<Item = [usize; 3]>) -> Mask {
        let mut mask = Mask::empty(SHAPE).unwrap();
        for voxel in voxels {
            mask.set(mask.index(voxel));
        }
        mask
    }

    fn line() -> Vec<[usize; 3]> {
        (0..5).map(|x| [x, 1, 1]).collect()
    }

    fn hint(turned: impl Fn([usize; 3]) -> [usize; 3]) -> Option<Turn> {
        let truth = Truth::new(mask(line()), [1.0; 3]).unwrap();
        better_turned(&truth, &mask(line().into_iter().map(turned)), 0.0)
    }

    #[test]
    fn flips_and_the_swap_of_x_and_y_are_told_apart() {
        assert_eq!(hint(|[x, y, z]| [x, 8 - y, z]), Some(Turn::Flipped("y")));
        assert_eq!(hint(|[x, y, z]| [x, y, 4 - z]), Some(Turn::Flipped("z")));
        assert_eq!(hint(|[x, y, z]| [8 - x, 8 - y, z]), Some(Turn::Flipped("x and y")));
        assert_eq!(hint(|[x, y, z]| [y, x, z]), Some(Turn::SwappedXy));
    }

    #[test]
    fn something_elsewhere_gets_no_hint() {
        assert_eq!(hint(|[x, _, _]| [x, 4, 2]), None);
    }
}
