use serde::{Deserialize, Deserializer, Serialize, Serializer};

use reproducible::{Position, mean, variance};

/// One metric over the cases of a submission, in the published evaluator's words.
///
/// What is not a number is `null` in JSON, both ways.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    #[serde(with = "number_or_null")]
    /// Arithmetic mean: the f64 nearest to it.
    pub mean: f64,
    /// Standard deviation of a sample (n−1): not a number for a single case.
    #[serde(with = "number_or_null")]
    pub std: f64,
    #[serde(with = "number_or_null")]
    /// Smallest value.
    pub min: f64,
    /// First quartile; all three by linear interpolation.
    #[serde(rename = "25pc", with = "number_or_null")]
    pub q25: f64,
    #[serde(rename = "50pc", with = "number_or_null")]
    /// Second quartile.
    pub median: f64,
    #[serde(rename = "75pc", with = "number_or_null")]
    /// Third quartile.
    pub q75: f64,
    #[serde(with = "number_or_null")]
    /// Largest value.
    pub max: f64,
    /// How many values there are.
    pub count: usize,
}

impl Summary {
    /// Of the values in any order, which changes no bit of it; `None` where there are none.
    pub fn of(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let (&min, &max) = (sorted.first()?, sorted.last()?);
        let quantile = |q| {
            let position = Position::of(q, sorted.len())?;
            Some(position.between(sorted[position.low], sorted[position.high]))
        };
        Some(Self {
            mean: mean(values.iter().copied()),
            std: variance(values).sqrt(),
            min,
            q25: quantile(0.25)?,
            median: quantile(0.5)?,
            q75: quantile(0.75)?,
            max,
            count: values.len(),
        })
    }
}

/// JSON has no NaN; not every format writes one as nothing by itself.
mod number_or_null {
    use super::*;

    pub fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        (!value.is_nan()).then_some(*value).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        Ok(Option::deserialize(deserializer)?.unwrap_or(f64::NAN))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_values_have_no_summary() {
        assert_eq!(Summary::of(&[]), None);
    }

    #[test]
    fn it_is_what_pandas_describes() {
        let summary = Summary::of(&[4.0, 1.0, 2.0, 3.0]).unwrap();
        let std = (5.0f64 / 3.0).sqrt();
        let expected = Summary {
            mean: 2.5,
            std,
            min: 1.0,
            q25: 1.75,
            median: 2.5,
            q75: 3.25,
            max: 4.0,
            count: 4,
        };
        assert_eq!(summary, expected);
    }

    #[test]
    fn the_order_of_the_cases_changes_no_bit() {
        // From left to right the mean is 1.0050000000000001, and 1.005 in ascending order.
        let steps = [2, 5, 2, 2, 3, 2, 2, 9, 1, 7, 7, 3, 4, 3, 2, 3, 5, 2, 1, 2];
        let mut values = steps.map(|steps| f64::from(steps) * 0.3);
        let found = Summary::of(&values).unwrap();
        values.sort_unstable_by(f64::total_cmp);
        assert_eq!(Summary::of(&values).unwrap(), found);
        values.reverse();
        assert_eq!(Summary::of(&values).unwrap(), found);
        assert_eq!(found.mean, 1.005);
    }

    #[test]
    fn what_never_varies_has_no_standard_deviation() {
        let found = Summary::of(&[0.1; 20]).unwrap();
        assert_eq!((found.mean, found.std), (0.1, 0.0));
    }

    #[test]
    fn a_single_case_has_no_standard_deviation_and_says_null() {
        let summary = Summary::of(&[0.75]).unwrap();
        assert!(summary.std.is_nan());
        let json = serde_json::to_string(&summary).unwrap();
        assert_eq!(
            json,
            r#"{"mean":0.75,"std":null,"min":0.75,"25pc":0.75,"50pc":0.75,"75pc":0.75,"max":0.75,"count":1}"#
        );
        let back: Summary = serde_json::from_str(&json).unwrap();
        assert!(back.std.is_nan());
        assert_eq!((back.mean, back.max, back.count), (0.75, 0.75, 1));
    }

    #[test]
    fn numbers_come_back_from_json_bit_for_bit() {
        let summary = Summary::of(&[0.1, 0.2, 0.7345678912345678]).unwrap();
        let json = serde_json::to_string(&summary).unwrap();
        assert_eq!(serde_json::from_str::<Summary>(&json).unwrap(), summary);
    }
}
