//! Where things are on a page, on a screen and on paper.

use serde_json::{Value, json};

use crate::page::{DESK, in_browser};
use crate::site::SITE;

/// What can be printed on of A4, in pixels of 1/96 inch.
const PAPER: (u64, u64) = (680, 980);

#[tokio::test]
async fn the_words_of_a_label_stay_in_their_line() {
    // Where the text begins that stands directly in a label, and where the words are that are marked up in it.
    const LOOK: &str = r#"
        const broken = [];
        for (const label of document.querySelectorAll('main label:not(.tick)')) {
            for (const inline of label.querySelectorAll(':scope > :is(.optional, code, strong, em, abbr)')) {
                const range = document.createRange();
                range.selectNodeContents(label.firstChild);
                const { top, bottom } = range.getClientRects()[0];
                const middle = inline.getBoundingClientRect();
                if (middle.top + middle.height / 2 > bottom) broken.push(label.innerText);
            }
        }
        return [document.querySelectorAll('main label > .optional').length, broken];
    "#;
    in_browser(async |page| {
        page.open("/signup").await;
        assert_eq!(page.script(LOOK, vec![]).await, json!([2, []]));
        page.log_in(&SITE.participant).await;
        page.open("/submit").await;
        // Description, three links and the two questions of the demo's phase.
        assert_eq!(page.script(LOOK, vec![]).await, json!([6, []]));
    })
    .await;
}

#[tokio::test]
async fn on_paper_nothing_is_cut_off_and_the_chosen_tab_can_be_read() {
    const LOOK: &str = r#"
        const main = document.querySelector('main');
        const right = main.getBoundingClientRect().right;
        const shown = element => element.checkVisibility() && !element.classList.contains('unseen');
        const cut = [...main.querySelectorAll('th, td, svg, pre, p, h1, h2')].filter(shown)
            .filter(element => element.getBoundingClientRect().right > right + 1)
            .map(element => element.outerHTML.slice(0, 80));
        const hidden = [...main.querySelectorAll('.scroll')].filter(shown)
            .filter(area => getComputedStyle(area).overflowX !== 'visible').length;
        const tab = document.querySelector('.tabs [aria-current]');
        const style = tab && getComputedStyle(tab);
        return {
            cut, hidden,
            ink: getComputedStyle(document.body).color,
            tab: style && [style.color, style.backgroundColor],
            menu: document.querySelector('header nav').checkVisibility(),
        };
    "#;
    in_browser(async |page| {
        page.log_in(&SITE.organiser).await;
        for (path, tabs) in [
            ("/", false),
            ("/about", false),
            ("/scoring", false),
            ("/leaderboard", true),
            ("/leaderboard?group=normal", true),
            ("/analysis", true),
            ("/docs/api", false),
            ("/admin/submissions", true),
        ] {
            page.resize(PAPER).await;
            page.open(path).await;
            // Who likes it dark on a screen still has white paper.
            let dark = json!([{ "name": "prefers-color-scheme", "value": "dark" }]);
            let print = json!({ "media": "print", "features": dark });
            page.developer("Emulation.setEmulatedMedia", print).await;
            let seen = page.script(LOOK, vec![]).await;
            let ink = "rgb(28, 27, 26)";
            assert_eq!(
                (&seen["cut"], &seen["hidden"]),
                (&json!([]), &json!(0)),
                "{path}: {seen:#}"
            );
            assert_eq!((&seen["ink"], &seen["menu"]), (&json!(ink), &json!(false)), "{path}");
            let tab = if tabs { json!([ink, "rgba(0, 0, 0, 0)"]) } else { Value::Null };
            assert_eq!(seen["tab"], tab, "{path}");
            page.developer("Emulation.setEmulatedMedia", json!({ "media": "" })).await;
        }
        page.resize(DESK).await;
    })
    .await;
}

#[tokio::test]
async fn the_overview_fits_one_screen_of_a_desk() {
    const LOOK: &str = r#"
        const end = document.querySelector('.home').getBoundingClientRect().bottom;
        return [end, document.documentElement.scrollHeight];
    "#;
    in_browser(async |page| {
        page.resize((1440, 900)).await;
        page.open("/").await;
        let seen = page.script(LOOK, vec![]).await;
        assert!(seen[1].as_f64().is_some_and(|height| height <= 900.0), "{seen}");
    })
    .await;
}
