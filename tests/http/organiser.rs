//! The organiser area: over the API, and in a browser.

use asoca::domain::{EventId, Scope};
use asoca::store::{Store, Timestamp};
use axum::http::StatusCode;
use coronary_phantom::Method;
use serde_json::{Value, json};
use test_support::acts::text;
use test_support::challenge::{SHAPE, spacing, spoilt_zip, volume, zip_of};
use test_support::client::Client;
use test_support::form::Form;
use test_support::site::{Setup, Site};
use test_support::{Database, on_both_engines};

on_both_engines! {
    a_hidden_submission_leaves_the_leaderboard_and_its_team_reads_why,
    several_are_decided_about_at_once_each_for_itself,
    a_decision_without_a_reason_is_refused,
    an_organiser_decides_on_the_page_as_well,
    a_team_cancels_what_has_no_score_yet_and_only_its_own,
    what_is_scored_again_has_the_same_score,
    the_audit_trail_is_searched_and_exported,
    a_trail_of_many_pages_is_exported_whole,
    the_organiser_area_says_why_nobody_can_submit,
    the_organiser_area_says_that_nobody_is_approved_and_that_nobody_scores,
    why_it_failed_is_told_to_organisers_only,
    the_list_says_that_something_is_shown_only_of_what_has_a_score,
    fifty_parallel_uploads_against_a_quota_of_three_leave_three,
}

async fn leaderboard_teams(client: &Client) -> Vec<String> {
    client.entries("").await.into_iter().map(|(team, _)| team).collect()
}

async fn scored(team: &Client, method: Method) -> String {
    let report = team.submit_and_wait(&Form::zip(&zip_of(method))).await;
    report.expect(StatusCode::CREATED)["id"].as_str().unwrap().to_owned()
}

async fn queued(team: &Client) -> String {
    let report = team.submit(&Form::zip(&zip_of(Method::Thin))).await;
    report.expect(StatusCode::ACCEPTED)["id"].as_str().unwrap().to_owned()
}

async fn a_hidden_submission_leaves_the_leaderboard_and_its_team_reads_why(database: Database) {
    let site = Site::start(database).await;
    let (a, b) = (site.team("Team A").await, site.team("Team B").await);
    let organiser = site.organiser().await;
    let id = scored(&a, Method::NearPerfect).await;
    scored(&b, Method::Thin).await;
    assert_eq!(leaderboard_teams(&a).await, ["Team A", "Team B"]);

    for (out, back, shown) in [
        ("hide", "publish", "hidden from the leaderboard"),
        ("disqualify", "reinstate", "disqualified"),
    ] {
        let done = organiser.decide(&[&id], out, " trained on <hidden> cases ").await;
        let done = done.expect(StatusCode::OK);
        assert_eq!(done["results"], json!([{ "submission": id, "done": true }]));
        assert_eq!(leaderboard_teams(&b).await, ["Team B"]);
        let report = a.get(&format!("/api/v1/submissions/{id}")).await.expect(StatusCode::OK);
        let last = report["decisions"].as_array().unwrap().last().unwrap();
        assert_eq!(last["decision"], out);
        assert_eq!(last["reason"], "trained on <hidden> cases");
        assert!(report["dice"].is_f64(), "a team always sees its own score");
        let page = a.get(&format!("/submissions/{id}")).await;
        let told = format!("{shown}. Reason: trained on &#60;hidden&#62; cases");
        assert!(page.page(StatusCode::OK).contains(&told), "{}", page.text());
        organiser.decide(&[&id], back, "a mistake").await.expect(StatusCode::OK);
        assert_eq!(leaderboard_teams(&b).await, ["Team A", "Team B"]);
    }
}

async fn several_are_decided_about_at_once_each_for_itself(database: Database) {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    let organiser = site.organiser().await;
    let (first, second) = (queued(&team).await, queued(&team).await);
    organiser.decide(&[&first], "cancel", "asked for").await.expect(StatusCode::OK);

    let unknown = uuid::Uuid::nil().to_string();
    let done = organiser.decide(&[&first, &second, &unknown], "cancel", "all of them").await;
    let done = done.expect(StatusCode::OK);
    let results = done["results"].as_array().unwrap();
    let outcomes: Vec<(&Value, &Value)> =
        results.iter().map(|result| (&result["submission"], &result["done"])).collect();
    let (no, yes) = (json!(false), json!(true));
    assert_eq!(outcomes, [(&json!(first), &no), (&json!(second), &yes), (&json!(unknown), &no)]);
    assert_eq!(
        results[0]["because"],
        "the submission is cancelled, or the decision was made already"
    );
    assert_eq!(results[2]["because"], "there is no such submission");

    let listed = organiser.get("/api/v1/admin/submissions?state=cancelled").await;
    let listed = listed.expect(StatusCode::OK);
    assert_eq!(listed["submissions"].as_array().unwrap().len(), 2);
    assert_eq!(listed["next"], Value::Null);
}

async fn a_decision_without_a_reason_is_refused(database: Database) {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    let organiser = site.organiser().await;
    let id = queued(&team).await;
    for answer in [
        organiser.decide(&[&id], "hide", "  ").await,
        organiser.decide(&[&id], "hide", &"x".repeat(501)).await,
        organiser.decide(&[], "hide", "none").await,
        organiser.decide(&[&id], "delete", "no such thing").await,
        organiser.decide(&["1"], "hide", "no id").await,
        organiser.post_json("/api/v1/admin/decisions", &json!([])).await,
    ] {
        assert_eq!(answer.problem(StatusCode::UNPROCESSABLE_ENTITY), "field.invalid");
    }
    assert!(site.submissions().await[0].published);
}

async fn an_organiser_decides_on_the_page_as_well(database: Database) {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    let queued = async || {
        let form = Form::zip(&zip_of(Method::Thin)).field("method", "thin");
        text(&team.submit(&form).await.expect(StatusCode::ACCEPTED)["id"])
    };
    let (first, second) = (queued().await, queued().await);
    site.account("org", None, true).await;
    let browser = site.log_in("org").await;
    let page = browser.get("/admin/submissions?state=queued").await;
    assert!(page.page(StatusCode::OK).contains(&format!("value=\"{first}\"")), "{}", page.text());

    let fields = |reason| {
        [
            ("submission", &*first),
            ("submission", &*second),
            ("decision", "hide"),
            ("reason", reason),
        ]
    };
    let refused = browser.post("/admin/submissions?state=queued", &fields("")).await;
    assert!(refused.page(StatusCode::UNPROCESSABLE_ENTITY).contains("field.invalid"));
    let done =
        browser.post_and_follow("/admin/submissions?state=queued", &fields("not a method")).await;
    assert!(done.page(StatusCode::OK).contains("2 of 2 decisions made."), "{}", done.text());
    assert!(site.submissions().await.iter().all(|submission| !submission.published));
    let again = browser.post_and_follow("/admin/submissions", &fields("not a method")).await;
    assert!(again.page(StatusCode::OK).contains("0 of 2 decisions made."));
    let because = "the submission is queued, or the decision was made already";
    let sent = site.submissions().await.into_iter().rev();
    let named: Vec<String> =
        sent.map(|one| format!("Team A, thin, {}: {because}", one.created_at)).collect();
    assert_eq!(again.html(StatusCode::OK).texts("main [role=status] li"), named);
    // A participant's page has no such form.
    let own = team.get(&format!("/submissions/{first}")).await;
    assert!(!own.page(StatusCode::OK).contains("/admin/"), "{}", own.text());
}

async fn a_team_cancels_what_has_no_score_yet_and_only_its_own(database: Database) {
    let site = Site::with(database, Setup { worker: false, quota: 1, ..Setup::default() }).await;
    let (team, other) = (site.team("Team A").await, site.team("Team B").await);
    let id = queued(&team).await;
    let path = format!("/api/v1/submissions/{id}/cancel");
    let hidden = other.post_json(&path, &json!({})).await;
    assert_eq!(hidden.problem(StatusCode::NOT_FOUND), "request.not_found");
    let organiser = site.organiser().await.post_json(&path, &json!({})).await;
    assert_eq!(organiser.problem(StatusCode::FORBIDDEN), "team.none");

    let cancelled = team.post_json(&path, &json!({})).await.expect(StatusCode::OK);
    assert_eq!(cancelled["state"], "cancelled");
    assert_eq!(cancelled["decisions"][0]["reason"], "by the team itself");
    let again = team.post_json(&path, &json!({})).await;
    assert_eq!(again.problem(StatusCode::CONFLICT), "submission.ended");
    // It cost no quota.
    queued(&team).await;
}

async fn what_is_scored_again_has_the_same_score(database: Database) {
    let site = Site::start(database).await;
    let team = site.team("Team A").await;
    let id = scored(&team, Method::Thin).await;
    let path = format!("/api/v1/submissions/{id}");
    let before = team.get(&path).await.expect(StatusCode::OK);
    let organiser = site.organiser().await;
    organiser.decide(&[&id], "rescore", "a new scorer").await.expect(StatusCode::OK);
    site.until(async || site.submissions().await[0].state.is_final()).await;
    let after = team.get(&path).await.expect(StatusCode::OK);
    for member in ["state", "dice", "hd95", "aggregates", "secondary", "vessels", "cases"] {
        assert_eq!(before[member], after[member], "{member}");
    }
}

async fn the_audit_trail_is_searched_and_exported(database: Database) {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    let organiser = site.organiser().await;
    let id = queued(&team).await;
    organiser.decide(&[&id], "hide", "a, \"b\"").await.expect(StatusCode::OK);
    organiser.decide(&[&id], "publish", "again").await.expect(StatusCode::OK);

    let path = format!("/api/v1/admin/audit?subject={id}&actor=ORGANISER@");
    let found = organiser.get(&path).await.expect(StatusCode::OK);
    let events = found["events"].as_array().unwrap();
    assert_eq!(events.len(), 2);
    assert_eq!(events[0]["detail"]["after"]["published"], true);
    assert_eq!(events[1]["email"], "organiser@example.org");
    let none = organiser.get("/api/v1/admin/audit?actor=nobody").await.expect(StatusCode::OK);
    assert_eq!(none["events"], json!([]));

    let csv = organiser.get(&format!("{path}&format=csv&before=")).await;
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    let lines: Vec<&str> = csv.text().split("\r\n").collect();
    assert_eq!((lines.len(), lines[0]), (4, "\u{feff}at,actor,action,subject,detail,id,actor_id"));
    let fields = format!("organiser@example.org,submission decided,{id},\"{{");
    assert!(lines[2].contains(&fields), "{}", lines[2]);
    assert!(lines[2].contains(r#"""reason"":""a, \""b\""""#), "{}", lines[2]);

    site.account("org", None, true).await;
    let page = site.log_in("org").await.get("/admin/audit?action=submission+decided").await;
    assert!(page.page(StatusCode::OK).contains(&format!("<code>{id}</code>")), "{}", page.text());
    let bad = organiser.get("/api/v1/admin/audit?before=yesterday").await;
    assert_eq!(bad.problem(StatusCode::UNPROCESSABLE_ENTITY), "field.invalid");
}

/// Adds events with the subjects 0, 1, … behind the server's back.
async fn add_events(store: &Store, subjects: std::ops::Range<u32>) {
    const TEXT: &str = "insert into audit (id, at, action, subject, detail, detail_folded)
         values ($1, $2, 'many', $3, '{}', '{}')";
    macro_rules! add {
        ($pool:expr) => {{
            let mut tx = $pool.begin().await.unwrap();
            for subject in subjects {
                let query = sqlx::query(TEXT).bind(EventId::new()).bind(Timestamp::now());
                query.bind(subject.to_string()).execute(&mut *tx).await.unwrap();
            }
            tx.commit().await.unwrap();
        }};
    }
    match store {
        Store::Postgres(pool) => add!(pool),
        Store::Sqlite { write, .. } => add!(write),
    }
}

async fn a_trail_of_many_pages_is_exported_whole(database: Database) {
    let site = Site::without_worker(database).await;
    let organiser = site.organiser().await;
    // A page is a thousand: nothing, whole pages and a rest are all read to their end.
    let mut written = 0;
    for count in [0, 2000, 2500] {
        add_events(&site.store, written..count).await;
        written = count;
        let csv = organiser.get("/api/v1/admin/audit?format=csv&action=many").await;
        assert_eq!((csv.status, csv.header("content-length")), (StatusCode::OK, None));
        let lines = csv.text().lines().skip(1);
        let subjects = lines.map(|line| line.split(',').nth(3).unwrap().parse::<u32>().unwrap());
        assert!(subjects.eq((0..count).rev()), "of {count}");
    }
}

async fn the_organiser_area_says_why_nobody_can_submit(database: Database) {
    let ended = Timestamp::now().minus(std::time::Duration::from_secs(60));
    let setup = Setup { worker: false, closes_at: Some(ended), ..Setup::default() };
    let site = Site::with(database, setup).await;
    site.account("org", None, true).await;
    let page = site.log_in("org").await.get("/admin").await;
    let page = page.page(StatusCode::OK);
    assert!(
        page.contains("Nobody can submit right now") && page.contains("phase.closed"),
        "{page}"
    );
}

async fn the_organiser_area_says_that_nobody_is_approved_and_that_nobody_scores(
    database: Database,
) {
    let site = Site::without_worker(database).await;
    site.account("org", None, true).await;
    let organiser = site.log_in("org").await;
    let page = organiser.get("/admin").await;
    assert!(page.text().contains("Nobody can submit right now"), "{}", page.text());
    let team = site.team("Team A").await;
    queued(&team).await;
    let page = organiser.get("/admin").await;
    let page = page.html(StatusCode::OK);
    let can_submit = page.texts("p").iter().any(|text| text.contains(": teams can submit"));
    assert!(can_submit && !page.has("#stuck"), "{page:?}");
    let long_ago = "update evaluations set created_at =
                        (select opens_at from phases where slug = $1)";
    site.execute(long_ago, "main").await;
    assert!(organiser.get("/admin").await.html(StatusCode::OK).has("#stuck"));
}

async fn why_it_failed_is_told_to_organisers_only(database: Database) {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    let id = queued(&team).await;
    let failed = "update evaluations set state = 'failed', failure = $1, finished_at = created_at";
    site.execute(failed, "a disk is full").await;
    site.account("org", None, true).await;
    let organiser = site.log_in("org").await;
    for path in [format!("/submissions/{id}"), format!("/api/v1/submissions/{id}")] {
        let (to_team, to_organiser) = (team.get(&path).await, organiser.get(&path).await);
        assert!(to_team.text().contains("failed") && !to_team.text().contains("a disk is full"));
        assert!(to_organiser.text().contains("a disk is full"), "{}", to_organiser.text());
    }
}

async fn fifty_parallel_uploads_against_a_quota_of_three_leave_three(database: Database) {
    let site = Site::with(database, Setup { worker: false, quota: 3, ..Setup::default() }).await;
    let user = site.member("Team A").await;
    let script = site.script(user, Scope::Submit).await;
    let form = Form::zip(&zip_of(Method::Thin));
    let uploads = (0..50).map(|_| script.submit(&form));
    let mut counts = std::collections::BTreeMap::<u16, usize>::new();
    for answer in futures_util::future::join_all(uploads).await {
        *counts.entry(answer.status.as_u16()).or_default() += 1;
    }
    assert_eq!(counts.get(&202), Some(&3), "{counts:?}");
    assert_eq!(counts.values().sum::<usize>(), 50);
    assert!(counts.keys().all(|status| [202, 429, 503].contains(status)), "{counts:?}");
    assert_eq!(site.submissions().await.len(), 3);
}

async fn the_list_says_that_something_is_shown_only_of_what_has_a_score(database: Database) {
    let site = Site::start(database).await;
    let team = site.team("Team A").await;
    scored(&team, Method::Thin).await;
    // Which turns out while scoring.
    let empty = spoilt_zip(|files| files[2].1 = volume(SHAPE, spacing(2), 0));
    let invalid = team.submit_and_wait(&Form::zip(&empty)).await;
    assert_eq!(invalid.problem(StatusCode::UNPROCESSABLE_ENTITY), "case.empty");
    site.account("org", None, true).await;
    let browser = site.log_in("org").await;
    let listed = async |filter: &str| {
        let page = browser.get(&format!("/admin/submissions{filter}")).await.html(StatusCode::OK);
        let column = |number| page.texts(&format!("main tbody td:nth-child({number})"));
        column(5).into_iter().zip(column(8)).collect::<Vec<_>>()
    };
    let row = |state: &str, shown: &str| (state.to_owned(), shown.to_owned());
    let all = [row("invalid", "–"), row("scored", "published")];
    assert_eq!(listed("").await, all);
    assert_eq!(listed("?shown=published").await, all[1..]);
}
