/// Which of two values of a metric is the better one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The higher one, as of Dice.
    Higher,
    /// The lower one, as of a distance.
    Lower,
    /// The one nearer to zero, as of a difference.
    NearZero,
}

impl Direction {
    /// How far a value is from the best there could be, in an order of its own: less is better.
    pub fn loss(self, value: f64) -> f64 {
        match self {
            Self::Higher => -value,
            Self::Lower => value,
            Self::NearZero => value.abs(),
        }
    }

    /// Whether one value is better than another one.
    pub fn is_better(self, value: f64, than: f64) -> bool {
        self.loss(value) < self.loss(than)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_better_value_is_the_higher_the_lower_or_the_one_nearer_to_zero() {
        for (direction, better, worse) in [
            (Direction::Higher, 0.9, 0.8),
            (Direction::Lower, 0.8, 0.9),
            (Direction::NearZero, -1.0, 2.0),
            (Direction::NearZero, 1.0, -2.0),
        ] {
            assert!(direction.is_better(better, worse) && !direction.is_better(worse, better));
            assert!(!direction.is_better(better, better));
        }
        assert!(!Direction::NearZero.is_better(-1.0, 1.0));
    }
}
