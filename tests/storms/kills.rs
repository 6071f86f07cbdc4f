//! `kill -9` at random moments, under several uploaders.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::{Duration, Instant};

use test_support::cluster::Cluster;
use test_support::program::{Process, pause};
use test_support::program::{Server, Site};

use super::challenge::Challenge;
use super::outcome::{Accepted, count};
use super::uploader::{Servers, Tally, Uploader};

const UPLOADERS: usize = 4;

/// How much is uploaded, and how often something is killed meanwhile.
struct Size {
    uploads: usize,
    kills: usize,
}

impl Size {
    fn new(short: (usize, usize)) -> Self {
        let (uploads, kills) = if super::long() { (1000, 200) } else { short };
        Self { uploads, kills }
    }
}

/// A repeatable sequence of numbers (splitmix64), so that a storm can be told from its neighbour.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % most
    }
}

/// What may be killed: servers, whose addresses the uploaders are told, and workers.
struct Running<'a> {
    challenge: &'a Challenge,
    servers: Vec<Server>,
    workers: Vec<Process>,
    addresses: Servers,
}

impl Running<'_> {
    fn kill_and_start(&mut self, which: usize) {
        if let Some(worker) = which.checked_sub(self.servers.len()) {
            let new = self.challenge.worker("2", &[]);
            std::mem::replace(&mut self.workers[worker], new).kill();
            return;
        }
        // With SQLite the folder is free only once the one before is gone.
        let alone = self.challenge.site.database_url.is_none();
        if alone {
            self.servers.remove(which).process.kill();
            self.servers.insert(which, self.challenge.site.serve());
        } else {
            let new = self.challenge.site.serve();
            std::mem::replace(&mut self.servers[which], new).process.kill();
        }
        self.addresses.write().unwrap()[which].clone_from(&self.servers[which].url);
    }

    fn many(&self) -> usize {
        self.servers.len() + self.workers.len()
    }
}

fn storm(name: &str, site: Site, servers: usize, workers: usize, size: &Size) {
    let challenge = Challenge::new(site);
    let begun = Instant::now();
    let servers: Vec<Server> = (0..servers).map(|_| challenge.site.serve()).collect();
    let token = challenge.token(&servers[0]);
    let urls = servers.iter().map(|server| server.url.clone()).collect();
    let addresses: Servers = Arc::new(RwLock::new(urls));
    let workers = (0..workers).map(|_| challenge.worker("2", &[])).collect();
    let mut running =
        Running { challenge: &challenge, servers, workers, addresses: Arc::clone(&addresses) };

    let (tally, accepted) = (Tally::default(), Mutex::new(Accepted::new()));
    let next = AtomicUsize::new(0);
    let mut killed = 0;
    std::thread::scope(|scope| {
        for _ in 0..UPLOADERS {
            scope.spawn(|| {
                let uploader = Uploader {
                    servers: &addresses,
                    token: &token,
                    zip: &challenge.zip,
                    tally: &tally,
                };
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= size.uploads {
                        return;
                    }
                    let key = format!("upload-{number}");
                    let id = uploader.accepted(&key);
                    accepted.lock().unwrap().insert(key, id);
                }
            });
        }
        let mut dice = Dice(size.kills as u64);
        while killed < size.kills {
            // As many kills while uploads come as there are left, spread over them: the last ones hit what is scored.
            let end = Instant::now() + Duration::from_millis(20 + dice.below(500));
            while Instant::now() < end {
                pause();
            }
            running.kill_and_start(dice.below(running.many() as u64) as usize);
            killed += 1;
        }
    });
    let accepted = accepted.into_inner().unwrap();
    let outcome = count(&challenge, &running.servers[0].url, &accepted);
    println!(
        "{killed} kills, {} uploads in {:.0?}; connections that broke {}, asked to come back {}, uploads sent again {}",
        size.uploads,
        begun.elapsed(),
        tally.broken.into_inner(),
        tally.asked_back.into_inner(),
        tally.repeated.into_inner(),
    );
    outcome.print(name);
    outcome.assert_whole();
    for server in running.servers {
        server.process.kill();
    }
}

#[test]
fn kills_lose_double_and_fail_nothing_on_sqlite() {
    storm("kills, SQLite, 1 server", Site::new(None), 1, 0, &Size::new((40, 8)));
}

#[test]
fn kills_lose_double_and_fail_nothing_on_postgresql() {
    let cluster = match Cluster::start() {
        Ok(cluster) => cluster,
        Err(none) => return none.must_not_be(),
    };
    let site = Site::new(Some(cluster.url("postgres")));
    storm("kills, PostgreSQL, 2 servers and 2 workers", site, 2, 2, &Size::new((40, 10)));
}
