//! What organisers write, as HTML that can do no harm and fits into a page.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html::push_html};

use crate::service::images::is_name;

const OPTIONS: Options = Options::ENABLE_TABLES.union(Options::ENABLE_STRIKETHROUGH);

/// Lists and quotations deeper than that are shown as if they were not as deep.
const MAX_DEPTH: usize = 12;

/// A table can be moved sideways where it is wider than the page.
const TABLE: &str =
    "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table\"><table>";

/// The HTML of a text in Markdown, tables among it.
///
/// HTML within the text is shown as it was typed. Pictures are those of this site, at `/media/`: others, which would come
/// from elsewhere, are their words alone. Links lead to pages or mail, and search engines are told to follow none that
/// leads away. Headings come two levels lower, as the text stands under a heading of the page.
pub fn html(text: &str) -> String {
    below(text, 2)
}

/// The same for a text that is a whole page: its headings come one level lower, below the page's title.
pub fn page(text: &str) -> String {
    below(text, 1)
}

/// A document of the program itself as HTML, with its title: a heading has an anchor by its words, and links to other documents
/// lead to where `address` says that these are. What is served nowhere is its words alone, and so are pictures.
pub fn document(text: &str, address: impl Fn(&str) -> Option<String>) -> Document {
    let (title, text) = text.split_once('\n').unwrap_or((text, ""));
    let mut events: Vec<Event<'_>> = Parser::new_ext(text, OPTIONS).collect();
    let headings = headings(&events);
    let mut anchors = headings.iter().map(|heading| heading.anchor.clone());
    let mut links = Vec::new();
    events.retain_mut(|event| match event {
        Event::Start(Tag::Heading { id, .. }) => {
            *id = anchors.next().map(Into::into);
            true
        }
        Event::Start(Tag::Link { dest_url, .. }) => {
            let away =
                ["https://", "http://", "/", "#"].iter().any(|start| dest_url.starts_with(start));
            let to = if away { Some(dest_url.to_string()) } else { address(dest_url) };
            links.push(to.is_some());
            if let Some(to) = to {
                *dest_url = to.into();
            }
            links.last() == Some(&true)
        }
        Event::End(TagEnd::Link) => links.pop() == Some(true),
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => false,
        Event::Start(Tag::Table(alignment)) => {
            // It would be a style within the page, which its policy refuses.
            alignment.clear();
            true
        }
        _ => true,
    });
    let mut html = String::with_capacity(text.len() * 3 / 2);
    push_html(&mut html, events.into_iter());
    let html = html.replace("<table>", TABLE).replace("</table>", "</table></div>");
    let parts =
        headings.iter().filter(|heading| heading.level == HeadingLevel::H2).cloned().collect();
    Document { title: title.trim_start_matches("# ").to_owned(), parts, html }
}

/// A text of the program's own, to be shown as a page.
pub struct Document {
    pub title: String,
    /// Its headings of the second level.
    pub parts: Vec<Heading>,
    pub html: String,
}

/// A heading: what it says, and the anchor that leads to it.
#[derive(Clone)]
pub struct Heading {
    level: HeadingLevel,
    pub words: String,
    pub anchor: String,
}

/// All headings. An anchor is the words in small letters, joined by dashes, as code hosts make it.
fn headings(events: &[Event<'_>]) -> Vec<Heading> {
    let heading = |(at, event): (usize, &Event<'_>)| {
        let Event::Start(Tag::Heading { level, .. }) = event else { return None };
        let inside = events.iter().skip(at + 1);
        let inside = inside.take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))));
        let words = inside.filter_map(|event| match event {
            Event::Text(words) | Event::Code(words) => Some(words.as_ref()),
            _ => None,
        });
        let words: String = words.collect();
        let kept = |c: char| match c {
            ' ' => Some('-'),
            c if c.is_alphanumeric() || matches!(c, '-' | '_') => Some(c),
            _ => None,
        };
        let anchor = words.to_lowercase().chars().filter_map(kept).collect();
        Some(Heading { level: *level, words, anchor })
    };
    events.iter().enumerate().filter_map(heading).collect()
}

fn below(text: &str, levels: usize) -> String {
    let mut html = String::with_capacity(text.len() * 3 / 2);
    let mut depth = 0;
    let mut pictures = Vec::new();
    let events = Parser::new_ext(text, OPTIONS).filter(|event| is_within(event, &mut depth));
    push_html(&mut html, events.filter_map(|event| harmless(event, levels, &mut pictures)));
    // Nothing else comes out like these: what the text has of such characters is escaped.
    html = html.replace("<table>", TABLE).replace("</table>", "</table></div>");
    for away in ["http://", "https://", "//"] {
        let link = format!("<a href=\"{away}");
        html = html.replace(&link, &format!("<a rel=\"nofollow\" href=\"{away}"));
    }
    html
}

/// Whether something stands no deeper than `MAX_DEPTH`, or is what makes it deeper.
fn is_within(event: &Event<'_>, depth: &mut usize) -> bool {
    match event {
        Event::Start(Tag::BlockQuote(_) | Tag::List(_) | Tag::Item) => {
            *depth += 1;
            *depth <= MAX_DEPTH
        }
        Event::End(TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Item) => {
            *depth -= 1;
            *depth < MAX_DEPTH
        }
        _ => true,
    }
}

/// `pictures`: of those that are open, the outermost first, whether they are shown.
fn harmless<'a>(event: Event<'a>, levels: usize, pictures: &mut Vec<bool>) -> Option<Event<'a>> {
    Some(match event {
        Event::Html(typed) | Event::InlineHtml(typed) => Event::Text(typed),
        Event::Start(Tag::HtmlBlock) => Event::Start(Tag::Paragraph),
        Event::End(TagEnd::HtmlBlock) => Event::End(TagEnd::Paragraph),
        Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
            let ours = dest_url.strip_prefix("/media/").is_some_and(is_name);
            pictures.push(ours);
            if !ours {
                return None;
            }
            Event::Start(Tag::Image { link_type, dest_url, title, id })
        }
        Event::End(TagEnd::Image) if pictures.pop() != Some(true) => return None,
        Event::Start(Tag::Heading { level, .. }) => Event::Start(Tag::Heading {
            level: lower(level, levels),
            id: None,
            classes: Vec::new(),
            attrs: Vec::new(),
        }),
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(lower(level, levels))),
        // Alignment would be a style within the page, which its policy refuses.
        Event::Start(Tag::Table(_)) => Event::Start(Tag::Table(Vec::new())),
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            let dest_url = if leads_to_a_page(&dest_url) { dest_url } else { "#".into() };
            Event::Start(Tag::Link { link_type, dest_url, title, id })
        }
        other => other,
    })
}

fn lower(level: HeadingLevel, levels: usize) -> HeadingLevel {
    HeadingLevel::try_from(level as usize + levels).unwrap_or(HeadingLevel::H6)
}

/// Of this site or another, or an e-mail address; `javascript:` and the like are not.
fn leads_to_a_page(to: &str) -> bool {
    let to = to.to_ascii_lowercase();
    let known = ["https://", "http://", "mailto:", "/", "#"];
    known.iter().any(|start| to.starts_with(start)) || (to.contains('@') && !to.contains(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_html() {
        assert_eq!(
            html("# Rules\n\nSend *one* zip to [us](https://example.org).\n\n- 20 cases"),
            "<h3>Rules</h3>\n<p>Send <em>one</em> zip to <a rel=\"nofollow\" href=\"https://example.org\">us</a>.</p>\n\
             <ul>\n<li>20 cases</li>\n</ul>\n"
        );
        assert_eq!(page("# A\n# B"), "<h2>A</h2>\n<h2>B</h2>\n");
        assert_eq!(html("###### A"), "<h6>A</h6>\n");
        assert!(html("|a|b|\n|-:|-|\n|1|2|\n").contains("<td>1</td>"));
    }

    #[test]
    fn a_document_has_anchors_and_its_links_lead_to_what_is_served() {
        let text = "# A title\n\n## What `HD95` is\n\n[b](b.md#part) [c](../c) ![d](d.png) [e](https://example.org)\n\n|a|\n|-:|\n|1|";
        let served = |to: &str| to.strip_prefix("b.md").map(|rest| format!("/docs/b{rest}"));
        let Document { title, parts, html } = document(text, served);
        assert_eq!((title.as_str(), parts[0].words.as_str()), ("A title", "What HD95 is"));
        assert!(
            html.starts_with("<h2 id=\"what-hd95-is\">What <code>HD95</code> is</h2>"),
            "{html}"
        );
        let links = "<a href=\"/docs/b#part\">b</a> c d <a href=\"https://example.org\">e</a>";
        assert!(html.contains(links) && !html.contains("style="), "{html}");
    }

    #[test]
    fn html_in_the_text_is_shown_as_it_was_typed() {
        for text in
            ["<script>alert(1)</script>", "a <img src=x onerror=alert(1)> b", "<b\nid=\"x\">"]
        {
            let shown = html(text);
            assert!(!shown.contains("<script") && !shown.contains("<img") && !shown.contains("<b"));
            assert!(shown.contains("&lt;"), "{shown}");
        }
    }

    #[test]
    fn pictures_come_from_this_site_and_others_are_their_words() {
        assert_eq!(
            html("![a \"vessel\"](/media/a.png \"A\")"),
            "<p><img src=\"/media/a.png\" alt=\"a &quot;vessel&quot;\" title=\"A\" /></p>\n"
        );
        for other in [
            "https://example.org/a.png",
            "//example.org/media/a.png",
            "/media/../logout.png",
            "/media/a.svg",
            "/media/logo",
            "data:image/png;base64,AA",
            "media/a.png",
            "/media/a.png?x=1",
        ] {
            assert_eq!(html(&format!("![a vessel]({other})")), "<p>a vessel</p>\n", "{other}");
        }
        // One within another is part of its words.
        let nested = html("![a ![b](/media/b.png) c](https://example.org/a.png)");
        assert_eq!(nested, "<p>a <img src=\"/media/b.png\" alt=\"b\" /> c</p>\n");
        let nested = html("![a ![b](https://example.org/b.png) c](/media/a.png)");
        assert_eq!(nested, "<p><img src=\"/media/a.png\" alt=\"a b c\" /></p>\n");
    }

    #[test]
    fn a_text_that_is_made_to_be_large_or_deep_stays_within_bounds() {
        let long = |piece: &str| piece.repeat(50_000 / piece.len());
        let quadratic =
            format!("{}\n{}\n{}", "|a".repeat(120), "|-".repeat(120), "|\n".repeat(24_000));
        for bomb in [
            long(">"),
            long("* "),
            long("1. "),
            long("["),
            long("!["),
            long("![a]("),
            long("[a](b"),
            long("`a``b"),
            long("*a _b "),
            long("<!--"),
            long("<a "),
            long("&amp;"),
            long("[a]: b\n"),
            long("~~a"),
            long("\""),
            quadratic,
            (0..300).map(|depth| format!("{}- a\n", " ".repeat(depth))).collect(),
        ] {
            let began = std::time::Instant::now();
            let shown = html(&bomb);
            let start: String = bomb.chars().take(20).collect();
            assert!(shown.len() < 6_000_000, "{start}: {} bytes", shown.len());
            assert!(began.elapsed().as_secs() < 5, "{start}: {:?}", began.elapsed());
            let quotes = shown.matches("<blockquote>").count();
            assert!(quotes <= MAX_DEPTH && quotes == shown.matches("</blockquote>").count());
            for of in ["ul", "ol", "li"] {
                let [open, close] =
                    ["<", "</"].map(|start| shown.matches(&format!("{start}{of}")).count());
                assert_eq!(open, close, "{start}: {of}");
            }
        }
    }

    #[test]
    fn links_lead_to_pages_only_and_those_that_lead_away_are_not_vouched_for() {
        for bad in ["javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "vbscript:x"]
        {
            let shown = html(&format!("[x]({bad}) <{bad}>"));
            assert!(
                !shown.to_lowercase().contains(&format!("href=\"{}", bad.to_lowercase())),
                "{shown}"
            );
        }
        assert!(html("[x](//example.org)").contains("<a rel=\"nofollow\" href=\"//example.org\""));
        assert_eq!(html("[x](/news)"), "<p><a href=\"/news\">x</a></p>\n");
        assert!(!html("`<a href=\"https://x.org\">`").contains("nofollow"));
        assert!(html("<team@example.org>").contains("mailto:team@example.org"));
    }
}
