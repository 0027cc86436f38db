//! Tests that parsing time grows linearly. Each parser gets an input and one eight times as long. Linear time gives a
//! factor of 8, quadratic time a factor of 64.
//!
//! `cargo run --release -p mailkey-tests --bin bench-scaling`

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    dead_code,
    reason = "a measurement stops at anything unexpected"
)]

#[path = "../fuzz/targets.rs"]
mod targets;

use std::{fs, time::Duration};

/// The shorter input, in bytes.
const SHORT: usize = 16 * 1024;
const FACTOR: usize = 8;

/// The limit is between 8 and 64, closer to 8, because caches and allocators also add some time.
const TOO_MUCH: f64 = 24.0;

/// How long to time each input.
const ENOUGH: Duration = Duration::from_millis(80);

/// A parser, with the beginning, the repeated part and the end of its input.
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
        let [short, long] = [SHORT, SHORT * FACTOR].map(|length| time_of(parse, of_length(length).as_bytes()));
        let factor = long.as_secs_f64() / short.as_secs_f64();
        slow += usize::from(factor > TOO_MUCH);
        println!("{what:<26} {:>7} us {:>7} us {factor:>7.1}", short.as_micros(), long.as_micros());
    }
    println!("over the limit: {slow}");
    assert_eq!(slow, 0);
}

/// The processor time of this thread, independent of the machine's load.
fn time_of_this_thread() -> Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").expect("schedstat on Linux");
    Duration::from_nanos(text.split(' ').next().and_then(|ns| ns.parse().ok()).expect("a number"))
}

/// The time of one call, averaged over enough calls for the thread's clock, which has a resolution of milliseconds.
fn time_of(parse: fn(&[u8]), input: &[u8]) -> Duration {
    let begun = time_of_this_thread();
    let mut calls = 0;
    loop {
        parse(input);
        calls += 1;
        let taken = time_of_this_thread().saturating_sub(begun);
        if taken > ENOUGH {
            return taken / calls;
        }
    }
}
