//! Links for people who forgot their password: by mail, and from an organiser.

use asoca::domain::Scope;
use asoca::store::{Event, EventFilter};
use axum::http::StatusCode;
use serde_json::json;
use test_support::client::{Answer, Client};
use test_support::site::{PASSWORD, Setup, Site};
use test_support::{Database, on_both_engines};
use uuid::Uuid;

use crate::mail_server::{Mail, MailServer};

on_both_engines! {
    who_forgot_a_password_is_mailed_a_link_that_works_once,
    the_answer_does_not_tell_who_has_an_account,
    links_are_mailed_only_so_often,
    a_mail_that_can_not_be_sent_is_told_in_the_organiser_area_without_link_or_address,
    without_mail_an_organiser_is_to_be_asked,
    an_organiser_makes_a_link_on_the_page_and_over_the_api,
    a_token_makes_no_link_for_an_organiser,
    a_mailed_link_is_read_by_a_strict_reader_as_it_was_written,
}

const ADA: &str = "ada@example.org";
const NEW_PASSWORD: &str = "another long one";

async fn site_with(database: Database, mail: &MailServer) -> Site {
    let setup = Setup { worker: false, mail: Some(mail.mailer()), ..Setup::default() };
    let site = Site::with(database, setup).await;
    site.account("ada", None, false).await;
    site
}

async fn ask(client: &Client, email: &str) -> Answer {
    client.post("/forgot", &[("email", email)]).await
}

/// The path of the link in a mail.
fn link(mail: &Mail) -> String {
    let body = mail.body();
    let (_, rest) = body.split_once("/reset/").unwrap_or_else(|| panic!("no link in {body}"));
    format!("/reset/{}", rest.split_whitespace().next().unwrap())
}

async fn events(site: &Site, action: &str) -> Vec<Event> {
    let filter = EventFilter { action: action.into(), ..EventFilter::default() };
    site.store.events(&filter, 100).await.unwrap()
}

/// Sets a password by a link, and logs in with it.
async fn set_password(client: &Client, link: &str) {
    let fields = [("password", NEW_PASSWORD)];
    assert_eq!(client.post(link, &fields).await.redirect(), "/login");
    assert_eq!(client.post(link, &fields).await.status, StatusCode::GONE);
    let log_in = [("email", ADA), ("password", NEW_PASSWORD)];
    assert_eq!(client.post("/login", &log_in).await.redirect(), "/");
}

async fn who_forgot_a_password_is_mailed_a_link_that_works_once(database: Database) {
    let mut mail = MailServer::start().await;
    let site = site_with(database, &mail).await;
    let client = site.anybody();
    assert!(client.get("/login").await.html(StatusCode::OK).has("a[href='/forgot']"));
    assert!(client.get("/forgot").await.html(StatusCode::OK).has("form[action='/forgot']"));
    assert_eq!(ask(&client, " Ada@Example.org ").await.status, StatusCode::OK);

    let mail = mail.next().await;
    assert_eq!((mail.from.as_str(), mail.to.as_str()), ("asoca@example.org", ADA));
    for header in
        ["Subject: Your password at ASOCA", "To: ada@example.org", "@example.org>", "Date: "]
    {
        assert!(mail.text.contains(header), "no {header}: {}", mail.text);
    }
    assert!(mail.body().contains(&format!("http://{}/reset/", client.address)), "{}", mail.body());
    set_password(&client, &link(&mail)).await;
    assert_eq!(events(&site, "reset link made").await[0].actor, None);
}

async fn the_answer_does_not_tell_who_has_an_account(database: Database) {
    let mut mail = MailServer::start().await;
    let site = site_with(database, &mail).await;
    let client = site.anybody();
    let (unknown, known) = (ask(&client, "eve@example.org").await, ask(&client, ADA).await);
    assert!(known.page(StatusCode::OK).contains("If there is an account"));
    assert_eq!((unknown.status, unknown.text()), (known.status, known.text()));
    assert_eq!(mail.next().await.to, ADA);
    assert!(mail.is_empty());
    assert_eq!(events(&site, "reset link made").await.len(), 1);

    let no_address = ask(&client, "eve").await;
    assert!(no_address.page(StatusCode::UNPROCESSABLE_ENTITY).contains("field.invalid"));
}

async fn links_are_mailed_only_so_often(database: Database) {
    let mail = MailServer::start().await;
    let site = site_with(database, &mail).await;
    let client = site.anybody();
    for email in [ADA, "nobody@example.org"] {
        for _ in 0..3 {
            assert_eq!(ask(&client, email).await.status, StatusCode::OK);
        }
        let held_off = ask(&client, &email.to_uppercase()).await;
        assert!(held_off.page(StatusCode::TOO_MANY_REQUESTS).contains("auth.too_many"));
        let wait: u64 = held_off.header("retry-after").unwrap().parse().unwrap();
        assert!((200..=301).contains(&wait), "{wait}");
    }
    for i in 8..22 {
        assert_eq!(ask(&client, &format!("{i}@example.org")).await.status, StatusCode::OK, "{i}");
    }
    let network = ask(&client, "another@example.org").await;
    assert_eq!(network.status, StatusCode::TOO_MANY_REQUESTS, "{}", network.text());
    // Who asks for links for others keeps nobody from logging in.
    let log_in = client.post("/login", &[("email", ADA), ("password", PASSWORD)]).await;
    assert_eq!(log_in.redirect(), "/");
}

async fn a_mail_that_can_not_be_sent_is_told_in_the_organiser_area_without_link_or_address(
    database: Database,
) {
    let mail = MailServer::that_refuses().await;
    let site = site_with(database, &mail).await;
    let ada = site.store.user_by_email(ADA).await.unwrap().unwrap().id;
    assert_eq!(ask(&site.anybody(), ADA).await.status, StatusCode::OK);
    site.until(async || !events(&site, "mail not sent").await.is_empty()).await;
    let event = events(&site, "mail not sent").await.remove(0);
    assert_eq!((event.actor, event.subject), (None, ada.to_string()));
    assert_eq!(event.detail, json!({ "because": "the mail server refused with 550" }));

    site.account("org", None, true).await;
    let area = site.log_in("org").await.get("/admin").await;
    let page = area.page(StatusCode::OK);
    assert!(page.contains("A mail could not be sent"), "{page}");
    assert!(page.contains("the mail server refused with 550"), "{page}");
}

async fn without_mail_an_organiser_is_to_be_asked(database: Database) {
    let site = Site::without_worker(database).await;
    let client = site.anybody();
    site.account("ada", None, false).await;
    for answer in [client.get("/forgot").await, ask(&client, ADA).await] {
        assert!(answer.page(StatusCode::OK).contains("Ask an organiser"));
        assert!(!answer.html(StatusCode::OK).has("form[action='/forgot']"));
    }
    assert!(events(&site, "reset link made").await.is_empty());
}

async fn an_organiser_makes_a_link_on_the_page_and_over_the_api(database: Database) {
    let site = Site::without_worker(database).await;
    let ada = site.account("ada", None, false).await;
    let organiser = site.account("org", None, true).await;
    let (browser, script) =
        (site.log_in("org").await, site.script(organiser, Scope::Organise).await);
    let form = browser.get("/admin/reset-link?email=ada%40example.org").await;
    let form = form.html(StatusCode::OK).fields("form[action='/admin/reset-link']");
    assert_eq!(form["email"], "ada@example.org");

    let made =
        browser.post_and_follow("/admin/reset-link", &[("email", " ADA@example.org ")]).await;
    let page = made.page(StatusCode::OK);
    let (_, rest) = page.split_once(&format!("http://{}/reset/", site.anybody().address)).unwrap();
    let old = format!("/reset/{}", rest.split('<').next().unwrap());
    let path = format!("/api/v1/admin/users/{ada}/reset-link");
    let made = script.post_json(&path, &json!({})).await.expect(StatusCode::OK);
    assert_eq!(made["user"], ada.to_string());
    let new = made["link"].as_str().unwrap();
    let new = new.strip_prefix(&format!("http://{}", script.address)).unwrap();

    let client = site.anybody();
    assert_eq!(client.get(&old).await.status, StatusCode::GONE, "another one took its place");
    set_password(&client, new).await;
    let made = events(&site, "reset link made").await;
    assert_eq!(made.len(), 2);
    for event in made {
        assert_eq!((event.actor, event.subject), (Some(organiser), ada.to_string()));
    }

    for email in ["eve@example.org", "eve", ""] {
        let answer = browser.post("/admin/reset-link", &[("email", email)]).await;
        assert!(answer.page(StatusCode::UNPROCESSABLE_ENTITY).contains("field.invalid"));
    }
    let nobody = format!("/api/v1/admin/users/{}/reset-link", Uuid::nil());
    let answer = script.post_json(&nobody, &json!({})).await;
    assert_eq!(answer.problem(StatusCode::NOT_FOUND), "request.not_found");
}

async fn a_token_makes_no_link_for_an_organiser(database: Database) {
    let site = Site::without_worker(database).await;
    let organiser = site.account("org", None, true).await;
    let script = site.script(organiser, Scope::Organise).await;
    let path = format!("/api/v1/admin/users/{organiser}/reset-link");
    let refused = script.post_json(&path, &json!({})).await;
    assert_eq!(refused.problem(StatusCode::FORBIDDEN), "auth.forbidden");
    let page = script.post("/admin/reset-link", &[("email", "org@example.org")]).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    let browser = site.log_in("org").await;
    browser.post_json(&path, &json!({})).await.expect(StatusCode::OK);
}

async fn a_mailed_link_is_read_by_a_strict_reader_as_it_was_written(database: Database) {
    let mut mail = MailServer::start().await;
    let site = site_with(database, &mail).await;
    let client = site.anybody();
    assert_eq!(ask(&client, ADA).await.status, StatusCode::OK);
    let Some(read) = mail.next().await.read_strictly() else { return };
    assert_eq!(read["type"], "text/plain");
    assert_eq!(read["headers"]["mime-version"], "1.0");
    let text = read["text"].as_str().unwrap();
    let start = format!("http://{}/reset/", client.address);
    let link = text.lines().find_map(|line| line.strip_prefix(&start)).unwrap();
    set_password(&client, &format!("/reset/{link}")).await;
}

#[tokio::test]
async fn names_and_texts_in_any_script_arrive_as_they_were_written() {
    let mut server = MailServer::start().await;
    let long = format!("https://example.org/reset/{}", "0123456789=".repeat(30));
    let texts = [
        "plain\n".to_owned(),
        format!("{long}\n"),
        format!("Grüße aus Zürich,\n\n{long}\n.\n..two dots\nFrom here on: 冠状動脈 🫀\n=3D =\n"),
        format!("{}\n", "Ω".repeat(2000)),
    ];
    for from in ["ASOCA", "\"Herz, Ärzte & Söhne\"", "冠状動脈, 運営"] {
        let mailer =
            server.mailer_of(&format!("\"{}\" <asoca@example.org>", from.trim_matches('"')));
        for text in &texts {
            let subject = "Ihr Paßwort für ASOCA: 冠状動脈, and a subject that is longer than one line may be";
            mailer.send(ADA, subject, text.clone()).await.unwrap();
            let mail = server.next().await;
            assert!(mail.text.is_ascii() && mail.text.lines().all(|line| line.len() <= 998));
            let Some(read) = mail.read_strictly() else { return };
            assert_eq!(read["from"], json!([[from.trim_matches('"'), "asoca@example.org"]]));
            assert_eq!(read["headers"]["subject"], subject);
            assert_eq!(read["headers"]["to"], ADA);
            assert_eq!(read["headers"]["mime-version"], "1.0");
            assert_eq!((&read["type"], &read["charset"]), (&json!("text/plain"), &json!("utf-8")));
            // The way adds ends of lines at the end.
            let read = read["text"].as_str().unwrap().replace("\r\n", "\n");
            assert_eq!(read.trim_end(), text.trim_end());
        }
    }
}
