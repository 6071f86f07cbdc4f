use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use super::Board;
use super::read::Key;
use crate::domain::{Action, Error, Group, Visibility, may};
use crate::store::{Phase, Timestamp};
use crate::web::App;
use crate::web::caller::Caller;
use crate::web::disclosure::disclosure;

/// A leaderboard with the forms it is sent in, each made when it is first asked for.
#[derive(Debug)]
pub struct Shown {
    board: Board,
    json: OnceLock<Bytes>,
    /// The page's table for all cases and for each group.
    tables: [OnceLock<Arc<str>>; 3],
}

impl Deref for Shown {
    type Target = Board;

    fn deref(&self) -> &Board {
        &self.board
    }
}

impl Shown {
    pub(super) fn new(board: Board) -> Self {
        Self { board, json: OnceLock::new(), tables: Default::default() }
    }

    pub fn json(&self) -> Result<Bytes, Error> {
        if let Some(made) = self.json.get() {
            return Ok(made.clone());
        }
        let made = serde_json::to_vec(&self.board).map_err(Error::internal)?;
        Ok(self.json.get_or_init(|| made.into()).clone())
    }

    /// The page's table for a group of cases, or all of them.
    pub fn table(
        &self,
        group: Option<Group>,
        make: impl FnOnce(&Board) -> Result<String, Error>,
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
        let made = make(&self.board)?;
        Ok(Arc::clone(kept.get_or_init(|| made.into())))
    }
}

/// The leaderboard as `caller` may see it: to all but organisers nothing of a hidden one, and of a frozen one
/// what was sent before it was frozen; and as it stood at a moment, where one is given.
pub async fn board(
    app: &App,
    caller: &Caller,
    phase: &Phase,
    at: Option<Timestamp>,
) -> Result<Arc<Shown>, Error> {
    let organiser = may(&caller.actor, Action::Organise).is_ok();
    let (visibility, frozen_at) = match phase.rules.leaderboard {
        _ if organiser => (Visibility::Public, None),
        Visibility::Frozen => (Visibility::Frozen, phase.rules.frozen_at),
        other => (other, None),
    };
    let disclosure = disclosure(app, caller, phase, at).await?;
    app.boards.get(&app.store, Key { phase: phase.id, visibility, frozen_at, at, disclosure }).await
}
