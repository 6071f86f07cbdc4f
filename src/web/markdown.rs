//! What organisers write, as HTML that can do no harm and fits into a page.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html::push_html};

/// The HTML of a text in Markdown, tables among it.
///
/// HTML within the text is shown as it was typed. Pictures, which would come from elsewhere, are their
/// words alone, and links lead to pages or mail. Headings come two levels lower, as a page has its own.
pub fn html(text: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut html = String::with_capacity(text.len() * 3 / 2);
    push_html(&mut html, Parser::new_ext(text, options).filter_map(harmless));
    html
}

fn harmless(event: Event<'_>) -> Option<Event<'_>> {
    Some(match event {
        Event::Html(typed) | Event::InlineHtml(typed) => Event::Text(typed),
        Event::Start(Tag::HtmlBlock) => Event::Start(Tag::Paragraph),
        Event::End(TagEnd::HtmlBlock) => Event::End(TagEnd::Paragraph),
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => return None,
        Event::Start(Tag::Heading { level, .. }) => Event::Start(Tag::Heading {
            level: lower(level),
            id: None,
            classes: Vec::new(),
            attrs: Vec::new(),
        }),
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(lower(level))),
        // Alignment would be a style within the page, which its policy refuses.
        Event::Start(Tag::Table(_)) => Event::Start(Tag::Table(Vec::new())),
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            let dest_url = if leads_to_a_page(&dest_url) { dest_url } else { "#".into() };
            Event::Start(Tag::Link { link_type, dest_url, title, id })
        }
        other => other,
    })
}

fn lower(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H3,
        HeadingLevel::H2 => HeadingLevel::H4,
        HeadingLevel::H3 => HeadingLevel::H5,
        _ => HeadingLevel::H6,
    }
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
            "<h3>Rules</h3>\n<p>Send <em>one</em> zip to <a href=\"https://example.org\">us</a>.</p>\n\
             <ul>\n<li>20 cases</li>\n</ul>\n"
        );
        assert!(html("|a|b|\n|-:|-|\n|1|2|\n").contains("<td>1</td>"));
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
    fn pictures_are_their_words_and_links_lead_to_pages_only() {
        assert_eq!(html("![a vessel](https://example.org/a.png)"), "<p>a vessel</p>\n");
        for bad in ["javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "vbscript:x"]
        {
            let shown = html(&format!("[x]({bad}) <{bad}>"));
            assert!(
                !shown.to_lowercase().contains(&format!("href=\"{}", bad.to_lowercase())),
                "{shown}"
            );
        }
        assert!(html("[x](//example.org)").contains("href=\"//example.org\""));
        assert!(html("<team@example.org>").contains("mailto:team@example.org"));
    }
}
