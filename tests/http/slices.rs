//! Slices of the CT that the truth was drawn in, for organisers.

use std::io::Cursor;

use asoca::scoring::{ImportError, import_ct};
use asoca::store::Timestamp;
use axum::http::StatusCode;
use coronary_phantom::Method;
use mask_preview::{AGREEMENT, FALSE_NEGATIVE, FALSE_POSITIVE};
use segmentation::{Format, Mask, read_mask};
use test_support::challenge::{
    CASES, SHAPE, predictions, write_ct, write_image, write_truth, zip_of,
};
use test_support::form::Form;
use test_support::page::Page;
use test_support::site::Site;
use test_support::{Database, on_both_engines};

on_both_engines! {
    organisers_look_at_slices_with_the_outlines_of_both,
    without_a_ct_there_are_no_slices,
    a_ct_that_is_imported_again_takes_the_place_of_the_earlier_one,
    images_that_are_not_those_of_the_truth_are_refused_together,
}

const MINE: &str = "Team A";

async fn import(site: &Site, folder: &std::path::Path) -> Result<usize, ImportError> {
    let set = site.phase.truth_set_id;
    import_ct(&site.store, &site.blobs, set, folder, Timestamp::now()).await
}

/// The submission's id.
async fn scored(site: &Site) -> String {
    let team = site.team(MINE).await;
    let sent = team.submit_and_wait(&Form::zip(&zip_of(Method::Thin))).await;
    sent.expect(StatusCode::CREATED)["id"].as_str().unwrap().to_owned()
}

fn mask(bytes: &[u8]) -> Mask {
    read_mask(&bytes, Format::Nrrd, None).unwrap().mask
}

/// The pixels of a picture as colours, in rows as wide.
fn pixels(png: &[u8]) -> (usize, Vec<[u8; 3]>) {
    let mut decoder = png::Decoder::new(Cursor::new(png));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut bytes).unwrap();
    (info.width as usize, bytes.as_chunks().0.to_vec())
}

async fn organisers_look_at_slices_with_the_outlines_of_both(database: Database) {
    let site = Site::start(database).await;
    let id = scored(&site).await;
    let folder = tempfile::tempdir().unwrap();
    write_ct(&folder.path().join("ct"));
    assert_eq!(import(&site, &folder.path().join("ct")).await.unwrap(), CASES as usize);
    site.account("organiser of slices", None, true).await;
    let organiser = site.log_in("organiser of slices").await;

    let report = organiser.get(&format!("/api/v1/submissions/{id}")).await.expect(StatusCode::OK);
    let address = report["pictures"][2]["slices"].as_str().unwrap();
    let page = organiser.get(address).await;
    let page = page.page(StatusCode::OK);
    let image = page.split(" src=\"").find(|rest| rest.starts_with("/api/")).unwrap();
    let (image, _) = image.split_once('"').unwrap();
    let page = Page::of(page);
    // The slice that is shown first is the one that differs most.
    write_truth(&folder.path().join("truth"));
    let truth = mask(&std::fs::read(folder.path().join("truth/2.nrrd")).unwrap());
    let prediction = mask(&predictions(Method::Thin)[2].1);
    let [nx, ny, nz] = SHAPE;
    let differ = |z: usize| {
        let slice = z * nx * ny..(z + 1) * nx * ny;
        slice.filter(|&at| truth.get(at) != prediction.get(at)).count()
    };
    let z = (0..nz).rev().max_by_key(|&z| differ(z)).unwrap();
    assert!(image.ends_with(&format!("/slices/{z}")), "{image}");
    let listed = page.texts("main ul li");
    assert!(listed.contains(&format!("Slice {z}: {} voxels", differ(z))), "{listed:?}");
    assert!(
        page.texts("figcaption")[0].ends_with("Black is −200 HU or less, white 800 HU or more.")
    );

    let answer = organiser.get(image).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("content-type"), Some("image/png"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let (width, outlined) = pixels(&answer.body);
    assert_eq!((width, outlined.len()), (2 * nx, 4 * nx * ny));
    for (at, colour) in outlined.iter().enumerate() {
        let voxel = truth.index([at % width / 2, at / width / 2, z]);
        match *colour {
            AGREEMENT => assert!(truth.get(voxel) && prediction.get(voxel)),
            FALSE_POSITIVE => assert!(prediction.get(voxel)),
            FALSE_NEGATIVE => assert!(truth.get(voxel)),
            [red, green, blue] => assert!(red == green && green == blue),
        }
    }
    for colour in [AGREEMENT, FALSE_NEGATIVE] {
        assert!(outlined.contains(&colour), "{colour:?}");
    }
    let alone = organiser.get(&format!("{image}?outlines=off")).await;
    let (_, alone) = pixels(&alone.body);
    assert!(alone.iter().all(|[red, green, blue]| red == green && green == blue));
    for z in ["48", "-1", "x", "999999999999999999999"] {
        let path = format!("/api/v1/admin/submissions/{id}/cases/2/slices/{z}");
        let refused = organiser.get(&path).await;
        assert_eq!(refused.problem(StatusCode::NOT_FOUND), "request.not_found", "{z}");
    }

    // The team is told of none of this.
    let browser = site.log_in(MINE).await;
    assert_eq!(browser.get(address).await.status, StatusCode::FORBIDDEN);
    let refused = browser.get(image).await;
    assert_eq!(refused.problem(StatusCode::FORBIDDEN), "auth.forbidden");
    let report = browser.get(&format!("/api/v1/submissions/{id}")).await.expect(StatusCode::OK);
    assert_eq!(report["pictures"][2].get("slices"), None);
}

async fn without_a_ct_there_are_no_slices(database: Database) {
    let site = Site::start(database).await;
    let id = scored(&site).await;
    let organiser = site.organiser().await;
    let report = organiser.get(&format!("/api/v1/submissions/{id}")).await.expect(StatusCode::OK);
    assert_eq!(report["pictures"][0].get("slices"), None);
    let path = format!("/api/v1/admin/submissions/{id}/cases/0/slices/3");
    assert_eq!(organiser.get(&path).await.problem(StatusCode::NOT_FOUND), "request.not_found");

    // Of some cases is enough.
    let folder = tempfile::tempdir().unwrap();
    write_ct(folder.path());
    for case in 1..CASES {
        std::fs::remove_file(folder.path().join(format!("{case}.nrrd"))).unwrap();
    }
    assert_eq!(import(&site, folder.path()).await.unwrap(), 1);
    assert_eq!(organiser.get(&path).await.status, StatusCode::OK);
    let path = format!("/api/v1/admin/submissions/{id}/cases/1/slices/3");
    assert_eq!(organiser.get(&path).await.problem(StatusCode::NOT_FOUND), "request.not_found");
}

async fn a_ct_that_is_imported_again_takes_the_place_of_the_earlier_one(database: Database) {
    let site = Site::start(database).await;
    let id = scored(&site).await;
    let organiser = site.organiser().await;
    let folder = tempfile::tempdir().unwrap();
    write_ct(folder.path());
    import(&site, folder.path()).await.unwrap();
    let slice = async |case: usize| {
        let path = format!("/api/v1/admin/submissions/{id}/cases/{case}/slices/3?outlines=off");
        let answer = organiser.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK);
        pixels(&answer.body).1
    };
    let (replaced, kept) = (slice(0).await, slice(1).await);

    // Of the first case alone, all as bright as bone.
    let bright = tempfile::tempdir().unwrap();
    let [nx, ny, _] = SHAPE;
    write_image(&bright.path().join("0.nrrd"), 0, |z| {
        vec![if z == 0 { -1000 } else { 800 }; nx * ny]
    });
    assert_eq!(import(&site, bright.path()).await.unwrap(), 1);
    assert!(slice(0).await.iter().all(|pixel| *pixel == [255; 3]));
    assert_ne!(slice(0).await, replaced);
    assert_eq!(slice(1).await, kept);
    assert_eq!(site.files("blobs/ct").len(), CASES as usize);
}

async fn images_that_are_not_those_of_the_truth_are_refused_together(database: Database) {
    let site = Site::without_worker(database).await;
    let folder = tempfile::tempdir().unwrap();
    write_ct(folder.path());
    let path = |name: &str| folder.path().join(name);
    // Another case's lies elsewhere; one is cut short; one is no image; one is the mask; one is of no case.
    std::fs::copy(path("0.nrrd"), path("1.nrrd")).unwrap();
    let whole = std::fs::read(path("2.nrrd")).unwrap();
    std::fs::write(path("2.nrrd"), &whole[..whole.len() / 2]).unwrap();
    std::fs::write(path("3.nrrd"), "no image").unwrap();
    write_truth(&path("truth"));
    std::fs::rename(path("truth/4.nrrd"), path("4.nrrd")).unwrap();
    std::fs::remove_dir_all(path("truth")).unwrap();
    std::fs::write(path("77.nrrd"), &whole).unwrap();
    let refused = match import(&site, folder.path()).await {
        Err(ImportError::Invalid(problems)) => problems,
        other => panic!("{other:?}"),
    };
    let mut wrong: Vec<_> = refused
        .iter()
        .map(|problem| (problem.file.as_deref().unwrap_or_default(), problem.code.as_str()))
        .collect();
    wrong.sort_unstable();
    assert_eq!(
        wrong,
        [
            ("1.nrrd", "ct.geometry"),
            ("2.nrrd", "nrrd.truncated"),
            ("3.nrrd", "nrrd.not_nrrd"),
            ("4.nrrd", "ct.values"),
            ("77.nrrd", "case.unexpected"),
        ]
    );
    assert!(site.store.cases_with_ct().await.unwrap().is_empty());
    assert!(site.files("blobs/ct").is_empty());
}
