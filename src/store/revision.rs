//! How it is noticed that leaderboards have changed, and what a phase's went by before.

use super::engine::{Result, Store, on};

/// Says in the transaction of a change that leaderboards are not what they were. As its last words: whoever
/// changes them next waits for its end.
macro_rules! ranking_changed {
    ($tx:ident) => {
        sqlx::query("update revisions set value = value + 1 where name = 'ranking'")
            .execute(&mut *$tx)
            .await?
    };
}

pub(super) use ranking_changed;

/// Keeps what the phase `$1`'s ranking goes by; it holds until `$2`. Binds: phase, now.
pub(super) const KEEP_PHASE: &str = "insert into past_phases
         (phase_id, until, truth_set_id, counting, scheme, approval, feedback, cases_public)
     select id, $2, truth_set_id, counting, scheme, approval, feedback, cases_public
     from phases where id = $1
     on conflict do nothing";

impl Store {
    /// How often leaderboards have changed. What is read after this is at least as new.
    pub async fn ranking_revision(&self) -> Result<i64> {
        on!(self.read, db => sqlx::query_scalar(
            "select value from revisions where name = 'ranking'",
        )
        .fetch_one(db))
    }
}
