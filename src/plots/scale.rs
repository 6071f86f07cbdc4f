//! From values to places.

use super::ticks::{self, Tick};

/// Where on the page a scale lies, from its low to its high end, and how far apart its ticks have to be.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    pub from: f64,
    pub to: f64,
    pub gap: f64,
}

/// Values on a line. Whatever it is given, what it gives lies within its span.
#[derive(Clone, Debug)]
pub struct Scale {
    low: f64,
    high: f64,
    span: Span,
    by: fn(f64) -> f64,
    pub ticks: Vec<Tick>,
}

impl Scale {
    /// For these values with some air around, but not beyond the bounds.
    pub fn linear(values: impl Iterator<Item = f64>, bounds: [f64; 2], span: Span) -> Self {
        let (low, high) = around(values, |value| value, 0.01);
        let (low, high) = (low.max(bounds[0]), high.min(bounds[1]));
        Self { low, high, span, by: |value| value, ticks: ticks::even(low, high, span.steps()) }
    }

    /// By log(1 + value), for what is not below zero.
    pub fn logarithmic(values: impl Iterator<Item = f64>, span: Span) -> Self {
        let (low, high) = around(values.map(|value| value.max(0.0)), f64::ln_1p, 0.1);
        let low = low.max(0.0);
        let mut scale = Self { low, high, span, by: f64::ln_1p, ticks: Vec::new() };
        let ends = (low.exp_m1(), high.exp_m1());
        scale.ticks = [ticks::SPARSE, ticks::DENSE]
            .map(|each| scale.apart(ticks::by_magnitude(ends.0, ends.1, each)))
            .into_iter()
            .find(|ticks| ticks.len() > 3)
            .unwrap_or_else(|| scale.apart(ticks::even(ends.0, ends.1, span.steps())));
        scale
    }

    /// 1 to `most`, each with half a step of its own on either side.
    pub fn positions(max: usize, span: Span) -> Self {
        let high = max.max(1) as f64;
        let mut scale =
            Self { low: 0.5, high: high + 0.5, span, by: |value| value, ticks: Vec::new() };
        let all = (1..=max.max(1)).map(|at| Tick { value: at as f64, label: at.to_string() });
        scale.ticks = scale.apart(all.collect());
        scale
    }

    /// Moments in UTC, as seconds since 1970.
    pub fn time(values: impl Iterator<Item = f64>, span: Span) -> Self {
        let (low, high) = around(values, |value| value, 1.0);
        Self { low, high, span, by: |value| value, ticks: ticks::moments(low, high, span.steps()) }
    }

    pub fn at(&self, value: f64) -> f64 {
        let share = ((self.by)(value) - self.low) / (self.high - self.low);
        let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
        self.span.from + share * (self.span.to - self.span.from)
    }

    pub fn span(&self) -> Span {
        self.span
    }

    /// Those that don't come too near to the one before.
    fn apart(&self, ticks: Vec<Tick>) -> Vec<Tick> {
        let mut kept: Vec<Tick> = Vec::new();
        for tick in ticks {
            let near =
                |last: &Tick| (self.at(tick.value) - self.at(last.value)).abs() < self.span.gap;
            if !kept.last().is_some_and(near) {
                kept.push(tick);
            }
        }
        kept
    }
}

impl Span {
    fn steps(self) -> usize {
        ((self.to - self.from).abs() / self.gap) as usize
    }
}

/// The lowest and the highest of what is a number, scaled, with a twentieth of air; where there is but one value, with
/// `least` on either side.
fn around(values: impl Iterator<Item = f64>, by: fn(f64) -> f64, least: f64) -> (f64, f64) {
    let values = values.filter(|value| value.is_finite()).map(by);
    let ends = |(low, high): (f64, f64), value: f64| (low.min(value), high.max(value));
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), ends);
    if low > high {
        return (0.0, 1.0);
    }
    let air = ((high - low) / 20.0).max(if high > low { 0.0 } else { least });
    (low - air, high + air)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPAN: Span = Span { from: 100.0, to: 300.0, gap: 40.0 };

    #[test]
    fn values_keep_their_order_and_stay_within_the_span() {
        let scale = Scale::linear([0.7, 0.9].into_iter(), [0.0, 1.0], SPAN);
        assert!(scale.at(0.7) > 100.0 && scale.at(0.7) < scale.at(0.8) && scale.at(0.9) < 300.0);
        let outside = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -5.0, 5.0];
        assert!(outside.iter().all(|&value| (100.0..=300.0).contains(&scale.at(value))));
    }

    #[test]
    fn a_single_value_or_none_has_a_scale_as_well() {
        for values in [vec![], vec![f64::NAN], vec![0.5], vec![1.0, 1.0], vec![0.0]] {
            for scale in [
                Scale::linear(values.iter().copied(), [0.0, 1.0], SPAN),
                Scale::logarithmic(values.iter().copied(), SPAN),
                Scale::time(values.iter().copied(), SPAN),
            ] {
                assert!(!scale.ticks.is_empty(), "{values:?}");
                let places = scale.ticks.iter().map(|tick| scale.at(tick.value));
                assert!(places.into_iter().all(|at| (100.0..=300.0).contains(&at)), "{values:?}");
            }
        }
    }

    #[test]
    fn one_huge_value_leaves_room_for_the_others() {
        let scale = Scale::logarithmic([3.0, 6.0, 60.0].into_iter(), SPAN);
        assert!(scale.at(6.0) - scale.at(3.0) > 30.0);
        let labels: Vec<&str> = scale.ticks.iter().map(|tick| tick.label.as_str()).collect();
        assert_eq!(labels, ["5", "10", "20", "50"]);
    }

    #[test]
    fn ticks_are_never_nearer_than_the_gap() {
        for scale in
            [Scale::logarithmic([0.0, 500.0].into_iter(), SPAN), Scale::positions(30, SPAN)]
        {
            let places: Vec<f64> = scale.ticks.iter().map(|tick| scale.at(tick.value)).collect();
            assert!(places.windows(2).all(|pair| pair[1] - pair[0] >= SPAN.gap), "{places:?}");
        }
    }
}
