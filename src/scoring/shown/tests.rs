use proptest::prelude::*;

use super::*;

fn groups(normal: usize, diseased: usize) -> Vec<(String, Group)> {
    let group = |at| if at < normal { Group::Normal } else { Group::Diseased };
    (0..normal + diseased).map(|at| (at.to_string(), group(at))).collect()
}

fn case(dice: f64, hd95: f64) -> PerMetric<f64> {
    PerMetric { dice, hd95 }
}

fn shown(values: &[PerMetric<f64>], normal: usize, level: Disclosure) -> Option<ShownAggregates> {
    let groups = groups(normal, values.len() - normal);
    ShownAggregates::of(&Withheld::new(values.to_vec()), &groups, level)
}

#[test]
fn means_of_ten_cases_have_three_decimals_and_one() {
    let mut values = vec![case(0.81234, 3.456); 20];
    values[10..].fill(case(0.7, 10.0));
    let shown = shown(&values, 10, Disclosure::Rounded).unwrap();
    let normal = shown.of_group(Some(Group::Normal)).unwrap();
    assert_eq!((normal.dice.mean(), normal.hd95.mean()), (0.812, 3.5));
    assert_eq!(normal.dice.exact(), None);
    // From 0.812 and 0.7, and from 3.5 and 10: half-way, so to the even one.
    assert_eq!(shown.means(), Some(PerMetric { dice: 0.756, hd95: 6.8 }));
    let json = serde_json::to_value(shown).unwrap();
    let all = &json["all"]["dice"];
    assert_eq!(*all, serde_json::json!({ "mean": 0.756, "count": 20 }));
}

#[test]
fn fewer_cases_have_a_decimal_less_and_a_single_one_is_not_told() {
    let values = [case(0.123, 1.26), case(0.456, 2.0), case(0.789, 7.9)];
    let of_two = shown(&values[..2], 2, Disclosure::Rounded).unwrap();
    assert_eq!(of_two.means(), Some(PerMetric { dice: 0.29, hd95: 2.0 }));
    let lone = shown(&values, 2, Disclosure::Rounded).unwrap();
    assert_eq!(lone.named().len(), 1);
    assert_eq!(lone.means(), Some(PerMetric { dice: 0.46, hd95: 4.0 }));
}

#[test]
fn hidden_shows_nothing_and_improved_all_cases_alone() {
    let values = [case(0.8765, 2.71); 20];
    assert_eq!(shown(&values, 10, Disclosure::Hidden), None);
    let improved = shown(&values, 10, Disclosure::Improved).unwrap();
    assert_eq!(improved.named().len(), 1);
    assert_eq!(improved.means(), Some(PerMetric { dice: 0.876, hd95: 2.8 }));
}

#[test]
fn an_exact_summary_of_one_case_is_shown_only_where_every_case_is() {
    let values = [case(0.8, 1.0), case(0.7, 2.0), case(0.6, 3.0)];
    let named = |level| shown(&values, 2, level).unwrap().named().len();
    assert_eq!((named(Disclosure::Exact), named(Disclosure::EveryCase)), (1, 3));
}

#[test]
fn means_alone_are_those_of_the_aggregates() {
    let values: Vec<PerMetric<f64>> =
        (0..20).map(|at| case(0.6 + f64::from(at) / 97.0, f64::from(at) * 0.37)).collect();
    for normal in [10, 13, 19, 20] {
        let groups = groups(normal, 20 - normal);
        for &level in Disclosure::ALL {
            let withheld = Withheld::new(values.clone());
            let shown = ShownAggregates::of(&withheld, &groups, level);
            for group in [None, Some(Group::Normal), Some(Group::Diseased)] {
                let of_group = shown.as_ref().and_then(|shown| shown.of_group(group));
                let expected = of_group.map(|of| of.map(|summary| summary.mean()));
                let found = shown_means(&withheld, &groups, level, group);
                assert_eq!(found, expected, "{level}, {group:?}, {normal}");
            }
        }
    }
}

#[test]
fn only_what_is_better_by_a_step_improves() {
    let of = |means: &[(f64, f64)]| {
        let means = means.iter().map(|&(dice, hd95)| Withheld::new(case(dice, hd95)));
        improvements(means, 20)
    };
    assert_eq!(
        of(&[(0.8, 4.0), (0.8015, 4.0), (0.8021, 4.0), (0.5, 3.79), (0.802, 3.7)]),
        [true, false, true, true, false]
    );
    // What is not shown is not what the next one is held against.
    assert_eq!(of(&[(0.8, 4.0), (0.8019, 4.0), (0.8021, 4.0)]), [true, false, true]);
}

/// Dice that an answer at `rounded` allows for a case whose nine neighbours in the group score 0, and everything
/// in the other group too: the ends of the interval, found by asking for every Dice in small steps.
fn consistent(answer: &ShownAggregates, others: f64) -> (f64, f64) {
    let consistent = |dice: f64| {
        let mut values = vec![case(0.0, 1.0); 20];
        values[0].dice = dice;
        values[10..].fill(case(others, 1.0));
        shown(&values, 10, Disclosure::Rounded).unwrap() == *answer
    };
    let all: Vec<f64> =
        (0..=10_000).map(|step| f64::from(step) / 10_000.0).filter(|&at| consistent(at)).collect();
    (all[0], all[all.len() - 1])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_single_answer_gives_a_case_to_better_than_five_thousandths(
        dice in 0.01f64..0.99,
        others in 0.0f64..1.0,
    ) {
        let mut values = vec![case(0.0, 1.0); 20];
        values[0].dice = dice;
        values[10..].fill(case(others, 1.0));
        let answer = shown(&values, 10, Disclosure::Rounded).unwrap();
        let (low, high) = consistent(&answer, others);
        // Up to two steps less than 0.01, since the ends are open or closed.
        prop_assert!(high - low >= 0.00975, "{low}..{high}");
    }

    #[test]
    fn rounding_is_of_the_exact_decimal(value in 0.0f64..100.0, decimals in 0usize..4) {
        let rounded = round(value, decimals);
        prop_assert!((rounded - value).abs() <= 0.5 / 10f64.powi(decimals as i32) * (1.0 + 1e-12));
        prop_assert_eq!(round(rounded, decimals), rounded);
    }
}
