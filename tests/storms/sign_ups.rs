//! Many sign up at once: each has a password hashed in 19 MiB, and memory stays within its bound.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use test_support::program::Site;
use test_support::program::http::Client;

use super::long;
use super::resident::kib;

/// What the server allocates while it happens and afterwards, in MiB, as docs/reliability.md says. The pages of its code are
/// not counted: how many there are depends on how it was compiled, and the system takes them back when it needs them.
const MAX_DURING: u64 = 80;
const MAX_AFTER: u64 = 70;

#[test]
fn many_sign_ups_at_once_are_held_in_bounded_memory() {
    let (all, at_a_time) = if long() { (800, 200) } else { (100, 50) };
    sign_ups(all, at_a_time);
}

fn sign_ups(all: usize, at_a_time: usize) {
    let site = Site::new(None);
    site.create_organiser().succeeded();
    let server = site.serve_with(&[("ASOCA_SIGN_UP_RATE", "0")]);
    let process = server.process.id();
    let allocated = || kib(process, "RssAnon:") / 1024;
    let (before, begin, url) = (allocated(), Instant::now(), server.url.as_str());
    let [next, running, made, busy] = &[0, at_a_time, 0, 0].map(AtomicUsize::new);
    let mut curve = Vec::new();
    std::thread::scope(|scope| {
        for _ in 0..at_a_time {
            scope.spawn(move || {
                let client = Client::new(url, None);
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= all {
                        break;
                    }
                    let fields = format!(
                        "email=a{number}%40example.org&display_name=Ada&password=correct+horse"
                    );
                    match client.post_form("/signup", &fields).status {
                        303 => made.fetch_add(1, Ordering::Relaxed),
                        // A slow machine. It is said in time, and nothing is stored.
                        503 => busy.fetch_add(1, Ordering::Relaxed),
                        // Counted as neither.
                        _ => 0,
                    };
                }
                running.fetch_sub(1, Ordering::Relaxed);
            });
        }
        while running.load(Ordering::Relaxed) > 0 {
            sleep(Duration::from_millis(50));
            curve.push((begin.elapsed().as_secs_f64(), allocated()));
        }
    });
    let most = curve.iter().map(|&(_, allocated)| allocated).max().unwrap();
    let (made, busy) = (made.load(Ordering::Relaxed), busy.load(Ordering::Relaxed));
    println!("{all} sign-ups, {at_a_time} at a time: {made} made, {busy} refused as busy");
    println!("allocated: {before} MiB before, {most} at most, {} at the end", allocated());
    for (second, allocated) in curve.iter().step_by((curve.len() / 16).max(1)) {
        println!("{second:7.1} s {allocated:5} MiB");
    }
    assert_eq!(made + busy, all);
    assert!(made >= all / 2, "{made} of {all}");
    assert!(most <= MAX_DURING, "{most} MiB");
    let end = Instant::now() + Duration::from_secs(10);
    while allocated() > MAX_AFTER {
        assert!(Instant::now() < end, "{} MiB are left", allocated());
        sleep(Duration::from_millis(50));
    }
}
