//! How much two rankings of the same things agree.

/// Kendall's tau-b of two rankings of the same things: 1 where they agree, −1 where one is the other turned around.
///
/// By Knight's (1966) way, in n log n. `None` where one of them puts all things in one place, or there are fewer
/// than two.
pub fn tau_b(a: &[usize], b: &[usize]) -> Option<f64> {
    let mut pairs: Vec<(usize, usize)> = a.iter().copied().zip(b.iter().copied()).collect();
    pairs.sort_unstable();
    let tied = |equal: usize| equal * (equal - 1) / 2;
    let all = tied(pairs.len().max(1));
    let tied_in_a: usize = pairs.chunk_by(|x, y| x.0 == y.0).map(|equal| tied(equal.len())).sum();
    let tied_in_both: usize = pairs.chunk_by(|x, y| x == y).map(|equal| tied(equal.len())).sum();
    let mut second: Vec<usize> = pairs.iter().map(|pair| pair.1).collect();
    let swaps = sort_counting_swaps(&mut second);
    let tied_in_b: usize = second.chunk_by(|x, y| x == y).map(|equal| tied(equal.len())).sum();

    let [all, in_a, in_b, in_both, swaps] =
        [all, tied_in_a, tied_in_b, tied_in_both, swaps].map(|count| count as f64);
    let scale = ((all - in_a) * (all - in_b)).sqrt();
    // Concordant pairs less discordant ones.
    (scale > 0.0).then(|| (all - in_a - in_b + in_both - 2.0 * swaps) / scale)
}

/// Sorts by merging; gives how many neighbours would have to change places to sort them one by one.
fn sort_counting_swaps(values: &mut [usize]) -> usize {
    if values.len() < 2 {
        return 0;
    }
    let middle = values.len() / 2;
    let (left, right) = values.split_at_mut(middle);
    let mut swaps = sort_counting_swaps(left) + sort_counting_swaps(right);
    let mut merged = Vec::with_capacity(values.len());
    let (left, right) = values.split_at(middle);
    let (mut rest, mut other) = (left, right);
    while let (Some((&first, left)), Some((&second, right))) =
        (rest.split_first(), other.split_first())
    {
        if first <= second {
            merged.push(first);
            rest = left;
        } else {
            merged.push(second);
            swaps += rest.len();
            other = right;
        }
    }
    merged.extend_from_slice(rest);
    merged.extend_from_slice(other);
    values.copy_from_slice(&merged);
    swaps
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn it_agrees_with_scipy() {
        // scipy 1.17: kendalltau(a, b).statistic
        for (a, b, expected) in [
            (vec![1, 2, 3, 4, 5], vec![1, 2, 3, 4, 5], 1.0),
            (vec![1, 2, 3, 4, 5], vec![5, 4, 3, 2, 1], -1.0),
            (vec![1, 2, 2, 4, 5, 6], vec![1, 3, 2, 4, 4, 6], 0.9285714285714286),
            (vec![12, 2, 1, 12, 2], vec![1, 4, 7, 1, 0], -0.4714045207910316),
        ] {
            let found = tau_b(&a, &b).unwrap();
            assert!((found - expected).abs() < 1e-12, "{found} rather than {expected}");
        }
    }

    #[test]
    fn where_all_stand_in_one_place_there_is_nothing_to_agree_about() {
        assert_eq!(tau_b(&[1, 1, 1], &[1, 2, 3]), None);
        assert_eq!(tau_b(&[1], &[1]), None);
        assert_eq!(tau_b(&[], &[]), None);
    }

    proptest! {
        #[test]
        fn it_counts_what_looking_at_every_pair_finds(
            pairs in proptest::collection::vec((0usize..6, 0usize..6), 0..30),
        ) {
            let (a, b): (Vec<usize>, Vec<usize>) = pairs.iter().copied().unzip();
            let (mut both, mut in_a, mut in_b) = (0i64, 0i64, 0i64);
            for (at, x) in pairs.iter().enumerate() {
                for y in &pairs[..at] {
                    let order = |x: usize, y: usize| (x as i64 - y as i64).signum();
                    both += order(x.0, y.0) * order(x.1, y.1);
                    in_a += order(x.0, y.0).abs();
                    in_b += order(x.1, y.1).abs();
                }
            }
            let expected = (in_a > 0 && in_b > 0)
                .then(|| both as f64 / ((in_a as f64) * (in_b as f64)).sqrt());
            match (tau_b(&a, &b), expected) {
                (Some(found), Some(expected)) => prop_assert!((found - expected).abs() < 1e-12),
                (found, expected) => prop_assert_eq!(found, expected),
            }
        }
    }
}
