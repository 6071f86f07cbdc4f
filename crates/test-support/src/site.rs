//! A running server with a worker, a small challenge, and ways to look behind the scenes.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use asoca::blobs::Blobs;
use asoca::domain::{Approval, Feedback, Scope, TruthSetId, UserId};
use asoca::mail::Mailer;
use asoca::scoring::{Notifier, VesselLabels, Worker, import_truth};
use asoca::service::credentials::make_token;
use asoca::service::outbox;
use asoca::service::passwords::Passwords;
use asoca::stop::Stop;
use asoca::store::{
    AuditContext, NewAccount, NewPhase, Phase, Rules, Store, Submission, SubmissionFilter,
    Timestamp,
};
use asoca::web::connections::{self, Limits};
use asoca::web::{App, Settings, router};
use axum::Router;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::OnceCell;
use tokio::task::block_in_place;
use tokio_util::sync::CancellationToken;

use crate::client::Client;
use crate::database::Database;
use crate::{challenge, rows};

const HOUR: Duration = Duration::from_secs(3600);

/// Of everybody with an account.
pub const PASSWORD: &str = "correct horse battery";

/// Longer than anything here takes; who waits for longer waits for ever.
const PATIENCE: Duration = Duration::from_secs(30);

/// Between two looks at something that is waited for.
const PAUSE: Duration = Duration::from_millis(10);

/// Ample memory for six small truths.
const TRUTH_BYTES: usize = 16 << 20;

/// How a site differs from the usual one.
pub struct Setup {
    /// Without one, submissions stay queued.
    pub worker: bool,
    /// How many submissions a team has in a day.
    pub quota: i64,
    /// The phase's.
    pub feedback: Feedback,
    /// Whether everybody sees single cases where aggregates are exact.
    pub cases_public: bool,
    /// Writes the ground truth into a folder.
    pub truth: fn(&Path),
    /// When the phase opens.
    pub opens_at: Timestamp,
    /// When the phase closes, if it does.
    pub closes_at: Option<Timestamp>,
    /// The largest upload in bytes.
    pub max_upload: u64,
    /// Bytes of the disk that uploads leave free; the usual if none.
    pub free_floor: Option<u64>,
    /// How many uploads may arrive at the same time.
    pub uploads_at_once: usize,
    /// The address that the server goes by; its own if none.
    pub public_url: Option<&'static str>,
    /// Whether what a proxy says of a sender is believed.
    pub trusted_proxy: bool,
    /// What sends mail, if anything does.
    pub mail: Option<Mailer>,
    /// Between two looks for mail that is due.
    pub mail_interval: Duration,
    /// How many sign-ups an hour one network may send; 0: any number.
    pub sign_up_rate: u32,
    /// Most sites here take submissions of every team.
    pub approval: Approval,
    /// Of connections.
    pub limits: Limits,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            worker: true,
            quota: 100,
            feedback: Feedback::PerCase,
            cases_public: false,
            truth: challenge::write_truth,
            opens_at: Timestamp::now().minus(HOUR),
            closes_at: None,
            max_upload: 16 << 20,
            // The machine that runs the tests may be nearly full.
            free_floor: Some(0),
            uploads_at_once: 64,
            public_url: None,
            trusted_proxy: false,
            mail: None,
            mail_interval: Duration::from_millis(50),
            sign_up_rate: 0,
            approval: Approval::None,
            limits: Limits::default(),
        }
    }
}

impl Setup {
    /// The settings of a server at this address.
    pub fn settings(&self, address: SocketAddr) -> Settings {
        Settings {
            public_url: self.public_url.map_or(format!("http://{address}"), str::to_owned),
            max_upload: self.max_upload,
            uploads_at_once: self.uploads_at_once,
            trusted_proxy: self.trusted_proxy,
            mail: self.mail.clone(),
            sign_up_rate: self.sign_up_rate,
        }
    }
}

/// A running server and its challenge, of one phase called `main`.
pub struct Site {
    /// Its database.
    pub store: Store,
    /// Its uploads and ground truths.
    pub blobs: Blobs,
    /// The phase as it was at first.
    pub phase: Phase,
    notifier: Arc<Notifier>,
    organiser: OnceCell<Client>,
    address: SocketAddr,
    database: Database,
    has_worker: AtomicBool,
    leaves_queue: AtomicBool,
    /// Stops server and worker.
    stop: CancellationToken,
}

/// Asserts that the test leaves no job behind, unless it has failed already.
impl Drop for Site {
    fn drop(&mut self) {
        let left = match std::thread::panicking() {
            true => None,
            // Which the runtimes of all tests allow: they have several threads.
            false => block_in_place(|| Handle::current().block_on(self.jobs_left(PATIENCE))),
        };
        self.stop.cancel();
        if let Some(left) = left {
            panic!("the test leaves jobs behind ({left}), and does not say so with `leave_queue`");
        }
    }
}

impl Site {
    /// The usual one.
    pub async fn start(database: Database) -> Self {
        Self::with(database, Setup::default()).await
    }

    /// One whose submissions stay queued.
    pub async fn without_worker(database: Database) -> Self {
        Self::with(database, Setup { worker: false, ..Setup::default() }).await
    }

    /// One that differs from the usual one.
    pub async fn with(database: Database, setup: Setup) -> Self {
        let folder = database.folder.path();
        let blobs = Blobs::local(&folder.join("blobs"), &folder.join("tmp")).unwrap();
        let blobs = blobs.with_free_floor(setup.free_floor);
        (setup.truth)(&folder.join("truths"));
        let store = database.store.clone();
        let now = Timestamp::now();
        let truth_set = import_truth(
            &store,
            &blobs,
            &folder.join("truths"),
            VesselLabels::default(),
            "hidden",
            now,
        )
        .await
        .unwrap();
        let phase = add_phase(&store, "main", truth_set, &setup).await;

        let stop = CancellationToken::new();
        let notifier = Arc::new(Notifier::default());
        let address =
            start(store.clone(), blobs.clone(), Arc::clone(&notifier), &setup, stop.clone()).await;
        let organiser = OnceCell::new();
        let site = Self {
            store,
            blobs,
            phase,
            notifier,
            organiser,
            address,
            database,
            has_worker: AtomicBool::new(false),
            leaves_queue: AtomicBool::new(false),
            stop,
        };
        if setup.worker {
            site.start_worker(Arc::clone(&site.notifier)).await;
        }
        site
    }

    /// Starts a worker with connections of its own. With a notifier of its own, too, it is like
    /// one in another process.
    pub async fn start_worker(&self, notifier: Arc<Notifier>) {
        let store = self.database.opened_again().await;
        let worker = Worker::new(store, self.blobs.clone(), notifier, 2, TRUTH_BYTES).unwrap();
        tokio::spawn(worker.run(self.stop.clone()));
        self.has_worker.store(true, Ordering::Relaxed);
    }

    /// Says that the test is done while jobs wait or are being scored.
    pub fn leave_queue(&self) {
        self.leaves_queue.store(true, Ordering::Relaxed);
    }

    /// The jobs that a test must not leave behind, in words, once there was that long to finish them: those that are
    /// being scored and, where there is a worker, those that wait. Those of trials count as well.
    pub async fn jobs_left(&self, patience: Duration) -> Option<String> {
        let text = "select state, count(*) from evaluations where state in ('queued', 'scoring')
                    group by state order by state";
        let has_worker = self.has_worker.load(Ordering::Relaxed);
        let end = tokio::time::Instant::now() + patience;
        // A test may have closed its own.
        let store = self.database.opened_again().await;
        while !self.leaves_queue.load(Ordering::Relaxed) {
            let jobs: Vec<(String, i64)> = match &store {
                Store::Postgres(pool) => sqlx::query_as(text).fetch_all(pool).await.unwrap(),
                Store::Sqlite { read, .. } => sqlx::query_as(text).fetch_all(read).await.unwrap(),
            };
            let left = jobs.iter().filter(|(state, _)| has_worker || state == "scoring");
            let left: Vec<String> = left.map(|(state, count)| format!("{count} {state}")).collect();
            if left.is_empty() {
                break;
            }
            // Nobody but a worker would finish them.
            if !has_worker || tokio::time::Instant::now() > end {
                return Some(left.join(", "));
            }
            tokio::time::sleep(PAUSE).await;
        }
        None
    }

    /// Somebody who has not said who they are, at a second server of the same challenge.
    pub async fn anybody_elsewhere(&self) -> Client {
        self.anybody_elsewhere_with(Setup::default()).await
    }

    /// The same at a server that is configured in another way.
    pub async fn anybody_elsewhere_with(&self, setup: Setup) -> Client {
        let store = self.database.opened_again().await;
        let (blobs, notifier) = (self.blobs.clone(), Arc::new(Notifier::default()));
        let address = start(store, blobs, notifier, &setup, self.stop.clone()).await;
        let mut elsewhere = self.anybody();
        elsewhere.address = address;
        elsewhere
    }

    /// A second phase with a truth set of its own, made of the same volumes.
    pub async fn add_phase(&self, slug: &str) -> Phase {
        let folder = self.database.folder.path().join("truths");
        let now = Timestamp::now();
        let (store, labels) = (&self.store, VesselLabels::default());
        let imported = import_truth(store, &self.blobs, &folder, labels, slug, now).await;
        let truth_set = imported.unwrap();
        add_phase(&self.store, slug, truth_set, &Setup::default()).await
    }

    /// Somebody who has not said who they are.
    pub fn anybody(&self) -> Client {
        let folder = self.database.folder.path().display().to_string();
        // With the first digit that every set's id has: documents speak of folders called truth.
        let secrets = [folder.as_str(), "uploads/", "truth/0", "asoca-pg-", "sqlx"];
        Client::new(self.address, secrets.map(str::to_owned).to_vec())
    }

    /// A script of a new team.
    pub async fn team(&self, name: &str) -> Client {
        let user = self.member(name).await;
        self.script(user, Scope::Submit).await
    }

    /// A new person that leads a new team.
    pub async fn member(&self, team: &str) -> UserId {
        self.account(team, Some(team), false).await
    }

    /// The address is the name at example.org, the password [`PASSWORD`].
    pub async fn account(&self, name: &str, team: Option<&str>, organiser: bool) -> UserId {
        static HASH: OnceCell<String> = OnceCell::const_new();
        let hash = async || Passwords::new().hash(PASSWORD.into()).await.unwrap();
        let email = address(name);
        let new = NewAccount {
            display_name: name,
            password_hash: HASH.get_or_init(hash).await,
            organiser,
            ..rows::account(&email, team)
        };
        self.store.add_account(&new, Timestamp::now()).await.unwrap()
    }

    /// A script of an organiser who is made when first asked for.
    pub async fn organiser(&self) -> Client {
        let make = async || {
            let user = self.account("organiser", None, true).await;
            self.script(user, Scope::Organise).await
        };
        self.organiser.get_or_init(make).await.clone()
    }

    /// A script of this person with a new token.
    pub async fn script(&self, user: UserId, scope: Scope) -> Client {
        let now = Timestamp::now();
        let token = make_token(&self.store, user, "test", scope, HOUR, now).await.unwrap();
        self.anybody().with_token(&token)
    }

    /// The browser of a person with an [`account`](Self::account).
    pub async fn log_in(&self, name: &str) -> Client {
        let (email, browser) = (address(name), self.anybody());
        let answer = browser.post("/login", &[("email", &email), ("password", PASSWORD)]).await;
        browser.with_cookie_of(&answer)
    }

    /// Everybody's submissions, newest first.
    pub async fn submissions(&self) -> Vec<Submission> {
        self.store.submissions(&SubmissionFilter::default(), 1000).await.unwrap()
    }

    /// Files below a folder of the site, however deep; none if there is no such folder.
    pub fn files(&self, folder: &str) -> Vec<PathBuf> {
        let mut folders = vec![self.database.folder.path().join(folder)];
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() { &mut folders } else { &mut files }.push(path);
            }
        }
        files
    }

    /// How many files of ground truth there are.
    pub fn truth_files(&self) -> usize {
        self.files("blobs/truth").len()
    }

    /// Where the truth of a phase's case lies.
    pub fn truth_file(&self, phase: &Phase, case: &str) -> PathBuf {
        let truths = self.database.folder.path().join("blobs/truth");
        truths.join(phase.truth_set_id.to_string()).join(format!("{case}.nrrd"))
    }

    /// Returns once it is so; fails if it isn't for long.
    pub async fn until(&self, is_so: impl AsyncFn() -> bool) {
        let end = tokio::time::Instant::now() + PATIENCE;
        while !is_so().await {
            assert!(tokio::time::Instant::now() < end, "it does not come to be");
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Changes rows behind the server's back.
    pub async fn execute(&self, text: &'static str, value: &str) {
        match &self.store {
            Store::Postgres(pool) => {
                sqlx::query(text).bind(value).execute(pool).await.unwrap();
            }
            Store::Sqlite { write, .. } => {
                sqlx::query(text).bind(value).execute(write).await.unwrap();
            }
        }
    }

    /// Whose the sessions are.
    pub async fn session_owners(&self) -> Vec<Option<UserId>> {
        let text = "select user_id from sessions";
        match &self.store {
            Store::Postgres(pool) => sqlx::query_scalar(text).fetch_all(pool).await.unwrap(),
            Store::Sqlite { read, .. } => sqlx::query_scalar(text).fetch_all(read).await.unwrap(),
        }
    }

    /// No submission, no upload kept, no file forgotten on the way.
    pub async fn assert_nothing_stored(&self) {
        let submissions = self.submissions().await;
        assert!(submissions.is_empty(), "{submissions:?}");
        assert_eq!(self.files("blobs/uploads"), Vec::<PathBuf>::new());
        assert_eq!(self.files("tmp"), Vec::<PathBuf>::new());
    }
}

/// Starts a server; gives where it listens.
async fn start(
    store: Store,
    blobs: Blobs,
    notifier: Arc<Notifier>,
    setup: &Setup,
    stop: CancellationToken,
) -> SocketAddr {
    let stop = Stop::when(stop);
    let made = |address| {
        let app = App::new(store, blobs, notifier, setup.settings(address), stop.clone());
        if setup.mail.is_some() {
            tokio::spawn(outbox::run(app.services.clone(), setup.mail_interval, stop.clone()));
        }
        router(app)
    };
    serve(made, setup.limits.clone(), stop.clone()).await
}

/// Serves, at a free port of this machine, what is made for its address; gives that address.
pub async fn serve(
    router: impl FnOnce(SocketAddr) -> Router,
    limits: Limits,
    stop: Stop,
) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(connections::serve(listener, router(address), limits, stop));
    address
}

fn address(name: &str) -> String {
    format!("{}@example.org", name.replace(' ', "."))
}

async fn add_phase(store: &Store, slug: &str, truth_set_id: TruthSetId, setup: &Setup) -> Phase {
    let new = NewPhase {
        title: "Final test",
        closes_at: setup.closes_at,
        quota: setup.quota,
        quota_period_hours: 24,
        feedback: setup.feedback,
        rules: Rules {
            approval: setup.approval,
            cases_public: setup.cases_public,
            ..Rules::default()
        },
        ..rows::phase(slug, truth_set_id, setup.opens_at)
    };
    let id = store.add_phase(&new, &AuditContext::default(), Timestamp::now()).await.unwrap();
    store.phase(id).await.unwrap().unwrap()
}
