//! What can be refused is refused before the files are read, whether or not the client waits to be asked for them.

use std::time::Duration;

use asoca::store::Timestamp;
use axum::http::StatusCode;
use coronary_phantom::Method;
use test_support::challenge::zip_of;
use test_support::client::Client;
use test_support::form::{BOUNDARY, Form, content_type};
use test_support::site::{Setup, Site};
use test_support::{Database, on_both_engines};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

on_both_engines! {
    a_closed_phase_refuses_before_a_byte_is_asked_for,
    a_used_up_quota_refuses_before_a_byte_is_asked_for,
    a_phase_of_another_name_in_the_address_is_refused_before_a_byte_is_asked_for,
    a_phase_named_before_the_files_decides_when_the_first_of_them_begins,
    a_phase_named_after_the_files_still_counts,
    answers_that_do_not_fit_are_refused_when_the_first_file_begins,
    a_phase_in_the_address_is_as_good_as_the_field_and_must_agree_with_it,
    a_repeated_request_is_heard_out_though_a_new_one_would_be_refused,
    one_team_has_only_its_share_of_the_uploads_under_way,
}

const PATIENCE: Duration = Duration::from_secs(30);

fn form() -> Form {
    Form::zip(&zip_of(Method::Thin))
}

/// A team's request to upload that has sent its headers, and what of the body is given.
async fn begun(team: &Client, query: &str, expects: bool, body: &[u8]) -> TcpStream {
    let expect = if expects { "expect: 100-continue\r\n" } else { "" };
    let head = format!(
        "POST /api/v1/submissions{query} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {}\r\n\
         content-type: {}\r\ncontent-length: 10000000\r\n{expect}\r\n",
        team.token(),
        content_type()
    );
    let mut stream = TcpStream::connect(team.address).await.unwrap();
    stream.write_all(&[head.as_bytes(), body].concat()).await.unwrap();
    stream
}

/// All that is answered, with the status and the code that it must have.
async fn refused(mut stream: TcpStream, status: u16, code: &str) {
    let mut answer = String::new();
    let read = stream.read_to_string(&mut answer);
    tokio::time::timeout(PATIENCE, read).await.unwrap().unwrap();
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    assert!(answer.contains(code), "{answer}");
}

/// Whether the client is asked for the body, having said that it waits for that.
async fn is_asked_for_the_body(team: &Client, query: &str) -> bool {
    let mut stream = begun(team, query, true, b"").await;
    let mut answer = [0; 12];
    tokio::time::timeout(PATIENCE, stream.read_exact(&mut answer)).await.unwrap().unwrap();
    answer.starts_with(b"HTTP/1.1 100")
}

async fn a_closed_phase_refuses_before_a_byte_is_asked_for(database: Database) {
    let closes_at = Some(Timestamp::now());
    let site = Site::with(database, Setup { closes_at, worker: false, ..Setup::default() }).await;
    let team = site.team("Team A").await;
    for query in ["", "?phase=main"] {
        for expects in [true, false] {
            refused(begun(&team, query, expects, b"").await, 409, "phase.closed").await;
        }
    }
    // Where another phase is open, it may be the one that is meant.
    site.add_phase("other").await;
    assert!(is_asked_for_the_body(&team, "").await);
    assert!(is_asked_for_the_body(&team, "?phase=other").await);
    assert!(!is_asked_for_the_body(&team, "?phase=main").await);
    site.assert_nothing_stored().await;
}

async fn a_used_up_quota_refuses_before_a_byte_is_asked_for(database: Database) {
    let site = Site::with(database, Setup { quota: 1, worker: false, ..Setup::default() }).await;
    let (team, other) = (site.team("Team A").await, site.team("Team B").await);
    team.submit(&form()).await.expect(StatusCode::ACCEPTED);
    for query in ["", "?phase=main"] {
        for expects in [true, false] {
            refused(begun(&team, query, expects, b"").await, 429, "quota.exhausted").await;
        }
        assert!(is_asked_for_the_body(&other, query).await);
    }
}

async fn a_phase_of_another_name_in_the_address_is_refused_before_a_byte_is_asked_for(
    database: Database,
) {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    refused(begun(&team, "?phase=mian", true, b"").await, 404, "phase.none").await;
}

async fn a_phase_named_before_the_files_decides_when_the_first_of_them_begins(database: Database) {
    let closes_at = Some(Timestamp::now());
    let site = Site::with(database, Setup { closes_at, worker: false, ..Setup::default() }).await;
    site.add_phase("other").await;
    let team = site.team("Team A").await;
    let file = format!(
        "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.zip\"\r\n\r\nPK"
    );
    for (phase, status, code) in [("main", 409, "phase.closed"), ("mian", 404, "phase.none")] {
        let field = Form::default().field("phase", phase).bytes();
        let field = field.strip_suffix(format!("--{BOUNDARY}--\r\n").as_bytes()).unwrap();
        let body = [field, file.as_bytes()].concat();
        refused(begun(&team, "", false, &body).await, status, code).await;
    }
    site.assert_nothing_stored().await;
}

async fn a_phase_named_after_the_files_still_counts(database: Database) {
    let closes_at = Some(Timestamp::now());
    let site = Site::with(database, Setup { closes_at, worker: false, ..Setup::default() }).await;
    let other = site.add_phase("other").await;
    let team = site.team("Team A").await;
    let late = team.submit(&form().field("phase", "main")).await;
    assert_eq!(late.problem(StatusCode::CONFLICT), "phase.closed");
    team.submit(&form().field("phase", "other")).await.expect(StatusCode::ACCEPTED);
    assert_eq!(site.submissions().await[0].phase_id, other.id);
}

async fn answers_that_do_not_fit_are_refused_when_the_first_file_begins(database: Database) {
    let site = Site::without_worker(database).await;
    let questions = serde_json::json!({ "questions": [
        { "key": "gpu", "text": "How long?", "kind": "number", "required": true },
        { "key": "net", "text": "Which?", "kind": "short_text", "required": true },
    ] });
    let organiser = site.organiser().await;
    let phase = organiser.post_json("/api/v1/admin/phases/main", &questions).await;
    phase.expect(StatusCode::OK);
    let team = site.team("Team A").await;
    let file = format!(
        "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.zip\"\r\n\r\nPK"
    );
    for (answers, code) in [
        (r#"{"gpu": 1}"#, "answer.missing"),
        (r#"{"gpu": "long", "net": "U"}"#, "answer.invalid"),
        ("gpu=1", "answer.invalid"),
    ] {
        let field = Form::default().field("answers", answers).bytes();
        let field = field.strip_suffix(format!("--{BOUNDARY}--\r\n").as_bytes()).unwrap();
        let body = [field, file.as_bytes()].concat();
        refused(begun(&team, "", false, &body).await, 422, code).await;
    }
    // Behind the files they are as good, and without any, nothing is kept.
    assert_eq!(team.submit(&form()).await.problems(StatusCode::UNPROCESSABLE_ENTITY).len(), 2);
    site.assert_nothing_stored().await;
    let answered = form().field("answers", r#"{"gpu": 1, "net": "U"}"#);
    team.submit(&answered).await.expect(StatusCode::ACCEPTED);
}

async fn a_phase_in_the_address_is_as_good_as_the_field_and_must_agree_with_it(database: Database) {
    let site = Site::without_worker(database).await;
    let other = site.add_phase("other").await;
    let team = site.team("Team A").await;
    let send = async |path: &str, form: Form| team.send(form.request(path)).await;
    let path = "/api/v1/submissions?phase=other";
    send(path, form()).await.expect(StatusCode::ACCEPTED);
    send(path, form().field("phase", "other")).await.expect(StatusCode::ACCEPTED);
    assert!(site.submissions().await.iter().all(|sent| sent.phase_id == other.id));
    for form in
        [form().field("phase", "main"), Form::default().field("phase", "main").file("a.zip", b"")]
    {
        let answer = send(path, form).await;
        assert_eq!(answer.problem(StatusCode::UNPROCESSABLE_ENTITY), "field.invalid");
    }
    assert_eq!(site.submissions().await.len(), 2);
}

async fn a_repeated_request_is_heard_out_though_a_new_one_would_be_refused(database: Database) {
    let site = Site::with(database, Setup { quota: 1, worker: false, ..Setup::default() }).await;
    let team = site.team("Team A").await;
    let first = team.submit_with_key(&form(), "k").await.expect(StatusCode::ACCEPTED);
    let again = team.submit_with_key(&form(), "k").await;
    assert_eq!(again.expect(StatusCode::ACCEPTED)["id"], first["id"]);
    let new = team.submit_with_key(&form(), "l").await;
    assert_eq!(new.problem(StatusCode::TOO_MANY_REQUESTS), "quota.exhausted");
}

async fn one_team_has_only_its_share_of_the_uploads_under_way(database: Database) {
    // An eighth is one.
    let setup = Setup { uploads_at_once: 8, worker: false, ..Setup::default() };
    let site = Site::with(database, setup).await;
    let (team, other) = (site.team("Team A").await, site.team("Team B").await);
    let first = begun(&team, "", true, b"").await;
    let mut answer = [0; 12];
    let mut first = first;
    first.read_exact(&mut answer).await.unwrap();
    let mut second = begun(&team, "", true, b"").await;
    other.submit(&form()).await.expect(StatusCode::ACCEPTED);
    let mut answer = String::new();
    let read = second.read_to_string(&mut answer);
    tokio::time::timeout(PATIENCE, read).await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.contains("\r\nretry-after: ") && answer.contains("server.busy"), "{answer}");
    // Whoever goes away makes room.
    drop(first);
    team.submit(&form()).await.expect(StatusCode::ACCEPTED);
}
