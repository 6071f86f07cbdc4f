//! Short ways to do what people do, for tests that are about something else.

use axum::http::StatusCode;
use coronary_phantom::Method;
use serde_json::{Value, json};

use crate::challenge::{Files, zip, zip_of};
use crate::client::{Answer, Client};
use crate::form::Form;
use crate::site::{PASSWORD, Site};

/// Where truth sets are.
pub const SETS: &str = "/api/v1/admin/truth-sets";
/// Where trials of truth sets are.
pub const TRIALS: &str = "/api/v1/admin/trials";

/// A string of a document.
#[track_caller]
pub fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// The `id` of a document.
#[track_caller]
pub fn id(of: &Value) -> String {
    text(&of["id"])
}

/// What participants do.
impl Client {
    /// Signs Ada up by the form, who creates a team.
    pub async fn sign_up(&self, team: &str) -> Answer {
        let fields = [
            ("email", "Ada@Example.org"),
            ("display_name", "Ada Lovelace"),
            ("affiliation", ""),
            ("team", team),
            ("password", PASSWORD),
        ];
        self.post("/signup", &fields).await
    }

    /// Submits what a method predicts, under the method's name, and gives the report with the score.
    pub async fn score(&self, method: Method) -> Value {
        let form = Form::zip(&zip_of(method)).field("method", method.name());
        self.submit_and_wait(&form).await.expect(StatusCode::CREATED)
    }

    /// Team and method of every entry, in the order of the leaderboard that a query asks for.
    pub async fn entries(&self, query: &str) -> Vec<(String, String)> {
        let board = self.get(&format!("/api/v1/leaderboard{query}")).await.expect(StatusCode::OK);
        let rows = board["entries"].as_array().unwrap().iter();
        rows.map(|row| (text(&row["team"]), text(&row["method"]))).collect()
    }

    /// Each team of the leaderboard with its position.
    pub async fn positions(&self) -> Vec<(String, u64)> {
        let board = self.get("/api/v1/leaderboard").await.expect(StatusCode::OK);
        let entries = board["entries"].as_array().unwrap().iter();
        entries.map(|row| (text(&row["team"]), row["position"].as_u64().unwrap())).collect()
    }
}

/// What organisers do.
impl Client {
    /// Decides about submissions by their ids.
    pub async fn decide(&self, submissions: &[&str], decision: &str, reason: &str) -> Answer {
        let body = json!({ "submissions": submissions, "decision": decision, "reason": reason });
        self.post_json("/api/v1/admin/decisions", &body).await
    }

    /// Imports a truth set of these files.
    pub async fn import(&self, name: &str, files: &Files) -> Answer {
        let form = Form::zip(&zip(files)).field("name", name);
        self.send(form.request(SETS)).await
    }

    /// Starts a trial of a truth set on the main phase, as its report.
    pub async fn try_out(&self, truth_set: &str) -> Value {
        let wanted = json!({ "phase": "main", "truth_set": truth_set });
        self.post_json(TRIALS, &wanted).await.expect(StatusCode::CREATED)
    }

    /// Activates the truth set that was tried.
    pub async fn activate(&self, trial: &Value, reason: &str) -> Answer {
        let path = format!("{TRIALS}/{}/activate", id(trial));
        self.post_json(&path, &json!({ "reason": reason })).await
    }

    /// What is now said of a document below this path.
    pub async fn report(&self, path: &str, of: &Value) -> Value {
        self.get(&format!("{path}/{}", id(of))).await.expect(StatusCode::OK)
    }
}

impl Site {
    /// The report of a trial once nothing in it waits.
    pub async fn tried(&self, trial: &Value) -> Value {
        let organiser = self.organiser().await;
        let waiting = async || organiser.report(TRIALS, trial).await["progress"]["waiting"].clone();
        self.until(async || waiting().await == 0).await;
        organiser.report(TRIALS, trial).await
    }
}
