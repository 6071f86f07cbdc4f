use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use test_support::program::http::Client;
use test_support::program::{Process, asoca};

/// A demo that has everything and answers.
pub struct Demo {
    pub process: Process,
    pub card: Value,
}

impl Demo {
    pub fn start(data: &Path) -> Self {
        let mut process = start(data);
        let end = "Ctrl-C stops it";
        process.wait_for("a demo", |process| process.stdout().contains(end).then_some(()));
        let card = fs::read_to_string(data.join("demo.json")).unwrap();
        Self { process, card: serde_json::from_str(&card).unwrap() }
    }

    pub fn text(&self, field: &str) -> &str {
        self.card[field].as_str().unwrap_or_else(|| panic!("no {field} in {}", self.card))
    }

    pub fn get(&self, path: &str, token: Option<&str>) -> Value {
        Client::new(self.text("url"), token).get(path).json(200)
    }
}

/// Without waiting for anything.
pub fn start(data: &Path) -> Process {
    Process::start(&mut command(data))
}

fn command(data: &Path) -> Command {
    asoca([&"demo", &"--small", &"--listen", &"127.0.0.1:0", &"--data", &data])
}

#[test]
fn the_printed_line_works_and_the_next_start_finds_everything_again() {
    let folder = tempfile::tempdir().unwrap();
    // What a shell and curl would each take amiss.
    let data = folder.path().join("the demo's $HOME; 1,2 \"3\" \\");
    let demo = Demo::start(&data);
    assert!(Path::new(demo.text("sample_zip")).is_file());

    let before = demo.get("/api/v1/leaderboard", None);
    let teams = before["entries"].as_array().unwrap();
    assert!(teams.len() >= 6, "{before}");
    assert!(teams.iter().all(|team| team["dice"].as_f64() > Some(0.1)), "{before}");

    let printed = demo.process.stdout();
    let line = printed.lines().find(|line| line.starts_with("curl ")).unwrap();
    let curl = Command::new("sh").args(["-c", line]).output().unwrap();
    assert!(curl.status.success(), "{line}\n{curl:?}");
    let report: Value = serde_json::from_slice(&curl.stdout).unwrap();
    assert!(report["dice"].as_f64() > Some(0.5), "{report}");
    assert!(report["hd95"].as_f64() > Some(0.0), "{report}");
    let after = demo.get("/api/v1/leaderboard", None);
    assert_eq!(after["entries"].as_array().map(Vec::len), Some(teams.len() + 1));

    let token = demo.text("participant_token").to_owned();
    let organiser = demo.text("organiser_token").to_owned();
    assert_eq!(demo.process.interrupt().code, Some(0));

    let again = Demo::start(&data);
    assert_eq!(again.text("participant_token"), token);
    assert_eq!(again.text("organiser_token"), organiser);
    assert_eq!(again.get("/api/v1/leaderboard", None)["entries"], after["entries"]);
    let own = again.get("/api/v1/submissions", Some(&token));
    let own = own["submissions"].as_array().unwrap();
    assert_eq!(own.len(), 1);
    assert_eq!(own[0]["id"], report["id"]);
    assert_eq!(own[0]["dice"], report["dice"]);
    again.get("/api/v1/submissions", Some(&organiser));
}

#[test]
fn two_demos_do_not_share_a_folder() {
    let data = tempfile::tempdir().unwrap();
    let demo = Demo::start(data.path());
    start(data.path()).ended().refused(4, &["is in use", "another asoca"]);
    // The first one is none the worse for it.
    let leaderboard = demo.get("/api/v1/leaderboard", None);
    let shown = ["entries", "baselines"].map(|of| leaderboard[of].as_array().map(Vec::len));
    assert_eq!(shown, [Some(8), Some(1)], "{leaderboard}");
    let entry = |of: &str| {
        let id = leaderboard[of][0]["submission"].as_str().unwrap();
        demo.get(&format!("/api/v1/entries/{id}"), None)
    };
    for (of, trained_on) in [("entries", "the training cases alone"), ("baselines", "nothing")] {
        let answers = &entry(of)["answers"];
        assert_eq!(answers[0]["key"], "training", "{answers}");
        assert_eq!(answers[0]["value"], trained_on, "{answers}");
    }
}

#[test]
fn a_demo_outlives_whoever_read_its_first_lines() {
    let data = tempfile::tempdir().unwrap();
    let path = data.path().join("demo.json");
    let mut process = Process::start_unread(&mut command(data.path()));
    let card = process.wait_for("a card", |_| fs::read_to_string(&path).ok());
    let card: Value = serde_json::from_str(&card).unwrap();
    let client = Client::new(card["url"].as_str().unwrap(), None);
    assert_eq!(client.get("/readyz").status, 200);
    assert_eq!(process.interrupt().code, Some(0));
}
