//! Requests that are wrong before their files are looked at.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use coronary_phantom::Method;
use futures_util::StreamExt;
use test_support::challenge::zip_of;
use test_support::form::{BOUNDARY, Form, content_type};
use test_support::site::{Setup, Site};
use test_support::{Database, on_both_engines};

on_both_engines! {
    a_body_announced_too_long_is_refused_before_it_is_read,
    a_body_that_turns_out_too_long_is_refused,
    a_body_that_is_not_multipart_is_refused,
    a_broken_multipart_body_is_refused,
    an_upload_without_a_file_is_refused,
    fields_are_checked,
    a_wait_that_is_no_number_is_refused,
    an_upload_that_breaks_off_leaves_nothing_behind,
    a_part_that_never_begins_or_whose_headers_never_end_is_refused_while_more_may_come,
    a_field_sent_twice_is_refused,
    a_description_may_be_long_and_in_any_script_and_keeps_its_lines,
}

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

async fn small(database: Database) -> Site {
    let setup = Setup { worker: false, max_upload: 64 << 10, ..Setup::default() };
    Site::with(database, setup).await
}

async fn a_body_announced_too_long_is_refused_before_it_is_read(database: Database) {
    let site = small(database).await;
    let team = site.team("Team A").await;
    // The body never comes, and still there is an answer.
    let head = format!(
        "POST /api/v1/submissions HTTP/1.1\r\nhost: asoca\r\nauthorization: Bearer {}\r\n\
         content-type: {}\r\ncontent-length: 100000000000\r\nconnection: close\r\n\r\n",
        team.token(),
        content_type()
    );
    let answer = team.send_raw(head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("archive.too_large"), "{answer}");
    site.assert_nothing_stored().await;
}

async fn a_body_that_turns_out_too_long_is_refused(database: Database) {
    let site = small(database).await;
    let team = site.team("Team A").await;
    let body = Form::zip(&vec![0; 80 << 10]).bytes();
    let mut request = format!(
        "POST /api/v1/submissions HTTP/1.1\r\nhost: asoca\r\nauthorization: Bearer {}\r\n\
         content-type: {}\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n",
        team.token(),
        content_type()
    )
    .into_bytes();
    for chunk in body.chunks(4096) {
        request.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        request.extend_from_slice(chunk);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"0\r\n\r\n");
    let answer = team.send_raw(&request).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("archive.too_large"), "{answer}");
    site.assert_nothing_stored().await;

    // Two files that are too long only together.
    let form = Form::default().file("0.nrrd", &[0; 32 << 10]).file("1.nrrd", &[0; 31 << 10]);
    assert_eq!(team.submit(&form).await.status, UNPROCESSABLE);
    let form = form.file("2.nrrd", &[0; 2 << 10]);
    assert_eq!(
        team.submit(&form).await.problem(StatusCode::PAYLOAD_TOO_LARGE),
        "archive.too_large"
    );
    site.assert_nothing_stored().await;
}

async fn a_body_that_is_not_multipart_is_refused(database: Database) {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    for kind in [None, Some("application/zip"), Some("application/x-www-form-urlencoded")] {
        let mut request =
            Request::post("/api/v1/submissions").body(zip_of(Method::Thin).into()).unwrap();
        if let Some(kind) = kind {
            request.headers_mut().insert(header::CONTENT_TYPE, kind.parse().unwrap());
        }
        let code = team.send(request).await.problem(StatusCode::UNSUPPORTED_MEDIA_TYPE);
        assert_eq!(code, "request.media_type", "{kind:?}");
    }
    site.assert_nothing_stored().await;
}

async fn a_broken_multipart_body_is_refused(database: Database) {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    let whole = Form::zip(&zip_of(Method::Thin)).bytes();
    let no_end = whole.strip_suffix(format!("--{BOUNDARY}--\r\n").as_bytes()).unwrap();
    for body in [no_end, b"no boundary at all", b""] {
        let request = Request::post("/api/v1/submissions")
            .header(header::CONTENT_TYPE, content_type())
            .body(body.to_vec().into())
            .unwrap();
        let code = team.send(request).await.problem(StatusCode::BAD_REQUEST);
        assert_eq!(code, "request.malformed");
    }
    site.assert_nothing_stored().await;
}

async fn an_upload_without_a_file_is_refused(database: Database) {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    for form in [Form::default().field("method", "x"), Form::default().file("", b"")] {
        assert_eq!(team.submit(&form).await.problem(UNPROCESSABLE), "field.invalid");
    }
    site.assert_nothing_stored().await;
}

async fn fields_are_checked(database: Database) {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    for (name, value) in [
        ("colour", "red"),
        ("", "nameless"),
        ("url", "javascript:alert(1)"),
        ("url", "ftp://example.org"),
        ("method", &"m".repeat(201)),
        ("method", "notifier \u{7}"),
        ("method", "two\r\nlines"),
        ("method", "two\rlines"),
        ("phase", "main\nother"),
        ("description", &"d".repeat(5001)),
        ("description", &"冠".repeat(5001)),
        ("description", &"d".repeat(100_000)),
    ] {
        let form = Form::zip(&zip_of(Method::Thin)).field(name, value);
        let code = team.submit(&form).await.problem(UNPROCESSABLE);
        assert_eq!(code, "field.invalid", "{name}");
    }
    site.assert_nothing_stored().await;
}

async fn a_wait_that_is_no_number_is_refused(database: Database) {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    for wait in ["soon", "-1", "1.5", ""] {
        let path = format!("/api/v1/submissions?wait={wait}");
        let answer = team.send(Form::zip(&zip_of(Method::Thin)).request(&path)).await;
        assert_eq!(answer.problem(StatusCode::BAD_REQUEST), "request.malformed", "{wait}");
    }
    site.assert_nothing_stored().await;
}

async fn an_upload_that_breaks_off_leaves_nothing_behind(database: Database) {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    let body = Form::zip(&zip_of(Method::Thin)).bytes();
    let mut request = format!(
        "POST /api/v1/submissions HTTP/1.1\r\nhost: asoca\r\nauthorization: Bearer {}\r\n\
         content-type: {}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        team.token(),
        content_type(),
        body.len()
    )
    .into_bytes();
    request.extend_from_slice(&body[..body.len() / 2]);
    team.send_part(&request).await;
    site.until(async || site.files("tmp").is_empty()).await;
    site.assert_nothing_stored().await;
}

async fn a_part_that_never_begins_or_whose_headers_never_end_is_refused_while_more_may_come(
    database: Database,
) {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    let part = format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"");
    for start in [String::new(), part] {
        // A little more than headers may have, and then no end.
        let endless = std::iter::repeat_n("a".repeat(1000), 66);
        let sent = futures_util::stream::iter(std::iter::once(start).chain(endless));
        let body = sent.map(Ok::<_, std::io::Error>).chain(futures_util::stream::pending());
        let request = Request::post("/api/v1/submissions")
            .header(header::CONTENT_TYPE, content_type())
            .body(Body::from_stream(body))
            .unwrap();
        let asked = tokio::time::Instant::now();
        let code = team.send(request).await.problem(StatusCode::BAD_REQUEST);
        assert_eq!(code, "request.malformed");
        assert!(asked.elapsed().as_secs() < 30, "it waited for more");
    }
    site.assert_nothing_stored().await;
}

async fn a_field_sent_twice_is_refused(database: Database) {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    let form = Form::zip(&zip_of(Method::Thin)).field("method", "one").field("method", "two");
    assert_eq!(team.submit(&form).await.problem(UNPROCESSABLE), "field.invalid");
    site.assert_nothing_stored().await;
}

async fn a_description_may_be_long_and_in_any_script_and_keeps_its_lines(database: Database) {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    let chinese = "冠".repeat(5000);
    let lines = format!("{}end", "x\r\n".repeat(2498));
    for (description, kept) in [(&chinese, chinese.clone()), (&lines, lines.replace('\r', ""))] {
        let form = Form::zip(&zip_of(Method::Thin)).field("description", description);
        let report = team.submit(&form).await.expect(StatusCode::ACCEPTED);
        assert_eq!(report["description"], kept);
    }
}
