//! Documents of the API, and exports, as a whole: every name and value in them, held against the files in
//! `snapshots/`. What they mean is what the other tests are about.

use asoca::store::Timestamp;
use axum::http::StatusCode;
use coronary_phantom::Method;
use test_support::acts::id;
use test_support::client::{Answer, Client};
use test_support::site::{Setup, Site};
use test_support::snapshots::redacted;
use test_support::{Database, on_both_engines};

on_both_engines! {
    what_everybody_is_told_is_as_it_was,
    what_a_team_and_organisers_are_told_is_as_it_was,
    what_is_taken_away_in_files_is_as_it_was,
    a_citation_is_as_it_was,
}

/// With three submissions of two teams, whose names mean something to CSV and to LaTeX; gives the first team.
async fn site(database: Database) -> (Site, Client) {
    let site = Site::start(database).await;
    let (first, second) = (site.team("R&D_1 {50%}").await, site.team("=B, C").await);
    first.score(Method::Thin).await;
    first.score(Method::NearPerfect).await;
    second.score(Method::Leaky).await;
    (site, first)
}

/// An answer as it is kept: without what is never the same twice, a line for each value.
fn shown(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    redacted(&match answer.header("content-type") {
        Some("application/json") => serde_json::to_string_pretty(&answer.json()).unwrap(),
        _ => answer.text().replace("\r\n", "\n"),
    })
}

async fn what_everybody_is_told_is_as_it_was(database: Database) {
    let (site, _) = site(database).await;
    for name in ["leaderboard", "analysis", "phases", "cases"] {
        let answer = site.anybody().get(&format!("/api/v1/{name}")).await;
        insta::assert_snapshot!(name, shown(&answer));
    }
}

async fn what_a_team_and_organisers_are_told_is_as_it_was(database: Database) {
    let (site, team) = site(database).await;
    let own = team.get("/api/v1/submissions").await.expect(StatusCode::OK);
    let report = format!("/api/v1/submissions/{}", id(&own["submissions"][0]));
    insta::assert_snapshot!("submission", shown(&team.get(&report).await));
    insta::assert_snapshot!("metrics", shown(&team.get(&format!("{report}/metrics.json")).await));
    let organiser = site.organiser().await;
    for name in ["teams", "truth-sets", "phases"] {
        let answer = organiser.get(&format!("/api/v1/admin/{name}")).await;
        insta::assert_snapshot!(format!("admin-{name}"), shown(&answer));
    }
}

async fn what_is_taken_away_in_files_is_as_it_was(database: Database) {
    let (site, _) = site(database).await;
    let (anybody, organiser) = (site.anybody(), site.organiser().await);
    for (file, client, path) in [
        ("leaderboard.csv", &anybody, "/api/v1/leaderboard?format=csv"),
        ("leaderboard.tex", &anybody, "/api/v1/leaderboard?format=tex&group=diseased"),
        ("results.csv", &organiser, "/api/v1/admin/exports/results.csv"),
    ] {
        let answer = client.get(path).await;
        let disposition = format!("attachment; filename=\"asoca-main-{file}\"");
        assert_eq!(answer.header("content-disposition"), Some(disposition.as_str()));
        insta::assert_snapshot!(file, shown(&answer));
    }
    let refused = anybody.get("/api/v1/leaderboard?format=docx").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}

async fn a_citation_is_as_it_was(database: Database) {
    let opens_at = Timestamp::parse("2026-01-01T00:00:00Z").unwrap();
    let setup = Setup { opens_at, public_url: Some("https://asoca.example"), ..Setup::default() };
    let site = Site::with(database, setup).await;
    let page = site.anybody().get("/leaderboard?at=2026-01-02T00:00:00Z").await;
    let citation = page.html(StatusCode::OK).text("#bibtex");
    insta::assert_snapshot!("citation.bib", citation.replace(&site.phase.id.to_string(), "[id]"));
}
