//! Mail that people wait for, what organisers write to many, and how both are switched off.

use std::time::Duration;

use asoca::domain::{Approval, Feedback};
use asoca::store::{AuditContext, EventFilter, Store, Timestamp};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use coronary_phantom::Method;
use serde_json::json;
use test_support::acts::id;
use test_support::site::{Setup, Site};
use test_support::{Database, on_both_engines};

use crate::mail_server::{Mail, MailServer};

on_both_engines! {
    a_result_is_told_to_members_whose_address_is_confirmed_without_any_number,
    many_results_make_one_mail,
    a_killed_server_sends_what_it_had_not_sent_once,
    a_mail_that_can_not_be_sent_is_tried_again_and_given_up_after_a_day,
    unsubscribing_stops_that_kind_only_and_needs_no_log_in,
    a_letter_reaches_exactly_its_group_and_once,
    a_subject_with_a_header_in_it_is_refused,
    a_team_is_told_what_is_decided_and_organisers_who_waits,
    what_an_organiser_switches_off_is_sent_to_nobody,
    where_no_mail_is_sent_none_is_kept,
    an_address_is_confirmed_by_a_link_that_is_mailed_to_it,
}

async fn site_with(database: Database, mail: &MailServer, setup: Setup) -> Site {
    Site::with(database, Setup { mail: Some(mail.mailer()), ..setup }).await
}

async fn confirm(site: &Site, name: &str) {
    let text = "update users set confirmed_at = created_at where display_name = $1";
    site.execute(text, name).await;
}

/// Waiting mails of a kind wait no longer.
async fn hurry(site: &Site, kind: &str) {
    site.execute("update mails set due_at = created_at where kind = $1", kind).await;
}

async fn announce(site: &Site, title: &str) {
    let by = AuditContext::default();
    site.store.announce(title, "See the *news*.", &by, Timestamp::now()).await.unwrap();
}

fn subject(mail: &Mail) -> &str {
    mail.text.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap()
}

/// The path of the link that switches a mail's kind off.
fn unsubscribe(mail: &Mail) -> String {
    let line = mail.text.lines().find(|line| line.starts_with("List-Unsubscribe: ")).unwrap();
    let (_, rest) = line.split_once("/unsubscribe/").unwrap();
    format!("/unsubscribe/{}", rest.trim_end_matches('>'))
}

/// Who gets the next mails, in the order of the alphabet, and that nobody else does.
async fn receivers(mail: &mut MailServer, count: usize) -> Vec<String> {
    let mut to = Vec::new();
    for _ in 0..count {
        to.push(mail.next().await.to);
    }
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert!(mail.is_empty(), "somebody else gets one, too: {:?}", mail.next().await);
    to.sort();
    to
}

async fn a_result_is_told_to_members_whose_address_is_confirmed_without_any_number(
    database: Database,
) {
    let mut mail = MailServer::start().await;
    let setup = Setup { feedback: Feedback::Hidden, ..Setup::default() };
    let site = site_with(database, &mail, setup).await;
    let team = site.team("ada").await;
    confirm(&site, "ada").await;
    let other = site.team("eve").await;
    other.score(Method::Thin).await;
    let contact = json!({ "contact": "help@example.org" });
    let organiser = site.organiser().await;
    organiser.post_json("/api/v1/admin/challenge", &contact).await.expect(StatusCode::OK);
    let report = team.score(Method::Thin).await;
    hurry(&site, "result").await;
    let told = mail.next().await;
    assert_eq!((told.to.as_str(), subject(&told)), ("ada@example.org", "A result at ASOCA"));
    let body = told.body();
    let path = format!("/submissions/{}", id(&report));
    for words in [path.as_str(), "scored.", "help@example.org", "/account#mails"] {
        assert!(body.contains(words), "no {words}: {body}");
    }
    assert!(!body.contains("Dice") && !body.contains("HD95"), "{body}");
    let numbers = body.split_whitespace().filter(|word| word.parse::<f64>().is_ok());
    assert_eq!(numbers.count(), 0, "{body}");
    for header in [
        "Auto-Submitted: auto-generated",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "List-Unsubscribe: <http://",
    ] {
        assert!(told.text.contains(header), "no {header}: {}", told.text);
    }
    let Some(read) = told.read_strictly() else { return };
    let link = read["headers"]["list-unsubscribe"].as_str().unwrap();
    assert!(body.contains(link.trim_matches(['<', '>'])), "{link}: {body}");
}

async fn many_results_make_one_mail(database: Database) {
    let mut mail = MailServer::start().await;
    let site = site_with(database, &mail, Setup::default()).await;
    let team = site.team("ada").await;
    confirm(&site, "ada").await;
    for _ in 0..4 {
        team.score(Method::Thin).await;
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(mail.is_empty(), "they wait for each other");
    hurry(&site, "result").await;
    let told = mail.next().await;
    assert_eq!(subject(&told), "4 results at ASOCA");
    assert_eq!(told.body().matches("/submissions/").count(), 4, "{}", told.body());
    assert!(mail.is_empty());
    // Who had one just now waits for the next one for longer than a colleague who had none.
    site.account("bob", Some("bob"), false).await;
    confirm(&site, "bob").await;
    let join = "update team_members set leader = not leader, team_id = (
                    select m.team_id from team_members m join users u on u.id = m.user_id
                    where u.display_name = 'ada')
                where user_id in (select id from users where display_name = $1)";
    site.execute(join, "bob").await;
    site.until(async || told_of(&site).await == 4).await;
    team.score(Method::Thin).await;
    let later = "update mails set failure = 'later' where kind = $1 and state = 'waiting' and exists (
                     select 1 from mails s where s.event_id = mails.event_id and s.due_at < mails.due_at)";
    site.execute(later, "result").await;
    assert_eq!(site.store.unsent_mail().await.unwrap().waiting, 1);
}

/// How many results were sent.
async fn told_of(site: &Site) -> i64 {
    let text = "select count(*) from mails where kind = 'result' and state = 'sent'";
    match &site.store {
        Store::Postgres(pool) => sqlx::query_scalar(text).fetch_one(pool).await.unwrap(),
        Store::Sqlite { read, .. } => sqlx::query_scalar(text).fetch_one(read).await.unwrap(),
    }
}

async fn a_killed_server_sends_what_it_had_not_sent_once(database: Database) {
    let mut mail = MailServer::start().await;
    let site = Site::without_worker(database).await;
    for name in ["ada", "bob", "cleo"] {
        site.account(name, None, false).await;
        confirm(&site, name).await;
    }
    site.store.set_mail(true).await.unwrap();
    announce(&site, "Phase 2").await;
    // Killed with a mail in its hands.
    let claimed = site.store.claim_mails("digest", Duration::ZERO).await.unwrap().unwrap();
    assert_eq!(claimed.events.len(), 1);
    let setup = || Setup { mail: Some(mail.mailer()), ..Setup::default() };
    let (first, second) = (setup(), setup());
    site.anybody_elsewhere_with(first).await;
    site.anybody_elsewhere_with(second).await;
    let to = receivers(&mut mail, 3).await;
    assert_eq!(to, ["ada@example.org", "bob@example.org", "cleo@example.org"]);
}

async fn a_mail_that_can_not_be_sent_is_tried_again_and_given_up_after_a_day(database: Database) {
    let mail = MailServer::that_refuses().await;
    let setup = Setup { worker: false, ..Setup::default() };
    let site = site_with(database, &mail, setup).await;
    site.account("ada", None, false).await;
    confirm(&site, "ada").await;
    site.until(async || site.store.mail_kinds_off().await.is_ok()).await;
    let organiser = site.organiser().await;
    let sends = async || organiser.get("/api/v1/admin/mails").await.expect(StatusCode::OK);
    site.store.set_mail(true).await.unwrap();
    announce(&site, "Phase 2").await;
    site.until(async || sends().await["unsent"] == 1).await;
    assert_eq!(sends().await["because"], "the mail server refused with 550");
    let area = organiser.get("/admin").await.html(StatusCode::OK);
    assert!(area.text("#delayed").contains("refused with 550"), "{}", area.text("#delayed"));

    let not_sent = EventFilter { action: "mail not sent".into(), ..EventFilter::default() };
    let events = async || site.store.events(&not_sent, 9).await.unwrap();
    assert!(events().await.is_empty(), "it is not given up yet");
    let old = "update mails set created_at = '2026-01-01T00:00:00.000000Z',
                                due_at = '2026-01-01T00:00:00.000000Z' where kind = $1";
    site.execute(old, "news").await;
    site.until(async || !events().await.is_empty()).await;
    assert_eq!(events().await.len(), 1);
    assert_eq!(sends().await["unsent"], 0);
    let area = organiser.get("/admin").await;
    assert!(area.page(StatusCode::OK).contains("A mail could not be sent"), "{}", area.text());
}

async fn unsubscribing_stops_that_kind_only_and_needs_no_log_in(database: Database) {
    let mut mail = MailServer::start().await;
    let setup = Setup { worker: false, ..Setup::default() };
    let site = site_with(database, &mail, setup).await;
    site.account("ada", None, false).await;
    confirm(&site, "ada").await;
    site.store.set_mail(true).await.unwrap();
    announce(&site, "Phase 2").await;
    let news = mail.next().await;
    assert_eq!(subject(&news), "Phase 2 (ASOCA)");
    let link = unsubscribe(&news);
    let anybody = site.anybody();
    let form = anybody.get(&link).await.html(StatusCode::OK);
    assert!(form.has(&format!("form[action='{link}']")));
    announce(&site, "Still there").await;
    assert_eq!(subject(&mail.next().await), "Still there (ASOCA)", "to look changes nothing");

    // As mail programs do (RFC 8058).
    let mut one_click =
        Request::post(&link).body(Body::from("List-Unsubscribe=One-Click")).unwrap();
    let kind = "application/x-www-form-urlencoded".parse().unwrap();
    one_click.headers_mut().insert(header::CONTENT_TYPE, kind);
    let done = anybody.send(one_click).await;
    assert!(done.page(StatusCode::OK).contains("no more mails about news"), "{}", done.text());
    announce(&site, "Unheard").await;
    let letter = json!({ "subject": "To all", "text": "Hello.", "to": "everybody" });
    let organiser = site.organiser().await;
    organiser.post_json("/api/v1/admin/letters", &letter).await.expect(StatusCode::CREATED);
    assert_eq!(subject(&mail.next().await), "To all (ASOCA)");
    assert!(mail.is_empty());

    let browser = site.log_in("ada").await;
    let account = browser.get("/account").await.html(StatusCode::OK);
    assert!(
        account.has("input[name=letter][checked]") && !account.has("input[name=news][checked]")
    );
    assert!(!account.has("input[name=team_waiting]"), "that is for organisers");
    let ticked = [("news", "on")];
    assert_eq!(browser.post("/account/mails", &ticked).await.redirect(), "/account");
    announce(&site, "Heard again").await;
    assert_eq!(subject(&mail.next().await), "Heard again (ASOCA)");
    for unknown in [anybody.get("/unsubscribe/x").await, anybody.post("/unsubscribe/x", &[]).await]
    {
        assert!(unknown.page(StatusCode::GONE).contains("link.over"));
    }
}

async fn a_letter_reaches_exactly_its_group_and_once(database: Database) {
    let mut mail = MailServer::start().await;
    let site = site_with(database, &mail, Setup::default()).await;
    let sent = site.team("sent").await;
    for name in ["silent", "unconfirmed"] {
        site.team(name).await;
    }
    site.account("alone", None, false).await;
    site.account("org", None, true).await;
    for name in ["sent", "silent", "alone", "org"] {
        confirm(&site, name).await;
    }
    sent.score(Method::Thin).await;
    let browser = site.log_in("org").await;
    let address = |name: &str| format!("{name}@example.org");
    for (to, expected) in [
        ("phase", ["sent"].as_slice()),
        ("without_submission", &["alone", "silent"]),
        ("everybody", &["alone", "org", "sent", "silent"]),
    ] {
        let page = browser.get("/admin/letters").await.html(StatusCode::OK);
        let key = page.fields("form[action='/admin/letters']")["key"].clone();
        let fields = [
            ("subject", "Deadline"),
            ("text", "It is near.\r\n\r\nUntil then"),
            ("to", to),
            ("phase", "main"),
            ("key", key.as_str()),
        ];
        let preview = browser.post("/admin/letters", &fields).await.html(StatusCode::OK);
        let reach = preview.text("#reach");
        assert!(reach.contains(&format!("It goes to {}", expected.len())), "{to}: {reach}");
        assert!(expected.iter().all(|name| reach.contains(name)), "{to}: {reach}");
        assert_eq!(preview.fields("form[action='/admin/letters']")["key"], key);
        let mut with_send = fields.to_vec();
        with_send.push(("send", "yes"));
        for _ in 0..2 {
            let answer = browser.post("/admin/letters", &with_send).await;
            assert_eq!(answer.redirect(), "/admin/letters");
        }
        let expected: Vec<String> = expected.iter().map(|name| address(name)).collect();
        assert_eq!(receivers(&mut mail, expected.len()).await, expected, "{to}");
    }
    let organiser = site.organiser().await;
    let letters = async || organiser.get("/api/v1/admin/letters").await.expect(StatusCode::OK);
    site.until(async || letters().await["letters"][0]["sent"] == 4).await;
    let letters = letters().await;
    assert_eq!(letters["letters"].as_array().unwrap().len(), 3);
    assert_eq!(
        (&letters["letters"][0]["waiting"], &letters["letters"][2]["sent"]),
        (&json!(0), &json!(1))
    );
    let filter = EventFilter { action: "letter sent".into(), ..EventFilter::default() };
    let events = site.store.events(&filter, 9).await.unwrap();
    assert_eq!(events.len(), 3);
    assert_eq!(
        (&events[0].detail["subject"], &events[0].detail["receivers"]),
        (&json!("Deadline"), &json!(4))
    );
}

async fn a_subject_with_a_header_in_it_is_refused(database: Database) {
    let mail = MailServer::start().await;
    let setup = Setup { worker: false, ..Setup::default() };
    let site = site_with(database, &mail, setup).await;
    let organiser = site.organiser().await;
    for subject in ["Hi\r\nBcc: eve@example.org", "Hi\nX: y", "", " ", "\u{202e}iH"] {
        let letter = json!({ "subject": subject, "text": "t", "to": "everybody" });
        let refused = organiser.post_json("/api/v1/admin/letters", &letter).await;
        assert_eq!(refused.problem(StatusCode::UNPROCESSABLE_ENTITY), "field.invalid");
        let fields = [("subject", subject), ("text", "t"), ("to", "everybody"), ("send", "yes")];
        let refused = organiser.post("/admin/letters", &fields).await;
        assert!(refused.page(StatusCode::UNPROCESSABLE_ENTITY).contains("field.invalid"));
    }
    for letter in [
        json!({ "subject": "s", "text": " ", "to": "everybody" }),
        json!({ "subject": "s", "text": "t", "to": "eve@example.org" }),
    ] {
        let refused = organiser.post_json("/api/v1/admin/letters", &letter).await;
        assert_eq!(refused.problem(StatusCode::UNPROCESSABLE_ENTITY), "field.invalid");
    }
    assert!(site.store.letters(9).await.unwrap().is_empty() && mail.is_empty());
}

async fn a_team_is_told_what_is_decided_and_organisers_who_waits(database: Database) {
    let mut mail = MailServer::start().await;
    let setup = Setup { approval: Approval::Required, ..Setup::default() };
    let site = site_with(database, &mail, setup).await;
    for (name, organises) in [("ada", false), ("org", true)] {
        site.account(name, None, organises).await;
        confirm(&site, name).await;
    }
    let ada = site.log_in("ada").await;
    assert_eq!(ada.post("/team", &[("name", "Team A")]).await.redirect(), "/team");
    hurry(&site, "team_waiting").await;
    let waits = mail.next().await;
    assert_eq!(
        (waits.to.as_str(), subject(&waits)),
        ("org@example.org", "A team waits for approval at ASOCA")
    );
    assert!(waits.body().contains("Team A waits for your approval"), "{}", waits.body());

    let organiser = site.organiser().await;
    let team = site.store.team_named("Team A").await.unwrap().unwrap();
    let decision = json!({ "teams": [team], "decision": "approve", "reason": "welcome" });
    organiser.post_json("/api/v1/admin/teams/decisions", &decision).await.expect(StatusCode::OK);
    let approved = mail.next().await;
    assert_eq!(
        (approved.to.as_str(), subject(&approved)),
        ("ada@example.org", "Your team at ASOCA")
    );
    let body = approved.body();
    assert!(body.contains("approved: it can submit") && body.contains("Reason: welcome"), "{body}");

    let user = site.store.user_by_email("ada@example.org").await.unwrap().unwrap().id;
    let script = site.script(user, asoca::domain::Scope::Submit).await;
    let report = script.score(Method::Thin).await;
    organiser
        .decide(&[&id(&report)], "disqualify", "trained on the test set")
        .await
        .expect(StatusCode::OK);
    hurry(&site, "decision").await;
    let decided = mail.next().await;
    let body = decided.body();
    assert_eq!(decided.to, "ada@example.org");
    assert!(body.contains("disqualified.") && body.contains("trained on the test set"), "{body}");
    // Who has left the team is not told any more what becomes of it.
    organiser.decide(&[&id(&report)], "reinstate", "it was not").await.expect(StatusCode::OK);
    site.execute("delete from team_members where leader and $1 <> ''", "all").await;
    hurry(&site, "decision").await;
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert!(mail.is_empty());
}

async fn what_an_organiser_switches_off_is_sent_to_nobody(database: Database) {
    let mut mail = MailServer::start().await;
    let setup = Setup { worker: false, ..Setup::default() };
    let site = site_with(database, &mail, setup).await;
    site.account("ada", None, false).await;
    confirm(&site, "ada").await;
    site.store.set_mail(true).await.unwrap();
    let organiser = site.organiser().await;
    let off = json!({ "off": ["news"] });
    let answer = organiser.post_json("/api/v1/admin/mails", &off).await.expect(StatusCode::OK);
    assert_eq!((&answer["off"], &answer["sends"]), (&json!(["news"]), &json!(true)));
    announce(&site, "Unheard").await;
    let page = organiser.get("/admin/letters").await.html(StatusCode::OK);
    assert!(page.has("input[name=result][checked]") && !page.has("input[name=news][checked]"));
    let all: Vec<(&str, &str)> =
        asoca::domain::MailKind::ALL.iter().map(|kind| (kind.as_str(), "on")).collect();
    let saved = organiser.post("/admin/letters/kinds", &all).await;
    assert_eq!(saved.redirect(), "/admin/letters");
    announce(&site, "Heard").await;
    assert_eq!(subject(&mail.next().await), "Heard (ASOCA)");
    assert!(mail.is_empty());
}

async fn where_no_mail_is_sent_none_is_kept(database: Database) {
    let site = Site::without_worker(database).await;
    site.account("ada", None, false).await;
    confirm(&site, "ada").await;
    announce(&site, "Phase 2").await;
    site.store.set_mail(false).await.unwrap();
    announce(&site, "Phase 3").await;
    site.store.set_mail(true).await.unwrap();
    assert!(site.store.claim_mails("digest", Duration::ZERO).await.unwrap().is_none());
    assert!(!site.log_in("ada").await.get("/account").await.html(StatusCode::OK).has("#mails"));
}

async fn an_address_is_confirmed_by_a_link_that_is_mailed_to_it(database: Database) {
    let mut mail = MailServer::start().await;
    let setup = Setup { worker: false, ..Setup::default() };
    let site = site_with(database, &mail, setup).await;
    site.account("ada", None, false).await;
    site.store.set_mail(true).await.unwrap();
    announce(&site, "Unheard").await;
    let browser = site.log_in("ada").await;
    let account = browser.get("/account").await.html(StatusCode::OK);
    assert!(account.has("form[action='/account/email/confirm']"));
    assert_eq!(browser.post("/account/email/confirm", &[]).await.redirect(), "/account");
    let body = mail.next().await.body();
    let (_, rest) = body.split_once("/address/").unwrap();
    let link = format!("/address/{}", rest.split_whitespace().next().unwrap());
    let confirmed = site.anybody().post(&link, &[]).await;
    assert!(confirmed.status.is_success() || confirmed.status.is_redirection());
    let account = browser.get("/account").await.html(StatusCode::OK);
    assert!(!account.has("form[action='/account/email/confirm']"));
    announce(&site, "Heard").await;
    assert_eq!(subject(&mail.next().await), "Heard (ASOCA)", "nothing about a changed address");
}
