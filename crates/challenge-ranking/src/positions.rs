use std::cmp::Ordering;

/// Standard competition ranks (1, 2, 2, 4): one more than the number of smaller values. Sorted values are equal while each is
/// within the tolerance of the one before.
pub(crate) fn positions(values: &[f64], tolerance: f64) -> Vec<usize> {
    let order = |a: usize, b: usize| values[a].partial_cmp(&values[b]).unwrap_or(Ordering::Equal);
    let mut sorted: Vec<usize> = (0..values.len()).collect();
    sorted.sort_by(|&a, &b| order(a, b));
    let mut positions = vec![0; values.len()];
    let mut first_of_equals = 0;
    for (at, &index) in sorted.iter().enumerate() {
        if at == 0 || values[index] - values[sorted[at - 1]] > tolerance {
            first_of_equals = at;
        }
        positions[index] = first_of_equals + 1;
    }
    positions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_share_a_position_and_the_next_one_is_skipped() {
        assert_eq!(positions(&[0.2, 0.1, 0.2, 0.3], 0.0), [2, 1, 2, 4]);
        assert_eq!(positions(&[], 0.0), [0; 0]);
    }

    #[test]
    fn values_are_equal_while_each_is_near_the_one_before() {
        assert_eq!(positions(&[1.2, 1.0, 1.1, 1.4], 0.15), [1, 1, 1, 4]);
        assert_eq!(positions(&[0.1 + 0.2, 0.3], 0.0), [2, 1]);
        assert_eq!(positions(&[0.1 + 0.2, 0.3], 1e-12), [1, 1]);
    }
}
