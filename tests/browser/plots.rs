//! Whether plots can be read where they are shown.

use serde_json::{Value, json};

use crate::page::{DESK, PHONE, in_browser};
use crate::site::SITE;

#[tokio::test]
async fn words_in_plots_are_large_enough_and_never_over_each_other() {
    const LOOK: &str = r#"
        const found = [];
        for (const plot of document.querySelectorAll('svg.plot')) {
            const scale = plot.getBoundingClientRect().width / plot.viewBox.baseVal.width;
            const words = [...plot.querySelectorAll('text')];
            const areas = words.map(text => text.getBoundingClientRect());
            const frame = plot.getBoundingClientRect();
            words.forEach((text, at) => {
                const a = areas[at];
                if (scale * text.getAttribute('font-size') < 11) found.push('small: ' + text.textContent);
                if (a.left < frame.left || a.right > frame.right) found.push('cut off: ' + text.textContent);
                // Areas are higher than the letters in them.
                areas.slice(0, at).forEach((b, other) => {
                    if (a.left < b.right && b.left < a.right && a.top + 3 < b.bottom - 3 && b.top + 3 < a.bottom - 3)
                        found.push('over each other: ' + text.textContent + ', ' + words[other].textContent);
                });
            });
        }
        return [document.querySelectorAll('svg.plot').length, found];
    "#;
    in_browser(async |page| {
        for (who, plots) in [(None, 6), (Some(&SITE.organiser), 6)] {
            if let Some(who) = who {
                page.log_in(who).await;
            }
            for path in ["/analysis", "/analysis?group=normal", "/analysis?group=diseased"] {
                page.open(path).await;
                for size in [DESK, PHONE] {
                    page.resize(size).await;
                    let seen = page.script(LOOK, vec![]).await;
                    assert_eq!(seen, json!([plots, []]), "{path} at {size:?}: {seen:#}");
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_plot_takes_the_colours_of_the_page_light_and_dark() {
    const LOOK: &str = "
        const of = css => getComputedStyle(document.querySelector(css));
        return [of('svg.plot .names').fill === of('body').color, of('svg.plot .names').fill];
    ";
    in_browser(async |page| {
        page.open("/analysis").await;
        let mut seen: Vec<Value> = Vec::new();
        for scheme in ["light", "dark"] {
            page.scheme(scheme).await;
            let found = page.script(LOOK, vec![]).await;
            assert_eq!(found[0], true, "{scheme}");
            seen.push(found[1].clone());
        }
        assert_ne!(seen[0], seen[1]);
    })
    .await;
}
