/// Where a quantile lies among n sorted values: at or between two of them.
///
/// Definition 7 of Hyndman and Fan (1996), numpy's `linear`: position q·(n−1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position {
    /// Rank, from 0, of the value at or before the position.
    pub low: usize,
    /// Rank of the value after it; the same rank where the position is a whole number.
    pub high: usize,
    fraction: f64,
}

impl Position {
    /// The position of the quantile `q` in 0..=1 among `n` values, `None` where there are none.
    pub fn of(q: f64, n: usize) -> Option<Self> {
        let last = n.checked_sub(1)?;
        let exact = q * last as f64;
        let low = (exact as usize).min(last);
        let fraction = exact - low as f64;
        let high = if fraction > 0.0 { (low + 1).min(last) } else { low };
        Some(Self { low, high, fraction })
    }

    /// The quantile, from the values at the two ranks.
    ///
    /// From the nearer end, as numpy does it: the other form can differ in the last bit.
    pub fn between(self, low: f64, high: f64) -> f64 {
        let step = high - low;
        if self.fraction < 0.5 {
            low + step * self.fraction
        } else {
            high - step * (1.0 - self.fraction)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantile(q: f64, sorted: &[f64]) -> f64 {
        let position = Position::of(q, sorted.len()).unwrap();
        position.between(sorted[position.low], sorted[position.high])
    }

    #[test]
    fn nothing_has_no_quantile() {
        assert_eq!(Position::of(0.95, 0), None);
    }

    #[test]
    fn one_value_is_its_own_quantile() {
        assert_eq!(quantile(0.95, &[7.25]), 7.25);
    }

    #[test]
    fn a_whole_position_takes_one_value_alone() {
        let position = Position::of(0.95, 21).unwrap();
        assert_eq!((position.low, position.high), (19, 19));
    }

    #[test]
    fn between_two_values_it_is_linear() {
        assert_eq!(quantile(0.25, &[1.0, 2.0, 3.0, 4.0]), 1.75);
        assert_eq!(quantile(0.75, &[1.0, 2.0, 3.0, 4.0]), 3.25);
        assert_eq!(quantile(0.5, &[1.0, 4.0]), 2.5);
    }

    #[test]
    fn the_extreme_quantiles_are_the_extreme_values() {
        assert_eq!(quantile(0.0, &[1.0, 2.0, 5.0]), 1.0);
        assert_eq!(quantile(1.0, &[1.0, 2.0, 5.0]), 5.0);
    }
}
