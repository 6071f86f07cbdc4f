//! Who gets in, in each sign-up mode, and who organises.

use axum::http::StatusCode;
use serde_json::{Value, json};
use test_support::client::{Answer, Client};
use test_support::page::Page;
use test_support::site::{PASSWORD, Site};
use test_support::{Database, on_both_engines};

use crate::teams::{invite, link_on};

on_both_engines! {
    who_follows_a_teams_link_signs_up_and_is_led_back,
    who_has_an_account_logs_in_and_is_led_back,
    a_new_team_waits_for_approval_but_that_of_whom_an_organiser_invites,
    where_people_are_invited_nobody_else_gets_in,
    an_organisers_invitation_works_once,
    settings_are_told_and_changed_over_the_api,
    an_organiser_makes_another_one_and_withdraws_the_role,
    people_are_listed_on_the_page,
    the_role_is_granted_and_withdrawn_after_a_second_look,
    what_is_taken_of_a_new_account_is_named,
}

async fn sign_up(client: &Client, name: &str, team: &str, next: &str) -> Answer {
    let email = format!("{name}@example.org");
    let fields = [
        ("email", email.as_str()),
        ("display_name", name),
        ("team", team),
        ("password", PASSWORD),
        ("next", next),
    ];
    client.post("/signup", &fields).await
}

/// Says who gets in.
async fn set_mode(site: &Site, mode: &str) -> Client {
    let organiser = site.organiser().await;
    let to = json!({ "sign_up": mode });
    organiser.post_json("/api/v1/admin/settings", &to).await.expect(StatusCode::OK);
    organiser
}

async fn who_follows_a_teams_link_signs_up_and_is_led_back(database: Database) {
    let site = Site::without_worker(database).await;
    let leader = site.member("Team A").await;
    let link = invite(&site.log_in("Team A").await).await;
    let nobody = site.anybody();
    let page = nobody.get(&link).await;
    for way in [format!("/login?next={link}"), format!("/signup?next={link}")] {
        assert!(page.page(StatusCode::OK).contains(&way), "{}", page.text());
    }
    let log_in = nobody.get(&format!("/login?next={link}")).await;
    assert!(log_in.text().contains(&format!("/signup?next={link}")), "{}", log_in.text());
    let form = nobody.get(&format!("/signup?next={link}")).await;
    assert!(form.page(StatusCode::OK).contains("Team A"), "{}", form.text());
    let fields = form.html(StatusCode::OK).fields("form[action='/signup']");
    assert_eq!((fields["next"].as_str(), fields.get("team")), (link.as_str(), None));

    // Who is invited to a team creates none.
    let signed_up = sign_up(&nobody, "bob", "Team B", &link).await;
    assert_eq!(signed_up.redirect(), link);
    let bob = nobody.with_cookie_of(&signed_up);
    assert!(bob.get(&link).await.text().contains("Join the team"));
    assert_eq!(bob.post(&link, &[]).await.redirect(), "/team");
    let team = site.store.team_of(leader).await.unwrap().unwrap();
    assert_eq!(site.store.members_of(team.id).await.unwrap().len(), 2);
}

async fn who_has_an_account_logs_in_and_is_led_back(database: Database) {
    let site = Site::without_worker(database).await;
    site.member("Team A").await;
    site.account("bob", None, false).await;
    let link = invite(&site.log_in("Team A").await).await;
    let log_in = format!("/login?next={link}");
    assert_eq!(site.anybody().post(&link, &[]).await.redirect(), log_in);
    let fields = [("email", "bob@example.org"), ("password", PASSWORD), ("next", &link)];
    assert_eq!(site.anybody().post("/login", &fields).await.redirect(), link);
    // Nobody is led to another site.
    let elsewhere = sign_up(&site.anybody(), "eve", "", "//evil.example").await;
    assert_eq!(elsewhere.redirect(), "/account");
}

async fn a_new_team_waits_for_approval_but_that_of_whom_an_organiser_invites(database: Database) {
    let site = Site::without_worker(database).await;
    let nobody = site.anybody();
    assert_eq!(sign_up(&nobody, "ada", "Team A", "").await.redirect(), "/account");
    let organiser = set_mode(&site, "approval").await;
    assert!(nobody.get("/signup").await.text().contains("approves it"));
    assert_eq!(sign_up(&nobody, "bob", "Team B", "").await.redirect(), "/account");
    assert_eq!(sign_up(&nobody, "eve", "", "").await.redirect(), "/account");
    set_mode(&site, "invitation").await;
    let path = "/api/v1/admin/invitations";
    let made = organiser.post_json(path, &json!({ "whom": "carl" })).await;
    let made = made.expect(StatusCode::CREATED);
    let link = made["link"].as_str().unwrap();
    let link = &link[link.find("/join/").unwrap()..];
    assert_eq!(sign_up(&nobody, "carl", "Team C", link).await.redirect(), "/account");
    let teams = organiser.get("/api/v1/admin/teams").await.expect(StatusCode::OK);
    let standings: Vec<[&str; 2]> = teams["teams"]
        .as_array()
        .unwrap()
        .iter()
        .map(|team| [&team["name"], &team["standing"]].map(|text| text.as_str().unwrap()))
        .collect();
    let expected = [["Team B", "pending"], ["Team A", "pending"], ["Team C", "approved"]];
    assert_eq!(standings, expected);
}

async fn where_people_are_invited_nobody_else_gets_in(database: Database) {
    let site = Site::without_worker(database).await;
    site.member("Team A").await;
    let link = invite(&site.log_in("Team A").await).await;
    set_mode(&site, "invitation").await;
    let nobody = site.anybody();
    for next in ["", "/team", "/join/none"] {
        let page = nobody.get(&format!("/signup?next={next}")).await;
        let page = page.page(StatusCode::OK);
        assert!(page.contains("need an invitation"), "{page}");
        assert!(!Page::of(page).has("[name=email]"), "{page}");
        let refused = sign_up(&nobody, "bob", "", next).await;
        let page = refused.page(StatusCode::FORBIDDEN);
        assert!(page.contains("account.invitation_needed"), "{page}");
        assert!(refused.header("set-cookie").is_none());
    }
    assert!(site.store.user_by_email("bob@example.org").await.unwrap().is_none());
    assert_eq!(sign_up(&nobody, "bob", "", &link).await.redirect(), link);
}

async fn an_organisers_invitation_works_once(database: Database) {
    let site = Site::without_worker(database).await;
    let organiser = set_mode(&site, "invitation").await;
    let path = "/api/v1/admin/invitations";
    let made = organiser.post_json(path, &json!({ "whom": "bob" })).await;
    let made = made.expect(StatusCode::CREATED);
    let link = made["link"].as_str().unwrap();
    let link = link[link.find("/join/").unwrap()..].to_owned();
    let none = organiser.post_json(path, &json!({ "whom": " " })).await;
    assert_eq!(none.problem(StatusCode::UNPROCESSABLE_ENTITY), "field.invalid");

    let nobody = site.anybody();
    let page = nobody.get(&link).await;
    assert!(page.page(StatusCode::OK).contains("invites you to create an account"));
    let taken = sign_up(&nobody, "organiser", "", &link).await;
    assert!(taken.page(StatusCode::UNPROCESSABLE_ENTITY).contains("account.taken"));
    let signed_up = sign_up(&nobody, "bob", "Team B", &link).await;
    assert_eq!(signed_up.redirect(), "/account");
    let again = sign_up(&nobody, "eve", "", &link).await;
    assert!(again.page(StatusCode::FORBIDDEN).contains("account.invitation_needed"));
    assert_eq!(nobody.get(&link).await.status, StatusCode::GONE);

    // Who is here already keeps it for somebody else.
    let made = organiser.post_json(path, &json!({ "whom": "eve" })).await;
    let link = made.expect(StatusCode::CREATED)["link"].as_str().unwrap().to_owned();
    let link = &link[link.find("/join/").unwrap()..];
    let bob = nobody.with_cookie_of(&signed_up);
    assert!(bob.get(link).await.text().contains("You already have an account"));
    let joined = bob.post(link, &[]).await;
    assert!(joined.page(StatusCode::GONE).contains("team.invitation_over"));
    assert_eq!(nobody.get(link).await.status, StatusCode::OK);
}

async fn settings_are_told_and_changed_over_the_api(database: Database) {
    let site = Site::without_worker(database).await;
    let organiser = site.organiser().await;
    let path = "/api/v1/admin/settings";
    let usual = organiser.get(path).await.expect(StatusCode::OK);
    assert_eq!(usual, json!({ "sign_up": "open" }));
    for wrong in [json!({ "sign_up": "closed" }), json!({}), json!([])] {
        let refused = organiser.post_json(path, &wrong).await;
        assert_eq!(refused.problem(StatusCode::UNPROCESSABLE_ENTITY), "field.invalid");
    }
    let to = json!({ "sign_up": "invitation" });
    assert_eq!(organiser.post_json(path, &to).await.expect(StatusCode::OK), to);
    assert_eq!(organiser.get(path).await.expect(StatusCode::OK), to);
    let trail = organiser.get("/api/v1/admin/audit?subject=sign_up").await.expect(StatusCode::OK);
    assert_eq!(trail["events"][0]["email"], "organiser@example.org");
    assert_eq!(trail["events"][0]["detail"], json!({ "before": "open", "after": "invitation" }));
}

async fn an_organiser_makes_another_one_and_withdraws_the_role(database: Database) {
    let site = Site::without_worker(database).await;
    let token = site.organiser().await;
    let organiser = site.log_in("organiser").await;
    let ada = site.account("ada", None, false).await;
    let path = format!("/api/v1/admin/users/{ada}");
    let browser = site.log_in("ada").await;
    assert_eq!(browser.get("/admin").await.status, StatusCode::FORBIDDEN);
    let role = |organiser: bool| json!({ "organiser": organiser });
    let by_token = token.post_json(&path, &role(true)).await;
    assert_eq!(by_token.problem(StatusCode::FORBIDDEN), "auth.forbidden");
    for _ in 0..2 {
        let made = organiser.post_json(&path, &role(true)).await;
        assert_eq!(made.expect(StatusCode::OK), role(true));
    }
    let browser = site.log_in("ada").await;
    assert_eq!(browser.get("/admin").await.status, StatusCode::OK);

    let own = site.store.user_by_email("organiser@example.org").await.unwrap().unwrap();
    let own = organiser.post_json(&format!("/api/v1/admin/users/{}", own.id), &role(false)).await;
    assert_eq!(own.problem(StatusCode::CONFLICT), "organiser.own_role");
    let unknown = format!("/api/v1/admin/users/{}", uuid::Uuid::nil());
    let unknown = organiser.post_json(&unknown, &role(true)).await;
    assert_eq!(unknown.problem(StatusCode::NOT_FOUND), "request.not_found");

    organiser.post_json(&path, &role(false)).await.expect(StatusCode::OK);
    assert_eq!(browser.get("/admin").await.status, StatusCode::FORBIDDEN);
    let trail = format!("/api/v1/admin/audit?subject={ada}&action=organiser%27s+role+changed");
    let trail = organiser.get(&trail).await.expect(StatusCode::OK);
    assert_eq!(trail["events"].as_array().unwrap().len(), 2);
}

async fn people_are_listed_on_the_page(database: Database) {
    let site = Site::without_worker(database).await;
    site.account("org", None, true).await;
    let ada = site.account("<b>ada", Some("Team <i>A"), false).await;
    let organiser = site.log_in("org").await;
    let page = organiser.get("/admin/users?search=team").await;
    let page = page.page(StatusCode::OK);
    assert!(page.contains("&#60;b&#62;ada</th>") && page.contains("Team &#60;i&#62;A"), "{page}");
    assert!(!page.contains("org@example.org") && !page.contains("<b>ada"), "{page}");
    let role = format!("/admin/users/{ada}");
    assert_eq!(organiser.post(&role, &[("organiser", "true")]).await.redirect(), "/admin/users");
    let page = organiser.get("/admin/users").await;
    assert!(
        page.text().contains("yes, you") && page.text().contains("Withdraw"),
        "{}",
        page.text()
    );

    let saved = organiser.post_and_follow("/admin/settings", &[("sign_up", "approval")]).await;
    assert_eq!(saved.html(StatusCode::OK).text("#saved"), "Saved.");
    let refused = organiser.post("/admin/invitations", &[("whom", "")]).await;
    assert!(refused.page(StatusCode::UNPROCESSABLE_ENTITY).contains("field.invalid"));
    let made = organiser.post_and_follow("/admin/invitations", &[("whom", "a guest")]).await;
    let link = link_on(made.page(StatusCode::OK));
    assert_eq!(site.anybody().get(&link).await.status, StatusCode::OK);
    assert!(!organiser.get("/admin/users").await.text().contains(&link), "shown a second time");
    let listed = site.organiser().await.get("/api/v1/admin/users?search=ada").await;
    let listed = listed.expect(StatusCode::OK);
    assert_eq!(listed["users"][0]["team"], "Team <i>A");
    assert_eq!((listed["users"].as_array().unwrap().len(), &listed["next"]), (1, &Value::Null));
}

async fn the_role_is_granted_and_withdrawn_after_a_second_look(database: Database) {
    let site = Site::without_worker(database).await;
    site.account("org", None, true).await;
    let ada = site.account("Ada", None, false).await;
    let organiser = site.log_in("org").await;
    let path = format!("/admin/users/{ada}");
    let form = format!("details:not([open]) form[action='{path}']");
    for (role, offered, meant) in [
        ("true", "Grant the role to Ada", "Make Ada an organiser"),
        ("false", "Withdraw the role from Ada", "Withdraw the role from Ada"),
    ] {
        let page = organiser.get("/admin/users?search=ada").await.html(StatusCode::OK);
        assert_eq!(page.text("td details summary"), offered);
        // The only button of the row is in what is closed until it is asked for, and says whom it is about.
        assert_eq!(page.text("main table button"), meant);
        assert_eq!(page.text(&format!("{form} button")), meant);
        assert!(page.text(&format!("{form} p")).starts_with("Ada (ada@example.org) will "));
        assert_eq!(page.fields(&form)["organiser"], role);
        organiser.post(&path, &[("organiser", role)]).await.redirect();
    }
}

async fn what_is_taken_of_a_new_account_is_named(database: Database) {
    let site = Site::without_worker(database).await;
    site.member("Team A").await;
    let nobody = site.anybody();
    let address = "Expected an e-mail address that has no account yet";
    let team = "Expected a team's name that nobody has yet";
    for (name, of, expected) in [
        ("Team.A", "", vec![address]),
        ("bob", "team a", vec![team]),
        ("Team.A", "team a", vec![team, address]),
    ] {
        let refused = sign_up(&nobody, name, of, "").await;
        let said = refused.html(StatusCode::UNPROCESSABLE_ENTITY).texts(".problems p + p");
        assert_eq!(said.len(), expected.len(), "{said:?}");
        assert!(said.iter().zip(&expected).all(|(said, of)| said.starts_with(of)), "{said:?}");
    }
}
