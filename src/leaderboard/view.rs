use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use super::Leaderboard;
use crate::domain::{Error, Group};

/// A leaderboard with the forms it is sent in, each made when it is first asked for.
#[derive(Debug)]
pub struct View {
    leaderboard: Leaderboard,
    json: OnceLock<Bytes>,
    /// The page's table for all cases and for each group.
    tables: [OnceLock<Arc<str>>; 3],
}

impl Deref for View {
    type Target = Leaderboard;

    fn deref(&self) -> &Leaderboard {
        &self.leaderboard
    }
}

impl View {
    pub(super) fn new(leaderboard: Leaderboard) -> Self {
        Self { leaderboard, json: OnceLock::new(), tables: Default::default() }
    }

    pub fn json(&self) -> Result<Bytes, Error> {
        if let Some(made) = self.json.get() {
            return Ok(made.clone());
        }
        let made = serde_json::to_vec(&self.leaderboard).map_err(Error::internal)?;
        Ok(self.json.get_or_init(|| made.into()).clone())
    }

    /// The page's table for a group of cases, or all of them.
    pub fn table(
        &self,
        group: Option<Group>,
        make: impl FnOnce(&Leaderboard) -> Result<String, Error>,
    ) -> Result<Arc<str>, Error> {
        let [all, normal, diseased] = &self.tables;
        let kept = match group {
            None => all,
            Some(Group::Normal) => normal,
            Some(Group::Diseased) => diseased,
        };
        if let Some(made) = kept.get() {
            return Ok(Arc::clone(made));
        }
        let made = make(&self.leaderboard)?;
        Ok(Arc::clone(kept.get_or_init(|| made.into())))
    }
}
