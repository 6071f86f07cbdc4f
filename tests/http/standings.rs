//! Leaderboards that are never stale, and those of earlier moments.

use axum::http::StatusCode;
use coronary_phantom::Method;
use serde_json::{Value, json};
use test_support::acts::id;
use test_support::client::{Answer, Client};
use test_support::site::Site;
use test_support::{Database, on_both_engines};

on_both_engines! {
    no_server_shows_a_leaderboard_older_than_the_last_change,
    readers_during_many_changes_never_see_an_older_leaderboard_after_a_newer_one,
    the_ranking_of_an_earlier_moment_has_a_link_that_stays,
    a_moment_that_is_not_over_or_no_moment_is_refused,
    an_earlier_moment_shows_no_more_than_the_leaderboard_does,
    in_a_paper_people_who_come_first_are_between_single_rules,
    what_people_reach_stands_beside_the_entries,
    a_team_that_is_ranked_has_a_page_with_its_progress,
    an_entry_has_a_test_of_normal_against_diseased_cases,
}

const BOARD: &str = "/api/v1/leaderboard";

async fn decided(organiser: &Client, submission: &Value, decision: &str) {
    let decided = organiser.decide(&[&id(submission)], decision, "a reason").await;
    decided.expect(StatusCode::OK);
}

fn entry(team: &str, method: Method) -> (String, String) {
    (team.to_owned(), method.name().to_owned())
}

/// The path of the permalink on a leaderboard's page.
fn permalink(page: &Answer) -> String {
    let link = page.html(StatusCode::OK).link("#permalink");
    link[link.find("/leaderboard").unwrap()..].to_owned()
}

async fn no_server_shows_a_leaderboard_older_than_the_last_change(database: Database) {
    let site = Site::start(database).await;
    let (a, b, organiser) =
        (site.team("Team A").await, site.team("Team B").await, site.organiser().await);
    let readers = [site.anybody(), site.anybody_elsewhere().await];
    let shown = async |expected: &[(String, String)]| {
        for reader in &readers {
            assert_eq!(reader.entries("").await, expected);
            let page = reader.get("/leaderboard").await;
            let page = page.page(StatusCode::OK);
            for team in ["Team A", "Team B"] {
                let there = expected.iter().any(|entry| entry.0 == team);
                assert_eq!(page.contains(&format!("\">{team}</a>")), there, "{page}");
            }
        }
    };
    let (near, thin) = (entry("Team A", Method::NearPerfect), entry("Team B", Method::Thin));
    shown(&[]).await;
    let of_a = a.score(Method::NearPerfect).await;
    shown(std::slice::from_ref(&near)).await;
    b.score(Method::Thin).await;
    shown(&[near.clone(), thin.clone()]).await;
    for (out, back) in [("hide", "publish"), ("disqualify", "reinstate")] {
        decided(&organiser, &of_a, out).await;
        shown(std::slice::from_ref(&thin)).await;
        decided(&organiser, &of_a, back).await;
        shown(&[near.clone(), thin.clone()]).await;
    }
    let teams = organiser.get("/api/v1/admin/teams?search=team+b").await.expect(StatusCode::OK);
    for (decision, expected) in
        [("suspend", vec![near.clone()]), ("reinstate", vec![near.clone(), thin.clone()])]
    {
        let body = json!({
            "teams": [teams["teams"][0]["id"]], "decision": decision, "reason": "a reason",
        });
        organiser.post_json("/api/v1/admin/teams/decisions", &body).await.expect(StatusCode::OK);
        shown(&expected).await;
    }
    let main = "/api/v1/admin/phases/main";
    for (leaderboard, expected) in [("hidden", vec![]), ("public", vec![near, thin])] {
        let body = json!({ "leaderboard": leaderboard });
        organiser.post_json(main, &body).await.expect(StatusCode::OK);
        shown(&expected).await;
    }
}

async fn readers_during_many_changes_never_see_an_older_leaderboard_after_a_newer_one(
    database: Database,
) {
    let site = Site::start(database).await;
    let (team, organiser) = (site.team("Team A").await, site.organiser().await);
    let main = "/api/v1/admin/phases/main";
    team.score(Method::Thin).await;
    let done = std::sync::atomic::AtomicBool::new(false);
    let change = async {
        for number in 1..=30 {
            let body = json!({ "title": format!("Title {number}") });
            organiser.post_json(main, &body).await.expect(StatusCode::OK);
        }
        done.store(true, std::sync::atomic::Ordering::Relaxed);
    };
    let read = async || {
        let (reader, mut last) = (site.anybody(), 0);
        while !done.load(std::sync::atomic::Ordering::Relaxed) {
            let board = reader.get(BOARD).await.expect(StatusCode::OK);
            let title = board["title"].as_str().unwrap().to_owned();
            let number = title.strip_prefix("Title ").map_or(0, |number| number.parse().unwrap());
            assert!(number >= last, "{number} after {last}");
            last = number;
        }
    };
    tokio::join!(change, read(), read(), read());
    let board = site.anybody().get(BOARD).await.expect(StatusCode::OK);
    assert_eq!(board["title"], "Title 30");
}

async fn the_ranking_of_an_earlier_moment_has_a_link_that_stays(database: Database) {
    let site = Site::start(database).await;
    let (a, b, organiser) =
        (site.team("Team A").await, site.team("Team B").await, site.organiser().await);
    let anybody = site.anybody();
    let first = a.score(Method::Thin).await;
    let link = permalink(&anybody.get("/leaderboard").await);
    let at = &link[link.find("&at=").unwrap()..];
    b.score(Method::NearPerfect).await;
    decided(&organiser, &first, "disqualify").await;
    assert_eq!(anybody.entries("").await, [entry("Team B", Method::NearPerfect)]);

    let then = [entry("Team A", Method::Thin)];
    assert_eq!(anybody.entries(&format!("?phase=main{at}")).await, then);
    let page = anybody.get(&link).await;
    assert_eq!(permalink(&page), link, "a permalink's permalink is itself");
    let page = page.page(StatusCode::OK);
    assert!(page.contains("As of") && page.contains("Team A"), "{page}");
    assert!(!page.contains("Team B"), "{page}");
    let csv = anybody.get(&format!("{BOARD}?format=csv{at}")).await;
    assert!(csv.text().contains("Team A") && !csv.text().contains("Team B"));
    let analysis = anybody.get(&format!("/api/v1/analysis?phase=main{at}")).await;
    let analysis = analysis.expect(StatusCode::OK);
    assert_eq!(analysis["entries"][0]["team"], "Team A");
    assert_eq!(analysis["entries"].as_array().unwrap().len(), 1);
    let plot = anybody.get(&format!("/plots/values.svg?phase=main{at}")).await;
    assert!(plot.text().contains("Team A") && !plot.text().contains("Team B"));
    assert!(plot.text().contains("as of"), "{}", plot.text());
    assert!(anybody.get("/analysis?phase=main").await.page(StatusCode::OK).contains("Team B"));
    let before = "?at=2020-01-01T00:00";
    assert_eq!(anybody.entries(before).await, []);
    let page = anybody.get(&format!("/leaderboard{before}")).await;
    assert!(page.page(StatusCode::OK).contains("There were no ranked submissions at that time"));
}

async fn a_moment_that_is_not_over_or_no_moment_is_refused(database: Database) {
    let site = Site::without_worker(database).await;
    for moment in ["2999-01-01T00:00:00Z", "yesterday", "%2B"] {
        for path in [BOARD, "/leaderboard", "/analysis", "/api/v1/analysis"] {
            let answer = site.anybody().get(&format!("{path}?at={moment}")).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path} {moment}");
            assert!(answer.text().contains("a moment that is over"), "{}", answer.text());
        }
    }
}

async fn an_earlier_moment_shows_no_more_than_the_leaderboard_does(database: Database) {
    let site = Site::start(database).await;
    let (team, organiser, anybody) =
        (site.team("Team A").await, site.organiser().await, site.anybody());
    team.score(Method::Thin).await;
    let at = permalink(&anybody.get("/leaderboard").await);
    let at = format!("?{}", &at[at.find("at=").unwrap()..]);
    let change = async |what: Value| {
        organiser.post_json("/api/v1/admin/phases/main", &what).await.expect(StatusCode::OK);
    };
    change(json!({ "leaderboard": "hidden" })).await;
    assert_eq!(anybody.entries(&at).await, []);
    assert_eq!(organiser.entries(&at).await.len(), 1);
    change(json!({ "leaderboard": "frozen", "frozen_at": "2026-01-01T00:00:00Z" })).await;
    assert_eq!(anybody.entries(&at).await, []);
    assert_eq!(organiser.entries(&at).await.len(), 1);
    change(json!({ "leaderboard": "public" })).await;
    assert_eq!(anybody.entries(&at).await.len(), 1);
}

async fn in_a_paper_people_who_come_first_are_between_single_rules(database: Database) {
    let site = Site::start(database).await;
    site.team("Team A").await.score(Method::Thin).await;
    // People come first here, below the head's line and above one of their own.
    let tex = site.anybody().get(&format!("{BOARD}?format=tex&group=diseased")).await;
    let tex = tex.text();
    assert!(tex.find("Human annotators") < tex.find("Team A"), "{tex}");
    assert!(!tex.contains("\\midrule\n\\midrule"), "{tex}");
    assert!(!tex.contains("\\midrule\n\\bottomrule"), "{tex}");
}

async fn what_people_reach_stands_beside_the_entries(database: Database) {
    let site = Site::start(database).await;
    let (team, other) = (site.team("Team A").await, site.team("Team B").await);
    team.score(Method::NearPerfect).await;
    other.score(Method::Leaky).await;
    let board = site.anybody().get(BOARD).await.expect(StatusCode::OK);
    assert_eq!(board["observers"]["source"], "dataset_paper");
    assert_eq!(board["observers"]["all"]["dice"], json!({ "mean": 0.856, "std": 0.077 }));
    assert_eq!(board["entries"].as_array().unwrap().len(), 2);
    let page = site.anybody().get("/leaderboard").await;
    let page = page.page(StatusCode::OK);
    let at = |text: &str| page.find(text).unwrap();
    assert!(at("Team A</a>") < at("Human annotators</th>"), "{page}");
    assert!(at("Human annotators</th>") < at("Team B</a>"), "{page}");
    assert!(page.contains("0.856 ± 0.077") && page.contains("training set"), "{page}");
}

async fn a_team_that_is_ranked_has_a_page_with_its_progress(database: Database) {
    let site = Site::start(database).await;
    let (team, anybody) = (site.team("Team A").await, site.anybody());
    for method in [Method::Thin, Method::Leaky, Method::NearPerfect] {
        team.score(method).await;
    }
    let board = anybody.get(BOARD).await.expect(StatusCode::OK);
    let address = format!("/teams/{}", board["entries"][0]["team_id"].as_str().unwrap());
    let page = anybody.get(&address).await;
    let page = page.html(StatusCode::OK);
    let rows = page.parts("#progress tbody tr");
    let cells: Vec<Vec<String>> = rows.iter().map(|row| row.texts("td")).collect();
    let best = "its best in both then";
    // The one that was worse has never counted.
    assert_eq!(cells.len(), 2, "{cells:?}");
    for (row, method, counts) in
        [(&cells[0], "near-perfect", "counts"), (&cells[1], "thin", "counted earlier")]
    {
        for text in [method, counts, best] {
            assert!(row.iter().any(|cell| cell == text), "{row:?}");
        }
    }
    let then = anybody
        .get(&rows[1].link("a[href^='/leaderboard']"))
        .await
        .html(StatusCode::OK)
        .texts("td");
    assert!(then.contains(&"thin".to_owned()) && !then.contains(&"near-perfect".to_owned()));

    let plot = anybody.get(&page.link("a[href^='/plots/']")).await;
    assert_eq!(plot.header("content-type"), Some("image/svg+xml"));
    assert!(plot.text().contains("Progress of Team A"), "{}", plot.text());

    let hidden = json!({ "leaderboard": "hidden" });
    let organiser = site.organiser().await;
    organiser.post_json("/api/v1/admin/phases/main", &hidden).await.expect(StatusCode::OK);
    assert_eq!(anybody.get(&address).await.status, StatusCode::NOT_FOUND);
    assert_eq!(organiser.get(&address).await.status, StatusCode::OK);
    assert_eq!(anybody.get("/teams/0").await.status, StatusCode::NOT_FOUND);
}

async fn an_entry_has_a_test_of_normal_against_diseased_cases(database: Database) {
    let site = Site::start(database).await;
    site.team("Team A").await.score(Method::DistalLost).await;
    let found = site.anybody().get("/api/v1/analysis").await.expect(StatusCode::OK);
    let scores = test_support::challenge::scores(Method::DistalLost);
    let of = |cases: &[segmentation_metrics::CaseScore]| {
        cases.iter().map(|case| case.dice).collect::<Vec<_>>()
    };
    let expected = challenge_ranking::Welch::of(&of(&scores[..3]), &of(&scores[3..])).unwrap();
    let welch = &found["entries"][0]["welch"]["dice"];
    assert_eq!(*welch, serde_json::to_value(expected).unwrap());
    assert!(found["entries"][0]["welch"]["hd95"]["p"].is_f64());
}
