//! A server that is asked to stop: nobody is left without an answer, and nobody can hold it.

use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use asoca::domain::State;
use asoca::store::{Store, Submission, SubmissionFilter};
use test_support::program::Site;
use test_support::program::http::{Answer, Client};
use test_support::program::pause;

use super::killed::{Held, wait_until};

/// What the server is told that uploads may take.
const STOP_AFTER: Duration = Duration::from_secs(2);

fn connect(client: &Client<'_>) -> TcpStream {
    let stream = TcpStream::connect(client.host).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream
}

/// The status line and the headers of an answer on a connection that goes on, in small letters; its body is left out.
fn head_of(stream: &mut BufReader<TcpStream>) -> String {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(stream.read_line(&mut head).unwrap() > 0, "{head}");
    }
    let head = head.to_ascii_lowercase();
    let (_, length) = head.split_once("content-length: ").unwrap();
    let length = length.split_once('\r').unwrap().0.parse().unwrap();
    stream.read_exact(&mut vec![0; length]).unwrap();
    head
}

#[tokio::main(flavor = "current_thread")]
async fn submissions(site: &Site) -> Vec<Submission> {
    let store = Store::sqlite(&site.data().join("asoca.db")).await.unwrap();
    let submissions = store.submissions(&SubmissionFilter::default(), 10).await.unwrap();
    store.close().await;
    submissions
}

fn ask_to_stop(signal: &str) {
    let site = Site::new(None);
    site.set_up();
    let held = Held::back(&site);
    let zip = fs::read(site.phantoms().join("predictions/fragmented.zip")).unwrap();
    let seconds = STOP_AFTER.as_secs().to_string();
    let server = site.serve_with(&[("ASOCA_STOP_AFTER", &seconds)]);
    let token = site.participant(&server);
    let client = Client::new(&server.url, Some(&token));

    let mut waits = connect(&client);
    waits.write_all(&client.submission(&zip, "?wait=60", "waits")).unwrap();
    let id = first_scoring(&client);

    let whole = client.submission(&zip, "?wait=60", "ends");
    let (first, second) = whole.split_at(whole.len() / 2);
    let mut ends = connect(&client);
    ends.write_all(first).unwrap();
    let mut stands_still = connect(&client);
    stands_still
        .write_all(&client.submission(&zip, "", "stands still")[..whole.len() / 2])
        .unwrap();
    let mut kept = BufReader::new(connect(&client));
    kept.get_mut().write_all(b"GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    assert!(head_of(&mut kept).starts_with("http/1.1 200"));
    let mut has_no_request = connect(&client);
    has_no_request.write_all(b"GET / HTTP/1.1\r\nHo").unwrap();
    let silent = connect(&client);
    // Both uploads have come as far as their files.
    let scratch = site.data().join("tmp");
    let end = Instant::now() + Duration::from_secs(20);
    while fs::read_dir(&scratch).unwrap().count() < 2 {
        assert!(Instant::now() < end, "the uploads don't begin");
        pause();
    }

    let asked = Instant::now();
    server.process.signal(signal);
    let refused = loop {
        match TcpStream::connect(client.host) {
            Err(error) => break error,
            Ok(_) => assert!(asked.elapsed() < STOP_AFTER, "still takes connections"),
        }
        pause();
    };
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);

    let answer = Answer::read(&mut waits);
    assert!(answer.head.contains(&format!("\r\nlocation: /api/v1/submissions/{id}\r\n")));
    assert_eq!(answer.json(202)["id"], id.as_str());
    kept.get_mut().write_all(b"GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    let head = head_of(&mut kept);
    assert!(head.starts_with("http/1.1 503") && head.contains("connection: close"), "{head}");
    ends.write_all(second).unwrap();
    let ended = Answer::read(&mut ends).json(202)["id"].as_str().unwrap().to_owned();
    assert!(asked.elapsed() < STOP_AFTER, "answered only after {:?}", asked.elapsed());

    let answer = Answer::read(&mut stands_still);
    assert!(asked.elapsed() >= STOP_AFTER, "given up after {:?}", asked.elapsed());
    assert!(answer.head.contains("\r\nretry-after: "), "{answer:?}");
    assert_eq!(answer.json(503)["errors"][0]["code"], "server.stopping");
    drop(stands_still);

    let done = server.process.ended();
    assert_eq!(done.code, Some(0), "{done:?}");
    let most = STOP_AFTER + Duration::from_secs(7);
    assert!(asked.elapsed() < most, "ended only after {:?}", asked.elapsed());
    drop((silent, has_no_request, kept));

    let left = submissions(&site);
    let mut ids: Vec<String> = left.iter().map(|left| left.id.to_string()).collect();
    ids.sort_unstable();
    let mut accepted = vec![id, ended];
    accepted.sort_unstable();
    assert_eq!(ids, accepted);
    for submission in left {
        assert_eq!(submission.state, State::Queued, "{submission:?}");
        assert_eq!(submission.failure, None);
    }
    assert_eq!(fs::read_dir(site.data().join("tmp")).unwrap().count(), 0);

    held.release();
    let server = site.serve();
    let client = Client::new(&server.url, Some(&token));
    for id in &accepted {
        wait_until(&client, id, |report| report["state"] == "scored");
    }
}

/// The submission that is being scored, as soon as there is one.
fn first_scoring(client: &Client<'_>) -> String {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let answer = client.get("/api/v1/submissions").json(200);
        let latest = &answer["submissions"][0];
        if latest["state"] == "scoring" {
            return latest["id"].as_str().unwrap().to_owned();
        }
        assert!(Instant::now() < end, "{answer}");
        pause();
    }
}

#[test]
fn a_terminated_server_answers_everybody_and_is_held_by_nobody() {
    ask_to_stop("TERM");
}

#[test]
fn an_interrupted_server_answers_everybody_and_is_held_by_nobody() {
    ask_to_stop("INT");
}

#[test]
fn a_server_with_nothing_to_do_stops_at_once_whoever_is_connected() {
    let site = Site::new(None);
    site.set_up();
    let server = site.serve();
    let client = Client::new(&server.url, None);
    let silent = connect(&client);
    let mut kept = BufReader::new(connect(&client));
    kept.get_mut().write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    head_of(&mut kept);
    let asked = Instant::now();
    assert_eq!(server.process.interrupt().code, Some(0));
    assert!(asked.elapsed() < Duration::from_secs(3), "{:?}", asked.elapsed());
    drop(silent);
}
