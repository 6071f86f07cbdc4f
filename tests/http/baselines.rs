//! Baselines: shown on the leaderboard beside the entries, and not ranked.

use asoca::domain::Feedback;
use axum::http::StatusCode;
use serde_json::{Value, json};
use test_support::acts::id;
use test_support::client::{Answer, Client};
use test_support::site::Site;
use test_support::{Database, on_both_engines};

use crate::feedback::{send, site};
use crate::tiny::honest;

on_both_engines! {
    positions_are_the_same_with_and_without_a_baseline_that_is_better_than_everybody,
    a_baseline_is_shown_in_every_form_of_the_leaderboard_and_ranked_in_none,
    a_baselines_scores_are_shown_no_more_exactly_than_an_entrys,
    taking_the_mark_off_ranks_it,
    each_published_submission_of_a_baseline_is_a_row_of_its_own,
    an_earlier_moment_has_todays_baselines,
    a_baselines_own_pages_say_what_it_is,
}

const BOARD: &str = "/api/v1/leaderboard";

async fn board(reader: &Client, query: &str) -> Value {
    reader.get(&format!("{BOARD}{query}")).await.expect(StatusCode::OK)
}

fn list<'a>(board: &'a Value, member: &str) -> &'a [Value] {
    board[member].as_array().unwrap()
}

fn teams(board: &Value, member: &str) -> Vec<String> {
    list(board, member).iter().map(|row| row["team"].as_str().unwrap().to_owned()).collect()
}

/// Decides about the team of this name.
async fn decide(site: &Site, team: &str, decision: &str) -> Answer {
    let organiser = site.organiser().await;
    let path = format!("/api/v1/admin/teams?search={}", team.replace(' ', "+"));
    let found = organiser.get(&path).await.expect(StatusCode::OK);
    let body = json!({
        "teams": [found["teams"][0]["id"]], "decision": decision, "reason": "the reference method",
    });
    organiser.post_json("/api/v1/admin/teams/decisions", &body).await
}

async fn mark(site: &Site, team: &str) {
    let decided = decide(site, team, "baseline").await.expect(StatusCode::OK);
    assert_eq!(decided["results"][0]["done"], true, "{decided}");
}

/// Two teams, and a baseline that is better than both.
async fn two_and_a_baseline(site: &Site) -> [Value; 3] {
    let (a, b, org) =
        (site.team("Team A").await, site.team("Team B").await, site.team("Reference").await);
    let sent = [send(&a, &honest(120)).await, send(&b, &honest(60)).await];
    let [a, b] = sent;
    let better = send(&org, &honest(140)).await;
    mark(site, "Reference").await;
    [a, b, better]
}

async fn positions_are_the_same_with_and_without_a_baseline_that_is_better_than_everybody(
    database: Database,
) {
    let site = site(database, Feedback::PerCase).await;
    let (a, b) = (site.team("Team A").await, site.team("Team B").await);
    let first = send(&a, &honest(120)).await;
    send(&b, &honest(60)).await;
    let reader = site.anybody();
    let [before, analysis] = [BOARD, "/api/v1/analysis"].map(|path| reader.get(path));
    let (before, analysis) = (before.await.json(), analysis.await.json());
    let path = format!("/submissions/{}", first["id"].as_str().unwrap());
    let own = site.log_in("Team A").await;
    let place = async || own.get(&path).await.html(StatusCode::OK).text("#place");
    let stood = place().await;

    let reference = site.team("Reference").await;
    send(&reference, &honest(140)).await;
    assert_eq!(teams(&board(&reader, "").await, "entries")[0], "Reference");
    mark(&site, "Reference").await;
    for counting in ["best", "all", "latest"] {
        site.execute("update phases set counting = $1", counting).await;
        let now = board(&site.anybody_elsewhere().await, "").await;
        assert_eq!(now["entries"], before["entries"], "{counting}");
        assert_eq!(teams(&now, "baselines"), ["Reference"]);
        for member in ["position", "rank_score", "dice_position", "hd95_rank_score"] {
            assert!(now["baselines"][0].get(member).is_none(), "{member}: {now}");
        }
        assert!(now["baselines"][0]["dice"].as_f64() > now["entries"][0]["dice"].as_f64());
    }
    assert_eq!(reader.get("/api/v1/analysis").await.json()["entries"], analysis["entries"]);
    assert_eq!(place().await, stood);
    for plot in ["progress", "values", "ranks"] {
        let plot = reader.get(&format!("/plots/{plot}.svg")).await;
        assert_eq!(plot.status, StatusCode::OK);
        assert!(plot.text().contains("Team A") && !plot.text().contains("Reference"));
    }
    let overview = reader.get("/").await.html(StatusCode::OK);
    assert_eq!(overview.texts(".top tbody th"), ["Team A", "Team B"]);
}

async fn a_baseline_is_shown_in_every_form_of_the_leaderboard_and_ranked_in_none(
    database: Database,
) {
    let site = site(database, Feedback::PerCase).await;
    let [a, _, better] = two_and_a_baseline(&site).await;
    let reader = site.anybody();
    let page = async |query: &str| {
        reader.get(&format!("/leaderboard?phase=main{query}")).await.html(StatusCode::OK)
    };
    let rows = async |query: &str| page(query).await.texts(".leaderboard tbody tr th a");
    let usual = page("").await;
    assert!(usual.text(".lead").contains("2 entries"), "{}", usual.text(".lead"));
    assert_eq!(usual.texts(".leaderboard tbody tr th a"), ["Reference", "Team A", "Team B"]);
    let row = usual.parts(".leaderboard tr.baseline").remove(0);
    assert_eq!((row.text("td.position"), row.text(".mark")), ("".into(), "baseline".into()));
    assert_eq!(usual.parts(".leaderboard tr.first").len(), 1);
    assert!(usual.has("#baselines"));
    // Where an order has no place for it, it comes last.
    assert_eq!(rows("&sort=dice&order=asc").await, ["Team B", "Team A", "Reference"]);
    assert_eq!(rows("&sort=position&order=desc").await, ["Team B", "Team A", "Reference"]);
    assert_eq!(rows("&sort=rank_score").await, ["Team A", "Team B", "Reference"]);
    assert_eq!(rows("&sort=team").await, ["Reference", "Team A", "Team B"]);
    assert_eq!(rows("&q=refer").await, ["Reference"]);
    let found = page("&q=refer").await.text("#found");
    assert!(found.starts_with("0 of 2 entries and 1 baseline have"), "{found}");
    for columns in ["groups", "secondary"] {
        let row = page(&format!("&columns={columns}")).await;
        let row = row.parts(".leaderboard tr.baseline").remove(0);
        let cells = row.texts("td.number").into_iter().filter(|cell| cell.starts_with('0'));
        assert!(cells.count() >= 2, "{columns}");
    }

    let csv = reader.get(&format!("{BOARD}?format=csv")).await;
    let lines: Vec<&str> = csv.text().lines().collect();
    assert!(lines[3].starts_with(",,,,Reference (baseline),"), "{lines:?}");
    let commas = |line: &str| line.matches(',').count();
    assert_eq!((lines.len(), commas(lines[3])), (5, commas(lines[1])));
    let tex = reader.get(&format!("{BOARD}?format=tex")).await;
    let line = tex.text().lines().find(|line| line.contains("(baseline)")).unwrap();
    assert!(line.starts_with(" & ") && line.matches('&').count() == 7, "{line}");

    let ids = [&better, &a].map(|report| report["id"].as_str().unwrap());
    let address = format!("?phase=main&entries={},{}", ids[0], ids[1]);
    let compared = reader.get(&format!("/api/v1/compare{address}")).await.expect(StatusCode::OK);
    assert_eq!(compared["entries"][0]["position"], Value::Null);
    assert!(compared["differences"][0]["mean"].as_f64().unwrap() > 0.0);
    let compared = reader.get(&format!("/compare{address}")).await.html(StatusCode::OK);
    assert_eq!(compared.texts("#compared th .mark"), ["baseline"]);
}

async fn a_baselines_scores_are_shown_no_more_exactly_than_an_entrys(database: Database) {
    let site = site(database, Feedback::PerCase).await;
    two_and_a_baseline(&site).await;
    let keys = |row: &Value| -> Vec<String> {
        let placed = |key: &str| key.contains("position") || key.contains("rank_score");
        row.as_object().unwrap().keys().filter(|key| !placed(key)).cloned().collect()
    };
    for (feedback, decimals) in [("hidden", 0), ("improved", 4), ("rounded", 3), ("per_case", 17)] {
        site.execute("update phases set feedback = $1", feedback).await;
        let reader = site.anybody_elsewhere().await;
        let found = board(&reader, "").await;
        let [baseline, entry] = ["baselines", "entries"].map(|member| &list(&found, member)[0]);
        assert_eq!(keys(baseline), keys(entry), "{feedback}");
        assert_eq!(baseline.get("dice").is_some(), decimals > 0, "{feedback}");
        if decimals > 0 {
            let kinds = |row: &Value| -> Vec<String> {
                let all = row["aggregates"]["all"]["dice"].as_object().unwrap();
                all.keys().cloned().collect()
            };
            assert_eq!(kinds(baseline), kinds(entry), "{feedback}");
            let digits = baseline["dice"].to_string().len() - 2;
            assert!(digits <= decimals, "{feedback}: {}", baseline["dice"]);
            assert_eq!(digits > 4, feedback == "per_case", "{}", baseline["dice"]);
        }
        let page = reader.get("/leaderboard?phase=main&columns=secondary").await;
        let page = page.html(StatusCode::OK);
        assert_eq!(page.texts(".leaderboard th .mark"), ["baseline"], "{feedback}");
        let row = page.parts(".leaderboard tbody tr").into_iter();
        let row = row.filter(|row| row.text("th").contains("Reference")).collect::<Vec<_>>();
        let numbers = row[0].texts("td.number");
        let numbers: Vec<&String> = numbers.iter().filter(|cell| cell.starts_with('0')).collect();
        // A mean with its standard deviation, and four secondary metrics where all is exact.
        let expected = if feedback == "per_case" { 5 } else { usize::from(decimals > 0) };
        assert_eq!(numbers.len(), expected, "{feedback}: {numbers:?}");
        assert_eq!(numbers.iter().any(|cell| cell.contains('±')), feedback == "per_case");
        let csv = reader.get(&format!("{BOARD}?format=csv")).await;
        let line = csv.text().lines().find(|line| line.contains("(baseline)")).unwrap();
        assert_eq!(line.contains(",0."), decimals > 0, "{feedback}: {line}");
        let team = format!("/teams/{}", baseline["team_id"].as_str().unwrap());
        let team = reader.get(&team).await.html(StatusCode::OK);
        let dice = team.texts("#progress tbody td.number").remove(0);
        assert_eq!(dice.starts_with('0'), decimals > 0, "{feedback}: {dice}");
        assert!(team.texts("svg").is_empty());
    }
}

async fn taking_the_mark_off_ranks_it(database: Database) {
    let site = site(database, Feedback::Rounded).await;
    two_and_a_baseline(&site).await;
    let reader = site.anybody();
    let entries = async || teams(&board(&reader, "").await, "entries");
    assert_eq!(entries().await, ["Team A", "Team B"]);
    let twice = decide(&site, "Reference", "baseline").await.expect(StatusCode::OK);
    assert_eq!(twice["results"][0]["because"], "it is a baseline already");
    // In the organisers' list, with the reason, and taken off there.
    site.account("person", None, true).await;
    let person = site.log_in("person").await;
    let page = person.get("/admin/teams?search=reference").await.html(StatusCode::OK);
    assert!(page.text("tbody td:nth-child(3)").contains("baseline the reference method"));
    let found = person.get("/api/v1/admin/teams?search=reference").await.expect(StatusCode::OK);
    let team = id(&found["teams"][0]);
    let without = [("team", &*team), ("decision", "rank"), ("reason", "")];
    let refused = person.post("/admin/teams", &without).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(entries().await, ["Team A", "Team B"]);
    let fields = [("team", &*team), ("decision", "rank"), ("reason", "takes part")];
    person.post_and_follow("/admin/teams", &fields).await.page(StatusCode::OK);
    let now = board(&reader, "").await;
    assert_eq!(teams(&now, "entries"), ["Reference", "Team A", "Team B"]);
    assert_eq!((&now["entries"][0]["position"], &now["baselines"]), (&json!(1), &json!([])));
    let again = decide(&site, "Reference", "rank").await.expect(StatusCode::OK);
    assert_eq!(again["results"][0]["because"], "it is no baseline");

    let audit = person.get("/api/v1/admin/audit").await.expect(StatusCode::OK);
    let decided = list(&audit, "events").iter().filter(|event| event["action"] == "team decided");
    let decided: Vec<&Value> = decided.map(|event| &event["detail"]).collect();
    let (rank, baseline) = (decided[0], decided[1]);
    assert_eq!((&rank["decision"], &rank["reason"]), (&json!("rank"), &json!("takes part")));
    assert_eq!(rank["before"], json!({ "baseline": "the reference method" }));
    assert_eq!(baseline["decision"], "baseline");
    assert_eq!(baseline["after"], json!({ "baseline": "the reference method" }));
}

async fn each_published_submission_of_a_baseline_is_a_row_of_its_own(database: Database) {
    let site = site(database, Feedback::Rounded).await;
    let [_, _, better] = two_and_a_baseline(&site).await;
    let reference = site.team("Other").await;
    let worse = send(&reference, &honest(90)).await;
    let worst = send(&reference, &honest(40)).await;
    mark(&site, "Other").await;
    let reader = site.anybody();
    let shown = async || -> Vec<Value> {
        let found = board(&reader, "").await;
        assert_eq!(teams(&found, "entries"), ["Team A", "Team B"]);
        list(&found, "baselines").iter().map(|row| row["submission"].clone()).collect()
    };
    let id = |report: &Value| report["id"].clone();
    assert_eq!(shown().await, [id(&better), id(&worse), id(&worst)]);
    let organiser = site.organiser().await;
    for (out, back) in [("hide", "publish"), ("disqualify", "reinstate"), ("discard", "restore")] {
        let of = [worse["id"].as_str().unwrap()];
        organiser.decide(&of, out, "a reason").await.expect(StatusCode::OK);
        assert_eq!(shown().await, [id(&better), id(&worst)], "{out}");
        organiser.decide(&of, back, "a reason").await.expect(StatusCode::OK);
    }
    assert_eq!(shown().await.len(), 3);
    let page = reader.get("/leaderboard?phase=main").await.html(StatusCode::OK);
    let rows = page.texts(".leaderboard tbody tr:not(.observers) th a");
    assert_eq!(rows, ["Reference", "Team A", "Other", "Team B", "Other"]);
    // Members of a baseline follow no link to a row of their own.
    let own = site.log_in("Other").await.get("/leaderboard?phase=main").await.html(StatusCode::OK);
    assert!(!own.has("#own") && !own.has("#your-place"));
    let quota = decide(&site, "Other", "suspend").await.expect(StatusCode::OK);
    assert_eq!(quota["results"][0]["done"], true);
    assert_eq!(shown().await, [id(&better)]);
}

async fn an_earlier_moment_has_todays_baselines(database: Database) {
    let site = site(database, Feedback::PerCase).await;
    let (a, reference) = (site.team("Team A").await, site.team("Reference").await);
    send(&a, &honest(60)).await;
    send(&reference, &honest(120)).await;
    let reader = site.anybody();
    let link = reader.get("/leaderboard").await.html(StatusCode::OK).link("#permalink");
    let at = link.split_once("&at=").unwrap().1.to_owned();
    let then = async || board(&reader, &format!("?at={at}")).await;
    assert_eq!(teams(&then().await, "entries"), ["Reference", "Team A"]);
    mark(&site, "Reference").await;
    let marked = then().await;
    assert_eq!(
        (teams(&marked, "entries"), teams(&marked, "baselines")),
        (vec!["Team A".to_owned()], vec!["Reference".to_owned()],)
    );
    assert_eq!(marked["entries"][0]["position"], 1);
}

async fn a_baselines_own_pages_say_what_it_is(database: Database) {
    let site = site(database, Feedback::Rounded).await;
    let [a, _, better] = two_and_a_baseline(&site).await;
    let own = site.log_in("Reference").await;
    let path = |report: &Value| format!("/submissions/{}", report["id"].as_str().unwrap());
    let page = own.get(&path(&better)).await.html(StatusCode::OK);
    assert!(page.text("#baseline").contains("not ranked") && !page.has("#place"));
    let team = own.get("/team").await.html(StatusCode::OK).text("#baseline");
    assert!(team.contains("Reason: the reference method"), "{team}");
    let found = board(&own, "").await;
    let address =
        |member: &str| format!("/teams/{}", list(&found, member)[0]["team_id"].as_str().unwrap());
    let reader = site.anybody();
    let page = reader.get(&address("baselines")).await.html(StatusCode::OK);
    assert!(page.text("#baseline").contains("not ranked"));
    assert_eq!(page.parts("#progress tbody tr").len(), 1);
    for (reader, address) in
        [(&reader, address("entries")), (&site.log_in("Team A").await, path(&a))]
    {
        assert!(!reader.get(&address).await.html(StatusCode::OK).has("#baseline"), "{address}");
    }
}
