use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{CliError, made};

/// Everything a person or a script needs to try the demo; kept in `demo.json`.
#[derive(Serialize, Deserialize)]
pub struct Card {
    pub url: String,
    pub participant: LogIn,
    pub participant_token: String,
    pub organiser: LogIn,
    pub organiser_token: String,
    pub sample_zip: PathBuf,
}

#[derive(Serialize, Deserialize)]
pub struct LogIn {
    pub email: String,
    pub password: String,
}

impl Card {
    /// For the owner's eyes only: it holds tokens and passwords.
    pub fn write(&self, path: &Path) -> Result<(), CliError> {
        use std::os::unix::fs::OpenOptionsExt;
        let json = serde_json::to_string_pretty(self).map_err(made)?;
        let beside = path.with_extension("json.new");
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        options
            .open(&beside)
            .and_then(|mut file| file.write_all(json.as_bytes()))
            .and_then(|()| std::fs::rename(&beside, path))
            .map_err(|error| CliError::server(path.display(), error))
    }

    /// Tells a person all that is on it; `path` is where it is kept.
    pub fn print(&self, out: &mut dyn Write, path: &Path) -> std::io::Result<()> {
        let Card { url, participant, organiser, participant_token, sample_zip, .. } = self;
        writeln!(out, "The demo runs at {url}")?;
        writeln!(out, "  leaderboard  {url}/leaderboard")?;
        writeln!(out, "  participant  {}  password {}", participant.email, participant.password)?;
        writeln!(out, "  organiser    {}  password {}", organiser.email, organiser.password)?;
        writeln!(out, "  saved in     {}", path.display())?;
        writeln!(out, "\nSubmit from a script:\n")?;
        writeln!(
            out,
            "curl --fail-with-body -H \"Authorization: Bearer {participant_token}\" \
             -F {} -F method=thin \"{url}/api/v1/submissions?wait=60\"",
            file_field(sample_zip)
        )?;
        writeln!(out, "\nCtrl-C stops it; the next start uses the same data.")
    }
}

/// The word that makes curl send the file as the field `file`, whatever marks its name has.
fn file_field(file: &Path) -> String {
    let file = file.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    if file.chars().all(plain) {
        return format!("file=@{file}");
    }
    let for_curl = file.replace('\\', r"\\").replace('"', r#"\""#);
    let for_the_shell = for_curl.replace('\'', r"'\''");
    format!("'file=@\"{for_the_shell}\"'")
}
