//! Imports of ground truth that are killed leave files, which are swept away, and no truth set.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use asoca::blobs::Blobs;
use asoca::scoring::delete_expired;
use asoca::store::Store;
use test_support::program::Site;
use test_support::program::{Process, pause};

use super::challenge::Challenge;

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .flat_map(|entry| match entry.path() {
            path if path.is_dir() => files(&path),
            path => vec![path],
        })
        .collect()
}

#[tokio::main(flavor = "current_thread")]
async fn sweep(site: &Site) {
    let store = Store::sqlite(&site.data().join("asoca.db")).await.unwrap();
    let blobs = Blobs::local(&site.data().join("blobs"), &site.data().join("tmp")).unwrap();
    // As if some hours had gone by.
    delete_expired(&store, &blobs, SystemTime::now() + Duration::from_secs(3600)).await.unwrap();
    store.close().await;
}

#[test]
fn killed_imports_are_swept_away_and_the_next_one_works() {
    let site = Challenge::new(Site::new(None)).site;
    let (truth, blobs) = (site.phantoms().join("truth"), site.data().join("blobs"));
    let before = files(&blobs).len();
    let start = |name: &str| {
        let mut command =
            site.command([&"admin", &"import-truth", &"--name", &name as &dyn AsRef<_>, &truth]);
        Process::start(&mut command)
    };
    // How long one takes, so that it can be killed anywhere.
    let begun = Instant::now();
    start("whole").ended().succeeded();
    let takes = begun.elapsed();
    let whole = files(&blobs).len();
    assert_eq!(whole, before + 4);

    let kills = if super::long() { 60 } else { 15 };
    let mut left = 0;
    for kill in 0..kills {
        let import = start(&format!("killed {kill}"));
        // The later it is killed the more is there; most of the time goes before anything is stored.
        let end = Instant::now() + takes.mul_f64(0.4 + 0.6 * f64::from(kill) / f64::from(kills));
        while Instant::now() < end {
            pause();
        }
        import.kill();
        left = left.max(files(&blobs).len() + files(&site.data().join("tmp")).len() - whole);
    }
    sweep(&site);
    let names =
        |what: &[PathBuf]| what.iter().map(|path| path.display().to_string()).collect::<Vec<_>>();
    let kept = files(&blobs);
    println!("{kills} imports killed; at most {left} files lay about, {} are kept", kept.len());
    // Whole sets only, each of four cases, and an empty scratch folder.
    assert!(left > 0, "no import was killed while it stored anything");
    assert_eq!(kept.len() % 4, 0, "{:?}", names(&kept));
    assert_eq!(files(&site.data().join("tmp")), Vec::<PathBuf>::new());
    let sets = fs::read_dir(blobs.join("truth")).unwrap().count();
    assert_eq!(sets, kept.len() / 4, "empty folders are left");
    start("after").ended().succeeded();
    assert_eq!(files(&blobs).len(), kept.len() + 4);
}
