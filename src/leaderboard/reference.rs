//! Inter-observer agreement, to stand beside what methods do.

use crate::domain::{Observers, TruthSetId};
use crate::store::{Store, StoreError};

/// The reference lines for scores against a truth set: those of its own annotators if an organiser has imported
/// them, and otherwise those of the dataset paper. For everybody.
///
/// In a table ordered by mean Dice, `observers.of_group(group)` stands before the first entry whose mean is smaller;
/// it has no position, and `observers.source.words()` belongs beside it wherever it is shown.
pub async fn reference(store: &Store, truth_set: TruthSetId) -> Result<Observers, StoreError> {
    Ok(store.observer_summary(truth_set).await?.unwrap_or(Observers::PAPER))
}
