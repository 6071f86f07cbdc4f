//! From the sign-up page to the leaderboard.

use std::sync::Arc;

use axum::http::StatusCode;
use coronary_phantom::Method;
use segmentation_metrics::{CaseScore, Summary};
use serde_json::{Value, json};
use test_support::challenge::{CASES, SHAPE, scores, spacing, zip_of};
use test_support::form::Form;
use test_support::site::Site;
use test_support::{Database, on_both_engines};

on_both_engines! {
    a_newcomer_signs_up_submits_and_stands_on_the_leaderboard,
    a_browser_submits_by_the_form_and_watches_the_submission,
    metrics_json_has_the_layout_of_the_published_evaluator,
    metrics_json_of_a_submission_without_a_score_says_so,
    an_answer_names_the_methods_link_and_the_submissions_page_apart,
    cases_and_phases_are_public,
    the_better_method_stands_first_and_a_teams_best_submission_counts,
}

fn column(scores: &[CaseScore], of: fn(&CaseScore) -> f64) -> Vec<f64> {
    scores.iter().map(of).collect()
}

/// What a summary looks like in an answer.
fn summary(values: &[f64]) -> Value {
    serde_json::to_value(Summary::of(values).unwrap()).unwrap()
}

async fn a_newcomer_signs_up_submits_and_stands_on_the_leaderboard(database: Database) {
    let site = Site::start(database).await;
    let browser = site.anybody();
    let signed_up = browser.sign_up("Team A").await;
    assert_eq!(signed_up.redirect(), "/account");
    let browser = browser.with_cookie_of(&signed_up);
    assert!(browser.get("/account").await.page(StatusCode::OK).contains("ada@example.org"));

    let wanted = [("name", "laptop"), ("scope", "submit"), ("days", "30")];
    let made = browser.post_and_follow("/account/tokens", &wanted).await;
    let token = made.html(StatusCode::OK).text("code.token");
    assert!(!browser.get("/account").await.text().contains(&token), "a token is shown once");

    let script = site.anybody().with_token(&token);
    let form = Form::zip(&zip_of(Method::Thin)).field("method", "nnU-Net");
    let answer = script.submit_and_wait(&form).await;
    let scored = answer.expect(StatusCode::CREATED);
    let expected = scores(Method::Thin);
    let (dice, hd95) = (column(&expected, |case| case.dice), column(&expected, |case| case.hd95));
    assert_eq!(scored["state"], "scored");
    assert_eq!(scored["aggregates"]["all"]["dice"], summary(&dice));
    assert_eq!(scored["aggregates"]["all"]["hd95"], summary(&hd95));
    assert_eq!(scored["aggregates"]["normal"]["dice"], summary(&dice[..3]));
    assert_eq!(scored["aggregates"]["diseased"]["hd95"], summary(&hd95[3..]));
    assert_eq!(scored["dice"], summary(&dice)["mean"]);
    assert_eq!(scored["hd95"], summary(&hd95)["mean"]);
    for (case, expected) in expected.iter().enumerate() {
        let found = &scored["cases"][case];
        assert_eq!(found["dice"], expected.dice, "{found}");
        assert_eq!(found["hd95"], expected.hd95, "{found}");
    }
    assert_eq!((&scored["method"], &scored["team"]), (&json!("nnU-Net"), &json!("Team A")));
    assert_eq!(scored["warnings"], json!([]));

    let location = answer.header("location").unwrap();
    assert_eq!(script.get(location).await.expect(StatusCode::OK), scored);
    let listed = script.get("/api/v1/submissions").await.expect(StatusCode::OK);
    assert_eq!(listed["submissions"], json!([scored]));

    let board = site.anybody().get("/api/v1/leaderboard").await.expect(StatusCode::OK);
    let [row] = board["entries"].as_array().unwrap().as_slice() else { panic!("{board}") };
    assert_eq!((&row["position"], &row["team"]), (&json!(1), &json!("Team A")));
    assert_eq!((&row["dice"], &row["hd95"]), (&scored["dice"], &scored["hd95"]));
    let page = site.anybody().get("/leaderboard").await;
    let page = page.page(StatusCode::OK);
    for shown in ["Team A", "nnU-Net", &format!("{:.4}", scored["dice"].as_f64().unwrap())] {
        assert!(page.contains(shown), "{shown} is not on {page}");
    }
}

async fn a_browser_submits_by_the_form_and_watches_the_submission(database: Database) {
    let site = Site::start(database).await;
    let signed_up = site.anybody().sign_up("Team A").await;
    let browser = site.anybody().with_cookie_of(&signed_up);
    let form = browser.get("/submit").await;
    assert!(form.html(StatusCode::OK).has("form input[type=file][name=file]"));

    let sent = browser.send(Form::zip(&zip_of(Method::Thin)).request("/submit")).await;
    let location = sent.redirect();
    let id = location.strip_prefix("/submissions/").unwrap();
    let page = loop {
        let page = browser.get(location).await;
        if !page.page(StatusCode::OK).contains("hx-trigger") {
            break page;
        }
    };
    let report = browser.get(&format!("/api/v1/submissions/{id}")).await.expect(StatusCode::OK);
    let dice = format!("{:.4}", report["dice"].as_f64().unwrap());
    assert_eq!(page.html(StatusCode::OK).text("#dice"), dice);
    assert!(browser.get("/submissions").await.page(StatusCode::OK).contains(location));
}

async fn metrics_json_has_the_layout_of_the_published_evaluator(database: Database) {
    let site = Site::start(database).await;
    let script = site.team("Team A").await;
    let answer = script.submit_and_wait(&Form::zip(&zip_of(Method::Thick))).await;
    let id = answer.expect(StatusCode::CREATED)["id"].clone();
    let path = format!("/api/v1/submissions/{}/metrics.json", id.as_str().unwrap());
    let metrics = script.get(&path).await.expect(StatusCode::OK);

    let expected = scores(Method::Thick);
    for (name, of) in [
        ("DiceCoefficient", (|case| case.dice) as fn(&CaseScore) -> f64),
        ("HD95", |case| case.hd95),
    ] {
        let values = column(&expected, of);
        let aggregates = metrics["aggregates"][name].as_object().unwrap();
        let keys: Vec<&str> = aggregates.keys().map(String::as_str).collect();
        assert_eq!(keys, ["25pc", "50pc", "75pc", "count", "max", "mean", "min", "std"]);
        let mut summary = summary(&values);
        summary["count"] = json!(f64::from(CASES));
        assert_eq!(metrics["aggregates"][name], summary);
        for (case, value) in values.iter().enumerate() {
            assert_eq!(metrics["case"][name][case.to_string()], *value);
        }
    }
}

async fn metrics_json_of_a_submission_without_a_score_says_so(database: Database) {
    let site = Site::without_worker(database).await;
    let script = site.team("Team A").await;
    let queued = script.submit(&Form::zip(&zip_of(Method::Thin))).await;
    let id = queued.expect(StatusCode::ACCEPTED)["id"].clone();
    let path = format!("/api/v1/submissions/{}/metrics.json", id.as_str().unwrap());
    let answer = script.get(&path).await;
    assert_eq!(answer.problem(StatusCode::CONFLICT), "submission.not_scored");
    assert_eq!(answer.json()["submission"], id);
    let page = script.get(&format!("/submissions/{}", id.as_str().unwrap())).await;
    let to_metrics = "a[href$='metrics.json']";
    assert!(!page.html(StatusCode::OK).has(to_metrics), "a link that leads nowhere");

    site.start_worker(Arc::default()).await;
    site.until(async || script.get(&path).await.status == StatusCode::OK).await;
    let page = script.get(&format!("/submissions/{}", id.as_str().unwrap())).await;
    assert_eq!(page.html(StatusCode::OK).link(to_metrics), path);
}

async fn an_answer_names_the_methods_link_and_the_submissions_page_apart(database: Database) {
    let site = Site::without_worker(database).await;
    let script = site.team("Team A").await;
    let form = Form::zip(&zip_of(Method::Thin)).field("url", "https://example.org/paper");
    let report = script.submit(&form).await.expect(StatusCode::ACCEPTED);
    assert_eq!(report["url"], "https://example.org/paper");
    let page = format!("http://{}/submissions/{}", script.address, report["id"].as_str().unwrap());
    assert_eq!(report["page"], page);
    assert_eq!(report.get("method_url"), None);
    let path = page.split_once("/submissions").map(|(_, id)| format!("/submissions{id}")).unwrap();
    let page = script.get(&path).await.html(StatusCode::OK);
    assert_eq!(page.link("a[rel='nofollow ugc noopener']"), "https://example.org/paper");
}

async fn cases_and_phases_are_public(database: Database) {
    let site = Site::without_worker(database).await;
    let cases = site.anybody().get("/api/v1/cases").await.expect(StatusCode::OK);
    let listed = cases["cases"].as_array().unwrap();
    assert_eq!(listed.len(), CASES as usize);
    for (at, case) in listed.iter().enumerate() {
        let group = if at < 3 { "normal" } else { "diseased" };
        let id = at.to_string();
        let expected = json!({ "id": id, "group": group, "shape": SHAPE, "spacing": spacing(at) });
        assert_eq!(*case, expected);
    }
    let phases = site.anybody().get("/api/v1/phases").await.expect(StatusCode::OK);
    let phase = &phases["phases"][0];
    assert_eq!((&phase["slug"], &phase["open"]), (&json!("main"), &json!(true)));
    assert_eq!((&phase["quota"], &phase["counting"]), (&json!(100), &json!("best")));
}

async fn the_better_method_stands_first_and_a_teams_best_submission_counts(database: Database) {
    let site = Site::start(database).await;
    let (first, second) = (site.team("Team A").await, site.team("Team B").await);
    for (team, method) in
        [(&second, Method::Shifted), (&first, Method::NearPerfect), (&first, Method::RightLost)]
    {
        let form = Form::zip(&zip_of(method)).field("method", method.name());
        team.submit_and_wait(&form).await.expect(StatusCode::CREATED);
    }
    let board = site.anybody().get("/api/v1/leaderboard?phase=main").await.expect(StatusCode::OK);
    let rows: Vec<_> = board["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["position"].as_u64().unwrap(), row["method"].as_str().unwrap()))
        .collect();
    assert_eq!(rows, [(1, "near-perfect"), (2, "shifted")]);
}
