//! How people get in, and how others are kept out.

use asoca::domain::{Scope, UserId};
use asoca::service::credentials::make_link;
use asoca::store::{EventFilter, LinkKind, Timestamp};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::json;
use test_support::client::{Answer, Client};
use test_support::form::url_encoded;
use test_support::site::{PASSWORD, Setup, Site};
use test_support::{Database, on_both_engines};

on_both_engines! {
    an_address_is_held_off_after_ten_wrong_passwords_whether_or_not_it_has_an_account,
    a_network_is_held_off_after_fifty_and_another_one_is_not,
    who_tries_passwords_elsewhere_keeps_nobody_from_where_they_log_in,
    a_browser_is_known_again_and_its_secret_is_of_use_for_one_account,
    behind_a_proxy_that_is_not_trusted_nobody_shares_the_count_of_a_network,
    accounts_are_made_only_so_often_from_a_network,
    bad_tokens_are_refused_cheaply_and_right_ones_are_taken_beside_them,
    a_right_password_clears_the_count_of_its_address,
    a_changed_password_ends_all_sessions_but_this_one,
    a_reset_link_works_once,
    a_welcome_link_makes_the_first_organiser_and_no_second,
    a_token_that_is_used_from_another_network_is_told_once,
    a_person_deletes_the_account_and_can_come_back_as_somebody_new,
    the_last_organiser_can_not_go,
    an_organiser_deletes_an_account_for_a_reason,
    a_token_deletes_no_organiser,
}

const ADA: &str = "ada@example.org";

async fn log_in(client: &Client, email: &str, password: &str) -> Answer {
    client.post("/login", &[("email", email), ("password", password), ("next", "/submit")]).await
}

/// As a proxy passes it on.
async fn log_in_from(client: &Client, address: &str, email: &str, password: &str) -> Answer {
    let request = Request::post("/login")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("x-forwarded-for", address)
        .body(url_encoded(&[("email", email), ("password", password)]).into())
        .unwrap();
    client.send(request).await
}

async fn an_address_is_held_off_after_ten_wrong_passwords_whether_or_not_it_has_an_account(
    database: Database,
) {
    let site = Site::without_worker(database).await;
    site.account("ada", None, false).await;
    let client = site.anybody();
    for email in [ADA, "nobody@example.org"] {
        for _ in 0..10 {
            let answer = log_in(&client, email, "wrong").await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        let answer = log_in(&client, &email.to_uppercase(), PASSWORD).await;
        let page = answer.page(StatusCode::TOO_MANY_REQUESTS);
        assert!(page.contains("auth.too_many") && page.contains("value=\"/submit\""), "{page}");
        assert!(answer.header("set-cookie").is_none());
        let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
        assert!((60..=91).contains(&wait), "{wait}");
    }
    let events = site.store.events(&EventFilter::default(), 100).await.unwrap();
    let failed = events.iter().filter(|event| event.action == "failed log-in").count();
    assert_eq!(failed, 20, "those that were not looked at are no events");
    assert_eq!(events[0].detail["held off"], true);
    let unknown = events.iter().filter(|event| event.subject.is_empty()).count();
    assert_eq!(unknown, 10, "of an address that nobody has only that it was tried");

    // Another process counts the same, and who was held off gets in when time has passed.
    let elsewhere = log_in(&site.anybody_elsewhere().await, ADA, PASSWORD).await;
    assert_eq!(elsewhere.status, StatusCode::TOO_MANY_REQUESTS);
    let later = Timestamp::now().plus(std::time::Duration::from_secs(1000));
    // Of each address two, and the network.
    assert_eq!(site.store.delete_expired_throttles(later).await.unwrap(), 5);
    assert_eq!(log_in(&client, ADA, PASSWORD).await.redirect(), "/submit");
}

async fn a_network_is_held_off_after_fifty_and_another_one_is_not(database: Database) {
    let setup = Setup { worker: false, trusted_proxy: true, ..Setup::default() };
    let site = Site::with(database, setup).await;
    site.account("ada", None, false).await;
    let client = site.anybody();
    for i in 0..50 {
        // What a client says itself comes first and does not count; the /64 is one network.
        let address = format!("203.0.113.{i}, 2001:db8:0:1::{i:x}");
        let answer = log_in_from(&client, &address, &format!("no address {i}"), "wrong").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let held_off = log_in_from(&client, "2001:db8:0:1::ffff", ADA, PASSWORD).await;
    assert_eq!(held_off.status, StatusCode::TOO_MANY_REQUESTS);
    let other = log_in_from(&client, "2001:db8:0:2::1", ADA, PASSWORD).await;
    assert_eq!(other.redirect(), "/");
    let still = log_in_from(&client, "2001:db8:0:1::ffff", ADA, PASSWORD).await;
    assert_eq!(still.status, StatusCode::TOO_MANY_REQUESTS, "a log-in clears no network");
}

async fn who_tries_passwords_elsewhere_keeps_nobody_from_where_they_log_in(database: Database) {
    let setup = Setup { worker: false, trusted_proxy: true, ..Setup::default() };
    let site = Site::with(database, setup).await;
    site.account("ada", None, false).await;
    let client = site.anybody();
    let (home, elsewhere) = ("192.0.2.1", "203.0.113.5");
    let first = log_in_from(&client, home, ADA, PASSWORD).await;
    let browser = client.with_cookie_of(&first);

    // Ten from one network are refused there, and nowhere else.
    let wrong = async |address: &str| {
        log_in_from(&client, address, ADA, "wrong").await.status == StatusCode::UNPROCESSABLE_ENTITY
    };
    for _ in 0..10 {
        assert!(wrong("198.51.100.0").await);
    }
    assert!(!wrong("198.51.100.0").await);
    let new = log_in_from(&client, "203.0.113.4", ADA, PASSWORD).await;
    assert_eq!(new.redirect(), "/", "a network where she has not been before");

    // Fifty from many networks slow down who comes from where she has not been.
    for i in 10..50 {
        assert!(wrong(&format!("198.51.100.{}", i / 8)).await, "{i}");
    }
    let held_off = log_in_from(&client, elsewhere, ADA, PASSWORD).await;
    assert_eq!(held_off.status, StatusCode::TOO_MANY_REQUESTS);
    let wait: u64 = held_off.header("retry-after").unwrap().parse().unwrap();
    assert!(wait <= 19, "{wait}");
    for address in [home, "203.0.113.4"] {
        assert_eq!(log_in_from(&client, address, ADA, PASSWORD).await.redirect(), "/");
    }
    let known = log_in_from(&browser, elsewhere, ADA, PASSWORD).await;
    assert_eq!(known.redirect(), "/");

    // From her own network ten, too; but her own browser is counted for itself.
    for _ in 0..10 {
        assert!(wrong(home).await);
    }
    let neighbour = log_in_from(&client, home, ADA, PASSWORD).await;
    assert_eq!(neighbour.status, StatusCode::TOO_MANY_REQUESTS);
    let replaced = log_in_from(&browser, home, ADA, PASSWORD).await;
    assert_eq!(replaced.status, StatusCode::TOO_MANY_REQUESTS, "that secret was replaced");
    let browser = client.with_cookie_of(&known);
    assert_eq!(log_in_from(&browser, home, ADA, PASSWORD).await.redirect(), "/");
}

async fn a_browser_is_known_again_and_its_secret_is_of_use_for_one_account(database: Database) {
    let setup = Setup { worker: false, trusted_proxy: true, ..Setup::default() };
    let site = Site::with(database, setup).await;
    let ada = site.account("ada", None, false).await;
    site.account("bob", None, false).await;
    let browser = site.anybody();
    let first = log_in_from(&browser, "192.0.2.1", ADA, PASSWORD).await;
    let browser = browser.with_cookie_of(&first);
    let cookies: Vec<&str> =
        first.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    assert_eq!(cookies.len(), 2, "{cookies:?}");
    assert!(cookies[1].starts_with("asoca-browser="), "{cookies:?}");
    for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=15552000"] {
        assert!(cookies[1].split("; ").any(|found| found == part), "{part}: {cookies:?}");
    }
    for i in 0..50 {
        let address = format!("198.51.100.{}", i / 8);
        for email in [ADA, "bob@example.org"] {
            log_in_from(&site.anybody(), &address, email, "wrong").await;
        }
    }
    let bob = log_in_from(&browser, "203.0.113.5", "bob@example.org", PASSWORD).await;
    assert_eq!(bob.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(log_in_from(&browser, "203.0.113.5", ADA, PASSWORD).await.redirect(), "/");

    // A link to set a password lets in whatever others try, and ends what was known before.
    let now = Timestamp::now();
    let link = make_link(&site.store, LinkKind::Reset, Some(ada), None, now).await.unwrap();
    let set = site.anybody().post(&link, &[("password", PASSWORD)]).await;
    let before = log_in_from(&browser, "192.0.2.1", ADA, PASSWORD).await;
    assert_eq!(before.status, StatusCode::TOO_MANY_REQUESTS);
    let browser = site.anybody().with_cookie_of(&set);
    assert_eq!(log_in_from(&browser, "203.0.113.6", ADA, PASSWORD).await.redirect(), "/");
}

async fn behind_a_proxy_that_is_not_trusted_nobody_shares_the_count_of_a_network(
    database: Database,
) {
    let site = Site::without_worker(database).await;
    site.account("ada", None, false).await;
    site.account("org", None, true).await;
    let (client, organiser) = (site.anybody(), site.log_in("org").await);
    assert!(!organiser.get("/admin").await.text().contains("untrusted-proxy"));
    for i in 0..60 {
        let wrong = log_in_from(&client, "203.0.113.9", &format!("no address {i}"), "x").await;
        assert_eq!(wrong.status == StatusCode::TOO_MANY_REQUESTS, i >= 50, "{i}");
    }
    let other = log_in_from(&client, "203.0.113.10", ADA, PASSWORD).await;
    assert_eq!(other.redirect(), "/");
    // A proxy that says nothing of use: no count of a network at all.
    for i in 0..60 {
        let wrong = log_in_from(&client, "unknown", &format!("nobody {i}"), "x").await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    // What is said proves nothing: neither is the network known nor are guesses for one account unbounded.
    let browser = client.with_cookie_of(&other);
    let tried =
        async |i: u32| log_in_from(&client, &format!("203.0.113.{i}"), ADA, "wrong").await.status;
    for i in 100..150 {
        assert_eq!(tried(i).await, StatusCode::UNPROCESSABLE_ENTITY, "{i}");
    }
    assert_eq!(tried(150).await, StatusCode::TOO_MANY_REQUESTS);
    let said = log_in_from(&client, "203.0.113.10", ADA, PASSWORD).await;
    assert_eq!(said.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(log_in_from(&browser, "203.0.113.77", ADA, PASSWORD).await.redirect(), "/");
    let page = organiser.get("/admin").await;
    assert!(page.page(StatusCode::OK).contains("ASOCA_TRUSTED_PROXY=true"), "{}", page.text());
}

async fn accounts_are_made_only_so_often_from_a_network(database: Database) {
    let setup = Setup { worker: false, trusted_proxy: true, sign_up_rate: 3, ..Setup::default() };
    let site = Site::with(database, setup).await;
    let client = site.anybody();
    let sign_up = async |address: &str, name: &str, password: &str| {
        let email = format!("{name}@example.org");
        let fields = [("email", &*email), ("display_name", name), ("password", password)];
        let request = Request::post("/signup")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("x-forwarded-for", address)
            .body(url_encoded(&fields).into())
            .unwrap();
        client.send(request).await
    };
    // What is not tried at all does not count.
    for _ in 0..5 {
        let short = sign_up("192.0.2.1", "ada", "short").await;
        assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    for name in ["a", "b", "c"] {
        assert_eq!(sign_up("192.0.2.1", name, PASSWORD).await.redirect(), "/account");
    }
    let refused = sign_up("192.0.2.1", "ada", PASSWORD).await;
    let page = refused.page(StatusCode::TOO_MANY_REQUESTS);
    assert!(page.contains("auth.too_many") && page.contains("ada@example.org"), "{page}");
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1100..=1201).contains(&wait), "{wait}");
    assert_eq!(sign_up("192.0.2.2", "ada", PASSWORD).await.redirect(), "/account");
}

async fn bad_tokens_are_refused_cheaply_and_right_ones_are_taken_beside_them(database: Database) {
    let site = Site::without_worker(database).await;
    let team = site.team("Team A").await;
    let one = format!(
        "GET /api/v1/submissions HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer asoca_no\r\n",
        team.address
    );
    let many = format!("{one}\r\n").repeat(1020) + &one + "Connection: close\r\n\r\n";
    let answers = site.anybody().send_raw(many.as_bytes()).await;
    let of = |status: &str| answers.matches(&format!("HTTP/1.1 {status} ")).count();
    assert!((1000..1021).contains(&of("401")), "{}", of("401"));
    assert_eq!(of("401") + of("429"), 1021);
    assert_eq!(answers.matches("retry-after: ").count(), of("429"));
    assert_eq!(team.get("/api/v1/submissions").await.status, StatusCode::OK);
}

async fn a_right_password_clears_the_count_of_its_address(database: Database) {
    let site = Site::without_worker(database).await;
    site.account("ada", None, false).await;
    let client = site.anybody();
    for _ in 0..2 {
        for _ in 0..9 {
            let answer = log_in(&client, ADA, "wrong").await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        assert_eq!(log_in(&client, ADA, PASSWORD).await.redirect(), "/submit");
    }
}

async fn a_changed_password_ends_all_sessions_but_this_one(database: Database) {
    let site = Site::without_worker(database).await;
    site.account("ada", None, false).await;
    let (here, there) = (site.log_in("ada").await, site.log_in("ada").await);
    assert!(here.get("/account").await.text().contains("End all others"));
    let change = async |old| {
        here.post("/account/password", &[("old", old), ("new", "another long one")]).await
    };
    assert_eq!(change("wrong").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(there.get("/account").await.status, StatusCode::OK);
    let changed = change(PASSWORD).await;
    assert_eq!(changed.redirect(), "/account");
    let here = here.with_cookie_of(&changed);
    assert!(here.get("/account").await.page(StatusCode::OK).contains("Your password was changed"));
    assert_eq!(here.get("/account").await.status, StatusCode::OK);
    assert_eq!(there.get("/account").await.redirect(), "/login?next=/account");
    assert_eq!(log_in(&there, ADA, "another long one").await.redirect(), "/submit");
}

async fn a_reset_link_works_once(database: Database) {
    let site = Site::without_worker(database).await;
    let user = site.account("ada", None, false).await;
    let logged_in = site.log_in("ada").await;
    let link =
        make_link(&site.store, LinkKind::Reset, Some(user), None, Timestamp::now()).await.unwrap();
    let client = site.anybody();
    let new = [("password", "another long one")];
    let named = "value=\"ada@example.org\" readonly autocomplete=\"username\"";
    let page = client.get(&link).await;
    assert!(page.page(StatusCode::OK).contains(named), "{}", page.text());
    let short = client.post(&link, &[("password", "short")]).await;
    assert!(short.page(StatusCode::UNPROCESSABLE_ENTITY).contains(named), "{}", short.text());
    assert_eq!(client.post(&link, &new).await.redirect(), "/login");
    assert_eq!(client.post(&link, &new).await.status, StatusCode::GONE);
    assert_eq!(logged_in.get("/account").await.redirect(), "/login?next=/account");
    assert_eq!(log_in(&client, ADA, "another long one").await.redirect(), "/submit");
}

async fn a_welcome_link_makes_the_first_organiser_and_no_second(database: Database) {
    let site = Site::without_worker(database).await;
    let link = async || {
        make_link(&site.store, LinkKind::Welcome, None, None, Timestamp::now()).await.unwrap()
    };
    let fields = [("email", ADA), ("display_name", "Ada"), ("password", PASSWORD)];
    let (old, new) = (link().await, link().await);
    let client = site.anybody();
    assert_eq!(client.post(&old, &fields).await.status, StatusCode::GONE);
    assert_eq!(client.post(&new, &fields).await.redirect(), "/admin");
    assert!(site.store.user_by_email(ADA).await.unwrap().unwrap().organiser);
    for link in [new, link().await] {
        assert_eq!(client.get(&link).await.status, StatusCode::GONE);
        assert_eq!(client.post(&link, &fields).await.status, StatusCode::GONE);
    }
}

async fn a_token_that_is_used_from_another_network_is_told_once(database: Database) {
    let setup = Setup { worker: false, trusted_proxy: true, ..Setup::default() };
    let site = Site::with(database, setup).await;
    let user = site.account("ada", None, false).await;
    let script = site.script(user, Scope::Read).await;
    for address in ["192.0.2.1", "2001:db8:0:1::1", "2001:db8:0:1::2", "192.0.2.1"] {
        let request = Request::get("/api/v1/submissions").header("x-forwarded-for", address);
        let answer = script.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
    let action = "token used from new address".into();
    let filter = EventFilter { action, ..EventFilter::default() };
    let events = site.store.events(&filter, 100).await.unwrap();
    let networks: Vec<&str> =
        events.iter().map(|event| event.detail["network"].as_str().unwrap()).collect();
    assert_eq!(networks, ["2001:db8:0:1::/64", "192.0.2.1"]);
    let page = site.log_in("ada").await.get("/account").await;
    let told = "from 2 networks, the latest <code>2001:db8:0:1::/64</code>";
    assert!(page.page(StatusCode::OK).contains(told), "{}", page.text());
}

async fn a_person_deletes_the_account_and_can_come_back_as_somebody_new(database: Database) {
    let site = Site::without_worker(database).await;
    let user = site.member("ada").await;
    let (browser, there) = (site.log_in("ada").await, site.log_in("ada").await);
    let script = site.script(user, Scope::Submit).await;
    let link = make_link(&site.store, LinkKind::Reset, Some(user), None, Timestamp::now());
    let link = link.await.unwrap();
    let page = browser.get("/account").await;
    assert!(page.page(StatusCode::OK).contains("Delete this account"));

    let wrong = browser.post("/account/delete", &[("password", "wrong")]).await;
    assert!(wrong.page(StatusCode::UNPROCESSABLE_ENTITY).contains("auth.bad_password"));
    assert_eq!(there.get("/account").await.status, StatusCode::OK);

    let gone = browser.post("/account/delete", &[("password", PASSWORD)]).await;
    assert_eq!(gone.redirect(), "/");
    for client in [browser, there] {
        assert_eq!(client.get("/account").await.redirect(), "/login?next=/account");
    }
    assert_eq!(site.session_owners().await, [], "a session comes back");
    let refused = script.get("/api/v1/submissions").await;
    assert_eq!(refused.problem(StatusCode::UNAUTHORIZED), "auth.bad_token");
    let client = site.anybody();
    assert_eq!(client.get(&link).await.status, StatusCode::GONE);
    assert_eq!(log_in(&client, ADA, PASSWORD).await.status, StatusCode::UNPROCESSABLE_ENTITY);

    let fields = [
        ("email", ADA),
        ("display_name", "Ada"),
        ("team", "another team"),
        ("password", "another long one"),
    ];
    assert_eq!(client.post("/signup", &fields).await.redirect(), "/account");
    assert_ne!(site.store.user_by_email(ADA).await.unwrap().unwrap().id, user);
}

async fn the_last_organiser_can_not_go(database: Database) {
    let site = Site::without_worker(database).await;
    site.account("ada", None, true).await;
    let browser = site.log_in("ada").await;
    let refused = browser.post("/account/delete", &[("password", PASSWORD)]).await;
    let page = refused.page(StatusCode::CONFLICT);
    assert!(page.contains("account.last_organiser"), "{page}");
    let fields = [("email", ADA), ("reason", "tired")];
    let refused = browser.post("/admin/anonymise", &fields).await;
    assert!(refused.page(StatusCode::CONFLICT).contains("account.last_organiser"));
    assert_eq!(browser.get("/admin").await.status, StatusCode::OK);
}

async fn an_organiser_deletes_an_account_for_a_reason(database: Database) {
    let site = Site::without_worker(database).await;
    let (ada, bob) =
        (site.account("ada", None, false).await, site.account("bob", None, false).await);
    let organiser = site.account("org", None, true).await;
    let browser = site.log_in("org").await;
    let script = site.script(organiser, Scope::Organise).await;

    for fields in [&[("email", ADA)][..], &[("email", ADA), ("reason", " ")]] {
        let refused = browser.post("/admin/anonymise", fields).await;
        assert!(refused.page(StatusCode::UNPROCESSABLE_ENTITY).contains("field.invalid"));
    }
    let unknown = [("email", "eve@example.org"), ("reason", "asked for")];
    let refused = browser.post("/admin/anonymise", &unknown).await;
    assert!(refused.page(StatusCode::UNPROCESSABLE_ENTITY).contains("field.invalid"));
    assert!(site.store.user(ada).await.unwrap().is_some());
    let done = browser
        .post_and_follow("/admin/anonymise", &[("email", ADA), ("reason", "asked for")])
        .await;
    assert!(done.page(StatusCode::OK).contains("is deleted"), "{}", done.text());

    let path = format!("/api/v1/admin/users/{bob}/anonymise");
    for wrong in [json!({}), json!({ "reason": "" })] {
        let refused = script.post_json(&path, &wrong).await;
        assert_eq!(refused.problem(StatusCode::UNPROCESSABLE_ENTITY), "field.invalid");
    }
    let reason = json!({ "reason": "spam" });
    let done = script.post_json(&path, &reason).await.expect(StatusCode::OK);
    assert_eq!(done, json!({ "user": bob, "anonymised": true }));
    for user in [bob, UserId::NIL] {
        let path = format!("/api/v1/admin/users/{user}/anonymise");
        let refused = script.post_json(&path, &reason).await;
        assert_eq!(refused.problem(StatusCode::NOT_FOUND), "request.not_found");
    }

    let trail = script.get("/api/v1/admin/audit").await;
    assert_eq!(trail.status, StatusCode::OK);
    assert!(!trail.text().contains(ADA) && !trail.text().contains("bob@"), "{}", trail.text());
    let deleted = script.get("/api/v1/admin/audit?action=account+anonymised").await;
    let deleted = deleted.expect(StatusCode::OK);
    let told: Vec<_> = deleted["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| (event["email"].clone(), event["subject"].clone(), event["detail"].clone()))
        .collect();
    let by = json!("org@example.org");
    assert_eq!(
        told,
        [
            (by.clone(), json!(bob), json!({ "reason": "spam" })),
            (by, json!(ada), json!({ "reason": "asked for" })),
        ]
    );
}

async fn a_token_deletes_no_organiser(database: Database) {
    let site = Site::without_worker(database).await;
    let organiser = site.account("org", None, true).await;
    site.account("ada", None, true).await;
    let script = site.script(organiser, Scope::Organise).await;
    let path = format!("/api/v1/admin/users/{organiser}/anonymise");
    let refused = script.post_json(&path, &json!({ "reason": "a theft" })).await;
    assert_eq!(refused.problem(StatusCode::FORBIDDEN), "auth.forbidden");
    assert!(site.store.user(organiser).await.unwrap().is_some());
}
