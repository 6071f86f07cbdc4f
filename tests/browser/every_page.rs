//! What holds for every page there is.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::page::{DESK, PHONE, Page, SMALL, TABLET, WIDE, in_browser};
use crate::site::SITE;
use crate::uploads;

/// A trial ends an earlier one of its phase, and all tests here have the same phase.
static TRIALS: Mutex<()> = Mutex::const_new(());

/// Ticks two entries of the leaderboard.
const CHOOSE_TWO: &str = "[...document.querySelectorAll('input[name=entries]')].slice(0, 2).forEach(box => box.checked = true)";

static VISITS: AtomicUsize = AtomicUsize::new(0);

/// Visits the pages in all their states, as nobody, as a participant and as an organiser,
/// and looks at each.
async fn on_every_page(page: &Page, look: impl AsyncFn(&str)) {
    for path in [
        "/",
        "/about",
        "/scoring",
        "/cases",
        "/news",
        "/leaderboard",
        "/leaderboard?group=diseased",
        "/leaderboard?columns=secondary&sort=cl_dice",
        "/analysis",
        "/docs",
        "/docs/submitting",
        "/docs/errors",
        "/docs/conformance",
        "/compare",
        "/docs/api",
        "/forgot",
        "/nowhere",
    ] {
        page.open(path).await;
        look(path).await;
    }
    page.open("/leaderboard").await;
    page.follow("main tbody th a").await;
    page.find("#progress").await;
    look("a team").await;
    page.follow("#progress tbody a[href^='/entries/']").await;
    page.find("#marks").await;
    look("an entry").await;
    page.open("/leaderboard").await;
    page.script(CHOOSE_TWO, vec![]).await;
    page.follow("#compare button").await;
    page.find("#compared").await;
    look("two entries compared").await;
    page.open("/leaderboard").await;
    page.follow("#permalink").await;
    page.find("#at").await;
    look("an earlier leaderboard").await;
    for path in ["/signup", "/login"] {
        page.open(path).await;
        look(path).await;
        page.script("document.querySelector('main form').noValidate = true", vec![]).await;
        page.follow("main button").await;
        page.find("main [role=alert] .problems").await;
        look(&format!("{path} refused")).await;
    }

    let folder = tempfile::tempdir().expect("a folder");
    let empty = uploads::one_case_is_empty(folder.path(), &SITE.sample_zip);
    let scored = SITE.submit(&SITE.sample_zip, "thin", 60)["id"].clone();
    let invalid = SITE.submit(&empty, "one case is empty", 60)["submission"].clone();
    let submission = |id: Value| format!("/submissions/{}", id.as_str().expect("an id"));

    // A team of this visit's own: it has one link at a time, and other visits make theirs meanwhile.
    page.sign_up(&format!("Inviters {}", VISITS.fetch_add(1, Ordering::Relaxed))).await;
    page.open("/team").await;
    page.follow("main form[action='/team/invitation'] button").await;
    let link = page.text(".fresh .token").await;
    look("/team with a new link").await;
    page.log_out().await;

    page.log_in(&SITE.participant).await;
    for path in [
        "/account",
        "/team",
        "/submit",
        "/submissions",
        &submission(scored.clone()),
        &submission(invalid),
    ] {
        page.open(path).await;
        look(path).await;
    }
    page.open(&submission(scored.clone())).await;
    page.script("document.querySelectorAll('details').forEach(it => it.open = true)", vec![]).await;
    look("a submission with everything open").await;
    page.open("/account").await;
    page.fill("name", "to be looked at").await;
    page.follow("main form[action='/account/tokens'] button").await;
    page.find(".fresh").await;
    look("/account with a new token").await;

    let bad = uploads::two_mistakes(folder.path(), &SITE.sample_zip);
    page.open("/submit").await;
    page.choose_files(&[&bad]).await;
    page.find("#check .problems").await;
    look("/submit with files that will be refused").await;
    page.click("#upload button").await;
    page.find("#outcome .problems").await;
    look("/submit refused").await;
    let wall = uploads::of_another_format(folder.path(), &SITE.sample_zip);
    page.open("/submit").await;
    page.choose_files(&[&wall]).await;
    page.click("#upload button").await;
    page.find("#outcome .problems details").await;
    assert_eq!(page.count("#outcome .problems > li").await, 1);
    look("/submit of another format refused").await;
    page.script("document.querySelectorAll('details').forEach(it => it.open = true)", vec![]).await;
    look("/submit with all files named refused").await;
    page.log_out().await;
    let link = link.strip_prefix(&SITE.url).expect("a link to this site");
    for path in [link, &format!("/signup?next={link}")] {
        page.open(path).await;
        look("an invitation").await;
    }

    page.log_in(&SITE.organiser).await;
    for path in [link, "/team"] {
        page.open(path).await;
        look("joining or creating a team").await;
    }
    for path in [
        "/submissions",
        "/submit",
        "/account",
        "/admin",
        "/admin/submissions",
        "/admin/teams",
        "/admin/users",
        "/admin/phases",
        "/admin/truth-sets",
        "/admin/announcements",
        "/admin/letters",
        "/admin/challenge",
        "/admin/pages",
        "/admin/images",
        "/admin/reset-link",
        "/admin/audit",
    ] {
        page.open(path).await;
        look(&format!("{path} for an organiser")).await;
    }
    page.open(&submission(scored.clone())).await;
    look("a submission for an organiser").await;
    page.follow(".strip figcaption a[href$='/slices']").await;
    page.find("#slice").await;
    look("slices of a case").await;
    page.open("/admin/letters").await;
    page.fill("subject", "To be looked at").await;
    page.fill("text", "Dear teams,\n\nthis is never sent.").await;
    page.follow("main form button:not([name])").await;
    page.find("#reach").await;
    look("the preview of a letter").await;
    page.open("/admin/phases").await;
    page.fill("title", "To be looked at").await;
    page.fill("slug", "to-be-looked-at").await;
    page.fill("questions", "gpu | How long did the training take? | number: hours | public").await;
    page.follow("main form button[name=preview]").await;
    page.find("#preview").await;
    look("the preview of a phase").await;
    let own = format!("looked-at-{}", VISITS.fetch_add(1, Ordering::Relaxed));
    page.open("/admin/pages").await;
    page.fill("slug", &own).await;
    page.fill("title", "To be looked at").await;
    page.fill("body", "# Rules\n\n- one\n\n|a|b|\n|-|-|\n|1|2|").await;
    page.follow("main form button[name=preview]").await;
    page.find("main .preview").await;
    look("the preview of a page").await;
    page.follow("main form button:not([name])").await;
    page.find("#saved").await;
    look("a page's form, saved").await;
    page.follow("main tbody th a").await;
    page.find("main .preview").await;
    look("a page's revision").await;
    page.open("/analysis").await;
    let open = "document.querySelectorAll('details').forEach(details => details.open = true)";
    page.script(open, vec![]).await;
    look("/analysis with single cases and all numbers").await;
    page.open("/admin/teams").await;
    page.follow("main tbody th a").await;
    page.fill("affiliation", "Example University").await;
    page.follow("main form button").await;
    page.find("#saved").await;
    page.script(open, vec![]).await;
    look("what a team says of itself, with its history").await;
    page.open("/admin/phases").await;
    page.follow("main table a").await;
    page.find("input[name=closes_at]").await;
    look("a phase's page").await;
    page.open("/admin/truth-sets").await;
    page.follow("main table a").await;
    page.find("select[name=phase]").await;
    look("a truth set's page").await;
    for (file, name) in [
        (SITE.sample_zip.clone(), "a truth set's page, a table of its annotators refused"),
        (uploads::annotators(folder.path()), "a truth set's page with its annotators"),
    ] {
        page.choose_files(&[&file]).await;
        page.follow("main form[action$='/observers'] button").await;
        let shown = if name.ends_with("refused") { ".problems" } else { "details summary" };
        page.find(&format!("main {shown}")).await;
        page.script("document.querySelectorAll('details').forEach(it => it.open = true)", vec![])
            .await;
        look(name).await;
    }
    let alone = TRIALS.lock().await;
    page.follow("main form button").await;
    page.find("main form input[name=reason]").await;
    look("a trial's page").await;
    drop(alone);
    page.open("/admin/reset-link").await;
    page.fill("email", &SITE.participant.email).await;
    page.follow("main form[action='/admin/reset-link'] button").await;
    let link = page.text(".fresh .token").await;
    look("/admin/reset-link with a new link").await;
    page.open(&link[link.find("/reset/").expect("a link")..]).await;
    look("the page of a reset link").await;
    page.open("/admin/submissions").await;
    page.fill("reason", "to be looked at").await;
    page.follow("main form[method=post] button").await;
    page.find("main [role=alert] .problems").await;
    look("/admin/submissions refused").await;
}

#[tokio::test]
async fn no_page_makes_the_browser_complain() {
    in_browser(async |page| {
        on_every_page(page, async |name| {
            let mut complaints = page.console().await;
            // That an answer was a refusal is said there as well, and is meant.
            let refusal = |entry: &Value| {
                let text = entry["message"].as_str().unwrap_or_default();
                entry["source"] == "network"
                    && text.contains("the server responded with a status of 4")
            };
            if name == "/nowhere" || name.ends_with("refused") {
                complaints.retain(|entry| !refusal(entry));
            }
            assert!(complaints.is_empty(), "{name}: {complaints:#?}");
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn the_browser_would_complain_about_what_the_policy_forbids() {
    in_browser(async |page| {
        page.open("/").await;
        page.script("document.body.setAttribute('onclick', 'alert()')", vec![]).await;
        let complaints = json!(page.console().await).to_string();
        assert!(complaints.contains("Content Security Policy"), "{complaints}");
    })
    .await;
}

#[tokio::test]
async fn every_page_keeps_the_rules_of_accessibility_in_light_and_dark() {
    const AXE: &str = include_str!("axe.min.js");
    const RUN: &str = r#"
        const [rules, done] = arguments;
        axe.run(document, { runOnly: rules, resultTypes: ['violations'] }).then(
            results => done(results.violations.map(violation => ({
                rule: violation.id, help: violation.help,
                where: violation.nodes.map(node => node.html + ' ' + node.failureSummary),
            }))),
            error => done(String(error)));
    "#;
    let all = json!({ "type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] });
    // Nothing but colours depends on the scheme.
    let contrast = json!({ "type": "rule", "values": ["color-contrast"] });
    in_browser(async |page| {
        on_every_page(page, async |name| {
            page.script(AXE, vec![]).await;
            for (scheme, rules) in [("light", &all), ("dark", &contrast)] {
                page.scheme(scheme).await;
                let violations = page.later(RUN, vec![rules.clone()]).await;
                assert_eq!(violations, json!([]), "{name} in {scheme}: {violations:#}");
            }
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn every_page_has_a_title_one_heading_and_a_label_for_every_field() {
    const LOOK: &str = r#"
        const fields = [...document.querySelectorAll('input:not([type=hidden]), select, textarea')];
        return {
            title: document.title,
            headings: document.querySelectorAll('h1').length,
            language: document.documentElement.lang,
            unlabelled: fields.filter(field => !field.labels.length).map(field => field.name),
            // What is laid out as a time, and read out as one, is marked as one; the numbers of plots stay in their line.
            unmarked: [...document.querySelectorAll('td:not(.number), th')].filter(cell => {
                const rest = cell.cloneNode(true);
                rest.querySelectorAll('time, .unseen').forEach(part => part.remove());
                return /\d{4}-\d\d-\d\d \d\d:\d\d UTC/.test(rest.textContent);
            }).map(cell => cell.outerHTML.slice(0, 100)),
        };
    "#;
    in_browser(async |page| {
        on_every_page(page, async |name| {
            let seen = page.script(LOOK, vec![]).await;
            let title = seen["title"].as_str().unwrap_or_default();
            let own = title.strip_suffix(" · ASOCA").is_some_and(|own| !own.is_empty());
            assert!(own, "{name}: the title {title:?}");
            assert_eq!(seen["headings"], 1, "{name}: headings of the first order");
            assert_eq!(seen["language"], "en", "{name}");
            assert_eq!(seen["unlabelled"], json!([]), "{name}");
            assert_eq!(seen["unmarked"], json!([]), "{name}: times in tables");
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn no_page_has_to_be_moved_sideways() {
    const LOOK: &str = r#"
        const wide = [...document.body.querySelectorAll('*')].filter(element =>
            !element.closest('.scroll') && element.getBoundingClientRect().right > innerWidth);
        const tall = [...document.querySelectorAll('.scroll')].filter(element => {
            const hidden = getComputedStyle(element).overflowY === 'hidden';
            // Fractions of a pixel may be cut off, and no text.
            return !hidden || element.scrollHeight > element.clientHeight + 2;
        });
        return { inner: innerWidth, page: document.documentElement.scrollWidth,
                 because: wide.map(element => element.outerHTML.slice(0, 100)),
                 tall: tall.map(element => element.outerHTML.slice(0, 100)) };
    "#;
    let pictures = std::env::var_os("ASOCA_SCREENSHOTS").map(std::path::PathBuf::from);
    in_browser(async |page| {
        on_every_page(page, async |name| {
            for size in [SMALL, PHONE, TABLET, DESK, WIDE] {
                page.resize(size).await;
                let seen = page.script(LOOK, vec![]).await;
                assert_eq!(seen["inner"], size.0, "{name}: {seen:#}");
                let wide = seen["page"].as_u64().is_none_or(|width| width > size.0);
                assert!(!wide, "{name} is too wide: {seen:#}");
                // If a table can be scrolled up and down, the mouse wheel moves it instead of the page.
                assert_eq!(seen["tall"], json!([]), "{name}");
                // Pictures are to be looked at, at the sizes between which the layout changes.
                let Some(folder) = &pictures else { continue };
                if ![SMALL, TABLET, WIDE].contains(&size) {
                    continue;
                }
                for scheme in ["light", "dark"] {
                    page.scheme(scheme).await;
                    let picture = page.picture(size.0).await;
                    let name = name.replace(['/', ' ', '?', '='], "_");
                    let file = format!("{name}-{}-{scheme}.png", size.0);
                    std::fs::write(folder.join(file), picture).expect("room for a picture");
                }
            }
            page.resize(DESK).await;
        })
        .await;
    })
    .await;
}
