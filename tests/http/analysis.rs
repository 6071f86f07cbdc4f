//! How far the leaderboard can be trusted.

use std::path::Path;
use std::process::Command;

use asoca::domain::Scheme;
use axum::http::StatusCode;
use coronary_phantom::Method;
use serde_json::{Value, json};
use test_support::challenge::zip_of;
use test_support::form::Form;
use test_support::page::Page;
use test_support::site::Site;
use test_support::{Database, on_both_engines};

on_both_engines! {
    the_analysis_says_who_wins_with_other_cases,
    who_is_better_in_a_metric_and_worse_in_none_is_ahead_of_the_other,
    who_is_better_in_one_metric_and_worse_in_the_other_is_mixed,
    who_has_the_same_position_is_never_worse,
    copies_are_not_separable,
    who_is_alone_is_compared_with_nobody,
    values_that_hardly_vary_are_not_tested_and_have_no_interval,
    anybody_with_the_values_gets_the_same_analysis,
    the_analysis_of_a_hidden_leaderboard_is_hidden,
    what_would_tell_a_single_case_is_not_analysed,
    entries_that_share_a_position_are_numbered_alike_in_map_and_tables,
    of_many_entries_the_page_says_how_many_are_drawn_and_tested,
}

/// With three teams on the leaderboard, the second as good as the first.
async fn site(database: Database) -> Site {
    let site = Site::start(database).await;
    for (team, method) in
        [("A", Method::NearPerfect), ("B", Method::NearPerfect), ("C", Method::RightLost)]
    {
        let team = site.team(&format!("Team {team}")).await;
        team.submit_and_wait(&Form::zip(&zip_of(method))).await.expect(StatusCode::CREATED);
    }
    site
}

async fn the_analysis_says_who_wins_with_other_cases(database: Database) {
    let site = site(database).await;
    let get = async |path: &str| site.anybody().get(path).await;
    let all = get("/api/v1/analysis").await.expect(StatusCode::OK);
    assert_eq!((&all["case_count"], &all["draws"]), (&json!(6), &json!(1000)));
    let entries = all["entries"].as_array().unwrap();
    let ranked: Vec<_> = entries.iter().map(|entry| (&entry["team"], &entry["ranked"])).collect();
    let teams = ["Team A", "Team B", "Team C"].map(Value::from);
    assert_eq!(ranked, [(&teams[0], &json!(1)), (&teams[1], &json!(1)), (&teams[2], &json!(3))]);
    assert_eq!((&entries[0]["wins"], &entries[2]["wins"]), (&json!(1.0), &json!(0.0)));
    assert_eq!(entries[1]["separable_from_first"], false);
    assert_eq!(all["better_in_dice"][0][1], 1.0, "equal entries differ by nothing");
    // Six cases that all agree: 1/64, adjusted over six ordered pairs.
    assert_eq!(all["better_in_dice"][0][2], 6.0 / 64.0);
    assert_eq!(get("/api/v1/analysis").await.expect(StatusCode::OK), all, "chance is repeatable");
    let normal = get("/api/v1/analysis?group=normal").await.expect(StatusCode::OK);
    assert_eq!((&normal["case_count"], &normal["group"]), (&json!(3), &json!("normal")));
    assert_ne!(normal["seed"], all["seed"]);
    let text = normal.to_string() + &all.to_string();
    assert!(!text.contains("values"), "{text}");

    let page = get("/analysis?group=diseased").await;
    let page = page.page(StatusCode::OK);
    assert!(
        page.contains("no significant difference") && page.contains("descriptive only"),
        "{page}"
    );
}

/// The analysis of two teams of which the first one's results were changed, and the page about it.
async fn of_two(database: Database, changes: &[&'static str]) -> (Value, String) {
    let site = Site::start(database).await;
    for team in ["Team A", "Team B"] {
        let team = site.team(team).await;
        let form = Form::zip(&zip_of(Method::DistalLost));
        team.submit_and_wait(&form).await.expect(StatusCode::CREATED);
    }
    // Nothing has been read yet.
    for change in changes {
        site.execute(change, "Team A").await;
    }
    let found = site.anybody().get("/api/v1/analysis").await.expect(StatusCode::OK);
    let page = site.anybody().get("/analysis").await;
    (found, page.page(StatusCode::OK).to_owned())
}

/// A change of the results of the team that is bound.
macro_rules! change {
    ($what:literal) => {
        concat!(
            "update evaluation_results set ",
            $what,
            " and evaluation_id in (select e.id from evaluations e join submissions s on s.id = e.submission_id \
             join teams t on t.id = s.team_id where t.name = $1)"
        )
    };
}

const BETTER_IN_DICE: &str = change!("dice = dice + 0.001 where true");
const WORSE_IN_HD95: &str = change!("hd95 = hd95 + 1 where true");
const WORSE_IN_ONE_CASE: &str = change!("hd95 = hd95 + 1 where case_id = '0'");

struct Against {
    first: &'static str,
    word: &'static str,
    on_page: &'static str,
    second_ranks: usize,
}

async fn against(database: Database, changes: &[&'static str], expected: Against) {
    let (found, page) = of_two(database, changes).await;
    let [first, second] = found["entries"].as_array().unwrap().as_slice() else { panic!() };
    assert_eq!((&first["team"], &first["ranked"]), (&json!(expected.first), &json!(1)));
    assert_eq!(first["against_first"], Value::Null);
    assert_eq!(first["separable_from_first"], Value::Null);
    assert_eq!(second["ranked"], expected.second_ranks);
    assert_eq!(second["against_first"], expected.word);
    assert_eq!(second["separable_from_first"], expected.word == "behind");
    let headline = Page::of(&page).text("#headline");
    let of_the_other = match expected.word {
        _ if expected.second_ranks == 1 => "share the first position",
        "behind" => "is significantly behind",
        _ => "can’t be told apart",
    };
    assert!(headline.contains(of_the_other), "{headline}");
    let cell = format!("<td>{}</td>", expected.on_page);
    assert!(page.contains(&cell), "{cell} is not on {page}");
}

async fn who_is_better_in_a_metric_and_worse_in_none_is_ahead_of_the_other(database: Database) {
    let expected = Against {
        first: "Team A",
        word: "behind",
        on_page: "significantly worse",
        second_ranks: 2,
    };
    against(database, &[BETTER_IN_DICE], expected).await;
}

async fn who_is_better_in_one_metric_and_worse_in_the_other_is_mixed(database: Database) {
    let expected = Against { first: "Team A", word: "mixed", on_page: "mixed", second_ranks: 1 };
    against(database, &[BETTER_IN_DICE, WORSE_IN_HD95], expected).await;
}

async fn who_has_the_same_position_is_never_worse(database: Database) {
    // One is better beyond chance in Dice, the other one in HD95 by its mean alone.
    let expected =
        Against { first: "Team A", word: "level", on_page: "same position", second_ranks: 1 };
    against(database, &[BETTER_IN_DICE, WORSE_IN_ONE_CASE], expected).await;
}

async fn copies_are_not_separable(database: Database) {
    let expected = Against {
        first: "Team A",
        word: "not_separable",
        on_page: "no significant difference",
        second_ranks: 1,
    };
    against(database, &[], expected).await;
}

async fn who_is_alone_is_compared_with_nobody(database: Database) {
    let site = Site::start(database).await;
    let team = site.team("Team A").await;
    team.submit_and_wait(&Form::zip(&zip_of(Method::Thin))).await.expect(StatusCode::CREATED);
    let alone = site.anybody().get("/api/v1/analysis").await.expect(StatusCode::OK);
    assert_eq!(alone["entries"][0]["separable_from_first"], Value::Null);
    assert_eq!((&alone["better_in_dice"], &alone["tau"]), (&json!([[1.0]]), &Value::Null));
}

async fn values_that_hardly_vary_are_not_tested_and_have_no_interval(database: Database) {
    let (found, page) = of_two(
        database,
        &[
            change!("hd95 = 0.1 where case_id in ('0', '1', '2')"),
            change!("hd95 = 0.3 where case_id in ('3', '4', '5')"),
        ],
    )
    .await;
    let constant = &found["entries"][0];
    assert_eq!((&constant["welch"]["hd95"], &constant["hd95"]), (&Value::Null, &Value::Null));
    assert!(constant["welch"]["dice"]["p"].is_f64() && constant["dice"]["low"].is_f64());
    assert!(page.contains("<td class=\"number\">values hardly vary</td>"), "{page}");
    assert!(page.contains("<td class=\"number\">–</td>"), "{page}");
}

async fn anybody_with_the_values_gets_the_same_analysis(database: Database) {
    let site = site(database).await;
    let team = site.team("Team D").await;
    team.submit_and_wait(&Form::zip(&zip_of(Method::Leaky))).await.expect(StatusCode::CREATED);
    let organiser = site.organiser().await;
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let results = organiser.get("/api/v1/admin/exports/results.csv").await;
    let results = file("results.csv", results.text());
    for scheme in Scheme::ALL {
        let rules = json!({ "scheme": scheme.as_str() });
        organiser.post_json("/api/v1/admin/phases/main", &rules).await.expect(StatusCode::OK);
        for group in ["", "?group=normal", "?group=diseased"] {
            let analysis = organiser.get(&format!("/api/v1/analysis{group}")).await;
            let found = analysis.expect(StatusCode::OK);
            assert_eq!(found["scheme"], scheme.as_str());
            let analysis = file("analysis.json", &found.to_string());
            let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/replay_analysis.py");
            let mut replay = Command::new("python3");
            let Ok(said) = replay.arg(script).arg(&results).arg(analysis).output() else {
                assert!(std::env::var_os("CI").is_none(), "there is no python3");
                return println!("not run: there is no python3");
            };
            let words = [said.stdout, said.stderr].map(|of| String::from_utf8(of).unwrap());
            assert!(said.status.success(), "{scheme:?}{group}: {words:?}");
            assert!(words[0].ends_with(" values compared, 0 differ\n"), "{words:?}");
        }
    }
}

async fn the_analysis_of_a_hidden_leaderboard_is_hidden(database: Database) {
    let site = site(database).await;
    let hidden = json!({ "leaderboard": "hidden" });
    let organiser = site.organiser().await;
    organiser.post_json("/api/v1/admin/phases/main", &hidden).await.expect(StatusCode::OK);
    let found = site.anybody().get("/api/v1/analysis").await.expect(StatusCode::OK);
    assert_eq!(found["entries"], json!([]));
    let page = site.anybody().get("/analysis").await;
    let page = page.html(StatusCode::OK);
    assert_eq!(page.text("#hidden"), "The organisers have not opened this leaderboard yet.");
    assert_eq!(page.text(".lead"), "Final test · 6 cases");
    let found = organiser.get("/api/v1/analysis").await.expect(StatusCode::OK);
    assert_eq!(found["entries"].as_array().unwrap().len(), 3);
}

async fn what_would_tell_a_single_case_is_not_analysed(database: Database) {
    let site = site(database).await;
    // Which leaves one normal case; nothing has been read yet.
    site.execute("update cases set case_group = 'diseased' where case_id <> $1", "0").await;
    for group in ["normal", "diseased"] {
        let path = format!("/api/v1/analysis?group={group}");
        let found = site.anybody().get(&path).await.expect(StatusCode::OK);
        assert_eq!((&found["entries"], &found["case_count"]), (&json!([]), &json!(0)), "{group}");
        let plot = site.anybody().get(&format!("/plots/progress.svg?group={group}")).await;
        assert!(plot.text().contains("nothing to draw"), "{}", plot.text());
    }
    let all = site.anybody().get("/api/v1/analysis").await.expect(StatusCode::OK);
    assert_eq!(all["entries"].as_array().unwrap().len(), 3);
    assert_eq!(all["entries"][0]["welch"], json!({ "dice": null, "hd95": null }));
}

async fn entries_that_share_a_position_are_numbered_alike_in_map_and_tables(database: Database) {
    let site = site(database).await;
    let page = site.anybody().get("/analysis").await.html(StatusCode::OK);
    assert_eq!(page.texts("#spread .position"), ["1", "1", "3"]);
    assert_eq!(page.text("#headline"), "2 entries share the first position.");
    for link in page.links(".contents a[href]") {
        assert!(page.has(&format!("h2{link}")), "{link}");
    }
    assert_eq!(page.texts("table.map thead abbr")[..3], ["1a", "1b", "3"]);
    assert_eq!(page.texts("table.map tbody td:first-child")[..3], ["1a", "1b", "3"]);
    let drawn = site.anybody().get("/plots/significance.svg").await;
    let drawn = Page::of(drawn.text());
    let (names, columns) = (drawn.texts("g.names text"), drawn.texts("g.axis text"));
    assert_eq!(names[..3], ["1a Team A", "1b Team B", "3 Team C"]);
    assert_eq!(columns[..3], ["1a", "1b", "3"]);
}

async fn of_many_entries_the_page_says_how_many_are_drawn_and_tested(database: Database) {
    let site = Site::start(database).await;
    let (best, same) = (zip_of(Method::NearPerfect), zip_of(Method::Thin));
    // All but one share the second position, across the 30 that are tested at most.
    let teams = 32;
    for number in 0..teams {
        let team = site.team(&format!("Team {number}")).await;
        let zip = if number == 0 { &best } else { &same };
        team.submit_and_wait(&Form::zip(zip)).await.expect(StatusCode::CREATED);
    }
    let found = site.anybody().get("/api/v1/analysis").await.expect(StatusCode::OK);
    let entries = found["entries"].as_array().unwrap();
    assert_eq!((entries.len(), &entries[31]["ranked"]), (teams, &json!(2)));
    assert!(entries.iter().all(|entry| entry["against_first"].is_null()), "{found}");
    assert_eq!(found["better_in_dice"], json!([[1.0]]));

    let page = site.anybody().get("/analysis").await.html(StatusCode::OK);
    let said = page.texts("figure .cut");
    let drawn = "The first 30 of 32 entries are drawn.";
    assert_eq!(said, [drawn, drawn, drawn, "Only the first of 32 entries is drawn."]);
    let against: Vec<String> = page.texts("#spread tbody td:last-child");
    assert_eq!((against[0].as_str(), &against[1..]), ("–", &vec!["not tested".to_owned(); 31][..]));
    let all = page.text("main");
    assert!(all.contains("At most 30 entries are tested"), "{all}");
}
