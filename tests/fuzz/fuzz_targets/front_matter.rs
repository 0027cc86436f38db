#![no_main]

// The generator's parsers are private, so their source files are included here.
#[allow(dead_code, reason = "used by the generator")]
#[path = "../../../docs-site/src/front_matter.rs"]
mod front_matter;
#[allow(dead_code, reason = "used by the generator")]
#[path = "../../../docs-site/src/highlight.rs"]
mod highlight;

use mailkey_docs_site::Fault;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    if let Some((_, body, lines)) = front_matter::split(&text, |_, _: Fault| {}) {
        assert!(text.ends_with(body) && lines >= 2);
    }
    for language in ["sh", "json", "http", "python", "js"] {
        let _ = highlight::html(language, &text);
    }
});
