//! What is left of a write that failed: nothing. The next one works as soon as the engine can.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use asoca::store::{Store, StoreError};
use sqlx::SqlitePool;
use test_support::{Database, on_engine};

use crate::scene::{Scene, at, value};

mod sqlite {
    use super::on_engine;
    on_engine!(writes_go_on_after_the_file_could_not_grow, Sqlite);
    on_engine!(writes_go_on_after_one_was_interrupted, Sqlite);
    on_engine!(a_transaction_that_the_engine_rolled_back_leaves_nothing, Sqlite);
}

mod postgres {
    use super::on_engine;
    on_engine!(a_transaction_that_nobody_waits_for_any_more_holds_nothing_open, Postgres);
}

fn writer(scene: &Scene) -> &SqlitePool {
    match &scene.store {
        Store::Sqlite { write, .. } => write,
        Store::Postgres(_) => panic!("this is about SQLite"),
    }
}

/// Writes more than one page, in a transaction.
async fn write_much(scene: &Scene) -> Result<(), StoreError> {
    let text = "much ".repeat(20_000);
    scene
        .store
        .announce("News", &text, &asoca::store::AuditContext::default(), at(10))
        .await
        .map(|_| ())
}

/// The same in a statement of its own.
async fn note_much(scene: &Scene) -> Result<(), StoreError> {
    let detail = serde_json::json!("much ".repeat(20_000));
    scene.store.record_event(None, "something", "x", detail, at(10)).await
}

/// For this connection the disk has no room beyond what the file has now.
async fn no_more_room(scene: &Scene) {
    let pages: i64 =
        sqlx::query_scalar("pragma page_count").fetch_one(writer(scene)).await.unwrap();
    let most = sqlx::AssertSqlSafe(format!("pragma max_page_count = {}", pages + 2));
    sqlx::query(most).execute(writer(scene)).await.unwrap();
}

fn is_full(failed: Result<(), StoreError>) {
    let text = failed.unwrap_err().to_string();
    assert!(text.contains("database or disk is full"), "{text}");
}

async fn writes_go_on_after_the_file_could_not_grow(database: Database) {
    let scene = Scene::new(database).await;
    no_more_room(&scene).await;
    is_full(note_much(&scene).await);
    is_full(write_much(&scene).await);
    // A new connection knows no such bound: there is room again.
    for _ in 0..3 {
        write_much(&scene).await.unwrap();
        note_much(&scene).await.unwrap();
    }
    let id = scene.submit(at(20)).await;
    assert_eq!(scene.claim(at(30)).await.submission_id, id);
}

async fn a_transaction_that_the_engine_rolled_back_leaves_nothing(database: Database) {
    let scene = Scene::new(database).await;
    let events: i64 = value!(&scene.store, "select count(*) from audit");
    no_more_room(&scene).await;
    is_full(write_much(&scene).await);
    scene.store.record_event(None, "after", "x", serde_json::json!({}), at(10)).await.unwrap();
    let after: i64 = value!(&scene.store, "select count(*) from audit");
    assert_eq!(after, events + 1);
    let told: i64 = value!(&scene.store, "select count(*) from announcements");
    assert_eq!(told, 0);
    // Seen by another process: it is committed, not in a transaction that nobody ends.
    let elsewhere = scene.database.opened_again().await;
    let after: i64 = value!(&elsewhere, "select count(*) from audit");
    assert_eq!(after, events + 1);
}

async fn writes_go_on_after_one_was_interrupted(database: Database) {
    let scene = Scene::new(database).await;
    let interrupted = Arc::new(AtomicBool::new(false));
    {
        let mut connection = writer(&scene).acquire().await.unwrap();
        let asked = Arc::clone(&interrupted);
        let mut handle = connection.lock_handle().await.unwrap();
        handle.set_progress_handler(1, move || !asked.load(Ordering::Relaxed));
    }
    // Interrupted in the middle, with the lock held.
    let mut tx = writer(&scene).begin_with("BEGIN IMMEDIATE").await.unwrap();
    let insert = "insert into write_checks (id, at) values (7, '')";
    sqlx::query(insert).execute(&mut *tx).await.unwrap();
    interrupted.store(true, Ordering::Relaxed);
    let failed = sqlx::query("insert into write_checks (id, at) values (8, '')").execute(&mut *tx);
    assert!(failed.await.unwrap_err().to_string().contains("interrupted"));
    drop(tx);
    interrupted.store(false, Ordering::Relaxed);
    for _ in 0..3 {
        write_much(&scene).await.unwrap();
        note_much(&scene).await.unwrap();
    }
    let left: i64 = value!(&scene.store, "select count(*) from write_checks");
    assert_eq!(left, 0);
}

/// Requests are dropped at every point of their transaction.
async fn a_transaction_that_nobody_waits_for_any_more_holds_nothing_open(database: Database) {
    let scene = Scene::new(database).await;
    let elsewhere = scene.database.opened_again().await;
    for polls in (1..20).cycle().take(60) {
        dropped_after(polls, write_much(&scene)).await;
        // What is on its way back to the pool is there soon; what was forgotten stays.
        let end = Instant::now() + Duration::from_secs(10);
        while open_transactions(&elsewhere).await > 0 {
            assert!(Instant::now() < end, "left open after {polls} polls");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

async fn open_transactions(store: &Store) -> i64 {
    value!(
        store,
        "select count(*) from pg_stat_activity
         where datname = current_database() and state like 'idle in transaction%'"
    )
}

/// Polls so many times and then no more, as for a client that hangs up.
async fn dropped_after(polls: usize, work: impl Future<Output = Result<(), StoreError>>) {
    let mut work = Box::pin(work);
    let mut left = polls;
    std::future::poll_fn(move |context| {
        left -= 1;
        match work.as_mut().poll(context) {
            Poll::Pending if left > 0 => Poll::Pending,
            _ => Poll::Ready(()),
        }
    })
    .await;
}
