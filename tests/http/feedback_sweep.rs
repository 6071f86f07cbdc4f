//! Every route, by every kind of reader, at every level of feedback: no answer holds a digit beyond the level.

use std::collections::BTreeSet;

use asoca::domain::{Feedback, Scope, UserId};
use asoca::store::Timestamp;
use asoca::web::ROUTES;
use axum::http::StatusCode;
use coronary_phantom::Method;
use serde_json::{Value, json};
use test_support::challenge::zip_of;
use test_support::client::Client;
use test_support::form::Form;
use test_support::site::{Setup, Site};
use test_support::{Database, on_both_engines};

on_both_engines! {
    no_answer_holds_a_digit_beyond_the_level,
}

const PHASE: &str = "/api/v1/admin/phases/main";

/// All numbers of a document that have decimals.
fn floats(of: &Value, into: &mut Vec<f64>) {
    match of {
        Value::Number(number) => {
            into.extend(number.as_f64().filter(|number| number.fract() != 0.0));
        }
        Value::Array(all) => all.iter().for_each(|one| floats(one, into)),
        Value::Object(all) => all.values().for_each(|one| floats(one, into)),
        _ => {}
    }
}

/// The decimal numbers in a text, as they are written; the seconds of a time of day, `00:32:04.741873`, are none.
fn written(text: &str) -> BTreeSet<String> {
    let two_digits = |part: &str| part.split('.').next().is_some_and(|whole| whole.len() == 2);
    let is_time = |word: &&str| word.split(':').count() == 3 && word.split(':').all(two_digits);
    text.split(|c: char| !c.is_ascii_digit() && c != '.' && c != ':')
        .filter(|word| !is_time(word))
        .flat_map(|word| word.split(':'))
        .filter(|word| {
            word.split('.').count() == 2 && !word.starts_with('.') && !word.ends_with('.')
        })
        .map(str::to_owned)
        .collect()
}

/// Which of the secrets a text tells, beyond what may be told.
fn told(text: &str, secrets: &[f64], allowed: &[f64]) -> Vec<String> {
    // In plots there are thousands of coordinates with a decimal or two, and ticks like 0.834; values have four.
    let fewest = if text.contains("<svg") { 4 } else { 2 };
    let tells = |word: &String| {
        let Some((_, rest)) = word.split_once('.') else { return false };
        let Ok(number) = word.parse::<f64>() else { return false };
        let within = 0.5000001 / 10f64.powi(rest.len() as i32);
        rest.len() >= fewest
            && number.fract() != 0.0
            && !allowed.contains(&number)
            && secrets.iter().any(|secret| (secret - number).abs() <= within)
    };
    written(text).into_iter().filter(tells).collect()
}

#[test]
fn a_number_is_found_wherever_it_stands_but_not_in_a_time_of_day() {
    let text = r#"{"at":"2026-12-01T00:32:04.741873Z","x":4.741873,"y":[0.25,:1.5:],"z":"7.125:"}"#;
    assert_eq!(written(text).into_iter().collect::<Vec<_>>(), ["0.25", "1.5", "4.741873", "7.125"]);
}

async fn store_id(site: &Site, email: &str) -> UserId {
    site.store.user_by_email(email).await.unwrap().unwrap().id
}

struct Scene {
    site: Site,
    /// Two submissions of one team: ids, and all exact numbers about them.
    ids: Vec<String>,
    secrets: Vec<f64>,
    team: String,
    /// Numbers that were shown before anything was sent: spacings, what is known of annotators.
    public: Vec<f64>,
}

impl Scene {
    async fn new(database: Database) -> Self {
        let setup = Setup { feedback: Feedback::Rounded, ..Setup::default() };
        let site = Site::with(database, setup).await;
        let mut public = Vec::new();
        for address in [
            "/",
            "/scoring",
            "/cases",
            "/leaderboard",
            "/api/v1/leaderboard",
            "/api/v1/cases",
            "/docs/api",
        ] {
            let words = written(site.anybody().get(address).await.text());
            public.extend(words.iter().filter_map(|word| word.parse::<f64>().ok()));
        }
        // What a level is, is said in numbers, too.
        let sentences = Feedback::ALL.iter().map(|feedback| feedback.sentence());
        let words = written(&sentences.collect::<Vec<_>>().join(" "));
        public.extend(words.iter().filter_map(|word| word.parse::<f64>().ok()));
        let a = site.team("Team A").await;
        for name in ["Team B", "Team S"] {
            site.member(name).await;
        }
        site.account("loner", None, false).await;
        site.account("chair", None, true).await;
        site.execute("update teams set standing = 'suspended' where name = $1", "Team S").await;
        let mut ids = Vec::new();
        for method in [Method::Thin, Method::Fragmented] {
            let form = Form::zip(&zip_of(method)).field("method", method.name());
            let report = a.submit_and_wait(&form).await.expect(StatusCode::CREATED);
            ids.push(report["id"].as_str().unwrap().to_owned());
        }
        let (organiser, mut secrets) = (site.organiser().await, Vec::new());
        for id in &ids {
            let report = organiser.get(&format!("/api/v1/submissions/{id}")).await;
            floats(&report.expect(StatusCode::OK), &mut secrets);
        }
        let board = organiser.get("/api/v1/leaderboard").await.expect(StatusCode::OK);
        let team = board["entries"][0]["team_id"].as_str().unwrap().to_owned();
        Self { site, ids, secrets, team, public }
    }

    /// All addresses that can be read, with what there is.
    fn addresses(&self) -> Vec<String> {
        let mut all = Vec::new();
        let now = Timestamp::now().rfc3339();
        for route in ROUTES.iter().filter(|route| route.method == "get") {
            let fill = |from: &str, to: &str| route.path.replace(from, to);
            match route.path {
                path if path.starts_with("/submissions/")
                    || path.starts_with("/api/v1/submissions/") =>
                {
                    all.extend(self.ids.iter().map(|id| fill("{id}", id)));
                }
                path if path.contains("/teams/{id}") => all.push(fill("{id}", &self.team)),
                path if path.starts_with("/plots/") => {
                    for name in [
                        "values",
                        "podium",
                        "ranks",
                        "significance",
                        "metrics",
                        "progress",
                        "own-progress",
                    ] {
                        let address = fill("{name}", &format!("{name}.svg"));
                        all.push(format!("{address}?team={}", self.team));
                        all.push(address);
                    }
                }
                path if path.contains('{') => all.push(
                    path.replace("{slug}", "main")
                        .replace("{id}", &self.ids[0])
                        .replace("{secret}", "none"),
                ),
                path if path.ends_with("/leaderboard") || path.ends_with("/analysis") => {
                    for query in [
                        "",
                        "?group=normal",
                        "?group=diseased",
                        "?format=csv",
                        "?format=tex",
                        "?format=tex&group=normal",
                        &format!("?at={now}"),
                        &format!("?format=csv&at={now}"),
                    ] {
                        all.push(format!("{path}{query}"));
                    }
                }
                path if path.ends_with("/compare") => {
                    let both = self.ids.join(",");
                    for entries in self.ids.iter().chain([&both]) {
                        for query in ["", "&group=normal", &format!("&at={now}")] {
                            all.push(format!("{path}?entries={entries}{query}"));
                        }
                    }
                }
                path => all.push(path.to_owned()),
            }
        }
        all
    }

    /// Everybody but organisers.
    async fn readers(&self) -> Vec<(&'static str, Client)> {
        let member = store_id(&self.site, "Team.A@example.org").await;
        let lesser = store_id(&self.site, "chair@example.org").await;
        vec![
            ("nobody", self.site.anybody()),
            ("own team", self.site.log_in("Team A").await),
            ("own team's token", self.site.script(member, Scope::Read).await),
            ("another team", self.site.log_in("Team B").await),
            ("a suspended team", self.site.log_in("Team S").await),
            ("somebody without a team", self.site.log_in("loner").await),
            ("an organiser's lesser token", self.site.script(lesser, Scope::Submit).await),
        ]
    }

    async fn set(&self, to: Value) {
        self.site.organiser().await.post_json(PHASE, &to).await.expect(StatusCode::OK);
    }

    /// What answers tell beyond what the team's own reports hold at this level.
    async fn found(&self) -> Vec<String> {
        let readers = self.readers().await;
        let (mut allowed, mut found) = (self.public.clone(), Vec::new());
        for id in &self.ids {
            let report = readers[2].1.get(&format!("/api/v1/submissions/{id}")).await;
            let report = report.expect(StatusCode::OK);
            if report.get("cases").is_none() {
                floats(&report["aggregates"], &mut allowed);
            }
        }
        for (reader, client) in &readers {
            for address in self.addresses() {
                let answer = client.get(&address).await;
                let text = String::from_utf8_lossy(&answer.body).into_owned();
                let told = told(&text, &self.secrets, &allowed);
                found.extend(told.iter().map(|number| format!("{reader}: {address}: {number}")));
            }
        }
        found
    }
}

async fn no_answer_holds_a_digit_beyond_the_level(database: Database) {
    let scene = Scene::new(database).await;
    let closed = Timestamp::now();
    for closes_at in [None, Some(closed)] {
        for feedback in [Feedback::Hidden, Feedback::Improved, Feedback::Rounded] {
            scene.set(json!({ "feedback": feedback, "closes_at": closes_at })).await;
            assert_eq!(scene.found().await, Vec::<String>::new(), "{feedback}, {closes_at:?}");
        }
    }
    // The same walk finds everything where it is shown.
    let said = json!({ "final": true, "reason": "It is over." });
    let organiser = scene.site.organiser().await;
    assert_eq!(
        organiser.post_json(&format!("{PHASE}/final"), &said).await.status,
        StatusCode::NO_CONTENT
    );
    let found = scene.found().await.join("\n");
    for place in [
        "nobody: /leaderboard: ",
        "nobody: /api/v1/leaderboard: ",
        "nobody: /api/v1/leaderboard?format=csv: ",
        "nobody: /api/v1/leaderboard?format=tex&group=normal: ",
        "nobody: /analysis: ",
        "nobody: /compare?entries=",
        "nobody: /plots/values.svg: ",
        "nobody: /plots/progress.svg: ",
        "another team: /teams/",
        "own team: /submissions/",
        "own team's token: /api/v1/submissions: ",
        "/metrics.json: ",
    ] {
        assert!(found.contains(place), "{place} is not found in\n{found}");
    }
    let every_case = json!({ "feedback": "per_case", "closes_at": null, "cases_public": false });
    scene.set(every_case).await;
    let mut single = Vec::new();
    for id in &scene.ids {
        let report =
            organiser.get(&format!("/api/v1/submissions/{id}")).await.expect(StatusCode::OK);
        report["cases"].as_array().unwrap().iter().for_each(|case| floats(case, &mut single));
        let mut aggregates = Vec::new();
        floats(&report["aggregates"], &mut aggregates);
        single.retain(|value| !aggregates.iter().any(|of| (of - value).abs() < 1e-6));
    }
    for address in scene.addresses() {
        let answer = scene.site.anybody().get(&address).await;
        let told: Vec<String> = told(&String::from_utf8_lossy(&answer.body), &single, &[]);
        let exact: Vec<&String> = told.iter().filter(|number| number.len() > 7).collect();
        assert_eq!(exact, Vec::<&String>::new(), "{address}");
    }
}
