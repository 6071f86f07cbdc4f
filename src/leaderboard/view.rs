use std::io::Write;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::sync::OnceCell;

use super::{Leaderboard, Secondary};
use crate::digest::sha256;
use crate::domain::{Error, Group};
use crate::store::Timestamp;

/// A leaderboard with the forms it is sent in, each made when it is first asked for.
#[derive(Debug)]
pub struct View {
    leaderboard: Leaderboard,
    /// When it was read: as of this moment it is what it is.
    pub read_at: Timestamp,
    json: OnceLock<Bytes>,
    /// By which a reader knows the JSON again.
    json_digest: OnceLock<String>,
    /// The same, compressed.
    gzipped_json: OnceLock<Bytes>,
    /// The page's table for all cases and for each group.
    tables: [OnceLock<Arc<str>>; 3],
    pub(super) secondary: OnceCell<Secondary>,
}

impl Deref for View {
    type Target = Leaderboard;

    fn deref(&self) -> &Leaderboard {
        &self.leaderboard
    }
}

impl View {
    pub(super) fn new(leaderboard: Leaderboard) -> Self {
        Self {
            leaderboard,
            read_at: Timestamp::now(),
            json: OnceLock::new(),
            json_digest: OnceLock::new(),
            gzipped_json: OnceLock::new(),
            tables: Default::default(),
            secondary: OnceCell::new(),
        }
    }

    pub fn json(&self) -> Result<Bytes, Error> {
        if let Some(made) = self.json.get() {
            return Ok(made.clone());
        }
        let made = serde_json::to_vec(&self.leaderboard).map_err(Error::internal)?;
        Ok(self.json.get_or_init(|| made.into()).clone())
    }

    /// The SHA-256 of [`View::json`].
    pub fn json_digest(&self) -> Result<&str, Error> {
        let json = self.json()?;
        Ok(self.json_digest.get_or_init(|| sha256(&json)))
    }

    /// [`View::json`] with gzip: a large one takes longer to compress than to read.
    pub fn gzipped_json(&self) -> Result<Bytes, Error> {
        if let Some(made) = self.gzipped_json.get() {
            return Ok(made.clone());
        }
        let mut file = GzEncoder::new(Vec::new(), Compression::default());
        file.write_all(&self.json()?).map_err(Error::internal)?;
        let made = file.finish().map_err(Error::internal)?;
        Ok(self.gzipped_json.get_or_init(|| made.into()).clone())
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
