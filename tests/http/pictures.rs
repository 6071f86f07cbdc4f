//! Pictures of what was sent: for its team the prediction alone, the truth for organisers.

use std::io::Read;

use asoca::scoring::import_ct;
use asoca::store::Timestamp;
use asoca::web::ROUTES;
use axum::http::StatusCode;
use coronary_phantom::Method;
use flate2::read::GzDecoder;
use mask_preview::{Axes, IVORY, Layer, preview};
use segmentation::{Format, Placement, read_mask};
use segmentation_mesh::compact::{self, PartKind};
use segmentation_mesh::{Smoothing, Window, surface};
use serde_json::Value;
use test_support::challenge::{predictions, scores, spacing, write_ct, zip_of};
use test_support::client::Client;
use test_support::form::Form;
use test_support::page::Page;
use test_support::site::Site;
use test_support::{Database, on_both_engines};

on_both_engines! {
    a_team_sees_its_predictions_and_nothing_of_the_truth,
    only_organisers_are_sent_anything_that_the_truth_has_a_part_in,
    the_worst_case_is_shown_first_where_single_cases_may_be_known,
    what_is_not_scored_has_no_pictures,
}

/// What a picture of the prediction of a case is, made of nothing but the mask that was sent.
fn expected(case: usize) -> Vec<u8> {
    let files = predictions(Method::Thin);
    let (_, bytes) = files.iter().find(|(name, _)| *name == format!("{case}.nrrd")).unwrap();
    let mask = read_mask(&bytes.as_slice(), Format::Nrrd, None).unwrap();
    let layer = Layer { mask: &mask.mask, colour: IVORY };
    preview(&[layer], spacing(case), Axes::nearest(&mask.geometry)).unwrap().png
}

/// The mesh of the prediction of a case, made of nothing but the mask that was sent.
fn mesh_alone(case: usize) -> Vec<u8> {
    let files = predictions(Method::Thin);
    let (_, bytes) = files.iter().find(|(name, _)| *name == format!("{case}.nrrd")).unwrap();
    let read = read_mask(&bytes.as_slice(), Format::Nrrd, None).unwrap();
    let raw = surface(&read.mask).unwrap().placed(&Placement::of(&read.geometry).unwrap());
    let smooth = Smoothing::of_the_dataset(Window::Hamming).smoothed(&raw);
    let mut file = Vec::new();
    compact::write(&mut file, &[(&smooth, PartKind::Prediction)]).unwrap();
    file
}

fn unzipped(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut plain).unwrap();
    plain
}

async fn scored(client: &Client) -> Value {
    let sent = client.submit_and_wait(&Form::zip(&zip_of(Method::Thin))).await;
    sent.expect(StatusCode::CREATED)
}

async fn a_team_sees_its_predictions_and_nothing_of_the_truth(database: Database) {
    let site = Site::start(database).await;
    let team = site.team("Team A").await;
    let report = scored(&team).await;
    let pictures = report["pictures"].as_array().unwrap();
    assert_eq!(pictures.len(), scores(Method::Thin).len());
    for (case, picture) in pictures.iter().enumerate() {
        assert_eq!(picture["case"], case.to_string());
        assert_eq!(picture.get("agreement"), None);
        let answer = team.get(picture["preview"].as_str().unwrap()).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("content-type"), Some("image/png"));
        assert_eq!(answer.header("cache-control"), Some("private, max-age=3600"));
        assert_eq!(answer.body, expected(case), "case {case}");
        assert!(answer.body.len() <= 25_000);
    }
    let id = report["id"].as_str().unwrap();
    for case in ["99", "0.png", "..%2F0"] {
        let none = team.get(&format!("/api/v1/submissions/{id}/cases/{case}/preview.png")).await;
        assert_eq!(none.problem(StatusCode::NOT_FOUND), "request.not_found");
    }
}

async fn only_organisers_are_sent_anything_that_the_truth_has_a_part_in(database: Database) {
    let site = Site::start(database).await;
    let images = tempfile::tempdir().unwrap();
    write_ct(images.path());
    let (set, now) = (site.phase.truth_set_id, Timestamp::now());
    import_ct(&site.store, &site.blobs, set, images.path(), now).await.unwrap();
    let team = site.team("Team A").await;
    let id = scored(&team).await["id"].as_str().unwrap().to_owned();
    let readers = [
        ("nobody", site.anybody()),
        ("team", team),
        ("other team", site.team("Team B").await),
        ("member in a browser", site.log_in("Team A").await),
        ("organiser", site.organiser().await),
    ];
    let mut drawn = 0;
    for route in
        ROUTES.iter().filter(|route| route.method == "get" && route.path.contains("{case}"))
    {
        let path = route.path.replace("{id}", &id).replace("{case}", "0").replace("{z}", "20");
        for (who, reader) in &readers {
            let answer = reader.get(&path).await;
            if !answer.status.is_success() {
                assert_ne!(*who, "organiser", "{path}");
                continue;
            }
            drawn += 1;
            let alone = if path.ends_with("/mesh") { mesh_alone(0) } else { expected(0) };
            let sent =
                if path.ends_with("/mesh") { unzipped(&answer.body) } else { answer.body.to_vec() };
            if *who != "organiser" {
                assert!(sent == alone, "{path} as {who}");
            } else if path.contains("/admin/") {
                assert!(sent != alone, "the truth is in it");
                assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
            }
        }
    }
    // The picture and the mesh for the team, of whom two ask, and both with and without the truth, and the CT and its page, for organisers.
    assert_eq!(drawn, 2 * 2 + 6);
}

async fn the_worst_case_is_shown_first_where_single_cases_may_be_known(database: Database) {
    let site = Site::start(database).await;
    let team = site.team("Team A").await;
    let id = scored(&team).await["id"].as_str().unwrap().to_owned();
    let captions = async |reader: &Client| {
        let page = reader.get(&format!("/submissions/{id}")).await;
        Page::of(page.page(StatusCode::OK)).texts(".strip figcaption")
    };
    let browser = site.log_in("Team A").await;
    let shown = captions(&browser).await;
    let scores = scores(Method::Thin);
    let worst =
        (0..scores.len()).min_by(|&a, &b| scores[a].dice.total_cmp(&scores[b].dice)).unwrap();
    assert!(
        shown[0].starts_with(&format!("Case {worst} · Dice {:.4}", scores[worst].dice)),
        "{shown:?}"
    );

    site.execute("update phases set feedback = $1", "rounded").await;
    let shown = captions(&browser).await;
    let by_id: Vec<String> = (0..scores.len()).map(|case| format!("Case {case}")).collect();
    assert_eq!(shown, by_id);
    site.account("organiser of pictures", None, true).await;
    let organiser = site.log_in("organiser of pictures").await;
    let page = organiser.get(&format!("/submissions/{id}")).await;
    assert!(page.page(StatusCode::OK).contains("agreement.png"));
    let own = browser.get(&format!("/submissions/{id}")).await;
    assert!(!own.page(StatusCode::OK).contains("agreement.png"));
}

async fn what_is_not_scored_has_no_pictures(database: Database) {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    let sent = team.submit(&Form::zip(&zip_of(Method::Thin))).await.expect(StatusCode::ACCEPTED);
    assert_eq!(sent["pictures"], Value::Array(Vec::new()));
    let id = sent["id"].as_str().unwrap();
    let path = format!("/api/v1/submissions/{id}/cases/0/preview.png");
    assert_eq!(team.get(&path).await.problem(StatusCode::CONFLICT), "submission.not_scored");
}
