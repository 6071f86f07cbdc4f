//! A whole season of the challenge, as one organiser runs it: from an empty folder to the export.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

use crate::guard::{Guard, folder};
use crate::page::{PASSWORD, Page, address, visit};
use crate::site::LogIn;
use crate::uploads;

const TEAMS: [&str; 3] = ["Thick Ones", "Near Ones", "Leaky Ones"];

/// A server on an empty folder, and what an organiser and three teams bring along.
struct Season {
    url: String,
    /// The address of the first organiser's link.
    welcome: String,
    made: PathBuf,
    _guard: Guard,
}

impl Season {
    fn start() -> Self {
        let folder = folder();
        let made = folder.join("made");
        let phantoms = Command::new(env!("CARGO_BIN_EXE_asoca"))
            .args(["phantom", "--cases", "4", "--shape", "64x64x48", "--out"])
            .arg(&made)
            .output()
            .expect("the program runs");
        assert!(phantoms.status.success(), "{phantoms:?}");
        let data = folder.join("data");
        let args = ["serve", "--listen", "127.0.0.1:0", "--data"].map(OsStr::new);
        let args: Vec<&OsStr> = args.into_iter().chain([data.as_os_str()]).collect();
        let guard = Guard::start(&folder, env!("CARGO_BIN_EXE_asoca"), &args);
        let link = guard.until("link", |said| {
            let (_, link) = said.split_once("first organiser's account: ")?;
            link.split_once('\n').map(|(link, _)| link.trim().to_owned())
        });
        let at = link.find("/welcome/").expect("a link of the site");
        let (url, welcome) = link.split_at(at);
        Self { url: url.into(), welcome: welcome.into(), made, _guard: guard }
    }

    /// A method's predictions, zipped.
    fn zip(&self, method: &str) -> PathBuf {
        self.made.join("predictions").join(method).with_extension("zip")
    }

    /// The truth as an annotator drew it who took every vessel for thicker than it is.
    fn wrong_truth(&self) -> PathBuf {
        let masks = self.made.join("predictions").join("thick");
        uploads::truth_of(&masks, &self.made.join("truth/cases.json"), &self.made.join("v1.zip"))
    }

    fn right_truth(&self) -> PathBuf {
        let truth = self.made.join("truth");
        uploads::truth_of(&truth, &truth.join("cases.json"), &self.made.join("v2.zip"))
    }
}

fn organiser() -> LogIn {
    LogIn { email: "organiser@example.org".into(), password: PASSWORD.into() }
}

fn member(team: &str) -> LogIn {
    LogIn { email: address(team), password: PASSWORD.into() }
}

async fn import_truth(page: &Page, name: &str, zip: &Path) {
    page.open("/admin/truth-sets").await;
    page.fill("name", name).await;
    page.choose_files(&[zip]).await;
    page.follow("main form[enctype] button").await;
    page.find("main form[action='/admin/trials'], main h1 ~ p a[href='/admin/phases']").await;
    let rows = page.count("[aria-label=Cases] tbody tr").await;
    assert_eq!(rows, 4, "the check report names every case");
}

/// Sends a zip for the team and waits for its score; gives the submission's id.
async fn submit(page: &Page, team: &str, method: &str, zip: &Path) -> String {
    page.log_in(&member(team)).await;
    page.open("/submit").await;
    page.choose_files(&[zip]).await;
    page.fill("method", method).await;
    page.click("#upload button").await;
    page.find("#status .state.scored").await;
    let id = page.path().await.rsplit('/').next().expect("an id").to_owned();
    page.log_out().await;
    id
}

/// Decides about a submission on its page.
async fn decide(page: &Page, submission: &str, decision: &str, reason: &str) {
    page.open(&format!("/submissions/{submission}")).await;
    page.choose("decision", decision).await;
    page.fill("reason", reason).await;
    page.follow("main form[action='/admin/submissions'] button").await;
    assert!(page.text("main [role=status]").await.contains("1 of 1 decisions made"));
}

/// The methods on the leaderboard as everybody sees it, in its order.
async fn ranked(page: &Page) -> Vec<String> {
    let board = page.fetch("/api/v1/leaderboard").await;
    let board: Value = serde_json::from_str(&board).expect("JSON");
    let rows = board["entries"].as_array().expect("entries").iter();
    rows.map(|row| row["method"].as_str().expect("a method").to_owned()).collect()
}

static SEASON: LazyLock<Season> = LazyLock::new(Season::start);

#[tokio::test]
async fn an_organiser_runs_a_whole_season_in_the_browser() {
    visit(|| SEASON.url.clone(), true, async |page| run(page, &SEASON).await).await;
}

async fn run(page: &Page, season: &Season) {
    set_up(page, season).await;
    let [thick, near, thin, leaky] = let_teams_in_and_submit(page, season).await;
    assert_eq!(ranked(page).await[0], "thick", "the truth is as thick as that");

    page.log_in(&organiser()).await;
    decide(page, &thin, "hide", "sent by mistake").await;
    decide(page, &leaky, "disqualify", "annotated by hand").await;
    assert_eq!(ranked(page).await, ["thick", "near-perfect"]);

    correct_the_truth(page, season).await;
    assert_eq!(ranked(page).await, ["near-perfect", "thick"]);

    let exported = page.fetch("/api/v1/admin/exports/results.csv").await;
    let dice = || exported.lines().filter(|line| line.contains(",dice,"));
    let values = |id: &str| dice().filter(|line| line.starts_with(id)).count();
    assert_eq!([&thick, &near, &thin, &leaky].map(|id| values(id)), [4, 4, 0, 0]);

    close(page).await;
    the_trail_tells_it_all(page).await;
    page.log_out().await;

    page.log_in(&member("Leaky Ones")).await;
    page.open(&format!("/submissions/{leaky}")).await;
    let told = page.text("#decisions").await;
    assert!(told.contains("annotated by hand") && told.contains("case 2 was wrong"), "{told}");
    page.open("/submit").await;
    assert!(page.text("main [role=alert]").await.contains("phase.closed"));
}

/// The first organiser's account, the rules of admission, the truth, the phase.
async fn set_up(page: &Page, season: &Season) {
    page.open(&season.welcome).await;
    page.fill("email", &organiser().email).await;
    page.fill("display_name", "Olga Organiser").await;
    page.fill("password", PASSWORD).await;
    page.follow("main button").await;
    page.find("header form[action='/logout']").await;
    page.open("/admin").await;
    assert!(page.text("main").await.contains("Nobody can submit right now"));

    page.open("/admin/users").await;
    page.choose("sign_up", "approval").await;
    page.follow("main form[action='/admin/settings'] button").await;
    page.find("select[name=sign_up]").await;
    import_truth(page, "first", &season.wrong_truth()).await;

    page.open("/admin/phases").await;
    page.fill("title", "Final").await;
    page.fill("slug", "final").await;
    page.fill("description", "Send **one** zip.").await;
    page.follow("main form button").await;
    page.find("main h1 ~ form input[value=final]").await;
    page.open("/admin/announcements").await;
    page.fill("title", "Welcome").await;
    page.follow("main form button").await;
    page.find("main table").await;
    page.open("/").await;
    let overview = page.text("main").await;
    assert!(overview.contains("Welcome"), "{overview}");
    page.open("/about").await;
    let about = page.text("main").await;
    assert!(about.contains("Send one zip."), "{about}");
    page.log_out().await;
}

/// The teams sign up, are approved, and submit; gives their submissions.
async fn let_teams_in_and_submit(page: &Page, season: &Season) -> [String; 4] {
    for team in TEAMS {
        page.sign_up(team).await;
        page.open("/submit").await;
        assert!(page.text("main [role=alert]").await.contains("team.pending"));
        page.log_out().await;
    }
    page.log_in(&organiser()).await;
    page.open("/admin").await;
    page.follow("main a[href='/admin/teams?standing=pending']").await;
    page.find("main input[name=team]").await;
    page.click("main [data-ticks] input").await;
    page.choose("decision", "approve").await;
    page.fill("reason", "known groups").await;
    page.follow("main form[method=post] button").await;
    assert!(page.text("main [role=status]").await.contains("3 of 3 decisions made"));
    page.log_out().await;

    [
        submit(page, "Thick Ones", "thick", &season.zip("thick")).await,
        submit(page, "Near Ones", "near-perfect", &season.zip("near-perfect")).await,
        submit(page, "Near Ones", "thin", &season.zip("thin")).await,
        submit(page, "Leaky Ones", "leaky", &season.zip("leaky")).await,
    ]
}

/// Tries a corrected truth set, looks at what would change, and makes it the phase's own.
async fn correct_the_truth(page: &Page, season: &Season) {
    import_truth(page, "corrected", &season.right_truth()).await;
    page.follow("main form[action='/admin/trials'] button").await;
    page.find("main form[action$='/activate']").await;
    let moves = page.text("#positions").await;
    assert!(moves.contains("up 1") && moves.contains("down 1"), "{moves}");
    assert_eq!(ranked(page).await, ["thick", "near-perfect"], "nothing has changed yet");
    page.fill("reason", "case 2 was wrong").await;
    page.follow("main form[action$='/activate'] button").await;
    page.find("main dl.rules > dt:nth-of-type(4)").await;
}

async fn close(page: &Page) {
    page.open("/admin/phases/final").await;
    page.script(
        "document.querySelector('[name=closes_at]').value = new Date().toISOString().slice(0, 19)",
        vec![],
    )
    .await;
    page.follow("main form button").await;
    page.find("main h1 ~ form input[value=final]").await;
    page.open("/admin").await;
    let stands = page.text("main").await;
    assert!(stands.contains("Nobody can submit right now"), "{stands}");
}

/// What an organiser did, in the order in which it was done.
async fn the_trail_tells_it_all(page: &Page) {
    let trail = page.fetch("/api/v1/admin/audit?actor=organiser@example.org").await;
    let trail: Value = serde_json::from_str(&trail).expect("JSON");
    let mut actions: Vec<&str> = trail["events"]
        .as_array()
        .expect("events")
        .iter()
        .map(|event| event["action"].as_str().expect("an action"))
        .filter(|action| !action.contains("log"))
        .collect();
    actions.reverse();
    assert_eq!(
        actions,
        [
            "organiser created",
            "sign-up mode changed",
            "truth set imported",
            "phase created",
            "announced",
            "team decided",
            "team decided",
            "team decided",
            "submission decided",
            "submission decided",
            "truth set imported",
            "trial started",
            "truth set activated",
            "phase changed",
        ]
    );
    page.open("/admin/audit?action=truth+set+activated").await;
    let row = page.text("main tbody").await;
    assert!(row.contains("case 2 was wrong") && row.contains("organiser@example.org"), "{row}");
}
