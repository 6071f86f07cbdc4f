//! What organisers tell everybody.

use axum::http::StatusCode;
use serde_json::json;
use test_support::site::Site;
use test_support::{Database, on_both_engines};

on_both_engines! {
    an_announcement_is_news_until_it_is_withdrawn,
    an_announcement_is_made_on_the_page_as_well,
    a_phase_describes_itself_in_markdown_that_can_do_no_harm,
}

const ANNOUNCEMENTS: &str = "/api/v1/admin/announcements";

async fn an_announcement_is_news_until_it_is_withdrawn(database: Database) {
    let site = Site::without_worker(database).await;
    let organiser = site.organiser().await;
    let new = json!({ "title": "Case 3 <corrected>", "text": "Scored **again**." });
    let made = organiser.post_json(ANNOUNCEMENTS, &new).await.expect(StatusCode::CREATED);
    for path in ["/", "/news"] {
        let page = site.anybody().get(path).await;
        let page = page.page(StatusCode::OK);
        assert!(page.contains("Case 3 &#60;corrected&#62;"), "{path}: {page}");
    }
    let page = site.anybody().get("/news").await;
    let page = page.page(StatusCode::OK);
    assert!(page.contains("<p>Scored <strong>again</strong>.</p>"), "{page}");
    let told = site.anybody().get("/api/v1/announcements").await.expect(StatusCode::OK);
    assert_eq!(told, json!({ "announcements": [made] }));

    let path = format!("{ANNOUNCEMENTS}/{}/withdraw", made["id"].as_str().unwrap());
    assert_eq!(organiser.post(&path, &[]).await.status, StatusCode::NO_CONTENT);
    assert_eq!(
        organiser.post(&path, &[]).await.problem(StatusCode::NOT_FOUND),
        "request.not_found"
    );
    let told = site.anybody().get("/api/v1/announcements").await.expect(StatusCode::OK);
    assert_eq!(told, json!({ "announcements": [] }));
    let trail = organiser.get("/api/v1/admin/audit").await.expect(StatusCode::OK);
    let events = trail["events"].as_array().unwrap();
    let events: Vec<_> = events.iter().map(|event| (&event["action"], &event["subject"])).collect();
    let expected = (json!("announcement withdrawn"), json!("announced"));
    assert_eq!(events[..2], [(&expected.0, &made["id"]), (&expected.1, &made["id"])]);
}

async fn an_announcement_is_made_on_the_page_as_well(database: Database) {
    let site = Site::without_worker(database).await;
    site.account("org", None, true).await;
    let browser = site.log_in("org").await;
    let fields = |title| [("title", title), ("text", "From *Monday* on.")];
    let refused = browser.post("/admin/announcements", &fields(" ")).await;
    let page = refused.page(StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("field.invalid") && page.contains("From *Monday* on."), "{page}");
    let made = browser.post("/admin/announcements", &fields("Phase 2")).await;
    assert_eq!(made.redirect(), "/admin/announcements");
    assert!(browser.get("/news").await.page(StatusCode::OK).contains("<em>Monday</em>"));
    let shown = site.store.announcements(10).await.unwrap();
    let withdrawn = format!("/admin/announcements/{}/withdraw", shown[0].id);
    assert_eq!(browser.post(&withdrawn, &[]).await.redirect(), "/admin/announcements");
    assert!(!browser.get("/news").await.page(StatusCode::OK).contains("Monday"));
}

async fn a_phase_describes_itself_in_markdown_that_can_do_no_harm(database: Database) {
    let site = Site::without_worker(database).await;
    let text = "## Rules\n\n<script>alert(1)</script>\n\n[mail](javascript:alert(1))";
    let to = json!({ "description": text });
    site.organiser().await.post_json("/api/v1/admin/phases/main", &to).await.expect(StatusCode::OK);
    let page = site.anybody().get("/about").await;
    let page = page.page(StatusCode::OK);
    assert!(page.contains("<h4>Rules</h4>"), "{page}");
    assert!(!page.contains("<script>") && !page.contains("javascript:"), "{page}");
}
