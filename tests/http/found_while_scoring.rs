//! What only the voxels tell: the submission is queued, and turns out invalid.

use axum::http::StatusCode;
use coronary_phantom::Method;
use segmentation::nrrd::{Encoding, write_mask};
use segmentation::{Geometry, Mask};
use test_support::challenge::{SHAPE, spoilt_zip, zip_of};
use test_support::form::Form;
use test_support::site::{Setup, Site};
use test_support::{Database, on_both_engines};

on_both_engines! {
    every_bad_volume_is_listed_and_no_quota_is_used,
    unusual_values_and_a_moved_volume_are_scored_with_a_warning,
}

fn empty() -> Vec<u8> {
    let mask = Mask::empty(SHAPE).unwrap();
    let mut bytes = Vec::new();
    write_mask(&mut bytes, &mask, &Geometry::of_shape(SHAPE), Encoding::Gzip(1)).unwrap();
    bytes
}

async fn every_bad_volume_is_listed_and_no_quota_is_used(database: Database) {
    let site = Site::with(database, Setup { quota: 1, ..Setup::default() }).await;
    let team = site.team("Team A").await;
    let zip = spoilt_zip(|files| {
        files[1].1 = empty();
        let whole = files[3].1.len();
        files[3].1.truncate(whole * 2 / 3);
        let last = files[5].1.len() - 6;
        files[5].1[last] ^= 1;
    });
    let answer = team.submit_and_wait(&Form::zip(&zip)).await;
    let problems = answer.problems(StatusCode::UNPROCESSABLE_ENTITY);
    let expected =
        [("1.nrrd", "case.empty"), ("3.nrrd", "nrrd.truncated"), ("5.nrrd", "nrrd.corrupt")];
    assert_eq!(problems, expected.map(|(file, code)| (file.to_owned(), code.to_owned())));

    let [submission] = site.submissions().await.try_into().unwrap();
    let document = answer.json();
    assert_eq!(document["submission"], submission.id.to_string());
    let path = format!("/api/v1/submissions/{}", submission.id);
    let report = team.get(&path).await.expect(StatusCode::OK);
    assert_eq!((&report["state"], &report["errors"]), (&"invalid".into(), &document["errors"]));
    assert_eq!((report.get("dice"), report.get("aggregates")), (None, None));
    let metrics = team.get(&format!("{path}/metrics.json")).await;
    assert_eq!(metrics.problem(StatusCode::CONFLICT), "submission.not_scored");
    let board = site.anybody().get("/api/v1/leaderboard").await.expect(StatusCode::OK);
    assert_eq!(board["entries"], serde_json::json!([]));

    // The quota is one, and not used yet.
    team.submit_and_wait(&Form::zip(&zip_of(Method::Thin))).await.expect(StatusCode::CREATED);
}

async fn unusual_values_and_a_moved_volume_are_scored_with_a_warning(database: Database) {
    let site = Site::start(database).await;
    let team = site.team("Team A").await;
    let plain = team.submit_and_wait(&Form::zip(&zip_of(Method::Thin))).await.json();
    let zip = spoilt_zip(|files| {
        let head = "NRRD0004\ntype: uint8\ndimension: 3\nsizes: 64 64 48\nencoding: raw\n\n";
        files[0].1 = [head.as_bytes(), &[255; 64 * 64 * 48]].concat();
        let at = files[1].1.windows(14).position(|bytes| bytes == b"space origin: ").unwrap();
        files[1].1[at + 15] = b'9';
    });
    let scored = team.submit_and_wait(&Form::zip(&zip)).await.expect(StatusCode::CREATED);
    let warned: Vec<&str> = scored["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|warning| warning["case"].as_str().unwrap())
        .collect();
    assert_eq!(warned, ["0", "1"], "{}", scored["warnings"]);
    assert_eq!(scored["cases"][1]["dice"], plain["cases"][1]["dice"]);
}
