//! What the page of a submission says first, and the lists of submissions, at each level of feedback.

use asoca::domain::Feedback;
use asoca::store::Timestamp;
use axum::http::StatusCode;
use serde_json::{Value, json};
use test_support::client::Client;
use test_support::page::Page;
use test_support::site::{Setup, Site};
use test_support::{Database, on_both_engines};

use crate::feedback::{send, site};
use crate::tiny::{self, CASES, honest};

on_both_engines! {
    rounded_means_come_with_the_place_now_and_before,
    hidden_scores_have_no_place,
    only_what_is_better_has_a_score_in_the_list,
    with_every_case_the_page_is_short_and_in_order,
    a_hidden_leaderboard_tells_no_place,
    who_has_nothing_is_told_how_to_submit,
}

const PHASE: &str = "/api/v1/admin/phases/main";

async fn page(reader: &Client, report: &Value) -> Page {
    let path = format!("/submissions/{}", report["id"].as_str().unwrap());
    reader.get(&path).await.html(StatusCode::OK)
}

/// The rows of the list of submissions, newest first: state, Dice, HD95 and whether it counts.
async fn listed(reader: &Client) -> Vec<Vec<String>> {
    let list = reader.get("/submissions").await.html(StatusCode::OK);
    let rows = list.parts("tbody tr");
    rows.iter().map(|row| row.texts("td").split_off(2)).collect()
}

/// The numbers with decimals in a sentence.
fn decimals(sentence: &str) -> Vec<usize> {
    let words = sentence.split_whitespace().map(|word| word.trim_end_matches(['.', ',']));
    let numbers = words.filter(|word| word.parse::<f64>().is_ok());
    numbers.filter_map(|word| Some(word.split_once('.')?.1.len())).collect()
}

async fn rounded_means_come_with_the_place_now_and_before(database: Database) {
    let site = site(database, Feedback::Rounded).await;
    let (a, b) = (site.team("Team A").await, site.team("Team B").await);
    let other = send(&b, &honest(120)).await;
    let first = send(&a, &honest(60)).await;
    let own = site.log_in("Team A").await;
    let shown = page(&own, &first).await;
    let place = shown.text("#place");
    assert!(place.contains("Your team is at position 2 of 2."), "{place}");
    assert!(place.contains("Before this submission it had no entry."), "{place}");
    assert!(place.contains("This submission counts."), "{place}");
    let distance = shown.text("#distance");
    assert!(distance.starts_with("Next ahead is Team B at position 1: Dice 0."), "{distance}");
    assert!(distance.contains(" higher and ") && !distance.contains("behind"), "{distance}");
    assert_eq!(decimals(&distance)[0], 3, "{distance}");
    let by = other["dice"].as_f64().unwrap() - first["dice"].as_f64().unwrap();
    assert!(distance.contains(&format!("Dice {by:.3} higher")), "{distance}");
    let entry = shown.links("#place a[href]").pop().unwrap();
    assert_eq!(entry, "/leaderboard?phase=main#own");
    assert!(own.get("/leaderboard?phase=main").await.html(StatusCode::OK).has("tr#own"));

    let second = send(&a, &honest(140)).await;
    let shown = page(&own, &second).await;
    let place = shown.text("#place");
    assert!(place.contains("Your team is at position 1 of 2."), "{place}");
    assert!(place.contains("Before this submission it was at position 2."), "{place}");
    assert!(shown.text("#distance").starts_with("Next behind is Team B at position 2: Dice "));
    let next = shown.text("#next");
    assert!(next.starts_with("Submit again: ") && next.contains(" left."), "{next}");
    assert!(!next.contains("worst cases") && !shown.has("#cases"), "{next}");
    // The first one no longer counts, and leads to the one that does.
    let place = page(&own, &first).await;
    assert!(place.text("#place").contains("This submission does not count: another one does."));
    let leads = place.links("#place a[href]");
    assert!(leads[0].ends_with(second["id"].as_str().unwrap()), "{leads:?}");

    let cells = |report: &Value, counts: &str| -> Vec<String> {
        let (dice, hd95) = (report["dice"].as_f64().unwrap(), report["hd95"].as_f64().unwrap());
        vec!["scored".into(), format!("{dice:.3}"), format!("{hd95:.1}"), counts.into()]
    };
    assert_eq!(listed(&own).await, [cells(&second, "counts"), cells(&first, "")]);

    site.account("chair", None, true).await;
    let chair = site.log_in("chair").await;
    let shown = page(&chair, &second).await;
    assert!(shown.text("#place").contains("The team is at position 1 of 2."));
    assert_eq!(decimals(&shown.text("#distance"))[0], 4);
    assert!(!shown.has("#next"));
    let all = chair.get("/admin/submissions").await.html(StatusCode::OK);
    let exact = page(&chair, &second).await.text("#dice");
    assert_eq!(exact.len(), "0.1234".len());
    assert_eq!(all.parts("tbody tr")[0].texts("td.number")[0], exact);
}

async fn hidden_scores_have_no_place(database: Database) {
    let setup = Setup {
        feedback: Feedback::Hidden,
        truth: tiny::write_truth,
        quota: 1,
        ..Setup::default()
    };
    let site = Site::with(database, setup).await;
    let sent = send(&site.team("Team A").await, &honest(60)).await;
    let own = site.log_in("Team A").await;
    let shown = page(&own, &sent).await;
    for part in ["#place", "#distance", ".headline", "#cases", "#secondary"] {
        assert!(!shown.has(part), "{part}");
    }
    assert!(!shown.text("#status").contains("position"));
    assert!(shown.text("#next").starts_with("Your team can submit again from "));
    assert_eq!(listed(&own).await, [["scored", "–", "–", ""]]);
    let closed = json!({ "closes_at": Timestamp::now() });
    site.organiser().await.post_json(PHASE, &closed).await.expect(StatusCode::OK);
    assert!(page(&own, &sent).await.text("#next").starts_with("The phase is not open"));
}

async fn only_what_is_better_has_a_score_in_the_list(database: Database) {
    let site = site(database, Feedback::Improved).await;
    let a = site.team("Team A").await;
    let better = send(&a, &honest(120)).await;
    let worse = send(&a, &honest(110)).await;
    let own = site.log_in("Team A").await;
    let shown = page(&own, &worse).await;
    assert!(shown.text("#improved").starts_with("It is not better"));
    assert!(!shown.has(".headline"));
    let place = shown.text("#place");
    assert!(place.contains("position 1 of 1, the same as before this submission."), "{place}");
    assert!(place.contains("another one does") && decimals(&place).is_empty(), "{place}");
    let rows = listed(&own).await;
    assert_eq!(rows[0], ["scored not better", "–", "–", ""]);
    assert_eq!(rows[1][1], format!("{:.3}", better["dice"].as_f64().unwrap()));
    assert_eq!(rows[1][3], "counts");
}

async fn with_every_case_the_page_is_short_and_in_order(database: Database) {
    let site = site(database, Feedback::PerCase).await;
    let (a, b) = (site.team("Team A").await, site.team("Team B").await);
    send(&b, &honest(100)).await;
    let sent = send(&a, &honest(120)).await;
    let own = site.log_in("Team A").await;
    let shown = page(&own, &sent).await;
    let distance = shown.text("#distance");
    assert!(distance.starts_with("Next behind is Team B at position 2: Dice 0."), "{distance}");
    assert_eq!(decimals(&distance)[0], 4, "{distance}");
    assert!(shown.links("#next a[href]").contains(&"#cases".to_owned()));
    assert!(shown.has("h2#cases") && shown.has("details #secondary"));
    assert!(shown.texts("details summary").iter().any(|summary| summary.contains("clDice")));
    let headings = shown.texts("h2");
    let place = |of: &str| headings.iter().position(|heading| heading == of).unwrap();
    assert!(place("Position") < place("Results") && place("Results") < place("Cases"));
    assert!(place("Cases") < place("Secondary metrics, not ranked"), "{headings:?}");
    // Single cases of others are drawn only where everybody sees them.
    let drawn =
        |page: &Page| [page.texts("svg g.own path").len(), page.texts("svg g.box rect").len()];
    assert_eq!(drawn(&shown), [CASES, 0]);
    let public = json!({ "cases_public": true });
    site.organiser().await.post_json(PHASE, &public).await.expect(StatusCode::OK);
    assert_eq!(drawn(&page(&own, &sent).await), [CASES, CASES]);
    let dice = shown.text("#dice");
    assert_eq!(listed(&own).await[0][1..], [dice, hd95(&shown), "counts".to_owned()]);
}

/// Without its unit.
fn hd95(page: &Page) -> String {
    page.text("#hd95").trim_end_matches(" mm").to_owned()
}

async fn a_hidden_leaderboard_tells_no_place(database: Database) {
    let site = site(database, Feedback::Rounded).await;
    let sent = send(&site.team("Team A").await, &honest(60)).await;
    let own = site.log_in("Team A").await;
    assert!(page(&own, &sent).await.has("#place"));
    let hidden = json!({ "leaderboard": "hidden" });
    site.organiser().await.post_json(PHASE, &hidden).await.expect(StatusCode::OK);
    let shown = page(&own, &sent).await;
    assert!(!shown.has("#place") && shown.has("#dice"));
    assert_eq!(listed(&own).await[0][3], "");
}

async fn who_has_nothing_is_told_how_to_submit(database: Database) {
    let site = Site::without_worker(database).await;
    site.member("Team A").await;
    site.account("loner", None, false).await;
    let leads = async |name| {
        let list = site.log_in(name).await.get("/submissions").await.html(StatusCode::OK);
        list.link("main p a[href]")
    };
    assert_eq!((leads("Team A").await, leads("loner").await), ("/submit".into(), "/team".into()));
}
