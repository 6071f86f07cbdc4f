use std::f64::consts::PI;

/// The window that damps the ripples of the smoothing filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Window {
    /// That of VTK until 9.3.1 at least, without a choice; and so of the meshes of the ASOCA dataset. It shrinks thin vessels, and
    /// scales the whole mesh by 1.0015 around the middle of its box.
    Hamming,
    /// The default of VTK from 9.4.2 at the latest: it shrinks less.
    Nuttall,
}

impl Window {
    /// A short name, as it stands in files and options.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hamming => "hamming",
            Self::Nuttall => "nuttall",
        }
    }

    /// The weight of term `i` of a polynomial of this degree.
    fn weight(self, i: usize, degree: usize) -> f64 {
        let at = i as f64 * PI / (degree + 1) as f64;
        match self {
            Self::Hamming => 0.54 + 0.46 * at.cos(),
            Self::Nuttall => {
                0.355768
                    + 0.487396 * at.cos()
                    + 0.144232 * (2.0 * at).cos()
                    + 0.012604 * (3.0 * at).cos()
            }
        }
    }

    /// The coefficients of the filter as Chebyshev polynomials, from degree 0 to `iterations`.
    ///
    /// Taubin, Zhang and Golub (1996), the way VTK does it: the passband is widened by Newton's method until the filter's gain
    /// at it is 1 within 0.001.
    pub(crate) fn coefficients(self, passband: f64, iterations: usize) -> Vec<f64> {
        // VTK gives up sooner; no passband in use takes more than a few dozen.
        const STEPS: usize = 500;
        let theta = (1.0 - 0.5 * passband).acos();
        let terms = |sigma: f64| -> Vec<f64> {
            let term = |i: usize| match i {
                0 => self.weight(0, iterations) * (theta + sigma) / PI,
                i => {
                    let i_f = i as f64;
                    2.0 * self.weight(i, iterations) * (i_f * (theta + sigma)).sin() / (i_f * PI)
                }
            };
            (0..=iterations).map(term).collect()
        };
        let gain = |terms: &[f64]| -> f64 {
            terms.iter().enumerate().map(|(i, term)| term * (i as f64 * theta).cos()).sum()
        };
        let mut sigma = 0.0;
        let mut found = terms(sigma);
        for _ in 0..STEPS {
            let beside = gain(&found) - 1.0;
            if beside.abs() < 1e-3 {
                break;
            }
            let slope = gain(&derivative(&found));
            if slope == 0.0 {
                break;
            }
            sigma -= beside / slope;
            found = terms(sigma);
        }
        found
    }
}

/// What VTK takes for the derivative's coefficients. It is not the textbook's recurrence for the highest terms; the steps towards the
/// gain, and so the last digits of the filter, depend on it.
fn derivative(terms: &[f64]) -> Vec<f64> {
    let n = terms.len().saturating_sub(1);
    let mut slope = vec![0.0; terms.len()];
    if n < 2 {
        return slope;
    }
    slope[n - 2] = 2.0 * (n - 1) as f64 * terms[n - 1];
    for i in (0..n.saturating_sub(2)).rev() {
        slope[i] = slope[i + 2] + 2.0 * (i + 1) as f64 * terms[i + 1];
    }
    slope
}
