//! Lines of points in mm.

use crate::vector::{Vec3, add, between, distance, norm, scale, sub};

/// Points about `step` apart along a line, evenly, its first and last included.
///
/// With them, how far along the line each of its own points lies, in steps.
pub(crate) fn resampled(line: &[Vec3], step: f64) -> (Vec<Vec3>, Vec<f64>) {
    let mut along = vec![0.0];
    let mut length = 0.0;
    for piece in line.windows(2) {
        length += distance(piece[0], piece[1]);
        along.push(length);
    }
    let pieces = (length / step).round().max(1.0);
    if length <= 0.0 {
        return (line.first().copied().into_iter().collect(), along);
    }
    let mut at = 0;
    let point = |i: usize| {
        let wanted = length * i as f64 / pieces;
        while at + 2 < line.len() && along[at + 1] < wanted {
            at += 1;
        }
        let part = (wanted - along[at]) / (along[at + 1] - along[at]);
        between(line[at], line[at + 1], if part.is_finite() { part.clamp(0.0, 1.0) } else { 0.0 })
    };
    let points = (0..=pieces as usize).map(point).collect();
    (points, along.iter().map(|along| along * pieces / length).collect())
}

/// A line of evenly spaced points smoothed by a Gaussian of `sigma` steps, cut off at three sigmas, or at the
/// length of the line.
///
/// Beyond its ends the line goes on as its own reflection in the end point, so that the ends stay where they are.
pub(crate) fn smoothed(line: &[Vec3], sigma: f64) -> Vec<Vec3> {
    let Some(last) = line.len().checked_sub(1) else { return Vec::new() };
    let reach = ((3.0 * sigma).ceil() as usize).min(last);
    let weights: Vec<f64> =
        (0..=reach).map(|off| (-0.5 * (off as f64 / sigma).powi(2)).exp()).collect();
    let total = weights[0] + 2.0 * weights[1..].iter().sum::<f64>();
    let reflected = |end: usize, inside: usize| sub(scale(line[end], 2.0), line[inside]);
    let before = |at: usize, off: usize| match at.checked_sub(off) {
        Some(at) => line[at],
        None => reflected(0, off - at),
    };
    let after = |at: usize, off: usize| match at + off {
        at if at <= last => line[at],
        beyond => reflected(last, 2 * last - beyond),
    };
    let point = |at: usize| {
        let mut sum = scale(line[at], weights[0]);
        for (off, &weight) in weights.iter().enumerate().skip(1) {
            sum = add(sum, scale(add(before(at, off), after(at, off)), weight));
        }
        scale(sum, 1.0 / total)
    };
    (0..=last).map(point).collect()
}

/// The direction of a line at each of its points, of length 1: from the point before to the one after.
///
/// A single point's is that of z.
pub(crate) fn tangents(line: &[Vec3]) -> Vec<Vec3> {
    let mut tangent = [0.0, 0.0, 1.0];
    let mut direction = |at: usize| {
        let (from, to) = (line[at.saturating_sub(1)], line[(at + 1).min(line.len() - 1)]);
        let along = sub(to, from);
        let length = norm(along);
        if length > 0.0 {
            tangent = scale(along, 1.0 / length);
        }
        tangent
    };
    (0..line.len()).map(&mut direction).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn line() -> impl Strategy<Value = Vec<Vec3>> {
        prop::collection::vec([-9.0..9.0, -9.0..9.0, -9.0..9.0], 1..30)
    }

    proptest! {
        #[test]
        fn resampling_keeps_both_ends_and_says_where_points_went(line in line(), step in 0.1..3.0) {
            let (points, places) = resampled(&line, step);
            prop_assert_eq!(points[0], line[0]);
            prop_assert!(distance(points[points.len() - 1], line[line.len() - 1]) < 1e-9);
            prop_assert_eq!(places.len(), line.len());
            prop_assert!(places.is_sorted());
            let last = places[places.len() - 1];
            prop_assert!((last - (points.len() - 1) as f64).abs() < 1e-9, "{} {}", last, points.len());
        }

        #[test]
        fn smoothing_keeps_both_ends(line in line(), sigma in 0.3..8.0) {
            let smooth = smoothed(&line, sigma);
            prop_assert_eq!(smooth.len(), line.len());
            for at in [0, line.len() - 1] {
                prop_assert!(distance(smooth[at], line[at]) < 1e-9);
            }
        }

        #[test]
        fn smoothing_leaves_a_straight_line_as_it_is(
            from in [-9.0..9.0, -9.0..9.0, -9.0..9.0],
            step in [-1.0..1.0, -1.0..1.0, -1.0..1.0],
            count in 1..40usize,
            sigma in 0.3..4.0,
        ) {
            let line: Vec<Vec3> = (0..count).map(|at| add(from, scale(step, at as f64))).collect();
            for (smooth, point) in smoothed(&line, sigma).iter().zip(&line) {
                prop_assert!(distance(*smooth, *point) < 1e-9);
            }
        }
    }

    #[test]
    fn a_line_is_resampled_evenly() {
        let line = [[0.0; 3], [0.1, 0.0, 0.0], [2.0, 0.0, 0.0], [2.0, 1.0, 0.0]];
        let (points, places) = resampled(&line, 0.5);
        let expected = [0.0, 0.5, 1.0, 1.5, 2.0].map(|x| [x, 0.0, 0.0]);
        let expected = expected.into_iter().chain([[2.0, 0.5, 0.0], [2.0, 1.0, 0.0]]);
        assert_eq!(points.len(), 7);
        assert!(
            points.iter().zip(expected).all(|(&point, wanted)| distance(point, wanted) < 1e-12)
        );
        assert!(
            places.iter().zip([0.0, 0.2, 4.0, 6.0]).all(|(place, at)| (place - at).abs() < 1e-12)
        );
    }

    #[test]
    fn a_tangent_points_from_the_point_before_to_the_one_after() {
        assert_eq!(tangents(&[[5.0; 3]]), [[0.0, 0.0, 1.0]]);
        let line = [[0.0; 3], [1.0, 0.0, 0.0], [1.0, 2.0, 0.0]];
        let middle = 5f64.sqrt().recip();
        assert_eq!(
            tangents(&line),
            [[1.0, 0.0, 0.0], [middle, 2.0 * middle, 0.0], [0.0, 1.0, 0.0]]
        );
    }
}
