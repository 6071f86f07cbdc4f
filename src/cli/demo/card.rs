use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Trouble, made};

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
    pub fn write(&self, path: &Path) -> Result<(), Trouble> {
        use std::io::Write;
        use std::os::unix::fs::OpenOptionsExt;
        let json = serde_json::to_string_pretty(self).map_err(made)?;
        let beside = path.with_extension("json.new");
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        options
            .open(&beside)
            .and_then(|mut file| file.write_all(json.as_bytes()))
            .and_then(|()| std::fs::rename(&beside, path))
            .map_err(|error| Trouble::server(path.display(), error))
    }

    /// Tells a person all that is on it; `path` is where it is kept.
    pub fn print(&self, path: &Path) {
        let Card { url, participant, organiser, participant_token, sample_zip, .. } = self;
        println!("The demo runs at {url}");
        println!("  leaderboard  {url}/leaderboard");
        println!("  participant  {}  password {}", participant.email, participant.password);
        println!("  organiser    {}  password {}", organiser.email, organiser.password);
        println!("  all of this  {}", path.display());
        println!("\nSubmit from a script:\n");
        println!(
            "curl --fail-with-body -H \"Authorization: Bearer {participant_token}\" \
             -F \"file=@{}\" -F method=thin \"{url}/api/v1/submissions?wait=60\"",
            sample_zip.display()
        );
        println!("\nCtrl-C ends it; the next start finds its data again.");
    }
}
