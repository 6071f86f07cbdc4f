use ndarray::{Array1, Array2, ArrayView2, Axis, Zip};
use reproducible::{mean, variance};

use super::{DRAWS, Interval};
use crate::welch::is_noise;

/// Stratified bootstrap-t (Efron and Tibshirani 1993, 12.5) of the means of one metric: each draw says by how many of its own
/// standard errors its mean is off. Percentiles of the drawn means themselves are too narrow for ten cases and for
/// skewed values.
pub(super) struct Studentized {
    strata: Vec<Stratum>,
    /// Of each entry.
    means: Vec<f64>,
    /// Standard errors of the means.
    errors: Vec<f64>,
    /// Of each entry what the draws gave.
    drawn: Vec<Vec<f64>>,
}

struct Stratum {
    cases: Vec<usize>,
    /// Values less the stratum's mean, cases × entries.
    centred: Array2<f64>,
}

/// Squares of values that are all the same, less the square of their sum, leave no more than this part of the squares.
const NOISE: f64 = 1e-12;

impl Studentized {
    /// Of scores, cases × entries, and the cases of each stratum.
    pub fn of(scores: ArrayView2<f64>, members: &[Vec<usize>]) -> Self {
        let entries = scores.len_of(Axis(1));
        let mut squares = vec![0.0; entries];
        let stratum = |cases: &Vec<usize>| {
            let mut centred = scores.select(Axis(0), cases);
            for (mut values, square) in centred.columns_mut().into_iter().zip(&mut squares) {
                *square += cases.len() as f64 * variance(&values.to_vec());
                let mean = mean(values.iter().copied());
                values.mapv_inplace(|value| value - mean);
            }
            Stratum { cases: cases.clone(), centred }
        };
        let strata = members.iter().filter(|cases| !cases.is_empty()).map(stratum).collect();
        let count = scores.len_of(Axis(0)) as f64;
        Self {
            strata,
            means: scores.columns().into_iter().map(|of| mean(of.iter().copied())).collect(),
            errors: squares.into_iter().map(|square| square.sqrt() / count).collect(),
            drawn: vec![Vec::with_capacity(DRAWS); entries],
        }
    }

    /// Takes in a draw, in which each case counts as often as it weighs.
    pub fn draw(&mut self, weights: &[u32]) {
        let entries = self.means.len();
        // Times the number of cases, and its square.
        let mut shifts = Array1::<f64>::zeros(entries);
        let (mut squares, mut noise) = (shifts.clone(), shifts.clone());
        for Stratum { cases, centred } in &self.strata {
            let (mut sum, mut of_squares) =
                (Array1::<f64>::zeros(entries), Array1::<f64>::zeros(entries));
            for (values, &case) in centred.outer_iter().zip(cases) {
                let weight = f64::from(weights[case]);
                Zip::from(&mut sum).and(&mut of_squares).and(&values).for_each(
                    |sum, of_squares, &value| {
                        *sum += weight * value;
                        *of_squares += weight * (value * value);
                    },
                );
            }
            let count = cases.len() as f64;
            let scale = count / (count - 1.0);
            Zip::from(&mut shifts).and(&sum).for_each(|shift, sum| *shift += sum);
            Zip::from(&mut squares).and(&mut noise).and(&sum).and(&of_squares).for_each(
                |square, noise, sum, of_squares| {
                    *square += (of_squares - sum * sum / count) * scale;
                    *noise += of_squares * scale * NOISE;
                },
            );
        }
        for (at, drawn) in self.drawn.iter_mut().enumerate() {
            let (shift, square) = (shifts[at], squares[at]);
            drawn.push(match square > noise[at] {
                true => shift / square.sqrt(),
                false if shift == 0.0 => 0.0,
                // Off by no error of its own: as far as can be.
                false => shift.signum() * f64::INFINITY,
            });
        }
    }

    /// Of each entry's mean; none where that can't be told.
    pub fn intervals(self, range: [f64; 2]) -> Vec<Option<Interval>> {
        let of_entry = |((mut drawn, mean), error): ((Vec<f64>, f64), f64)| {
            if is_noise(error, mean) {
                return None;
            }
            let Interval { low, median, high } = Interval::of(&mut drawn)?;
            if !(low.is_finite() && high.is_finite()) {
                return None;
            }
            // A draw that is too high by so much says that the mean may be too high by as much.
            let end = |off: f64| (mean - off * error).clamp(range[0], range[1]);
            Some(Interval { low: end(high), median: end(median), high: end(low) })
        };
        self.drawn.into_iter().zip(self.means).zip(self.errors).map(of_entry).collect()
    }
}
