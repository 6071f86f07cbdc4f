//! What people come to the site for, from one end to the other.

use serde_json::{Value, json};

use crate::page::{PASSWORD, PHONE, Page, address, in_browser};
use crate::site::SITE;
use crate::uploads;

/// Sends the form with the sample and waits on the submission's page for its score.
async fn submit_sample(page: &Page, method: &str) {
    page.open("/submit").await;
    page.choose_files(&[&SITE.sample_zip]).await;
    page.fill("method", method).await;
    page.click("#upload button").await;
    page.find("#status").await;
}

/// The two numbers of the page in front, as they are written there.
async fn shown_score(page: &Page) -> (String, String) {
    (page.text("#dice").await, page.text("#hd95").await)
}

/// The same numbers as the API gives them, rounded as pages round.
fn score_by_api(token: &str, id: &str) -> (String, String) {
    let report = SITE.get(token, &format!("/api/v1/submissions/{id}"));
    let number = |name: &str| report[name].as_f64().unwrap_or_else(|| panic!("{name}: {report}"));
    (format!("{:.4}", number("dice")), format!("{:.2} mm", number("hd95")))
}

async fn id_in_address(page: &Page) -> String {
    let path = page.path().await;
    let id = path.strip_prefix("/submissions/");
    id.unwrap_or_else(|| panic!("{path} is no submission's page")).to_owned()
}

/// Makes a token on the account page and reads it there.
async fn make_token(page: &Page) -> String {
    page.open("/account").await;
    page.fill("name", "laptop").await;
    page.follow("main form[action='/account/tokens'] button").await;
    page.text(".fresh .token").await
}

#[tokio::test]
async fn a_newcomer_signs_up_submits_sees_the_score_come_and_is_on_the_leaderboard() {
    in_browser(async |page| {
        page.sign_up("Analytical Engines").await;
        let token = make_token(page).await;

        SITE.keep_busy();
        submit_sample(page, "Note G").await;
        let seen = page
            .script(
                "window.neverReloaded = true; return document.querySelector('#status .state').innerText",
                vec![],
            )
            .await;
        assert!(seen == "queued" || seen == "scoring", "{seen}: too early a score to see it come");
        let shown = shown_score(page).await;
        let stayed = page.script("return window.neverReloaded === true", vec![]).await;
        assert_eq!(stayed, Value::Bool(true), "the page was loaded anew");
        assert_eq!(shown, score_by_api(&token, &id_in_address(page).await));

        page.open("/leaderboard").await;
        let row = page
            .script(
                "return [...document.querySelectorAll('table.leaderboard tbody tr')]
                   .map(row => row.innerText).find(text => text.includes('Analytical Engines'))",
                vec![],
            )
            .await;
        let row = row.as_str().expect("the team is on the leaderboard");
        let hd95 = shown.1.trim_end_matches(" mm");
        assert!(row.contains("Note G") && row.contains(&shown.0) && row.contains(hd95), "{row}");
    })
    .await;
}

#[tokio::test]
async fn a_token_is_shown_once_and_works_until_it_is_revoked() {
    in_browser(async |page| {
        page.sign_up("Token Bearers").await;
        let token = make_token(page).await;
        assert_eq!(SITE.get(&token, "/api/v1/submissions")["submissions"], Value::Array(vec![]));

        page.open("/account").await;
        let account = page.client.source().await.expect("the page");
        assert!(account.contains("laptop") && !account.contains(&token), "shown a second time");

        page.follow("main table form button").await;
        page.find("main table td:last-child:not(:has(form))").await;
        assert_eq!(SITE.status(&token, "/api/v1/submissions"), 401);
    })
    .await;
}

#[tokio::test]
async fn the_files_themselves_picked_at_once_are_scored_like_the_zip() {
    in_browser(async |page| {
        page.sign_up("Loose Leaves").await;
        submit_sample(page, "zipped").await;
        let zipped = shown_score(page).await;

        let folder = tempfile::tempdir().expect("a folder");
        let files = uploads::single_files(folder.path(), &SITE.sample_zip);
        assert_eq!(files.len(), 20);
        page.open("/submit").await;
        page.choose_files(&files.iter().map(|file| file.as_path()).collect::<Vec<_>>()).await;
        page.fill("method", "loose").await;
        page.click("#upload button").await;
        assert_eq!(shown_score(page).await, zipped);
        assert_eq!(page.text("h1").await, "loose");
    })
    .await;
}

#[tokio::test]
async fn a_bad_upload_names_all_that_is_wrong_and_keeps_what_was_entered() {
    in_browser(async |page| {
        page.sign_up("Butterfingers").await;
        let folder = tempfile::tempdir().expect("a folder");
        let zip = uploads::two_mistakes(folder.path(), &SITE.sample_zip);
        // On a phone the button is far below the place where problems are shown.
        page.resize(PHONE).await;
        page.open("/submit").await;
        page.choose_files(&[&zip]).await;
        page.fill("method", "U-Net of mine").await;
        page.fill("description", "the second try").await;
        page.click("#upload button").await;

        let problems = page.text("#outcome .problems").await;
        assert!(problems.contains("7") && problems.contains("case.missing"), "{problems}");
        assert!(problems.contains("notes.txt") && problems.contains("case.unexpected"), "{problems}");
        assert_eq!(page.count("#outcome .problems > li").await, 2, "{problems}");
        // Scrolling stops at whole pixels, and the place may begin between two of them.
        let seen = "const {top} = document.querySelector('#outcome').getBoundingClientRect();
            const shown = Math.round(top);
            return [shown >= 0 && shown < innerHeight / 2, document.querySelector('progress').hidden]";
        assert_eq!(page.script(seen, vec![]).await, json!([true, true]), "out of sight, or a bar");
        let focus = "return document.activeElement.id";
        assert_eq!(page.script(focus, vec![]).await, "outcome", "the focus is elsewhere");
        let entered = page
            .script("return [...document.querySelectorAll('[name=method],[name=description]')].map(x => x.value)", vec![])
            .await;
        assert_eq!(entered, json!(["U-Net of mine", "the second try"]));
        page.open("/submissions").await;
        assert_eq!(page.count("main table").await, 0, "something was stored");
        assert!(page.text("main").await.contains("submitted nothing yet"));
    })
    .await;
}

#[tokio::test]
async fn who_logs_out_is_sent_to_log_in_and_then_back_to_where_they_wanted_to_go() {
    in_browser(async |page| {
        page.sign_up("Revenants").await;
        page.log_out().await;

        page.open("/account").await;
        assert_eq!(page.path().await, "/login?next=/account");
        page.fill("email", &address("Revenants")).await;
        page.fill("password", "not my password").await;
        page.follow("main button").await;
        assert!(page.text("main [role=alert]").await.contains("auth.bad_password"));
        assert_eq!(page.count("header form[action='/logout']").await, 0);

        // The address is kept; only the password has to be typed again.
        page.fill("password", PASSWORD).await;
        page.follow("main button").await;
        page.find("header form[action='/logout']").await;
        assert_eq!(page.path().await, "/account");
    })
    .await;
}

#[tokio::test]
async fn a_form_that_fails_says_why_and_can_be_sent_again() {
    in_browser(async |page| {
        page.sign_up("Second Wind").await;
        page.open("/submit").await;
        page.choose_files(&[&SITE.sample_zip]).await;

        let limit = "const input = document.querySelector('[data-limit]');
            const limit = input.dataset.limit; input.dataset.limit = arguments[0]; return limit";
        let real = page.script(limit, vec![json!("10")]).await;
        page.click("#upload button").await;
        page.until_outcome_says("Nothing was sent").await;
        page.script(limit, vec![real]).await;

        page.answers_look_like(503).await;
        page.click("#upload button").await;
        page.until_outcome_says("The server answered 503").await;
        page.answers_look_as_they_are().await;

        page.client.delete_all_cookies().await.expect("no cookies");
        page.click("#upload button").await;
        page.until_outcome_says("You are logged out").await;
    })
    .await;
}

#[tokio::test]
async fn a_submissions_page_outlives_a_restart_of_the_server() {
    in_browser(async |page| {
        page.sign_up("Phoenixes").await;
        SITE.keep_busy();
        submit_sample(page, "from the ashes").await;
        page.answers_look_like(502).await;
        tokio::time::sleep(std::time::Duration::from_millis(2500)).await;
        assert_eq!(page.count("#status").await, 1);
        page.answers_look_as_they_are().await;
        shown_score(page).await;
    })
    .await;
}

#[tokio::test]
async fn only_how_far_a_submission_is_is_read_out_while_its_page_changes() {
    in_browser(async |page| {
        page.sign_up("Listeners").await;
        SITE.keep_busy();
        submit_sample(page, "read out").await;
        page.script(
            "window.place = document.querySelector('#said');
             window.said = [];
             new MutationObserver(() => window.said.push(window.place.textContent))
                 .observe(window.place, { childList: true, characterData: true, subtree: true });",
            vec![],
        )
        .await;
        shown_score(page).await;
        let found = page
            .script(
                "return [window.place.isConnected, window.place.getAttribute('role'),
                         document.querySelector('#status').closest('[aria-live], [role=status], [role=alert]'),
                         document.querySelectorAll('#status [aria-live], #status [role=status]').length]",
                vec![],
            )
            .await;
        assert_eq!(found, json!([true, "status", null, 0]));
        page.find("#status #dice").await;
        let said = page.script("return window.said", vec![]).await;
        let said: Vec<&str> = said.as_array().expect("a list").iter().filter_map(Value::as_str).collect();
        assert_eq!(said.last(), Some(&"scored"), "{said:?}");
        let once = said.windows(2).all(|pair| pair[0] != pair[1]);
        assert!(once && said.iter().all(|words| words.len() < 60), "{said:?}");
    })
    .await;
}

#[tokio::test]
async fn who_is_logged_out_meanwhile_is_told_so_and_keeps_what_was_entered() {
    in_browser(async |page| {
        page.sign_up("Gone Fishing").await;
        page.open("/submit").await;
        page.choose_files(&[&SITE.sample_zip]).await;
        page.fill("method", "U-Net of mine").await;
        // In another tab, or because the session ran out.
        let log_out = "const done = arguments[0];
            fetch('/logout', {method: 'POST'}).then((answer) => done(answer.url))";
        page.later(log_out, vec![]).await;
        page.click("#upload button").await;
        page.until_outcome_says("You are logged out, and nothing was stored").await;
        assert_eq!(page.text("#outcome a[href='/login'][target=_blank]").await, "log in in another tab");
        let entered = "return [document.querySelector('[name=method]').value,
            document.querySelector('[name=file]').files.length, document.activeElement.id]";
        assert_eq!(page.script(entered, vec![]).await, json!(["U-Net of mine", 1, "outcome"]));

        // Logged in again, the same form is sent as it is.
        let log_in = "const [email, password, done] = arguments;
            fetch('/login', {method: 'POST', body: new URLSearchParams({email, password})}).then((answer) => done(answer.url))";
        let email = address("Gone Fishing");
        page.later(log_in, vec![json!(email), json!(PASSWORD)]).await;
        page.click("#upload button").await;
        page.find("#status").await;
        assert_eq!(page.text("h1").await, "U-Net of mine");
    })
    .await;
}

#[tokio::test]
async fn a_visitor_searches_the_leaderboard_compares_two_entries_and_opens_one() {
    in_browser(async |page| {
        page.open("/leaderboard").await;
        page.click("main details.find summary").await;
        page.fill("q", "o").await;
        page.follow("form[role=search] button").await;
        page.find("#found").await;
        page.script(
            "[...document.querySelectorAll('input[name=entries]')].slice(0, 2).forEach(box => box.click())",
            vec![],
        )
        .await;
        page.follow("#compare button").await;
        assert_eq!(page.count("#compared tbody tr").await, 2);
        let team = page.text("#compared tbody th").await;
        page.follow("#compared tbody a[href^='/entries/']").await;
        page.find("#marks").await;
        assert!(page.text("main").await.contains(&team));
    })
    .await;
}

#[tokio::test]
async fn a_team_corrects_what_is_said_of_its_method_and_everybody_reads_it() {
    in_browser(async |page| {
        page.sign_up("Correctors").await;
        submit_sample(page, "First name").await;
        page.find("#dice").await;
        let id = id_in_address(page).await;
        page.open(&format!("/submissions/{id}")).await;
        page.click("main details:has(form[action$='/method']) summary").await;
        page.fill("description", "Two networks and a graph.").await;
        page.fill("code_url", "https://example.org/code").await;
        page.follow("form[action$='/method'] button").await;
        page.find("#saved").await;
        page.log_out().await;
        page.open(&format!("/entries/{id}")).await;
        let said = page.text("main").await;
        assert!(
            said.contains("First name") && said.contains("Two networks and a graph."),
            "{said}"
        );
        page.find("main a[href='https://example.org/code']").await;
        // How it came to be is for the team and the organisers.
        assert!(!said.contains("History"), "{said}");
    })
    .await;
}

#[tokio::test]
async fn an_organiser_moves_through_the_slices_of_a_case() {
    in_browser(async |page| {
        let scored = SITE.submit(&SITE.sample_zip, "slices", 60)["id"].clone();
        page.log_in(&SITE.organiser).await;
        page.open(&format!("/submissions/{}", scored.as_str().expect("an id"))).await;
        page.follow(".strip figcaption a[href$='/slices']").await;
        let drawn = "const [done] = arguments; const image = document.getElementById('slice');
            const look = () => image.complete && image.naturalWidth > 0
                ? done([image.getAttribute('src'), image.naturalWidth]) : setTimeout(look, 20); look();";
        let first = page.later(drawn, vec![]).await;
        assert_eq!(first[1], 128, "two pixels a voxel");
        // As with the right arrow, which a screen reader's slider sends, too.
        let to = "const slider = document.querySelector('input[name=z]'); slider.value = arguments[0];
            slider.dispatchEvent(new Event('input'));";
        for (z, query) in [(7, "7"), (8, "8")] {
            page.script(to, vec![json!(z)]).await;
            page.find(&format!("#slice[src$='/slices/{query}']")).await;
            assert_eq!(page.later(drawn, vec![]).await[1], 128);
            assert_eq!(page.text("#z").await, z.to_string());
            assert!(page.path().await.ends_with(&format!("?z={z}")));
        }
        page.click("input[name=outlines]").await;
        page.find("#slice[src$='/slices/8?outlines=off']").await;
        assert_eq!(page.later(drawn, vec![]).await[1], 128);
        // The address leads to the same view.
        let address = page.path().await;
        page.open(&address).await;
        page.find("#slice[src$='/slices/8?outlines=off']").await;
    })
    .await;
}
