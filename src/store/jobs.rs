//! The texts of the queue. Two tables hold jobs, and one set of texts does for both, so that what holds for
//! leases, attempts and tries of the one holds for the other.

use super::Store;

/// What an attempt is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Work {
    /// A submission's score.
    #[default]
    Official,
    /// The score it would have against another truth set.
    Trial,
}

/// What is done with a job, for one of the tables.
pub(super) struct Texts {
    claim: &'static str,
    claim_skipping_locked: &'static str,
    pub silent: &'static str,
    pub interrupt: &'static str,
    pub renew: &'static str,
    pub release: &'static str,
    pub end_leases: &'static str,
    pub finish: &'static str,
    pub forget_results: &'static str,
    pub keep_result: &'static str,
    /// Of the submission, whatever it is scored against.
    pub keep_mask: &'static str,
}

macro_rules! claim {
    ($jobs:literal, $gives:literal, $lock:literal) => {
        concat!(
            "update ",
            $jobs,
            " set state = 'scoring', attempt = attempt + 1, worker = $1, lease_until = $3,
                 cases_done = 0
             where id = (
                 select id from ",
            $jobs,
            " where state = 'queued' and (lease_until is null or lease_until <= $2)
                 order by created_at, id limit 1 ",
            $lock,
            ") returning id, attempt, tries, interruptions, ",
            $gives
        )
    };
}

/// For a table of jobs, the table of their results, its column that names the job, and what else a claim gives.
macro_rules! texts {
    ($jobs:literal, $results:literal, $job:literal, $submission:literal, $gives:literal) => {
        Texts {
            claim: claim!($jobs, $gives, ""),
            claim_skipping_locked: claim!($jobs, $gives, "for update skip locked"),
            silent: concat!(
                "select id, attempt, interruptions from ",
                $jobs,
                " where state = 'scoring' and lease_until <= $1 order by lease_until limit 1000"
            ),
            interrupt: concat!(
                "update ",
                $jobs,
                " set state = $4, interruptions = interruptions + 1, lease_until = $5,
                      finished_at = $6, failure = $7
                  where id = $1 and attempt = $2 and state = 'scoring' and lease_until <= $3"
            ),
            renew: concat!(
                "update ",
                $jobs,
                " set lease_until = $3, cases_done = $4
                  where id = $1 and attempt = $2 and state = 'scoring'"
            ),
            release: concat!(
                "update ",
                $jobs,
                " set state = 'queued', lease_until = null
                  where id = $1 and attempt = $2 and state = 'scoring'"
            ),
            end_leases: concat!(
                "update ",
                $jobs,
                " set lease_until = $1 where state = 'scoring' and lease_until > $1"
            ),
            finish: concat!(
                "update ",
                $jobs,
                " set state = $3, problems = $4, failure = $5, lease_until = $6,
                      truth_set_id = $7, scorer_version = $8, cases_done = $9, finished_at = $10,
                      tries = tries + $11
                  where id = $1 and attempt = $2 and state = 'scoring'"
            ),
            forget_results: concat!("delete from ", $results, " where ", $job, " = $1"),
            keep_result: concat!(
                "insert into ",
                $results,
                " (",
                $job,
                ", case_id, dice, hd95, warnings, cl_dice, surface_dice, voxel_precision,
                    voxel_recall, component_difference)
                  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
            ),
            keep_mask: concat!(
                "insert into case_masks (submission_id, case_id, voxels, sha256)
                 select ",
                $submission,
                ", $2, $3, $4 from ",
                $jobs,
                " where id = $1
                 on conflict (submission_id, case_id)
                 do update set voxels = excluded.voxels, sha256 = excluded.sha256"
            ),
        }
    };
}

const OFFICIAL: Texts = texts!(
    "submissions",
    "case_results",
    "submission_id",
    "id",
    "phase_id, blob_key,
     (select p.truth_set_id from phases p where p.id = phase_id) as wanted_truth_set_id"
);

const TRIAL: Texts = texts!(
    "trial_entries",
    "trial_results",
    "entry_id",
    "submission_id",
    "(select t.phase_id from trials t where t.id = trial_id) as phase_id,
     (select s.blob_key from submissions s where s.id = submission_id) as blob_key,
     (select t.truth_set_id from trials t where t.id = trial_id) as wanted_truth_set_id"
);

impl Work {
    /// In the order in which they are claimed: a trial waits until nobody else does.
    pub const ALL: [Self; 2] = [Self::Official, Self::Trial];

    /// In one word, for the log.
    pub fn word(self) -> &'static str {
        match self {
            Self::Official => "submission",
            Self::Trial => "trial",
        }
    }

    pub(super) fn texts(self) -> &'static Texts {
        match self {
            Self::Official => &OFFICIAL,
            Self::Trial => &TRIAL,
        }
    }
}

impl Texts {
    /// The one text that differs: PostgreSQL must skip rows that another worker is claiming; SQLite has one
    /// writer at a time.
    pub fn claim(&self, store: &Store) -> &'static str {
        match store {
            Store::Postgres(_) => self.claim_skipping_locked,
            Store::Sqlite { .. } => self.claim,
        }
    }
}
