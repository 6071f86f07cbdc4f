//! Connections as such: how long they may take, and what they hear when they send what is no request.

use std::time::Duration;

use asoca::web::connections::Limits;
use coronary_phantom::Method;
use serde_json::Value;
use test_support::challenge::zip_of;
use test_support::form::{Form, content_type};
use test_support::site::{Setup, Site};
use test_support::{Database, on_both_engines};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

on_both_engines! {
    headers_that_do_not_come_to_an_end_are_given_up_however_they_drip,
    a_connection_without_a_further_request_is_closed,
    what_is_no_request_is_answered_with_a_problem_document,
    a_refused_upload_is_read_to_its_end_before_the_connection_is_closed,
    a_refusal_asks_for_no_byte_of_a_body_that_waits_for_a_hundred,
    who_finds_every_place_taken_by_those_who_wait_is_told_so,
}

const SOON: Duration = Duration::from_millis(300);

async fn with(database: Database, limits: Limits) -> Site {
    Site::with(database, Setup { worker: false, limits, ..Setup::default() }).await
}

/// Whether the server has closed the connection, with everything before that thrown away.
async fn is_closed(stream: &mut TcpStream) -> bool {
    let mut bytes = [0; 1024];
    let closed = async { while let Ok(1..) = stream.read(&mut bytes).await {} };
    tokio::time::timeout(Duration::from_secs(20), closed).await.is_ok()
}

async fn headers_that_do_not_come_to_an_end_are_given_up_however_they_drip(database: Database) {
    let site = with(database, Limits { headers: SOON, ..Limits::default() }).await;
    let address = site.anybody().address;
    let begin = "GET /healthz HTTP/1.1\r\n";
    let mut silent = TcpStream::connect(address).await.unwrap();
    let mut half = TcpStream::connect(address).await.unwrap();
    half.write_all(begin.as_bytes()).await.unwrap();
    let mut second = TcpStream::connect(address).await.unwrap();
    second.write_all(format!("{begin}\r\n").as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"ok\n") {
        assert!(second.read_buf(&mut answer).await.unwrap() > 0);
    }
    second.write_all(begin.as_bytes()).await.unwrap();
    let (mut from, mut to) = TcpStream::connect(address).await.unwrap().into_split();
    to.write_all(begin.as_bytes()).await.unwrap();
    let dripping = tokio::spawn(async move {
        while to.write_all(b"a: b\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    assert!(is_closed(&mut silent).await && is_closed(&mut half).await);
    assert!(is_closed(&mut second).await);
    let mut byte = [0; 1];
    let ended = from.read(&mut byte);
    let ended = tokio::time::timeout(Duration::from_secs(20), ended).await.unwrap();
    assert!(matches!(ended, Ok(0) | Err(_)), "{ended:?}");
    dripping.await.unwrap();
}

async fn a_connection_without_a_further_request_is_closed(database: Database) {
    let site = with(database, Limits { idle: SOON, ..Limits::default() }).await;
    let mut stream = TcpStream::connect(site.anybody().address).await.unwrap();
    for _ in 0..2 {
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"ok\n") {
            assert!(stream.read_buf(&mut answer).await.unwrap() > 0);
        }
    }
    assert!(is_closed(&mut stream).await);
}

async fn what_is_no_request_is_answered_with_a_problem_document(database: Database) {
    let site = with(database, Limits::default()).await;
    let long = "a".repeat(40 << 10);
    let lines = "a: b\r\n".repeat(200);
    for (request, status) in [
        ("no request at all\r\n\r\n".to_owned(), 400),
        ("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\u{fc}\u{3}\u{3}\r\n\r\n".into(), 400),
        ("GET /\u{7f} HTTP/1.1\r\nhost: a\r\n\r\n".into(), 400),
        ("GET / HTTP/1.7\r\nhost: a\r\n\r\n".into(), 400),
        ("GET / HTTP/1.1\r\nho st: a\r\n\r\n".into(), 400),
        (
            "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n".into(),
            400,
        ),
        ("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n".into(), 400),
        (format!("GET /{long} HTTP/1.1\r\nhost: a\r\n\r\n"), 414),
        (format!("GET / HTTP/1.1\r\nhost: {long}\r\n\r\n"), 431),
        (format!("GET / HTTP/1.1\r\n{lines}\r\n"), 431),
    ] {
        let first = request.lines().next().unwrap_or_default();
        let first: String = first.chars().take(40).collect();
        // Also as the second request of a connection, after one that is answered.
        for before in ["", "GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n"] {
            // Of what comes in one piece it can't be told which line was too long.
            if status != 400 && !before.is_empty() {
                continue;
            }
            let answer = site.anybody().send_raw(format!("{before}{request}").as_bytes()).await;
            let answer = match before {
                "" => answer.as_str(),
                _ => answer.split_once("ok\n").unwrap().1,
            };
            let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
            assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{first}: {answer}");
            assert!(head.contains("\r\nconnection: close"), "{head}");
            assert!(head.contains("\r\ncontent-type: application/problem+json"), "{head}");
            assert!(head.contains(&format!("\r\ncontent-length: {}\r\n", body.len())), "{head}");
            let document: Value = serde_json::from_str(body).unwrap();
            assert_eq!(document["status"], status);
            let code = match status {
                414 => "request.url_too_long",
                431 => "request.headers_too_large",
                _ => "request.malformed",
            };
            assert_eq!(document["errors"][0]["code"], code);
        }
    }
}

async fn a_refused_upload_is_read_to_its_end_before_the_connection_is_closed(database: Database) {
    let site = with(database, Limits::default()).await;
    let stranger = site.anybody().with_token("asoca_never_made");
    let form = Form::zip(&vec![0; 3 << 20]);
    let head = form.request("/api/v1/submissions");
    let head: String = head
        .headers()
        .iter()
        .map(|(name, value)| format!("{name}: {}\r\n", value.to_str().unwrap()))
        .collect();
    let body = form.bytes();
    let mut stream = TcpStream::connect(stranger.address).await.unwrap();
    let head = format!(
        "POST /api/v1/submissions HTTP/1.1\r\nhost: a\r\nauthorization: Bearer asoca_never_made\r\n\
         {head}content-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // The answer is there before a byte of the body is.
    let mut answer = vec![0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 401");
    // A client that reads only when it has sent everything loses nothing.
    for piece in body.chunks(64 << 10) {
        stream.write_all(piece).await.unwrap();
        tokio::task::yield_now().await;
    }
    let mut rest = String::new();
    stream.read_to_string(&mut rest).await.unwrap();
    assert!(rest.contains("\r\nconnection: close\r\n"), "{rest}");
    assert!(rest.contains("auth.bad_token"), "{rest}");
}

async fn a_refusal_asks_for_no_byte_of_a_body_that_waits_for_a_hundred(database: Database) {
    let site = with(database, Limits::default()).await;
    let team = site.team("Team A").await;
    let kind = content_type();
    for (token, kind, status) in [
        ("asoca_never_made", kind.as_str(), "401"),
        (team.token(), "application/zip", "415"),
        (team.token(), kind.as_str(), "100"),
    ] {
        let head = format!(
            "POST /api/v1/submissions HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\n\
             content-type: {kind}\r\ncontent-length: 100000\r\nexpect: 100-continue\r\n\r\n"
        );
        let mut stream = TcpStream::connect(team.address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(answer, format!("HTTP/1.1 {status}").as_bytes());
    }
}

async fn who_finds_every_place_taken_by_those_who_wait_is_told_so(database: Database) {
    let site = with(database, Limits { connections: 2, ..Limits::default() }).await;
    let team = site.team("Team A").await;
    let form = Form::zip(&zip_of(Method::Thin));
    let waiting: Vec<_> = (0..2)
        .map(|_| {
            let (team, form) = (team.clone(), form.clone());
            tokio::spawn(async move { team.submit_and_wait(&form).await })
        })
        .collect();
    site.until(async || site.submissions().await.len() == 2).await;
    let answer = site.anybody().send_raw(b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.contains("\r\nretry-after: 5\r\n"), "{answer}");
    assert!(answer.contains("server.busy"), "{answer}");
    waiting[0].abort();
    site.until(async || {
        let answer = site.anybody().send_raw(b"GET /healthz HTTP/1.0\r\n\r\n").await;
        answer.starts_with("HTTP/1.") && answer.contains(" 200 ")
    })
    .await;
}
