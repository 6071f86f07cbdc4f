//! The vessel metrics as values that are stored, summed up and shown.

use crate::domain::VesselValues;
use crate::domain::metric::{
    ANNOTATORS_TOLERANCE, BETTI_0_ERROR, BETTI_1_ERROR, CENTRELINE_ACCURACY, CENTRELINE_OVERLAP,
    CONNECTED_TREE_LENGTH, CONNECTED_TREE_LENGTH_1_5_TO_2, CONNECTED_TREE_LENGTH_BELOW_1_5,
    CONNECTED_TREE_LENGTH_FROM_2, LEAKAGE, SURFACE_DICE_0_25, SURFACE_DICE_1,
    SURFACE_DICE_ANNOTATORS, TREE_LENGTH, TREE_LENGTH_1_5_TO_2, TREE_LENGTH_BELOW_1_5,
    TREE_LENGTH_FROM_2,
};
use segmentation_metrics::secondary::VesselMetrics;

/// With the tolerance that the annotators' surface Dice was measured with, in mm.
pub fn vessel_values(found: &VesselMetrics, tolerance_mm: Option<f64>) -> VesselValues {
    let VesselMetrics { tree_length, connected_tree_length, surface_dice, .. } = found;
    VesselValues::new([
        (&TREE_LENGTH, Some(tree_length.all)),
        (&TREE_LENGTH_BELOW_1_5, tree_length.below_1_5_mm),
        (&TREE_LENGTH_1_5_TO_2, tree_length.from_1_5_to_2_mm),
        (&TREE_LENGTH_FROM_2, tree_length.from_2_mm),
        (&CONNECTED_TREE_LENGTH, Some(connected_tree_length.all)),
        (&CONNECTED_TREE_LENGTH_BELOW_1_5, connected_tree_length.below_1_5_mm),
        (&CONNECTED_TREE_LENGTH_1_5_TO_2, connected_tree_length.from_1_5_to_2_mm),
        (&CONNECTED_TREE_LENGTH_FROM_2, connected_tree_length.from_2_mm),
        (&CENTRELINE_OVERLAP, Some(found.centreline_overlap)),
        (&CENTRELINE_ACCURACY, found.centreline_accuracy_mm),
        (&LEAKAGE, Some(found.leakage_mm)),
        (&BETTI_0_ERROR, Some(found.betti_0_error as f64)),
        (&BETTI_1_ERROR, Some(found.betti_1_error as f64)),
        (&SURFACE_DICE_0_25, Some(surface_dice.at_0_25_mm)),
        (&SURFACE_DICE_1, Some(surface_dice.at_1_mm)),
        (&SURFACE_DICE_ANNOTATORS, surface_dice.at_given),
        (&ANNOTATORS_TOLERANCE, tolerance_mm),
    ])
}
