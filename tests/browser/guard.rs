use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A program that ends with the tests, however they end, and a folder that goes with it.
///
/// A shell holds one end of a pipe and this process the other. When this process is gone, be
/// it killed, the shell reads the end of the pipe and clears away the program, what that has
/// started and the folder. The second it waits is a browser's, which saves its settings at the end.
pub struct Guard {
    /// With this process's end of the pipe.
    _shell: Child,
    log: PathBuf,
}

const SCRIPT: &str = r#"
folder=$1; shift
"$@" & read -r _
trap '' TERM; kill -TERM 0; wait
sleep 1
rm -rf "$folder"
kill -KILL 0
"#;

const PATIENCE: Duration = Duration::from_secs(60);

impl Guard {
    /// Starts a program whose output goes to `log` in the folder.
    pub fn start(folder: &Path, program: impl AsRef<OsStr>, args: &[&OsStr]) -> Self {
        let log = folder.join("log");
        let output = File::create(&log).expect("a log in a new folder");
        let shell = Command::new("sh")
            .args(["-c", SCRIPT, "sh"])
            .arg(folder)
            .arg(program)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(output.try_clone().expect("one more handle"))
            .stderr(output)
            // A group of its own: 0 in the script is this group.
            .process_group(0)
            .spawn()
            .expect("a shell");
        Self { _shell: shell, log }
    }

    /// Looks again and again until there is something to see.
    pub fn until<T>(&self, what: &str, mut look: impl FnMut(&str) -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
        loop {
            let said = std::fs::read_to_string(&self.log).unwrap_or_default();
            if let Some(seen) = look(&said) {
                return seen;
            }
            assert!(Instant::now() < end, "no {what}; the program said:\n{said}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// A folder that stays until a guard removes it: statics are never dropped.
pub fn folder() -> PathBuf {
    let made = tempfile::Builder::new().prefix("asoca-browser-").tempdir();
    made.expect("a folder for temporary files").keep()
}
