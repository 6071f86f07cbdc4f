//! Attacks that gave hidden truth away when aggregates were shown exactly, against each level of feedback.

use asoca::domain::{Disclosure, Feedback, Group, PerMetric, Withheld};
use asoca::scoring::ShownAggregates;
use axum::http::StatusCode;
use serde_json::{Value, json};
use test_support::client::Client;
use test_support::form::Form;
use test_support::site::Site;
use test_support::{Database, on_both_engines};

use crate::feedback::{send, site};
use crate::tiny::{CASES, Sent, honest, upload};

on_both_engines! {
    a_difference_in_one_case_tells_nothing_exact,
    nine_cases_that_score_nothing_give_the_tenth_to_five_thousandths_at_best,
    no_summary_but_a_rounded_mean_is_there_to_be_solved_for,
    single_flips_are_not_told_apart,
    an_upload_that_is_not_better_tells_that_alone,
}

const ALL_LEVELS: [Feedback; 3] = [Feedback::Hidden, Feedback::Improved, Feedback::Rounded];

/// Every number in a document, with where it is.
fn numbers(of: &Value, path: &str, into: &mut Vec<(String, f64)>) {
    match of {
        Value::Number(number) => into.push((path.to_owned(), number.as_f64().unwrap())),
        Value::Array(all) => all.iter().for_each(|one| numbers(one, path, into)),
        Value::Object(all) => {
            all.iter().for_each(|(name, one)| numbers(one, &format!("{path}/{name}"), into));
        }
        _ => {}
    }
}

/// All that a team gets to know of a submission: the answer, the metrics, and its row of the leaderboard.
async fn told(client: &Client, report: &Value) -> Vec<(String, f64)> {
    let mut told = Vec::new();
    let metrics = format!("/api/v1/submissions/{}/metrics.json", report["id"].as_str().unwrap());
    let board = client.get("/api/v1/leaderboard").await.expect(StatusCode::OK);
    for document in [report.clone(), client.get(&metrics).await.json(), board["entries"].clone()] {
        numbers(&document, "", &mut told);
    }
    told.retain(|(path, _)| {
        let scores = ["dice", "hd95", "DiceCoefficient", "HD95", "secondary", "vessels"];
        scores.iter().any(|name| path.contains(name)) && !path.contains("position")
    });
    told
}

fn decimals(number: f64) -> usize {
    number.to_string().split_once('.').map_or(0, |(_, rest)| rest.len())
}

/// What an attacker computes of the Dice of a case from the means of two uploads that differ in that case alone.
fn difference(before: &Value, after: &Value) -> Option<f64> {
    let group = |report: &Value| report["aggregates"]["normal"]["dice"]["mean"].as_f64();
    Some((group(after)? - group(before)?) * 10.0)
}

async fn a_difference_in_one_case_tells_nothing_exact(database: Database) {
    let site = site(database, Feedback::Rounded).await;
    let a = site.team("Team A").await;
    let mut without = honest(120);
    without[7] = Sent::Corner;
    let (without, with) = (send(&a, &without).await, send(&a, &honest(120)).await);
    let truth = honest(120)[7].dice(7);
    let found = difference(&without, &with).unwrap();
    // Two means, each to ±0.0005 of ten cases; before, the difference was exact to 1e-15.
    assert!((found - truth).abs() <= 0.0100001);
    for report in [&without, &with] {
        for (path, number) in told(&a, report).await {
            assert!(decimals(number) <= 3, "{path} is {number}");
        }
    }
    let organiser = site.organiser().await;
    let exact = async |report: &Value| {
        let path = format!("/api/v1/submissions/{}", report["id"].as_str().unwrap());
        organiser.get(&path).await.expect(StatusCode::OK)
    };
    let found = difference(&exact(&without).await, &exact(&with).await).unwrap();
    assert!((found - truth).abs() < 1e-12, "the attack works on exact means: {found}, {truth}");
}

async fn nine_cases_that_score_nothing_give_the_tenth_to_five_thousandths_at_best(
    database: Database,
) {
    let site = site(database, Feedback::Rounded).await;
    let a = site.team("Team A").await;
    // A voxel in a corner, or a blob of a usual size where no vessel is: both score 0.
    for elsewhere in [Sent::Corner, Sent::Part(0, 170)] {
        gives_no_more_than_five_thousandths(&a, elsewhere).await;
    }
}

async fn gives_no_more_than_five_thousandths(a: &Client, elsewhere: Sent) {
    let mut probe = [elsewhere; CASES];
    probe[4] = Sent::Part(131, 2);
    let truth = probe[4].dice(4);
    let report = send(a, &probe).await;
    let shown = report["aggregates"].clone();
    let groups: Vec<(String, Group)> = (0..CASES)
        .map(|at| (at.to_string(), if at < 10 { Group::Normal } else { Group::Diseased }))
        .collect();
    // The attacker knows every other Dice to be 0, and tries which ones of this case fit the answer.
    let fits = |dice: f64| {
        let mut values = vec![PerMetric { dice: 0.0, hd95: 1.0 }; CASES];
        values[4].dice = dice;
        let answer = ShownAggregates::of(&Withheld::new(values), &groups, Disclosure::Rounded);
        let answer = serde_json::to_value(answer.unwrap()).unwrap();
        let mean = |of: &Value, group: &str| of[group]["dice"]["mean"].clone();
        ["all", "normal", "diseased"]
            .iter()
            .all(|group| mean(&answer, group) == mean(&shown, group))
    };
    let fitting: Vec<f64> =
        (0..=100_000).map(|step| f64::from(step) / 100_000.0).filter(|&dice| fits(dice)).collect();
    let (low, high) = (fitting[0], fitting[fitting.len() - 1]);
    assert!(low <= truth && truth <= high, "{low}..{high} does not hold {truth}");
    assert!(high - low >= 0.00995, "one answer gives {truth} to {low}..{high}");
}

async fn no_summary_but_a_rounded_mean_is_there_to_be_solved_for(database: Database) {
    let site = site(database, Feedback::Rounded).await;
    let a = site.team("Team A").await;
    for feedback in ALL_LEVELS {
        change(&site, feedback).await;
        // Five cases of each group as they are, five with a corner voxel of which the truth's volume follows.
        let mixed = std::array::from_fn(|case| match case % 10 {
            0..5 => honest(120 + feedback as usize)[case],
            _ => Sent::Corner,
        });
        let report = send(&a, &mixed).await;
        for (path, number) in told(&a, &report).await {
            assert!(
                path.ends_with("/mean") || path.ends_with("/count") || !path.contains("aggregates"),
                "{feedback}: {path} is {number}"
            );
            assert!(
                !path.contains("secondary") && !path.contains("vessels"),
                "{feedback}: {path} is {number}"
            );
            let most = if path.contains("hd95") || path.contains("HD95") { 1 } else { 3 };
            assert!(decimals(number) <= most, "{feedback}: {path} is {number}");
        }
    }
}

async fn change(site: &Site, feedback: Feedback) {
    let to = json!({ "feedback": feedback });
    site.organiser().await.post_json("/api/v1/admin/phases/main", &to).await.expect(StatusCode::OK);
}

async fn single_flips_are_not_told_apart(database: Database) {
    let site = site(database, Feedback::Rounded).await;
    let a = site.team("Team A").await;
    let before = send(&a, &honest(120)).await;
    let mut answers = Vec::new();
    for case in [0, 5, 13] {
        for hit in [true, false] {
            let mut flipped = honest(120);
            flipped[case] = match hit {
                true => Sent::Part(120 + 3 * case + 1, 9),
                false => Sent::Part(120 + 3 * case, 10),
            };
            answers.push(send(&a, &flipped).await["aggregates"].clone());
        }
    }
    // A hit and a miss change a case by less than 0.004: of the 0.001 that are shown of ten cases at most once.
    answers.dedup();
    assert!(answers.len() <= 2, "{answers:?}");
    assert!(answers.contains(&before["aggregates"]), "{answers:?}");
}

async fn an_upload_that_is_not_better_tells_that_alone(database: Database) {
    let site = site(database, Feedback::Improved).await;
    let a = site.team("Team A").await;
    send(&a, &honest(130)).await;
    let plain = send(&a, &honest(60)).await;
    let members = |of: &Value| of.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let mut probes = vec![[Sent::Corner; CASES], honest(130)];
    probes[0][4] = Sent::Part(131, 2);
    probes[1][9] = Sent::Corner;
    for probe in &probes {
        let report = send(&a, probe).await;
        assert_eq!(members(&report), members(&plain));
        let same = |member: &String| {
            // The addresses of pictures have the id in them.
            let own = [
                "id",
                "page",
                "created_at",
                "finished_at",
                "upload_sha256",
                "upload_bytes",
                "pictures",
            ];
            own.contains(&member.as_str()) || report[member] == plain[member]
        };
        assert!(members(&report).iter().all(same), "{report}\n{plain}");
    }
    let form = Form::zip(&upload(&honest(60)));
    let waited = a.submit_and_wait(&form).await.expect(StatusCode::CREATED);
    assert_eq!(waited["improved"], json!(false));
}
