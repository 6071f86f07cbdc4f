use std::fs;
use std::path::Path;

use test_support::program::Site;

use super::demo::{Demo, start};

fn entries(folder: &Path) -> usize {
    fs::read_dir(folder).map_or(0, |entries| entries.count())
}

/// A folder in which a demo was killed while it packed the teams' submissions.
fn interrupted() -> tempfile::TempDir {
    for _ in 0..10 {
        let data = tempfile::tempdir().unwrap();
        let uploads = data.path().join("blobs/uploads");
        let mut process = start(data.path());
        process.wait_for("an upload", |_| (entries(&uploads) > 0).then_some(()));
        process.kill();
        if entries(&uploads) < 9 {
            return data;
        }
    }
    panic!("the demo was never caught in the middle");
}

#[test]
fn a_start_that_was_killed_in_the_middle_is_made_whole_by_the_next() {
    let data = interrupted();
    assert!(!data.path().join("demo.json").exists());
    assert!(entries(&data.path().join("tmp")) > 0, "nothing was under way");

    let demo = Demo::start(data.path());
    let leaderboard = demo.get("/api/v1/leaderboard", None);
    let rows = ["entries", "baselines"].map(|of| leaderboard[of].as_array().unwrap());
    let teams = rows.into_iter().flatten().map(|row| row["team"].as_str().unwrap());
    let mut names: Vec<&str> = teams.collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 9);
    assert_eq!(entries(&data.path().join("blobs/uploads")), 9);
    assert_eq!(entries(&data.path().join("blobs/truth")), 1);
    assert_eq!(entries(&data.path().join("tmp")), 0);
    assert!(!data.path().join("demo.unfinished").exists());
}

#[test]
fn a_real_site_is_not_made_a_demo() {
    let site = Site::new(None);
    site.set_up();
    start(&site.data()).ended().refused(2, &["not a demo", "--data"]);
    assert!(!site.data().join("demo.unfinished").exists());
    site.create_organiser().refused(2, &["has an account already"]);

    // With PostgreSQL only the objects are in the folder.
    for name in ["asoca.db", "asoca.db-wal", "asoca.db-shm"] {
        let _ = fs::remove_file(site.data().join(name));
    }
    let truths = entries(&site.data().join("blobs/truth"));
    start(&site.data()).ended().refused(2, &["not a demo", "--data"]);
    assert_eq!((truths, entries(&site.data().join("blobs/truth"))), (1, 1));
}
