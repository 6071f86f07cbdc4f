//! Workers whose clocks disagree by more than a lease lasts.

use std::path::PathBuf;
use std::sync::{Arc, RwLock};
use std::time::Instant;

use test_support::cluster::Cluster;
use test_support::program::Site;

use super::challenge::Challenge;
use super::outcome::{Accepted, count};
use super::uploader::{Servers, Tally, Uploader};

/// In seconds, of four workers. Leases last for 30.
const AHEAD: [&str; 4] = ["+0", "+40", "+80", "+120"];

/// The library that tells a process another time.
fn faketime() -> Option<PathBuf> {
    let found = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let mut candidates = found.map(|folder| folder.path().join("faketime/libfaketime.so.1"));
    let library = candidates.find(|path| path.is_file());
    if library.is_none() {
        assert!(std::env::var_os("CI").is_none(), "faketime is not on this machine");
        println!("not run: faketime is not on this machine");
    }
    library
}

#[test]
fn workers_whose_clocks_disagree_score_each_submission_once() {
    let Some(library) = faketime() else { return };
    let cluster = match Cluster::start() {
        Ok(cluster) => cluster,
        Err(none) => return none.must_not_be(),
    };
    let challenge = Challenge::new(Site::new(Some(cluster.url("postgres"))));
    let begun = Instant::now();
    let server = challenge.site.serve_with(&[("ASOCA_NO_WORKER", "true")]);
    let token = challenge.token(&server);
    let library = library.display().to_string();
    let workers: Vec<_> = AHEAD
        .iter()
        .map(|ahead| {
            let seconds = format!("{ahead}s");
            let variables = [
                ("LD_PRELOAD", library.as_str()),
                ("FAKETIME", seconds.as_str()),
                ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
                ("DONT_FAKE_MONOTONIC", "1"),
            ];
            challenge.worker("30", &variables)
        })
        .collect();

    let uploads = if super::long() { 300 } else { 40 };
    let addresses: Servers = Arc::new(RwLock::new(vec![server.url.clone()]));
    let tally = Tally::default();
    let uploader =
        Uploader { servers: &addresses, token: &token, zip: &challenge.zip, tally: &tally };
    let mut accepted = Accepted::new();
    for number in 0..uploads {
        let key = format!("upload-{number}");
        accepted.insert(key.clone(), uploader.accepted(&key));
    }
    let outcome = count(&challenge, &server.url, &accepted);
    println!("{uploads} uploads in {:.0?}", begun.elapsed());
    outcome.print("clocks at 0, +40, +80, +120 s, PostgreSQL, 4 workers");
    outcome.assert_whole();
    assert_eq!(outcome.attempts.keys().collect::<Vec<_>>(), [&1], "{outcome:?}");
    for worker in workers {
        worker.kill();
    }
    server.process.kill();
}
