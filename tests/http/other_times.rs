//! Pages at times when there is little to show: no phase at all, one that is still to come, one that is over.

use std::time::Duration;

use asoca::store::Timestamp;
use axum::http::StatusCode;
use serde_json::json;
use test_support::page::Page;
use test_support::site::{Setup, Site};
use test_support::{Database, on_both_engines};

on_both_engines! {
    pages_of_a_server_without_a_phase_read_well,
    a_phase_to_come_says_when_it_opens_and_takes_nothing,
    a_phase_that_is_over_offers_no_form,
    a_phase_that_takes_late_submissions_says_that_they_are_not_ranked,
    a_hidden_leaderboard_counts_no_entries,
    one_entry_of_one_case_is_no_plural,
}

const HOUR: Duration = Duration::from_secs(3600);

async fn read(site: &Site, path: &str) -> Page {
    site.anybody().get(path).await.html(StatusCode::OK)
}

/// Whether the page itself, without its head, leads to a form for submissions.
fn leads_to_form(page: &Page) -> bool {
    page.has("main a[href^='/submit']")
}

async fn pages_of_a_server_without_a_phase_read_well(database: Database) {
    let site = Site::without_worker(database).await;
    for text in ["delete from phase_names where slug = $1", "delete from phases where slug = $1"] {
        site.execute(text, "main").await;
    }
    site.member("Team A").await;
    let member = site.log_in("Team A").await;
    for path in [
        "/",
        "/about",
        "/scoring",
        "/cases",
        "/news",
        "/leaderboard",
        "/submit",
        "/submissions",
        "/docs/api",
    ] {
        let page = member.get(path).await.html(StatusCode::OK);
        let text = page.text("main");
        for odd in ["0 cases", "0 entries", ": ."] {
            assert!(!text.contains(odd), "{path}: {odd:?} in {text}");
        }
        for part in page.parts("main table") {
            assert!(part.has("tbody tr"), "{path}: an empty table, {part:?}");
        }
        assert!(!page.parts("main ul, main dl").iter().any(|part| !part.has("li, dd")), "{path}");
    }
    let overview = read(&site, "/").await;
    assert!(overview.text(".dates p").starts_with("No phase yet") && !leads_to_form(&overview));
}

async fn a_phase_to_come_says_when_it_opens_and_takes_nothing(database: Database) {
    let opens_at = Timestamp::now().plus(HOUR);
    let setup = Setup { worker: false, opens_at, ..Setup::default() };
    let site = Site::with(database, setup).await;
    let (overview, board) = (read(&site, "/").await, read(&site, "/leaderboard").await);
    assert!(!leads_to_form(&overview) && !leads_to_form(&board), "{overview:?} {board:?}");
    let said = format!("There are no ranked submissions yet: the phase opens {opens_at}.");
    assert_eq!(board.text("#nobody"), said);
    // While another one is open, its form is not that of the one to come.
    site.add_phase("other").await;
    let board = read(&site, "/leaderboard?phase=main").await;
    assert!(!leads_to_form(&board), "{board:?}");
    let board = read(&site, "/leaderboard?phase=other").await;
    assert_eq!(board.link("main a[href^='/submit']"), "/submit?phase=other");
}

async fn a_phase_that_is_over_offers_no_form(database: Database) {
    let closes_at = Some(Timestamp::now().minus(HOUR / 2));
    let setup = Setup { worker: false, closes_at, ..Setup::default() };
    let site = Site::with(database, setup).await;
    let (overview, board) = (read(&site, "/").await, read(&site, "/leaderboard").await);
    assert!(!leads_to_form(&overview) && !leads_to_form(&board), "{overview:?} {board:?}");
    let said = "There are no ranked submissions, and the phase has closed.";
    assert_eq!(board.text("#nobody"), said);
}

async fn a_phase_that_takes_late_submissions_says_that_they_are_not_ranked(database: Database) {
    let closes_at = Some(Timestamp::now().minus(HOUR / 2));
    let setup = Setup { worker: false, closes_at, ..Setup::default() };
    let site = Site::with(database, setup).await;
    let late = json!({ "late": "unranked" });
    let organiser = site.organiser().await;
    organiser.post_json("/api/v1/admin/phases/main", &late).await.expect(StatusCode::OK);
    let overview = read(&site, "/").await;
    assert!(!overview.has("main .button:not(.secondary)"), "{overview:?}");
    assert_eq!(overview.text("main a[href^='/submit']"), "Submit without being ranked");
    assert!(!leads_to_form(&read(&site, "/leaderboard").await));
}

async fn a_hidden_leaderboard_counts_no_entries(database: Database) {
    let site = Site::without_worker(database).await;
    let hidden = json!({ "leaderboard": "hidden" });
    let organiser = site.organiser().await;
    organiser.post_json("/api/v1/admin/phases/main", &hidden).await.expect(StatusCode::OK);
    let board = read(&site, "/leaderboard").await;
    assert_eq!(board.text(".lead"), "Final test · 6 cases");
    assert!(board.has("#hidden"));
    // Organisers see all of it.
    let board = organiser.get("/leaderboard").await.html(StatusCode::OK);
    assert_eq!(board.text(".lead"), "Final test · 0 entries · 6 cases");
}

async fn one_entry_of_one_case_is_no_plural(database: Database) {
    let site = Site::without_worker(database).await;
    site.execute("delete from cases where case_id <> $1", "3").await;
    assert!(read(&site, "/").await.text(".lead").contains("segmentations of 1 case; they are"));
    let main = read(&site, "/scoring").await.text("main");
    assert!(main.contains("named by its id: 3.nrrd. NRRD"), "{main}");
}
