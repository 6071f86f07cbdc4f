//! Welch's t-test, as the dataset paper compares normal and diseased cases.

use reproducible::{mean, variance};

/// Whether two groups have different means, their variances not being taken for equal.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Welch {
    /// The statistic: above 0 where the first group has the larger mean.
    pub t: f64,
    /// By Welch and Satterthwaite; not whole in general.
    pub degrees_of_freedom: f64,
    /// Two-sided.
    pub p: f64,
}

/// Why groups can't be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Untestable {
    /// A group has fewer than two values.
    #[error("too few cases")]
    TooFew,
    /// The values of each group are the same, or differ by nothing but rounding.
    #[error("values that hardly vary")]
    Constant,
}

impl Welch {
    /// Of the values of two groups.
    ///
    /// # Errors
    ///
    /// Where a group has fewer than two values, or the standard error of the difference is within the rounding of the
    /// means, as in R.
    pub fn of(a: &[f64], b: &[f64]) -> Result<Self, Untestable> {
        let (a, b) = (Sample::of(a)?, Sample::of(b)?);
        let error = a.error + b.error;
        if is_noise(error.sqrt(), a.mean.abs().max(b.mean.abs())) {
            return Err(Untestable::Constant);
        }
        let t = (a.mean - b.mean) / error.sqrt();
        let share = |sample: &Sample| sample.error.powi(2) / (sample.count - 1.0);
        let degrees_of_freedom = error.powi(2) / (share(&a) + share(&b));
        let p = incomplete_beta(
            degrees_of_freedom / 2.0,
            0.5,
            degrees_of_freedom / (degrees_of_freedom + t * t),
        );
        Ok(Self { t, degrees_of_freedom, p })
    }
}

/// Whether a standard error comes from the rounding of the mean, or can't be told: the bound of R's `t.test`.
pub(crate) fn is_noise(error: f64, mean: f64) -> bool {
    error.is_nan() || error <= 10.0 * f64::EPSILON * mean.abs()
}

struct Sample {
    count: f64,
    mean: f64,
    /// Variance of the mean.
    error: f64,
}

impl Sample {
    fn of(values: &[f64]) -> Result<Self, Untestable> {
        if values.len() < 2 {
            return Err(Untestable::TooFew);
        }
        let count = values.len() as f64;
        let mean = mean(values.iter().copied());
        Ok(Self { count, mean, error: variance(values) / count })
    }
}

/// The regularised incomplete beta function of `x` in 0..=1, by its continued fraction (Lentz's way of computing
/// it, as in Abramowitz and Stegun 26.5.8).
fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    // The fraction converges fast on this side of the mean, and the function is symmetric.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta(b, a, 1.0 - x);
    }
    let front = ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (1.0 - x).ln();
    let floor = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    let (mut c, mut d) = (1.0, 1.0 / floor(1.0 - (a + b) * x / (a + 1.0)));
    let mut fraction = d;
    for step in 1..1000 {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let before = fraction;
        for term in [even, odd] {
            d = 1.0 / floor(1.0 + term * d);
            c = floor(1.0 + term / c);
            fraction *= c * d;
        }
        if (fraction / before - 1.0).abs() < 1e-16 {
            break;
        }
    }
    front.exp() * fraction / a
}

/// The logarithm of the gamma function of a number above 0: Stirling's series, from 10 on exact to the last bits.
fn ln_gamma(x: f64) -> f64 {
    let (mut x, mut below) = (x, 0.0);
    while x < 10.0 {
        below += x.ln();
        x += 1.0;
    }
    let square = 1.0 / (x * x);
    let terms = [
        1.0 / 12.0,
        -1.0 / 360.0,
        1.0 / 1260.0,
        -1.0 / 1680.0,
        1.0 / 1188.0,
        -691.0 / 360_360.0,
        1.0 / 156.0,
        -3617.0 / 122_400.0,
    ];
    let series = terms.iter().rev().fold(0.0, |sum, term| sum * square + term) / x;
    (x - 0.5) * x.ln() - x + 0.5 * std::f64::consts::TAU.ln() + series - below
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_agrees_with_scipy() {
        // scipy 1.17: ttest_ind(a, b, equal_var=False)
        let a = [2.1, 2.2, 2.3, 2.4, 2.2, 2.1, 2.3, 2.2, 2.4, 2.0];
        let b = [5.0, 6.0, 7.0, 9.0, 4.0, 5.0, 3.0, 8.0, 7.0, 6.0];
        let few = (&[0.81, 0.85, 0.9, 0.78, 0.88][..], &[0.7, 0.72, 0.91, 0.65][..]);
        for ((a, b), [t, df, p]) in [
            (few, [1.6214989041733439, 3.9012027645060177, 0.18202397239968526]),
            ((&a, &b), [-6.530195559016378, 9.093597469124433, 0.00010267323465328928]),
            ((&[1.0, 2.0, 3.0], &[1.0, 2.0, 3.0]), [0.0, 4.0, 1.0]),
        ] {
            let found = Welch::of(a, b).unwrap();
            let pairs = [(found.t, t), (found.degrees_of_freedom, df), (found.p, p)];
            for (found, expected) in pairs {
                assert!((found - expected).abs() < 1e-12, "{found} rather than {expected}");
            }
        }
    }

    #[test]
    fn there_is_no_test_of_one_value_or_of_values_that_never_vary() {
        assert_eq!(Welch::of(&[1.0], &[1.0, 2.0]), Err(Untestable::TooFew));
        assert_eq!(Welch::of(&[], &[1.0, 2.0]), Err(Untestable::TooFew));
        assert_eq!(Welch::of(&[1.0, 1.0], &[2.0, 2.0]), Err(Untestable::Constant));
        assert_eq!(Welch::of(&[0.0, 0.0], &[0.0, 0.0]), Err(Untestable::Constant));
        assert_eq!(Welch::of(&[1.0, f64::NAN], &[2.0, 3.0]), Err(Untestable::Constant));
    }

    #[test]
    fn what_varies_by_rounding_alone_does_not_vary() {
        let noisy = |value: f64| [value, value.next_up(), value, value.next_down(), value];
        for (a, b) in [([0.1; 10], [0.3; 10]), ([0.1 + 0.2; 10], [0.3; 10])] {
            assert_eq!(Welch::of(&a, &b), Err(Untestable::Constant));
        }
        assert_eq!(Welch::of(&noisy(0.1), &noisy(0.3)), Err(Untestable::Constant));
        // One group that varies is enough: R 4, t.test(c(0.1, 0.1, 0.1), c(0.3, 0.4, 0.5)).
        let found = Welch::of(&[0.1; 3], &[0.3, 0.4, 0.5]).unwrap();
        assert!((found.degrees_of_freedom - 2.0).abs() < 1e-12, "{found:?}");
        assert!((found.t - -5.196152422706632).abs() < 1e-12, "{found:?}");
    }
}
