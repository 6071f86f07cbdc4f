//! What a long list costs the database: as many statements as a short one. The real server says in its log which
//! statements it sent for a request.

use std::fs;

use asoca::domain::{EvaluationId, SubmissionId};
use asoca::store::{Store, SubmissionFilter};
use serde_json::Value;
use sqlx::AssertSqlSafe;
use test_support::cluster::Cluster;
use test_support::program::http::Client;
use test_support::program::{Server, Site};

/// The most that a team's own list holds.
const MANY: usize = 500;

/// A request's statements, as the log names them.
fn statements(server: &Server, route: &str) -> usize {
    let span = format!("route=\"/api/v1{route}\"}}");
    let log = server.process.stderr();
    log.lines().filter(|line| line.contains(&span) && line.contains("sqlx::query")).count()
}

/// Asks for a list and gives what came and how many statements that took.
fn cost(server: &Server, token: &str, route: &str) -> (Value, usize) {
    let before = statements(server, route);
    let answer = Client::new(&server.url, Some(token)).get(&format!("/api/v1{route}")).json(200);
    (answer, statements(server, route) - before)
}

/// Rows like the submission's with other ids.
async fn copy(store: &Store, of: SubmissionId, times: usize) {
    const SUBMISSION: &str = "phase_id, team_id, user_id, truth_set_id, method, method_folded, description, url, blob_key,
        upload_bytes, upload_sha256, request_sha256, published, disqualified, late, created_at";
    const EVALUATION: &str =
        "truth_set_id, state, attempt, cases_done, scorer_version, created_at, finished_at,
        official_from, inspected";
    const RESULT: &str =
        "case_id, dice, hd95, warnings, cl_dice, surface_dice, voxel_precision, voxel_recall,
        component_difference, vessels";
    // Each uses all three parameters, as PostgreSQL wants it.
    let texts = [
        format!("insert into submissions (id, {SUBMISSION}) select $1, {SUBMISSION} from submissions
             where id = $3 and id <> $2"),
        format!(
            "insert into evaluations (id, submission_id, {EVALUATION})
             select $2, $1, {EVALUATION} from evaluations where submission_id = $3"
        ),
        format!(
            "insert into evaluation_results (evaluation_id, {RESULT}) select $2, {RESULT} from evaluation_results
             where evaluation_id in (select id from evaluations where submission_id = $3 and id <> $1)"
        ),
        "insert into flags (submission_id, position, kind, other_id, cases)
         select $1, 0, 'same_masks', $3, 6 from submissions where id = $3 and id <> $2"
            .to_owned(),
    ];
    macro_rules! insert {
        ($begin:expr) => {{
            let mut tx = $begin.await.unwrap();
            for _ in 0..times {
                let (submission, evaluation) = (SubmissionId::new(), EvaluationId::new());
                for text in &texts {
                    let query = sqlx::query(AssertSqlSafe(text.clone()));
                    let query = query.bind(submission).bind(evaluation).bind(of);
                    query.execute(&mut *tx).await.unwrap();
                }
            }
            tx.commit().await.unwrap();
        }};
    }
    match store {
        Store::Postgres(pool) => insert!(pool.begin()),
        Store::Sqlite { write, .. } => insert!(write.begin_with("BEGIN IMMEDIATE")),
    }
}

fn a_long_list_takes_as_many_statements_as_a_short_one(site: &Site) {
    site.set_up();
    let server = site.serve_with(&[("ASOCA_LOG", "warn,asoca=debug,sqlx::query=debug")]);
    let token = site.participant(&server);
    let organiser =
        site.admin([&"create-token", &"--email", &"ada@example.org", &"--scope", &"organise"]);
    let organiser = organiser.succeeded().trim_end().to_owned();
    let zip = fs::read(site.phantoms().join("predictions/fragmented.zip")).unwrap();
    let client = Client::new(&server.url, Some(&token));
    let sent = client.submit(&zip, "?wait=60", "once").json(201);
    let id: SubmissionId = sent["id"].as_str().unwrap().parse().unwrap();

    let lists = [(&token, "/submissions", MANY), (&organiser, "/admin/submissions", 200)];
    let count = |answer: &Value| answer["submissions"].as_array().unwrap().len();
    let short = lists.map(|(token, route, _)| {
        // The first use of a token from a network is written down.
        cost(&server, token, route);
        let (answer, statements) = cost(&server, token, route);
        assert_eq!(count(&answer), 1);
        statements
    });

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = match &site.database_url {
            Some(url) => Store::postgres(url).await.unwrap(),
            None => Store::sqlite(&site.data().join("asoca.db")).await.unwrap(),
        };
        copy(&store, id, MANY - 1).await;
        let all = store.submissions(&SubmissionFilter::default(), 1000).await.unwrap();
        assert_eq!(all.len(), MANY);
        store.close().await;
    });
    for ((token, route, most), short) in lists.into_iter().zip(short) {
        let (answer, long) = cost(&server, token, route);
        assert_eq!(count(&answer), most, "{route}");
        for report in answer["submissions"].as_array().unwrap() {
            assert_eq!(report["cases"], sent["cases"], "{report}");
        }
        println!("{route}: {short} statements for 1, {long} for {most}");
        assert_eq!(long, short, "{route}");
        assert!((3..20).contains(&short), "{route}: {short}");
    }
}

#[test]
fn a_long_list_takes_as_many_statements_as_a_short_one_on_sqlite() {
    a_long_list_takes_as_many_statements_as_a_short_one(&Site::new(None));
}

#[test]
fn a_long_list_takes_as_many_statements_as_a_short_one_on_postgresql() {
    let cluster = match Cluster::start() {
        Ok(cluster) => cluster,
        Err(none) => return none.must_not_be(),
    };
    a_long_list_takes_as_many_statements_as_a_short_one(&Site::new(Some(cluster.url("postgres"))));
}
