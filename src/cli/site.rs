//! The folder and the database a command works on.

use std::fs::{File, TryLockError};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::error::CliError;
use super::secret::secret;
use crate::blobs::Blobs;
use crate::store::Store;

#[derive(Args, Clone)]
pub struct Site {
    /// Folder for uploads, ground truth and, without PostgreSQL, the database.
    #[arg(long, env = "ASOCA_DATA", default_value = "asoca-data", value_name = "DIR")]
    pub data: PathBuf,

    /// PostgreSQL to use instead of the SQLite file in the data folder.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub database_url: Option<String>,

    /// Password for PostgreSQL, without escaping: in an address some characters have to be escaped.
    /// ASOCA_DATABASE_PASSWORD_FILE can name a file with it.
    #[arg(long, env = "ASOCA_DATABASE_PASSWORD", hide_env_values = true, value_name = "PASSWORD")]
    pub database_password: Option<String>,
}

/// A site whose database and objects can be worked with.
pub struct Opened {
    pub store: Store,
    pub blobs: Blobs,
}

/// Held while a server works on a folder's SQLite file; let go of when the process ends,
/// however it ends.
pub struct Alone {
    scratch: PathBuf,
    _file: File,
}

impl Site {
    /// Opens what is there and makes what is not.
    pub async fn open(&self) -> Result<Opened, CliError> {
        self.make_folder()?;
        tempfile::tempfile_in(&self.data).map_err(|error| self.unusable(error))?;
        let blobs = Blobs::local(&self.data.join("blobs"), &self.scratch())
            .map_err(|error| self.unusable(error))?;
        let store = match &self.database_url {
            Some(url) => {
                check_scheme(url)?;
                Store::postgres_with(url, self.password()?.as_deref()).await
            }
            None => Store::sqlite(&self.data.join("asoca.db")).await,
        };
        let place = match &self.database_url {
            Some(url) => postgres_of(url),
            None => self.data.join("asoca.db").display().to_string(),
        };
        let store = store.map_err(|error| CliError::server(place, error))?;
        Ok(Opened { store, blobs })
    }

    fn password(&self) -> Result<Option<String>, CliError> {
        secret(
            "ASOCA_DATABASE_PASSWORD",
            self.database_password.as_deref().filter(|it| !it.is_empty()),
        )
    }

    /// Makes sure that no other server works on the same SQLite file. On PostgreSQL servers
    /// share the work and nothing is locked.
    pub fn lock(&self) -> Result<Option<Alone>, CliError> {
        if self.database_url.is_some() {
            return Ok(None);
        }
        self.make_folder()?;
        let file = File::create(self.data.join("asoca.lock"));
        let file = file.map_err(|error| self.unusable(error))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Alone { scratch: self.scratch(), _file: file })),
            Err(TryLockError::WouldBlock) => Err(CliError::server(
                format!("the folder {} is in use", self.data.display()),
                "another asoca process uses it; stop that one first",
            )),
            Err(TryLockError::Error(error)) => Err(self.unusable(error)),
        }
    }

    /// The folder holds the ground truth: a new one is for its owner alone.
    fn make_folder(&self) -> Result<(), CliError> {
        let mut folder = std::fs::DirBuilder::new();
        folder.recursive(true).mode(0o700).create(&self.data).map_err(|error| self.unusable(error))
    }

    fn scratch(&self) -> PathBuf {
        self.data.join("tmp")
    }

    fn unusable(&self, error: impl std::fmt::Display) -> CliError {
        CliError::server(format!("the folder {} can't be used", self.data.display()), error)
    }
}

impl Opened {
    /// Lets go of the database, unless somebody still holds on to it.
    pub async fn close(self) {
        const PATIENCE: Duration = Duration::from_secs(2);
        let _ = tokio::time::timeout(PATIENCE, self.store.close()).await;
    }
}

impl Alone {
    /// Takes over what a process that is gone was scoring, and clears its scratch files away.
    pub async fn take_over(&self, store: &Store) -> Result<(), CliError> {
        store.end_all_leases().await?;
        remove_leftovers(&self.scratch);
        Ok(())
    }
}

/// What a process which is gone did not get to the end of.
fn remove_leftovers(scratch: &Path) {
    for entry in std::fs::read_dir(scratch).into_iter().flatten().flatten() {
        let path = entry.path();
        let folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        // What can't be removed only takes room.
        let _ = if folder { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    }
}

/// What a sentence calls it. With a password inside, an address may not mean what its author meant by it.
fn postgres_of(url: &str) -> String {
    let address = url.split_once("://").map_or(url, |(_, address)| address);
    let has_password = address.split('?').next().is_some_and(|place| {
        place.rsplit_once('@').is_some_and(|(person, _)| person.contains(':'))
    });
    let hint =
        " (if its password has characters like @ / # % +, give it in ASOCA_DATABASE_PASSWORD)";
    format!("the PostgreSQL of DATABASE_URL{}", if has_password { hint } else { "" })
}

fn check_scheme(url: &str) -> Result<(), CliError> {
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(());
    }
    Err(CliError::input("DATABASE_URL", "has to start with postgres://; unset it to use SQLite"))
}
