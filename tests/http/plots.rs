//! What of a leaderboard is drawn, and for whom.

use asoca::store::Timestamp;
use axum::http::StatusCode;
use coronary_phantom::Method;
use segmentation_metrics::Summary;
use serde_json::json;
use test_support::challenge::{scores, zip_of};
use test_support::client::Client;
use test_support::form::Form;
use test_support::page::Page;
use test_support::site::{Setup, Site};
use test_support::{Database, on_both_engines};

on_both_engines! {
    a_plot_is_a_file_to_keep,
    a_hidden_leaderboard_has_nothing_to_draw,
    of_a_frozen_leaderboard_the_progress_before_is_drawn,
    no_single_case_is_drawn_but_for_organisers,
    where_cases_are_public_every_case_is_drawn,
    a_team_sees_its_own_progress,
}

const NAMES: [&str; 5] = ["values", "ranks", "significance", "metrics", "progress"];

/// With two teams on the leaderboard, each with as many cases as there are.
async fn site(database: Database, cases_public: bool) -> Site {
    let site = Site::with(database, Setup { cases_public, ..Setup::default() }).await;
    for (team, method) in [("Team A", Method::NearPerfect), ("Team B", Method::Thin)] {
        let team = site.team(team).await;
        team.submit_and_wait(&Form::zip(&zip_of(method))).await.expect(StatusCode::CREATED);
    }
    site
}

async fn plot(client: &Client, name: &str) -> String {
    let answer = client.get(&format!("/plots/{name}.svg")).await;
    assert_eq!(answer.status, StatusCode::OK, "{name}");
    answer.text().to_owned()
}

/// How many cases have a mark.
fn dots(svg: &str) -> usize {
    svg.matches(", case ").count()
}

async fn a_plot_is_a_file_to_keep(database: Database) {
    let site = site(database, false).await;
    let anybody = site.anybody();
    for name in NAMES {
        let answer = anybody.get(&format!("/plots/{name}.svg?phase=main&group=diseased")).await;
        assert_eq!(answer.status, StatusCode::OK, "{name}");
        assert_eq!(answer.header("content-type"), Some("image/svg+xml"));
        let file = format!("attachment; filename=\"asoca-main-{name}-diseased.svg\"");
        assert_eq!(answer.header("content-disposition"), Some(file.as_str()));
        let svg = answer.text();
        assert!(svg.starts_with("<?xml version=\"1.0\"") && svg.ends_with("</svg>\n"), "{svg}");
        assert!(svg.contains("Final test, diseased cases") && svg.contains("Team A"), "{svg}");
        let page = anybody.get("/analysis?group=diseased").await;
        let link = format!("/plots/{name}.svg?phase=main&#38;group=diseased");
        assert!(page.page(StatusCode::OK).contains(&link), "{name}");
    }
    for nothing in ["/plots/ranks", "/plots/none.svg", "/plots/ranks.svg?phase=none"] {
        assert_eq!(anybody.get(nothing).await.status, StatusCode::NOT_FOUND, "{nothing}");
    }
}

async fn a_hidden_leaderboard_has_nothing_to_draw(database: Database) {
    let site = site(database, true).await;
    let organiser = site.organiser().await;
    let hidden = json!({ "leaderboard": "hidden" });
    organiser.post_json("/api/v1/admin/phases/main", &hidden).await.expect(StatusCode::OK);
    for name in NAMES.into_iter().chain(["podium"]) {
        let unseen = plot(&site.anybody(), name).await;
        assert!(
            unseen.contains("There is nothing to draw.") && !unseen.contains("Team"),
            "{unseen}"
        );
        assert!(plot(&organiser, name).await.contains("Team B"), "{name}");
    }
}

async fn of_a_frozen_leaderboard_the_progress_before_is_drawn(database: Database) {
    let site = site(database, false).await;
    let organiser = site.organiser().await;
    let frozen = json!({ "leaderboard": "frozen", "frozen_at": Timestamp::now() });
    organiser.post_json("/api/v1/admin/phases/main", &frozen).await.expect(StatusCode::OK);
    let late = site.team("Team Late").await;
    late.submit_and_wait(&Form::zip(&zip_of(Method::Thick))).await.expect(StatusCode::CREATED);
    for client in [site.anybody(), late] {
        let svg = plot(&client, "progress").await;
        assert!(svg.contains("Team B") && !svg.contains("Team Late"), "{svg}");
    }
    assert!(plot(&organiser, "progress").await.contains("Team Late"));
}

async fn no_single_case_is_drawn_but_for_organisers(database: Database) {
    let site = site(database, false).await;
    let (anybody, organiser) = (site.anybody(), site.organiser().await);
    let seen = plot(&organiser, "values").await;
    assert_eq!(dots(&seen), 2 * 2 * 6);
    assert!(plot(&organiser, "podium").await.contains("<title>Team A, case 0, "));

    let page = anybody.get("/analysis").await;
    let page = page.page(StatusCode::OK);
    let mut unseen = page.to_owned();
    for name in NAMES {
        unseen += &plot(&anybody, name).await;
    }
    for method in [Method::NearPerfect, Method::Thin] {
        let values: Vec<f64> = scores(method).iter().map(|case| case.dice).collect();
        let Summary { mean, min, q25, median, q75, max, .. } = Summary::of(&values).unwrap();
        let shown = |value: f64| format!("{value:.4}");
        let aggregates = [mean, min, q25, median, q75, max].map(shown);
        for value in values.into_iter().map(shown) {
            assert!(seen.contains(&value), "{method:?}: {value}");
            let told = unseen.contains(&value) && !aggregates.contains(&value);
            assert!(!told, "{method:?}: {value} is no aggregate");
        }
    }
    assert!(!unseen.contains(", case ") && Page::of(page).has("#no-cases"));
    assert_eq!(anybody.get("/plots/podium.svg").await.status, StatusCode::NOT_FOUND);
    let member = site.team("Team C").await;
    assert_eq!(dots(&plot(&member, "values").await), 0);
}

async fn where_cases_are_public_every_case_is_drawn(database: Database) {
    let site = site(database, true).await;
    assert_eq!(dots(&plot(&site.anybody(), "values").await), 2 * 2 * 6);
    let page = site.anybody().get("/analysis?group=normal").await;
    let page = page.page(StatusCode::OK);
    assert!(page.contains("/plots/podium.svg") && !Page::of(page).has("#no-cases"));
    assert!(page.contains("<title>Team B, case ") && !page.contains(", diseased: "), "{page}");
}

async fn a_team_sees_its_own_progress(database: Database) {
    let site = site(database, false).await;
    for name in ["Team C", "Team D"] {
        site.member(name).await;
    }
    let member = site.log_in("Team C").await;
    let own = "/plots/own-progress.svg";
    for without in [&member, &site.anybody()] {
        assert_eq!(without.get(own).await.status, StatusCode::NOT_FOUND);
    }
    for method in [Method::Thin, Method::NearPerfect] {
        let zip = Form::zip(&zip_of(method));
        member.submit_and_wait(&zip).await.expect(StatusCode::CREATED);
    }
    let page = member.get("/analysis").await;
    assert!(page.page(StatusCode::OK).contains("Progress of Team C: Final test, all cases"));
    let svg = plot(&member, "own-progress").await;
    assert!(svg.contains("class=\"everybody ") && !svg.contains("Team A"), "{svg}");
    assert_eq!(site.log_in("Team D").await.get(own).await.status, StatusCode::NOT_FOUND);
}
