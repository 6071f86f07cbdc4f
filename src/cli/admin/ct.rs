use std::path::PathBuf;

use clap::Args;

use crate::cli::error::CliError;
use crate::cli::output::output;
use crate::cli::site::{Opened, Site};
use crate::scoring::{ImportError, import_ct};
use crate::store::Timestamp;

#[derive(Args)]
pub struct ImportCt {
    #[command(flatten)]
    site: Site,
    /// Name of the truth set that was drawn in these images.
    #[arg(long)]
    truth: String,
    /// Folder or zip with the CTs of all cases or some, <case id>.nrrd, each on the grid of its ground truth; or the published
    /// dataset's, with Normal/CTCA/Normal_1.nrrd. They replace those imported earlier.
    folder: PathBuf,
}

impl ImportCt {
    pub async fn run(self) -> Result<(), CliError> {
        let Opened { store, blobs } = self.site.open().await?;
        let set = store.truth_set_by_name(&self.truth).await?;
        let set = set.ok_or_else(|| CliError::input(&self.truth, "there is no such truth set"))?;
        let imported = import_ct(&store, &blobs, set.id, &self.folder, Timestamp::now()).await;
        let images = imported.map_err(|error| match error {
            ImportError::Invalid(problems) => CliError::invalid(self.folder.display(), &problems),
            ImportError::Io(error) => CliError::input(self.folder.display(), error),
            error => CliError::server("the database or the object store", error),
        })?;
        store.close().await;
        output(|out| writeln!(out, "truth set '{}': the CTs of {images} cases", self.truth))
    }
}
