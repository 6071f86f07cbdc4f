//! Uploads with many problems and few causes, for programs and for people.

use axum::http::StatusCode;
use serde_json::{Value, json};
use test_support::challenge::{Files, spoilt_zip};
use test_support::form::Form;
use test_support::site::Site;
use test_support::{Database, on_both_engines};

on_both_engines! {
    a_refused_upload_has_its_causes_beside_all_errors,
    people_see_a_box_for_each_cause,
    a_report_has_the_causes_of_what_only_voxels_tell,
    warnings_that_are_alike_stand_together_under_the_score,
}

const REFUSED: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

fn rename(name: impl Fn(usize) -> String) -> impl FnOnce(&mut Files) {
    move |files| files.iter_mut().enumerate().for_each(|(at, (old, _))| *old = name(at))
}

fn of_shape([x, y, z]: [usize; 3], value: u8) -> Vec<u8> {
    let head =
        format!("NRRD0004\ntype: uint8\ndimension: 3\nsizes: {x} {y} {z}\nencoding: raw\n\n");
    [head.as_bytes(), &vec![value; x * y * z]].concat()
}

/// Three mistakes: a file of another format, which leaves its case without one, two of a wrong shape, and a note.
fn three_faults(files: &mut Files) {
    files[4].0 = "4.nii.gz".into();
    for at in [1, 2] {
        files[at].1 = of_shape([48, 64, 64], 1);
    }
    files.push(("notes.txt".into(), b"remember the milk".to_vec()));
}

async fn a_refused_upload_has_its_causes_beside_all_errors(database: Database) {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    let sent = async |zip: Vec<u8>| -> (usize, String, Vec<Value>) {
        let answer = team.submit(&Form::zip(&zip)).await.expect(REFUSED);
        let detail = answer["detail"].as_str().unwrap().to_owned();
        let summary = answer["summary"].as_array().unwrap().clone();
        (answer["errors"].as_array().unwrap().len(), detail, summary)
    };
    let names =
        |ending: &str| -> Vec<String> { (0..6).map(|at| format!("{at}{ending}")).collect() };

    let (errors, detail, summary) = sent(spoilt_zip(rename(|at| format!("{at}.nii.gz")))).await;
    let hint = "Convert each to NRRD, for instance with SimpleITK: \
                `sitk.WriteImage(sitk.ReadImage(\"0.nii.gz\"), \"0.nrrd\", True)`.";
    let cause = json!({
        "code": "case.unexpected", "title": "6 files are NIfTI (.nii.gz).", "hint": hint, "files": names(".nii.gz"),
    });
    assert_eq!((errors, summary), (12, vec![cause]));
    assert_eq!(detail, format!("12 problems with one cause. 6 files are NIfTI (.nii.gz). {hint}"));

    let from_one: Vec<String> = (1..=6).map(|at| format!("{at}.nrrd")).collect();
    for (zip, problems, title, files) in [
        (
            spoilt_zip(rename(|at| format!("{at}.mha"))),
            12,
            "6 files are MetaImage (.mha).",
            names(".mha"),
        ),
        (
            spoilt_zip(rename(|at| format!("{}.nrrd", at + 1))),
            7,
            "6 files are named 1 to 6; case numbers start at 0.",
            from_one,
        ),
        (
            spoilt_zip(rename(|at| format!("0{at}.nrrd"))),
            12,
            "6 files have leading zeros in their names.",
            (0..6).map(|at| format!("0{at}.nrrd")).collect(),
        ),
        (
            spoilt_zip(|files| files[3].1 = of_shape([48, 64, 64], 1)),
            1,
            "A segmentation has another shape than its case.",
            vec!["3.nrrd".to_owned()],
        ),
    ] {
        let (errors, _, summary) = sent(zip).await;
        assert_eq!(errors, problems, "{title}");
        assert_eq!(summary.len(), 1, "{summary:?}");
        assert_eq!((&summary[0]["title"], &summary[0]["files"]), (&json!(title), &json!(files)));
    }

    let (errors, detail, summary) = sent(spoilt_zip(three_faults)).await;
    assert_eq!((errors, &*detail), (5, "5 problems with 3 causes, listed under summary."));
    let titles: Vec<(&Value, &Value)> =
        summary.iter().map(|cause| (&cause["title"], &cause["files"])).collect();
    let expected = [
        (&json!("A file belongs to no case."), &json!(["4.nii.gz"])),
        (&json!("A file belongs to no case."), &json!(["notes.txt"])),
        (
            &json!("2 segmentations have the axes of their cases in reverse order."),
            &json!(["1.nrrd", "2.nrrd"]),
        ),
    ];
    assert_eq!(titles, expected);
    site.assert_nothing_stored().await;

    // What is no upload has no causes.
    let other = team.get("/api/v1/cases?phase=none").await.expect(StatusCode::NOT_FOUND);
    assert_eq!(other.get("summary"), None);
}

async fn people_see_a_box_for_each_cause(database: Database) {
    let site = Site::without_worker(database).await;
    let signed_up = site.anybody().sign_up("Team A").await;
    let browser = site.anybody().with_cookie_of(&signed_up);
    let shown = async |zip: Vec<u8>| {
        browser.send(Form::zip(&zip).field("method", "mine").request("/submit")).await.html(REFUSED)
    };
    let page = shown(spoilt_zip(rename(|at| format!("{at}.mha")))).await;
    let [only] = page.parts("#outcome .problems > li").try_into().ok().unwrap();
    assert_eq!(only.texts("p").len(), 3);
    assert_eq!(only.text("strong"), "6 files are MetaImage (.mha).");
    assert_eq!(only.text("summary"), "Show all 6");
    assert_eq!(only.texts("details li")[5], "5.mha");
    assert_eq!(only.texts("p")[2], "So 6 cases have no file: 0 to 5.");

    let page = shown(spoilt_zip(three_faults)).await;
    let titles = [
        "4.nii.gz: A file belongs to no case.",
        "notes.txt: A file belongs to no case.",
        "2 segmentations have the axes of their cases in reverse order.",
    ];
    assert_eq!(page.texts("#outcome .problems strong"), titles);
    assert!(!page.has("details"), "two files need no unfolding");
    let lines = ["1.nrrd", "2.nrrd"];
    assert_eq!(page.texts("#outcome .problems > li ul li"), lines);
    site.assert_nothing_stored().await;
}

async fn a_report_has_the_causes_of_what_only_voxels_tell(database: Database) {
    let site = Site::start(database).await;
    let team = site.team("Team A").await;
    let zip = spoilt_zip(|files| {
        files.iter_mut().for_each(|(_, bytes)| *bytes = of_shape([64, 64, 48], 0));
    });
    let document = team.submit_and_wait(&Form::zip(&zip)).await.expect(REFUSED);
    let id = document["submission"].as_str().unwrap();
    let report = team.get(&format!("/api/v1/submissions/{id}")).await.expect(StatusCode::OK);
    assert_eq!(report["summary"], document["summary"]);
    assert_eq!(report["errors"].as_array().unwrap().len(), 6);
    assert_eq!(report["summary"][0]["title"], "6 segmentations hold nothing but 0.");
    assert_eq!(report["summary"].as_array().unwrap().len(), 1);
}

async fn warnings_that_are_alike_stand_together_under_the_score(database: Database) {
    let site = Site::start(database).await;
    let team = site.team("Team A").await;
    let zip = spoilt_zip(|files| {
        for (at, (_, bytes)) in files.iter_mut().enumerate().take(5) {
            *bytes = of_shape([64, 64, 48], at as u8 + 1);
        }
    });
    let scored = team.submit_and_wait(&Form::zip(&zip)).await.expect(StatusCode::CREATED);
    let page = scored["page"].as_str().unwrap();
    let page = &page[page.find("/submissions/").unwrap()..];
    let page = team.get(page).await.html(StatusCode::OK);
    let alike = page.parts("#warnings > li");
    let values = alike.iter().find(|one| one.texts("li")[0].contains("for instance 2.")).unwrap();
    assert!(values.texts("li")[0].starts_with("Cases 1 to 4: Values other than 0 and 1 occur"));
    assert_eq!(values.text("summary"), "Show all 4");
    assert!(
        values.texts("details li")[3]
            .contains("case 4: Values other than 0 and 1 occur, for instance 5.")
    );
    let headings = page.texts("h2");
    let place = |heading: &str| headings.iter().position(|one| one == heading).unwrap();
    assert!(place("Warnings") < place("Cases"), "{headings:?}");
}
