//! What of the scores is shown at each level of feedback, until the results are final and after.

use asoca::domain::Feedback;
use asoca::store::Timestamp;
use axum::http::StatusCode;
use serde_json::{Value, json};
use test_support::client::Client;
use test_support::form::Form;
use test_support::site::{Setup, Site};
use test_support::{Database, on_both_engines};

use crate::tiny::{self, CASES, Sent, honest, upload};

on_both_engines! {
    hidden_shows_who_takes_part_and_nothing_else,
    improved_shows_a_score_only_when_it_is_better,
    what_is_not_published_counts_for_what_is_better,
    rounded_means_decide_positions_and_the_earlier_one_is_first,
    final_results_are_exact_until_a_case_can_be_asked_about_again,
    results_are_not_final_while_anything_is_scored,
    a_snapshot_is_exact_and_nothing_else_is,
    an_earlier_moment_shows_what_it_showed_then,
    a_phase_takes_so_many_submissions_in_all,
    a_turned_upload_is_told_without_cases_and_only_if_most_are,
}

const PHASE: &str = "/api/v1/admin/phases/main";
const BOARD: &str = "/api/v1/leaderboard";

pub async fn site(database: Database, feedback: Feedback) -> Site {
    let setup = Setup { feedback, truth: tiny::write_truth, ..Setup::default() };
    Site::with(database, setup).await
}

pub async fn send(client: &Client, sent: &[Sent; CASES]) -> Value {
    client.submit_and_wait(&Form::zip(&upload(sent))).await.expect(StatusCode::CREATED)
}

async fn changed(site: &Site, to: Value) {
    site.organiser().await.post_json(PHASE, &to).await.expect(StatusCode::OK);
}

async fn entries(client: &Client, query: &str) -> Vec<Value> {
    let board = client.get(&format!("{BOARD}{query}")).await.expect(StatusCode::OK);
    board["entries"].as_array().unwrap().clone()
}

/// Mean Dice over all cases, as an organiser sees it.
async fn exact(site: &Site, report: &Value) -> f64 {
    let path = format!("/api/v1/submissions/{}", report["id"].as_str().unwrap());
    site.organiser().await.get(&path).await.expect(StatusCode::OK)["dice"].as_f64().unwrap()
}

fn has(report: &Value, member: &str) -> bool {
    report.get(member).is_some()
}

async fn hidden_shows_who_takes_part_and_nothing_else(database: Database) {
    let site = site(database, Feedback::Hidden).await;
    let (a, b) = (site.team("Team A").await, site.team("Team B").await);
    let first = send(&a, &honest(60)).await;
    send(&b, &honest(140)).await;
    let second = send(&a, &honest(100)).await;
    for report in [&first, &second] {
        assert_eq!((&report["state"], &report["disclosure"]), (&json!("scored"), &json!("hidden")));
        for member in ["dice", "hd95", "aggregates", "secondary", "vessels", "cases", "improved"] {
            assert!(!has(report, member), "{member}: {report}");
        }
    }
    let path = format!("/api/v1/submissions/{}/metrics.json", second["id"].as_str().unwrap());
    assert_eq!(a.get(&path).await.problem(StatusCode::FORBIDDEN), "results.withheld");
    // The latest of each team, in the order in which they came: not the best ones, and not the best first.
    for reader in [&a, &site.anybody()] {
        let entries = entries(reader, "").await;
        let teams: Vec<&str> = entries.iter().map(|row| row["team"].as_str().unwrap()).collect();
        assert_eq!(teams, ["Team B", "Team A"]);
        assert_eq!(entries[1]["submission"], second["id"]);
        for member in ["position", "rank_score", "dice", "hd95", "aggregates", "dice_position"] {
            assert!(entries.iter().all(|row| !has(row, member)), "{member}: {entries:?}");
        }
        let csv = reader.get(&format!("{BOARD}?format=csv")).await;
        let head = "\u{feff}team,method,url,submission,created_at,phase,scorer,truth_set,at\r\n";
        assert!(csv.text().starts_with(head), "{}", csv.text());
        for plot in ["progress", "own-progress", "values", "ranks"] {
            let refused = reader.get(&format!("/plots/{plot}.svg")).await.status;
            assert_eq!(refused, StatusCode::FORBIDDEN, "{plot}");
        }
        let refused = reader.get("/api/v1/analysis").await;
        assert_eq!(refused.problem(StatusCode::FORBIDDEN), "results.withheld");
    }
}

async fn improved_shows_a_score_only_when_it_is_better(database: Database) {
    let site = site(database, Feedback::Improved).await;
    let a = site.team("Team A").await;
    let first = send(&a, &honest(100)).await;
    assert_eq!(first["improved"], json!(true));
    let mut flipped = honest(100);
    flipped[7] = Sent::Part(100 + 3 * 7 + 1, 9);
    for worse in [flipped, honest(90)] {
        let report = send(&a, &worse).await;
        assert_eq!(report["improved"], json!(false));
        for member in ["dice", "hd95", "aggregates", "secondary", "vessels", "cases"] {
            assert!(!has(&report, member), "{member}: {report}");
        }
        assert_eq!(report["warnings"], json!([]));
        let page = format!("/submissions/{}", report["id"].as_str().unwrap());
        let page = site.log_in("Team A").await.get(&page).await;
        assert!(page.page(StatusCode::OK).contains("It is not better than your team’s best"));
    }
    let better = send(&a, &honest(120)).await;
    assert_eq!(better["improved"], json!(true));
    let exact = exact(&site, &better).await;
    let shown = better["dice"].as_f64().unwrap();
    assert!((shown - exact).abs() <= 0.001 && (shown * 500.0).fract().abs() < 1e-9, "{shown}");
    let groups = better["aggregates"].as_object().unwrap();
    assert_eq!(groups.keys().collect::<Vec<_>>(), ["all"]);
    let row = &entries(&site.anybody(), "").await[0];
    assert_eq!((&row["submission"], &row["dice"]), (&better["id"], &better["dice"]));
    let team = format!("/teams/{}", row["team_id"].as_str().unwrap());
    let page = site.anybody().get(&team).await;
    assert_eq!(page.page(StatusCode::OK).matches("when scored").count(), 2);
}

async fn what_is_not_published_counts_for_what_is_better(database: Database) {
    let site = site(database, Feedback::Improved).await;
    changed(&site, json!({ "publication": "after_review" })).await;
    let a = site.team("Team A").await;
    assert_eq!(send(&a, &honest(120)).await["improved"], json!(true));
    let worse = send(&a, &honest(110)).await;
    assert_eq!(worse["improved"], json!(false));
    let organiser = site.organiser().await;
    let body = json!({ "submissions": [worse["id"]], "decision": "publish", "reason": "a reason" });
    organiser.post_json("/api/v1/admin/decisions", &body).await.expect(StatusCode::OK);
    // The team was not told its score, and so nobody is.
    assert_eq!(entries(&site.anybody(), "").await, Vec::<Value>::new());
    assert_eq!(entries(&organiser, "").await.len(), 1);
}

async fn rounded_means_decide_positions_and_the_earlier_one_is_first(database: Database) {
    let site = site(database, Feedback::Rounded).await;
    let (a, b) = (site.team("Team A").await, site.team("Team B").await);
    let report = send(&a, &honest(120)).await;
    let mut slightly_better = honest(120);
    slightly_better[3] = Sent::Part(120 + 3 * 3 + 1, 9);
    send(&b, &slightly_better).await;
    let thousandths = report["dice"].as_f64().unwrap() * 1000.0;
    assert!((thousandths - thousandths.round()).abs() < 1e-9, "{report}");
    let places = |rows: &[Value]| -> Vec<(Value, Value)> {
        rows.iter().map(|row| (row["position"].clone(), row["team"].clone())).collect()
    };
    let everybody = entries(&site.anybody(), "").await;
    let both_first = [(json!(1), json!("Team A")), (json!(1), json!("Team B"))];
    assert_eq!(places(&everybody), both_first);
    assert_eq!(everybody[0]["dice"], everybody[1]["dice"]);
    assert_eq!(places(&entries(&site.organiser().await, "").await)[0].1, json!("Team B"));
    // A scheme that looks at single cases would tell about them.
    changed(&site, json!({ "scheme": "rank_then_aggregate" })).await;
    let board = site.anybody().get(BOARD).await.expect(StatusCode::OK);
    assert_eq!(board["scheme"], json!("mean_of_positions"));
    assert_eq!(places(board["entries"].as_array().unwrap()), both_first);
}

async fn declare(site: &Site, is_final: bool) -> StatusCode {
    let body = json!({ "final": is_final, "reason": "The phase is over." });
    site.organiser().await.post_json(&format!("{PHASE}/final"), &body).await.status
}

async fn final_results_are_exact_until_a_case_can_be_asked_about_again(database: Database) {
    let site = site(database, Feedback::Hidden).await;
    let a = site.team("Team A").await;
    let report = send(&a, &honest(120)).await;
    let exact = exact(&site, &report).await;
    let path = format!("/api/v1/submissions/{}", report["id"].as_str().unwrap());
    let shown = async || {
        let own = a.get(&path).await.expect(StatusCode::OK);
        let everybodys = entries(&site.anybody(), "?phase=main").await;
        let analysis = site.anybody().get("/api/v1/analysis?phase=main").await;
        let analysis = analysis.status == StatusCode::OK;
        let cases = ["cases", "secondary", "vessels"].iter().all(|member| has(&own, member));
        let std = everybodys[0]["aggregates"]["normal"]["dice"].get("std").is_some();
        assert!(analysis == cases && cases == std, "{own} {everybodys:?}");
        if cases {
            assert_eq!((&own["dice"], &everybodys[0]["dice"]), (&json!(exact), &json!(exact)));
        }
        cases
    };
    assert_eq!(declare(&site, true).await, StatusCode::CONFLICT);
    changed(&site, json!({ "closes_at": Timestamp::now() })).await;
    assert!(!shown().await);
    assert_eq!(declare(&site, true).await, StatusCode::NO_CONTENT);
    assert!(shown().await);
    // Somebody plans another phase with the same cases in another truth set.
    site.add_phase("next").await;
    assert!(!shown().await);
    let closed = json!({ "closes_at": Timestamp::now() });
    let organiser = site.organiser().await;
    organiser.post_json("/api/v1/admin/phases/next", &closed).await.expect(StatusCode::OK);
    assert!(shown().await);
    let late = json!({ "late": "unranked" });
    organiser.post_json("/api/v1/admin/phases/next", &late).await.expect(StatusCode::OK);
    assert!(!shown().await);
    let refused = json!({ "late": "refused" });
    organiser.post_json("/api/v1/admin/phases/next", &refused).await.expect(StatusCode::OK);
    assert_eq!(declare(&site, false).await, StatusCode::NO_CONTENT);
    assert!(!shown().await);
    let audit = organiser.get("/api/v1/admin/audit?action=results").await.status;
    assert_eq!(audit, StatusCode::OK);
    let events = site.organiser().await.get("/api/v1/admin/audit").await.expect(StatusCode::OK);
    for action in ["results declared final", "results no longer final"] {
        assert!(events.to_string().contains(action), "{events}");
    }
}

async fn results_are_not_final_while_anything_is_scored(database: Database) {
    let site = site(database, Feedback::Rounded).await;
    let page = async |fields: &[(&str, &str)]| {
        site.account("chair", None, true).await;
        let browser = site.log_in("chair").await;
        browser.post("/admin/phases/main/final", fields).await
    };
    let said = [("final", "true"), ("reason", "It is over.")];
    let refused = page(&said).await;
    let refused = refused.page(StatusCode::CONFLICT).to_owned();
    assert!(refused.contains("Final test") && refused.contains("Close it first"), "{refused}");
    changed(&site, json!({ "closes_at": Timestamp::now(), "late": "unranked" })).await;
    assert_eq!(declare(&site, true).await, StatusCode::CONFLICT);
    changed(&site, json!({ "late": "refused" })).await;
    assert_eq!(declare(&site, true).await, StatusCode::NO_CONTENT);
}

async fn a_snapshot_is_exact_and_nothing_else_is(database: Database) {
    let site = site(database, Feedback::Rounded).await;
    let a = site.team("Team A").await;
    let report = send(&a, &honest(120)).await;
    let exact = json!(exact(&site, &report).await);
    let organiser = site.organiser().await;
    let said = json!({ "reason": "For the workshop." });
    let made = organiser.post_json(&format!("{PHASE}/snapshots"), &said).await;
    let made = made.expect(StatusCode::CREATED);
    let at = made["at"].as_str().unwrap();
    let reader = site.anybody();
    let row = &entries(&reader, &format!("?at={at}")).await[0];
    assert_eq!(row["dice"], exact);
    let analysis = reader.get(&format!("/api/v1/analysis?at={at}")).await;
    assert_eq!(analysis.status, StatusCode::OK, "{}", analysis.text());
    assert_ne!(entries(&reader, "").await[0]["dice"], exact);
    let now = Timestamp::now().rfc3339();
    assert_ne!(entries(&reader, &format!("?at={now}")).await[0]["dice"], exact);
    let page = reader.get("/leaderboard").await;
    assert!(page.page(StatusCode::OK).contains("For the workshop."));
    let own = a.get(&format!("/api/v1/submissions/{}", report["id"].as_str().unwrap())).await;
    assert!(!has(&own.expect(StatusCode::OK), "cases"));
}

async fn an_earlier_moment_shows_what_it_showed_then(database: Database) {
    let site = site(database, Feedback::PerCase).await;
    let a = site.team("Team A").await;
    let exact = json!(exact(&site, &send(&a, &honest(120)).await).await);
    let per_case = Timestamp::now().rfc3339();
    changed(&site, json!({ "feedback": "hidden" })).await;
    let hidden = Timestamp::now().rfc3339();
    changed(&site, json!({ "feedback": "rounded" })).await;
    let dice = async |query: &str| entries(&site.anybody(), query).await[0].get("dice").cloned();
    assert_eq!(dice(&format!("?at={per_case}")).await, Some(exact.clone()));
    assert_eq!(dice(&format!("?at={hidden}")).await, None);
    let now = dice("").await.unwrap();
    assert!(now.is_f64() && now != exact);
}

async fn a_phase_takes_so_many_submissions_in_all(database: Database) {
    let site = site(database, Feedback::Rounded).await;
    changed(&site, json!({ "total": 2 })).await;
    let a = site.team("Team A").await;
    for hit in [60, 80] {
        send(&a, &honest(hit)).await;
    }
    let refused = a.submit(&Form::zip(&upload(&honest(100)))).await;
    assert_eq!(refused.problem(StatusCode::FORBIDDEN), "quota.total");
    let page = site.log_in("Team A").await.get("/submit").await;
    assert!(page.page(StatusCode::OK).contains("0 left in the whole phase"));
    send(&site.team("Team B").await, &honest(60)).await;
    changed(&site, json!({ "total": null })).await;
    send(&a, &honest(100)).await;
}

async fn a_turned_upload_is_told_without_cases_and_only_if_most_are(database: Database) {
    use coronary_phantom::Method;
    use segmentation::nrrd::{Encoding, write_mask};
    use segmentation::{Geometry, Mask};
    use test_support::challenge::{predictions, zip};

    // Masks as they are read and written by the engine's own reader, turned along z.
    let turned = |cases: usize| {
        let mut files = predictions(Method::NearPerfect);
        for (name, bytes) in files.iter_mut().take(cases) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join(&*name);
            std::fs::write(&path, &*bytes).unwrap();
            let source = segmentation::FileSource(path);
            let read = segmentation::read_mask(&source, segmentation::Format::Nrrd, None).unwrap();
            let [nx, ny, nz] = read.mask.shape();
            let mut flipped = Mask::empty([nx, ny, nz]).unwrap();
            for at in read.mask.ones() {
                let (x, y, z) = (at % nx, at / nx % ny, at / (nx * ny));
                flipped.set(flipped.index([x, y, nz - 1 - z]));
            }
            let mut turned = Vec::new();
            let geometry = Geometry::of_shape([nx, ny, nz]);
            write_mask(&mut turned, &flipped, &geometry, Encoding::Gzip(1)).unwrap();
            *bytes = turned;
        }
        Form::zip(&zip(&files))
    };
    let site =
        Site::with(database, Setup { feedback: Feedback::Rounded, ..Setup::default() }).await;
    let a = site.team("Team A").await;
    let warned = async |level: &str, cases: usize| -> Vec<Value> {
        changed(&site, json!({ "feedback": level })).await;
        let report = a.submit_and_wait(&turned(cases)).await.expect(StatusCode::CREATED);
        let warnings = report["warnings"].as_array().unwrap().iter();
        let turned =
            |warning: &&Value| warning["message"].as_str().unwrap().contains("wrong orientation");
        warnings.filter(turned).cloned().collect()
    };
    let all = warned("rounded", 6).await;
    assert_eq!(all.len(), 1);
    assert!(!has(&all[0], "case") && all[0]["message"].as_str().unwrap().contains("along z"));
    assert_eq!(warned("rounded", 2).await, Vec::<Value>::new());
    assert_eq!(warned("hidden", 6).await, Vec::<Value>::new());
    assert_eq!(warned("improved", 6).await, Vec::<Value>::new());
    let named = warned("per_case", 2).await;
    assert_eq!((named.len(), &named[0]["case"]), (2, &json!("0")));
}
