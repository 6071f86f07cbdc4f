//! Files that a command writes for each mask it is given.

use std::collections::HashMap;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::error::CliError;
use tempfile::NamedTempFile;

/// A folder to write into, in which nothing is replaced.
pub struct OutFolder<'a> {
    path: &'a Path,
}

impl<'a> OutFolder<'a> {
    /// Makes the folder if it is not there, and refuses what can't be written: two masks of one name, a file that is there.
    ///
    /// The files of a mask have its name and one of these extensions. Returns the masks' names, in their order.
    pub fn for_masks(
        path: &'a Path,
        masks: &[PathBuf],
        extensions: &[&str],
    ) -> Result<(Self, Vec<String>), CliError> {
        let mut seen: HashMap<String, &Path> = HashMap::new();
        let mut names = Vec::with_capacity(masks.len());
        for mask in masks {
            let name = mask.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            if let Some(other) = seen.insert(name.clone(), mask) {
                let why = format!(
                    "both are to become {name}.{}; give them to two runs with an --out of their own",
                    extensions.first().unwrap_or(&"")
                );
                return Err(CliError::input(
                    format!("{} and {}", other.display(), mask.display()),
                    why,
                ));
            }
            names.push(name);
        }
        fs::create_dir_all(path).map_err(|error| CliError::server(path.display(), error))?;
        let folder = Self { path };
        for name in &names {
            for extension in extensions {
                let file = folder.path_of(name, extension);
                if file.exists() {
                    let why = "already exists; choose another folder for --out";
                    return Err(CliError::input(file.display(), why));
                }
            }
        }
        Ok((folder, names))
    }

    pub fn path_of(&self, name: &str, extension: &str) -> PathBuf {
        self.path.join(format!("{name}.{extension}"))
    }

    /// Writes a file, which is there when it is whole.
    pub fn write(
        &self,
        name: &str,
        extension: &str,
        write: impl FnOnce(&mut BufWriter<&mut NamedTempFile>) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut builder = tempfile::Builder::new();
        // A file of one's own is as open to others as any file one writes.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut file = builder.prefix(".asoca-").tempfile_in(self.path)?;
        let mut out = BufWriter::new(&mut file);
        write(&mut out)?;
        out.flush()?;
        drop(out);
        file.persist(self.path_of(name, extension)).map_err(|error| error.error)?;
        Ok(())
    }
}
