//! Some entries beside each other.

use asoca::domain::Feedback;
use axum::http::StatusCode;
use serde_json::{Value, json};
use test_support::client::Client;
use test_support::site::Site;
use test_support::{Database, on_both_engines};

use crate::feedback::{send, site};
use crate::tiny::{CASES, honest};

on_both_engines! {
    entries_differ_by_what_their_cases_differ_by,
    a_comparison_shows_no_more_than_the_leaderboard,
    only_what_is_on_the_leaderboard_is_compared,
}

const PHASE: &str = "/api/v1/admin/phases/main";

fn id(report: &Value) -> String {
    report["id"].as_str().unwrap().to_owned()
}

/// Two teams' entries, the first one's better.
async fn two(site: &Site) -> [Value; 2] {
    let (a, b) = (site.team("Team A").await, site.team("Team B").await);
    [send(&a, &honest(120)).await, send(&b, &honest(60)).await]
}

async fn of(reader: &Client, path: &str, entries: &[String]) -> Value {
    let path = format!("{path}?entries={}", entries.join(","));
    reader.get(&path).await.expect(StatusCode::OK)
}

async fn entries_differ_by_what_their_cases_differ_by(database: Database) {
    let site = site(database, Feedback::PerCase).await;
    let [better, worse] = two(&site).await;
    let public = json!({ "cases_public": true });
    site.organiser().await.post_json(PHASE, &public).await.expect(StatusCode::OK);
    let reader = site.anybody();
    let found = of(&reader, "/api/v1/compare", &[id(&better), id(&worse)]).await;
    assert_eq!(found["case_count"], CASES);
    let cases = found["cases"].as_array().unwrap();
    for (metric, sign) in [("dice", 1.0), ("hd95", -1.0)] {
        let values = |entry: usize| -> Vec<f64> {
            cases.iter().map(|case| case["values"][entry][metric].as_f64().unwrap()).collect()
        };
        let differences: Vec<f64> =
            values(0).iter().zip(values(1)).map(|(first, second)| first - second).collect();
        let of_metric = found["differences"].as_array().unwrap().iter();
        let of_metric: Vec<&Value> = of_metric.filter(|of| of["metric"] == metric).collect();
        let [difference] = of_metric.as_slice() else { panic!("{of_metric:?}") };
        let mean = differences.iter().sum::<f64>() / CASES as f64;
        assert!((difference["mean"].as_f64().unwrap() - mean).abs() < 1e-9, "{metric}");
        let better = differences.iter().filter(|of| **of * sign > 1e-9).count();
        assert_eq!(difference["better"], better, "{metric}");
        assert!(better > 0, "{metric}");
        let count = |name: &str| difference[name].as_u64().unwrap();
        assert_eq!(count("better") + count("equal") + count("worse"), CASES as u64);
        assert!(difference["p_first_better"].as_f64() < difference["p_second_better"].as_f64());
    }
    // The page has the same for people, from the boxes of the leaderboard.
    let leaderboard = reader.get("/leaderboard?phase=main").await.html(StatusCode::OK);
    assert_eq!(leaderboard.parts("input[name=entries][form=compare]").len(), 2);
    let page = format!("/compare?phase=main&entries={}&entries={}", id(&better), id(&worse));
    let page = reader.get(&page).await.html(StatusCode::OK);
    assert_eq!(page.texts("#compared tbody th"), ["Team A", "Team B"]);
    assert_eq!(page.texts("svg g.cases path").len(), 2 * 2 * CASES);
    let mean = found["differences"][0]["mean"].as_f64().unwrap();
    let cells = page.texts("td.number");
    assert!(cells.contains(&format!("{mean:+.5}").replace('-', "−")), "{cells:?}");
    // An entry is left out by its link, and another one is added by the form.
    let fewer = page.links("#compared td a[href^='/compare']").remove(1);
    let fewer = reader.get(&fewer).await.html(StatusCode::OK);
    assert_eq!(fewer.texts("#compared tbody th"), ["Team A"]);
    assert_eq!(fewer.parts("select[name=entries] option").len(), 1);
    assert!(fewer.has("#too-few"));
}

async fn a_comparison_shows_no_more_than_the_leaderboard(database: Database) {
    let site = site(database, Feedback::PerCase).await;
    let entries = two(&site).await.map(|report| id(&report));
    let (reader, own) = (site.anybody(), site.log_in("Team A").await);
    let address = format!("?phase=main&entries={}", entries.join(","));
    let page = async |reader: &Client| {
        reader.get(&format!("/compare{address}")).await.html(StatusCode::OK)
    };
    // Exact aggregates, and no single case.
    let found = of(&reader, "/api/v1/compare", &entries).await;
    assert!(found.get("cases").is_none() && found["differences"][0]["mean"].is_number());
    assert!(page(&reader).await.texts("svg").is_empty());
    for (feedback, numbers) in [("rounded", 4), ("improved", 4), ("hidden", 0)] {
        site.execute("update phases set feedback = $1", feedback).await;
        for reader in [&reader, &own] {
            let refused = reader.get(&format!("/api/v1/compare{address}")).await;
            let refused = refused.expect(StatusCode::FORBIDDEN);
            assert_eq!(refused["errors"][0]["code"], "results.withheld", "{feedback}");
            let page = page(reader).await;
            assert!(page.has("#withheld"), "{feedback}");
            let cells = page.texts("#compared td.number:not(.position)");
            assert_eq!(cells.len(), numbers, "{feedback}: {cells:?}");
            assert!(cells.iter().all(|cell| cell.len() <= 5), "{feedback}: {cells:?}");
            assert!(page.texts("svg").is_empty() && page.texts("#dice").is_empty());
        }
        // Organisers always see everything.
        let organiser = site.organiser().await;
        let found = of(&organiser, "/api/v1/compare", &entries).await;
        assert_eq!(found["cases"].as_array().unwrap().len(), CASES, "{feedback}");
    }
}

async fn only_what_is_on_the_leaderboard_is_compared(database: Database) {
    let site = site(database, Feedback::PerCase).await;
    let [better, worse] = two(&site).await.map(|report| id(&report));
    let reader = site.anybody();
    let nobody = "01939aaa-0000-7000-8000-000000000000".to_owned();
    let hidden = better.clone();
    let organiser = site.organiser().await;
    organiser.decide(&[&hidden], "hide", "a reason").await;
    let mut answers = Vec::new();
    for other in [&hidden, &nobody] {
        for path in ["/compare", "/api/v1/compare"] {
            let address = format!("{path}?phase=main&entries={worse},{other}");
            let refused = reader.get(&address).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{address}");
            answers.push(refused.text().replace(other.as_str(), "ID"));
        }
    }
    // What is hidden looks like what was never there.
    assert_eq!(answers[1], answers[3]);
    let many = vec![nobody; 51].join(",");
    for wrong in ["x", "1,2", many.as_str(), "%00"] {
        let refused = reader.get(&format!("/compare?entries={wrong}")).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    let alone = reader.get(&format!("/api/v1/compare?entries={worse},{worse}")).await;
    alone.expect(StatusCode::UNPROCESSABLE_ENTITY);
    let alone = reader.get(&format!("/compare?entries={worse}")).await.html(StatusCode::OK);
    assert!(alone.has("#too-few"));
    // Without any, entries can be chosen.
    let nothing = reader.get("/compare").await.html(StatusCode::OK);
    assert_eq!(nothing.parts("select[name=entries] option").len(), 1);
}
