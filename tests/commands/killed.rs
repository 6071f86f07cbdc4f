//! `kill -9` while a submission is scored: it is scored once, by whoever comes next.
//!
//! A truth is exchanged for a pipe into which nobody writes. The worker waits there, in the
//! middle of scoring, for as long as the test likes.

use std::fs::{self, File, OpenOptions};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use asoca::domain::State;
use asoca::store::Store;
use serde_json::{Value, json};
use test_support::cluster::Cluster;
use test_support::program::Site;
use test_support::program::http::Client;
use test_support::program::{asoca, pause, run};

/// The last case's truth, held back.
pub struct Held {
    truth: PathBuf,
    /// Open on both ends, so that opening it waits for nobody and reading it for ever.
    _pipe: File,
}

impl Held {
    pub fn back(site: &Site) -> Self {
        let sets = site.data().join("blobs/truth");
        let set = fs::read_dir(sets).unwrap().next().unwrap().unwrap().path();
        let truth = set.join("5.nrrd");
        fs::rename(&truth, truth.with_extension("kept")).unwrap();
        assert!(Command::new("mkfifo").arg(&truth).status().unwrap().success());
        let pipe = OpenOptions::new().read(true).write(true).open(&truth).unwrap();
        Self { truth, _pipe: pipe }
    }

    pub fn release(self) {
        fs::rename(self.truth.with_extension("kept"), &self.truth).unwrap();
    }
}

/// Asks for the submission until it is as it should be; for less long than a usual lease lasts.
pub fn wait_until(client: &Client<'_>, id: &str, right: impl Fn(&Value) -> bool) -> Value {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let report = client.get(&format!("/api/v1/submissions/{id}")).json(200);
        if right(&report) {
            return report;
        }
        assert!(Instant::now() < end, "{report}");
        pause();
    }
}

fn scored_once_whatever_happens(site: &Site) {
    site.set_up();
    let held = Held::back(site);
    let zip_path = site.phantoms().join("predictions/fragmented.zip");
    let zip = fs::read(&zip_path).unwrap();

    let server = site.serve();
    let token = site.participant(&server);
    let client = Client::new(&server.url, Some(&token));
    let id = client.submit(&zip, "", "once").json(202)["id"].as_str().unwrap().to_owned();
    let caught = wait_until(&client, &id, |report| report["cases_done"] == 5);
    assert_eq!(caught["state"], "scoring");
    server.process.kill();
    held.release();

    let server = site.serve();
    let client = Client::new(&server.url, Some(&token));
    // It is queued for a moment between the end of its lease and the next claim.
    let runs = |report: &Value| report["state"] == "scoring" || report["state"] == "queued";
    let report = wait_until(&client, &id, |report| !runs(report));
    assert_eq!(report["state"], "scored", "{report}");
    // Whoever sent it may not have got the first answer and tries again.
    let repeated = client.submit(&zip, "?wait=60", "once");
    assert!(repeated.head.contains("idempotency-replayed: true"), "{repeated:?}");
    assert_eq!(repeated.json(201), report);
    assert_eq!(server.process.interrupt().code, Some(0));

    let truth = site.phantoms().join("truth");
    let scores =
        run(&mut asoca([&"score", &"--json", &"--metrics=all", &"--truth", &truth, &zip_path]));
    let scores: Value = serde_json::from_str(&scores.succeeded()).unwrap();
    assert_eq!(report["cases"], scores["cases"]);
    assert_eq!(report["aggregates"], scores["aggregates"]);
    rows_are_right(site, &scores["cases"]);
}

#[tokio::main(flavor = "current_thread")]
async fn rows_are_right(site: &Site, scores: &Value) {
    let store = match &site.database_url {
        Some(url) => Store::postgres(url).await.unwrap(),
        None => Store::sqlite(&site.data().join("asoca.db")).await.unwrap(),
    };
    let submissions =
        store.submissions(&asoca::store::SubmissionFilter::default(), 10).await.unwrap();
    let [submission] = submissions.as_slice() else { panic!("{submissions:?}") };
    assert_eq!((submission.state, submission.attempt), (State::Scored, 2));
    assert_eq!((submission.cases_done, submission.failure.as_deref()), (6, None));
    let results = store.case_results(submission.evaluation).await.unwrap();
    let results = results.open(asoca::domain::Disclosure::EveryCase.exact().unwrap()).clone();
    let cases: Vec<&str> = results.iter().map(|case| case.case_id.as_str()).collect();
    assert_eq!(cases, ["0", "1", "2", "3", "4", "5"]);
    for (case, scored) in results.iter().zip(scores.as_array().unwrap()) {
        assert_eq!(scored["id"], case.case_id.as_str());
        assert_eq!((&scored["dice"], &scored["hd95"]), (&json!(case.dice), &json!(case.hd95)));
    }
    store.close().await;
}

#[test]
fn a_submission_whose_server_was_killed_is_scored_once_on_sqlite() {
    scored_once_whatever_happens(&Site::new(None));
}

/// Here the server that comes next can't know that the other one is gone: the lease has to run out.
#[test]
fn a_submission_whose_server_was_killed_is_scored_once_on_postgresql() {
    let cluster = match Cluster::start() {
        Ok(cluster) => cluster,
        Err(none) => return none.must_not_be(),
    };
    scored_once_whatever_happens(&Site::new(Some(cluster.url("postgres"))));
}
