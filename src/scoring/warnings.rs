use super::orientation::better_turned;
use super::truth::CaseTruth;
use crate::domain::{CaseWarning, explain};
use segmentation::{Geometry, LoadedMask, ValueStats};

/// Relative difference up to which two geometries are the same but for rounding.
const ROUNDING: f64 = 1e-3;

/// What changes no score but may not be meant. Of the truth nothing is told but its spacing, which is public, and
/// whether the prediction would fit it better if it were turned.
pub fn warnings(case: &CaseTruth, prediction: &LoadedMask, dice: f64) -> Vec<CaseWarning> {
    let mut sentences = value_warnings(&prediction.values);
    sentences.extend(placement(&case.geometry, &prediction.geometry, case.truth.spacing()));
    let turn = better_turned(&case.truth, &prediction.mask, dice);
    let turned = turn.map(|turn| CaseWarning::Turned { turned: turn.to_string() });
    sentences.into_iter().map(CaseWarning::from).chain(turned).collect()
}

/// Values that are read otherwise than their author may have meant.
pub fn value_warnings(values: &ValueStats) -> Vec<String> {
    let mut warnings = Vec::new();
    if let Some(value) = values.non_binary {
        let value = explain::number(value);
        let rest = if values.sub_threshold {
            "the rest counts as background, though not all of it is 0. If the values are probabilities, \
             apply your own threshold before saving."
        } else {
            "labels are not told apart. If only some of them mean vessel, save those as 1 and the rest as 0."
        };
        warnings.push(format!(
            "Values other than 0 and 1 occur, for instance {value}. Everything above 0.5 counts as vessel; {rest}"
        ));
    }
    if values.nan {
        warnings.push("NaN occurs; it counts as background.".into());
    }
    warnings
}

fn differs(a: f64, b: f64, scale: f64) -> bool {
    let same = (a - b).abs() <= ROUNDING * scale.abs();
    // NaN is not the same as anything.
    !same
}

/// A file's spacing that is not the case's, both (x, y, z) in mm.
pub fn other_spacing(prediction: &Geometry, spacing: [f64; 3]) -> Option<String> {
    let found = prediction.spacing?;
    let mut steps = found.iter().zip(spacing);
    steps.any(|(&found, step)| differs(found.abs(), step.abs(), step)).then(|| {
        let [x, y, z] = found;
        let [tx, ty, tz] = spacing.map(f64::abs);
        format!(
            "The file's spacing is {x} × {y} × {z} mm, the case's {tx} × {ty} × {tz} mm; the case's is used."
        )
    })
}

fn placement(truth: &Geometry, prediction: &Geometry, spacing: [f64; 3]) -> Option<String> {
    if let Some(warning) = other_spacing(prediction, spacing) {
        return Some(warning);
    }
    is_elsewhere(truth, prediction, spacing).then(|| {
        "The file's origin, directions or space differ from the case's; they are not used, \
         arrays are compared index by index."
            .into()
    })
}

/// Whether origin, directions or space differ by more than rounding, where both files state them. The spacing
/// (x, y, z) in mm says what is much.
pub fn is_elsewhere(truth: &Geometry, prediction: &Geometry, spacing: [f64; 3]) -> bool {
    let finest = spacing.iter().fold(f64::INFINITY, |least, step| least.min(step.abs()));
    let (origin, direction) =
        (prediction.origin.zip(truth.origin), prediction.directions.zip(truth.directions));
    let moved = origin.is_some_and(|(found, origin)| {
        // A tenth of a voxel: writers round origins.
        found.iter().zip(origin).any(|(&found, at)| differs(found, at, 100.0 * finest))
    });
    let turned = direction.is_some_and(|(found, directions)| {
        let components = found.iter().flatten().zip(directions.iter().flatten());
        components.into_iter().any(|(&found, &at)| differs(found, at, finest))
    });
    let space = |geometry: &Geometry| geometry.space.as_deref().map(canonical_space);
    let other_space = space(prediction).zip(space(truth)).is_some_and(|(a, b)| a != b);
    moved || turned || other_space
}

/// `LPS` and `left-posterior-superior` are the same.
fn canonical_space(space: &str) -> String {
    let space = space.trim().to_ascii_lowercase();
    if space.contains('-') {
        space.split('-').filter_map(|word| word.chars().next()).collect()
    } else {
        space
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPACING: [f64; 3] = [0.4, 0.4, 0.625];

    fn truth() -> Geometry {
        Geometry::diagonal([4, 4, 4], SPACING, [-80.0, -90.0, 100.0])
    }

    fn warned(prediction: Geometry) -> Option<String> {
        placement(&truth(), &prediction, SPACING)
    }

    #[test]
    fn rounding_and_silence_are_not_worth_a_word() {
        assert_eq!(warned(truth()), None);
        assert_eq!(warned(Geometry::of_shape([4, 4, 4])), None);
        let rounded =
            Geometry::diagonal([4, 4, 4], [0.4000001, 0.4, 0.625], [-80.001, -90.0, 100.0]);
        assert_eq!(warned(rounded), None);
        let abbreviated = Geometry { space: Some("LPS".into()), ..truth() };
        assert_eq!(warned(abbreviated), None);
    }

    #[test]
    fn another_spacing_is_named_with_both_values() {
        let warning = warned(Geometry::diagonal([4, 4, 4], [1.0; 3], [0.0; 3])).unwrap();
        assert!(
            warning.contains("1 × 1 × 1") && warning.contains("0.4 × 0.4 × 0.625"),
            "{warning}"
        );
    }

    #[test]
    fn another_origin_is_told_without_the_truths() {
        let moved = Geometry::diagonal([4, 4, 4], SPACING, [0.0; 3]);
        let warning = warned(moved).unwrap();
        assert!(!warning.contains("80") && !warning.contains("90"), "{warning}");
    }

    #[test]
    fn what_values_mean_is_told_with_an_example() {
        let messages = |non_binary, sub_threshold, nan| {
            value_warnings(&ValueStats { non_binary, sub_threshold, nan })
        };
        assert_eq!(messages(None, false, false), [""; 0]);
        let labels = messages(Some(2.0), false, false);
        assert!(labels[0].contains("for instance 2. ") && labels[0].contains("save those as 1"));
        let probabilities = messages(Some(f64::from(0.3f32)), true, false);
        assert!(
            probabilities[0].contains("for instance 0.3. ")
                && probabilities[0].contains("your own threshold")
        );
        assert!(messages(None, false, true)[0].starts_with("NaN"));
    }

    #[test]
    fn another_space_is_told() {
        let other = Geometry { space: Some("right-anterior-superior".into()), ..truth() };
        assert!(warned(other).is_some());
    }
}
