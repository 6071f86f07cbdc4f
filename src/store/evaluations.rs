//! What is done with evaluations by more than one module. An evaluation is the job and the result of a submission
//! scored against one truth set; what readers may see of them comes from the views `official_evaluations` and
//! `official_results` (see the schema).

/// Queues an official evaluation of a submission against the truth set of its phase. Binds: id, submission, now.
pub(super) const QUEUE: &str =
    "insert into evaluations (id, submission_id, truth_set_id, state, created_at, official_from)
     select $1, s.id, p.truth_set_id, 'queued', $3, $3
     from submissions s join phases p on p.id = s.phase_id where s.id = $2";

/// Ends the time in which a submission's current evaluation is official. Binds: submission, now.
pub(super) const END_CURRENT: &str = "update evaluations set official_until = $2
     where submission_id = $1 and official_from is not null and official_until is null";
