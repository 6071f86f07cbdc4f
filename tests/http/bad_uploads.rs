//! Uploads that are refused by their names and headers, before anything is queued.

use axum::http::StatusCode;
use coronary_phantom::Method;
use test_support::challenge::{Files, predictions, spoilt_zip, zip_of};
use test_support::form::Form;
use test_support::site::Site;
use test_support::{Database, on_both_engines};

on_both_engines! {
    what_is_no_zip_is_refused,
    a_missing_and_an_extra_case_are_both_named,
    numbering_from_one_is_recognised,
    a_wrong_shape_is_refused_with_both_shapes,
    a_zip_in_the_zip_is_refused,
    a_header_that_points_at_another_file_is_refused,
    a_name_that_leads_out_of_the_archive_is_refused,
    a_bad_file_among_several_parts_is_named,
    the_form_shows_every_problem_and_keeps_what_was_typed,
}

const REFUSED: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// Sends it, and gives all that is wrong with it as (file, code). Nothing may be kept of it.
async fn refused(database: Database, form: Form) -> Vec<(String, String)> {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    let problems = team.submit_and_wait(&form).await.problems(REFUSED);
    site.assert_nothing_stored().await;
    problems
}

async fn refused_zip(database: Database, spoil: impl FnOnce(&mut Files)) -> Vec<(String, String)> {
    refused(database, Form::zip(&spoilt_zip(spoil))).await
}

fn problem(file: &str, code: &str) -> (String, String) {
    (file.into(), code.into())
}

async fn what_is_no_zip_is_refused(database: Database) {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    let whole = zip_of(Method::Thin);
    for (bytes, code) in [
        (&b""[..], "archive.not_a_zip"),
        (b"Rar!\x1a\x07\x00", "archive.not_a_zip"),
        (b"\x1f\x8b\x08 gzip", "archive.not_a_zip"),
        (&whole[..whole.len() / 2], "archive.damaged"),
    ] {
        assert_eq!(team.submit(&Form::zip(bytes)).await.problem(REFUSED), code);
    }
    site.assert_nothing_stored().await;
}

async fn a_missing_and_an_extra_case_are_both_named(database: Database) {
    let problems = refused_zip(database, |files| files[2].0 = "two.nrrd".into()).await;
    assert_eq!(problems, [problem("", "case.missing"), problem("two.nrrd", "case.unexpected")]);
}

async fn numbering_from_one_is_recognised(database: Database) {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    let zip = spoilt_zip(|files| {
        for (at, (name, _)) in files.iter_mut().enumerate() {
            *name = format!("{}.nrrd", at + 1);
        }
    });
    let answer = team.submit(&Form::zip(&zip)).await;
    let each = (1..=6).map(|number| problem(&format!("{number}.nrrd"), "case.unexpected"));
    let expected: Vec<_> = [problem("", "case.missing")].into_iter().chain(each).collect();
    assert_eq!(answer.problems(REFUSED), expected);
    assert!(answer.text().contains("start at 0"), "{}", answer.text());
    site.assert_nothing_stored().await;
}

async fn a_wrong_shape_is_refused_with_both_shapes(database: Database) {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    let zip = spoilt_zip(|files| {
        files[3].1 = nrrd("type: uint8\ndimension: 3\nsizes: 48 64 64\nencoding: raw\n", 196_608);
    });
    let answer = team.submit(&Form::zip(&zip)).await;
    assert_eq!(answer.problems(REFUSED), [problem("3.nrrd", "volume.wrong_shape")]);
    let error = answer.json()["errors"][0].to_string();
    assert!(error.contains("64 x 64 x 48") && error.contains("48 x 64 x 64"), "{error}");
    site.assert_nothing_stored().await;
}

fn nrrd(header: &str, voxels: usize) -> Vec<u8> {
    [format!("NRRD0004\n{header}\n").as_bytes(), &vec![1; voxels]].concat()
}

async fn a_zip_in_the_zip_is_refused(database: Database) {
    let inner = zip_of(Method::Thin);
    let problems =
        refused_zip(database, |files| *files = vec![("results.zip".into(), inner)]).await;
    assert_eq!(problems.len(), 7);
    assert!(problems.contains(&problem("results.zip", "case.unexpected")), "{problems:?}");
}

async fn a_header_that_points_at_another_file_is_refused(database: Database) {
    let header = "type: uint8\ndimension: 3\nsizes: 64 64 48\nencoding: raw\n\
                  data file: ../../truth/0.nrrd\n";
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    let zip = spoilt_zip(|files| {
        files[0].1 = nrrd(header, 0);
        files[5].1 = nrrd(&header.replace("data file", "datafile"), 0);
    });
    let problems = team.submit(&Form::zip(&zip)).await.problems(REFUSED);
    let expected = [problem("0.nrrd", "nrrd.data_file"), problem("5.nrrd", "nrrd.data_file")];
    assert_eq!(problems, expected);
    site.assert_nothing_stored().await;
}

async fn a_name_that_leads_out_of_the_archive_is_refused(database: Database) {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    for name in ["../0.nrrd", "/etc/0.nrrd", "a/../../0.nrrd", "..\\0.nrrd"] {
        let zip = spoilt_zip(|files| files.push((name.into(), vec![0])));
        let problems = team.submit(&Form::zip(&zip)).await.problems(REFUSED);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(problems[0].1, "archive.unsafe_path", "{name}");
    }
    site.assert_nothing_stored().await;
}

async fn a_bad_file_among_several_parts_is_named(database: Database) {
    let files = predictions(Method::Thin);
    let form =
        files.iter().take(5).fold(Form::default(), |form, (name, bytes)| form.file(name, bytes));
    let problems = refused(database, form.file("notes.txt", b"hello")).await;
    assert_eq!(problems, [problem("", "case.missing"), problem("notes.txt", "case.unexpected")]);
}

async fn the_form_shows_every_problem_and_keeps_what_was_typed(database: Database) {
    let site = Site::without_worker(database).await;
    let signed_up = site.anybody().sign_up("Team A").await;
    let browser = site.anybody().with_cookie_of(&signed_up);
    let zip = spoilt_zip(|files| {
        files.remove(0);
        files[0].1 = b"no volume".to_vec();
    });
    let form = Form::zip(&zip).field("method", "My \"best\" one");
    let answer = browser.send(form.request("/submit")).await;
    let page = answer.page(REFUSED);
    for shown in ["case.missing", "nrrd.not_nrrd", "1.nrrd", "My &#34;best&#34; one"] {
        assert!(page.contains(shown), "{shown} is not on {page}");
    }
    site.assert_nothing_stored().await;
}
