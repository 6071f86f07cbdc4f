//! Uploads that are refused while both the server and its clients hardly get to run: nobody loses the answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use test_support::program::Site;

use super::curl::{assert_all, upload};
use super::long;

/// Keeps every core busy until dropped.
struct Load(Arc<AtomicBool>);

impl Load {
    fn start() -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let cores = std::thread::available_parallelism().unwrap().get();
        for _ in 0..2 * cores {
            let over = Arc::clone(&over);
            std::thread::spawn(move || {
                while !over.load(Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        Self(over)
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

#[test]
fn every_refused_upload_hears_why_though_all_cores_are_busy() {
    let times = if long() { 200 } else { 30 };
    let site = Site::new(None);
    site.set_up();
    let server = site.serve();
    let token = site.participant(&server);
    let file = site.folder.path().join("results.zip");
    std::fs::write(&file, vec![7; 12 << 20]).unwrap();
    let address = format!("{}/api/v1/submissions", server.url);
    let closed = format!("{address}?phase=none-of-these");
    let _load = Load::start();
    // Sent at once, or only when asked for; the third names a phase in a field before the file.
    for (token, address, options, expected) in [
        ("asoca_never_made", &address, ["-H", "Expect:"].as_slice(), "401 auth.bad_token"),
        ("asoca_never_made", &address, &[], "401 auth.bad_token"),
        (&token, &closed, &["-H", "Expect:"], "404 phase.none"),
        (&token, &address, &["-H", "Expect:", "-F", "phase=none-of-these"], "404 phase.none"),
    ] {
        let start = std::time::Instant::now();
        let outcomes = upload(times, 8, &file, token, address, options);
        println!("{options:?}: {outcomes:?} in {:?}", start.elapsed());
        assert_all(&outcomes, times, expected);
    }
}
