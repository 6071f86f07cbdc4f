use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::output::output;
use super::phantom::{Batch, pack};
use super::serve::{Server, Web};
use super::site::{Opened, Site};
use super::trouble::Trouble;
use super::worker::{Scoring, stop_signal};
use crate::challenge::{Feedback, Scope, State};
use crate::phantom::{Method, Size};
use crate::ranking::Counting;
use crate::scoring::import_truth;
use crate::store::{Added, NewAccount, NewPhase, NewSubmission, Store, Timestamp, new_id};
use crate::web::{Passwords, make_token, secret};

#[derive(Args)]
pub struct Demo {
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDR")]
    listen: SocketAddr,

    /// Folder of the demo; what is there already is used again.
    #[arg(long, default_value = "demo-data", value_name = "DIR")]
    data: PathBuf,

    #[command(flatten)]
    scoring: Scoring,

    /// Cases of a small fixed shape, for quick trials.
    #[arg(long, hide = true)]
    small: bool,
}

const CASES: u32 = 20;
const SEED: u64 = 42;
const TRUTH: &str = "demo";

/// The method the sample zip is made with; its team has not submitted it yet.
const SAMPLE: Method = Method::Thin;

/// Who has submitted what. Invented teams; the methods are the phantoms' faults.
const TEAMS: &[(&str, Method)] = &[
    ("Aorta Analytics", Method::NearPerfect),
    ("Circumflex", Method::DistalLost),
    ("Ostium Lab", Method::Fragmented),
    ("Vessel Virtuosi", Method::Thick),
    ("Branch & Bound", Method::MissedBranches),
    ("Lumen", Method::Leaky),
    ("Right Coronary Society", Method::RightLost),
    ("Salt & Pepper", Method::Speckled),
    ("Half a Voxel Off", Method::Shifted),
];

/// Everything a person or a script needs to try the demo; kept in `demo.json`.
#[derive(Serialize, Deserialize)]
struct Card {
    url: String,
    participant: LogIn,
    participant_token: String,
    organiser: LogIn,
    organiser_token: String,
    sample_zip: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct LogIn {
    email: String,
    password: String,
}

/// Stands in the folder until the demo is whole, so that an interrupted start is told from
/// somebody's real site.
const UNFINISHED: &str = "demo.unfinished";

/// What a demo finds in its folder.
enum Begun {
    Not,
    Finished(Card),
}

impl Begun {
    /// Clears away what an interrupted start has left, and nothing else.
    fn look(folder: &Path) -> Result<Self, Trouble> {
        let path = folder.join("demo.json");
        if let Ok(text) = std::fs::read_to_string(&path) {
            let card = serde_json::from_str(&text);
            return card.map(Self::Finished).map_err(|error| Trouble::input(path.display(), error));
        }
        let unfinished = folder.join(UNFINISHED);
        if unfinished.exists() {
            for name in ["asoca.db", "asoca.db-wal", "asoca.db-shm"] {
                let _ = std::fs::remove_file(folder.join(name));
            }
            let _ = std::fs::remove_dir_all(folder.join("blobs"));
        } else if ["asoca.db", "blobs"].iter().any(|name| folder.join(name).exists()) {
            return Err(Trouble::input(
                folder.display(),
                "holds a site that is no demo; choose another folder with --data",
            ));
        }
        std::fs::write(&unfinished, "").map_err(made)?;
        Ok(Self::Not)
    }
}

fn made(error: impl std::fmt::Display) -> Trouble {
    Trouble::server("the demo can't be made", error)
}

impl Demo {
    pub async fn run(self) -> Result<(), Trouble> {
        let web = Web { listen: self.listen, public_url: None, max_upload: 2048 };
        let server = Server::bind(&web).await?;
        // Always in its own folder: a demo has no business in somebody's PostgreSQL.
        let site = Site { data: self.data.clone(), database_url: None };
        let alone = site.lock()?;
        let path = self.data.join("demo.json");
        let begun = Begun::look(&self.data)?;
        let opened = site.open().await?;
        if let Some(alone) = &alone {
            alone.take_over(&opened.store).await?;
        }
        let mut card = match begun {
            Begun::Finished(card) => card,
            Begun::Not => self.make(&opened).await?,
        };
        card.url = server.url().to_owned();

        let stop = CancellationToken::new();
        let running = server.start(&opened, Some(&self.scoring), stop.clone())?;
        eprintln!("Listening on {}; scoring the teams' submissions.", card.url);
        // One for both waits: a signal between two of them would be lost.
        let mut asked_to_stop = std::pin::pin!(stop_signal());
        tokio::select! {
            scored = all_scored(&opened.store) => scored?,
            () = &mut asked_to_stop => {
                stop.cancel();
                return running.ended().await;
            }
        }
        write_card(&path, &card)?;
        let _ = std::fs::remove_file(self.data.join(UNFINISHED));
        output(|out| print_card(out, &card, &path))?;

        asked_to_stop.await;
        stop.cancel();
        running.ended().await?;
        opened.store.close().await;
        drop(alone);
        Ok(())
    }

    /// Makes the challenge: cases, truth, phase, people, teams and what they submitted.
    async fn make(&self, opened: &Opened) -> Result<Card, Trouble> {
        let size = if self.small { Size::fixed([64, 64, 48]).map_err(made)? } else { Size::FULL };
        let batch = Batch { seed: SEED, cases: CASES, size };
        let folder = tempfile::tempdir_in(opened.blobs.scratch()).map_err(made)?;
        eprintln!("Making {CASES} synthetic cases with two coronary trees each.");
        let truth = folder.path().join("truth");
        batch.write_truth(&truth).map_err(made)?;
        let now = Timestamp::now();
        let set =
            import_truth(&opened.store, &opened.blobs, &truth, TRUTH, now).await.map_err(made)?;
        opened.store.add_phase(&phase(set, now), now).await?;

        let password = secret::<8>().map_err(made)?;
        let hash = Passwords::new().hash(password.clone()).await.map_err(made)?;
        let people = People { store: &opened.store, hash: &hash, now };
        eprintln!("Making the submissions of {} teams.", TEAMS.len());
        for &(team, method) in TEAMS {
            let user =
                people.add(&format!("{}@demo.example", method.name()), team, Some(team)).await?;
            let zip = zip_of(batch, method, folder.path())?;
            submit(opened, user, method, &zip).await?;
        }

        let sample_zip = std::path::absolute(self.data.join("sample.zip")).map_err(made)?;
        let sample = zip_of(batch, SAMPLE, folder.path())?;
        std::fs::rename(sample, &sample_zip).map_err(made)?;
        let day = Duration::from_secs(24 * 3600);
        let (participant, organiser) = ("participant@demo.example", "organiser@demo.example");
        let user = people.add(participant, "Demo Participant", Some("Your Team")).await?;
        let participant_token =
            make_token(&opened.store, user, "demo", Scope::Submit, 365 * day, now)
                .await
                .map_err(made)?;
        let user = people.add(organiser, "Demo Organiser", None).await?;
        let organiser_token =
            make_token(&opened.store, user, "demo", Scope::Organise, 365 * day, now)
                .await
                .map_err(made)?;
        let log_in = |email: &str| LogIn { email: email.into(), password: password.clone() };
        Ok(Card {
            url: String::new(),
            participant: log_in(participant),
            participant_token,
            organiser: log_in(organiser),
            organiser_token,
            sample_zip,
        })
    }
}

fn phase(truth: Uuid, now: Timestamp) -> NewPhase<'static> {
    NewPhase {
        slug: "demo",
        title: "Demo phase",
        truth_set_id: truth,
        opens_at: now,
        closes_at: None,
        quota: 1000,
        quota_period_hours: 24,
        feedback: Feedback::Aggregates,
        counting: Counting::Best,
    }
}

struct People<'a> {
    store: &'a Store,
    hash: &'a str,
    now: Timestamp,
}

impl People<'_> {
    /// A person who founds a team, or an organiser, who has none.
    async fn add(&self, email: &str, name: &str, team: Option<&str>) -> Result<Uuid, Trouble> {
        let new = NewAccount {
            email,
            display_name: name,
            affiliation: "",
            password_hash: self.hash,
            organiser: team.is_none(),
            team,
        };
        Ok(self.store.add_account(&new, self.now).await?)
    }
}

/// Writes a method's predictions and packs them.
fn zip_of(batch: Batch, method: Method, folder: &Path) -> Result<PathBuf, Trouble> {
    let files = folder.join(method.name());
    let zip = files.with_extension("zip");
    batch.write_predictions(method, &files).map_err(made)?;
    pack(&files, &zip).map_err(made)?;
    std::fs::remove_dir_all(&files).map_err(made)?;
    Ok(zip)
}

/// Queues a zip the way the website does, but for the checks: it was made a moment ago.
async fn submit(opened: &Opened, user: Uuid, method: Method, zip: &Path) -> Result<(), Trouble> {
    let team = opened.store.team_of(user).await?.ok_or_else(|| made("a team is missing"))?;
    let phase = opened.store.phases().await?.pop().ok_or_else(|| made("the phase is missing"))?;
    let id = new_id();
    let bytes = std::fs::read(zip).map_err(made)?;
    let sha256 = crate::digest::sha256(&bytes);
    let blob_key = format!("uploads/{id}.zip");
    opened.blobs.put_file(&blob_key, zip).await.map_err(made)?;
    let new = NewSubmission {
        id,
        team_id: team.id,
        user_id: user,
        method: method.name(),
        description: method.description(),
        url: "",
        blob_key: &blob_key,
        upload_bytes: bytes.len() as i64,
        upload_sha256: &sha256,
        idempotency_key: None,
        request_sha256: &sha256,
    };
    match opened.store.add_submission(&phase, &new, Timestamp::now()).await? {
        Added::New => Ok(()),
        other => Err(made(format!("{other:?}"))),
    }
}

async fn all_scored(store: &Store) -> Result<(), Trouble> {
    loop {
        let submissions = store.submissions(1000).await?;
        if let Some(failed) = submissions.iter().find(|one| one.state == State::Failed) {
            return Err(made(failed.failure.as_deref().unwrap_or("a submission failed")));
        }
        if submissions.iter().all(|submission| submission.state.is_final()) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// For the owner's eyes only: it holds tokens and passwords.
fn write_card(path: &Path, card: &Card) -> Result<(), Trouble> {
    use std::os::unix::fs::OpenOptionsExt;
    let json = serde_json::to_string_pretty(card).map_err(made)?;
    let beside = path.with_extension("json.new");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    options
        .open(&beside)
        .and_then(|mut file| file.write_all(json.as_bytes()))
        .and_then(|()| std::fs::rename(&beside, path))
        .map_err(|error| Trouble::server(path.display(), error))
}

fn print_card(out: &mut dyn Write, card: &Card, path: &Path) -> std::io::Result<()> {
    let Card { url, participant, organiser, participant_token, sample_zip, .. } = card;
    writeln!(out, "The demo runs at {url}")?;
    writeln!(out, "  leaderboard  {url}/leaderboard")?;
    writeln!(out, "  participant  {}  password {}", participant.email, participant.password)?;
    writeln!(out, "  organiser    {}  password {}", organiser.email, organiser.password)?;
    writeln!(out, "  all of this  {}", path.display())?;
    writeln!(out, "\nSubmit from a script:\n")?;
    writeln!(
        out,
        "curl --fail-with-body -H \"Authorization: Bearer {participant_token}\" \
         -F {} -F method=thin \"{url}/api/v1/submissions?wait=60\"",
        file_field(sample_zip)
    )?;
    writeln!(out, "\nCtrl-C ends it; the next start finds its data again.")
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
