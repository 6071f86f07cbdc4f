use serde::{Deserialize, Deserializer, Serialize, Serializer};

use reproducible::Position;

/// One metric over the cases of a submission, in the published evaluator's words.
///
/// What is not a number is `null` in JSON, both ways.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    #[serde(with = "number_or_null")]
    /// Arithmetic mean, in the order of the values.
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

/// In the order of the cases: it decides the last bits of the sum, so keep it the same everywhere.
pub fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len() as f64;
    values.sum::<f64>() / count
}

impl Summary {
    /// Of the values in the order of the cases, `None` where there are none.
    pub fn of(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let (&min, &max) = (sorted.first()?, sorted.last()?);
        let quantile = |q| {
            let position = Position::of(q, sorted.len())?;
            Some(position.between(sorted[position.low], sorted[position.high]))
        };
        let count = values.len();
        let mean = mean(values.iter().copied());
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        Some(Self {
            mean,
            std: (squares / (count as f64 - 1.0)).sqrt(),
            min,
            q25: quantile(0.25)?,
            median: quantile(0.5)?,
            q75: quantile(0.75)?,
            max,
            count,
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
