use proptest::prelude::*;

use super::*;

fn mean(values: &[f64]) -> f64 {
    super::mean(values.iter().copied())
}

fn total(values: &[f64]) -> f64 {
    Sum::from_iter(values.iter().copied()).total()
}

#[test]
fn sums_and_means_are_the_nearest_there_are() {
    // Python 3.11: math.fsum(values) and statistics.mean(values), which computes with fractions.
    let all: [(&[f64], f64, f64); 11] = [
        (&[0.1; 10], 1.0, 0.1),
        (&[0.408151054974514, 0.7311837167794242], 1.1393347717539382, 0.5696673858769691),
        (&[12.0, 1.5, 15.6, 15.6, 5.3999999999999995], 50.1, 10.02),
        (&[4.5, 12.6, 1.5], 18.6, 6.2),
        (
            &[
                -67014572.56788421,
                2.3343765009513456e16,
                -1.6470100603166999e-12,
                11188961206.681835,
            ],
            2.3343776131460092e16,
            5835944032865023.0,
        ),
        // Half way between two, or a little more.
        (&[1.1102230246251565e-16, 1.0], 1.0, 0.5),
        (&[1.1102230246251565e-16, 1.0, 5e-324], 1.0000000000000002, 0.33333333333333337),
        (&[-1.1102230246251565e-16, -1.0, -5e-324], -1.0000000000000002, -0.33333333333333337),
        // Dividing the rounded sum would round twice.
        (
            &[0.2584208332654959, 0.25345814898474883, 0.730152230785161],
            1.2420312130354056,
            0.41401040434513525,
        ),
        (&[1e-323, -5e-324, 1e-323, -5e-324, 5e-324], 1.5e-323, 5e-324),
        (&[f64::MAX, f64::MAX, -f64::MAX, -f64::MAX, 5e-324], 5e-324, 0.0),
    ];
    for (values, sum, of_all) in all {
        assert_eq!((total(values), mean(values)), (sum, of_all), "{values:?}");
    }
}

#[test]
fn what_is_not_finite_stays_so() {
    assert_eq!(total(&[1.0, f64::INFINITY]), f64::INFINITY);
    assert_eq!(mean(&[f64::NEG_INFINITY, 1.0]), f64::NEG_INFINITY);
    assert!(total(&[f64::INFINITY, f64::NEG_INFINITY]).is_nan());
    assert!(total(&[1.0, f64::NAN]).is_nan());
    assert_eq!(total(&[f64::MAX, f64::MAX]), f64::INFINITY);
    assert_eq!(mean(&[f64::MAX, f64::MAX]), f64::MAX);
    assert!(mean(&[]).is_nan());
    assert_eq!(total(&[]), 0.0);
}

#[test]
fn a_term_may_count_several_times_or_never() {
    let mut sum = Sum::default();
    sum.add(0.1, 3);
    sum.add(0.7, 0);
    sum.add(f64::NAN, 0);
    sum.add(-0.2, 2);
    assert_eq!(sum.total(), total(&[0.1, 0.1, 0.1, -0.2, -0.2]));
    assert_eq!(sum.over(5), mean(&[0.1, 0.1, 0.1, -0.2, -0.2]));
}

#[test]
fn what_never_varies_has_itself_as_mean_and_no_variance() {
    for value in [0.1, 0.3, 1.0 / 3.0, 5.92, 1e-300] {
        for count in 2..40 {
            let values = vec![value; count];
            assert_eq!((mean(&values), variance(&values)), (value, 0.0), "{count} times {value}");
        }
    }
}

#[test]
fn variances_are_those_of_samples() {
    // Python 3.11: statistics.variance([4, 1, 2, 3.5])
    assert_eq!(variance(&[4.0, 1.0, 2.0, 3.5]), 1.8958333333333333);
    assert!(variance(&[4.0]).is_nan() && variance(&[]).is_nan());
}

/// Values of all sizes, from the smallest to nearly the largest there are, of both signs.
fn any_value() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>().prop_filter("is finite", |value| value.is_finite()),
        -1.0..1.0,
        (0u32..100).prop_map(|steps| f64::from(steps) * 0.3),
    ]
}

proptest! {
    #[test]
    fn no_order_of_the_values_changes_a_bit(
        (values, turned) in proptest::collection::vec(any_value(), 0..30)
            .prop_flat_map(|values| (Just(values.clone()), Just(values).prop_shuffle())),
    ) {
        prop_assert_eq!(total(&values).to_bits(), total(&turned).to_bits());
        prop_assert_eq!(mean(&values).to_bits(), mean(&turned).to_bits());
        prop_assert_eq!(variance(&values).to_bits(), variance(&turned).to_bits());
    }

    #[test]
    fn whole_numbers_are_added_as_such(
        values in proptest::collection::vec(any::<i64>(), 1..30), scale in -1000i32..800,
    ) {
        // 2⁵³ at most, so that each is an f64.
        let values: Vec<i64> = values.into_iter().map(|value| value >> 10).collect();
        let power = 2f64.powi(scale);
        let scaled: Vec<f64> = values.iter().map(|&value| value as f64 * power).collect();
        let expected: i128 = values.iter().map(|&value| i128::from(value)).sum();
        prop_assert_eq!(total(&scaled), expected as f64 * power);
    }

    #[test]
    fn a_sum_less_all_its_terms_is_nothing(values in proptest::collection::vec(any_value(), 0..30)) {
        let mut sum: Sum = values.iter().copied().collect();
        sum.extend(values.iter().rev().map(|value| -value));
        prop_assert_eq!(sum.total(), 0.0);
    }
}
