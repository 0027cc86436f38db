//! Whether any parser takes more than its share of time for what is longer: each is given input of one kind, then eight
//! times as much. Time that grows with the length gives a factor of eight, with its square one of sixty-four.
//!
//! `cargo run --release -p mailkey-tests --bin bench-scaling`

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    dead_code,
    reason = "a measurement ends where something is not as expected"
)]

#[path = "../fuzz/targets.rs"]
mod targets;

use std::time::{Duration, Instant};

/// The shorter input, in bytes.
const SHORT: usize = 16 * 1024;
const FACTOR: usize = 8;

/// Between eight and sixty-four, and nearer to eight; caches and allocators have their steps, too.
const TOO_MUCH: f64 = 24.0;

/// Each is timed so often, and the best counts: nothing makes a parser faster than it is.
const TIMES: usize = 7;

/// A parser, and what is put before, again and again between, and behind.
type Input = (&'static str, fn(&[u8]), &'static str, &'static str, &'static str);

const INPUTS: [Input; 26] = [
    ("address: one long name", targets::address, "", "a", "@example.com"),
    ("address: dots", targets::address, "", "a.", "a@example.com"),
    ("address: labels", targets::address, "a@", "b.", "com"),
    ("address: at signs", targets::address, "", "@", ""),
    ("address: combining marks", targets::address, "a", "\u{308}", "@example.com"),
    ("token: long", targets::token, "", "A", ""),
    ("cursor: dots", targets::cursor, "", ".", ""),
    ("query: pairs", targets::query, "", "a=b&", ""),
    ("query: percent signs", targets::query, "a=", "%41", ""),
    ("query: different names", targets::query, "", "%", "=b"),
    ("SES: brackets", targets::ses_event, "", "[", ""),
    ("SES: records", targets::ses_event, "{\"Records\":[", "{},", "{}]}"),
    ("SES: texts", targets::ses_event, "{\"Message\":\"", "\\\"", "\"}"),
    (
        "SES: recipients",
        targets::ses_event,
        "{\"eventType\":\"Bounce\",\"mail\":{\"messageId\":\"m\"},\"bounce\":{\"bounceType\":\"Permanent\",\"bouncedRecipients\":[",
        "{\"emailAddress\":\"a@b.cd\"},",
        "{}]}}",
    ),
    (
        "SES: destinations",
        targets::ses_event,
        "{\"eventType\":\"Send\",\"mail\":{\"messageId\":\"m\",\"destination\":[",
        "\"a@b.cd\",",
        "\"\"]}}",
    ),
    (
        "SES: headers",
        targets::ses_event,
        "{\"eventType\":\"Send\",\"mail\":{\"messageId\":\"m\",\"headers\":[",
        "{\"name\":\"X\",\"value\":\"y\"},",
        "{}]}}",
    ),
    ("SMTP: one word", targets::smtp_reply, "5.1.1\n550 ", "x", ""),
    ("SMTP: spaces", targets::smtp_reply, "5.1.1\n550 ", " ", "x"),
    ("SMTP: line breaks", targets::smtp_reply, "5.1.1\n550 ", "\r\n", "x"),
    ("SMTP: codes", targets::smtp_reply, "", "550 5.1.1 ", ""),
    ("SMTP: continued lines", targets::smtp_reply, "", "550-5.1.1 a\r\n", ""),
    ("SMTP: dashes", targets::smtp_reply, "", "-", ""),
    ("hash: dollars", targets::imported_hash, "", "$", ""),
    ("hash: parameters", targets::imported_hash, "$argon2id$v=19$", "m=1,", "$a$b"),
    ("hash: digits", targets::imported_hash, "$2b$", "1", "$a"),
    ("JSON: spaces", targets::json_body, "{\"email\":\"a\"", " ", "}"),
];

fn main() {
    println!("{:<26} {:>10} {:>10} {:>7}", "input", "16 KiB", "128 KiB", "factor");
    let mut slow = 0;
    for (what, parse, before, again, behind) in INPUTS {
        let of_length = |length: usize| format!("{before}{}{behind}", again.repeat(length / again.len()));
        let [short, long] = [SHORT, SHORT * FACTOR].map(|length| best_of(parse, of_length(length).as_bytes()));
        // What takes no time at all has no factor.
        let factor = long.as_secs_f64() / short.max(Duration::from_micros(2)).as_secs_f64();
        slow += usize::from(factor > TOO_MUCH);
        println!("{what:<26} {:>7} us {:>7} us {factor:>7.1}", short.as_micros(), long.as_micros());
    }
    println!("longer than its share: {slow}");
    assert_eq!(slow, 0);
}

fn best_of(parse: fn(&[u8]), input: &[u8]) -> Duration {
    let once = |_| {
        let begun = Instant::now();
        parse(input);
        begun.elapsed()
    };
    (0..TIMES).map(once).min().unwrap()
}
