//! Signing up where mail is sent: an account is made once its address is confirmed, and nobody is told whose are taken.

use asoca::store::EventFilter;
use axum::http::StatusCode;
use serde_json::json;
use test_support::client::{Answer, Client};
use test_support::site::{PASSWORD, Setup, Site};
use test_support::{Database, on_both_engines};

use crate::mail_server::{Mail, MailServer};
use crate::teams::invite;

on_both_engines! {
    an_account_is_made_once_its_address_is_confirmed,
    the_answer_does_not_tell_whether_an_address_is_taken_and_its_owner_is_told,
    who_signs_up_with_somebody_elses_address_gets_no_account,
    a_team_that_was_founded_meanwhile_keeps_nobody_out,
    an_invitation_is_used_up_when_the_address_is_confirmed,
    mails_to_confirm_an_address_are_sent_only_so_often,
    an_organiser_lets_in_whom_no_mail_reaches,
    people_who_had_an_account_before_are_asked_for_nothing,
}

const ADA: &str = "ada@example.org";

async fn site_with(database: Database, mail: &MailServer) -> Site {
    let setup = Setup { worker: false, mail: Some(mail.mailer()), ..Setup::default() };
    Site::with(database, setup).await
}

async fn sign_up(client: &Client, email: &str, team: &str, next: &str) -> Answer {
    let fields = [
        ("email", email),
        ("display_name", "Ada"),
        ("team", team),
        ("password", PASSWORD),
        ("next", next),
    ];
    client.post("/signup", &fields).await
}

/// The path of the link in a mail.
fn link(mail: &Mail) -> String {
    let body = mail.body();
    let (_, rest) = body.split_once("/confirm/").unwrap_or_else(|| panic!("no link in {body}"));
    format!("/confirm/{}", rest.split_whitespace().next().unwrap())
}

async fn confirm(client: &Client, link: &str, password: &str) -> Answer {
    client.post(link, &[("password", password)]).await
}

async fn log_in(client: &Client, email: &str) -> Answer {
    client.post("/login", &[("email", email), ("password", PASSWORD)]).await
}

async fn an_account_is_made_once_its_address_is_confirmed(database: Database) {
    let mut mail = MailServer::start().await;
    let site = site_with(database, &mail).await;
    let client = site.anybody();
    assert!(client.get("/signup").await.text().contains("We send a link there"));
    let asked = sign_up(&client, " Ada@Example.org ", "Team A", "").await;
    assert!(asked.page(StatusCode::OK).contains("A mail is on its way"), "{}", asked.text());
    assert!(asked.header("set-cookie").is_none());
    let mail = mail.next().await;
    assert_eq!(mail.to.to_lowercase(), ADA);
    let link = link(&mail);

    // Until then there is nobody, and no team.
    assert!(site.store.user_by_email(ADA).await.unwrap().is_none());
    assert!(site.store.team_named("Team A").await.unwrap().is_none());
    let early = log_in(&client, ADA).await;
    let page = early.page(StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("auth.bad_password") && page.contains("opens the link"), "{page}");
    let nobody = log_in(&client, "nobody@example.org").await;
    assert_eq!(nobody.text().replace("nobody@", "ada@"), page, "it tells who signed up");

    let form = client.get(&link).await;
    assert!(form.page(StatusCode::OK).to_lowercase().contains(ADA), "{}", form.text());
    let wrong = confirm(&client, &link, "another one").await;
    assert!(wrong.page(StatusCode::UNPROCESSABLE_ENTITY).contains("auth.bad_password"));
    let made = confirm(&client, &link, PASSWORD).await;
    assert_eq!(made.redirect(), "/account");
    let browser = client.with_cookie_of(&made);
    assert!(browser.get("/account").await.page(StatusCode::OK).contains("Team A"));
    for again in [client.get(&link).await, confirm(&client, &link, PASSWORD).await] {
        assert!(again.page(StatusCode::GONE).contains("link.over"), "{}", again.text());
    }
    assert_eq!(log_in(&client, ADA).await.redirect(), "/");
}

async fn the_answer_does_not_tell_whether_an_address_is_taken_and_its_owner_is_told(
    database: Database,
) {
    let mut mail = MailServer::start().await;
    let site = site_with(database, &mail).await;
    let ada = site.account("ada", None, false).await;
    let client = site.anybody();
    let taken = sign_up(&client, ADA, "Team A", "").await;
    let to_ada = mail.next().await;
    let free = sign_up(&client, "eve@example.org", "Team A", "").await;
    let to_eve = mail.next().await;
    assert_eq!(taken.status, free.status);
    assert_eq!(taken.text().replace("ada@", "eve@"), free.text());
    let names = |answer: &Answer| answer.headers.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&taken), names(&free));

    assert_eq!(to_ada.to, ADA);
    let told = to_ada.body();
    assert!(told.contains("tried to sign up") && told.contains("/forgot"), "{told}");
    assert!(!told.contains("/confirm/") && !told.contains("/reset/"), "{told}");
    assert!(to_eve.body().contains("/confirm/"));
    let unchanged = site.store.user_by_email(ADA).await.unwrap().unwrap();
    assert_eq!((unchanged.id, unchanged.display_name.as_str()), (ada, "ada"));
    assert_eq!(log_in(&client, ADA).await.redirect(), "/");

    // Names of teams are no secret.
    site.member("Team B").await;
    for email in [ADA, "new@example.org"] {
        let refused = sign_up(&client, email, "TEAM b", "").await;
        assert!(refused.page(StatusCode::UNPROCESSABLE_ENTITY).contains("account.taken"));
    }
    assert!(mail.is_empty());
}

async fn who_signs_up_with_somebody_elses_address_gets_no_account(database: Database) {
    let mut mail = MailServer::start().await;
    let site = site_with(database, &mail).await;
    let mallory = site.anybody();
    let fields = [("email", ADA), ("display_name", "Ada"), ("password", "known to mallory")];
    mallory.post("/signup", &fields).await;
    let unasked = mail.next().await;
    // Her own sign-up is not in the way of his, nor the other way round.
    sign_up(&site.anybody(), ADA, "", "").await;
    let own = mail.next().await;
    let answer = confirm(&site.anybody(), &link(&unasked), PASSWORD).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "she does not know his password");
    let answer = confirm(&site.anybody(), &link(&own), PASSWORD).await;
    assert_eq!(answer.redirect(), "/account");
    // What else waited for the address is gone.
    let late = confirm(&mallory, &link(&unasked), "known to mallory").await;
    assert_eq!(late.status, StatusCode::GONE);
    let log_in = mallory.post("/login", &[("email", ADA), ("password", "known to mallory")]).await;
    assert_eq!(log_in.status, StatusCode::UNPROCESSABLE_ENTITY);
}

async fn a_team_that_was_founded_meanwhile_keeps_nobody_out(database: Database) {
    let mut mail = MailServer::start().await;
    let site = site_with(database, &mail).await;
    sign_up(&site.anybody(), ADA, "Team A", "").await;
    let link = link(&mail.next().await);
    site.member("Team A").await;
    let made = confirm(&site.anybody(), &link, PASSWORD).await;
    assert_eq!(made.redirect(), "/team");
    let page = site.anybody().with_cookie_of(&made).get("/team").await;
    assert!(page.page(StatusCode::OK).contains("No team yet"), "{}", page.text());
}

async fn an_invitation_is_used_up_when_the_address_is_confirmed(database: Database) {
    let mut mail = MailServer::start().await;
    let site = site_with(database, &mail).await;
    let organiser = site.organiser().await;
    let to = json!({ "sign_up": "invitation" });
    organiser.post_json("/api/v1/admin/settings", &to).await.expect(StatusCode::OK);
    let made = organiser.post_json("/api/v1/admin/invitations", &json!({ "whom": "ada" })).await;
    let invitation = made.expect(StatusCode::CREATED)["link"].as_str().unwrap().to_owned();
    let invitation = &invitation[invitation.find("/join/").unwrap()..];
    let client = site.anybody();
    assert_eq!(sign_up(&client, ADA, "", "").await.status, StatusCode::FORBIDDEN);
    assert_eq!(sign_up(&client, ADA, "", invitation).await.status, StatusCode::OK);
    let first = link(&mail.next().await);
    assert_eq!(sign_up(&client, "eve@example.org", "", invitation).await.status, StatusCode::OK);
    let second = link(&mail.next().await);
    assert_eq!(confirm(&client, &first, PASSWORD).await.redirect(), "/account");
    let late = confirm(&client, &second, PASSWORD).await;
    assert!(late.page(StatusCode::FORBIDDEN).contains("account.invitation_needed"));

    // A team's link is followed to the team.
    site.member("Team A").await;
    let invitation = invite(&site.log_in("Team A").await).await;
    sign_up(&client, "bob@example.org", "", &invitation).await;
    let third = link(&mail.next().await);
    assert_eq!(confirm(&client, &third, PASSWORD).await.redirect(), invitation);
}

async fn mails_to_confirm_an_address_are_sent_only_so_often(database: Database) {
    let mut mail = MailServer::start().await;
    let site = site_with(database, &mail).await;
    site.account("ada", None, false).await;
    let client = site.anybody();
    for email in [ADA, "new@example.org"] {
        for _ in 0..3 {
            assert_eq!(sign_up(&client, email, "", "").await.status, StatusCode::OK);
            mail.next().await;
        }
        let held_off = sign_up(&client, email, "", "").await;
        assert!(held_off.page(StatusCode::TOO_MANY_REQUESTS).contains("auth.too_many"));
        let wait: u64 = held_off.header("retry-after").unwrap().parse().unwrap();
        assert!((200..=301).contains(&wait), "{wait}");
    }
    assert!(mail.is_empty());
}

async fn an_organiser_lets_in_whom_no_mail_reaches(database: Database) {
    let mail = MailServer::that_refuses().await;
    let site = site_with(database, &mail).await;
    site.account("org", None, true).await;
    let (browser, script, client) =
        (site.log_in("org").await, site.organiser().await, site.anybody());
    for (email, team) in [(ADA, "Team A"), ("bob@example.org", "")] {
        assert_eq!(sign_up(&client, email, team, "").await.status, StatusCode::OK);
    }
    let unsent = EventFilter { action: "mail not sent".into(), ..EventFilter::default() };
    site.until(async || site.store.events(&unsent, 9).await.unwrap().len() == 2).await;
    assert_eq!(site.store.events(&unsent, 9).await.unwrap()[0].subject, "");

    let path = "/api/v1/admin/sign-ups";
    let listed = script.get(path).await.expect(StatusCode::OK);
    let waiting = listed["sign_ups"].as_array().unwrap();
    assert_eq!(waiting.len(), 2);
    let of = |email: &str| waiting.iter().find(|one| one["email"] == email).unwrap();
    assert_eq!((&of(ADA)["team"], &of(ADA)["name"]), (&json!("Team A"), &json!("Ada")));
    assert!(!listed.to_string().contains("argon2"), "{listed}");
    let page = browser.get("/admin/users").await;
    assert!(page.page(StatusCode::OK).contains("Unconfirmed sign-ups"), "{}", page.text());

    let id = of(ADA)["id"].as_str().unwrap();
    let done = browser.post(&format!("/admin/sign-ups/{id}"), &[]).await;
    assert_eq!(done.redirect(), "/admin/users");
    let id = of("bob@example.org")["id"].as_str().unwrap();
    let path = format!("{path}/{id}");
    let done = script.post_json(&path, &json!({})).await.expect(StatusCode::CREATED);
    let bob = site.store.user_by_email("bob@example.org").await.unwrap().unwrap();
    assert_eq!(done, json!({ "user": bob.id }));
    let again = script.post_json(&path, &json!({})).await;
    assert_eq!(again.problem(StatusCode::NOT_FOUND), "request.not_found");
    for email in [ADA, "bob@example.org"] {
        assert_eq!(log_in(&client, email).await.redirect(), "/");
    }
    assert!(!browser.get("/admin/users").await.text().contains("Unconfirmed sign-ups"));
    let let_in = EventFilter { action: "let in".into(), ..EventFilter::default() };
    assert_eq!(site.store.events(&let_in, 9).await.unwrap().len(), 2);
}

async fn people_who_had_an_account_before_are_asked_for_nothing(database: Database) {
    let mail = MailServer::start().await;
    let site = Site::without_worker(database).await;
    let signed_up = sign_up(&site.anybody(), ADA, "Team A", "").await;
    assert_eq!(signed_up.redirect(), "/account");
    let setup = Setup { mail: Some(mail.mailer()), ..Setup::default() };
    let later = site.anybody_elsewhere_with(setup).await;
    let answer = log_in(&later, ADA).await;
    let page = later.with_cookie_of(&answer).get("/submit").await;
    assert!(page.page(StatusCode::OK).contains("enctype=\"multipart/form-data\""));
    assert!(mail.is_empty());
}
