//! What a storm left behind: counted in the database, on the leaderboard and on the disk, not believed of the server.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::time::{Duration, Instant, SystemTime};

use asoca::blobs::Blobs;
use asoca::domain::{Disclosure, State};
use asoca::scoring::delete_expired;
use asoca::store::{Store, Submission, SubmissionFilter};
use serde_json::Value;
use test_support::program::{asoca, run};

use super::challenge::Challenge;
use super::uploader::exchange;

/// What an upload was answered: its key and the submission's id.
pub type Accepted = HashMap<String, String>;

#[derive(Debug, Default)]
pub struct Outcome {
    pub accepted: usize,
    /// Accepted, and not there.
    pub lost: usize,
    /// There without having been accepted, or more than once, or twice on the leaderboard.
    pub doubled: usize,
    pub scored: usize,
    pub failed: usize,
    /// Neither scored nor failed long after the storm.
    pub stuck: usize,
    /// Scored with other numbers than `asoca score` prints, or with too few or too many results.
    pub wrong: usize,
    /// Scored, and not on the leaderboard.
    pub unranked: usize,
    /// How many submissions needed so many attempts.
    pub attempts: BTreeMap<i64, usize>,
    /// Files that no row names when the storm was over.
    pub orphans: usize,
    /// Of these, what was left once housekeeping had been there.
    pub unswept: usize,
}

impl Outcome {
    pub fn print(&self, name: &str) {
        let attempts: Vec<String> =
            self.attempts.iter().map(|(attempts, many)| format!("{attempts}: {many}")).collect();
        println!(
            "| storm | accepted | lost | doubled | scored | failed | stuck | wrong | orphans | unswept | attempts |"
        );
        println!("|---|---|---|---|---|---|---|---|---|---|---|");
        println!(
            "| {name} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            self.accepted,
            self.lost,
            self.doubled,
            self.scored,
            self.failed,
            self.stuck,
            self.wrong,
            self.orphans,
            self.unswept,
            attempts.join(", ")
        );
    }

    /// Everything that was accepted is there once, scored, right and ranked, and nothing else is.
    #[track_caller]
    pub fn assert_whole(&self) {
        let Self {
            accepted, lost, doubled, scored, failed, stuck, wrong, unranked, unswept, ..
        } = self;
        assert_eq!([lost, doubled, failed, stuck, wrong, unranked, unswept], [&0; 7], "{self:?}");
        assert_eq!(scored, accepted, "{self:?}");
    }
}

/// The rows of all submissions once none waits any more, or as they are after so long.
async fn settled(store: &Store, longest: Duration) -> Vec<Submission> {
    let end = Instant::now() + longest;
    loop {
        let all = store.submissions(&SubmissionFilter::default(), 1_000_000).await.unwrap();
        if all.iter().all(|one| one.state.is_final()) || Instant::now() >= end {
            return all;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Waits until everything that was accepted has come to an end, and counts. `server` still runs.
#[tokio::main(flavor = "current_thread")]
pub async fn count(challenge: &Challenge, server: &str, accepted: &Accepted) -> Outcome {
    let site = &challenge.site;
    let store = match &site.database_url {
        Some(url) => Store::postgres(url).await.unwrap(),
        None => Store::sqlite(&site.data().join("asoca.db")).await.unwrap(),
    };
    let rows = settled(&store, Duration::from_secs(240)).await;
    let known: HashSet<String> = rows.iter().map(|row| row.id.to_string()).collect();
    let promised: HashSet<&String> = accepted.values().collect();
    let mut outcome = Outcome { accepted: accepted.len(), ..Outcome::default() };
    outcome.lost = promised.iter().filter(|id| !known.contains(**id)).count();
    outcome.doubled = known.iter().filter(|id| !promised.contains(id)).count()
        + (accepted.len() - promised.len());
    for row in &rows {
        *outcome.attempts.entry(row.attempt).or_default() += 1;
        match row.state {
            State::Scored => outcome.scored += 1,
            State::Failed => outcome.failed += 1,
            State::Queued | State::Scoring => outcome.stuck += 1,
            State::Invalid | State::Cancelled => outcome.wrong += 1,
        }
    }

    let truth = site.phantoms().join("truth");
    let zip = site.phantoms().join("predictions/fragmented.zip");
    let right = run(&mut asoca([&"score", &"--json", &"--truth", &truth, &zip])).succeeded();
    let right: Value = serde_json::from_str(&right).unwrap();
    for row in rows.iter().filter(|row| row.state == State::Scored) {
        let results = store.case_results(row.evaluation).await.unwrap();
        let results = results.open(Disclosure::EveryCase.exact().unwrap());
        let same = results.iter().zip(right["cases"].as_array().unwrap()).all(|(case, right)| {
            right["id"] == case.case_id.as_str()
                && right["dice"] == case.dice
                && right["hd95"] == case.hd95
        });
        outcome.wrong += usize::from(!same || results.len() != 4);
    }

    let (status, board) = exchange(server, "GET /api/v1/leaderboard?phase=storm", "", b"").unwrap();
    assert_eq!(status, 200, "{board}");
    let board: Value = serde_json::from_str(&board).unwrap();
    let ranked = board["entries"].as_array().unwrap().len();
    outcome.unranked = outcome.scored.saturating_sub(ranked);
    outcome.doubled += ranked.saturating_sub(outcome.scored);

    let blobs = Blobs::local(&site.data().join("blobs"), &site.data().join("tmp")).unwrap();
    let files = async || {
        let named = store.upload_keys().await.unwrap();
        let uploads = fs::read_dir(site.data().join("blobs/uploads")).into_iter().flatten();
        let orphans = uploads.flatten().filter(|file| {
            !named.contains(&format!("uploads/{}", file.file_name().to_string_lossy()))
        });
        let scratch = fs::read_dir(site.data().join("tmp")).unwrap();
        orphans.count() + scratch.count()
    };
    outcome.orphans = files().await;
    // As if some hours had gone by.
    let later = SystemTime::now() + Duration::from_secs(3600);
    delete_expired(&store, &blobs, later).await.unwrap();
    outcome.unswept = files().await;
    store.close().await;
    outcome
}
