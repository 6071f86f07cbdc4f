//! A challenge with one phase and one team, and short ways to act in it.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use asoca::domain::{
    Decision, EvaluationId, Group, State, SubmissionId, TeamId, TruthSetId, UserId,
};
use asoca::scoring::SCORER_VERSION;
use asoca::store::{
    Added, AuditContext, Case, CaseResult, DecisionRequest, Job, JobOutcome, NewPhase,
    NewSubmission, NewTruthSet, Outcome, Phase, Queue, RankedSubmission, Scores, Store, Submission,
    Timestamp,
};
use test_support::{Database, opened, rows};

pub const LEASE: Duration = Duration::from_secs(30);
pub const PAUSE: Duration = Duration::from_secs(5);

/// Moments at which a submission that fails each time can be claimed, as often as it is tried.
pub const MAX_TRIES_PAUSED: [u64; 3] = [20, 40, 60];

/// A moment so many seconds after the scene's beginning.
pub fn at(seconds: u64) -> Timestamp {
    let begin = Timestamp::parse("2026-11-23T12:00:00Z").unwrap();
    begin.plus(Duration::from_secs(seconds))
}

pub struct Scene {
    pub database: Database,
    pub store: Store,
    pub phase: Phase,
    pub user: UserId,
    pub team: TeamId,
}

impl Scene {
    /// Two cases, a quota of 100 in an hour, and the team "Team A".
    pub async fn new(database: Database) -> Self {
        let store = database.store.clone();
        let truth_set = add_truth_set(&store, "hidden", &["0", "1"]).await;
        let phase = add_phase(&store, "main", truth_set, 100).await;
        let (user, team) = add_team(&store, "a@example.org", "Team A").await;
        Self { store, phase, user, team, database }
    }

    pub fn submission(&self) -> Sent<'_> {
        Sent {
            scene: self,
            user: self.user,
            team: self.team,
            method: "nnU-Net",
            key: None,
            request: "one",
        }
    }

    /// Queues a submission.
    pub async fn submit(&self, now: Timestamp) -> SubmissionId {
        self.submission().add_new(now).await
    }

    /// Claims the next submission, which is there.
    pub async fn claim(&self, now: Timestamp) -> Job {
        let claimed = self.at(now, self.store.claim("worker", LEASE)).await;
        claimed.unwrap().expect("nothing is queued")
    }

    pub async fn is_claimable(&self, now: Timestamp) -> bool {
        self.at(now, self.store.claim("probe", LEASE)).await.unwrap().is_some()
    }

    pub async fn renew(&self, job: &Job, cases_done: i64, now: Timestamp) -> bool {
        self.at(now, self.store.renew(job, cases_done, LEASE)).await.unwrap()
    }

    pub async fn finish(&self, job: &Job, outcome: &JobOutcome, now: Timestamp) -> bool {
        self.at(now, self.store.finish(job, outcome)).await.unwrap()
    }

    pub async fn end_all_leases(&self, now: Timestamp) -> u64 {
        self.at(now, self.store.end_all_leases()).await.unwrap()
    }

    pub async fn queue(&self, now: Timestamp) -> Queue {
        self.at(now, self.store.queue()).await.unwrap()
    }

    /// Does something at a moment of the scene. The clock that counts is the database's, which can't be set: instead,
    /// the moments in the rows of jobs are moved there and back.
    async fn at<T>(&self, now: Timestamp, work: impl Future<Output = T>) -> T {
        let clock = self.store.clock().await.unwrap();
        let ended_before: HashSet<SubmissionId> = moments(&self.store)
            .await
            .into_iter()
            .filter_map(|(id, _, finished)| finished.map(|_| id))
            .collect();
        for (id, lease, finished) in moments(&self.store).await {
            let lease = lease.map(|lease| moved(lease, now, clock));
            set_moments(&self.store, id, lease, finished).await;
        }
        let done = work.await;
        for (id, lease, finished) in moments(&self.store).await {
            // What the work took itself does not count.
            let back = |moment| full_second(moved(moment, clock, now));
            let finished = match ended_before.contains(&id) {
                true => finished,
                false => finished.map(back),
            };
            set_moments(&self.store, id, lease.map(back), finished).await;
        }
        done
    }

    /// Queues, claims and scores a submission, the only one that waits.
    pub async fn scored(&self, sent: Sent<'_>, now: Timestamp) -> SubmissionId {
        let id = sent.add_new(now).await;
        let job = self.claim(now).await;
        assert_eq!(job.submission_id, id);
        assert!(self.finish(&job, &self.good(), now).await);
        id
    }

    /// What is ranked: each submission with its Dice in every case.
    pub async fn board(&self, phase: &Phase) -> Vec<(SubmissionId, Vec<f64>)> {
        let ranked = self.store.ranked(phase, SCORER_VERSION, None).await.unwrap();
        dice(&ranked, &self.store.scores_of_phase(phase).await.unwrap())
    }

    /// The same as it stood at a moment.
    pub async fn board_at(&self, moment: Timestamp) -> Vec<(SubmissionId, Vec<f64>)> {
        let now = self.store.phase(self.phase.id).await.unwrap().unwrap();
        let phase = self.store.phase_at(&now, moment).await.unwrap();
        let ranked = self.store.ranked_at(&phase, moment, None).await.unwrap();
        dice(&ranked, &self.store.scores_of_phase_at(&phase, moment).await.unwrap())
    }

    pub async fn row(&self, id: SubmissionId) -> Submission {
        self.store.submission(id).await.unwrap().unwrap()
    }

    /// What the submission's current evaluation has scored.
    pub async fn results(&self, id: SubmissionId) -> Vec<CaseResult> {
        opened(&self.store.case_results(self.row(id).await.evaluation).await.unwrap())
    }

    /// Queues a scored submission to be scored again.
    pub async fn rescore(&self, id: SubmissionId, now: Timestamp) {
        let request =
            DecisionRequest { actor: self.user, decision: Decision::Rescore, reason: "again" };
        assert_eq!(self.store.decide(id, request, now).await.unwrap(), Outcome::Done);
    }

    pub async fn state(&self, id: SubmissionId) -> State {
        self.row(id).await.state
    }

    /// A score for both cases.
    pub fn good(&self) -> JobOutcome {
        self.outcome(vec![case("0", 0.5, 2.0), case("1", 0.75, 4.0)])
    }

    pub fn outcome(&self, cases: Vec<CaseResult>) -> JobOutcome {
        JobOutcome::Scored { scorer_version: SCORER_VERSION, cases, pictures: None }
    }
}

/// As far from `to` as the moment was from `from`.
fn moved(moment: Timestamp, from: Timestamp, to: Timestamp) -> Timestamp {
    match moment < from {
        true => to.minus(moment.until(from)),
        false => to.plus(from.until(moment)),
    }
}

fn full_second(moment: Timestamp) -> Timestamp {
    let seconds = at(0).until(moment).as_secs_f64().round();
    at(seconds as u64)
}

/// Of all jobs: until when they are leased or wait, and when they ended.
async fn moments(store: &Store) -> Vec<(SubmissionId, Option<Timestamp>, Option<Timestamp>)> {
    let text = "select id, lease_until, finished_at from evaluations";
    match store {
        Store::Postgres(pool) => sqlx::query_as(text).fetch_all(pool).await.unwrap(),
        Store::Sqlite { read, .. } => sqlx::query_as(text).fetch_all(read).await.unwrap(),
    }
}

async fn set_moments(
    store: &Store,
    id: SubmissionId,
    lease: Option<Timestamp>,
    finished: Option<Timestamp>,
) {
    let text = "update evaluations set lease_until = $2, finished_at = $3 where id = $1";
    match store {
        Store::Postgres(pool) => {
            let query = sqlx::query(text).bind(id).bind(lease).bind(finished);
            query.execute(pool).await.unwrap();
        }
        Store::Sqlite { write, .. } => {
            let query = sqlx::query(text).bind(id).bind(lease).bind(finished);
            query.execute(write).await.unwrap();
        }
    }
}

/// Each submission with its Dice in every case.
pub fn dice(
    ranked: &[RankedSubmission],
    scores: &HashMap<EvaluationId, Scores>,
) -> Vec<(SubmissionId, Vec<f64>)> {
    let of = |one: &RankedSubmission| {
        opened(&scores[&one.evaluation]).iter().map(|case| case.dice).collect()
    };
    ranked.iter().map(|one| (one.id, of(one))).collect()
}

pub fn failed(reason: &str) -> JobOutcome {
    JobOutcome::Failed { reason: reason.into(), retry_after: PAUSE }
}

pub fn case(id: &str, dice: f64, hd95: f64) -> CaseResult {
    CaseResult {
        case_id: id.into(),
        dice,
        hd95,
        warnings: Vec::new(),
        secondary: None,
        vessels: None,
        mask: None,
    }
}

/// A submission on its way to the store.
#[derive(Clone, Copy)]
pub struct Sent<'a> {
    pub scene: &'a Scene,
    pub user: UserId,
    pub team: TeamId,
    pub method: &'a str,
    pub key: Option<&'a str>,
    pub request: &'a str,
}

impl<'a> Sent<'a> {
    pub fn with_method(self, method: &'a str) -> Self {
        Self { method, ..self }
    }

    pub async fn add(self, now: Timestamp) -> (SubmissionId, Added) {
        let new = NewSubmission {
            method: self.method,
            blob_key: "uploads/one.zip",
            upload_bytes: 1000,
            upload_sha256: "00",
            idempotency_key: self.key,
            request_sha256: self.request,
            ..rows::submission(self.team, self.user)
        };
        let scene = self.scene;
        (new.id, scene.store.add_submission(&scene.phase, &new, now).await.unwrap())
    }

    pub async fn add_new(self, now: Timestamp) -> SubmissionId {
        let (id, added) = self.add(now).await;
        assert_eq!(added, Added::New);
        id
    }
}

pub async fn add_truth_set(store: &Store, name: &str, cases: &[&str]) -> TruthSetId {
    let id = TruthSetId::new();
    let cases: Vec<Case> = cases.iter().map(|id| plain_case(id)).collect();
    let new = NewTruthSet { id, name, digest: "00", cases: &cases, actor: None };
    store.add_truth_set(&new, at(0)).await.unwrap();
    id
}

pub fn plain_case(id: &str) -> Case {
    Case::new(id.into(), Group::Normal, [64, 64, 48], [0.4, 0.4, 0.625], format!("truth/{id}"))
}

pub async fn add_phase(store: &Store, slug: &str, truth_set_id: TruthSetId, quota: i64) -> Phase {
    let new = NewPhase { quota, ..rows::phase(slug, truth_set_id, at(0)) };
    let id = store.add_phase(&new, &AuditContext::default(), at(0)).await.unwrap();
    store.phase(id).await.unwrap().unwrap()
}

/// The person and the team it leads.
pub async fn add_team(store: &Store, email: &str, name: &str) -> (UserId, TeamId) {
    let user = store.add_account(&rows::account(email, Some(name)), at(0)).await.unwrap();
    (user, store.team_of(user).await.unwrap().unwrap().id)
}

/// Runs a text with one parameter that may be refused.
pub async fn execute_result(
    store: &Store,
    text: &'static str,
    id: SubmissionId,
) -> sqlx::Result<()> {
    match store {
        Store::Postgres(pool) => sqlx::query(text).bind(id).execute(pool).await.map(|_| ()),
        Store::Sqlite { write, .. } => sqlx::query(text).bind(id).execute(write).await.map(|_| ()),
    }
}

/// Runs a text without parameters that changes rows.
macro_rules! execute {
    ($store:expr, $text:literal $(, $value:expr)*) => {
        match $store {
            asoca::store::Store::Postgres(pool) => {
                sqlx::query($text)$(.bind($value))*.execute(pool).await.unwrap().rows_affected()
            }
            asoca::store::Store::Sqlite { write, .. } => {
                sqlx::query($text)$(.bind($value))*.execute(write).await.unwrap().rows_affected()
            }
        }
    };
}

/// The one value that a query gives.
macro_rules! value {
    ($store:expr, $text:literal $(, $value:expr)*) => {
        match $store {
            asoca::store::Store::Postgres(pool) => {
                sqlx::query_scalar($text)$(.bind($value))*.fetch_one(pool).await.unwrap()
            }
            asoca::store::Store::Sqlite { read, .. } => {
                sqlx::query_scalar($text)$(.bind($value))*.fetch_one(read).await.unwrap()
            }
        }
    };
}

pub(crate) use {execute, value};
