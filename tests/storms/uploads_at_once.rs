//! Far more uploads at a time than there are places: memory stays within its bound, and the others hear that they
//! are to come again.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use test_support::program::Site;
use test_support::program::http::Client;

use super::long;
use super::resident::kib;

/// More than an eighth of the places each, together more than all.
const TEAMS: usize = 10;

/// What the server was not told otherwise.
const PLACES: u64 = 64;

/// What docs/reliability.md says that an upload takes at most.
const KIB_EACH: u64 = 256;

/// And a connection.
const KIB_CONNECTION: u64 = 48;

#[test]
fn a_thousand_uploads_at_a_time_take_no_more_memory_than_there_are_places_for() {
    let (uploads, seconds) = if long() { (1500, 60) } else { (1000, 8) };
    hold(uploads, Duration::from_secs(seconds));
}

fn hold(uploads: usize, for_: Duration) {
    let site = Site::new(None);
    site.set_up();
    let server = site.serve_within(4096, &[("ASOCA_MAX_CONNECTIONS", "2000")]);
    let tokens: Vec<String> = (0..TEAMS)
        .map(|number| site.member(&server, &format!("person{number}"), &format!("team{number}")))
        .collect();
    let client = Client::new(&server.url, None);
    client.get("/");
    let process = server.process.id();
    let before = kib(process, "VmRSS:");

    let zip = vec![7; 1 << 20];
    let mut held: Vec<TcpStream> = Vec::new();
    for number in 0..uploads {
        let client = Client::new(&server.url, Some(&tokens[number % TEAMS]));
        let whole = client.submission(&zip, "", &format!("key {number}"));
        let mut stream = TcpStream::connect(client.host).unwrap();
        stream.set_nonblocking(true).unwrap();
        // As much as the line takes; what is refused is no error here.
        let _ = stream.write(&whole[..whole.len() / 2]);
        held.push(stream);
    }
    let end = Instant::now() + for_;
    let mut most = 0;
    let mut slowest = Duration::ZERO;
    while Instant::now() < end {
        for stream in &mut held {
            // Drips: a stalled upload would be given up.
            let _ = stream.write(b"a");
        }
        most = most.max(kib(process, "VmRSS:"));
        let asked = Instant::now();
        assert_eq!(client.get("/healthz").status, 200);
        slowest = slowest.max(asked.elapsed());
        std::thread::sleep(Duration::from_millis(100));
    }
    let mut answers: BTreeMap<String, u64> = BTreeMap::new();
    for stream in &mut held {
        let mut bytes = [0; 4096];
        let answer = match stream.read(&mut bytes) {
            Ok(read) => String::from_utf8_lossy(&bytes[..read]).into_owned(),
            Err(error) if error.kind() == ErrorKind::WouldBlock => "under way".to_owned(),
            Err(error) => error.to_string(),
        };
        if answer.starts_with("HTTP/1.1 503") {
            assert!(answer.contains("\r\nretry-after: "), "{answer}");
        }
        *answers.entry(answer.chars().take(12).collect()).or_default() += 1;
    }
    drop(held);
    let left = Instant::now() + Duration::from_secs(20);
    while std::fs::read_dir(site.data().join("tmp")).unwrap().count() > 0 {
        assert!(Instant::now() < left, "scratch files stay behind");
        std::thread::sleep(Duration::from_millis(20));
    }
    println!(
        "{uploads} uploads: {answers:?}, before {before} KiB, at most {most} KiB, afterwards {} KiB, \
         slowest page {slowest:?}",
        kib(process, "VmRSS:")
    );
    assert_eq!(answers.get("under way"), Some(&PLACES), "{answers:?}");
    assert_eq!(answers.get("HTTP/1.1 503"), Some(&(uploads as u64 - PLACES)), "{answers:?}");
    let bound = before + PLACES * KIB_EACH + uploads as u64 * KIB_CONNECTION;
    assert!(most <= bound, "{most} KiB of at most {bound}");
    assert!(slowest < Duration::from_secs(1), "{slowest:?}");
    assert_eq!(server.process.interrupt().code, Some(0));
}
