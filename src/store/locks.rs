//! Rows that are locked until the transaction ends, so that whoever decides by them comes one after the other. On
//! SQLite the transaction has the whole database to itself anyway; on PostgreSQL an update that changes nothing
//! locks as one that does, and waits for no foreign key.
//!
//! Where several are locked, in this order: phase, submissions, evaluations; one-time links, users, teams; of several
//! rows of a table the one with the lower id first.

use sqlx::{Postgres, Sqlite, Transaction};

use crate::domain::{PhaseId, SubmissionId, TeamId, TruthSetId, UserId};

macro_rules! locks {
    ($($(#[$doc:meta])* $name:ident($id:ident): $text:literal,)*) => {
        pub(super) trait Locks {$(
            $(#[$doc])*
            fn $name(&mut self, id: $id) -> impl Future<Output = sqlx::Result<bool>> + Send;
        )*}
        locks!(for Postgres: $($name($id): $text,)*);
        locks!(for Sqlite: $($name($id): $text,)*);
    };
    (for $engine:ty: $($name:ident($id:ident): $text:literal,)*) => {
        impl Locks for Transaction<'_, $engine> {$(
            async fn $name(&mut self, id: $id) -> sqlx::Result<bool> {
                let locked = sqlx::query($text).bind(id).execute(&mut **self).await?;
                Ok(locked.rows_affected() > 0)
            }
        )*}
    };
}

locks! {
    /// A phase: trials and activations come one after the other, and a score that is being written is waited for.
    lock_phase(PhaseId): "update phases set slug = slug where id = $1",
    /// All submissions of a phase.
    lock_submissions_of_phase(PhaseId): "update submissions set late = late where phase_id = $1",
    lock_submission(SubmissionId): "update submissions set late = late where id = $1",
    /// What a submission is scored by.
    lock_current_evaluation(SubmissionId): "update evaluations set attempt = attempt
        where submission_id = $1 and official_from is not null and official_until is null",
    /// Who is in a team, leads it, or has sent what. False if there is no such team, or it is part of another one.
    lock_team(TeamId): "update teams set name = name where id = $1 and merged_into is null",
    lock_user(UserId): "update users set organiser = organiser where id = $1",
    /// A person and everybody who organises.
    lock_user_and_organisers(UserId): "update users set organiser = organiser where id = $1 or organiser",
    lock_truth_set(TruthSetId): "update truth_sets set name = name where id = $1",
}
