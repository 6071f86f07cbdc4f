//! The metrics of two small masks against their definitions.

use segmentation::Mask;
use segmentation_metrics::secondary::{TOLERANCE_MM, cl_dice, surface_dice};
use segmentation_metrics::{MetricError, dice, hd95};

/// Takes three bytes for the shape, three for the spacing, the rest as the bits of two masks.
pub fn metrics(bytes: &[u8]) {
    let Some((head, bits)) = bytes.split_first_chunk::<6>() else { return };
    let [nx, ny, nz, spacing @ ..] = *head;
    let shape = [nx % 70 + 1, ny % 6 + 1, nz % 5 + 1].map(usize::from);
    let spacing = spacing.map(|byte| f64::from(i8::from_le_bytes([byte])) / 32.0);
    let half = bits.len() / 2;
    let (a, b) = (mask(shape, &bits[..half]), mask(shape, &bits[half..]));

    let shared = a.ones().filter(|&at| b.get(at)).count();
    match dice(&a, &b) {
        Ok(found) => assert_eq!(found, 2.0 * shared as f64 / (a.count() + b.count()) as f64),
        Err(error) => assert!(error == MetricError::Empty && a.count() + b.count() == 0),
    }
    let is_defined =
        a.count() > 0 && b.count() > 0 && spacing.iter().all(|&spacing| spacing != 0.0);
    match hd95(&a, &b, spacing) {
        Ok(found) => {
            let expected = directed(&a, &b, spacing).max(directed(&b, &a, spacing));
            assert!((found - expected).abs() <= 1e-9, "{found} instead of {expected}");
        }
        Err(error) => assert!(!is_defined, "{error}"),
    }
    for found in [cl_dice(&a, &b), surface_dice(&a, &b, spacing, TOLERANCE_MM)] {
        match found {
            Ok(found) => assert!((0.0..=1.0).contains(&found), "{found}"),
            Err(error) => {
                assert!(a.count() == 0 || b.count() == 0 || !error.to_string().is_empty())
            }
        }
    }
}

fn mask(shape: [usize; 3], bits: &[u8]) -> Mask {
    let mut mask = Mask::empty(shape).unwrap();
    let is_set = |at: &usize| bits.get(at / 8).is_some_and(|byte| byte >> (at % 8) & 1 == 1);
    (0..mask.voxels()).filter(is_set).for_each(|at| mask.set(at));
    mask
}

/// The 0.95 quantile of the distances of all voxels of one mask to the nearest of the other.
fn directed(from: &Mask, to: &Mask, spacing: [f64; 3]) -> f64 {
    let [nx, ny, _] = from.shape();
    let place = |at: usize| [at % nx, at / nx % ny, at / nx / ny];
    let distance = |a: usize, b: usize| {
        let (a, b) = (place(a), place(b));
        let square = |axis: usize| ((a[axis] as f64 - b[axis] as f64) * spacing[axis]).powi(2);
        (0..3).map(square).sum::<f64>().sqrt()
    };
    let nearest = |a| to.ones().map(|b| distance(a, b)).fold(f64::INFINITY, f64::min);
    let mut distances: Vec<f64> = from.ones().map(nearest).collect();
    distances.sort_by(f64::total_cmp);
    let position = 0.95 * (distances.len() - 1) as f64;
    let (low, high) = (position.floor() as usize, position.ceil() as usize);
    distances[low] + (distances[high] - distances[low]) * position.fract()
}
