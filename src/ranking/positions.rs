use std::cmp::Ordering;

/// Standard competition ranks (1, 2, 2, 4): one more than the number of better values.
/// Values are compared exactly; `better` says which of two comes first.
pub(super) fn positions(values: &[f64], better: impl Fn(&f64, &f64) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| better(&values[a], &values[b]));
    let mut positions = vec![0; values.len()];
    let mut first_of_equals = 0;
    for (at, &index) in order.iter().enumerate() {
        if at == 0 || better(&values[order[at - 1]], &values[index]) != Ordering::Equal {
            first_of_equals = at;
        }
        positions[index] = first_of_equals + 1;
    }
    positions
}

pub(super) fn ascending(a: &f64, b: &f64) -> Ordering {
    a.partial_cmp(b).unwrap_or(Ordering::Equal)
}

pub(super) fn descending(a: &f64, b: &f64) -> Ordering {
    ascending(b, a)
}

/// Positions by values of Dice and of HD95.
pub(super) fn of_metrics(values: impl Iterator<Item = [f64; 2]>) -> [Vec<usize>; 2] {
    let (dice, hd95): (Vec<f64>, Vec<f64>) = values.map(|[dice, hd95]| (dice, hd95)).unzip();
    [positions(&dice, descending), positions(&hd95, ascending)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_share_a_position_and_the_next_one_is_skipped() {
        assert_eq!(positions(&[0.2, 0.1, 0.2, 0.3], ascending), [2, 1, 2, 4]);
        assert_eq!(positions(&[0.2, 0.1, 0.2, 0.3], descending), [2, 4, 2, 1]);
    }
}
