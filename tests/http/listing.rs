//! The leaderboard's page sorted, searched and cut into pages.

use axum::http::StatusCode;
use coronary_phantom::Method;
use test_support::challenge::zip_of;
use test_support::client::Client;
use test_support::form::Form;
use test_support::page::Page;
use test_support::site::Site;
use test_support::{Database, on_both_engines};

on_both_engines! {
    entries_are_sorted_and_searched_by_the_address_alone,
    a_teams_own_entry_is_marked_and_linked,
    what_is_hidden_is_not_told_by_an_order,
    secondary_metrics_and_groups_are_shown_if_they_are_wanted,
}

async fn scored(site: &Site) {
    for (team, method, name) in [
        ("Thin", Method::Thin, "U-Net"),
        ("Near", Method::NearPerfect, "Transformer"),
        ("Thick", Method::Thick, "nnU-Net"),
    ] {
        let team = site.team(team).await;
        let form = Form::zip(&zip_of(method)).field("method", name);
        team.submit_and_wait(&form).await.expect(StatusCode::CREATED);
    }
}

async fn page(reader: &Client, query: &str) -> String {
    reader.get(&format!("/leaderboard?phase=main&{query}")).await.page(StatusCode::OK).to_owned()
}

async fn teams(reader: &Client, query: &str) -> Vec<String> {
    let page = page(reader, query).await;
    let rows = Page::of(&page).texts(".leaderboard tbody tr:not(.observers) th a");
    assert!(!page.contains("<script>"));
    rows
}

async fn entries_are_sorted_and_searched_by_the_address_alone(database: Database) {
    let site = Site::start(database).await;
    scored(&site).await;
    let reader = site.anybody();
    let usual = teams(&reader, "").await;
    assert_eq!((usual.len(), usual[0].as_str()), (3, "Near"));
    let mut turned = teams(&reader, "sort=dice&order=asc").await;
    turned.reverse();
    assert_eq!(turned[0], "Near");
    assert_eq!(teams(&reader, "sort=team").await, ["Near", "Thick", "Thin"]);
    assert_eq!(teams(&reader, "sort=team&order=desc").await, ["Thin", "Thick", "Near"]);
    assert_eq!(teams(&reader, "q=u-NET&sort=team").await, ["Thick", "Thin"]);
    assert!(teams(&reader, "q=%3Cscript%3E").await.is_empty());
    let found = page(&reader, "q=u-net").await;
    assert!(Page::of(&found).text("#found").starts_with("2 of 3 entries"), "{found}");
    // Each heading leads to a page that is sorted by it, which says so to assistive technology.
    for link in Page::of(&page(&reader, "").await).links(".leaderboard thead a[href]") {
        let sorted = reader.get(&link).await.page(StatusCode::OK).to_owned();
        assert_eq!(Page::of(&sorted).parts(".leaderboard thead [aria-sort]").len(), 1, "{link}");
    }
    for wrong in ["sort=secret", "order=up", "page=0", "page=x", "columns=all", "sort=dice%00"] {
        let refused = reader.get(&format!("/leaderboard?phase=main&{wrong}")).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
}

async fn a_teams_own_entry_is_marked_and_linked(database: Database) {
    let site = Site::start(database).await;
    scored(&site).await;
    let own = site.log_in("Thick").await;
    let shown = page(&own, "").await;
    let shown = Page::of(&shown);
    assert_eq!(shown.texts("tr.own th a"), ["Thick"]);
    assert!(shown.text("#your-place").starts_with("Your team is at position"));
    let to = shown.links("#your-place a[href]").remove(0);
    assert!(to.ends_with("#own"), "{to}");
    // From where a search leaves it out, too.
    let elsewhere = page(&own, "q=Transformer").await;
    let to = Page::of(&elsewhere).links("#your-place a[href]").remove(0);
    let there = own.get(to.trim_end_matches("#own")).await.page(StatusCode::OK).to_owned();
    assert_eq!(Page::of(&there).texts("tr#own th a"), ["Thick"]);
    let stranger = page(&site.anybody(), "").await;
    assert!(!stranger.contains("your team") && !stranger.contains("id=\"own\""));
}

async fn what_is_hidden_is_not_told_by_an_order(database: Database) {
    let site = Site::start(database).await;
    scored(&site).await;
    site.execute("update phases set feedback = $1", "hidden").await;
    let reader = site.anybody();
    let usual = teams(&reader, "").await;
    for query in [
        "sort=dice",
        "sort=dice&order=asc",
        "sort=hd95",
        "sort=position&order=desc",
        "sort=rank_score",
    ] {
        assert_eq!(teams(&reader, query).await, usual, "{query}");
    }
    for columns in ["secondary", "groups"] {
        let page = page(&reader, &format!("columns={columns}")).await;
        let text = Page::of(&page).text(".scroll");
        assert!(!text.contains("0."), "{columns}: {text}");
    }
}

async fn secondary_metrics_and_groups_are_shown_if_they_are_wanted(database: Database) {
    let site = Site::start(database).await;
    scored(&site).await;
    let reader = site.anybody();
    let shown = page(&reader, "columns=secondary").await;
    let row = Page::of(&shown).parts(".leaderboard tr.first").remove(0);
    let cells = row.texts("td.number");
    // Position, two metrics with their positions, the rank score, and four more.
    assert_eq!(cells.len(), 1 + 4 + 1 + 4, "{cells:?}");
    let cl_dice: f64 = cells[6].parse().unwrap();
    assert!(0.5 < cl_dice && cl_dice <= 1.0);
    let shown = page(&reader, "columns=groups").await;
    assert_eq!(
        Page::of(&shown).parts(".leaderboard tr.first").remove(0).texts("td.number").len(),
        1 + 4
    );
    // All entries are sorted by a secondary metric, and its heading turns the order round.
    let cl_dice = async |query: &str| -> Vec<f64> {
        let page = page(&reader, query).await;
        let rows = Page::of(&page).parts(".leaderboard tbody tr:not(.observers)");
        rows.iter().map(|row| row.texts("td.number")[6].parse().unwrap()).collect()
    };
    let best_first = cl_dice("columns=secondary&sort=cl_dice").await;
    assert!(best_first.is_sorted_by(|a, b| a > b), "{best_first:?}");
    let sorted = page(&reader, "columns=secondary&sort=cl_dice").await;
    let sorted = Page::of(&sorted);
    assert_eq!(sorted.texts("thead [aria-sort]"), ["clDice"]);
    let turned = sorted.links("thead [aria-sort] a[href]").remove(0);
    let turned = cl_dice(turned.split_once("phase=main&").unwrap().1).await;
    assert!(turned.is_sorted_by(|a, b| a < b), "{turned:?}");
    // Rounded means of groups are shown, secondary metrics are not.
    site.execute("update phases set feedback = $1", "rounded").await;
    let shown = page(&reader, "columns=secondary").await;
    let cells = Page::of(&shown).parts(".leaderboard tr.first").remove(0).texts("td.number");
    assert!(cells[6..].iter().all(|cell| cell == "–"), "{cells:?}");
    // Nor does an order tell of them.
    assert_eq!(Page::of(&shown).links("thead a[href*='cl_dice']").len(), 0);
    let usual = teams(&reader, "").await;
    for metric in ["cl_dice", "surface_dice", "precision", "recall"] {
        for order in ["asc", "desc"] {
            let query = format!("columns=secondary&sort={metric}&order={order}");
            assert_eq!(teams(&reader, &query).await, usual, "{query}");
        }
    }
}
