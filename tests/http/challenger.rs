//! The lines of R beside the exports, as they stand on the page, read by challengeR itself. Not run where there is no R
//! with that package; `.ci/long` says so.

use std::fs;
use std::process::Command;

use axum::http::StatusCode;
use coronary_phantom::Method;
use test_support::challenge::zip_of;
use test_support::form::Form;
use test_support::site::Site;
use test_support::{Database, on_both_engines};

on_both_engines! {
    the_lines_beside_the_exports_give_the_positions_of_the_leaderboard,
}

/// What challengeR makes of the values: the position of each algorithm in each metric, by means and by tests.
const WRITE: &str = r#"
means <- aggregateThenRank(challenge, FUN = mean, ties.method = "min")
for (metric in names(means$matlist)) {
  found <- means$matlist[[metric]]
  cat(paste("mean", metric, found$rank, rownames(found), sep = "\t"), sep = "\n")
  found <- ranking$matlist[[metric]]
  cat(paste("wins", metric, found$prop_significance, rownames(found), sep = "\t"), sep = "\n")
}
"#;

fn has_challenger() -> bool {
    let loads = Command::new("Rscript").args(["-e", "library(challengeR)"]).output();
    let found = loads.is_ok_and(|done| done.status.success());
    if !found {
        println!("not run: there is no R with challengeR");
    }
    found
}

async fn the_lines_beside_the_exports_give_the_positions_of_the_leaderboard(database: Database) {
    if !has_challenger() {
        return;
    }
    let site = Site::start(database).await;
    for (team, method) in [
        ("NA", Method::NearPerfect),
        ("=1+1; B", Method::Thin),
        ("Ü, 3", Method::Leaky),
        ("Four", Method::Shifted),
    ] {
        let form = Form::zip(&zip_of(method)).field("method", method.name());
        site.team(team).await.submit_and_wait(&form).await.expect(StatusCode::CREATED);
    }
    site.account("org", None, true).await;
    let browser = site.log_in("org").await;
    let page = browser.get("/admin").await.html(StatusCode::OK);
    let folder = tempfile::tempdir().unwrap();
    let lines = page.verbatim("#challenger");
    fs::write(folder.path().join("read.R"), format!("{lines}\n{WRITE}")).unwrap();
    let results = browser.get("/api/v1/admin/exports/results.csv").await;
    fs::write(folder.path().join("asoca-results.csv"), results.text()).unwrap();
    let done = Command::new("Rscript").arg("read.R").current_dir(folder.path()).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let said = String::from_utf8(done.stdout).unwrap();

    let board = browser.get("/api/v1/leaderboard").await.expect(StatusCode::OK);
    let entries = board["entries"].as_array().unwrap();
    // Names that R would read as nothing or a spreadsheet as a formula are labelled.
    let label = |team: &str| match team {
        "NA" => "NA (team)".to_owned(),
        "=1+1; B" => "'=1+1; B".to_owned(),
        team => team.to_owned(),
    };
    for metric in ["dice", "hd95"] {
        for entry in entries {
            let position = &entry[format!("{metric}_position")];
            let line =
                format!("mean\t{metric}\t{position}\t{}", label(entry["team"].as_str().unwrap()));
            assert!(said.lines().any(|said| said == line), "no '{line}' in\n{said}");
        }
    }
    assert_eq!(said.lines().filter(|line| line.starts_with("wins")).count(), 2 * entries.len());
    assert_eq!(entries.len(), 4);
}
