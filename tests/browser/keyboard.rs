use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::key::Key;
use serde_json::{Value, json};

use crate::page::{PASSWORD, Page, address, in_browser};
use crate::site::SITE;

async fn press(page: &Page, text: &str) {
    let keys = text.chars().fold(KeyActions::new("keyboard".into()), |keys, value| {
        keys.then(KeyAction::Down { value }).then(KeyAction::Up { value })
    });
    page.client.perform_actions(keys).await.expect("keys are pressed");
}

async fn tab(page: &Page) {
    press(page, &char::from(Key::Tab).to_string()).await;
}

async fn enter(page: &Page) {
    press(page, &char::from(Key::Enter).to_string()).await;
}

/// Presses Tab until the focus is on what the selector names.
async fn tab_to(page: &Page, css: &str) {
    for _ in 0..60 {
        tab(page).await;
        let there = "return document.activeElement.matches(arguments[0])";
        if page.script(there, vec![css.into()]).await == Value::Bool(true) {
            return;
        }
    }
    panic!("{css} can't be reached with the Tab key");
}

#[tokio::test]
async fn the_first_tab_shows_a_link_that_skips_to_the_content() {
    in_browser(async |page| {
        page.open("/docs/api").await;
        tab(page).await;
        let focus = "const {top, left, height} = document.activeElement.getBoundingClientRect();
            return [document.activeElement.className, top >= 0 && left >= 0 && height > 10]";
        assert_eq!(page.script(focus, vec![]).await, json!(["skip", true]));
        enter(page).await;
        tab(page).await;
        let inside = "return document.activeElement.closest('main') !== null";
        assert_eq!(page.script(inside, vec![]).await, Value::Bool(true));
    })
    .await;
}

#[tokio::test]
async fn logging_in_making_a_token_and_logging_out_take_no_mouse() {
    in_browser(async |page| {
        page.open("/").await;
        tab_to(page, "header a[href='/login']").await;
        enter(page).await;
        page.find("main [name=password]").await;
        tab_to(page, "[name=email]").await;
        press(page, &SITE.participant.email).await;
        tab(page).await;
        press(page, &SITE.participant.password).await;
        enter(page).await;
        page.find("header form[action='/logout']").await;

        tab_to(page, "header a[href='/account']").await;
        enter(page).await;
        page.find("main form[action='/account/tokens']").await;
        tab_to(page, "main [name=name]").await;
        press(page, "typed").await;
        tab_to(page, "main form[action='/account/tokens'] button").await;
        enter(page).await;
        assert!(page.text(".fresh .token").await.starts_with("asoca_"));

        tab_to(page, "header form[action='/logout'] button").await;
        enter(page).await;
        page.find("header a[href='/login']").await;
    })
    .await;
}

#[tokio::test]
async fn every_field_of_the_upload_is_reached_with_tab_and_seen_to_be() {
    in_browser(async |page| {
        page.log_in(&SITE.participant).await;
        page.open("/submit").await;
        for field in ["[name=file]", "[name=method]", "[name=description]", "[name=url]", "button"]
        {
            tab_to(page, &format!("#upload {field}")).await;
            let ring = "return getComputedStyle(document.activeElement).outlineStyle";
            assert_ne!(page.script(ring, vec![]).await, "none", "no ring around {field}");
        }
    })
    .await;
}

#[tokio::test]
async fn founding_a_team_and_inviting_to_it_take_no_mouse() {
    in_browser(async |page| {
        page.open("/signup").await;
        page.fill("email", &address("Typists")).await;
        page.fill("display_name", "Ada Lovelace").await;
        page.fill("password", PASSWORD).await;
        page.follow("main button").await;
        page.follow("main a[href='/team']").await;
        tab_to(page, "main [name=name]").await;
        press(page, "Typists").await;
        enter(page).await;
        page.find("main form[action='/team/invitation']").await;
        assert_eq!(page.text("h1").await, "Typists");
        tab_to(page, "main form[action='/team/invitation'] button").await;
        enter(page).await;
        assert!(page.text(".fresh .token").await.contains("/join/"));
    })
    .await;
}
