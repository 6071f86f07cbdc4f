//! From an upload and the truth to results: the very code `asoca score` and the server run,
//! and the worker that takes submissions from the queue.

mod cache;
mod case_view;
mod consensus;
mod ct;
mod evaluate;
mod fingerprint;
mod folder;
mod housekeeping;
mod import;
mod list;
mod notifier;
mod observers;
mod orientation;
mod pictures;
mod placed;
mod preflight;
mod published;
mod scores;
mod shown;
mod truth;
mod validate;
mod vessels;
mod warnings;
mod worker;

pub use cache::TruthCache;
pub use case_view::{CaseView, Example, ViewError};
pub use consensus::{
    Agreement, Annotations, Consensus, ConsensusError, ConsensusProblems, SurfaceTolerance,
    ThinBranches, ThinVessels, agreements_in_json,
};
pub use ct::{WINDOW as CT_WINDOW, ct_key, ct_slice, import_ct};
pub use evaluate::{EvaluateError, Outcome, Progress, TruthCase, evaluate};
pub use fingerprint::fingerprint;
pub use folder::{
    CASES_FILE, FolderError, ListedCase, TruthFile, list_of, listed_cases, truth_files,
};
pub use housekeeping::{HousekeepingError, delete_expired, run_cleanup};
pub use import::{CheckedTruth, ImportError, check_truth, import_truth, store_truth};
pub use notifier::Notifier;
pub use observers::{AnnotatedCase, MAX_OBSERVERS_BYTES, ObserverTable, import_observers};
pub use pictures::{Pictures, picture_key, unpacked};
pub use placed::{PlacedMask, read_placed};
pub use preflight::{PreflightError, preflight};
pub use published::published_metrics;
pub use scores::{
    Aggregates, CaseScores, Grouped, ScoredCase, SecondaryAggregates, SecondarySummaries,
    VesselAggregates, VesselSummaries,
};
pub use shown::{ShownAggregates, ShownSummary, improvements, means_of, shown_means};
pub use truth::{CaseTruth, LabelsError, Metrics, TruthIssue, VesselLabels, read_truth};
pub use validate::{CheckedCase, validate};
pub use worker::Worker;

/// Which rules a result was computed by. Changes whenever a number could; results of other
/// versions are not ranked.
pub const SCORER_VERSION: &str = "asoca-1";
