//! What a browser is protected from.

use asoca::domain::Scope;
use axum::http::{Request, StatusCode, header};
use coronary_phantom::Method;
use test_support::challenge::zip_of;
use test_support::form::{Form, url_encoded};
use test_support::page::Page;
use test_support::site::{Setup, Site};
use test_support::{Database, on_both_engines};

on_both_engines! {
    a_form_that_is_sent_twice_makes_one_submission,
    a_request_that_another_site_started_is_refused,
    the_session_cookie_is_for_this_site_and_no_script,
    a_log_in_leads_to_no_other_site,
    a_wrong_password_and_an_unknown_address_look_the_same,
    logging_out_ends_the_session_on_the_server,
    what_people_type_is_shown_as_text,
    a_sign_up_with_a_taken_team_keeps_what_was_typed_but_the_password,
}

const LOG_IN: [(&str, &str); 2] =
    [("email", "ada@example.org"), ("password", "correct horse battery")];

async fn a_request_that_another_site_started_is_refused(database: Database) {
    let site = Site::without_worker(database).await;
    let browser = site.anybody().with_cookie_of(&site.anybody().sign_up("Team A").await);
    let cross_site = |mut request: Request<_>, name: &'static str, value: &str| {
        request.headers_mut().insert(name, value.parse().unwrap());
        request
    };
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
    ] {
        let form = Form::zip(&zip_of(Method::Thin));
        let answer = browser.send(cross_site(form.request("/submit"), name, value)).await;
        assert!(answer.page(StatusCode::FORBIDDEN).contains("auth.cross_site"), "{name}: {value}");
        assert!(answer.html(StatusCode::FORBIDDEN).has("#outcome"), "nothing to put into the form");
        let answer =
            browser.send(cross_site(form.request("/api/v1/submissions"), name, value)).await;
        assert_eq!(answer.problem(StatusCode::FORBIDDEN), "auth.cross_site", "{name}: {value}");
        let token = Request::post("/account/tokens")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(url_encoded(&[("name", "x"), ("scope", "submit"), ("days", "9")]).into())
            .unwrap();
        let answer = browser.send(cross_site(token, name, value)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
    }
    site.assert_nothing_stored().await;
    assert!(browser.get("/account").await.page(StatusCode::OK).contains("Ada"));

    let form = Form::zip(&zip_of(Method::Thin)).request("/submit");
    let own = browser.send(cross_site(form, "sec-fetch-site", "same-origin")).await;
    assert!(own.redirect().starts_with("/submissions/"));
}

async fn the_session_cookie_is_for_this_site_and_no_script(database: Database) {
    let public_url = Some("https://asoca.example");
    let setup = Setup { worker: false, public_url, ..Setup::default() };
    let site = Site::with(database, setup).await;
    let answer = site.anybody().sign_up("Team A").await;
    let cookie = answer.header("set-cookie").unwrap();
    for part in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
        assert!(cookie.split("; ").any(|found| found == part), "{part} is not in {cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    assert_eq!(site.anybody().get("/login").await.header("set-cookie"), None);
}

async fn a_log_in_leads_to_no_other_site(database: Database) {
    let site = Site::without_worker(database).await;
    site.anybody().sign_up("Team A").await;
    for (next, led_to) in [
        ("/submissions?a=b", "/submissions?a=b"),
        ("", "/"),
        ("https://evil.example", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
    ] {
        let [email, password] = LOG_IN;
        let answer = site.anybody().post("/login", &[email, password, ("next", next)]).await;
        assert_eq!(answer.redirect(), led_to, "{next:?}");
    }
}

async fn a_wrong_password_and_an_unknown_address_look_the_same(database: Database) {
    let site = Site::without_worker(database).await;
    site.anybody().sign_up("Team A").await;
    let [email, password] = LOG_IN;
    let wrong = site.anybody().post("/login", &[email, ("password", "wrong")]).await;
    let unknown = site.anybody().post("/login", &[("email", "bob@example.org"), password]).await;
    let page = wrong.page(StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("auth.bad_password"), "{page}");
    let expected = unknown.page(StatusCode::UNPROCESSABLE_ENTITY).replace("bob@", "ada@");
    assert_eq!(page, expected);
    assert_eq!((wrong.header("set-cookie"), unknown.header("set-cookie")), (None, None));
}

async fn logging_out_ends_the_session_on_the_server(database: Database) {
    let site = Site::without_worker(database).await;
    let signed_up = site.anybody().sign_up("Team A").await;
    let browser = site.anybody().with_cookie_of(&signed_up);
    assert_eq!(browser.get("/account").await.status, StatusCode::OK);
    let user = site.store.user_by_email("ada@example.org").await.unwrap().unwrap();
    assert_eq!(site.session_owners().await, [Some(user.id)]);
    assert_eq!(browser.post("/logout", &[]).await.redirect(), "/");
    assert_eq!(browser.get("/account").await.redirect(), "/login?next=/account");
    assert_eq!(site.session_owners().await, []);
}

async fn what_people_type_is_shown_as_text(database: Database) {
    const SCRIPT: &str = "<script>alert('x')</script>\"";
    let site = Site::start(database).await;
    let signed_up = site.anybody().sign_up(SCRIPT).await;
    let browser = site.anybody().with_cookie_of(&signed_up);
    let user = site.store.user_by_email("ada@example.org").await.unwrap().unwrap();
    let script = site.script(user.id, Scope::Submit).await;
    let form = Form::zip(&zip_of(Method::Thin))
        .field("method", SCRIPT)
        .field("description", SCRIPT)
        .field("url", &format!("https://example.org/{SCRIPT}"));
    let scored = script.submit_and_wait(&form).await.expect(StatusCode::CREATED);
    let submission = format!("/submissions/{}", scored["id"].as_str().unwrap());
    let query = url_encoded(&[("next", SCRIPT), ("phase", SCRIPT)]);
    for path in [
        "/account",
        "/team",
        "/leaderboard",
        "/submissions",
        &submission,
        &format!("/login?{query}"),
        &format!("/signup?{query}"),
        &format!("/leaderboard?{query}"),
        &format!("/{}", SCRIPT.replace(['<', '>', '"'], "%3C")),
    ] {
        let page = browser.get(path).await;
        assert!(!page.text().contains("<script>alert"), "{path}: {}", page.text());
        assert!(!page.text().contains("</script>\""), "{path}: {}", page.text());
    }
    assert!(browser.get("/leaderboard").await.text().contains("&#60;script&#62;alert"));
}

async fn a_sign_up_with_a_taken_team_keeps_what_was_typed_but_the_password(database: Database) {
    let site = Site::without_worker(database).await;
    site.member("Team A").await;
    let answer = site.anybody().sign_up("TEAM a").await;
    let page = answer.page(StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("account.taken") && !page.contains("correct horse"), "{page}");
    assert!(page.contains("Expected a team&#39;s name that nobody has yet"), "{page}");
    let typed = Page::of(page).fields("form[action='/signup']");
    assert_eq!((&*typed["display_name"], &*typed["password"]), ("Ada Lovelace", ""));
    assert_eq!(answer.header("set-cookie"), None);
    assert!(site.store.user_by_email("ada@example.org").await.unwrap().is_none());
}

async fn a_form_that_is_sent_twice_makes_one_submission(database: Database) {
    let site = Site::without_worker(database).await;
    site.account("ada", Some("Team A"), false).await;
    let browser = site.log_in("ada").await;
    let action = async || {
        let page = browser.get("/submit").await.page(StatusCode::OK).to_owned();
        let (_, rest) = page.split_once("action=\"/submit?").expect("a form");
        format!("/submit?{}", rest.split('"').next().unwrap().replace("&amp;", "&"))
    };
    let first = action().await;
    assert!(first.contains("key="), "{first}");
    let send = async |action: &str, method: Method| {
        browser.send(Form::zip(&zip_of(method)).request(action)).await
    };
    let sent = send(&first, Method::Thin).await.redirect().to_owned();
    // The same again, by a second click or a reload: it is the same submission.
    assert_eq!(send(&first, Method::Thin).await.redirect(), sent);
    assert_eq!(site.submissions().await.len(), 1);
    // Somebody who went back and chose other files sends something new; so does the form opened anew.
    let other = send(&first, Method::Leaky).await;
    assert_ne!(other.redirect(), sent);
    let second = action().await;
    assert_ne!(second, first);
    assert_ne!(send(&second, Method::Thin).await.redirect(), sent);
    assert_eq!(site.submissions().await.len(), 3);
}
