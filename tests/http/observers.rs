//! What human annotators reach: the paper's numbers, or those of the challenge's own.

use asoca::scoring::SCORER_VERSION;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use coronary_phantom::Method;
use serde_json::{Value, json};
use test_support::challenge::{scores, zip_of};
use test_support::client::{Answer, Client};
use test_support::form::Form;
use test_support::page::Page;
use test_support::site::Site;
use test_support::{Database, on_both_engines};

on_both_engines! {
    without_annotators_of_its_own_a_challenge_shows_those_of_the_paper_and_says_so,
    imported_annotators_are_what_everybody_sees_and_single_cases_are_for_organisers,
    the_same_is_done_on_the_truth_sets_page,
    a_table_that_is_not_right_changes_nothing,
    what_is_scored_after_an_import_has_the_surface_dice_at_the_annotators_tolerance,
}

const NAMES: [(&str, Method); 3] = [
    ("reader-one", Method::Thin),
    ("reader-two", Method::Thick),
    ("reader-three", Method::NearPerfect),
];

/// What three annotators score who drew as these methods do.
fn document() -> Value {
    let annotator = |(name, method): (&str, Method)| {
        let cases: Vec<Value> = scores(method)
            .iter()
            .enumerate()
            .map(|(at, score)| {
                json!({ "id": at.to_string(), "dice": score.dice, "hd95": score.hd95 })
            })
            .collect();
        json!({ "name": name, "cases": cases })
    };
    json!({
        "kind": "asoca observers", "version": 1, "scorer_version": SCORER_VERSION,
        "annotators": NAMES.map(annotator),
        // What it says it comes to is not believed.
        "aggregates": { "all": { "dice": { "mean": 1.0, "std": 0.0 } } },
    })
}

/// Mean and standard deviation of all annotators' values of these cases.
fn mean_std(
    of: fn(&segmentation_metrics::CaseScore) -> f64,
    cases: std::ops::Range<usize>,
) -> [f64; 2] {
    let values: Vec<f64> = NAMES
        .iter()
        .flat_map(|(_, method)| scores(*method)[cases.clone()].iter().map(of).collect::<Vec<_>>())
        .collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    [mean, (squares / (values.len() as f64 - 1.0)).sqrt()]
}

fn set(site: &Site) -> String {
    format!("/api/v1/admin/truth-sets/{}", site.phase.truth_set_id)
}

async fn scoring(site: &Site) -> String {
    site.anybody().get("/scoring").await.page(StatusCode::OK).to_owned()
}

async fn import(site: &Site, document: &Value) -> Answer {
    site.organiser().await.post_json(&format!("{}/observers", set(site)), document).await
}

const PAPER: &str = "those of the training set of the dataset paper (three annotators, each against a majority that \
     includes them: optimistic)";
const OWN: &str = "those of the challenge&#39;s own annotators";

/// The numbers of a group in the table on the page about scoring.
fn shown(page: &str, group: &str) -> String {
    let rows = Page::of(page).parts("[aria-label='Human annotators'] tr:has(th[scope=row])");
    let row = rows.iter().find(|row| row.text("th") == group).unwrap();
    row.texts("td").join(" ")
}

async fn without_annotators_of_its_own_a_challenge_shows_those_of_the_paper_and_says_so(
    database: Database,
) {
    let site = Site::without_worker(database).await;
    let page = scoring(&site).await;
    assert!(page.contains(PAPER), "{page}");
    assert_eq!(shown(&page, "all"), "0.856 ± 0.077 5.92 ± 7.3");
    assert_eq!(shown(&page, "normal"), "0.874 ± 0.093 4.45 ± 5.7");
    assert_eq!(shown(&page, "diseased"), "0.839 ± 0.051 7.38 ± 8.5");
    let report = site.organiser().await.get(&set(&site)).await.expect(StatusCode::OK);
    assert_eq!(report["observers"], Value::Null);
}

async fn imported_annotators_are_what_everybody_sees_and_single_cases_are_for_organisers(
    database: Database,
) {
    let site = Site::without_worker(database).await;
    let report = import(&site, &document()).await.expect(StatusCode::OK);
    assert_eq!(site.organiser().await.get(&set(&site)).await.expect(StatusCode::OK), report);
    let observers = &report["observers"];
    assert_eq!(observers["imported_by"], "organiser@example.org");
    let summary = &observers["summary"];
    assert_eq!((&summary["source"], &summary["annotators"]), (&json!("own_annotators"), &json!(3)));
    for (group, cases) in [("all", 0..6), ("normal", 0..3), ("diseased", 3..6)] {
        assert_eq!(summary[group]["count"], 3 * cases.len());
        for (metric, [mean, std]) in [
            ("dice", mean_std(|score| score.dice, cases.clone())),
            ("hd95", mean_std(|score| score.hd95, cases)),
        ] {
            let found = &summary[group][metric];
            assert!((found["mean"].as_f64().unwrap() - mean).abs() < 1e-12, "{group} {metric}");
            assert!((found["std"].as_f64().unwrap() - std).abs() < 1e-12, "{group} {metric}");
        }
    }
    // What organisers are shown can be imported again.
    let table = &observers["table"];
    assert_eq!(table["annotators"][2]["cases"][5]["dice"], scores(Method::NearPerfect)[5].dice);
    let again = import(&site, table).await.expect(StatusCode::OK);
    assert_eq!(again["observers"]["table"], *table);

    let page = scoring(&site).await;
    assert!(page.contains(OWN) && !page.contains(PAPER), "{page}");
    let ([dice, std], [hd95, spread]) =
        (mean_std(|score| score.dice, 0..6), mean_std(|score| score.hd95, 0..6));
    assert_eq!(shown(&page, "all"), format!("{dice:.3} ± {std:.3} {hd95:.2} ± {spread:.2}"));
    let team = site.team("Team A").await;
    for path in
        ["/", "/scoring", "/leaderboard", "/api/v1/cases", "/api/v1/leaderboard", "/api/v1/phases"]
    {
        for client in [&team, &site.anybody()] {
            let answer = client.get(path).await;
            assert_eq!(answer.status, StatusCode::OK);
            assert!(NAMES.iter().all(|(name, _)| !answer.text().contains(name)), "{path}");
        }
    }

    let trail = site.organiser().await.get("/api/v1/admin/audit?action=observers+imported").await;
    let trail = trail.expect(StatusCode::OK);
    let events = trail["events"].as_array().unwrap();
    assert_eq!(events.len(), 2);
    assert_eq!(events[0]["detail"]["before"], events[1]["detail"]["after"]);
    assert_eq!(events[1]["detail"]["before"], Value::Null);
    let removed =
        site.organiser().await.post(&format!("{}/observers/remove", set(&site)), &[]).await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT);
    assert!(scoring(&site).await.contains(PAPER));
}

async fn the_same_is_done_on_the_truth_sets_page(database: Database) {
    let site = Site::without_worker(database).await;
    site.account("org", None, true).await;
    let browser = site.log_in("org").await;
    let page = format!("/admin/truth-sets/{}", site.phase.truth_set_id);
    let send = async |browser: &Client, bytes: &[u8]| {
        let form = Form::default().file("observers.json", bytes);
        browser.send(form.request(&format!("{page}/observers"))).await
    };
    let refused = send(&browser, b"{}").await;
    let text = refused.page(StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text.contains("Nothing was imported") && text.contains("observers.invalid"), "{text}");
    let mut named = document();
    named["annotators"][0]["name"] = json!("<reader-one>");
    for document in [document(), named] {
        let sent = send(&browser, document.to_string().as_bytes()).await;
        assert_eq!(sent.redirect(), page);
    }
    let shown = browser.get(&page).await;
    let text = shown.page(StatusCode::OK);
    let names = shown.html(StatusCode::OK).texts("th[scope=row]");
    assert!(
        names.contains(&"<reader-one>".to_owned()) && !names.contains(&"reader-one".to_owned())
    );
    assert!(text.contains("Each annotator against this truth") && text.contains("Welch"), "{text}");
    let dice = format!("{:.4}", scores(Method::NearPerfect)[5].dice);
    assert!(text.contains(&dice), "no {dice} in {text}");
    let removed = browser.post(&format!("{page}/observers/remove"), &[]).await;
    assert_eq!(removed.redirect(), page);
    assert!(browser.get(&page).await.page(StatusCode::OK).contains("None imported"));
    assert!(scoring(&site).await.contains(PAPER));
}

async fn a_table_that_is_not_right_changes_nothing(database: Database) {
    let site = Site::without_worker(database).await;
    let before = import(&site, &document()).await.expect(StatusCode::OK);
    let mut wrong = document();
    wrong["annotators"][0]["cases"][0]["dice"] = json!(85.6);
    wrong["annotators"][1]["cases"].as_array_mut().unwrap().pop();
    wrong["annotators"][2]["name"] = json!("reader-two");
    wrong["truth"] = json!([{ "id": "0", "group": "diseased" }]);
    let found = import(&site, &wrong).await.problems(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(found.len(), 4, "{found:?}");
    assert!(found.iter().all(|(_, code)| code == "observers.invalid"), "{found:?}");
    let organiser = site.organiser().await;
    let path = format!("{}/observers", set(&site));
    for body in [Vec::new(), b"[1]".to_vec(), vec![0xff; 10]] {
        let request = Request::post(&path).header("content-type", "application/json");
        let request = request.body(Body::from(body)).unwrap();
        let refused = organiser.send(request).await;
        assert_eq!(refused.problem(StatusCode::UNPROCESSABLE_ENTITY), "observers.invalid");
    }
    assert_eq!(organiser.get(&set(&site)).await.expect(StatusCode::OK), before);
    for id in ["none".to_owned(), uuid::Uuid::nil().to_string()] {
        for end in ["observers", "observers/remove"] {
            let path = format!("/api/v1/admin/truth-sets/{id}/{end}");
            let missing = organiser.post_json(&path, &document()).await;
            assert_eq!(missing.problem(StatusCode::NOT_FOUND), "request.not_found");
        }
    }
    let team = site.team("Team A").await;
    for end in ["observers", "observers/remove"] {
        let refused = team.post_json(&format!("{}/{end}", set(&site)), &document()).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
    }
}

async fn what_is_scored_after_an_import_has_the_surface_dice_at_the_annotators_tolerance(
    database: Database,
) {
    let site = Site::start(database).await;
    let team = site.team("Team A").await;
    let scored = async || {
        let answer = team.submit_and_wait(&Form::zip(&zip_of(Method::Thin))).await;
        answer.expect(StatusCode::CREATED)["vessels"]["all"].clone()
    };
    let before = scored().await;
    assert_eq!(before.get("surface_dice_annotators"), None);
    let mut wrong = document();
    wrong["tolerance_mm"] = json!(2.5);
    let refused = import(&site, &wrong).await;
    assert_eq!(refused.problem(StatusCode::UNPROCESSABLE_ENTITY), "observers.invalid");

    // At the tolerance of a metric that there is anyway it is the same number.
    let with_tolerance = async |mm: f64| {
        let mut document = document();
        document["tolerance_mm"] = json!(mm);
        let summary =
            import(&site, &document).await.expect(StatusCode::OK)["observers"]["summary"].clone();
        assert_eq!(summary["tolerance_mm"], mm);
        let scored = scored().await;
        assert_eq!(scored["annotators_tolerance"]["mean"], mm);
        scored
    };
    for (mm, same) in [(1.0, "surface_dice_1_mm"), (0.25, "surface_dice_0_25_mm")] {
        let scored = with_tolerance(mm).await;
        assert_eq!(scored["surface_dice_annotators"], scored[same]);
        assert_eq!(scored["tree_length"], before["tree_length"]);
    }
    assert_ne!(before["surface_dice_1_mm"], before["surface_dice_0_25_mm"]);
}
