use std::ffi::OsStr;
use std::fs::read_to_string;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tempfile::NamedTempFile;

/// Longer than anything here takes, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where cargo has built the program for the tests that it runs.
pub fn program() -> PathBuf {
    std::env::var_os("CARGO_BIN_EXE_asoca").expect("tests of the program are run by cargo").into()
}

/// The program with these arguments, out of reach of the variables of whoever runs the tests.
pub fn asoca<const N: usize>(arguments: [&dyn AsRef<OsStr>; N]) -> Command {
    let mut command = Command::new(program());
    command.env_clear().envs(["PATH", "TMPDIR"].into_iter().filter_map(|name| {
        let value = std::env::var_os(name)?;
        Some((name, value))
    }));
    // A panic would be seen at its worst.
    command.env("RUST_BACKTRACE", "1");
    command.args(arguments.map(|argument| argument.as_ref()));
    command
}

/// A running program; killed, if it is still there, when dropped.
pub struct Process {
    child: Child,
    stdout: NamedTempFile,
    stderr: NamedTempFile,
}

/// What a program left behind.
#[derive(Debug)]
pub struct Done {
    /// `None`: a signal ended it.
    pub code: Option<i32>,
    /// What it printed.
    pub stdout: String,
    /// What it said.
    pub stderr: String,
}

/// Runs a program until it ends.
pub fn run(command: &mut Command) -> Done {
    Process::start(command).ended()
}

impl Process {
    /// Starts a program.
    pub fn start(command: &mut Command) -> Self {
        let stdout = NamedTempFile::new().unwrap();
        let seen = stdout.reopen().unwrap();
        Self::spawn(command.stdout(seen), stdout)
    }

    /// Its standard output is a pipe that nobody reads any more.
    pub fn start_unread(command: &mut Command) -> Self {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        Self::spawn(command.stdout(writer), NamedTempFile::new().unwrap())
    }

    fn spawn(command: &mut Command, stdout: NamedTempFile) -> Self {
        let stderr = NamedTempFile::new().unwrap();
        let seen = stderr.reopen().unwrap();
        let child = command.stdin(Stdio::null()).stderr(seen).spawn().unwrap();
        Self { child, stdout, stderr }
    }

    /// What it has printed so far.
    pub fn stdout(&self) -> String {
        read_to_string(self.stdout.path()).unwrap()
    }

    /// What it has said so far.
    pub fn stderr(&self) -> String {
        read_to_string(self.stderr.path()).unwrap()
    }

    /// Waits until there is something to see, and fails if the program ends before.
    pub fn wait_for<T>(&mut self, what: &str, seen: impl Fn(&Self) -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
        loop {
            // Asked before looking, so that what is seen includes all that was written.
            let ended = self.child.try_wait().unwrap();
            if let Some(seen) = seen(self) {
                return seen;
            }
            let (out, err) = (self.stdout(), self.stderr());
            assert_eq!(ended, None, "ended before {what}\n{out}\n{err}");
            assert!(Instant::now() < end, "no {what} in time\n{out}\n{err}");
            pause();
        }
    }

    /// As Ctrl-C does it.
    pub fn interrupt(self) -> Done {
        self.signal("INT");
        self.ended()
    }

    /// Sends a signal by its name.
    pub fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// The number that the system knows it by.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// As `kill -9` or a power failure do it: without a last word.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// What it leaves behind when it ends by itself.
    pub fn ended(mut self) -> Done {
        let status = self.status();
        Done { code: status.code(), stdout: self.stdout(), stderr: self.stderr() }
    }

    fn status(&mut self) -> ExitStatus {
        let end = Instant::now() + PATIENCE;
        loop {
            match self.child.try_wait().unwrap() {
                Some(status) => return status,
                None => assert!(Instant::now() < end, "does not end: {}", self.stderr()),
            }
            pause();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Between two looks at something that is waited for.
pub fn pause() {
    std::thread::sleep(Duration::from_millis(2));
}

impl Done {
    /// What it printed, having done what it was asked.
    #[track_caller]
    pub fn succeeded(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        assert!(!self.stderr.contains("panicked"), "{self:?}");
        self.stdout
    }

    /// It said why not, all of `words`, in one sentence and with this exit code, and printed nothing.
    #[track_caller]
    pub fn refused(&self, code: i32, words: &[&str]) {
        assert_eq!((self.code, self.stdout.as_str()), (Some(code), ""), "{self:?}");
        assert_eq!(self.stderr.lines().count(), 1, "{}", self.stderr);
        assert!(self.stderr.starts_with("asoca: "), "{}", self.stderr);
        for word in words {
            assert!(self.stderr.contains(word), "no '{word}' in: {}", self.stderr);
        }
    }
}
