//! More connections than there can be: those who only hold one make room for those who ask for something.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use test_support::program::Site;
use test_support::program::http::Client;

const DESCRIPTORS: u64 = 1024;
const HELD: usize = 3000;

/// Asks for a page on a connection of its own, and says how long the answer took.
fn asked(client: &Client<'_>, path: &str) -> Duration {
    let start = Instant::now();
    let answer = client.get(path);
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    start.elapsed()
}

/// Whether a connection is still there.
fn is_open(stream: &mut TcpStream) -> bool {
    stream.set_nonblocking(true).unwrap();
    let mut bytes = [0; 4096];
    loop {
        match stream.read(&mut bytes) {
            Ok(0) => return false,
            Ok(_) => {}
            Err(error) => return error.kind() == ErrorKind::WouldBlock,
        }
    }
}

#[test]
fn thousands_of_idle_and_dripping_connections_keep_nobody_from_an_answer() {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    let wanted = u64::try_from(HELD).unwrap() + 500;
    assert!(most >= wanted, "the test needs {wanted} descriptors and may have {most}");
    setrlimit(Resource::RLIMIT_NOFILE, most, most).unwrap();
    let site = Site::new(None);
    site.set_up();
    let server = site.serve_within(DESCRIPTORS, &[]);
    let client = Client::new(&server.url, None);
    let body = "POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\
                Content-Type: application/x-www-form-urlencoded\r\n\r\nemail=";
    let kinds = [
        "",
        "GET / HTTP/1.1\r\nHost: a\r\nX-A: ",
        body,
        "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
    ];
    let mut held = Vec::new();
    let mut slowest = Duration::ZERO;
    for number in 0..HELD {
        let mut stream = TcpStream::connect(client.host).unwrap();
        // What was closed by now is no error: that is what is to happen.
        let _ = stream.write_all(kinds[number % kinds.len()].as_bytes());
        held.push(stream);
        if number % 100 == 99 {
            for path in ["/healthz", "/", "/leaderboard"] {
                slowest = slowest.max(asked(&client, path));
            }
        }
    }
    // Those that are left go on to drip, and the others come again.
    for round in 0..3 {
        for (number, stream) in held.iter_mut().enumerate() {
            if number % kinds.len() != 3 && stream.write_all(b"a").is_err() && round == 0 {
                *stream = TcpStream::connect(client.host).unwrap();
            }
        }
        for path in ["/healthz", "/", "/leaderboard"] {
            slowest = slowest.max(asked(&client, path));
        }
    }
    println!("the slowest of all answers took {slowest:?}");
    assert!(slowest < Duration::from_secs(1), "{slowest:?}");
    let open = held.iter_mut().map(is_open).filter(|open| *open).count();
    let most = usize::try_from(DESCRIPTORS).unwrap();
    assert!((most / 2..most).contains(&open), "{open} are still open");
    let open = std::fs::read_dir(format!("/proc/{}/fd", server.process.id())).unwrap().count();
    assert!(open < most, "{open} descriptors");
    assert_eq!(server.process.interrupt().code, Some(0));
}
