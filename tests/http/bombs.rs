//! Small uploads that want to become large ones.

use std::io::Write;

use axum::http::StatusCode;
use coronary_phantom::Method;
use flate2::Compression;
use flate2::write::GzEncoder;
use test_support::challenge::{spoilt_zip, zip_of};
use test_support::form::Form;
use test_support::site::Site;
use test_support::{Database, on_both_engines};

on_both_engines! {
    a_file_that_says_it_is_huge_is_refused_unread,
    a_file_that_hides_how_huge_it_is_is_read_no_further_than_it_said,
    a_volume_that_inflates_without_end_is_read_no_further_than_its_shape,
    an_archive_of_far_too_many_files_is_refused,
}

const REFUSED: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
const HUGE: usize = 64 << 20;

fn problem(file: &str, code: &str) -> Vec<(String, String)> {
    vec![(file.into(), code.into())]
}

async fn a_file_that_says_it_is_huge_is_refused_unread(database: Database) {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    let zip = spoilt_zip(|files| files[1].1 = vec![0; HUGE]);
    assert!(zip.len() < 1 << 20, "{} bytes are no bomb", zip.len());
    let problems = team.submit(&Form::zip(&zip)).await.problems(REFUSED);
    assert_eq!(problems, problem("1.nrrd", "case.file_too_large"));
    site.assert_nothing_stored().await;
}

async fn a_file_that_hides_how_huge_it_is_is_read_no_further_than_it_said(database: Database) {
    let site = Site::start(database).await;
    let team = site.team("Team A").await;
    let head = b"NRRD0004\ntype: uint8\ndimension: 3\nsizes: 64 64 48\nencoding: raw\n\n";
    let mut zip = spoilt_zip(|files| {
        files[1].1 = head.to_vec();
        files[1].1.resize(HUGE, 1);
    });
    // Wherever the true size is written, in the entry and in the directory.
    let (said, huge) = ((head.len() + 64 * 64 * 48) as u32, HUGE as u32);
    while let Some(at) = zip.windows(4).position(|bytes| bytes == huge.to_le_bytes()) {
        zip[at..at + 4].copy_from_slice(&said.to_le_bytes());
    }
    let answer = team.submit_and_wait(&Form::zip(&zip)).await;
    assert_eq!(answer.problems(REFUSED), problem("1.nrrd", "archive.damaged_entry"));
}

async fn a_volume_that_inflates_without_end_is_read_no_further_than_its_shape(database: Database) {
    let site = Site::start(database).await;
    let team = site.team("Team A").await;
    let head = b"NRRD0004\ntype: uint8\ndimension: 3\nsizes: 64 64 48\nencoding: gzip\n\n";
    let mut gzip = GzEncoder::new(head.to_vec(), Compression::fast());
    for _ in 0..HUGE >> 20 {
        gzip.write_all(&[1; 1 << 20]).unwrap();
    }
    let bomb = gzip.finish().unwrap();
    let zip = spoilt_zip(|files| files[4].1 = bomb);
    let answer = team.submit_and_wait(&Form::zip(&zip)).await;
    assert_eq!(answer.problems(REFUSED), problem("4.nrrd", "nrrd.too_long"));
    team.submit_and_wait(&Form::zip(&zip_of(Method::Thin))).await.expect(StatusCode::CREATED);
}

async fn an_archive_of_far_too_many_files_is_refused(database: Database) {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    let zip = spoilt_zip(|files| {
        files.extend((0..1000).map(|at| (format!("__MACOSX/{at}"), Vec::new())));
    });
    let code = team.submit(&Form::zip(&zip)).await.problem(REFUSED);
    assert_eq!(code, "archive.too_many_entries");
    site.assert_nothing_stored().await;
}
