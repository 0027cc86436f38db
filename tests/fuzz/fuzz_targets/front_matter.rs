#![no_main]

// The parser is private, so its source is included here.
#[allow(dead_code, reason = "the generator uses it")]
#[path = "../../../docs-site/src/front_matter.rs"]
mod front_matter;

use mailkey_docs_site::Fault;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    if let Some((_, body, lines)) = front_matter::split(&text, |_, _: Fault| {}) {
        assert!(text.ends_with(body) && lines >= 2);
    }
});
