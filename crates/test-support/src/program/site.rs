use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use super::http::Client;
use super::process::{Done, Process, asoca, run};
use super::volumes::phantoms;

/// Of everybody with an account.
pub const PASSWORD: &str = "three words in a row";

/// A folder, and perhaps a PostgreSQL, for one challenge.
pub struct Site {
    /// Holds everything of the site.
    pub folder: TempDir,
    /// A PostgreSQL's; the site has SQLite without one.
    pub database_url: Option<String>,
    /// The data folder.
    pub data: PathBuf,
}

/// A running `asoca serve`.
pub struct Server {
    /// The program; killed when dropped.
    pub process: Process,
    /// Where it listens.
    pub url: String,
}

impl Site {
    /// A site on which nothing has been done yet.
    pub fn new(database_url: Option<String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        Self { folder, database_url, data }
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.data.clone()
    }

    /// Where the phantoms of [`set_up`](Self::set_up) lie.
    pub fn phantoms(&self) -> PathBuf {
        self.folder.path().join("phantoms")
    }

    /// The program, for this site.
    pub fn command<const N: usize>(&self, arguments: [&dyn AsRef<OsStr>; N]) -> Command {
        let mut command = asoca(arguments);
        command.env("ASOCA_DATA", self.data()).env("ASOCA_PASSWORD", PASSWORD);
        command.envs(self.database_url.iter().map(|url| ("DATABASE_URL", url)));
        command
    }

    /// Runs `asoca admin` with these arguments.
    pub fn admin<const N: usize>(&self, arguments: [&dyn AsRef<OsStr>; N]) -> Done {
        let mut command = self.command([&"admin"]);
        run(command.args(arguments.map(|argument| argument.as_ref())))
    }

    /// Makes the first organiser, Ada.
    pub fn create_organiser(&self) -> Done {
        self.admin([&"create-organiser", &"--email", &"ada@example.org", &"--name", &"Ada"])
    }

    /// An organiser, a truth set of six phantoms, and a phase that is open.
    pub fn set_up(&self) {
        self.create_organiser().succeeded();
        phantoms(&self.phantoms(), "6", "11");
        let truth = self.phantoms().join("truth");
        self.admin([&"import-truth", &"--name", &"first", &truth]).succeeded();
        self.admin([
            &"create-phase",
            &"--slug",
            &"one",
            &"--title",
            &"Phase one",
            &"--truth",
            &"first",
            &"--feedback",
            &"per_case",
            // Who signs up here submits at once.
            &"--approval",
            &"none",
        ])
        .succeeded();
    }

    /// Starts the server with one scoring thread, so that cases are scored one after the other.
    pub fn serve(&self) -> Server {
        self.serve_with(&[])
    }

    /// Starts the server with these variables besides.
    pub fn serve_with(&self, variables: &[(&str, &str)]) -> Server {
        let command = self.command([]);
        self.serve_by(command, variables)
    }

    /// Starts the server where it may not have more descriptors open than this.
    pub fn serve_within(&self, descriptors: u64, variables: &[(&str, &str)]) -> Server {
        let mut command = Command::new("prlimit");
        let program = self.command([]);
        command.arg(format!("--nofile={descriptors}:{descriptors}")).arg(program.get_program());
        command.env_clear();
        command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
        self.serve_by(command, variables)
    }

    fn serve_by(&self, mut command: Command, variables: &[(&str, &str)]) -> Server {
        command.args(["serve", "--listen", "127.0.0.1:0", "--threads", "1"]);
        command.envs(variables.iter().copied());
        if self.database_url.is_some() {
            // With SQLite a killed server's lease ends when the next server starts.
            command.args(["--lease", "2"]);
        }
        let mut process = Process::start(&mut command);
        let url = process.wait_for("an address", |process| {
            let log = process.stderr();
            let (_, rest) = log.split_once("listening on ")?;
            rest.split_once('\n').map(|(url, _)| url.to_owned())
        });
        Server { process, url }
    }

    /// Signs somebody up, who creates a team, and gives a token to submit with.
    pub fn participant(&self, server: &Server) -> String {
        self.member(server, "grace", "Nanoseconds")
    }

    /// The same for somebody of this name and a team of that.
    pub fn member(&self, server: &Server, name: &str, team: &str) -> String {
        let form = format!(
            "email={name}%40example.org&display_name={name}&team={team}&password=three+words+in+a+row"
        );
        let answer = Client::new(&server.url, None).post_form("/signup", &form);
        assert_eq!(answer.status, 303, "{answer:?}");
        let email = format!("{name}@example.org");
        let token = self.admin([&"create-token", &"--email", &email]);
        token.succeeded().trim_end().to_owned()
    }
}
