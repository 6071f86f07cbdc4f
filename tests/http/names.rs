//! Names and addresses as people write them: what reads alike is the same, what nobody sees is no name, and both can be
//! changed.

use asoca::domain::UserId;
use asoca::service::credentials::make_link;
use asoca::store::{LinkKind, Timestamp};
use axum::http::StatusCode;
use serde_json::{Value, json};
use test_support::acts::text;
use test_support::client::{Answer, Client};
use test_support::site::{PASSWORD, Setup, Site};
use test_support::{Database, on_both_engines};

use crate::mail_server::MailServer;

on_both_engines! {
    teams_with_names_that_read_alike_are_one,
    names_in_all_scripts_are_taken_and_invisible_ones_are_not,
    look_alikes_are_shown_to_organisers,
    one_mailbox_is_one_account_however_its_host_is_written,
    a_leader_renames_the_team_and_an_organiser_any_team,
    of_two_who_rename_a_team_the_later_hears_of_the_other,
    a_team_has_a_few_new_names_in_a_day,
    a_person_changes_name_and_affiliation,
    an_address_is_changed_by_the_link_that_is_mailed_to_it,
    without_mail_an_address_is_changed_with_the_password,
    a_new_password_ends_an_address_that_was_asked_for,
    a_new_address_ends_the_links_that_were_mailed_to_the_old_one,
    mails_to_an_address_are_counted_however_its_host_is_written,
}

async fn sign_up(site: &Site, email: &str, name: &str, team: &str) -> Answer {
    let fields = [("email", email), ("display_name", name), ("team", team), ("password", PASSWORD)];
    site.anybody().post("/signup", &fields).await
}

async fn teams_with_names_that_read_alike_are_one(database: Database) {
    let site = Site::without_worker(database).await;
    assert_eq!(sign_up(&site, "a@example.org", "A", "Café Ärzte").await.redirect(), "/account");
    for (at, name) in
        ["cafe\u{301} a\u{308}rzte", "CAFÉ ÄRZTE", "Café  Ärzte", "Ｃafé Ärzte", "Café\u{a0}Ärzte"]
            .iter()
            .enumerate()
    {
        let refused = sign_up(&site, &format!("b{at}@example.org"), "B", name).await;
        let page = refused.page(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.contains("account.taken"), "{name}: {page}");
    }
}

async fn names_in_all_scripts_are_taken_and_invisible_ones_are_not(database: Database) {
    let site = Site::without_worker(database).await;
    for (at, name) in [
        "تیم می\u{200c}خواهم",
        "ක\u{dca}\u{200d}ෂ",
        "👩\u{200d}⚕\u{fe0f} Heart",
        "東京ラボ",
        "Ünet-2",
    ]
    .iter()
    .enumerate()
    {
        let made = sign_up(&site, &format!("a{at}@example.org"), name, name).await;
        assert_eq!(made.redirect(), "/account", "{name}");
    }
    for name in ["\u{2800}", "\u{3164}", "a\u{3164}", "a\u{200d}b", "\u{202e}nam", "a\u{ad}b"] {
        let refused = sign_up(&site, "b@example.org", "B", name).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{name:?}");
        let refused = sign_up(&site, "b@example.org", name, "").await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{name:?}");
    }
}

async fn look_alikes_are_shown_to_organisers(database: Database) {
    let site = Site::without_worker(database).await;
    for (at, name) in ["Alpha", "\u{410}lpha", "Beta"].iter().enumerate() {
        sign_up(&site, &format!("a{at}@example.org"), "A", name).await.redirect();
    }
    let organiser = site.organiser().await;
    let teams = organiser.get("/api/v1/admin/teams").await.expect(StatusCode::OK);
    let said = |name: &str| -> (Value, Value) {
        let teams = teams["teams"].as_array().unwrap();
        let team = teams.iter().find(|team| team["name"] == name).unwrap();
        (team["mixes_scripts"].clone(), team["looks_like"].clone())
    };
    assert_eq!(said("Alpha"), (json!(false), json!(["\u{410}lpha"])));
    assert_eq!(said("\u{410}lpha"), (json!(true), json!(["Alpha"])));
    assert_eq!(said("Beta"), (json!(false), json!([])));
    site.account("org", None, true).await;
    let page = site.log_in("org").await.get("/admin/teams").await;
    for words in ["Looks like Alpha, another team", "mixes letters of several scripts"] {
        assert!(page.page(StatusCode::OK).contains(words), "{}", page.text());
    }
}

async fn one_mailbox_is_one_account_however_its_host_is_written(database: Database) {
    let site = Site::without_worker(database).await;
    sign_up(&site, "Ada@bücher.example", "Ada", "").await.redirect();
    for other in ["ada@xn--bcher-kva.example", "ADA@BÜCHER.example", "ada@bu\u{308}cher.example"] {
        let refused = sign_up(&site, other, "Ada", "").await;
        assert!(refused.text().contains("account.taken"), "{other}: {}", refused.text());
        let fields = [("email", other), ("password", PASSWORD)];
        assert_eq!(site.anybody().post("/login", &fields).await.redirect(), "/", "{other}");
    }
    for no_mail in
        ["ä@example.org", "x@example.org>", "a,b@example.org", "a..b@example.org", "a@localhost"]
    {
        let refused = sign_up(&site, no_mail, "Eve", "").await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{no_mail}");
    }
}

/// The details of the events of an action.
async fn events(organiser: &Client, action: &str) -> Vec<Value> {
    let path = format!("/api/v1/admin/audit?action={}", action.replace(' ', "+"));
    let found = organiser.get(&path).await.expect(StatusCode::OK);
    found["events"].as_array().unwrap().iter().map(|event| event["detail"].clone()).collect()
}

async fn team_name(site: &Site, of: UserId) -> String {
    site.store.team_of(of).await.unwrap().unwrap().name
}

async fn a_leader_renames_the_team_and_an_organiser_any_team(database: Database) {
    let site = Site::without_worker(database).await;
    let ada = site.account("ada", Some("Team A"), false).await;
    site.account("bob", Some("Team B"), false).await;
    let (browser, organiser) = (site.log_in("ada").await, site.organiser().await);
    let saved = browser.post_and_follow("/team/name", &[("name", " Team Ä ")]).await;
    assert!(saved.html(StatusCode::OK).text("h1").contains("Team Ä"));
    let taken = browser.post("/team/name", &[("name", "TEAM B")]).await;
    assert!(taken.page(StatusCode::CONFLICT).contains("team.name_taken"));
    let own = [("name", "team ä")];
    assert_eq!(browser.post("/team/name", &own).await.redirect(), "/team");
    assert_eq!(team_name(&site, ada).await, "team ä");

    let id = site.store.team_of(ada).await.unwrap().unwrap().id;
    let path = format!("/api/v1/admin/teams/{id}");
    let renamed = json!({ "name": "Team A", "reason": "a typing error" });
    assert_eq!(organiser.post_json(&path, &renamed).await.status, StatusCode::NO_CONTENT);
    assert_eq!(team_name(&site, ada).await, "Team A");
    for wrong in
        [json!({ "name": "Team A2", "reason": " " }), json!({ "name": "\u{3164}", "reason": "x" })]
    {
        let refused = organiser.post_json(&path, &wrong).await;
        assert_eq!(refused.problem(StatusCode::UNPROCESSABLE_ENTITY), "field.invalid");
    }
    let nobody = format!("/api/v1/admin/teams/{}", uuid::Uuid::nil());
    assert_eq!(organiser.post_json(&nobody, &renamed).await.status, StatusCode::NOT_FOUND);
    let trail = events(&organiser, "team renamed").await;
    let names: Vec<(String, String)> =
        trail.iter().map(|detail| (text(&detail["before"]), text(&detail["after"]))).collect();
    let expected = [("team ä", "Team A"), ("Team Ä", "team ä"), ("Team A", "Team Ä")];
    assert_eq!(names, expected.map(|(one, other)| (one.to_owned(), other.to_owned())));
    assert_eq!(trail[0]["reason"], "a typing error");

    site.account("org", None, true).await;
    let page = site.log_in("org").await;
    let id = id.to_string();
    let fields = [("team", id.as_str()), ("name", "Team C"), ("reason", "asked for")];
    let saved = page.post_and_follow("/admin/teams/rename", &fields).await;
    assert!(saved.page(StatusCode::OK).contains("Saved.") && saved.text().contains("Team C"));
}

async fn of_two_who_rename_a_team_the_later_hears_of_the_other(database: Database) {
    let site = Site::without_worker(database).await;
    let ada = site.account("ada", Some("Team A"), false).await;
    site.account("org", None, true).await;
    let (leader, page) = (site.log_in("ada").await, site.log_in("org").await);
    let organiser = site.organiser().await;
    let id = site.store.team_of(ada).await.unwrap().unwrap().id;
    let of_leader =
        leader.get("/team").await.html(StatusCode::OK).fields("form[action='/team/name']");
    assert_eq!(of_leader.get("was").map(String::as_str), Some("Team A"));
    let shown = page.get("/admin/teams").await;
    let option = format!("option[value='{id} Team A']");
    assert!(shown.html(StatusCode::OK).has(&option), "{}", shown.text());

    let path = format!("/api/v1/admin/teams/{id}");
    let named = |name: &str| json!({ "name": name, "reason": "asked for", "was": "Team A" });
    assert_eq!(organiser.post_json(&path, &named("Team B")).await.status, StatusCode::NO_CONTENT);
    let refused = organiser.post_json(&path, &named("Team C")).await;
    assert_eq!(refused.problem(StatusCode::CONFLICT), "revision.stale");
    let pages = [
        leader.post("/team/name", &[("was", "Team A"), ("name", "Team C")]).await,
        page.post(
            "/admin/teams/rename",
            &[("team", &*format!("{id} Team A")), ("name", "Team C"), ("reason", "asked for")],
        )
        .await,
    ];
    for refused in pages {
        let page = refused.page(StatusCode::CONFLICT);
        assert!(page.contains("name: Team B, as it is now"), "{page}");
        assert!(page.contains("name: Team C"), "{page}");
    }
    assert_eq!(team_name(&site, ada).await, "Team B");
    // What changes nothing leaves nothing behind.
    let same = json!({ "name": "Team B", "reason": "asked for" });
    assert_eq!(organiser.post_json(&path, &same).await.status, StatusCode::NO_CONTENT);
    assert_eq!(events(&organiser, "team renamed").await.len(), 1);
}

async fn a_team_has_a_few_new_names_in_a_day(database: Database) {
    let site = Site::without_worker(database).await;
    let ada = site.account("ada", Some("Team A"), false).await;
    let browser = site.log_in("ada").await;
    for number in 0..10 {
        let name = format!("Team {number}");
        assert_eq!(browser.post("/team/name", &[("name", &*name)]).await.redirect(), "/team");
    }
    let refused = browser.post("/team/name", &[("name", "Team X")]).await;
    assert!(refused.page(StatusCode::TOO_MANY_REQUESTS).contains("ask an organiser to rename"));
    assert_eq!(team_name(&site, ada).await, "Team 9");
}

async fn a_person_changes_name_and_affiliation(database: Database) {
    let site = Site::without_worker(database).await;
    let ada = site.account("ada", None, false).await;
    let browser = site.log_in("ada").await;
    let fields = [("display_name", "Ada Lovelace"), ("affiliation", "Analytical Society")];
    let saved = browser.post_and_follow("/account/profile", &fields).await;
    assert_eq!(saved.html(StatusCode::OK).text("h1"), "Ada Lovelace");
    assert!(saved.text().contains("Analytical Society"));
    let refused = browser.post("/account/profile", &[("display_name", " ")]).await;
    assert!(refused.page(StatusCode::UNPROCESSABLE_ENTITY).contains("field.invalid"));
    let user = site.store.user(ada).await.unwrap().unwrap();
    assert_eq!((&*user.display_name, &*user.affiliation), ("Ada Lovelace", "Analytical Society"));
    let trail = events(&site.organiser().await, "account changed").await;
    // Not what it was or is: the log can't forget, and a deleted account is to be forgotten.
    assert_eq!(trail[0], json!({ "changed": ["name", "affiliation"] }));
}

const OLD: &str = "ada@example.org";
const NEW: &str = "ada@new.example";

/// The path of the link in a mail to a new address.
fn address_link(body: &str) -> String {
    let (_, rest) = body.split_once("/address/").unwrap();
    format!("/address/{}", rest.split_whitespace().next().unwrap())
}

async fn an_address_is_changed_by_the_link_that_is_mailed_to_it(database: Database) {
    let mut mail = MailServer::start().await;
    let setup = Setup { worker: false, mail: Some(mail.mailer()), ..Setup::default() };
    let site = Site::with(database, setup).await;
    let ada = site.account("ada", None, false).await;
    site.account("bob", None, false).await;
    let browser = site.log_in("ada").await;
    let ask = async |email: &'static str, password: &'static str| {
        browser.post_and_follow("/account/email", &[("email", email), ("password", password)]).await
    };
    assert!(
        ask(NEW, "wrong")
            .await
            .page(StatusCode::UNPROCESSABLE_ENTITY)
            .contains("auth.bad_password")
    );
    assert!(
        ask("a..b@x.org", PASSWORD)
            .await
            .page(StatusCode::UNPROCESSABLE_ENTITY)
            .contains("field.invalid")
    );
    // The same answer whether or not somebody has the address.
    let taken = ask("bob@example.org", PASSWORD).await;
    assert!(taken.page(StatusCode::OK).contains("A mail is on its way to bob@example.org"));
    let told = mail.next().await;
    assert!(told.body().contains("You already have an account"), "{}", told.body());
    assert!(ask(NEW, PASSWORD).await.page(StatusCode::OK).contains("A mail is on its way to"));
    let sent = mail.next().await;
    assert_eq!(sent.to, NEW);
    let link = address_link(&sent.body());

    // Whoever follows it, only its form changes anything.
    assert!(site.anybody().get(&link).await.page(StatusCode::OK).contains(NEW));
    assert_eq!(site.store.user(ada).await.unwrap().unwrap().email, OLD);
    assert_eq!(site.anybody().post(&link, &[]).await.redirect(), "/account");
    assert_eq!(site.store.user(ada).await.unwrap().unwrap().email, NEW);
    let told = mail.next().await;
    assert_eq!(told.to, OLD);
    assert!(told.body().contains("was changed") && !told.body().contains(NEW));
    assert_eq!(site.anybody().post(&link, &[]).await.status, StatusCode::GONE);
    let log_in = async |email| {
        site.anybody().post("/login", &[("email", email), ("password", PASSWORD)]).await
    };
    assert_eq!(log_in(NEW).await.redirect(), "/");
    assert_ne!(log_in(OLD).await.status, StatusCode::SEE_OTHER);
    assert_eq!(events(&site.organiser().await, "address changed").await, [json!({})]);
}

async fn without_mail_an_address_is_changed_with_the_password(database: Database) {
    let site = Site::without_worker(database).await;
    let ada = site.account("ada", None, false).await;
    site.account("bob", None, false).await;
    let browser = site.log_in("ada").await;
    let taken = [("email", "bob@example.org"), ("password", PASSWORD)];
    let refused = browser.post("/account/email", &taken).await;
    assert!(refused.text().contains("account.taken"), "{}", refused.text());
    let fields = [("email", NEW), ("password", PASSWORD)];
    let saved = browser.post_and_follow("/account/email", &fields).await;
    assert!(saved.page(StatusCode::OK).contains(NEW), "{}", saved.text());
    assert_eq!(site.store.user(ada).await.unwrap().unwrap().email, NEW);
}

async fn a_new_password_ends_an_address_that_was_asked_for(database: Database) {
    let mut mail = MailServer::start().await;
    let setup = Setup { worker: false, mail: Some(mail.mailer()), ..Setup::default() };
    let site = Site::with(database, setup).await;
    for (name, by_link) in [("ada", false), ("bob", true)] {
        let user = site.account(name, None, false).await;
        // By somebody who knows the password and is not the person.
        let asked = [("email", NEW), ("password", PASSWORD)];
        let answer = site.log_in(name).await.post("/account/email", &asked).await;
        assert_eq!(answer.redirect(), "/account");
        let link = address_link(&mail.next().await.body());
        assert_eq!(site.anybody().get(&link).await.status, StatusCode::OK);

        let new = "another long one";
        let changed = if by_link {
            let reset = make_link(&site.store, LinkKind::Reset, Some(user), None, Timestamp::now());
            site.anybody().post(&reset.await.unwrap(), &[("password", new)]).await
        } else {
            let person = site.log_in(name).await;
            person.post("/account/password", &[("old", PASSWORD), ("new", new)]).await
        };
        assert_eq!(changed.status, StatusCode::SEE_OTHER, "{name}");
        assert_eq!(site.anybody().post(&link, &[]).await.status, StatusCode::GONE, "{name}");
        let email = site.store.user(user).await.unwrap().unwrap().email;
        assert_eq!(email, format!("{name}@example.org"));
    }
}

async fn a_new_address_ends_the_links_that_were_mailed_to_the_old_one(database: Database) {
    let site = Site::without_worker(database).await;
    let ada = site.account("ada", None, false).await;
    let reset = make_link(&site.store, LinkKind::Reset, Some(ada), None, Timestamp::now());
    let reset = reset.await.unwrap();
    assert_eq!(site.anybody().get(&reset).await.status, StatusCode::OK);
    let fields = [("email", NEW), ("password", PASSWORD)];
    assert_eq!(
        site.log_in("ada").await.post("/account/email", &fields).await.redirect(),
        "/account"
    );
    let used = site.anybody().post(&reset, &[("password", "another long one")]).await;
    assert_eq!(used.status, StatusCode::GONE);
}

async fn mails_to_an_address_are_counted_however_its_host_is_written(database: Database) {
    let mail = MailServer::start().await;
    let setup = Setup { worker: false, mail: Some(mail.mailer()), ..Setup::default() };
    let site = Site::with(database, setup).await;
    let client = site.anybody();
    for (email, status) in [
        ("ada@bücher.example", StatusCode::OK),
        ("ada@BÜCHER.example", StatusCode::OK),
        ("ada@xn--bcher-kva.example", StatusCode::OK),
        ("ada@bu\u{308}cher.example", StatusCode::TOO_MANY_REQUESTS),
    ] {
        assert_eq!(client.post("/forgot", &[("email", email)]).await.status, status, "{email}");
    }
}
