use std::path::Path;

use super::card::Card;
use super::{CliError, made};

/// Stands in the folder until the demo is whole, so that an interrupted start is told from
/// somebody's real site.
pub const UNFINISHED: &str = "demo.unfinished";

/// What a demo finds in its folder.
pub enum Begun {
    Not,
    Finished(Card),
}

impl Begun {
    /// Clears away what an interrupted start has left, and nothing else.
    pub fn look(folder: &Path) -> Result<Self, CliError> {
        let path = folder.join("demo.json");
        if let Ok(text) = std::fs::read_to_string(&path) {
            let card = serde_json::from_str(&text);
            return card
                .map(Self::Finished)
                .map_err(|error| CliError::input(path.display(), error));
        }
        let unfinished = folder.join(UNFINISHED);
        if unfinished.exists() {
            for name in ["asoca.db", "asoca.db-wal", "asoca.db-shm"] {
                let _ = std::fs::remove_file(folder.join(name));
            }
            let _ = std::fs::remove_dir_all(folder.join("blobs"));
        } else if ["asoca.db", "blobs"].iter().any(|name| folder.join(name).exists()) {
            return Err(CliError::input(
                folder.display(),
                "contains a site that is not a demo; choose another folder with --data",
            ));
        }
        std::fs::write(&unfinished, "").map_err(made)?;
        Ok(Self::Not)
    }
}
