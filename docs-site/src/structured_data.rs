//! What a page says to search engines in their own words.

use serde_json::json;

use crate::page::Page;

/// The questions of a page and their answers, as a `FAQPage` of schema.org in JSON-LD. It stands in a `<script>` that is
/// no script, so nothing in it may end that element.
pub(crate) fn faq(page: &Page) -> String {
    let questions = page.body.passages.iter().filter_map(|passage| {
        let heading = page.body.headings.get(passage.heading?)?;
        let answer = passage.text.split_whitespace().collect::<Vec<_>>().join(" ");
        Some(json!({
            "@type": "Question",
            "name": heading.text,
            "acceptedAnswer": {"@type": "Answer", "text": answer},
        }))
    });
    let data = json!({
        "@context": "https://schema.org",
        "@type": "FAQPage",
        "mainEntity": questions.collect::<Vec<_>>(),
    });
    data.to_string().replace('<', "\\u003c")
}
