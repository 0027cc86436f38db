//! What a page says to search engines in their own words.

/// How a question begins in the HTML of a page of questions.
const QUESTION: &str = "<h2 ";

/// The questions of a page and their answers, marked in place as those of a `FAQPage` of schema.org (microdata). The
/// page itself is marked by its layout. Nothing has to be said twice for it, which JSON-LD would.
pub(crate) fn faq(html: &str) -> String {
    let mut questions = html.split(QUESTION);
    let mut out = questions.next().unwrap_or_default().to_owned();
    for question in questions {
        let (heading, answer) = question.split_once("</h2>").unwrap_or((question, ""));
        out.push_str(&format!(
            "<div itemprop=mainEntity itemscope itemtype=https://schema.org/Question><h2 itemprop=name {heading}</h2>\
             <div itemprop=acceptedAnswer itemscope itemtype=https://schema.org/Answer><div itemprop=text>{answer}\
             </div></div></div>\n"
        ));
    }
    out
}
