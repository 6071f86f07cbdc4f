//! What an organiser's overview and audit log say, and what a team reads about the same.

use axum::http::StatusCode;
use coronary_phantom::Method;
use serde_json::json;
use test_support::acts::id;
use test_support::challenge::zip_of;
use test_support::form::Form;
use test_support::site::Site;
use test_support::{Database, on_both_engines};

on_both_engines! {
    results_await_review_until_somebody_publishes_or_hides_them,
    the_queue_says_for_how_long_it_has_waited,
    the_audit_log_reads_in_sentences_with_links,
    a_phase_is_copied_and_previewed_and_deleted_while_nobody_has_used_it,
    a_new_challenge_has_first_steps_until_others_submit,
}

async fn results_await_review_until_somebody_publishes_or_hides_them(database: Database) {
    let site = Site::start(database).await;
    let (team, organiser) = (site.team("Team A").await, site.organiser().await);
    let review = json!({ "publication": "after_review" });
    organiser.post_json("/api/v1/admin/phases/main", &review).await.expect(StatusCode::OK);
    let (first, second) = (team.score(Method::Thin).await, team.score(Method::Leaky).await);
    let desk = async || organiser.get("/admin").await.html(StatusCode::OK);
    let link = "/admin/submissions?phase=main&shown=awaiting_review";
    let waiting = async || {
        let list = organiser.get(&format!("/api/v1{link}")).await.expect(StatusCode::OK);
        list["submissions"].as_array().unwrap().iter().map(id).collect::<Vec<_>>()
    };
    assert_eq!(desk().await.text(".review a"), "2");
    assert!(desk().await.links(".review a[href]").iter().any(|to| to.as_str() == link));
    assert_eq!(waiting().await, [id(&second), id(&first)]);

    let own = site.log_in("Team A").await;
    let page = async |of: &serde_json::Value| {
        own.get(&format!("/submissions/{}", id(of))).await.html(StatusCode::OK)
    };
    assert!(page(&first).await.text("#not-ranked").contains("an organiser reviews it first"));
    organiser.decide(&[&id(&first)], "publish", "fine").await.expect(StatusCode::OK);
    assert_eq!(waiting().await, [id(&second)]);
    assert!(!page(&first).await.has("#not-ranked"));
    // Nobody has to look at it again once it was hidden.
    organiser.decide(&[&id(&second)], "publish", "fine").await.expect(StatusCode::OK);
    organiser.decide(&[&id(&second)], "hide", "leaked").await.expect(StatusCode::OK);
    assert!(waiting().await.is_empty() && !desk().await.has(".review"));
    assert!(page(&second).await.text("#not-ranked").contains("took it off the leaderboard"));
    let list = own.get("/submissions").await.html(StatusCode::OK);
    assert!(list.text("#words").contains("hidden"), "{}", list.text("#words"));
    assert_eq!(list.texts("tbody tr:first-child td").last().unwrap(), "hidden");
}

async fn the_queue_says_for_how_long_it_has_waited(database: Database) {
    let site = Site::without_worker(database).await;
    site.leave_queue();
    let organiser = site.organiser().await;
    let desk = async || organiser.get("/admin").await.html(StatusCode::OK);
    assert!(!desk().await.has("#oldest"));
    assert_eq!(desk().await.text("#lately"), "0");
    let team = site.team("Team A").await;
    team.submit(&Form::zip(&zip_of(Method::Thin))).await.expect(StatusCode::ACCEPTED);
    let oldest = desk().await.text("#oldest");
    assert!(oldest.contains("it has waited for less than a minute"), "{oldest}");
    assert!(!oldest.contains("At the rate"), "none was scored: {oldest}");
    site.start_worker(Default::default()).await;
    site.until(async || desk().await.text("#lately") == "1").await;
}

async fn the_audit_log_reads_in_sentences_with_links(database: Database) {
    let site = Site::start(database).await;
    let team = site.team("Team <A>").await;
    let report = team.score(Method::Thin).await;
    site.account("Ada Byron", None, true).await;
    let ada = site.log_in("Ada Byron").await;
    ada.decide(&[&id(&report)], "disqualify", "trained on it").await.expect(StatusCode::OK);
    let to = json!({ "title": "The final" });
    ada.post_json("/api/v1/admin/phases/main", &to).await.expect(StatusCode::OK);
    let log =
        async |query: &str| ada.get(&format!("/admin/audit{query}")).await.html(StatusCode::OK);
    let page = log("").await;
    let rows = page.texts("tbody tr td:nth-child(2)");
    for sentence in [
        "Ada Byron disqualified a submission of Team <A> (reason: trained on it)",
        "Ada Byron changed phase The final",
        "Ada Byron logged in",
    ] {
        assert!(rows.iter().any(|row| row == sentence), "no {sentence}: {rows:?}");
    }
    let links = page.links("tbody a[href]");
    for link in [format!("/submissions/{}", id(&report)), "/admin/phases/main".to_owned()] {
        assert!(links.iter().any(|to| to.as_str() == link), "no {link}: {links:?}");
    }
    assert!(page.has("tbody td.detail details") && !page.has("tbody td.detail details[open]"));
    let found = log("?action=submission+decided").await;
    assert_eq!(found.texts("tbody tr td:nth-child(2)").len(), 1);
    assert!(found.text("tbody details > code").contains("disqualify"));
}

async fn a_phase_is_copied_and_previewed_and_deleted_while_nobody_has_used_it(database: Database) {
    let site = Site::start(database).await;
    site.account("org", None, true).await;
    let org = site.log_in("org").await;
    let rules = json!({ "quota": 7, "description": "Be *fair*.", "publication": "after_review" });
    org.post_json("/api/v1/admin/phases/main", &rules).await.expect(StatusCode::OK);
    let page = org.get("/admin/phases/main").await.html(StatusCode::OK);
    assert_eq!(page.fields("form[action='/admin/phases'][method=get]")["copy"], "main");
    let form = org.get("/admin/phases?copy=main").await.html(StatusCode::OK);
    let mut fields = form.fields("form.stack[method=post]");
    assert_eq!((fields["quota"].as_str(), fields["slug"].as_str()), ("7", ""));
    assert_eq!(fields["publication"], "after_review");
    fields.insert("slug".to_owned(), "second".to_owned());
    // The helper reads options by their value, and this one's is its text.
    fields.insert("truth_set".to_owned(), "hidden".to_owned());
    let mut all: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    all.push(("preview", "yes"));
    let preview = org.post("/admin/phases", &all).await.html(StatusCode::OK);
    let shown = preview.text("#preview");
    assert!(shown.contains("7 scored submissions") && shown.contains("Be fair."), "{shown}");
    assert_eq!(site.store.phases().await.unwrap().len(), 1, "a preview creates nothing");
    all.pop();
    assert_eq!(org.post("/admin/phases", &all).await.redirect(), "/admin/phases/second");

    let team = site.team("Team A").await;
    let form = Form::zip(&zip_of(Method::Thin)).field("phase", "main");
    team.submit_and_wait(&form).await.expect(StatusCode::CREATED);
    let why = [("reason", "a mistake")];
    let refused = org.post("/admin/phases/main/delete", &why).await;
    assert!(refused.page(StatusCode::UNPROCESSABLE_ENTITY).contains("Close it instead"));
    assert_eq!(org.post("/admin/phases/second/delete", &why).await.redirect(), "/admin/phases");
    let gone = json!({ "reason": "a mistake" });
    let again = org.post_json("/api/v1/admin/phases/second/delete", &gone).await;
    assert_eq!(again.problem(StatusCode::NOT_FOUND), "phase.none");
    let log = org.get("/admin/audit?action=phase+deleted").await.html(StatusCode::OK);
    let row = log.text("tbody tr td:nth-child(2)");
    assert!(row.starts_with("org deleted phase ") && row.ends_with("(reason: a mistake)"), "{row}");
}

async fn a_new_challenge_has_first_steps_until_others_submit(database: Database) {
    let site = Site::start(database).await;
    site.account("org", Some("Organisers"), true).await;
    let org = site.log_in("org").await;
    let steps = async || org.get("/admin").await.html(StatusCode::OK).texts("#steps li");
    let done = |steps: &[String]| steps.iter().filter(|step| step.contains("Done: ")).count();
    let before = steps().await;
    assert_eq!((before.len(), done(&before)), (6, 2), "truth set and phase: {before:?}");
    let contact = json!({ "contact": "help@example.org" });
    org.post_json("/api/v1/admin/challenge", &contact).await.expect(StatusCode::OK);
    assert_eq!(done(&steps().await), 3);
    let user = site.store.user_by_email("org@example.org").await.unwrap().unwrap().id;
    let script = site.script(user, asoca::domain::Scope::Submit).await;
    script.score(Method::Thin).await;
    assert_eq!(done(&steps().await), 4);
    site.team("Team A").await.score(Method::Thin).await;
    assert!(steps().await.is_empty());
}
