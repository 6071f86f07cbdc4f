//! A disk that is full for three seconds, under uploads that were accepted and sign-ups that go on. It is a real one:
//! a small tmpfs, which only root can mount.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex, RwLock};
use std::time::{Duration, Instant};

use test_support::cluster::Cluster;
use test_support::program::Site;

use super::challenge::Challenge;
use super::outcome::{Accepted, count};
use super::uploader::{Servers, Tally, Uploader, exchange, submit};

const UPLOADS: usize = 40;

/// How many of them are sent at a time: as many places as one team has.
const AT_ONCE: usize = 8;

/// How long the disk is full; in the long form for longer than a lease lasts.
fn full_for() -> Duration {
    Duration::from_secs(if super::long() { 45 } else { 3 })
}

/// A disk of so many MiB at the folder, for as long as this lives.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    /// `None` where this may not be done, which is an error where everything has to be tested.
    fn mount(folder: &'a Path, mib: u64) -> Option<Self> {
        fs::create_dir_all(folder).unwrap();
        let size = format!("size={mib}m,mode=0700");
        let mut mount = Command::new("mount");
        let done = mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder).output().unwrap();
        if done.status.success() {
            return Some(Self(folder));
        }
        assert!(std::env::var_os("CI").is_none(), "no tmpfs can be mounted: {done:?}");
        println!("not run: only root can mount a small disk");
        None
    }

    /// Fills it to the last byte.
    fn fill(&self) -> File {
        let mut filler = File::create(self.0.join("filler")).unwrap();
        for size in [1 << 20, 4096, 1] {
            let bytes = vec![1; size];
            while filler.write_all(&bytes).is_ok() {}
        }
        filler
    }

    fn make_room(&self) {
        fs::remove_file(self.0.join("filler")).unwrap();
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        // Whatever still has a file open on it is about to end.
        let _ = Command::new("umount").arg("--lazy").arg(self.0).status();
    }
}

/// Somebody new signs up.
fn sign_up(server: &str, number: usize) -> u16 {
    let form = format!(
        "email=p{number}%40example.org&display_name=P&team=Team+{number}&password=three+words+in+a+row"
    );
    let kind = "Content-Type: application/x-www-form-urlencoded\r\n";
    exchange(server, "POST /signup", kind, form.as_bytes()).map_or(0, |(status, _)| status)
}

/// How many of the team's submissions have no score yet.
fn waiting(server: &str, token: &str) -> usize {
    let who = format!("Authorization: Bearer {token}\r\n");
    let (status, body) = exchange(server, "GET /api/v1/submissions", &who, b"").unwrap();
    assert_eq!(status, 200, "{body}");
    let listed: serde_json::Value = serde_json::from_str(&body).unwrap();
    let submissions = listed["submissions"].as_array().unwrap();
    submissions.iter().filter(|one| one["state"] != "scored").count()
}

fn ready(server: &str) -> bool {
    exchange(server, "GET /readyz", "", b"").is_ok_and(|(status, _)| status == 200)
}

/// `floor`: MiB that uploads leave free; 0 lets the disk be filled by them as well.
fn full_for_a_while(name: &str, floor: &str, mut site: Site) {
    // Phantoms lie beside the data, not on the small disk.
    site.data = site.folder.path().join("small/data");
    let small = site.folder.path().join("small");
    let Some(disk) = SmallDisk::mount(&small, 64) else { return };
    let challenge = Challenge::new(site);
    let server =
        challenge.site.serve_with(&[("ASOCA_FREE_FLOOR", floor), ("ASOCA_SIGN_UP_RATE", "0")]);
    let token = challenge.token(&server);

    let addresses: Servers = Arc::new(RwLock::new(vec![server.url.clone()]));
    let (servers, tally) = (&addresses, Tally::default());
    let uploader = Uploader { servers, token: &token, zip: &challenge.zip, tally: &tally };
    // Several at a time, faster than they can be scored: something has to be waiting when the disk is full.
    let uploads: Mutex<Accepted> = Mutex::default();
    std::thread::scope(|scope| {
        for one in 0..AT_ONCE {
            let (uploader, uploads) = (&uploader, &uploads);
            scope.spawn(move || {
                for number in (one..UPLOADS).step_by(AT_ONCE) {
                    let key = format!("before-{number}");
                    let id = uploader.accepted(&key);
                    uploads.lock().unwrap().insert(key, id);
                }
            });
        }
    });
    let mut accepted = uploads.into_inner().unwrap();

    let waiting = waiting(&server.url, &token);
    let filler = disk.fill();
    let begun = Instant::now();
    let mut answers: BTreeMap<(&str, u16), usize> = BTreeMap::new();
    let mut unready = 0;
    for number in 0.. {
        *answers.entry(("sign-up", sign_up(&server.url, number))).or_default() += 1;
        let sent = submit(&server.url, &token, &challenge.zip, &format!("during-{number}"));
        if let Ok((201 | 202, body)) = &sent {
            let report: serde_json::Value = serde_json::from_str(body).unwrap();
            let id = report["id"].as_str().unwrap().to_owned();
            accepted.insert(format!("during-{number}"), id);
        }
        *answers.entry(("upload", sent.map_or(0, |(status, _)| status))).or_default() += 1;
        unready += usize::from(!ready(&server.url));
        if begun.elapsed() >= full_for() {
            break;
        }
    }
    drop(filler);
    disk.make_room();
    let room = Instant::now();
    while !ready(&server.url) {
        assert!(room.elapsed() < Duration::from_secs(10), "it does not get ready again");
        std::thread::sleep(Duration::from_millis(20));
    }
    let ready_after = room.elapsed();
    assert_eq!(sign_up(&server.url, 1_000_000), 303);
    accepted.insert("after".to_owned(), uploader.accepted("after"));

    let outcome = count(&challenge, &server.url, &accepted);
    assert!(waiting > 0, "everything was scored before the disk was full");
    println!(
        "{waiting} of {UPLOADS} had no score yet when the disk was full; then {answers:?}; not ready {unready} times; ready again after {ready_after:.1?}"
    );
    outcome.print(name);
    outcome.assert_whole();
    assert!(unready > 0, "it said that it was ready all the time");
    // What asks for a write and gets none is told to come back, and never that the server made a mistake.
    let told = answers.keys().all(|&(_, status)| [0, 201, 202, 303, 503, 507].contains(&status));
    assert!(told, "{answers:?}");
    assert!(answers.keys().any(|&(_, status)| status == 503 || status == 507), "{answers:?}");
    server.process.kill();
}

#[test]
fn a_disk_that_is_full_for_a_while_costs_nothing_but_time() {
    full_for_a_while("full disk, floor of 4 MiB", "4", Site::new(None));
}

#[test]
fn a_disk_that_uploads_may_fill_costs_nothing_but_time() {
    full_for_a_while("full disk, no floor", "0", Site::new(None));
}

/// Here the database lies elsewhere: only uploads have to come again.
#[test]
fn a_full_disk_of_uploads_beside_postgresql_costs_nothing_but_time() {
    let cluster = match Cluster::start() {
        Ok(cluster) => cluster,
        Err(none) => return none.must_not_be(),
    };
    let site = Site::new(Some(cluster.url("postgres")));
    full_for_a_while("full disk of uploads, PostgreSQL", "4", site);
}
