//! A challenge grown large: how fast its leaderboard is read, against a file of the same size, and how soon a new
//! result is in it.
//!
//!     cargo bench --bench load                                   # SQLite
//!     DATABASE_URL=postgres://… cargo bench --bench load          # PostgreSQL, an empty database
//!
//! Needs `wrk` (in Debian the package of that name).

use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use asoca::blobs::Blobs;
use asoca::domain::{EvaluationId, Group, SubmissionId, TeamId, TruthSetId, UserId};
use asoca::scoring::{Notifier, SCORER_VERSION};
use asoca::stop::Stop;
use asoca::store::{
    Added, AuditContext, Case, CaseResult, JobOutcome, NewPhase, NewSubmission, NewTruthSet, Phase,
    Rules, Store, Timestamp,
};
use asoca::web::connections::Limits;
use asoca::web::{App, router};
use axum::Router;
use axum::body::Bytes;
use axum::routing::get;
use test_support::rows;
use test_support::site::{Setup, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const TEAMS: usize = 1000;
const EACH: usize = 20;
const CASES: usize = 20;
/// Each of them makes a leaderboard anew.
const NEW_RESULTS: usize = 200;

/// Runs a block in one transaction on whichever engine is there.
macro_rules! in_transaction {
    ($store:expr, $tx:ident => $block:block) => {
        match $store {
            Store::Postgres(pool) => {
                let mut $tx = pool.begin().await?;
                $block
                $tx.commit().await?;
            }
            Store::Sqlite { write, .. } => {
                let mut $tx = write.begin().await?;
                $block
                $tx.commit().await?;
            }
        }
    };
}

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> Outcome<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(run())
}

async fn run() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let store = match std::env::var("DATABASE_URL") {
        Ok(url) => Store::postgres(&url).await?,
        Err(_) => Store::sqlite(&folder.path().join("asoca.db")).await?,
    };
    let start = Instant::now();
    let (phase, user, team) = grow(&store).await?;
    println!(
        "{TEAMS} teams, {} submissions, {} results of cases, written in {:.1} s",
        TEAMS * EACH,
        TEAMS * EACH * CASES,
        start.elapsed().as_secs_f64()
    );
    let blobs = Blobs::local(&folder.path().join("blobs"), &folder.path().join("tmp"))?;
    let settings = Setup::default().settings(([127, 0, 0, 1], 80).into());
    let notifier = Arc::new(Notifier::default());
    let site = router(App::new(store.clone(), blobs, notifier, settings, Stop::default()));

    let address = served(site.clone()).await;
    let (first, json) = timed(address, "/api/v1/leaderboard").await?;
    let (_, page) = timed(address, "/leaderboard").await?;
    let at = Timestamp::now().rfc3339();
    let (past, _) = timed(address, &format!("/api/v1/leaderboard?at={at}")).await?;
    println!("first leaderboard after the start {first:.0?}, one of an earlier moment {past:.0?}");
    let (packing, packed_json) = packed(address, "/api/v1/leaderboard").await?;
    let (_, packed_page) = packed(address, "/leaderboard").await?;
    println!(
        "JSON {} KB, page {} KB; with gzip {} KB and {} KB, the JSON's first in {packing:.0?}",
        json.len() / 1000,
        page.len() / 1000,
        packed_json.len() / 1000,
        packed_page.len() / 1000,
    );

    let twins = Router::new()
        .route("/twin.json", get(async || json))
        .route("/twin.html", get(async || page));
    let address = served(site.merge(twins)).await;
    timed(address, "/leaderboard").await?;
    let before = resident();
    for (path, twin) in [("/api/v1/leaderboard", "/twin.json"), ("/leaderboard", "/twin.html")] {
        let (ours, file) = (wrk(address, path)?, wrk(address, twin)?);
        println!(
            "{path}: {:.0} requests a second, a file of that size {:.0}: {:.0} %; 99 % under {}, the file's under {}",
            ours.a_second,
            file.a_second,
            100.0 * ours.a_second / file.a_second,
            ours.p99,
            file.p99,
        );
    }
    println!("resident before {} MB, after {} MB", before >> 20, resident() >> 20);

    let mut fresh = Vec::new();
    for round in 1..=NEW_RESULTS {
        let (id, written) = add_result(&store, &phase, user, team, round).await?;
        let (_, body) = timed(address, "/api/v1/leaderboard").await?;
        let shown = body.windows(36).any(|text| text == id.to_string().as_bytes());
        assert!(shown, "the new result is not in the next answer");
        fresh.push(written.elapsed());
        if round % 50 == 0 {
            println!("resident after {round} new results {} MB", resident() >> 20);
        }
    }
    fresh.sort();
    println!(
        "a new result is in the next answer, {:.0?} after its score was written (median of {NEW_RESULTS})",
        fresh[NEW_RESULTS / 2]
    );

    let exact = "update phases set feedback = 'per_case'";
    in_transaction!(&store, tx => { sqlx::query(exact).execute(&mut *tx).await?; });
    timed(address, "/leaderboard").await?;
    let sorted = "/leaderboard?columns=secondary&sort=cl_dice&order=";
    let (first, _) = timed(address, &format!("{sorted}desc")).await?;
    let mut later = Vec::new();
    for order in ["asc", "desc"].repeat(10) {
        later.push(timed(address, &format!("{sorted}{order}")).await?.0);
    }
    later.sort();
    println!("sorted by a secondary metric: first {first:.0?}, later {:.1?} (median)", later[10]);
    Ok(())
}

async fn served(router: Router) -> SocketAddr {
    serve(|_| router, Limits::default(), Stop::default()).await
}

/// How long an answer takes, and its body.
async fn timed(address: SocketAddr, path: &str) -> Outcome<(Duration, Bytes)> {
    asked(address, path, "").await
}

/// The same for who takes gzip.
async fn packed(address: SocketAddr, path: &str) -> Outcome<(Duration, Bytes)> {
    asked(address, path, "accept-encoding: gzip\r\n").await
}

async fn asked(address: SocketAddr, path: &str, more: &str) -> Outcome<(Duration, Bytes)> {
    let start = Instant::now();
    let mut stream = tokio::net::TcpStream::connect(address).await?;
    let request =
        format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{more}\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let taken = start.elapsed();
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
    let head = answer.windows(4).position(|four| four == b"\r\n\r\n").ok_or("no head")?;
    Ok((taken, Bytes::from(answer).slice(head + 4..)))
}

struct Load {
    a_second: f64,
    p99: String,
}

fn wrk(address: SocketAddr, path: &str) -> Outcome<Load> {
    let output = Command::new("wrk")
        .args(["-t1", "-c64", "-d8s", "--latency"])
        .arg(format!("http://{address}{path}"))
        .output()
        .map_err(|error| format!("wrk can't be run ({error}); in Debian: apt-get install wrk"))?;
    let text = String::from_utf8(output.stdout)?;
    let after = |name: &str| {
        let line = text.lines().find(|line| line.trim_start().starts_with(name));
        line.and_then(|line| line.split_whitespace().last()).map(str::to_owned)
    };
    assert!(!text.contains("Non-2xx"), "{text}");
    let a_second = after("Requests/sec:").ok_or(text.clone())?.parse()?;
    Ok(Load { a_second, p99: after("99%").ok_or(text.clone())? })
}

/// Bytes of this process in memory.
fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = text.split_whitespace().nth(1).and_then(|pages| pages.parse().ok());
    pages.unwrap_or(0u64) * 4096
}

/// Dice and HD95 of a made-up submission that differ by about as much as those of a challenge.
fn value(submission: usize, case: usize) -> (f64, f64) {
    // Golden ratio steps: spread evenly, and the same every time.
    let unit = |at: usize| (at as f64 * 0.618_033_988_749_894_9).fract();
    let dice = 0.6 + 0.2 * unit(submission) + 0.15 * unit(submission * 31 + case * 17);
    (dice, 25.0 * (1.0 - dice) + unit(submission * 7 + case * 13))
}

fn case_id(case: usize) -> String {
    case.to_string()
}

/// Fills an empty database; gives the phase, somebody who submits, and a team.
async fn grow(store: &Store) -> Outcome<(Phase, UserId, TeamId)> {
    let now = Timestamp::now();
    let truth_set = TruthSetId::new();
    let cases: Vec<Case> = (0..CASES)
        .map(|case| {
            let group = if case < CASES / 2 { Group::Normal } else { Group::Diseased };
            let (shape, spacing) = ([512, 512, 224], [0.4, 0.4, 0.625]);
            Case::new(case_id(case), group, shape, spacing, String::new())
        })
        .collect();
    let new = NewTruthSet { id: truth_set, name: "load", digest: "00", cases: &cases, actor: None };
    store.add_truth_set(&new, now).await?;
    let rules = Rules { total: None, ..Rules::default() };
    let new =
        NewPhase { title: "Load", quota: 1_000_000, rules, ..rows::phase("load", truth_set, now) };
    let phase = store.add_phase(&new, &AuditContext::default(), now).await?;
    let phase = store.phase(phase).await?.ok_or("the phase is not there")?;
    let new = rows::account("load@example.org", Some("Somebody"));
    let user = store.add_account(&new, now).await?;
    let team = store.team_of(user).await?.ok_or("the team is not there")?.id;
    in_transaction!(store, tx => {
        for at in 1..TEAMS {
            let (id, name) = (TeamId::new(), format!("Team {at}"));
            sqlx::query(
                "insert into teams (id, name, name_key, standing, created_at)
                 values ($1, $2, $3, 'approved', $4)",
            ).bind(id).bind(&name).bind(name.to_lowercase()).bind(now).execute(&mut *tx).await?;
            for round in 0..EACH {
                let (submission, number) = (SubmissionId::new(), at * EACH + round);
                sqlx::query(
                    "insert into submissions
                         (id, phase_id, team_id, user_id, method, method_folded, description, url, blob_key,
                          upload_bytes, upload_sha256, request_sha256, published, disqualified,
                          late, created_at, truth_set_id)
                     values ($1, $2, $3, $4, $5, $5, '', '', 'none', 1, '', '', $6, $7, $7, $8, $9)",
                )
                .bind(submission).bind(phase.id).bind(id).bind(user)
                .bind(format!("method {round}")).bind(true).bind(false)
                .bind(now).bind(truth_set)
                .execute(&mut *tx).await?;
                let evaluation = EvaluationId::new();
                sqlx::query(
                    "insert into evaluations
                         (id, submission_id, truth_set_id, state, attempt, cases_done,
                          scorer_version, created_at, finished_at, official_from)
                     values ($1, $2, $3, 'scored', 1, $4, $5, $6, $6, $6)",
                )
                .bind(evaluation).bind(submission).bind(truth_set).bind(CASES as i64)
                .bind(SCORER_VERSION).bind(now)
                .execute(&mut *tx).await?;
                for case in 0..CASES {
                    let (dice, hd95) = value(number, case);
                    sqlx::query(
                        "insert into evaluation_results (evaluation_id, case_id, dice, hd95, warnings,
                             cl_dice, surface_dice, voxel_precision, voxel_recall, component_difference)
                         values ($1, $2, $3, $4, $5, $3, $3, $3, $3, 1)",
                    )
                    .bind(evaluation).bind(case_id(case)).bind(dice).bind(hd95)
                    .bind(sqlx::types::Json(Vec::<String>::new()))
                    .execute(&mut *tx).await?;
                }
            }
        }
    });
    Ok((phase, user, team))
}

/// Sends and scores one more submission, the team's best so far; gives its id and when the score was written.
async fn add_result(
    store: &Store,
    phase: &Phase,
    user: UserId,
    team: TeamId,
    round: usize,
) -> Outcome<(SubmissionId, Instant)> {
    let new = NewSubmission { method: "new", ..rows::submission(team, user) };
    assert_eq!(store.add_submission(phase, &new, Timestamp::now()).await?, Added::New);
    let job = store.claim("load", Duration::from_secs(60)).await?.ok_or("nothing waits")?;
    let result = |case| CaseResult {
        case_id: case_id(case),
        // Better by a step that is shown (three decimals, one decimal), so that it is the one of the team that counts.
        dice: 0.5 + 1e-3 * round as f64,
        hd95: 40.0 - 0.1 * round as f64,
        warnings: Vec::new(),
        secondary: None,
        vessels: None,
        mask: None,
    };
    let cases = (0..CASES).map(result).collect();
    let verdict = JobOutcome::Scored { scorer_version: SCORER_VERSION, cases, pictures: None };
    assert!(store.finish(&job, &verdict).await?);
    Ok((new.id, Instant::now()))
}
