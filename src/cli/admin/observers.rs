use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use clap::Args;

use crate::cli::error::CliError;
use crate::cli::output::output;
use crate::cli::site::Site;
use crate::domain::Agreement;
use crate::scoring::{ImportError, MAX_OBSERVERS_BYTES, import_observers};
use crate::store::Timestamp;

#[derive(Args)]
pub struct ImportObservers {
    #[command(flatten)]
    site: Site,
    /// Name of the truth set that was made from their masks.
    #[arg(long)]
    truth: String,
    /// Output of `asoca consensus --json`. It replaces an earlier import for the truth set.
    file: PathBuf,
}

impl ImportObservers {
    pub async fn run(self) -> Result<(), CliError> {
        let unreadable = |error| CliError::input(self.file.display(), error);
        let mut document = Vec::new();
        let file = File::open(&self.file).map_err(unreadable)?;
        // One byte more than it may have, so that it is seen to be too long.
        let most = MAX_OBSERVERS_BYTES as u64 + 1;
        file.take(most).read_to_end(&mut document).map_err(unreadable)?;
        let store = self.site.open().await?.store;
        let set = store.truth_set_by_name(&self.truth).await?;
        let set = set.ok_or_else(|| CliError::input(&self.truth, "there is no such truth set"))?;
        let imported = import_observers(&store, set.id, &document, None, Timestamp::now()).await;
        let observers = imported.map_err(|error| match error {
            ImportError::Invalid(problems) => CliError::invalid(self.file.display(), &problems),
            error => CliError::server("the database", error),
        })?;
        store.close().await;
        output(|out| {
            writeln!(out, "truth set '{}': {} annotators", self.truth, observers.annotators)?;
            observers.named().iter().try_for_each(|(name, Agreement { dice, hd95, .. })| {
                writeln!(out, "{name:<9} Dice {:.4}, HD95 {:.3} mm", dice.mean, hd95.mean)
            })
        })
    }
}
