//! A PostgreSQL of the tests' own: started once a process, gone when the process is.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const SUPERUSER: &str = "asoca";

/// The role, which a test may make, that has to say its password.
pub const LOCKED: &str = "locked";

/// Starts the server, stops and starts it as it is told, waits for the end of its input, which comes
/// when the tests' process is gone, however it went, and leaves nothing behind.
const KEEPER: &str = r#"
start() {
    "$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c max_connections=1000 \
        -c fsync=off -c full_page_writes=off \
        </dev/null >"$2/log" 2>&1 &
}
start "$1" "$2"
while read -r word; do
    case "$word" in
        stop) kill -QUIT $!; wait $!; rm -f "$2/data/postmaster.pid" ;;
        start) start "$1" "$2" ;;
    esac
done
kill -QUIT $!
wait $!
rm -rf "$2"
"#;

/// Why there is no PostgreSQL to test with.
#[derive(Debug)]
pub enum NoCluster {
    /// The machine has no PostgreSQL.
    NotInstalled,
    /// It is there, and can't be started for this reason.
    Failed(String),
}

impl NoCluster {
    /// A machine may lack PostgreSQL, but for one where everything has to be tested.
    pub fn must_not_be(&self) {
        match self {
            Self::NotInstalled => {
                let required = ["CI", "ASOCA_REQUIRE_ENGINES"].map(std::env::var_os);
                assert!(required == [None, None], "PostgreSQL's binaries are not on this machine");
                println!("not run: PostgreSQL's binaries are not on this machine");
            }
            Self::Failed(reason) => panic!("PostgreSQL can't be started: {reason}"),
        }
    }
}

impl From<io::Error> for NoCluster {
    fn from(error: io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// A running PostgreSQL that trusts everybody on this machine, but for [`LOCKED`].
pub struct Cluster {
    folder: PathBuf,
    /// Its input is open for as long as this process lives.
    keeper: Child,
}

impl Cluster {
    /// Makes one, and returns when it is ready.
    pub fn start() -> Result<Self, NoCluster> {
        let binaries = binaries().ok_or(NoCluster::NotInstalled)?;
        let folder = tempfile::Builder::new().prefix("asoca-pg-").tempdir()?;
        let owner = owner(folder.path())?;
        if let Some((user, group)) = owner {
            chown(folder.path(), Some(user), Some(group))?;
        }
        let data = folder.path().join("data");
        let made = unprivileged(binaries.join("initdb"), folder.path(), owner)
            .args(["--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C", "--username"])
            .args([SUPERUSER, "--pgdata"])
            .arg(&data)
            .output()?;
        if !made.status.success() {
            return Err(NoCluster::Failed(String::from_utf8_lossy(&made.stderr).into_owned()));
        }
        // The first line that fits decides.
        let rules = data.join("pg_hba.conf");
        let trusting = fs::read_to_string(&rules)?;
        fs::write(&rules, format!("local all {LOCKED} scram-sha-256\n{trusting}"))?;
        let keeper = unprivileged("sh".into(), folder.path(), owner)
            .args(["-c", KEEPER, "keeper"])
            .args([&binaries, folder.path()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // An interrupt from the terminal ends the tests, and by that the keeper's input.
            .process_group(0)
            .spawn()?;
        let folder = folder.keep();
        wait_until_ready(&folder)?;
        Ok(Self { folder, keeper })
    }

    /// Stops the server as a crash does, and returns when it is gone.
    pub fn stop(&mut self) {
        self.tell("stop");
        let end = Instant::now() + Duration::from_secs(30);
        while self.folder.join("data/postmaster.pid").exists() {
            assert!(Instant::now() < end, "PostgreSQL does not stop");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Starts it again, and returns when it is ready.
    pub fn start_again(&mut self) {
        self.tell("start");
        wait_until_ready(&self.folder).unwrap();
    }

    fn tell(&mut self, word: &str) {
        let input = self.keeper.stdin.as_mut().expect("the keeper has an input");
        writeln!(input, "{word}").unwrap();
    }

    /// Where a client finds one of the databases.
    pub fn url(&self, database: &str) -> String {
        self.url_of(SUPERUSER, database)
    }

    /// The same for who is named, perhaps with a password.
    pub fn url_of(&self, person: &str, database: &str) -> String {
        format!("postgres://{person}@localhost/{database}?host={}", self.folder.display())
    }
}

/// The folder of the binaries: that of the first on the PATH, or the newest Debian has.
fn binaries() -> Option<PathBuf> {
    let complete =
        |folder: &PathBuf| folder.join("initdb").is_file() && folder.join("postgres").is_file();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<PathBuf> = debian.map(|entry| entry.path()).collect();
    versions.sort_by_key(|path| {
        let version = path.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok());
        std::cmp::Reverse(version)
    });
    std::env::split_paths(&path)
        .chain(versions.into_iter().map(|version| version.join("bin")))
        .find(complete)
}

/// PostgreSQL refuses to run as root: then the user and group to run it as.
fn owner(made_by_us: &Path) -> io::Result<Option<(u32, u32)>> {
    if made_by_us.metadata()?.uid() != 0 {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd")?;
    let ids = |name: &str| {
        users.lines().find_map(|line| {
            let mut fields = line.split(':');
            let found = fields.next() == Some(name);
            let (user, group) = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
            found.then_some((user, group))
        })
    };
    ids("postgres")
        .or_else(|| ids("nobody"))
        .map(Some)
        .ok_or_else(|| io::Error::other("neither the user postgres nor nobody is there"))
}

/// A command that runs in `folder`, as `owner` if there is one, and that no variable of ours leads astray.
fn unprivileged(program: PathBuf, folder: &Path, owner: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("LC_ALL", "C").current_dir(folder);
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    if let Some((user, group)) = owner {
        command.uid(user).gid(group);
    }
    command
}

/// The last line of its pid file tells how far the server is.
fn wait_until_ready(folder: &Path) -> Result<(), NoCluster> {
    let end = Instant::now() + Duration::from_secs(30);
    while Instant::now() < end {
        let status = fs::read_to_string(folder.join("data/postmaster.pid")).unwrap_or_default();
        if status.lines().last().is_some_and(|line| line.trim() == "ready") {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
    Err(NoCluster::Failed(format!("PostgreSQL did not become ready: {log}")))
}
