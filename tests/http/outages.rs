//! What is answered while the disk is full or the database away, and that it goes on by itself afterwards.

use std::time::{Duration, Instant};

use asoca::store::Store;
use axum::http::StatusCode;
use coronary_phantom::Method;
use test_support::challenge::zip_of;
use test_support::client::{Answer, Client};
use test_support::cluster::Cluster;
use test_support::form::{Form, content_type};
use test_support::site::{PASSWORD, Setup, Site};
use test_support::{Database, on_both_engines, on_engine};

on_both_engines! {
    below_the_floor_of_free_space_uploads_are_refused_before_they_are_read,
    an_upload_is_measured_against_the_floor_as_it_comes,
    what_the_server_can_not_find_out_is_its_mistake_and_no_refusal,
}

mod only_sqlite {
    use super::on_engine;
    on_engine!(while_nothing_can_be_written_that_is_said_and_it_passes, Sqlite);
}

fn form() -> Form {
    Form::zip(&zip_of(Method::Thin))
}

/// It tells when to come back.
#[track_caller]
fn comes_back(answer: &Answer) {
    let seconds: u64 = answer.header("retry-after").expect("no retry-after").parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
}

async fn below_the_floor_of_free_space_uploads_are_refused_before_they_are_read(
    database: Database,
) {
    let site = Site::with(database, Setup { free_floor: Some(u64::MAX), ..Setup::default() }).await;
    let team = site.team("Team A").await;
    let truths = site.truth_files();
    // The body never comes, and is not waited for.
    for (path, client) in
        [("/api/v1/submissions", &team), ("/api/v1/admin/truth-sets", &site.organiser().await)]
    {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\
             content-type: {}\r\ncontent-length: 1000000\r\nconnection: close\r\n\r\n",
            client.address,
            client.token(),
            content_type()
        );
        let answer = client.send_raw(head.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 507 "), "{path}: {answer}");
        assert!(answer.contains("server.no_room"), "{path}: {answer}");
        assert!(answer.to_lowercase().contains("retry-after: 60"), "{path}: {answer}");
    }
    let answer = team.submit(&form()).await;
    assert_eq!(answer.problem(StatusCode::INSUFFICIENT_STORAGE), "server.no_room");
    comes_back(&answer);
    site.assert_nothing_stored().await;
    assert_eq!(site.truth_files(), truths);

    // Everything else goes on, and organisers are told.
    let signed_up = site.anybody().sign_up("Team B").await;
    let browser = site.anybody().with_cookie_of(&signed_up);
    browser.get("/account").await.page(StatusCode::OK);
    let sent = browser.send(form().request("/submit")).await;
    assert!(sent.page(StatusCode::INSUFFICIENT_STORAGE).contains("server.no_room"));
    assert_eq!(site.anybody().get("/readyz").await.status, StatusCode::OK);
    site.account("olga", None, true).await;
    let area = site.log_in("olga").await.get("/admin").await;
    assert!(area.page(StatusCode::OK).contains("uploads are refused"));
}

/// One that says nothing of its length can't be refused by it.
async fn an_upload_is_measured_against_the_floor_as_it_comes(database: Database) {
    let folder = database.folder.path().to_owned();
    let free = asoca::disk::Disk::of(&folder).room().unwrap().free;
    // It has room at first, but not for all of it; what others do to the disk meanwhile hardly matters.
    let setup = Setup {
        free_floor: Some(free.saturating_sub(256 << 20)),
        max_upload: 1 << 30,
        ..Setup::default()
    };
    let site = Site::with(database, setup).await;
    let team = site.team("Team A").await;
    let head = format!(
        "POST /api/v1/submissions HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\
         content-type: {}\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n",
        team.address,
        team.token(),
        content_type()
    );
    let part = "------------------asoca\r\ncontent-disposition: form-data; name=\"file\"; \
                filename=\"a.zip\"\r\n\r\n";
    let chunk =
        |bytes: &[u8]| [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat();
    let mut request = [head.as_bytes(), &chunk(part.as_bytes())].concat();
    let mebibyte = chunk(&vec![7; 1 << 20]);
    for _ in 0..300 {
        request.extend(&mebibyte);
    }
    let answer = team.send_raw(&request).await;
    // The answer may be lost to the reset that comes of not reading on.
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 507 "), "{answer}");
    site.until(async || site.files("tmp").is_empty()).await;
    site.assert_nothing_stored().await;
}

/// Whether a team may submit can't be found out here.
async fn what_the_server_can_not_find_out_is_its_mistake_and_no_refusal(database: Database) {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    let signed_up = site.anybody().sign_up("Team B").await;
    let browser = site.anybody().with_cookie_of(&signed_up);
    browser.get("/submit").await.page(StatusCode::OK);
    site.execute("insert into settings (name, value) values ('sign_up', $1)", "of no kind").await;
    for path in ["/submit", "/submit?phase=main"] {
        let shown = browser.get(path).await;
        assert!(shown.page(StatusCode::INTERNAL_SERVER_ERROR).contains("server.error"), "{path}");
        let sent = browser.send(form().request(path)).await;
        assert!(sent.page(StatusCode::INTERNAL_SERVER_ERROR).contains("server.error"), "{path}");
    }
    for named in [form(), form().field("phase", "main")] {
        let answer = team.submit(&named).await;
        assert_eq!(answer.problem(StatusCode::INTERNAL_SERVER_ERROR), "server.error");
    }
    site.assert_nothing_stored().await;
}

/// A database that refuses to write, as on a disk that is full.
async fn set_writable(site: &Site, writable: bool) {
    let Store::Sqlite { write, .. } = &site.store else { unreachable!() };
    let text = if writable { "pragma query_only = off" } else { "pragma query_only = on" };
    sqlx::query(text).execute(write).await.unwrap();
}

async fn while_nothing_can_be_written_that_is_said_and_it_passes(database: Database) {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    site.account("grace", None, false).await;
    let ready = async || site.anybody().get("/readyz").await.status == StatusCode::OK;
    assert!(ready().await);
    let browser = site.log_in("grace").await;
    team.get("/api/v1/submissions").await.expect(StatusCode::OK);
    site.execute("update sessions set seen_at = null where user_id is not null and $1 = ''", "")
        .await;
    site.execute("update tokens set last_used_at = null where $1 = ''", "").await;

    set_writable(&site, false).await;
    site.until(async || !ready().await).await;
    let answer = team.submit(&form()).await;
    assert_eq!(answer.problem(StatusCode::SERVICE_UNAVAILABLE), "server.unavailable");
    comes_back(&answer);
    let fields = [("email", "grace@example.org"), ("password", PASSWORD)];
    let answer = site.anybody().post("/login", &fields).await;
    assert!(answer.page(StatusCode::SERVICE_UNAVAILABLE).contains("server.unavailable"));
    comes_back(&answer);
    // What only reads goes on, also for those who would be seen for the first time in a while.
    site.anybody().get("/leaderboard").await.page(StatusCode::OK);
    browser.get("/account").await.page(StatusCode::OK);
    team.get("/api/v1/submissions").await.expect(StatusCode::OK);
    site.assert_nothing_stored().await;

    set_writable(&site, true).await;
    team.submit(&form()).await.expect(StatusCode::ACCEPTED);
    site.until(ready).await;
}

/// Asks for a page or sends something, and expects to be told soon that it is no use now.
async fn unavailable(client: &Client, what: &str) {
    let begun = Instant::now();
    let answer = match what.split_once(' ').unwrap() {
        ("GET", path) => client.get(path).await,
        (_, "/login") => {
            let fields = [("email", "grace@example.org"), ("password", PASSWORD)];
            client.post("/login", &fields).await
        }
        (_, path) => client.send(form().request(path)).await,
    };
    let took = begun.elapsed();
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{what}: {}", answer.text());
    comes_back(&answer);
    assert!(took < Duration::from_millis(2500), "{what} took {took:?}");
    if what.contains("/api/") {
        assert_eq!(answer.problem(StatusCode::SERVICE_UNAVAILABLE), "server.unavailable");
    } else if !what.contains("readyz") {
        assert!(answer.page(StatusCode::SERVICE_UNAVAILABLE).contains("server.unavailable"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_away_is_said_within_two_seconds_and_comes_back_by_itself() {
    let mut cluster = match Cluster::start() {
        Ok(cluster) => cluster,
        Err(none) => return none.must_not_be(),
    };
    let site = Site::start(Database::of(&cluster).await).await;
    let team = site.team("Team A").await;
    site.account("grace", None, false).await;
    let browser = site.log_in("grace").await;
    let (before, during) = (form(), form());
    team.submit_and_wait(&before).await.expect(StatusCode::CREATED);
    let queued = team.submit(&before).await.expect(StatusCode::ACCEPTED)["id"].clone();

    tokio::task::block_in_place(|| cluster.stop());
    let nobody = site.anybody();
    // One after the other and all at once.
    let asked = [
        (&nobody, "GET /"),
        (&nobody, "GET /leaderboard"),
        (&nobody, "GET /api/v1/leaderboard"),
        (&nobody, "POST /login"),
        (&nobody, "GET /readyz"),
        (&browser, "GET /account"),
        (&browser, "GET /api/v1/leaderboard"),
        (&browser, "POST /submit"),
        (&team, "GET /api/v1/submissions"),
        (&team, "POST /api/v1/submissions"),
    ];
    for (client, what) in asked {
        unavailable(client, what).await;
    }
    futures_util::future::join_all(
        asked.iter().cycle().take(40).map(|(client, what)| unavailable(client, what)),
    )
    .await;
    assert_eq!(nobody.get("/healthz").await.status, StatusCode::OK);

    tokio::task::block_in_place(|| cluster.start_again());
    site.until(async || nobody.get("/readyz").await.status == StatusCode::OK).await;
    browser.get("/account").await.page(StatusCode::OK);
    // What was accepted before is scored, by the worker that was there all the time.
    let path = format!("/api/v1/submissions/{}", queued.as_str().unwrap());
    let scored = async || team.get(&path).await.expect(StatusCode::OK)["state"] == "scored";
    site.until(scored).await;
    team.submit_and_wait(&during).await.expect(StatusCode::CREATED);
    let failed = site.submissions().await.into_iter().filter(|one| one.failure.is_some()).count();
    assert_eq!(failed, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_for_a_score_goes_on_waiting_while_the_database_is_away() {
    let mut cluster = match Cluster::start() {
        Ok(cluster) => cluster,
        Err(none) => return none.must_not_be(),
    };
    let site = Site::without_worker(Database::of(&cluster).await).await;
    let team = site.team("Team A").await;
    let sent = form();
    let waits = tokio::spawn(async move { team.submit_and_wait(&sent).await });
    site.until(async || site.submissions().await.len() == 1).await;
    tokio::task::block_in_place(|| {
        cluster.stop();
        // Long enough for it to look in vain.
        std::thread::sleep(Duration::from_secs(1));
        cluster.start_again();
    });
    site.start_worker(std::sync::Arc::default()).await;
    assert_eq!(waits.await.unwrap().expect(StatusCode::CREATED)["state"], "scored");
}
